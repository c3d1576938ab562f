"""What the lake and the inventory say together: sessions, hops, edges, chains, and what a hunt finds in them."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

import polars as pl

from graphmap.detect import DETECTORS, Evidence
from graphmap.detect.events import EventTable
from graphmap.detect.judged import NOBODY, Judged
from graphmap.errors import StoreError
from graphmap.evidence.programs import programs
from graphmap.graph.edges import build_edges
from graphmap.graph.explain import chain_of
from graphmap.graph.hops import GAP, build_hops
from graphmap.graph.index import build_index
from graphmap.graph.paths import MAX_HOPS, chains
from graphmap.graph.rarity import past
from graphmap.graph.stored import load_index, load_past, load_walks
from graphmap.graph.table import HopTable
from graphmap.graph.view import build_view
from graphmap.identity import EMPTY, Identity, Inventory, dump_inventory, parse
from graphmap.pipeline.interesting import interesting
from graphmap.pipeline.learning import logging_hosts, reached_addresses
from graphmap.pipeline.made import Made, context_of
from graphmap.pipeline.making import make
from graphmap.pipeline.policies import load_policy
from graphmap.pipeline.written import read_text, replace_text
from graphmap.policy.rules import NO_POLICY
from graphmap.policy.rulings import Rulings
from graphmap.sessions import SESSION_EVENTS, Logons, build_logons
from graphmap.store.cache import Cache
from graphmap.store.lake import Lake
from graphmap.tables import EVENTS

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
    from graphmap.graph.walks import Walks
    from graphmap.model import Chain, Finding
    from graphmap.policy.rules import Policy
    from graphmap.store.cache import Entry
    from graphmap.store.snapshot import Snapshot

COLUMNS = (*SESSION_EVENTS, "dst_port", "hassh")
"""The columns of EVENTS that an estate is made from and that detectors look at."""

CACHED_FROM = 100_000
"""Events from which on the tables are kept: fewer are read and joined in a moment."""

EVERY_CHAIN = 50_000
"""Most hops of which every chain is listed."""


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
    policy
        Who may log in where, beside what the inventory says of it.

    Notes
    -----
    Whatever the order of the events, the same events give the same answers.
    """

    def __init__(
        self,
        events: pl.DataFrame,
        inventory: Inventory = EMPTY,
        gap: timedelta = GAP,
        policy: Policy = NO_POLICY,
    ) -> None:
        self._events = events
        self.inventory = inventory
        self.gap = gap
        self.policy = policy

    @cached_property
    def events(self) -> pl.DataFrame:
        """EVENTS, the columns COLUMNS."""
        return self._events

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
            logging_hosts(self.events.lazy()).collect()["dst_host"],
            reached_addresses(self.events.lazy()).filter("accepted").collect()["dst_ip"],
        )

    @cached_property
    def _logons(self) -> Logons:
        return build_logons(pl.concat([self.events, programs(self.events, self.identity)]), self.identity)

    @property
    def sessions(self) -> pl.DataFrame:
        """SESSIONS."""
        return self._logons.sessions

    @property
    def failures(self) -> pl.DataFrame:
        """FAILURES."""
        return self._logons.failures

    @property
    def clocks(self) -> pl.DataFrame:
        """How far clocks are apart (`graphmap.evidence.clocks.CLOCKS`)."""
        return self._logons.clocks

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

    @cached_property
    def walks(self) -> Walks:
        """The index, ready for the compiled kernels."""
        from graphmap.graph.walks import Walks  # noqa: PLC0415 - importing it takes a second

        return Walks.over(self.index)

    @cached_property
    def rulings(self) -> Rulings:
        """What the policy and the inventory say of the hops."""
        return Rulings(self.policy, self.identity, self.index, self.table)

    @property
    def bounded(self) -> bool:
        """Whether there are so many hops that `chains` gives the best ones only."""
        return len(self.index) > EVERY_CHAIN

    def chains(self, *, min_hops: int = 2, max_hops: int = MAX_HOPS) -> list[tuple[HopPath, Chain]]:
        """The chains of at least `min_hops`, the highest score first, each with the path it was made from.

        All that can be prolonged on neither side; where the estate is `bounded`, the most surprising ones
        (`graphmap.pipeline.interesting`).
        """
        if self.bounded:
            paths = interesting(self.walks, min_hops=min_hops, max_hops=max_hops)
        else:
            paths = list(chains(self.index, min_hops=min_hops, max_hops=max_hops).paths)
        pairs = zip(paths, self.chains_of(paths), strict=True)
        return sorted(pairs, key=lambda pair: (-pair[1].score, pair[1].start, pair[1].id))

    def chains_of(self, paths: Iterable[HopPath]) -> list[Chain]:
        """The chains of paths, in their order."""
        return [chain_of(path, rows, self.past) for path, rows in self.table.each(paths, lambda path: path.rows)]

    def graph(self) -> Graph:
        """The user-host-source graph (`graphmap.graph.view`)."""
        return build_view(self.table.scan(), self.scan_failures(), self.identity)

    def hunt(self, detectors: Iterable[Detector] | None = None, judged: Judged = NOBODY) -> list[Finding]:
        """What the detectors find, the highest score first; all of them where None are named.

        `judged` is what people said of earlier findings.
        """
        evidence = Evidence(
            hops=self.table,
            past=self.past,
            failures=self.scan_failures(),
            index=self.index,
            chains=self.chains(),
            identity=self.identity,
            sessions=self.scan_sessions(),
            events=EventTable(self.scan_events(), self.identity),
            rulings=self.rulings,
            judged=judged,
        )
        found = [f for detector in (DETECTORS if detectors is None else detectors) for f in detector.find(evidence)]
        return sorted(found, key=lambda f: (-f.score, f.detector, f.id))


class StoredEstate(Estate):
    """An estate whose tables and arrays lie in a folder: of what is there, memory holds what a question looks at.

    The attributes that are DataFrames read the whole table; the methods and `table` do not.

    Parameters
    ----------
    snapshot
        The events.
    entry
        The folder that `graphmap.pipeline.making.make` filled from them.
    inventory, gap
        With which it was made.
    policy
        As for Estate.
    """

    def __init__(
        self, snapshot: Snapshot, entry: Entry, inventory: Inventory, gap: timedelta, policy: Policy = NO_POLICY
    ) -> None:
        super().__init__(EVENTS.to_frame(), inventory, gap, policy)
        self._snapshot = snapshot
        self._entry = entry
        self._made = Made(entry)

    @cached_property
    def events(self) -> pl.DataFrame:
        """EVENTS, the columns COLUMNS."""
        return self.scan_events().collect()

    @property
    def is_empty(self) -> bool:
        """Whether there are no events at all."""
        return self._snapshot.events == 0

    def scan_events(self) -> pl.LazyFrame:
        """EVENTS, the columns COLUMNS, in any order."""
        return self._snapshot.scan(COLUMNS)

    def scan_sessions(self) -> pl.LazyFrame:
        """SESSIONS."""
        return self._made.sessions()

    def scan_failures(self) -> pl.LazyFrame:
        """FAILURES."""
        return self._made.failures()

    @cached_property
    def identity(self) -> Identity:
        """Who is who."""
        return self._made.learned.identity(self.inventory)

    @cached_property
    def sessions(self) -> pl.DataFrame:
        """SESSIONS, all of them."""
        return self.scan_sessions().collect()

    @cached_property
    def failures(self) -> pl.DataFrame:
        """FAILURES, all of them."""
        return self.scan_failures().collect()

    @property
    def clocks(self) -> pl.DataFrame:
        """How far clocks are apart."""
        return self._made.clocks()

    @cached_property
    def table(self) -> HopTable:
        """HOPS, to scan and to take rows from."""
        return self._made.hops()

    @cached_property
    def hops(self) -> pl.DataFrame:
        """HOPS, all of them."""
        return self.table.scan().collect()

    @cached_property
    def edges(self) -> pl.DataFrame:
        """EDGES."""
        found = self._made.edges()
        return super().edges if found is None else found

    @cached_property
    def index(self) -> HopIndex:
        """The hops as arrays."""
        return load_index(self._entry.path)

    @cached_property
    def walks(self) -> Walks:
        """The hops as compiled code walks over them."""
        return load_walks(self._entry.path, self.index)

    @cached_property
    def past(self) -> Past:
        """What was seen before each hop."""
        return load_past(self._entry.path)


class Maker(Protocol):
    """Fills an empty folder with what `graphmap.pipeline.making.make` puts there, by other means."""

    def __call__(self, snapshot: Snapshot, inventory: Inventory, gap: timedelta, folder: Path) -> None:
        """Fill it. What is there must not depend on who made it."""


def load_estate(settings: Settings, *, cached_from: int = CACHED_FROM, maker: Maker | None = None) -> Estate:
    """The estate of a home folder: all of its lake, the inventory that was given last and the policy in force.

    Parameters
    ----------
    settings
        Where it is, and the gap.
    cached_from
        From so many events on, what is made of them is kept in the cache beside the lake.
    maker
        Who makes what the cache has not, however few events there are; None for this process.

    Raises
    ------
    StoreError
        The lake cannot be read, or the cache not be written.
    InputError
        The inventory or the policy cannot be read.
    """
    snapshot, inventory = Lake(settings.lake).snapshot(), load_inventory(settings)
    policy = load_policy(settings)
    large = bool(snapshot.events) if maker else snapshot.events >= cached_from
    if large and (entry := _kept(Cache(settings.cache), snapshot, inventory, settings.gap, maker)):
        return StoredEstate(snapshot, entry, inventory, settings.gap, policy)
    return Estate(snapshot.scan(COLUMNS).collect(), inventory, settings.gap, policy)


def _kept(cache: Cache, snapshot: Snapshot, inventory: Inventory, gap: timedelta, maker: Maker | None) -> Entry | None:
    """The folder of an estate in the cache, made where there is none; None where nothing may be written."""
    context = context_of(inventory, gap)
    key = blake2b(repr((context, snapshot.files.sort("path").rows())).encode(), digest_size=12).hexdigest()
    entry = cache.open(key)
    if entry or not (maker or cache.is_writable):
        return entry
    former = None if maker else _former(cache, snapshot, context)  # held from here on, so that it is not removed
    with cache.making(key) as folder:
        if maker:
            maker(snapshot, inventory, gap, folder)
        else:
            make(snapshot, inventory, gap, folder, former=former)
    if entry := cache.open(key):
        return entry
    raise StoreError(f"{cache.path} was changed while it was written", hint="run the same command again")


def _former(cache: Cache, snapshot: Snapshot, context: str) -> Made | None:
    """What was made from the most events of a part of a snapshot's files, with the same inventory and gap."""
    found: list[Made] = []
    for entry in cache.entries():
        with suppress(OSError, ValueError, KeyError, TypeError):  # of another version, or no folder of ours
            found.append(Made(entry))
    before = [made for made in found if made.is_before(snapshot, context)]
    return max(before, key=lambda made: len(made.manifest.lake), default=None)


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
    return parse(read_text(path, "inventory"), str(path))


def keep_inventory(settings: Settings, inventory: Inventory) -> None:
    """Make an inventory that of the home folder. It replaces the one before, whole."""
    replace_text(settings.inventory, dump_inventory(inventory))
