"""No bytes make a reader hold more than a little of them: megabytes of what an attacker may write, to every reader."""

from __future__ import annotations

import io
import tracemalloc
from typing import TYPE_CHECKING, BinaryIO, cast

import pytest

from graphmap.readers import READERS, Reader, ReadOptions, Source, batches, blocks, lines
from tests.contracts.test_readers import SAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typing_extensions import Buffer

ENDLESS = 2 << 20
"""Bytes of a line that is longer than any line may be."""
LONG = 1 << 18
"""Bytes of a line that may be so long."""
SHORT = 1 << 13
"""Bytes of very short lines."""
PEAK = 16 << 20
"""Most that a reader may allocate, when it is given blocks of 16 KiB and batches of 1,000 lines."""
BATCH = 1 << 20
"""Most that a batch may hold then."""

HOSTILE: dict[str, tuple[bytes, int]] = {
    "endless text": (b"a", ENDLESS),
    "no UTF-8": (b"\xff", LONG // 8),
    "no text": (b"\0", LONG),
    "a long quotation": (b'a\\"', LONG),
    "objects in one another": (b'{"a":', LONG),
    "arrays in one another": (b"[", LONG),
    "elements in one another": (b"<a>", LONG),
    "many fields": (b'a="b", ', LONG),
    "nothing but newlines": (b"\n", SHORT),
    "a character a line": (b"x\n", SHORT),
    "objects that begin on every line": (b'{"a":\n', SHORT),
    "quotations that begin on every line": (b'"\r\n', SHORT),
}


class Repeated(io.RawIOBase):
    """What begins as given and goes on with a pattern; it is nowhere in memory."""

    def __init__(self, head: bytes, pattern: bytes, size: int) -> None:
        self._head, self._left = head, size
        self._piece = pattern * max(1, (1 << 15) // len(pattern))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        room = memoryview(buffer)
        if not self._head and self._left > 0:
            self._head = self._piece
            self._left -= len(self._piece)
        given, self._head = self._head[: len(room)], self._head[len(room) :]
        room[: len(given)] = given
        return len(given)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (lines, blocks):
        monkeypatch.setattr(module, "BLOCK_BYTES", 1 << 14)
    monkeypatch.setattr(batches, "BATCH_LINES", 1000)


def sizes(reader: Reader, head: bytes, pattern: bytes, size: int) -> Iterator[int]:
    """What the batches hold in bytes."""
    source = Source("x", lambda: cast("BinaryIO", Repeated(head, pattern, size)), host="srv")
    for batch in reader.read(source, ReadOptions()):
        yield int(batch.events.estimated_size() + batch.rejects.estimated_size())


@pytest.mark.slow
@pytest.mark.parametrize("hostile", list(HOSTILE))
@pytest.mark.parametrize("name", [reader.name for reader in READERS])
def test_memory_is_bounded(name: str, hostile: str) -> None:
    reader, sample = READERS[name], SAMPLES[name]
    pattern, size = HOSTILE[hostile]
    head = sample[: len(sample) // 3]  # an endless line goes on where a record was cut
    list(sizes(reader, head, b"\n", 1))  # what is made once for all
    tracemalloc.start()
    try:
        largest = max(sizes(reader, head, pattern, size))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < PEAK
    assert largest < BATCH
