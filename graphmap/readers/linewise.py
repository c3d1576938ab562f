"""The walk through a log of lines that readers share: each line is put somewhere, and batches are taken on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from graphmap.readers.growing import Growing, pause
from graphmap.readers.lines import BadLine, after, split_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphmap.readers.base import Batch, Source


_SNIFFED_LINES = 50


class Builder(Protocol):
    """What gathers a source: `BatchBuilder` and `RecordBuilder`."""

    lines: int

    @property
    def full(self) -> bool:
        """It is time to `take`."""

    def reject(self, line: int, reason: str, text: str) -> None:
        """Add a line that was not understood."""

    def take(self, position: int) -> Iterator[Batch]:
        """Give what was gathered, and start anew."""


def read_linewise(
    source: Source,
    batch: Builder,
    scan: Callable[[int, str], None],
    finish: Callable[[], None] | None = None,
) -> Iterator[Batch]:
    """Give every line of a source to `scan` with its number, and the batches as they fill.

    `scan` puts the line into `batch` as an event, a reject, context or other, now or by the end; `lines` is counted
    here. `finish` is called behind the last line, for readers that hold lines back. A log that grows is followed.

    Raises
    ------
    InputError
        The source cannot be opened.
    """
    position, first, more = 0, 1, True
    with source.follow() as stream:
        while more:
            for part in split_lines(stream, first):
                position, first = part.position, after(part)
                if isinstance(part, BadLine):
                    batch.lines += 1
                    batch.reject(part.line, part.reason, part.text)
                    continue
                for number, line in enumerate(part.lines, part.first):
                    batch.lines += 1
                    scan(number, line)
                    if batch.full:
                        yield from batch.take(position)
            if isinstance(stream, Growing):
                yield from batch.take(position)
            more = yield from pause(stream)
    if finish is not None:
        finish()
    yield from batch.take(position)


def first_lines(head: bytes) -> list[str]:
    """The first lines of a source that are not blank, for `Reader.sniff`; without one that its first bytes cut."""
    lines = [line for line in head.decode("utf-8", "backslashreplace").split("\n") if line.strip()]
    if len(lines) > 1 and not head.endswith(b"\n"):
        lines.pop()
    return lines[:_SNIFFED_LINES]
