"""What a detector must know to look: questions that the logs of a host answer or do not, and a past to compare with."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from graphmap.documents import number_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphmap.detect.base import Detector


class Question(StrEnum):
    """What can be asked of what the logs tell about a host."""

    LOGONS = "logons"
    ENDS = "ends"
    KEYS = "keys"
    SESSIONS = "sessions"
    PROGRAMS = "programs"
    CONNECTIONS = "connections"
    KEY_FILES = "key-files"
    LOG_FILES = "log-files"
    RECORDS = "records"
    SENSOR = "sensor"
    SOFTWARE = "software"


ASKS = {
    Question.LOGONS: "who logged on",
    Question.ENDS: "when sessions ended",
    Question.KEYS: "with which key",
    Question.SESSIONS: "what a session started",
    Question.PROGRAMS: "which clients were started",
    Question.CONNECTIONS: "where its programs connected",
    Question.KEY_FILES: "who changed authorized keys",
    Question.LOG_FILES: "who changed its logs",
    Question.RECORDS: "what its login records say",
    Question.SENSOR: "what a sensor saw of it",
    Question.SOFTWARE: "with which client software",
}
"""The questions in words."""

WHY = {
    Question.LOGONS: "no accepted logon is in its log, or the log is not in the lake: collect auth.log, secure, the"
    " journal or the Security log of that host",
    Question.ENDS: "no line ends a session: sessions count as open for --gap",
    Question.KEYS: "no logon names a key: nobody used one, or sshd is older than 6.3",
    Question.SESSIONS: "no line says what was started: set LogLevel VERBOSE in sshd_config",
    Question.PROGRAMS: "no started client was ever reported: audit execve, or collect Sysmon, or 4688 with its command"
    " lines",
    Question.CONNECTIONS: "no outgoing connection was ever reported: audit connect, or collect Sysmon 3",
    Question.KEY_FILES: "no write to authorized keys was ever reported: nobody wrote, or nothing watches these files",
    Question.LOG_FILES: "no change of a log or of the audit system was ever reported: nobody made one, or nobody looks",
    Question.RECORDS: "no login record of it is in the lake: collect wtmp",
    Question.SENSOR: "no sensor reported a connection to it: collect ssh.log and conn.log of Zeek, or eve.json",
    Question.SOFTWARE: "nothing names the software of clients: sshd does not, a sensor does",
}
"""Why a question cannot be answered for a host, and what to do about it."""

Needs: TypeAlias = tuple[frozenset[Question], ...]
"""Of each set, one question must be answered."""


class Whose(StrEnum):
    """Whose past a detector compares with."""

    EVERYBODY = "everybody"
    HOST = "a host"
    ACCOUNT = "an account"
    KEY = "a key"


class Learns(NamedTuple):
    """What must have been before a detector says what is new, or unusual, of something."""

    whose: Whose
    time: timedelta = timedelta()
    logons: int = 0

    def __str__(self) -> str:
        """``15 days of everybody``, ``7 days and 10 logons of an account``."""
        parts = ((self.time.days, "day"), (self.logons, "logon"))
        return f"{' and '.join(number_of(count, one) for count, one in parts if count)} of {self.whose}"


def learns_of(detector: Detector) -> Learns | None:
    """What a detector declares as `learns`; None where it declares nothing and needs no past."""
    learns: Learns | None = getattr(detector, "learns", None)
    return learns


def needs_of(detector: Detector) -> Needs:
    """What a detector declares as `needs`; nothing where it declares nothing."""
    needs: Needs = getattr(detector, "needs", ())
    return needs


def can_look(detector: Detector, answered: Collection[Question]) -> bool:
    """Whether a detector can look at a host whose logs answer these questions."""
    return all(not one.isdisjoint(answered) for one in needs_of(detector))
