"""Sysmon for Linux: clients that were started, connections, and written keys and logs, as XML in lines of syslog.

``Nov 23 14:06:07 web1 sysmon: <Event><System>...</System><EventData><Data Name="Image">/usr/bin/ssh</Data>...``

Sources: the manifest and the field descriptions of Sysmon (Sysinternals), sysmonforlinux's README. Its process's
`TerminalSessionId` is the session id of the audit system.
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import unescape

from graphmap.model import Action, Outcome, Witness
from graphmap.readers.clients import CLIENTS, COMMAND_CHARACTERS, SERVERS, is_far_end
from graphmap.readers.kinds import Kind
from graphmap.readers.linewise import first_lines, read_linewise
from graphmap.readers.records import Record, RecordBuilder
from graphmap.readers.stamps import Clock
from graphmap.readers.syslog import split_header
from graphmap.readers.watched import watched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.base import Batch, ReadOptions, Source

SYSMON_KINDS: dict[str, Kind] = {
    "client-started": Kind(Action.PROCESS, Outcome.UNKNOWN, "a client program was started (event 1)"),
    "server-started": Kind(Action.PROCESS, Outcome.UNKNOWN, "the far end of a transfer was started (event 1)"),
    "connect": Kind(Action.CONNECTION, Outcome.UNKNOWN, "an SSH client or sshd, or any program to port 22, connected"),
    "accept": Kind(Action.CONNECTION, Outcome.UNKNOWN, "a connection came in to sshd or port 22 (event 3)"),
    "keys-written": Kind(Action.FILE, Outcome.UNKNOWN, "a file of authorized keys was made or removed (11, 23, 26)"),
    "log-written": Kind(Action.FILE, Outcome.UNKNOWN, "a log of logins was made or removed (11, 23, 26)"),
    "sysmon-started": Kind(Action.PROCESS, Outcome.UNKNOWN, "Sysmon started (event 4)"),
    "sysmon-ended": Kind(Action.PROCESS, Outcome.UNKNOWN, "Sysmon stopped (event 4)"),
    "sysmon-changed": Kind(Action.PROCESS, Outcome.UNKNOWN, "what Sysmon watches was changed (event 16)"),
}
"""Every kind that the sysmon-linux reader gives."""

_SSHD = frozenset({"sshd", "sshd-session", "sshd-auth"})
_SSH_PORT = "22"
_UNSET = "4294967295"
_ID = re.compile(r"<EventID[^>]{0,100}>(\d{1,5})</EventID>")
_COMPUTER = re.compile(r"<Computer>([^<]{0,255})</Computer>")
_CREATED = re.compile(r"<TimeCreated SystemTime=[\"']([^\"']{0,40})[\"']\s?/>")
_DATA = re.compile(r"<Data Name=[\"']([A-Za-z]{1,64})[\"'](?:/>|>([^<]*)</Data>)")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?)Z?")
_ENTITIES = {"&quot;": '"', "&apos;": "'"}


class _Event(NamedTuple):
    """One event of Sysmon, its data unescaped."""

    id: str
    host: str | None
    stamp: str
    data: dict[str, str]

    def get(self, name: str) -> str | None:
        value = self.data.get(name)
        return None if value in {"-", ""} else value

    def number(self, name: str) -> int | None:
        value = self.data.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None  # noqa: PLR2004 - beyond any id

    @property
    def program(self) -> str:
        return (self.get("Image") or "").rpartition("/")[2]


class SysmonLinuxReader:
    """Reads Sysmon's lines in syslog; other lines, and Sysmon's about anything else, are counted and left alone."""

    name = "sysmon-linux"
    title = "Sysmon for Linux: XML in lines of syslog"

    def sniff(self, head: bytes) -> bool:
        """Tell whether half of the first lines or more are Sysmon's."""
        lines = first_lines(head)
        return bool(lines) and 2 * sum(_xml(line) is not None for line in lines) >= len(lines)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options` do not matter: Sysmon's stamps are complete.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        batch = RecordBuilder(self.name, source)
        clock = Clock(UTC, lambda: 1970)

        yield from read_linewise(source, batch, lambda number, line: _scan(batch, clock, number, line))


def _scan(batch: RecordBuilder, clock: Clock, number: int, line: str) -> None:
    found = _xml(line)
    if found is None:
        batch.other += 1
        return
    event = _event(*found)
    if isinstance(event, str):
        batch.reject(number, event, line)
        return
    read = _READERS.get(event.id)
    record = read(event) if read else None
    if record is None:
        batch.other += 1
    elif (time := clock.read(event.stamp)) is None:
        batch.reject(number, "time stamp does not exist", line)
    else:
        batch.event(number, Record(**{**record, "time": time}))


def _xml(line: str) -> tuple[str | None, str] | None:
    """Give the host of the header and the XML; None for a line that is not Sysmon's."""
    if "<Event>" not in line and "<Event " not in line:
        return None
    header = split_header(line)
    if header is None or (header.program or "").rpartition("/")[2] != "sysmon":
        return None
    return header.host, header.message


def _event(host: str | None, text: str) -> _Event | str:
    """Take an event apart; the reason why it is not understood, where it is not.

    Sysmon escapes what it quotes. Where a field is there twice somebody's text was not escaped, and neither counts.
    """
    number, computer, created = _ID.search(text), _COMPUTER.search(text), _CREATED.search(text)
    if number is None or not text.rstrip().endswith("</Event>"):
        return "event is cut"
    pairs = _DATA.findall(text)
    data = {name: unescape(value, _ENTITIES) for name, value in pairs}
    if len(data) < len(pairs):
        return "ambiguous: a field is there twice"
    stamp = _STAMP.fullmatch(data.get("UtcTime") or (created[1] if created else ""))
    if stamp is None:
        return "time stamp does not exist"
    return _Event(number[1], computer[1] if computer and computer[1] else host, stamp[1], data)


def _process(event: _Event) -> Record | None:
    program = event.program
    if program not in CLIENTS and program not in SERVERS:
        return None
    command = event.get("CommandLine") or program
    kind = "server-started" if is_far_end(program, command.split()) else "client-started"
    return _record(kind, event, command=command)


def _network(event: _Event) -> Record | None:
    program, port = event.program, event.get("DestinationPort")
    if program not in CLIENTS and program not in _SSHD and port != _SSH_PORT:
        return None
    outgoing = (event.get("Initiated") or "true") == "true"
    record = _record("connect" if outgoing else "accept", event)
    record["src"], record["src_port"] = event.get("SourceIp"), event.number("SourcePort")
    record["dst"], record["dst_port"] = event.get("DestinationIp"), event.number("DestinationPort")
    if outgoing:
        record["src_host"], record["dst_host"] = event.host, None
    return record


def _file(event: _Event) -> Record | None:
    path = event.get("TargetFilename") or ""
    what = watched(path)
    words = {"11": "create", "23": "delete", "26": "delete"}
    return _record(f"{what}-written", event, command=f"{words[event.id]} {path}") if what else None


def _state(event: _Event) -> Record:
    return _record("sysmon-ended" if event.get("State") == "Stopped" else "sysmon-started", event)


def _change(event: _Event) -> Record:
    return _record("sysmon-changed", event, command=event.get("Configuration"))


_READERS = {"1": _process, "3": _network, "4": _state, "11": _file, "16": _change, "23": _file, "26": _file}


def _record(kind: str, event: _Event, *, command: str | None = None) -> Record:
    means = SYSMON_KINDS[kind]
    session = event.get("TerminalSessionId")
    client = kind in {"client-started", "connect"}
    return Record(
        kind=kind,
        action=means.action,
        outcome=means.outcome,
        service="audit" if kind.startswith(("sysmon", "log")) else "ssh",
        witness=Witness.CLIENT if client else Witness.SERVER,
        user=event.get("User"),
        dst_host=event.host,
        session=f"audit:{session}" if session and session != _UNSET else None,
        pid=event.number("ProcessId"),
        client=event.program or None,
        command=command[:COMMAND_CHARACTERS] if command else None,
    )
