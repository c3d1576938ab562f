"""What the API answers from: one version of the lake, the inventory and the findings, with what is made of them once.

A request works with the workspace that was there when it came, so all parts of an answer fit each other. What people
say of findings changes many times a day, and what was logged seldom: so what is made of the logs is shared by all
workspaces until the logs change.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from hashlib import blake2b
from importlib.metadata import version as version_of
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from graphmap.figures.ways import Arrangement, lay_out
from graphmap.graph.subgraph import Adjacency
from graphmap.pipeline.cases import cases_of
from graphmap.pipeline.coverage import daily
from graphmap.pipeline.estate import load_estate
from graphmap.pipeline.movement import Filters
from graphmap.pipeline.stories import stories_of
from graphmap.store.lake import Lake
from graphmap.store.ledger import Ledger
from graphmap_api.facets import Board
from graphmap_api.nodes import flows, node_table, segment_names
from graphmap_api.once import once
from graphmap_api.summaries import FINDINGS, STORIES, finding_summaries, story_summaries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphmap.config import Settings
    from graphmap.figures.layout import Layout
    from graphmap.model import Chain, Finding, Story
    from graphmap.pipeline.cases import Case
    from graphmap.pipeline.estate import Estate
    from graphmap_api.cases import StorySummary
    from graphmap_api.models import FindingSummary

T = TypeVar("T")

LOOK_EVERY = 1.0
"""Seconds for which the stores are taken as unchanged."""


class Ground:
    """What is made of one version of the lake, the inventory and the policy.

    Parameters
    ----------
    settings
        Where the stores are.
    version
        Changes when they, or the program, do.
    """

    def __init__(self, settings: Settings, version: str) -> None:
        self.settings = settings
        self.version = version
        self._lock = threading.RLock()
        self._links: dict[Filters, Adjacency] = {}
        self._chains: dict[int, list[Chain]] = {}
        self._layouts: dict[Arrangement, Layout] = {}

    @once
    def estate(self) -> Estate:
        """Sessions, hops, edges, chains."""
        return self._once(lambda: load_estate(self.settings))

    @once
    def nodes(self) -> pl.DataFrame:
        """Every node (`graphmap_api.nodes.NODES`)."""
        return self._once(lambda: node_table(self.estate, self.links(Filters())))

    @once
    def segments(self) -> list[str]:
        """Every segment that some host or source lies in, the restricted last."""
        return segment_names(self.estate, self.nodes)

    @once
    def flows(self) -> pl.DataFrame:
        """What moves between segments: FLOWS."""
        return self._once(lambda: flows(self.estate))

    def layout(self, way: Arrangement) -> Layout:
        """The place of every node."""
        with self._lock:
            if way not in self._layouts:
                self._layouts[way] = lay_out(way, self.nodes, self.links(Filters()))
            return self._layouts[way]

    @once
    def days(self) -> pl.DataFrame:
        """What was seen of each host on each UTC day (`graphmap.pipeline.coverage.daily`)."""
        return self._once(lambda: daily(self.estate))

    def adjacency(self, filters: Filters) -> Adjacency:
        """The links between nodes, and who is near whom; those of the last few filters are kept."""
        with self._lock:
            if filters not in self._links:
                while len(self._links) > 8:  # noqa: PLR2004 - one unfiltered, some that a person goes back and forth between
                    self._links.pop(next(iter(self._links)))
                self._links[filters] = Adjacency(filters.links(self.estate))
            return self._links[filters]

    def links(self, filters: Filters) -> pl.DataFrame:
        """The links between nodes."""
        return self.adjacency(filters).links

    def chains(self, min_hops: int) -> list[Chain]:
        """The chains of at least so many hops, the highest score first."""
        with self._lock:
            if min_hops not in self._chains:
                self._chains[min_hops] = [chain for _, chain in self.estate.chains(min_hops=min_hops)]
            return self._chains[min_hops]

    def _once(self, make: Callable[[], T]) -> T:
        """What several requests at once would otherwise each make."""
        with self._lock:
            return make()


class Hunted:
    """What the last hunts found: read and told once, however often people say something of it.

    Parameters
    ----------
    ledger
        Where it is.
    version
        Changes when a finding does.
    """

    def __init__(self, ledger: Path | str, version: str) -> None:
        self.ledger = ledger
        self.version = version
        self._lock = threading.RLock()
        self._told: tuple[frozenset[str], list[Story]] | None = None

    @once
    def findings(self) -> list[Finding]:
        """All of them, the highest score first."""
        with self._lock, Ledger(self.ledger) as ledger:
            return ledger.findings()

    def stories(self, cases: Sequence[Case]) -> list[Story]:
        """What they tell; `cases` say which of them are hidden."""
        hidden = frozenset(case.finding.id for case in cases if case.hidden_by is not None)
        with self._lock:
            if self._told is None or self._told[0] != hidden:
                with Ledger(self.ledger) as ledger:
                    self._told = hidden, stories_of(cases, ledger)
            return self._told[1]


class Workspace:
    """One version of everything.

    Parameters
    ----------
    ground
        What the logs say.
    hunted
        What hunts found in them.
    version
        Changes when the ground or the ledger do.
    """

    def __init__(self, ground: Ground, hunted: Hunted, version: str) -> None:
        self.ground = ground
        self.hunted = hunted
        self.version = version
        self.settings = ground.settings
        self.lake = Lake(ground.settings.lake)
        self._lock = threading.RLock()

    @property
    def estate(self) -> Estate:
        """Sessions, hops, edges, chains."""
        return self.ground.estate

    @property
    def nodes(self) -> pl.DataFrame:
        """Every node (`graphmap_api.nodes.NODES`)."""
        return self.ground.nodes

    @property
    def segments(self) -> list[str]:
        """Every segment that some host or source lies in, the restricted last."""
        return self.ground.segments

    @property
    def listed_segments(self) -> list[str]:
        """The segments of the inventory, in its order, and others that nodes lie in."""
        return list(dict.fromkeys([*(one.name for one in self.estate.inventory.segments), *self.segments]))

    def layout(self, way: Arrangement) -> Layout:
        """The place of every node."""
        return self.ground.layout(way)

    def links(self, filters: Filters) -> pl.DataFrame:
        """The links between nodes."""
        return self.ground.links(filters)

    def adjacency(self, filters: Filters) -> Adjacency:
        """The links between nodes, and who is near whom."""
        return self.ground.adjacency(filters)

    def chains(self, min_hops: int) -> list[Chain]:
        """The chains of at least so many hops, the highest score first."""
        return self.ground.chains(min_hops)

    @once
    def cases(self) -> list[Case]:
        """What the last hunts found, the highest score first, and what people said of it."""
        with self._lock, Ledger(self.settings.ledger) as ledger:
            return cases_of(self.hunted.findings, ledger)

    @once
    def shown(self) -> list[Case]:
        """Those that no suppression hides."""
        return [case for case in self.cases if case.hidden_by is None]

    @once
    def stories(self) -> list[Story]:
        """What they tell, the first to read first."""
        return self.hunted.stories(self.cases)

    @once
    def findings(self) -> list[FindingSummary]:
        """The findings that no suppression hides, as lists show them."""
        with self._lock:
            return finding_summaries(self.shown, self.stories, self._segment)

    @once
    def told(self) -> list[StorySummary]:
        """The stories as lists show them."""
        with self._lock:
            return story_summaries(self.stories, {case.finding.id: case.triage for case in self.shown}, self._segment)

    @once
    def finding_board(self) -> Board[FindingSummary]:
        """The findings, to be chosen from."""
        with self._lock:
            return Board(self.findings, FINDINGS)

    @once
    def story_board(self) -> Board[StorySummary]:
        """The stories, to be chosen from."""
        with self._lock:
            return Board(self.told, STORIES)

    def make(self) -> None:
        """Make what nearly every question needs, before anybody asks."""
        _ = self.nodes, self.names, self.finding_board

    def _segment(self, host: str) -> str | None:
        return self.estate.identity.segment(host)

    @once
    def names(self) -> pl.DataFrame:
        """What a search looks at: `kind`, `name`, `id`, and the name in small letters."""
        findings = [("finding", f"finding:{one.id}", f"{one.id} {one.title}") for one in self.findings]
        segments = [("segment", f"segment:{name}", name) for name in self.listed_segments]
        nodes = self.nodes.select("kind", "id", "name")
        both = pl.concat([nodes, pl.DataFrame([*segments, *findings], schema=nodes.schema, orient="row")])
        return both.with_columns(folded=pl.col("name").str.to_lowercase())


class Workspaces:
    """The newest workspace, made anew where the stores changed since the last look.

    Parameters
    ----------
    settings
        Where the stores are.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._current: Workspace | None = None
        self._looked = float("-inf")

    @property
    def recent(self) -> Workspace | None:
        """The workspace of the stores as they were a second ago; None where nobody looked since."""
        return self._current if time.monotonic() - self._looked <= LOOK_EVERY else None

    def current(self) -> Workspace:
        """The workspace of the stores as they are, or were a second ago.

        Raises
        ------
        StoreError
            The lake cannot be read.
        """
        with self._lock:
            if self._current is None or time.monotonic() - self._looked > LOOK_EVERY:
                logged, (said, found) = self._logged(), _said(self.settings.ledger)
                version = _digest(logged, said)
                if self._current is None or self._current.version != version:
                    self._current = self._workspace(logged, found, version)
                self._looked = time.monotonic()
            return self._current

    def forget(self) -> None:
        """Look at the stores before the next answer: what somebody just changed is in it."""
        with self._lock:
            self._looked = float("-inf")

    def _workspace(self, logged: str, found: str, version: str) -> Workspace:
        """A workspace with all of the former one that still holds."""
        former = self._current
        ground = former.ground if former and former.ground.version == logged else Ground(self.settings, logged)
        hunted = former.hunted if former and former.hunted.version == found else Hunted(self.settings.ledger, found)
        return Workspace(ground, hunted, version)

    def _logged(self) -> str:
        settings = self.settings
        files = map(_state, (settings.inventory, settings.policy))
        return _digest(version_of("graphmap"), settings.gap, Lake(settings.lake).version(), *files)


def _digest(*parts: object) -> str:
    return blake2b(repr(parts).encode(), digest_size=12).hexdigest()


def _said(where: Path | str) -> tuple[object, str]:
    """What changes when findings do, what is said of them, or which suppressions hold: those expire by themselves.

    And what changes when findings do.
    """
    if isinstance(where, Path) and not where.exists():
        return None, ""
    with Ledger(where) as ledger:
        now = datetime.now(UTC)
        active = [one.id for one in ledger.suppressions() if one.is_active(now)]
        return (ledger.marks(), active), _digest(ledger.found())


def _state(file: Path) -> tuple[int, int] | None:
    """What changes when a file does."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)
