"""Ask an estate all questions of a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from graphmap.detect import DETECTORS
from graphmap.detect.reports import (
    Cell,
    Section,
    password_accounts,
    passwords_into_restricted,
    unused_accounts,
    unused_servers,
)
from graphmap.documents import Document, some_of, time_text
from graphmap.errors import QueryError
from graphmap.model import Witness
from graphmap.pipeline.coverage import coverage, unseen, young
from graphmap.pipeline.estate import load_estate
from graphmap.pipeline.questions import choke_points, radius_of, rare_ways
from graphmap.pipeline.stories import load_stories

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphmap.config import Settings
    from graphmap.model import Story
    from graphmap.pipeline.estate import Estate

DAY = timedelta(hours=24)
"""Window of what could be reached; not asked where no moment is given."""

STORIES = 20
"""How many stories a report names."""

ORIGINS = 10
"""Of how many hosts a report says what could be reached from them."""

RARE = 3
"""A way into a restricted segment that was taken more often is no news."""

CUTS = 10
"""Choke points of a segment that a report names."""

NAMED = 5
"""Hosts that a cell names."""


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of an estate.

    `first` and `last` are the moments between which its events lie, None where there are none. `ways` says how often
    logons went from segment to segment: `src`, `dst`, `count`, `failures`; `crossing` are those pairs of `ways` that
    enter a restricted segment.
    """

    first: datetime | None
    last: datetime | None
    sections: tuple[Section, ...]
    ways: pl.DataFrame
    crossing: frozenset[tuple[str, str]]

    def document(self) -> Document:
        """``first, last, sections``; of a section ``name, title, mitigation, says, missing, rows``, a row an object."""
        return {
            "first": None if self.first is None else time_text(self.first),
            "last": None if self.last is None else time_text(self.last),
            "sections": [
                {
                    "name": section.name,
                    "title": section.title,
                    "mitigation": section.mitigation,
                    "says": section.says,
                    "missing": section.missing,
                    "rows": [dict(zip(section.columns, map(_plain, row), strict=True)) for row in section.rows],
                }
                for section in self.sections
            ],
        }


def _plain(value: object) -> object:
    return time_text(value) if isinstance(value, datetime) else value


def gather(settings: Settings) -> Report:
    """Ask everything.

    Raises
    ------
    StoreError, InputError
        The lake, the ledger, the inventory or the policy cannot be read.
    """
    estate = load_estate(settings)
    span = estate.scan_events().select(first=pl.col("time").min(), last=pl.col("time").max()).collect()
    told = load_stories(settings.ledger)
    segments = [segment.name for segment in estate.inventory.segments if estate.identity.is_restricted(segment.name)]
    sections = (
        _told(told),
        _reached(estate, told),
        _exposed(estate, segments),
        *(_choke_points(estate, segment) for segment in segments),
        unused_servers(estate.edges, _servers(estate)),
        passwords_into_restricted(estate.edges, cache(lambda host: _restricted(estate, host))),
        password_accounts(estate.edges),
        unused_accounts(
            estate.edges, [account.name for account in estate.inventory.accounts], estate.identity.account_of
        ),
        _not_evaluable(estate),
    )
    ways = _ways(estate)
    crossing = {(src, dst) for src, dst in ways.select("src", "dst").iter_rows() if dst in segments and src != dst}
    first, last = span.row(0)
    return Report(first, last, sections, ways, frozenset(crossing))


def _restricted(estate: Estate, host: str) -> str | None:
    segment = estate.identity.segment(host)
    return segment if estate.identity.is_restricted(segment) else None


def _servers(estate: Estate) -> list[str]:
    """The hosts whose own log has lines of an SSH server."""
    own = (pl.col("service") == "ssh") & (pl.col("witness") == Witness.SERVER) & pl.col("dst_host").is_not_null()
    named = estate.scan_events().filter(own).select("time", "dst_host").unique("dst_host").collect(engine="streaming")
    return estate.identity.hosts_of(named)["host"].drop_nulls().unique().sort().to_list()


def _told(told: Sequence[Story]) -> Section:
    return Section(
        name="stories",
        title="What is worth reading first",
        mitigation=None,
        says=f"The first {STORIES} of the stories that detectors tell; graphmap stories show ID says each in words.",
        columns=("story", "severity", "bits", "p", "first", "parts", "title"),
        rows=tuple(
            (one.id, str(one.severity), one.score, one.p_value, one.first, len(one.parts), one.title)
            for one in told[:STORIES]
        ),
    )


def _reached(estate: Estate, told: Iterable[Story]) -> Section:
    """What could be reached from the hosts that the first stories passed."""
    passed = dict.fromkeys(hop.dst for story in told for hop in story.hops)
    known = [host for host in passed if estate.identity.is_known(host)][:ORIGINS]
    rows = []
    for host in known:
        found = radius_of(estate, host=host, at=None, window=DAY)
        inside = [name for segment, names in found.select("segment", "names").iter_rows()
                  if estate.identity.is_restricted(segment) for name in names]  # fmt: skip
        rows.append((host, int(found["hosts"].sum()), len(inside), some_of(inside, NAMED)))
    return Section(
        name="blast_radius",
        title="Blast radius of the hosts that stories passed",
        mitigation=None,
        says="How many hosts could be reached on from each by sessions that the logs show, ever.",
        columns=("host", "reached", "restricted", "names"),
        rows=tuple(rows),
    )


def _exposed(estate: Estate, segments: Sequence[str]) -> Section:
    found = rare_ways(estate, None, RARE) if segments else pl.DataFrame()
    columns = ("src", "user", "dst", "dst_segment", "method", "count", "last", "policy")
    return Section(
        name="exposed",
        title="Exposed paths into restricted segments",
        mitigation=None,
        says=f"Ways that were taken at most {RARE} times. Let the policy permit what is right, and close the others.",
        columns=("source", "account", "host", "segment", "method", "logons", "last", "policy"),
        rows=tuple(found.select(columns).iter_rows()) if segments else (),
        missing=None if segments else "the inventory calls no segment restricted",
    )


def _choke_points(estate: Estate, segment: str) -> Section:
    missing: str | None = None
    rows: tuple[tuple[Cell, ...], ...] = ()
    try:
        found = choke_points(estate, segment, at=None, window=DAY, max_hops=4)
        rows = tuple(found.head(CUTS).select("kind", "name", "cut", "chains", "share").iter_rows())
    except QueryError as error:
        missing = error.message
    return Section(
        name=f"choke_points:{segment}",
        title=f"Choke points of {segment}",
        mitigation=None,
        says="How many of the chains into the segment there would be no more without this host or account.",
        columns=("kind", "name", "cut", "of chains", "share"),
        rows=rows,
        missing=missing,
    )


def _not_evaluable(estate: Estate) -> Section:
    found = coverage(estate)
    blind, new = unseen(found, list(DETECTORS)), young(found, DETECTORS)
    return Section(
        name="not_evaluable",
        title="What the logs cannot answer",
        mitigation=None,
        says="There, silence of these detectors means nothing; graphmap coverage says which lines are missing, and what"
        " must have been before a detector can compare.",
        columns=("detectors", "hosts", "of", "names"),
        rows=(
            *((", ".join(one.detectors), len(one.hosts), one.of, some_of(one.hosts, NAMED)) for one in blind),
            *(
                (f"{one.detector}: needs {one.learns}", len(one.hosts), one.of, some_of(one.hosts, NAMED))
                for one in new
            ),
        ),
    )


def _ways(estate: Estate) -> pl.DataFrame:
    segment_of = cache(lambda node: estate.identity.segment(node) or "no segment")
    sides = {
        side: pl.Series([segment_of(node) for node in estate.edges[side]], dtype=pl.String) for side in ("src", "dst")
    }
    ways = estate.edges.with_columns(**sides).group_by("src", "dst")
    return ways.agg(pl.col("count").sum(), pl.col("failures").sum()).sort("src", "dst")
