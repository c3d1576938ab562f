"""Rows and paths become the objects that answers are made of: hops, chains, and their ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from graphmap.model import Basis, Chain, Hop, Line, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.graph.paths import Path
    from graphmap.graph.rarity import Past
    from graphmap.graph.table import Rows

EPOCH = datetime.fromtimestamp(0, UTC)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def moment_of(microseconds: int) -> datetime:
    """The moment that an index counts from 1970."""
    return EPOCH + timedelta(microseconds=microseconds)


def stable_id(letter: str, *parts: object) -> str:
    """An id that depends on `parts` alone: a letter, a dash and 12 hexadecimal digits."""
    return f"{letter}-{blake2b(repr(parts).encode(), digest_size=6).hexdigest()}"


def hop_key(hops: Rows, row: int) -> tuple[object, ...]:
    """What makes a hop the same hop in another rendering of the log: its start is cut to the second."""
    start, *others = (hops[row][name] for name in ("start", "src", "dst", "user", "service", "src_port"))
    return (start.replace(microsecond=0).isoformat(), *others)


def hop_at(hops: Rows, row: int, certainty: float | None = None, basis: Basis | None = None) -> Hop:
    """The hop of a row of HOPS, with the certainty and basis that it has on a path, else its own."""
    record = hops[row]
    return Hop(
        start=record["start"],
        end=record["end"],
        src=record["src"],
        dst=record["dst"],
        user=record["user"],
        service=record["service"],
        method=record["method"],
        key=record["key"],
        certainty=record["certainty"] if certainty is None else certainty,
        basis=Basis(record["basis"]) if basis is None else basis,
        lines=lines_of(record["lines"]),
        witnesses=tuple(map(Witness, record["witnesses"] or ())),
        missing=tuple(map(Witness, record["missing"] or ())),
    )


def lines_of(records: Iterable[dict[str, Any]]) -> tuple[Line, ...]:
    """Structs of `file` and `line` as lines."""
    return tuple(Line(r["file"], r["line"]) for r in records)


def hops_along(path: Path, hops: Rows) -> tuple[Hop, ...]:
    """The hops of a path, each with its certainty on that path."""
    return tuple(hop_at(hops, *step) for step in zip(path.rows, path.certainties, path.bases, strict=True))


def chain_of(path: Path, hops: Rows, past: Past) -> Chain:
    """The chain of a path.

    Parameters
    ----------
    path
        From `graphmap.graph.paths`.
    hops
        Rows of HOPS, among them those of the path (`graphmap.graph.table.HopTable.take`).
    past
        `graphmap.graph.rarity.past` of all hops.
    """
    steps = hops_along(path, hops)
    return Chain(
        id=stable_id("c", *(hop_key(hops, row) for row in path.rows)),
        hosts=(steps[0].src, *(hop.dst for hop in steps)),
        users=tuple(hop.user for hop in steps),
        start=steps[0].start,
        end=_end_of(steps),
        certainty=round(path.certainty, 6),
        score=round(path.certainty * surprise(path, hops, past), 6),
        hops=steps,
    )


def surprise(path: Path, hops: Rows, past: Past) -> float:
    """How much of a path was not seen before it: the sum of its hops' novelty, and 1 for each change of account."""
    accounts = [hops[row]["account"] for row in path.rows]
    switches = sum(bool(a and b and a != b) for a, b in pairwise(accounts))
    return sum((past.novelty(row) for row in path.rows), 0.0) + switches


def _end_of(hops: tuple[Hop, ...]) -> datetime | None:
    """When the last of the sessions ended; None while one of them has no known end."""
    latest = max(hop.end or END_OF_TIME for hop in hops)
    return None if latest == END_OF_TIME else latest
