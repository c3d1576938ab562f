"""EVTX files: the event log of Windows as it lies on disk, and as ``wevtutil epl`` exports it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from graphmap.readers.compression import CutStreamError
from graphmap.readers.quotes import take_quote
from graphmap.readers.records import RecordBuilder
from graphmap.readers.windows.chunks import CHUNK_BYTES, CHUNK_MAGIC, FILE_MAGIC, HEADER_BYTES, Lost, decode, pieces
from graphmap.readers.windows.event import Event, heading_of, is_failure, microseconds, number, text_of, texts_of
from graphmap.readers.windows.meanings import knows_code, put

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import BinaryIO

    from graphmap.readers.base import Batch, Quote, ReadOptions, Source

_CODE = re.compile(r'"EventID":"?(\d{1,9})"?[,}]')


class EvtxReader:
    """Reads EVTX files, damaged ones too. `line` is the place of the record among those in the file, from 1."""

    name = "evtx"
    title = "Windows event log files (.evtx)"

    def sniff(self, head: bytes) -> bool:
        """Tell whether a source begins as an EVTX file does."""
        return head.startswith(FILE_MAGIC)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end, one chunk of 64 KiB at a time. `options` do not matter: stamps are in UTC.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        batch = RecordBuilder(self.name, source)
        line = position = 0
        with source.open() as stream:
            for block in _blocks(stream):
                position += len(block.data)
                for found in _Records(block):
                    line += 1
                    batch.lines += 1
                    _scan(batch, line, found)
                if batch.full:
                    yield from batch.take(position)
        yield from batch.take(position)

    def quote(self, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
        """Quote records as JSON; only the chunks that hold them are decoded.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        line, last = 0, max(lines, default=0)
        with source.open() as stream:
            for block in _blocks(stream):
                if line >= last:
                    return
                records = _Records(block)
                if not set(lines).isdisjoint(range(line + 1, line + 1 + len(records))):
                    for number, found in enumerate(records, line + 1):
                        if number in lines and isinstance(found, str):
                            batch = RecordBuilder(self.name, source)
                            _scan(batch, number, found)
                            yield take_quote(batch, number, found)
                line += len(records)


class _Block:
    """The header of a file, or a chunk of it, with what was wrong in reading it."""

    def __init__(self, number: int, data: bytes, problem: str | None) -> None:
        self.number = number
        self.data = data
        self.problem = problem


def _blocks(stream: BinaryIO) -> Iterator[_Block]:
    """Read the header, number 0, and the chunks; the last one may be short."""
    index, size, problem = 0, HEADER_BYTES, None
    while problem is None:
        data = b""
        try:
            while len(data) < size and (more := stream.read(size - len(data))):
                data += more
        except (CutStreamError, OSError) as error:
            problem = str(error)
        if data and len(data) < size and problem is None:
            problem = "file ends early"
        if data or problem:
            yield _Block(index, data, problem)
        if len(data) < size:
            return
        index, size = index + 1, CHUNK_BYTES


class _Records:
    """The records of a chunk in file order, and what is lost of it. Their number is known without decoding them."""

    def __init__(self, block: _Block) -> None:
        data = block.data if block.number and any(block.data) else b""
        within = pieces(data) if data else []
        self._damaged = bool(data) and not data.startswith(CHUNK_MAGIC)
        if self._damaged and not any(piece.sound for piece in within):
            within = []
        self._damaged |= block.number == 0 and not block.data.startswith(FILE_MAGIC)
        self._block, self._within = block, within

    def __len__(self) -> int:
        return self._damaged + len(self._within) + (self._block.problem is not None)

    def __iter__(self) -> Iterator[str | Lost]:
        block = self._block
        where = f"chunk {block.number}" if block.number else "file header"
        if self._damaged:
            yield Lost("chunk is damaged" if block.number else "file header is damaged", where)
        for found in decode(block.data, self._within):
            yield found if isinstance(found, str) else Lost(found.reason, f"{where}, {found.text}")
        if block.problem is not None:
            yield Lost(block.problem, where)


def _scan(batch: RecordBuilder, line: int, found: str | Lost) -> None:
    if isinstance(found, Lost):
        batch.reject(line, found.reason, found.text)
        return
    code = _CODE.search(found)
    if code is not None and not knows_code(int(code[1])):  # most records: spares parsing them
        batch.other += 1
        return
    event = parse_record(found)
    if event is None:
        batch.reject(line, "record is no event", found)
    else:
        put(batch, line, event, found)


def parse_record(record: str) -> Event | None:
    """Parse a record as the decoder writes it; None where it is no event."""
    try:
        fields = json.loads(record)["Event"]
        system = fields["System"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    if not isinstance(system, dict):
        return None
    heading = heading_of(system.get("Channel"), _value(system.get("EventID")))
    if heading is None:
        return None
    return Event(
        heading=heading,
        time=microseconds(_attribute(system, "TimeCreated", "SystemTime")),
        data=_data(fields),
        provider=text_of(_attribute(system, "Provider", "Name")),
        host=text_of(system.get("Computer")),
        pid=number(_attribute(system, "Execution", "ProcessID")),
        failed=is_failure(system.get("Keywords")),
    )


def _attribute(system: dict[str, object], element: str, name: str) -> object:
    found = system.get(element)
    attributes = found.get("#attributes") if isinstance(found, dict) else None
    return attributes.get(name) if isinstance(attributes, dict) else None


def _value(element: object) -> object:
    return element.get("#text") if isinstance(element, dict) else element


def _data(fields: dict[str, object]) -> dict[str, str]:
    """Give what an event holds: the Data of its EventData by name, or the elements of its UserData."""
    if isinstance(fields.get("EventData"), dict):
        return texts_of(fields["EventData"])
    user_data = fields.get("UserData")
    if isinstance(user_data, dict):
        return next((texts_of(part) for part in user_data.values() if isinstance(part, dict)), {})
    return {}
