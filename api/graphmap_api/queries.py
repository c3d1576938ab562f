"""Parameters that many endpoints share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query
from pydantic import AfterValidator

from graphmap.config import parse_duration
from graphmap.model import NodeKind, Outcome
from graphmap.pipeline.movement import Filters

YEARS = range(1000, 9000)
"""Years of a moment: the longest window must still fit on either side."""

MOST = 1_000
"""Items of a page."""

NAME = 1_000
"""Characters of a name that is asked for."""


def _utc(moment: datetime) -> datetime:
    if moment.year not in YEARS:
        raise ValueError(f"no log is of the year {moment.year}")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def duration_text(text: str) -> str:
    """Fail here, where a failure names its parameter."""
    _ = parse_duration(text)
    return text


Moment = Annotated[datetime, AfterValidator(_utc)]
"""RFC 3339; UTC where it has no offset."""

Name = Annotated[str, Query(max_length=NAME)]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Most items of one answer.")]
Cursor = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]


async def _filters(
    since: Annotated[Moment | None, Query(alias="from", description="Only what starts at or after this time.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Only what starts before this time.")] = None,
    user: Annotated[list[Name] | None, Query(description="Only these accounts, as logged.")] = None,
    service: Annotated[list[Name] | None, Query(description="Only these services, such as ssh.")] = None,
    method: Annotated[list[Name] | None, Query(description="Only these methods, such as publickey.")] = None,
    segment: Annotated[list[Name] | None, Query(description="Only destinations in these segments.")] = None,
    outcome: Annotated[Outcome | None, Query(description="Only accepted or only refused logons.")] = None,
    min_count: Annotated[int, Query(alias="min", ge=1, le=10**9, description="Fewest attempts between two nodes.")] = 1,
    min_certainty: Annotated[float, Query(alias="cert", ge=0, le=1, description="Least certainty of a hop.")] = 0.0,
) -> Filters:
    return Filters(
        since=since,
        until=until,
        users=tuple(sorted(set(user or ()))),
        services=tuple(sorted(set(service or ()))),
        methods=tuple(sorted(set(method or ()))),
        segments=tuple(sorted(set(segment or ()))),
        outcome=None if outcome == Outcome.UNKNOWN else outcome,
        min_count=min_count,
        min_certainty=min_certainty,
    )


MovementFilters = Annotated[Filters, Depends(_filters)]


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a pivot looks at: `at` and how far from there; all that the logs cover where it is None."""

    at: datetime | None
    window: timedelta


async def _window(
    at: Annotated[Moment | None, Query(description="The time to ask about; default all that the logs cover.")] = None,
    window: Annotated[
        str, AfterValidator(duration_text), Query(max_length=30, description="How far from `at` to look: 90s, 2h, 7d.")
    ] = "24h",
) -> Window:
    return Window(at, parse_duration(window))


AtWindow = Annotated[Window, Depends(_window)]


Seeds = Annotated[
    list[Name] | None, Query(max_length=100, description="Ids of nodes to begin at, such as host:db1; default all.")
]
Depth = Annotated[int, Query(ge=0, le=5, description="How many steps from the seeds.")]
MOVERS = (NodeKind.HOST, NodeKind.SOURCE, NodeKind.USER)
"""Kinds of node that are asked for where none is named."""
Kinds = Annotated[list[NodeKind] | None, Query(description="Kinds of node; default hosts, sources and users.")]


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the graph is asked for."""

    seeds: tuple[str, ...]
    depth: int
    kinds: tuple[NodeKind, ...]
    most_nodes: int


async def _part(
    seed: Seeds = None,
    depth: Depth = 1,
    kind: Kinds = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most nodes.")] = 400,
) -> Part:
    kinds = tuple(kind or MOVERS)
    return Part(tuple(seed or ()), depth, kinds, limit)


GraphPart = Annotated[Part, Depends(_part)]
