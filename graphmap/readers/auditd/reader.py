"""The reader of audit logs: finds the records that matter here, and counts the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.model import Witness
from graphmap.readers.auditd.assembly import Assembly
from graphmap.readers.auditd.grammar import is_kernel_line, number, parse_fields, parse_record
from graphmap.readers.auditd.interpreted import interpreter_of, is_interpreted
from graphmap.readers.auditd.kinds import AUDITD_KINDS
from graphmap.readers.auditd.logins import LOGIN_TYPES, Logins
from graphmap.readers.auditd.names import Names
from graphmap.readers.auditd.system import SYSTEM_TYPES, System
from graphmap.readers.clients import COMMAND_CHARACTERS
from graphmap.readers.lines import pick_lines
from graphmap.readers.linewise import first_lines, read_linewise
from graphmap.readers.quotes import read_again
from graphmap.readers.records import Record, RecordBuilder
from graphmap.readers.sources import read_head

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from graphmap.readers.auditd.assembly import Numbered
    from graphmap.readers.auditd.grammar import AuditRecord
    from graphmap.readers.auditd.interpreted import Interpreter
    from graphmap.readers.base import Batch, Quote, ReadOptions, Source

_DAEMON = {
    "DAEMON_START": "audit-started", "DAEMON_RESUME": "audit-started", "DAEMON_END": "audit-ended", "DAEMON_ABORT":
    "audit-ended", "DAEMON_CONFIG": "audit-changed", "CONFIG_CHANGE": "audit-changed",
}  # fmt: skip
_DETAILS = frozenset({"auid", "uid", "ses", "subj", "pid", "AUID", "UID", "res"})
_APART = 64
_SEARCHED = ("----", "time->")  # what ausearch puts between events


class AuditdReader:
    """Reads raw and enriched audit logs; records about anything else are counted and left alone."""

    name = "auditd"
    title = "Linux audit: audit.log, ausearch --raw and -i, lines forwarded by audispd or printed by the kernel"

    def sniff(self, head: bytes) -> bool:
        """Tell whether half of the first lines or more are audit records, or one is and all are of the kernel."""
        lines = first_lines(head)
        lines = [line for line in lines if not line.startswith(_SEARCHED)]
        found = sum(parse_record(line) is not None or is_interpreted(line) for line in lines)
        return bool(found) and (2 * found >= len(lines) or all(map(is_kernel_line, lines)))

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options.zone` is that of ``ausearch -i``; other stamps are complete.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        batch = RecordBuilder(self.name, source)
        scanner = _Scanner(batch, source.host, interpreter_of(_head(source), options.zone))
        yield from read_linewise(source, batch, scanner.scan, scanner.finish)

    def quote(self, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
        """Quote records, each with the others of its event, as far as they stand within 64 lines of it.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        wanted = {near for line in lines for near in range(line - _APART, line + _APART + 1)}
        interpreter = interpreter_of(_head(source), options.zone)

        def event_of(line: str) -> tuple[str | None, int, str] | None:
            record = parse_record(line) or interpreter.parse(line)
            return record and (record.node, record.time, record.serial)

        with source.open() as stream:
            near = {line: (text, event_of(text)) for line, text in pick_lines(stream, wanted)}
        events = {line: near[line][1] for line in lines if line in near}
        told = [(line, text) for line, (text, event) in near.items() if event and event in events.values()]
        for quoted in read_again(self, source, options, told):
            if (event := events.get(quoted.line)) is not None:
                records = [text for line, text in told if near[line][1] == event]
                yield quoted._replace(text="\n".join(records))


def _head(source: Source) -> str:
    return read_head(source).decode("utf-8", "backslashreplace")


class _Scanner:
    """The state of one reading: the logins under way, and the events of the kernel that are not complete yet."""

    def __init__(self, batch: RecordBuilder, host: str | None, interpreter: Interpreter) -> None:
        self._batch = batch
        self._interpreter = interpreter
        self._names = Names()
        self._logins = Logins(self._names)
        self._system = System(self._names, host)
        self._assembly = Assembly()

    def scan(self, line: int, text: str) -> None:
        record = parse_record(text) or self._interpreter.parse(text)
        if record is None:
            self._unknown(line, text)
        elif not self._batch.is_time(record.time):
            self._batch.reject(line, "time stamp does not exist", text)
        elif record.type in SYSTEM_TYPES:
            for records in self._assembly.add(line, record):
                self._assembled(records)
        else:
            self._single(line, record)

    def finish(self) -> None:
        for records in self._assembly.rest():
            self._assembled(records)

    def _unknown(self, line: int, text: str) -> None:
        if not text.strip() or text.startswith(_SEARCHED) or is_kernel_line(text):
            self._batch.other += 1
        else:
            self._batch.reject(line, "not an audit record", text)

    def _single(self, line: int, record: AuditRecord) -> None:
        event = None
        if record.type in LOGIN_TYPES:
            event = self._logins.read(record, parse_fields(record.body))
        elif record.type in _DAEMON:
            event = self._tampering(record)
        else:
            self._batch.other += 1
            return
        if event is None:
            self._batch.context += 1
        else:
            self._batch.event(line, event)

    def _tampering(self, record: AuditRecord) -> Record:
        fields = parse_fields(record.body)
        kind = _DAEMON[record.type]
        if kind == "audit-changed" and fields.get("res") in {"0", "failed", "no"}:
            kind = "audit-change-failed"
        means = AUDITD_KINDS[kind]
        said = " ".join(f"{name}={value}" for name, value in fields.items() if name not in _DETAILS)
        return Record(
            time=record.time,
            action=means.action,
            outcome=means.outcome,
            kind=kind,
            service="audit",
            witness=Witness.SERVER,
            user=self._names.of(record.node, fields, "auid"),
            dst_host=record.node,
            pid=number(fields, "pid"),
            command=said[:COMMAND_CHARACTERS] or None,
        )

    def _assembled(self, records: list[Numbered]) -> None:
        events = self._system.read(records)
        for line, event in events:
            self._batch.event(line, event)
        rest = len({line for line, _ in records} - {line for line, _ in events})
        if events:
            self._batch.context += rest
        else:
            self._batch.other += rest
