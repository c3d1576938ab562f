"""Zeek's lines, one at a time and with care: what each of them becomes, and why where it becomes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.model import Witness
from graphmap.readers.batches import place
from graphmap.readers.records import Record, RecordBuilder
from graphmap.readers.zeek import logs
from graphmap.readers.zeek.header import Header
from graphmap.readers.zeek.kinds import KINDS
from graphmap.readers.zeek.objects import log_of, read_object
from graphmap.readers.zeek.values import read_count, read_interval, read_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphmap.readers.base import Source

_PORTS = {logs.SOURCE_PORT: "src_port", logs.DESTINATION_PORT: "dst_port"}
_FOREIGN = "###"  # a remark of whoever keeps the file, as Zeek's own test suite does


class Rows:
    """Reads the lines of one source in order. `header` is what the lines so far say of those that follow."""

    def __init__(self, reader: str, source: Source, usual: str | None) -> None:
        """Begin. `usual`: the log of JSON lines that do not say (`objects.usual_log`)."""
        self.reader, self.source, self.usual = reader, source, usual
        self.batch = RecordBuilder(reader, source, sensor=True)
        self.header = Header()

    def anew(self) -> Rows:
        """For lines of the same source, with nothing read."""
        return Rows(self.reader, self.source, self.usual)

    def reject(self, number: int, reason: str, text: str) -> None:
        """Count a line that cannot be read."""
        self.batch.lines += 1
        self.batch.reject(number, reason, text)

    def scan(self, number: int, line: str) -> None:
        """Read one line."""
        self.batch.lines += 1
        if not line or line.isspace():
            self.batch.other += 1
        elif line.startswith("{"):
            self._object(number, line)
        elif line.startswith(_FOREIGN):
            self.batch.context += 1
        elif (header := self.header.after(line)) is not None:
            self.header = header
            self.batch.context += 1
        else:
            self._row(number, line)

    def _object(self, number: int, line: str) -> None:
        fields = read_object(line)
        if fields is None:
            self.batch.reject(number, "not a JSON object", line)
        else:
            self._put(number, line, log_of(fields, self.usual), fields)

    def _row(self, number: int, line: str) -> None:
        header = self.header
        if not header.fields:
            self.batch.reject(number, "no line above names the columns", line)
            return
        cells = header.cells(line)
        if len(cells) != len(header.fields):
            self.batch.reject(number, f"{len(cells)} of {len(header.fields)} columns", line)
            return
        values = {
            name: value
            for column, (name, cell) in enumerate(zip(header.fields, cells, strict=True))
            if (value := header.value(column, cell)) is not None
        }
        self._put(number, line, header.path, values)

    def _put(self, number: int, line: str, path: str | None, fields: Mapping[str, str]) -> None:
        log = logs.LOGS.get(path or "")
        if log is None:
            self.batch.other += 1
            return
        record = read_fields(log, fields)
        if isinstance(record, str):
            self.batch.reject(number, record, line)
        else:
            self.batch.event(number, record)


def read_fields(log: logs.Log, fields: Mapping[str, str]) -> Record | str:
    """Make the record of a line's fields, or give the reason why there is none."""
    if logs.TIME not in fields:
        return "no time"
    time = read_time(fields[logs.TIME])
    if time is None or not RecordBuilder.is_time(time):
        return "time cannot be read"
    for name in logs.ENDS:
        if (text := fields.get(name)) and text != "-" and place(text)[1] is not None:
            return f"{name} is no address"
    numbers = read_numbers(log, fields)
    return numbers if isinstance(numbers, str) else judged(log, fields, {"time": time, **numbers})  # type: ignore[typeddict-item]


def read_numbers(log: logs.Log, fields: Mapping[str, str]) -> dict[str, int] | str:
    """The columns that are numbers, or the reason why a field is none."""
    columns: dict[str, int] = {}
    for name, column in {**_PORTS, **log.counts}.items():
        if text := fields.get(name):
            number = read_count(text)
            if number is None:
                return f"{name} is no number"
            columns[column] = number
    if log.interval and (text := fields.get(log.interval)):
        number = read_interval(text)
        if number is None:
            return f"{log.interval} is no number"
        columns["duration"] = number
    return columns


def judged(log: logs.Log, fields: Mapping[str, str], numbers: Record) -> Record:
    """Join what the numbers, the texts and the judged fields say."""
    verdict = log.judge(*(fields.get(name) for name in log.judged))
    kind = KINDS[verdict.kind]
    record = Record(
        **numbers,
        action=kind.action,
        outcome=kind.outcome,
        service=verdict.service,
        kind=verdict.kind,
        witness=Witness.NETWORK,
        command=verdict.command,
        session=fields.get(logs.UID),
    )
    if not verdict.ports:
        record["src_port"] = record["dst_port"] = None
    for name, convert in log.texts.items():
        if (text := fields.get(name)) is not None:
            record.update(convert(text))
    return record
