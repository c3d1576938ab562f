"""Every reader gives of a log that grows what it gives of the whole log: the same rows, the same counts."""

from __future__ import annotations

import io
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphmap.readers import READERS, Batch, Reader, ReadOptions, Source
from graphmap.readers.growing import PAUSED, Growing
from graphmap.readers.sshd import SshdReader
from graphmap.readers.zeek import ZeekReader
from graphmap.tables import EVENTS, REJECTS
from tests.contracts.test_readers import SAMPLES
from tests.pipeline.logs import lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OPTIONS = ReadOptions(year=2026)
WHOLE = {"journald-export", "utmp", "evtx", "windows-xml"}
"""Those that do not follow: their records are no lines. A watch reads such a log again when it has changed."""
NOISE = [
    b"",
    b"\n",
    b"not a line of any log\n",
    b"{}\n",
    b"\xff\xfe\x00\n",
    b"Mar  1 10:00:01 srv last message repeated 3 times\n",
]


class Parts(Growing):
    """A log that has grown by one part more each time that it is asked to go on."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        super().__init__()
        self._parts = list(parts)
        self._now = io.BytesIO()
        self._given = 0

    def readable(self) -> bool:
        return True

    @property
    def more(self) -> bool:
        return bool(self._parts) or self._now.tell() < len(self._now.getbuffer())

    def tell(self) -> int:
        return self._given

    def grow(self) -> None:
        self._now = io.BytesIO(self._parts.pop(0) if self._parts else b"")

    def read(self, size: int = -1) -> bytes:
        data = self._now.read(size)
        self._given += len(data)
        return data


class Answer(NamedTuple):
    events: list[tuple[object, ...]]
    rejects: list[tuple[object, ...]]
    lines: int
    context: int
    other: int


def answer(batches: Sequence[Batch]) -> Answer:
    return Answer(
        pl.concat([EVENTS.to_frame(), *(batch.events for batch in batches)]).rows(),
        pl.concat([REJECTS.to_frame(), *(batch.rejects for batch in batches)]).rows(),
        sum(batch.lines for batch in batches),
        sum(batch.context for batch in batches),
        sum(batch.other for batch in batches),
    )


def plain(reader: Reader, data: bytes) -> Answer:
    return answer(list(reader.read(Source("log", lambda: io.BytesIO(data)), OPTIONS)))


def followed(reader: Reader, parts: Sequence[bytes]) -> tuple[Answer, int]:
    """What a reader gives of a log that grows, and how often it gave way."""
    stream = Parts(parts)
    stream.grow()
    seen: list[Batch] = []
    pauses = 0
    source = Source("log", lambda: io.BytesIO(b"".join(parts)), tail=lambda: cast("BinaryIO", stream))
    for batch in _read(reader, source):
        if batch is PAUSED:
            pauses += 1
            stream.grow()
        else:
            seen.append(batch)
    return answer(seen), pauses


def _read(reader: Reader, source: Source) -> Iterator[Batch]:
    yield from reader.read(source, OPTIONS)


NAMES = [reader.name for reader in READERS if reader.name not in WHOLE]
READING = [*(READERS[name] for name in NAMES), SshdReader(compiled=True), ZeekReader(compiled=True)]


@pytest.mark.parametrize("reader", READING, ids=[*NAMES, "sshd compiled", "zeek compiled"])
@settings(max_examples=15)
@given(data=st.data())
def test_a_log_that_grows_is_read_as_the_whole(reader: Reader, data: st.DataObject) -> None:
    sample = SAMPLES[reader.name].removesuffix(b"\n").split(b"\n")
    drawn = data.draw(st.lists(st.one_of(st.just(sample[-1] + b"\n"), st.sampled_from(NOISE)), max_size=12))
    content = [line + b"\n" for line in sample] + [line for line in drawn if line]
    cuts = sorted(data.draw(st.sets(st.integers(1, len(content)), max_size=5)))
    places = sorted({0, *cuts, len(content)})
    parts = [b"".join(content[a:b]) for a, b in itertools.pairwise(places)]
    expected = plain(reader, b"".join(content))
    assert expected.lines == len(content)
    found, pauses = followed(reader, parts)
    assert found == expected
    assert pauses == len(parts)


@pytest.mark.parametrize("compiled", [False, True])
def test_what_was_said_before_a_pause_is_known_behind_it(compiled: bool) -> None:
    """The year, a repeated line, a refusal that PAM reported first, and the number of the line."""
    said = [
        b"Dec 31 23:59:59 srv sshd[7]: Accepted password for bob from 1.2.3.4 port 5 ssh2\n",
        b"Jan  1 00:00:01 srv last message repeated 2 times\n",
        b"Jan  1 00:00:02 srv sshd[8]: error: PAM: Authentication failure for bob from 1.2.3.4\n",
        b"Jan  1 00:00:02 srv sshd[8]: Failed keyboard-interactive/pam for bob from 1.2.3.4 port 5 ssh2\n",
        b"nonsense\n",
    ]
    reader = SshdReader(compiled=compiled)
    found, pauses = followed(reader, said)
    assert found == plain(reader, b"".join(said))
    assert pauses == len(said)
    times = [row[EVENTS.names().index("time")] for row in found.events]
    assert [time.year for time in times] == [2026, 2027, 2027, 2027, 2027]  # type: ignore[attr-defined]


def test_a_large_part_is_read_fast_and_what_follows_with_care() -> None:
    """The compiled scanner takes over in the middle of a log and gives it back."""
    small, large = "".join(lines(40)).encode(), "".join(lines(3000, first=40)).encode()
    rest = "".join(lines(40, first=3040)).encode()
    reader = SshdReader()
    list(SshdReader(compiled=True).read(Source("log", lambda: io.BytesIO(small)), OPTIONS))
    found, _ = followed(reader, [small, large, rest])
    assert found == plain(SshdReader(compiled=False), small + large + rest)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_reader_that_does_not_follow_reads_what_is_there(name: str) -> None:
    reader, data = READERS[name], SAMPLES[name]
    source = Source("log", lambda: io.BytesIO(data), tail=lambda: cast("BinaryIO", Parts([data])))
    assert answer(list(reader.read(source, OPTIONS))) == answer(list(reader.read(replace(source, tail=None), OPTIONS)))
