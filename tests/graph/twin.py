"""The slow, obvious twin of graphmap.graph: it tries every order of hops and every moment that could matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import polars as pl
from hypothesis import strategies as st

from graphmap.tables import SESSIONS

SECOND = 1_000_000
EPOCH = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Logon:
    """A session; times in microseconds after EPOCH, `end` None where unknown, `src` upper case for a known host."""

    start: int
    end: int | None
    src: str
    dst: str
    account: str
    key: str | None

    @property
    def moments(self) -> tuple[int, int]:
        return self.start, stretched(self.start)

    def open_until(self, gap: int) -> int:
        return stretched(self.start + gap if self.end is None else self.end)

    @property
    def known(self) -> bool:
        return self.src.isupper()


def stretched(stamp: int) -> int:
    """The last moment that a stamp can mean."""
    return stamp + SECOND - 1 if stamp % SECOND == 0 else stamp


def is_path(path: tuple[Logon, ...], gap: int) -> bool:
    """Whether some choice of moments makes the hops follow each other.

    If any choice does, then one does in which every moment is the earliest of some hop: push all down until they rest.
    """
    if any(not b.known or a.dst != b.src for a, b in pairwise(path)):
        return False
    ends = sorted({hop.moments[0] for hop in path})
    choices = [[m for m in ends if hop.moments[0] <= m <= hop.moments[1]] for hop in path]
    return any(
        all(a <= b for a, b in pairwise(moments))
        and all(moment <= before.open_until(gap) for before, moment in zip(path, moments[1:], strict=False))
        for moments in product(*choices)
    )


def all_paths(logons: list[Logon], gap: int) -> set[tuple[int, ...]]:
    """Every path, as the numbers of its logons. What is no path does not become one by another hop at its end."""
    found: set[tuple[int, ...]] = set()
    longer: list[tuple[int, ...]] = [(row,) for row in range(len(logons))]
    while longer:
        found.update(longer)
        longer = [
            (*path, row)
            for path in longer
            for row in range(len(logons))
            if row not in path and is_path(tuple(logons[one] for one in (*path, row)), gap)
        ]
    return found


def could_be_origin(origin: Logon, hop: Logon, gap: int) -> bool:
    return origin is not hop and is_path((origin, hop), gap)


def surely_before(origin: Logon, hop: Logon) -> bool:
    return origin.moments[1] < hop.moments[0]


def at(stamp: int | None) -> datetime | None:
    return None if stamp is None else EPOCH + timedelta(microseconds=stamp)


def session_table(logons: list[Logon]) -> pl.DataFrame:
    """SESSIONS of logons. The line number of each is its number, so that answers can be traced back."""
    return pl.DataFrame(
        [
            {
                "start": at(logon.start),
                "end": at(logon.end),
                "last": at(logon.start if logon.end is None else logon.end),
                "host": logon.dst,
                "src": logon.src,
                "src_known": logon.known,
                "src_ip": None,
                "src_port": None,
                "user": logon.account,
                "account": logon.account,
                "service": "ssh",
                "method": "publickey" if logon.key else "password",
                "key": logon.key,
                "cert_id": None,
                "command": None,
                "lines": [{"file": "log", "line": number}],
            }
            for number, logon in enumerate(logons)
        ],
        schema=SESSIONS,
    )


STAMPS = st.integers(0, 12).map(lambda quarter: quarter * SECOND // 4)
"""Quarters of seconds: every fourth is a whole second, as syslog writes it."""


@st.composite
def logons(draw: st.DrawFn, most: int = 5) -> list[Logon]:
    """Few hosts, few moments: ties, rings and self-loops are common."""
    hosts = st.sampled_from("ABC")
    return draw(
        st.lists(
            st.builds(
                lambda start, length, src, dst, account, key: Logon(
                    start, None if length is None else start + length, src, dst, account, key
                ),
                STAMPS,
                st.none() | STAMPS,
                st.sampled_from("ABCx"),
                hosts,
                st.sampled_from(["ann", "bob"]),
                st.none() | st.sampled_from(["SHA256:a", "SHA256:b"]),
            ),
            max_size=most,
        )
    )
