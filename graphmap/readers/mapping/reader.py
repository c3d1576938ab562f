"""A reader made of a mapping."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, cast

from graphmap.model import Action, Outcome, Witness
from graphmap.readers.base import ReadOptions, Source
from graphmap.readers.batches import place
from graphmap.readers.growing import pause
from graphmap.readers.lines import BadLine, after, split_lines
from graphmap.readers.mapping.model import ADDRESSES, NUMBERS, REQUIRED, Filling, Format
from graphmap.readers.mapping.rows import Row, Table, rows
from graphmap.readers.moments import Moments, length
from graphmap.readers.quotes import quote_lines
from graphmap.readers.records import NOBODY, Record, RecordBuilder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from graphmap.readers.base import Batch, Quote
    from graphmap.readers.mapping.model import Mapping
    from graphmap.readers.mapping.rows import Read

Result = Record | str | None
"""An event, why there is none, or None for a row that the mapping leaves to others."""

TRIED_LINES = 20
"""Lines of a file without a header that must be of the mapping's kind for the file to be taken."""
HEADER_LINES = 32
"""Lines at the start of a file among which its header is, where it has one."""
STEP = 4096
"""Lines parted into fields at a time."""
_DIGITS = re.compile(r"\d{1,19}", re.ASCII)


class MappingReader:
    """Reads any log whose lines have fields, by a mapping that says which field is what."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.version = mapping.version

    @property
    def name(self) -> str:
        """The mapping's."""
        return self.mapping.name

    @property
    def title(self) -> str:
        """The mapping's."""
        return self.mapping.title

    def sniff(self, head: bytes) -> bool:
        """Tell whether the header names every field that is wanted; without a header, whether most lines are events."""
        lines = [line.removesuffix("\r") for line in head.decode("utf-8", "backslashreplace").split("\n")]
        whole = lines if len(lines) == 1 else lines[:-1]
        tried = [line.removeprefix("\ufeff") for line in whole if line.strip() and not line.startswith("#")][
            :TRIED_LINES
        ]
        if not tried:
            return False
        if self.mapping.format is Format.CSV and Table(self.mapping).has(tried[0]):
            return True
        return (self.mapping.format is not Format.CSV or self.mapping.header is not None) and self._mostly(tried)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        sensor = self.mapping.witness == Witness.NETWORK  # whose host is no destination
        batch = RecordBuilder(self.name, replace(source, host=None) if sensor else source)
        mapper = Mapper(self.mapping, source, options)
        parser = rows(self.mapping)
        position, first, more = 0, 1, True
        with source.follow() as stream:
            while more:
                for part in split_lines(stream, first):
                    position, first = part.position, after(part)
                    if isinstance(part, BadLine):
                        batch.lines += 1
                        batch.reject(part.line, part.reason, part.text)
                        continue
                    for start in range(0, len(part.lines), STEP):
                        lines = part.lines[start : start + STEP]
                        numbered = enumerate(lines, part.first + start)
                        for line, read in zip(numbered, parser.read(lines), strict=True):
                            _place(batch, mapper, line, read)
                        if batch.full:
                            yield from batch.take(position)
                yield from batch.take(position)
                more = yield from pause(stream)

    def quote(self, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
        """Quote lines; those of a table mean nothing without its header.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        return quote_lines(self, source, options, lines, first=HEADER_LINES)

    def _mostly(self, lines: list[str]) -> bool:
        mapper = Mapper(self.mapping, Source("", BytesIO), ReadOptions())
        results = [self._tried(mapper, read) for read in rows(self.mapping).read(lines) if read is not None]
        return results.count("event") > results.count("reject")

    def _tried(self, mapper: Mapper, read: list[Row] | str) -> str:
        result = mapper.line(read)
        if isinstance(result, str) or isinstance(read, str):
            return "reject"
        if not result:
            return "other"
        whole = all(any(_first(row, group) for row in read) for group in self.mapping.wanted)
        return "event" if whole else "reject"


def _place(batch: RecordBuilder, mapper: Mapper, numbered: tuple[int, str], read: Read) -> None:
    """Put a line where it belongs: events, context, other or rejects."""
    number, line = numbered
    batch.lines += 1
    if not line.strip():
        batch.other += 1
    elif read is None:
        batch.context += 1
    elif isinstance(result := mapper.line(read), str):
        batch.reject(number, result, line)
    elif not result:
        batch.other += 1
    else:
        for record in result:
            batch.event(number, record)


class Mapper:
    """Makes records of the rows of one log."""

    def __init__(self, mapping: Mapping, source: Source, options: ReadOptions) -> None:
        self._mapping = mapping
        filled = mapping.columns.items()
        self._constants = {column: filling.constant for column, filling in filled if filling.constant is not None}
        self._fillings = [(column, filling) for column, filling in filled if filling.constant is None]
        self._begin = Moments(source, options, mapping.time.forms)
        self._end = Moments(source, options, mapping.end.forms) if mapping.end else None

    def line(self, read: list[Row] | str) -> list[Record] | str:
        """The records of a line's rows, which may be none; where one row cannot be read, why."""
        if isinstance(read, str):
            return read
        results = [self.record(row) for row in read]
        wrong = next((result for result in results if isinstance(result, str)), None)
        return wrong or [result for result in results if isinstance(result, dict)]

    def record(self, row: Row) -> Result:
        """The record of a row."""
        for name, values in self._mapping.where.items():
            if (row(name) or "").casefold() not in values:
                return None
        time = self._moment(row)
        if isinstance(time, str):
            return time
        columns: dict[str, object] = {"time": time, **self._constants}
        for column, filling in self._fillings:
            value = _fill(filling, row)
            strict = filling.values is not None and filling.default is None
            if value is None and strict and (found := _first(row, filling.fields)):
                return f"{column}: the mapping has no value for {found[:60]!r}"
            if value is not None:
                columns[column] = _converted(column, value)
        return self._finished(columns, row, time)

    def _finished(self, columns: dict[str, object], row: Row, time: int) -> Result:
        for name in REQUIRED:
            if (columns.get(name) or "") in NOBODY:
                return f"{name}: the line has none"
        outcome = columns.get("outcome") or Outcome.UNKNOWN.value
        if outcome == Outcome.SUCCESS and columns["action"] != Action.LOGON:
            outcome = Outcome.UNKNOWN.value
        columns["outcome"] = outcome
        if (columns.get("kind") or "") in NOBODY:
            columns["kind"] = columns["action"]
        columns["duration"] = self._duration(row, time)
        return cast("Record", columns)

    def _moment(self, row: Row) -> int | str:
        when = self._mapping.time
        text = " ".join(row(name) or "" for name in when.fields) if when.joined else _first(row, when.fields)
        moment = self._begin.read(text) if text else None
        if moment is None:
            return "time: the line has none" if not text else f"time: {text[:60]!r} is none"
        return moment if RecordBuilder.is_time(moment) else "time stamp does not exist"

    def _duration(self, row: Row, time: int) -> int | None:
        lasting, end = self._mapping.duration, self._mapping.end
        if lasting is not None and (text := _first(row, lasting.fields)):
            return length(text, lasting.unit)
        if end is None or self._end is None:
            return None
        text = _first(row, end.fields)
        until = self._end.read(text) if text else None
        return None if until is None else until - time


def _first(row: Row, fields: tuple[str, ...]) -> str | None:
    return next((text for name in fields if (text := row(name) or "") not in NOBODY), None)


def _fill(filling: Filling, row: Row) -> str | None:
    """What a row has for a column: of several fields the first that has something, or that `values` knows."""
    for name in filling.fields:
        text = row(name) or ""
        if text in NOBODY:
            continue
        if filling.before is not None:
            text = text.partition(filling.before)[0]
        if filling.after is not None:
            text = text.partition(filling.after)[2]
        if filling.values is None:
            return text
        if (meaning := filling.values.get(text.strip().casefold())) is not None:
            return meaning
    return filling.default or None


def _converted(column: str, text: str) -> str | int | None:
    """A text as its column holds it; None for a number or an address that is none."""
    if column in NUMBERS:
        return int(text.strip()) if _DIGITS.fullmatch(text.strip()) else None
    return place(text)[0] if column in ADDRESSES else text
