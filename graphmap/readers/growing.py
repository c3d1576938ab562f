"""Logs that are still written: how a reader gives way where there is no more for now, and goes on when there is.

What a reader knows of a log (the year, what a process said before, a header above) is in its call of `read`. So a log
that grows is one call that lasts: the reader reads whole lines to where the log ends for now, gives the batch that it
has, and `pause` then gives the mark PAUSED. Whoever follows the log asks for the next batch when there is more.

    more = True
    while more:
        for block in read_blocks(stream, ...): ...
        yield from batch.take(position)
        more = yield from pause(stream)

A log that does not grow is read the same way, and `pause` gives nothing.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from graphmap.readers.base import Batch

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import BinaryIO

PAUSED = Batch()
"""Not a batch but a mark, known by its identity: all that is there by now was read and given."""


class Growing(io.RawIOBase):
    """The bytes of a log that is still written; a read gives none where there are no more for now.

    What it gives up to such a place ends with a newline, unless `ended`.
    """

    @property
    def more(self) -> bool:
        """Whether there is more now, or may be later."""
        raise NotImplementedError


def pause(stream: BinaryIO) -> Generator[Batch, None, bool]:
    """Give PAUSED where the stream grows; say whether to read on.

    Call it when the stream has given no more and all that was read of it has been given.
    """
    if not isinstance(stream, Growing):
        return False
    yield PAUSED
    return stream.more


def place(stream: BinaryIO) -> int:
    """How many bytes of it were read in the calls before; 0 for a stream that does not grow."""
    return stream.tell() if isinstance(stream, Growing) else 0
