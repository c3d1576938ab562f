"""Answers as JSON documents, and findings back again: the one place that knows the fields and their order."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from graphmap.model import Basis, Chain, Finding, Hop, Line, Severity, Story, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Document = dict[str, Any]
"""What `json.dumps` takes: text, numbers, None, lists and documents."""


def time_text(time: datetime) -> str:
    """Write a moment as RFC 3339, section 5.6 does: ``Z`` for UTC, microseconds only where they are not zero.

    Raises
    ------
    ValueError
        The moment has no zone: nothing inside graphmap may be without one.
    """
    offset = time.utcoffset()
    if offset is None:
        raise ValueError("a time without a zone has no RFC 3339 form")
    whole_minutes = not offset % timedelta(minutes=1)  # RFC 3339 has no offsets with seconds
    return (time if whole_minutes else time.astimezone(UTC)).isoformat().replace("+00:00", "Z")


HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of characters that change how others are shown."""


def visible(text: str) -> str:
    r"""Write hidden characters as escapes such as ``\x1b``: what is left drives no terminal and starts no line."""
    return "".join(c if unicodedata.category(c) not in HIDDEN else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


def length_of(time: timedelta) -> str:
    """A length of time in whole seconds as `graphmap.config.parse_duration` reads it: ``1d12h``, ``15m``, ``0s``."""
    left, parts = int(time.total_seconds()), []
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def number_of(count: int, noun: str) -> str:
    """Write how many there are: ``1 file``, ``1,200 files``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def some_of(names: Sequence[str], most: int) -> str:
    """Write the first `most` of some names, and how many there are besides: ``db1, db2 and 1,200 more``."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def seen_by(witnesses: Iterable[str], missing: Iterable[str]) -> str:
    """Write who reported a logon, and who should have: ``network, not server``."""
    return ", ".join([*witnesses, *(f"not {side}" for side in missing)])


def line_document(line: Line) -> Document:
    """Name one line of a log."""
    return {"file": line.file, "line": line.line}


def hop_document(hop: Hop) -> Document:
    """Write a hop: the fields of `graphmap.model.Hop` in their order."""
    return {
        "start": time_text(hop.start),
        "end": _optional_time(hop.end),
        "src": hop.src,
        "dst": hop.dst,
        "user": hop.user,
        "service": hop.service,
        "method": hop.method,
        "key": hop.key,
        "certainty": hop.certainty,
        "basis": hop.basis.value,
        "lines": [line_document(line) for line in hop.lines],
        "witnesses": [witness.value for witness in hop.witnesses],
        "missing": [witness.value for witness in hop.missing],
    }


def chain_document(chain: Chain) -> Document:
    """Write a chain: ``id, hosts, users, start, end, certainty, score, hops``."""
    return {
        "id": chain.id,
        "hosts": list(chain.hosts),
        "users": list(chain.users),
        "start": time_text(chain.start),
        "end": _optional_time(chain.end),
        "certainty": chain.certainty,
        "score": chain.score,
        "hops": [hop_document(hop) for hop in chain.hops],
    }


def finding_document(finding: Finding) -> Document:
    """Write a finding: the fields of `graphmap.model.Finding` in their order, `first` and `last` before the hops."""
    return {
        "id": finding.id,
        "detector": finding.detector,
        "technique": finding.technique,
        "severity": finding.severity.value,
        "score": finding.score,
        "title": finding.title,
        "why": list(finding.why),
        "hosts": list(finding.hosts),
        "users": list(finding.users),
        "first": _optional_time(finding.first),
        "last": _optional_time(finding.last),
        "hops": [hop_document(hop) for hop in finding.hops],
        "lines": [line_document(line) for line in finding.lines],
        "p_value": finding.p_value,
    }


def story_document(story: Story) -> Document:
    """Write a story: the fields of `graphmap.model.Story` in their order."""
    return {
        "id": story.id,
        "severity": story.severity.value,
        "score": story.score,
        "past": story.past,
        "p_value": story.p_value,
        "title": story.title,
        "techniques": list(story.techniques),
        "hosts": list(story.hosts),
        "users": list(story.users),
        "first": _optional_time(story.first),
        "last": _optional_time(story.last),
        "hops": [hop_document(hop) for hop in story.hops],
        "lines": [line_document(line) for line in story.lines],
        "parts": [finding_document(part) for part in story.parts],
        "continues": story.continues,
    }


def finding_from_document(document: Document) -> Finding:
    """Read what `finding_document` wrote.

    Raises
    ------
    KeyError, ValueError, TypeError
        The document is not one of ours.
    """
    return Finding(
        id=document["id"],
        detector=document["detector"],
        technique=document["technique"],
        severity=Severity(document["severity"]),
        score=document["score"],
        title=document["title"],
        why=tuple(document["why"]),
        hosts=tuple(document["hosts"]),
        users=tuple(document["users"]),
        hops=tuple(_hop(hop) for hop in document["hops"]),
        lines=tuple(_line(line) for line in document["lines"]),
        first=_moment(document.get("first")),  # older findings have none: their hops tell
        last=_moment(document.get("last")),
        p_value=document.get("p_value"),
    )


def _hop(document: Document) -> Hop:
    return Hop(
        start=datetime.fromisoformat(document["start"]),
        end=_moment(document["end"]),
        src=document["src"],
        dst=document["dst"],
        user=document["user"],
        service=document["service"],
        method=document["method"],
        key=document["key"],
        certainty=document["certainty"],
        basis=Basis(document["basis"]),
        lines=tuple(_line(line) for line in document["lines"]),
        witnesses=tuple(Witness(side) for side in document.get("witnesses", ())),  # older findings have none
        missing=tuple(Witness(side) for side in document.get("missing", ())),
    )


def _line(document: Document) -> Line:
    return Line(file=document["file"], line=document["line"])


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _optional_time(time: datetime | None) -> str | None:
    return None if time is None else time_text(time)
