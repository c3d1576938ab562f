"""What the API answers of segments, of what is usual, and of what happened when."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from graphmap_api.models import Answer, FindingSummary, Span


class SegmentRow(Answer):
    """A segment of the inventory, as a list shows it."""

    id: str = Field(
        description="For `node` of /sessions, and `id` of /profile and /timeline.", examples=["segment:dmz"]
    )
    name: str = Field(examples=["dmz"])
    restricted: bool
    hosts: int
    sources: int = Field(description="Addresses in it that no host owns, from which somebody came.")
    arrived: int = Field(description="Accepted logons that arrived from elsewhere.")
    left: int = Field(description="Accepted logons from it to elsewhere.")
    within: int = Field(description="Accepted logons that stayed in it.")
    refused: int = Field(description="Refused ones that arrived, from anywhere.")
    first: datetime | None = Field(description="Of any attempt from, to or in it.")
    last: datetime | None


class Flow(Answer):
    """What moved between a segment and another one."""

    segment: str | None = Field(description="The other one; null for what the inventory has in none.")
    direction: str = Field(description="in, out or within.", examples=["in"])
    count: int
    failures: int
    users: int = Field(description="Different ones.")
    methods: list[str]
    first: datetime
    last: datetime


class SegmentDetail(SegmentRow):
    """A segment with its neighbours, the busiest first; its hosts are /hosts?segment=."""

    cidrs: list[str] = Field(description="Its networks.", examples=[["10.9.0.0/24"]])
    neighbours: list[Flow] = Field(description="At most 200.")
    total: int = Field(description="Neighbours that it has.")
    findings: list[FindingSummary] = Field(description="Those with a host in it, at most 20.")


class Habit(Answer):
    """How often something was so before a time, and within it."""

    value: str = Field(description="A name, a method (empty: not logged) or an hour of the UTC day.", examples=["ws2"])
    new: bool = Field(description="Whether it never was before.")
    before: int
    days: int = Field(description="UTC days on which it was before.")
    now: int
    first: datetime
    last: datetime


class Aspect(Answer):
    """One thing that logons are looked at by: `shown` of `total`, what is new first, then the most frequent."""

    items: list[Habit]
    shown: int
    total: int
    new: int = Field(description="Values that never were before.")


class ProfileAnswer(Answer):
    """What a node did within a time beside what was usual before it; nothing that came later counts."""

    id: str = Field(examples=["host:db1"])
    begin: datetime | None = Field(description="The first logon before the time; null where there is none.")
    since: datetime
    until: datetime
    before: int = Field(description="Accepted logons before the time.")
    now: int = Field(description="Accepted logons within it.")
    aspects: dict[str, Aspect] = Field(
        description="`from`, `to`, `accounts`, `methods`, `hours`: those that say something of such a node."
    )


class Way(Answer):
    """How somebody came somewhere, and when for the first time."""

    src: str | None = Field(description="Null where the log does not say.", examples=["ws2"])
    user: str = Field(examples=["bob"])
    dst: str = Field(examples=["db1"])
    service: str
    method: str | None
    count: int
    failures: int
    first: datetime
    last: datetime


class TimelineAnswer(Answer):
    """What happened to a node over time, and the ways by which, those that were seen first last come first."""

    id: str = Field(examples=["host:db1"])
    first: datetime | None
    last: datetime | None
    count: int
    failures: int
    bins: list[Span] = Field(description="Equal parts from `first` to `last`.")
    ways: list[Way]
    shown: int
    total: int = Field(description="Ways that there are.")
