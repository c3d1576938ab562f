"""What the API answers with. Times are RFC 3339, UTC; null always means: the logs or the inventory do not say."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from graphmap.model import Basis, NodeKind, Role, Severity, TriageState, Verdict, Witness
from graphmap.pipeline.days import DayState
from graphmap_api.rights import Right


class Answer(BaseModel):
    """Base of all answers: made from dataclasses, tables' rows and documents alike."""

    model_config = ConfigDict(from_attributes=True, ser_json_inf_nan="null")


class Health(Answer):
    """That the server answers."""

    status: Literal["ok"] = "ok"


class Ready(Answer):
    """That the server can do its work."""

    status: Literal["ready"] = "ready"


class Version(Answer):
    """What answers, and which version of the data."""

    version: str = Field(description="Of graphmap.", examples=["0.1.0"])
    data: str = Field(description="Changes whenever the lake, the inventory or the findings do.")


class Me(Answer):
    """Who asks, as the server knows them."""

    name: str = Field(description="Stands beside all that they say and change.", examples=["ann"])
    role: Role
    rights: list[Right]


class AuditEntry(Answer):
    """A request; `who` and `role` are null where nobody is known."""

    at: datetime
    who: str | None = Field(examples=["ann"])
    role: Role | None
    method: str = Field(examples=["POST"])
    address: str = Field(description="At most 1,000 characters.", examples=["/api/v1/suppressions"])
    status: int = Field(description="That it was answered with.", examples=[201])


class AuditEntries(Answer):
    """The newest entries, the newest first."""

    items: list[AuditEntry]
    shown: int
    cut: bool = Field(description="Whether there may be more.")


class Line(Answer):
    """A line of a log; `line` counts from 1 in the decompressed text."""

    file: str = Field(examples=["logs/db1/auth.log"])
    line: int = Field(examples=[48213])


class QuotedLine(Line):
    """A line with its text, where the file still holds what was read from it."""

    text: str | None = Field(
        description="Of several lines where a record has them; null where it cannot be shown.",
        examples=["Mar 13 02:47:29 db1 sshd[9127]: Accepted publickey for bob from 10.4.2.12 port 51844 ssh2"],
    )
    problem: str | None = Field(description="Why it cannot be shown.")


class Hop(Answer):
    """A logon from a node to a host (docs/graph-model.md)."""

    start: datetime
    end: datetime | None
    src: str = Field(examples=["jump1"])
    dst: str = Field(examples=["db1"])
    user: str = Field(examples=["bob"])
    service: str = Field(examples=["ssh"])
    method: str | None = Field(examples=["publickey"])
    key: str | None
    certainty: float = Field(ge=0, le=1)
    basis: Basis
    witnesses: list[Witness] = Field(description="Who reported it.")
    missing: list[Witness] = Field(description="Who should have, and did not.")
    lines: list[Line]


class Chain(Answer):
    """Hops of which each starts where the one before arrived, while that session was open."""

    id: str
    hosts: list[str] = Field(description="One more than `hops`.", examples=[["ws2", "jump1", "db1"]])
    users: list[str] = Field(description="One for each hop.")
    start: datetime
    end: datetime | None
    certainty: float = Field(ge=0, le=1)
    score: float
    hops: list[Hop]


class Paths(Answer):
    """The best paths between two hosts."""

    items: list[Chain]
    shown: int
    cut: bool = Field(description="Whether there may be more.")


class Reached(Answer):
    """The other end of a path."""

    name: str
    segment: str | None
    moment: datetime = Field(description="Of arrival for reach, of departure for origins.")
    path: Chain


class FindingSummary(Answer):
    """A finding as a list shows it."""

    id: str = Field(examples=["f-1a2b3c4d5e6f"])
    detector: str = Field(examples=["restricted-access"])
    technique: str = Field(examples=["T1021.004"])
    severity: Severity
    score: float
    title: str
    hosts: list[str]
    users: list[str]
    segments: list[str] = Field(description="Those that its hosts lie in, where the inventory says.")
    first: datetime | None
    last: datetime | None
    state: TriageState = Field(description="What people think of it.")
    assignee: str | None = Field(examples=["ann"])
    marked: bool
    story: str | None = Field(
        description="The story that it is a part of; null where a suppression hides it.", examples=["s-2b9a8b5a586e"]
    )


class Node(Answer):
    """A host, user, source or key."""

    id: str = Field(description="Kind and name.", examples=["host:db1"])
    kind: NodeKind
    name: str
    segment: str | None
    restricted: bool
    roles: list[str]
    owner: str | None
    account: str | None = Field(description="Of a user: the account that its aliases share.")
    service: bool = Field(description="Of a user: whether the inventory says that it is no person's.")
    count: int = Field(description="Accepted logons; of a host those that arrived and those that left.")
    failures: int = Field(description="Refused ones.")
    degree: int = Field(description="Nodes that it is linked with.")
    first: datetime | None
    last: datetime | None


class Link(Answer):
    """All attempts between two nodes."""

    src: str = Field(examples=["host:jump1"])
    dst: str = Field(examples=["host:db1"])
    kind: Literal["MOVED_TO", "CONNECTED_TO", "LOGGED_ON_TO", "OPENED"]
    users: list[str] = Field(description="At most 50.")
    services: list[str]
    methods: list[str]
    count: int
    failures: int
    first: datetime
    last: datetime


class NodeDetail(Answer):
    """A node with its links, those with the most attempts first."""

    node: Node
    links: list[Link]
    shown: int
    total: int = Field(description="Links that it has.")
    findings: list[FindingSummary] = Field(description="Those that name it, at most 20.")


class GraphNode(Node):
    """A node of a graph: its `depth` is how many steps it is from the nearest seed."""

    depth: int


class Graph(Answer):
    """A part of the graph: "showing `shown_nodes` of `total_nodes`"."""

    nodes: list[GraphNode]
    links: list[Link]
    shown_nodes: int
    total_nodes: int
    shown_links: int
    total_links: int


class Way(Answer):
    """Links that lead from one node to another, the first one first; empty where there are none."""

    links: list[Link]


class LinkChange(Answer):
    """What is different between the attempts of two times between two nodes."""

    change: Literal["added", "gone", "changed"]
    src: str = Field(examples=["host:jump1"])
    dst: str = Field(examples=["host:db1"])
    kind: Literal["MOVED_TO", "CONNECTED_TO", "LOGGED_ON_TO", "OPENED"]
    before: int = Field(description="Accepted logons in the first time.")
    after: int = Field(description="In the second.")
    failures_before: int
    failures_after: int
    new_users: list[str] = Field(description="Accounts of the second time that the first does not have.")
    first: datetime = Field(description="Of any attempt in both.")
    last: datetime


class GraphDiff(Answer):
    """What is different between the graphs of two times: "showing `shown_links` of `total_links`"."""

    links: list[LinkChange]
    shown_links: int
    total_links: int
    added_links: int
    gone_links: int
    changed_links: int
    added_nodes: list[str] = Field(examples=[["host:db1"]])
    total_added_nodes: int
    gone_nodes: list[str]
    total_gone_nodes: int


class Span(Answer):
    """One part of the time that the logs cover."""

    start: datetime
    count: int
    failures: int


class Histogram(Answer):
    """Accepted and refused logons over time."""

    first: datetime | None
    last: datetime | None
    bins: list[Span]


class SegmentSummary(Answer):
    """A segment of the inventory."""

    name: str
    restricted: bool
    nodes: int


class Summary(Answer):
    """The whole graph in numbers."""

    nodes: dict[str, int] = Field(description="How many of each kind.", examples=[{"host": 9, "user": 12}])
    segments: list[SegmentSummary]
    services: dict[str, int] = Field(description="Attempts by service.")
    methods: dict[str, int]
    accepted: int
    refused: int
    findings: int
    hidden_findings: int = Field(description="Those that suppressions keep out of every list.")


class Hit(Answer):
    """Something that a search found."""

    kind: str = Field(examples=["host"])
    id: str = Field(examples=["host:db1"])
    name: str
    segment: str | None


class Hits(Answer):
    """The hits that fit best."""

    items: list[Hit]
    shown: int
    total: int


class Session(Answer):
    """A logon session, or a refused attempt, which has no end."""

    start: datetime
    end: datetime | None
    outcome: Literal["success", "failure"]
    host: str
    src: str | None
    src_port: int | None
    user: str
    service: str
    method: str | None
    key: str | None
    command: str | None
    witnesses: list[Witness] = Field(description="Who reported it; of a refused attempt none is named.")
    missing: list[Witness] = Field(description="Who should have, and did not.")
    lines: list[Line]


class RareWay(Answer):
    """A way into a segment that was taken a few times only."""

    src: str
    user: str
    dst: str
    service: str
    method: str | None
    count: int
    failures: int
    days: int
    first: datetime
    last: datetime
    src_segment: str | None
    dst_segment: str | None
    policy: Verdict


class Event(Answer):
    """An event of the lake with the text of its line."""

    time: datetime
    action: str
    outcome: str
    service: str
    kind: str
    user: str | None
    src_ip: str | None
    src_port: int | None
    src_host: str | None
    dst_host: str | None
    method: str | None
    key: str | None
    command: str | None
    reader: str
    file: str
    line: int
    text: str | None = Field(description="Of several lines where a record has them; null where it cannot be shown.")
    problem: str | None = Field(description="Why it cannot be shown.")


class HostCoverage(Answer):
    """What the lake holds of one host; `host` is null for events whose log names none."""

    host: str | None
    first: datetime
    last: datetime
    events: int
    days: int = Field(description="UTC days with an event.")


class Coverage(Answer):
    """What the logs cover, and what cannot be seen from them."""

    events: int
    rejects: int
    files: int
    first: datetime | None
    last: datetime | None
    inventory: str
    hosts: list[HostCoverage] = Field(description="At most 1,000, those that fell silent first come first.")
    all_hosts: int
    blind: list[str] = Field(description="What cannot be seen, a sentence each.")


class HostDays(Answer):
    """What can be said of a host on each day; `events` are those that the lake has of it, by whomever."""

    host: str
    segment: str | None
    states: list[DayState] = Field(
        description="seen: its own logs have events. silent: they have none, and had some before. "
        "tampered: a finding says that they were changed. not-evaluable: they have none and never had."
    )
    events: list[int]


class Blindness(Answer):
    """Detectors that cannot look at some hosts, and why."""

    detectors: list[str]
    hosts: list[str] = Field(description="At most 50.")
    all_hosts: int
    of: int = Field(description="Hosts of which the lake tells something.")
    why: list[str] = Field(description="What their logs do not answer, and what to do about it.")


class DayMatrix(Answer):
    """Hosts by day, those with most days of trouble first."""

    days: list[date] = Field(description="UTC, without a gap.")
    items: list[HostDays]
    shown: int
    total: int
    all_days: int
    states: dict[DayState, int] = Field(description="Over all hosts: on how many of these days.")
    blind: list[Blindness] = Field(description="What cannot be detected, the blindest first.")


class Figure(Answer):
    """A Plotly figure, and what its points stand for."""

    figure: dict[str, Any] = Field(description="`data` and `layout` of Plotly.")
    cut: str | None = Field(
        description="What is not shown, in words; null where all is.", examples=["400 of 1,208 nodes"]
    )
    empty: str | None = Field(description="Why there is nothing to see; null where there is something.")
