"""What the lake and the inventory say together: sessions, hops, edges, chains, and what a hunt finds in them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from graphmap.config import PRIVATE
from graphmap.detect import DETECTORS, Evidence
from graphmap.errors import InputError
from graphmap.graph.edges import build_edges
from graphmap.graph.explain import chain_of
from graphmap.graph.hops import GAP, build_hops
from graphmap.graph.index import build_index
from graphmap.graph.paths import MAX_HOPS, chains
from graphmap.graph.rarity import past
from graphmap.graph.table import HopTable
from graphmap.graph.view import build_view
from graphmap.identity import EMPTY, Identity, Inventory, dump_inventory, parse
from graphmap.sessions import SESSION_EVENTS, build_failures, build_sessions
from graphmap.store.lake import Lake

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta
    from pathlib import Path

    from graphmap.config import Settings
    from graphmap.detect import Detector
    from graphmap.graph.index import HopIndex
    from graphmap.graph.paths import Path as HopPath
    from graphmap.graph.rarity import Past
    from graphmap.graph.view import Graph
    from graphmap.model import Chain, Finding

COLUMNS = (*SESSION_EVENTS, "dst_ip")
"""The columns of EVENTS that an estate is made from."""


class Estate:
    """The hosts, accounts and movement that a table of events shows. Each part is made when it is first asked for.

    Parameters
    ----------
    events
        EVENTS, at least the columns COLUMNS, in any order.
    inventory
        What people know of hosts, segments and accounts.
    gap
        How long a session without an end counts as open.

    Notes
    -----
    Whatever the order of the events, the same events give the same answers.
    """

    def __init__(self, events: pl.DataFrame, inventory: Inventory = EMPTY, gap: timedelta = GAP) -> None:
        self.events = events
        self.inventory = inventory
        self.gap = gap

    @property
    def is_empty(self) -> bool:
        """Whether there are no events at all."""
        return self.events.is_empty()

    def scan_events(self) -> pl.LazyFrame:
        """EVENTS, the columns COLUMNS, in any order."""
        return self.events.lazy()

    def scan_sessions(self) -> pl.LazyFrame:
        """SESSIONS."""
        return self.sessions.lazy()

    def scan_failures(self) -> pl.LazyFrame:
        """FAILURES."""
        return self.failures.lazy()

    @cached_property
    def table(self) -> HopTable:
        """HOPS, to scan and to take rows from."""
        return HopTable.of(self.hops)

    @cached_property
    def identity(self) -> Identity:
        """Who is who, by the inventory and by what hosts say of their own addresses."""
        claims = self.events.filter((pl.col("kind") == "connection") & pl.col("dst_ip").is_not_null())
        return Identity(
            self.inventory,
            claims.select("time", "dst_host", "dst_ip"),
            self.events["dst_host"].drop_nulls().unique().to_list(),
        )

    @cached_property
    def sessions(self) -> pl.DataFrame:
        """SESSIONS."""
        return build_sessions(self.events, self.identity)

    @cached_property
    def failures(self) -> pl.DataFrame:
        """FAILURES."""
        return build_failures(self.events, self.identity)

    @cached_property
    def hops(self) -> pl.DataFrame:
        """HOPS."""
        return build_hops(self.sessions, self.gap)

    @cached_property
    def edges(self) -> pl.DataFrame:
        """EDGES."""
        return build_edges(self.table.scan(), self.scan_failures())

    @cached_property
    def past(self) -> Past:
        """What was seen before each hop (`graphmap.graph.rarity.past`)."""
        return past(self.index)

    @cached_property
    def index(self) -> HopIndex:
        """The hops, found by the host they leave and arrive at."""
        return build_index(self.hops)

    def chains(self, *, min_hops: int = 2, max_hops: int = MAX_HOPS) -> list[tuple[HopPath, Chain]]:
        """The chains of at least `min_hops`, the highest score first, each with the path it was made from."""
        found = chains(self.index, min_hops=min_hops, max_hops=max_hops)
        pairs = list(zip(found.paths, self.chains_of(found.paths), strict=True))
        return sorted(pairs, key=lambda pair: (-pair[1].score, pair[1].start, pair[1].id))

    def chains_of(self, paths: Iterable[HopPath]) -> list[Chain]:
        """The chains of paths, in their order."""
        return [chain_of(path, rows, self.past) for path, rows in self.table.each(paths, lambda path: path.rows)]

    def graph(self) -> Graph:
        """The user-host-source graph (`graphmap.graph.view`)."""
        return build_view(self.table.scan(), self.scan_failures(), self.identity)

    def hunt(self, detectors: Iterable[Detector] | None = None) -> list[Finding]:
        """What the detectors find, the highest score first; all of them where None are named."""
        evidence = Evidence(
            hops=self.table,
            past=self.past,
            failures=self.scan_failures(),
            index=self.index,
            chains=self.chains(),
            identity=self.identity,
        )
        found = [f for detector in (DETECTORS if detectors is None else detectors) for f in detector.find(evidence)]
        return sorted(found, key=lambda f: (-f.score, f.detector, f.id))


def load_estate(settings: Settings) -> Estate:
    """The estate of a home folder: all of its lake, and the inventory that was given last.

    Raises
    ------
    StoreError
        The lake cannot be read.
    InputError
        The inventory cannot be read.
    """
    events = Lake(settings.lake).scan(COLUMNS).collect()
    return Estate(events, load_inventory(settings), settings.gap)


def load_inventory(settings: Settings) -> Inventory:
    """The inventory that was given last; an empty one where none was.

    Raises
    ------
    InputError
        It cannot be read, or somebody edited it into something that is no inventory.
    """
    if not settings.inventory.exists():
        return EMPTY
    return read_inventory(settings.inventory)


def read_inventory(path: Path) -> Inventory:
    """Read an inventory, YAML or CSV by its suffix.

    Raises
    ------
    InputError
        The file cannot be read or is no inventory; the message names path, line and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8", hint="save the inventory as UTF-8") from error
    return parse(text, str(path))


def keep_inventory(settings: Settings, inventory: Inventory) -> None:
    """Make an inventory that of the home folder. It replaces the one before, whole."""
    settings.home.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    fresh = settings.inventory.with_suffix(".new")
    fresh.write_text(dump_inventory(inventory), encoding="utf-8")
    fresh.replace(settings.inventory)
