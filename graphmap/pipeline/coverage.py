"""For each host, what was seen when, and which questions its logs do not answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from graphmap.detect import DETECTORS
from graphmap.detect.needs import WHY, Learns, Question, Whose, can_look, learns_of, needs_of
from graphmap.documents import time_text
from graphmap.model import Action, Outcome, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.detect import Detector
    from graphmap.pipeline.estate import Estate

_KIND, _OWN = pl.col("kind"), pl.col("witness") == Witness.SERVER
_CLIENT = (pl.col("witness") == Witness.CLIENT) & pl.col("src_host").is_not_null()

ANSWERS: dict[Question, pl.Expr] = {
    Question.LOGONS: (pl.col("action") == Action.LOGON) & (pl.col("outcome") == Outcome.SUCCESS) & _OWN,
    Question.ENDS: (pl.col("action") == Action.LOGOFF) & _OWN,
    Question.KEYS: pl.col("key").is_not_null() & (pl.col("outcome") == Outcome.SUCCESS),
    Question.SESSIONS: _KIND.is_in(["session-start", "server-started"]),
    Question.PROGRAMS: _KIND.is_in(["client-started", "program", "client-seen"]),
    Question.CONNECTIONS: _KIND.is_in(["connect", "connect-failed"]),
    Question.KEY_FILES: _KIND.is_in(["keys-written", "keys-write-failed"]),
    Question.LOG_FILES: _KIND.is_in(
        ["log-written", "log-write-failed", "log-cleared", "audit-changed", "audit-started", "audit-ended"]
    ),
    Question.RECORDS: pl.col("reader") == "utmp",
    Question.SENSOR: pl.col("witness") == Witness.NETWORK,
    Question.SOFTWARE: pl.col("client").is_not_null()
    & pl.col("action").is_in([Action.LOGON.value, Action.CONNECTION.value])
    & ~_CLIENT,
}
"""Which events answer a question about their host."""


class Answer(NamedTuple):
    """From when to when a host's logs answer a question, by how many events, on how many UTC days."""

    question: Question
    first: datetime
    last: datetime
    days: int
    events: int


@dataclass(frozen=True, slots=True)
class HostCoverage:
    """What the lake tells about one host. `first` and `last` are None where it tells nothing."""

    host: str
    first: datetime | None
    last: datetime | None
    days: int
    events: int
    answers: tuple[Answer, ...]

    @property
    def answered(self) -> frozenset[Question]:
        """The questions that have an answer."""
        return frozenset(answer.question for answer in self.answers)

    @property
    def begin(self) -> datetime:
        """Since when its logs tell who logged on; where they never do, since when they tell anything."""
        told = (answer.first for answer in self.answers if answer.question == Question.LOGONS)
        return next(told, self.first or datetime.max.replace(tzinfo=UTC))

    @property
    def logons(self) -> int:
        """How many of its logons are told by its logs; where they tell none, by how many lines sensors tell of it."""
        count = {answer.question: answer.events for answer in self.answers}
        return count.get(Question.LOGONS) or count.get(Question.SENSOR, 0)

    @property
    def blind(self) -> tuple[Question, ...]:
        """The questions that cannot be evaluated."""
        return tuple(question for question in Question if question not in self.answered)

    def document(self, detectors: Iterable[Detector] = DETECTORS, learning: Iterable[Young] = ()) -> dict[str, Any]:
        """As a JSON document; it says which of `detectors` cannot look, and which of `learning` (`young`) are here."""
        return {
            "host": self.host,
            "first": self.first and time_text(self.first),
            "last": self.last and time_text(self.last),
            "days": self.days,
            "events": self.events,
            "answers": [
                {
                    "question": answer.question.value,
                    "first": time_text(answer.first),
                    "last": time_text(answer.last),
                    "days": answer.days,
                    "events": answer.events,
                }
                for answer in self.answers
            ],
            "not_evaluable": [{"question": question.value, "why": WHY[question]} for question in self.blind],
            "detectors": [one.name for one in detectors if not can_look(one, self.answered)],
            "learning": [
                {"detector": one.detector, "needs": str(one.learns)} for one in learning if self.host in one.hosts
            ],
        }


class Unseen(NamedTuple):
    """Detectors that could not look at the same hosts, and how many there are in all."""

    detectors: tuple[str, ...]
    hosts: tuple[str, ...]
    of: int


class Young(NamedTuple):
    """A detector that compares with the past, the past that it needs, and the hosts on which there is less of it."""

    detector: str
    learns: Learns
    hosts: tuple[str, ...]
    of: int


def coverage(estate: Estate) -> list[HostCoverage]:
    """What was seen of each known host, by name."""
    return covered(estate, daily(estate))


def daily(estate: Estate) -> pl.DataFrame:
    """What was seen of each host on each UTC day of which the lake tells something.

    Returns
    -------
    `host`, `day`, `events` and how many of them are the host's `own events`; `first` and `last`; and for each question
    `<name> events`, `<name> first`, `<name> last`.

    Notes
    -----
    One streamed pass over the events; memory: a row for each host and UTC day.
    """
    at = pl.when(_CLIENT).then("src_host").otherwise(pl.coalesce("dst_host", "dst_ip"))
    days = (
        estate.scan_events()
        .select(
            "time",
            own=_OWN | _CLIENT,
            at=at,
            day=pl.col("time").dt.date(),
            **{one.name: expr for one, expr in ANSWERS.items()},
        )
        .filter(pl.col("at").is_not_null())
        .group_by("at", "day")
        .agg(
            pl.len().alias("events"),
            pl.col("own").sum().alias("own events"),
            first=pl.col("time").min(),
            last=pl.col("time").max(),
            **{f"{one.name} events": pl.col(one.name).sum() for one in Question},
            **{f"{one.name} first": pl.col("time").filter(one.name).min() for one in Question},
            **{f"{one.name} last": pl.col("time").filter(one.name).max() for one in Question},
        )
        .collect(engine="streaming")
    )
    named = estate.identity.hosts_of(days.with_columns(time="first"), "at")
    return named.group_by("host", "day").agg(*_gathered(named))


def covered(estate: Estate, days: pl.DataFrame) -> list[HostCoverage]:
    """What was seen of each known host, by name, out of what was seen on each day (`daily`)."""
    by_host = days.group_by("host").agg(
        *_gathered(days),
        days=pl.len(),
        **{f"{one.name} days": (pl.col(f"{one.name} events") > 0).sum() for one in Question},
    )
    told = {row["host"]: _host(row) for row in by_host.iter_rows(named=True)}
    return [told.get(host) or HostCoverage(host, None, None, 0, 0, ()) for host in estate.identity.hosts()]


def unseen(found: Iterable[HostCoverage], detectors: Iterable[Detector]) -> list[Unseen]:
    """On which hosts detectors could not look, those together that miss the same ones, the blindest first."""
    hosts = [one for one in found if one.events]
    by_hosts: dict[tuple[str, ...], list[str]] = {}
    for detector in detectors:
        missed = tuple(one.host for one in hosts if not can_look(detector, one.answered)) if needs_of(detector) else ()
        if missed:
            by_hosts.setdefault(missed, []).append(detector.name)
    groups = (Unseen(tuple(names), missed, len(hosts)) for missed, names in by_hosts.items())
    return sorted(groups, key=lambda one: (-len(one.hosts), one.detectors))


def young(found: Iterable[HostCoverage], detectors: Iterable[Detector]) -> list[Young]:
    """Which detectors have too little past to compare with: on all hosts, or on those that the logs know for too short.

    Parameters
    ----------
    found
        What is covered.
    detectors
        Those that are to look.

    Returns
    -------
    One for each detector, in their order; those that cannot look anyway (`unseen`) are left out.
    """
    hosts = {one.host: one for one in found if one.events}
    begins = {name: one.begin for name, one in hosts.items()}
    logons = sum(one.logons for one in hosts.values())
    until = max((one.last for one in hosts.values() if one.last), default=None)
    if until is None:
        return []
    told = []
    for detector in detectors:
        learns = learns_of(detector)
        looking = [name for name, one in hosts.items() if can_look(detector, one.answered)]
        if learns is None or not looking:
            continue
        if until - min(begins.values()) < learns.time or logons < learns.logons:
            told.append(Young(detector.name, learns, tuple(hosts), len(hosts)))
        elif learns.whose is Whose.HOST:
            new = tuple(name for name in looking if until - begins[name] < learns.time)
            told += [Young(detector.name, learns, new, len(hosts))] if new else []
    return told


def _gathered(frame: pl.DataFrame) -> list[pl.Expr]:
    """How rows of one host are one."""
    how = {"first": pl.Expr.min, "last": pl.Expr.max, "events": pl.Expr.sum}
    return [how[name.split()[-1]](pl.col(name)) for name in frame.columns if name.split()[-1] in how]


def _host(row: dict[str, Any]) -> HostCoverage:
    answers = tuple(
        Answer(one, *(row[f"{one.name} {column}"] for column in ("first", "last", "days", "events")))
        for one in Question
        if row[f"{one.name} events"]
    )
    return HostCoverage(row["host"], row["first"], row["last"], row["days"], row["events"], answers)
