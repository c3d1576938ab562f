"""What every reader of logs is given, gives back, and promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol, runtime_checkable

import polars as pl

from graphmap.tables import EVENTS, REJECTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

NO_EVENTS, NO_REJECTS = EVENTS.to_frame(), REJECTS.to_frame()
"""Made once: a frame of so many columns costs more than the reading of a short line."""
HEAD_BYTES = 65536
"""How much of a source `Reader.sniff` is shown."""


@dataclass(frozen=True, slots=True)
class Source:
    """One log, already decompressed.

    Parameters
    ----------
    name
        As the user gave it: what goes into the `file` column.
    open
        Opens the decompressed bytes from the start. A source that cannot be read twice (standard input) is spooled.
    modified
        When the file was last written; None where nothing is known. The latest time a line without a year can have.
    host
        The host whose log this is, for lines that do not name one; None where nothing is known.
    tail
        Where the log still grows: opens it to be followed (`graphmap.readers.growing`); `open` then gives what is
        there by now.
    """

    name: str
    open: Callable[[], BinaryIO]
    modified: datetime | None = None
    host: str | None = None
    tail: Callable[[], BinaryIO] | None = None

    def follow(self) -> BinaryIO:
        """Open it to be read once, from its start to its end, as far away as that may be.

        For readers that give way where there is no more for now (`graphmap.readers.growing.pause`).
        """
        return (self.tail or self.open)()


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says about the logs.

    `year` is the year of the first line that has none; None to infer it. `zone` is that of stamps without offset.
    `readers` are the user's own, such as those of mapping files; they are asked before all others.
    """

    year: int | None = None
    zone: tzinfo = UTC
    readers: tuple[Reader, ...] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Part of a source, in file order.

    `events` has schema EVENTS and `rejects` REJECTS, except that `repeat` is 0 everywhere: who gathers the batches
    counts repeats. `lines` counts every line read; `context` those that were understood and report no event;
    `other` those of other programs. A line is never in none of these. (A line that stands for several events, such as
    "message repeated 3 times", gives several rows with one line number.)
    """

    events: pl.DataFrame = field(default_factory=lambda: NO_EVENTS)
    rejects: pl.DataFrame = field(default_factory=lambda: NO_REJECTS)
    lines: int = 0
    context: int = 0
    other: int = 0
    position: int = 0
    """Bytes of the decompressed source read so far, for progress."""


class Reader(Protocol):
    """One log format.

    A reader never raises on the content of a log: what it cannot read becomes a reject. It holds no state between
    calls, and its memory is bounded whatever the size of the source.
    """

    @property
    def name(self) -> str:
        """Short, lower case, unique: what the `reader` column says."""

    @property
    def title(self) -> str:
        """One line for `graphmap readers`."""

    def sniff(self, head: bytes) -> bool:
        """Tell from its first bytes (at most HEAD_BYTES, decompressed) whether a source is of this format."""

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end."""


class Quote(NamedTuple):
    """A record as it stands in its log.

    `line` is its number, `text` what a person is shown of it, in one line or several. `events` of schema EVENTS are
    those that it gives when it is read again, by itself: what other records add may be null.
    """

    line: int
    text: str
    events: pl.DataFrame


@runtime_checkable
class Quoting(Protocol):
    """A reader whose records are no lines of text, or mean nothing without others, says how to quote them.

    For all others `graphmap.readers.quotes` does.
    """

    def quote(self, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
        """Give the records of these numbers that the source has, in file order.

        The cost is one pass over the source at most, and no parsing of records that were not asked for where that
        can be avoided.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
