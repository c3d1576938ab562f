"""Records as they stand in their log, by number: what a finding shows for its proof."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import polars as pl

from graphmap.readers.base import Quote, Quoting
from graphmap.readers.lines import pick_lines
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from graphmap.readers.base import Reader, ReadOptions, Source
    from graphmap.readers.linewise import Builder


def quote(reader: Reader, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
    """Give the records of these numbers that a source has, as its reader quotes them; else as lines of text.

    Raises
    ------
    InputError
        The source cannot be opened.
    """
    if isinstance(reader, Quoting):
        return reader.quote(source, options, lines)
    return quote_lines(reader, source, options, lines)


def quote_lines(
    reader: Reader,
    source: Source,
    options: ReadOptions,
    lines: Collection[int],
    *,
    first: int = 0,
    prefix: str | None = None,
) -> Iterator[Quote]:
    """Quote lines of text. `first` and `prefix` are for formats with headings, which lines cannot be read without.

    Parameters
    ----------
    first
        How many lines at the start of the source belong to every line.
    prefix
        What lines begin with that belong to those below them.

    Notes
    -----
    Cost: one pass up to the last wanted line, which only counts newlines where nothing is wanted.
    """
    heading, wanted = set(range(1, first + 1)), set(lines)
    with source.open() as stream:
        picked = list(pick_lines(stream, wanted | heading if wanted else (), prefix))
    return (found for found in read_again(reader, source, options, picked) if found.line in wanted)


def read_again(
    reader: Reader, source: Source, options: ReadOptions, records: Sequence[tuple[int, str]]
) -> Iterator[Quote]:
    """Quote records that are a line of text each, or whatever the reader counts as one, with their events.

    All of them are read as one log, in their order, so what is said above still counts.
    """
    data = "".join(f"{text}\n" for _, text in records).encode("utf-8", "backslashreplace")
    batches = reader.read(replace(source, open=lambda: BytesIO(data)), options)
    events = pl.concat([EVENTS.to_frame(), *(batch.events for batch in batches)])
    by_place = events.partition_by("line", as_dict=True)
    none = EVENTS.to_frame()
    return (Quote(line, text, by_place.get((place,), none)) for place, (line, text) in enumerate(records, 1))


def take_quote(batch: Builder, line: int, text: str) -> Quote:
    """Quote a record that was put into `batch` and is alone there."""
    return Quote(line, text, pl.concat([EVENTS.to_frame(), *(taken.events for taken in batch.take(0))]))
