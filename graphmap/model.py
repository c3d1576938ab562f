"""The few objects that answers are made of. Bulk data stays in tables (`graphmap.tables`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """What an event reports."""

    LOGON = "logon"
    LOGOFF = "logoff"
    CONNECTION = "connection"
    PROCESS = "process"
    FILE = "file"


class Outcome(StrEnum):
    """How an attempt ended. Lines that report no attempt's result are `UNKNOWN`."""

    SUCCESS = "success"
    FAILURE = "failure"
    UNKNOWN = "unknown"


class Witness(StrEnum):
    """Whose word an event is. Two kinds of witness of one logon are better evidence than two lines of one kind."""

    SERVER = "server"
    """The host that was logged on to."""
    CLIENT = "client"
    """The host that the logon came from: a process that was started there, or a connection that it opened."""
    NETWORK = "network"
    """A sensor between the two."""
    DIRECTORY = "directory"
    """The service that checked the credential: a domain controller, an identity provider."""


class NodeKind(StrEnum):
    """The kinds of node in the user-host-source graph."""

    USER = "user"
    HOST = "host"
    SOURCE = "source"
    KEY = "key"


class Basis(StrEnum):
    """Why a session is taken for the origin of a hop, strongest first.

    A hop that leaves host H may come from any session open on H. Sessions that opened with the hop's own key are
    preferred, then those of the hop's own account, then any other.
    """

    KEY = "same key"
    ACCOUNT = "same account"
    OPEN = "open session"
    START = "start"
    """No session could have been the origin: the chain starts here."""


class Verdict(StrEnum):
    """What the segment policy says of a logon (`graphmap.policy`)."""

    PERMITTED = "permitted"
    VIOLATION = "violation"
    NOT_COVERED = "not covered"
    BOTH = "both"
    """One zone of the destination permits it, another does not; or, of several logons, some are permitted."""


class Severity(StrEnum):
    """How soon a person should look, lowest first."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class TriageState(StrEnum):
    """What people think of a finding."""

    OPEN = "open"
    """Nobody has judged it."""
    INVESTIGATING = "investigating"
    CONFIRMED = "confirmed"
    """It is what it looks like."""
    BENIGN = "benign"


class Role(StrEnum):
    """What whoever has a token may do."""

    READER = "reader"
    """Read everything but the audit trail."""
    ANALYST = "analyst"
    """What a reader may, and judge and suppress findings."""
    INGEST = "ingest"
    """Send logs and see what became of them, and nothing else: the token lies on machines that ship logs."""
    ADMIN = "admin"
    """Everything."""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """One line of a log: the proof of an event. `line` counts from 1 in the decompressed text."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Hop:
    """A successful logon from one node to a host.

    `end` is None where the log shows no end. `certainty` is that of `basis`: 1/n where n sessions could have been the
    origin, halved where whole-second stamps hide the order. `witnesses` are the sides that reported it, `missing` those
    that should have and did not (`graphmap.evidence.coverage`).
    """

    start: datetime
    end: datetime | None
    src: str
    dst: str
    user: str
    service: str
    method: str | None
    key: str | None
    certainty: float
    basis: Basis
    lines: tuple[Line, ...]
    witnesses: tuple[Witness, ...] = ()
    missing: tuple[Witness, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """Hops in which each starts on the host where the one before ended, while it was open.

    `hosts` has one more element than `hops` and `users` as many; `certainty` is the product over the hops.
    """

    id: str
    hosts: tuple[str, ...]
    users: tuple[str, ...]
    start: datetime
    end: datetime | None
    certainty: float
    score: float
    hops: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a hunter should read, with the lines that prove it.

    `id` depends on detector and evidence alone, so a re-run over the same events gives the same findings. `hosts` and
    `users` are those of the hops, and others that the evidence is about. `first` and `last` are the moments between
    which the evidence lies: those of the hops, where none are given. A finding about what is missing has no hops.
    `p_value` is the share of the past that was at least as odd, None where the detector does not compare with it.
    """

    id: str
    detector: str
    technique: str
    severity: Severity
    score: float
    title: str
    why: tuple[str, ...]
    hosts: tuple[str, ...]
    users: tuple[str, ...]
    hops: tuple[Hop, ...]
    lines: tuple[Line, ...]
    first: datetime | None = None
    last: datetime | None = None
    p_value: float | None = None

    def __post_init__(self) -> None:
        """Fill in when it was."""
        first = self.first or min((hop.start for hop in self.hops), default=None)
        last = self.last or max((hop.end or hop.start for hop in self.hops), default=None)
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "last", last)


@dataclass(frozen=True, slots=True)
class Story:
    """Findings that tell of one path (`graphmap.detect.stories`).

    `score` is the only one by which findings of several detectors compare; `p_value` is None where no part has one.
    `past` are the whole days before it that its score was compared with, at most 30. `parts` are in order of time,
    `hops` and `lines` are those of all parts, each once, in order of time. `continues` is the id of a story that was as
    long as stories get, of which this one would have been a part.
    """

    id: str
    severity: Severity
    score: float
    past: int
    p_value: float | None
    title: str
    techniques: tuple[str, ...]
    hosts: tuple[str, ...]
    users: tuple[str, ...]
    first: datetime | None
    last: datetime | None
    hops: tuple[Hop, ...]
    lines: tuple[Line, ...]
    parts: tuple[Finding, ...]
    continues: str | None = None


@dataclass(frozen=True, slots=True)
class Triage:
    """What people said of a finding last: nothing so far where `at` is None."""

    state: TriageState = TriageState.OPEN
    assignee: str | None = None
    note: str | None = None
    marked: bool = False
    author: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Suppression:
    """Findings that people need not see, and who said so, why, and until when.

    `src`, `dst` and `user` are patterns of which ``*``, ``?`` and ``[...]`` stand for any text (`fnmatch`); what is
    None says nothing. See `graphmap.pipeline.cases.covers` for what it hides.
    """

    id: int
    author: str
    reason: str
    created: datetime
    expires: datetime | None
    finding: str | None = None
    detector: str | None = None
    src: str | None = None
    dst: str | None = None
    user: str | None = None
    ended: datetime | None = None
    ended_by: str | None = None

    def is_active(self, at: datetime) -> bool:
        """Whether it hides anything at a moment."""
        return self.ended is None and (self.expires is None or at < self.expires)


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was given out; its text is kept nowhere. `created_by` and `ended_by` are names of people."""

    id: int
    name: str
    role: Role
    created: datetime
    created_by: str
    expires: datetime | None
    ended: datetime | None = None
    ended_by: str | None = None

    def is_active(self, at: datetime) -> bool:
        """Whether it opens anything at a moment."""
        return self.ended is None and (self.expires is None or at < self.expires)


@dataclass(frozen=True, slots=True)
class Segment:
    """A network segment. `allowed_from` names the segments whose hosts may log in; None where nothing is said."""

    name: str
    restricted: bool = False
    cidrs: tuple[str, ...] = ()
    allowed_from: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a host, from `since` (inclusive) to `until` (exclusive); None is open."""

    address: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Host:
    """A host of the inventory. `name` is canonical; `aliases` are other names it has in logs."""

    name: str
    addresses: tuple[Address, ...] = ()
    segment: str | None = None
    roles: tuple[str, ...] = ()
    owner: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An account. Logons under an alias are logons of the same person or service."""

    name: str
    aliases: tuple[str, ...] = ()
    service: bool = False
