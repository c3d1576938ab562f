"""What the kernel's records tell of an event: a client started, a connection opened, keys or logs written.

Sources: audit.rules(7), the kernel's auditsc.c (EXECVE's arguments, PATH's nametype), sockaddr in socket.h of Linux.
"""

from __future__ import annotations

import re
import shlex
import struct
from ipaddress import IPv4Address, IPv6Address
from posixpath import join, normpath
from typing import TYPE_CHECKING, NamedTuple

from graphmap.model import Witness
from graphmap.readers.auditd.calls import CHANGES, call_name, opens_for_writing
from graphmap.readers.auditd.grammar import UNSET, base_name, number, parse_fields, plain, text
from graphmap.readers.auditd.kinds import AUDITD_KINDS
from graphmap.readers.clients import CLIENTS, COMMAND_CHARACTERS, SERVERS, is_far_end
from graphmap.readers.records import Record
from graphmap.readers.watched import watched

if TYPE_CHECKING:
    from graphmap.readers.auditd.assembly import Numbered
    from graphmap.readers.auditd.names import Names

SYSTEM_TYPES = frozenset({"SYSCALL", "EXECVE", "PATH", "CWD", "SOCKADDR"})
"""Types whose records are put together."""

_SSHD = frozenset({"sshd", "sshd-session", "sshd-auth"})
_ARGUMENTS = 64
_IN_PROGRESS = "-115"  # EINPROGRESS: a connection that is being opened (errno-base.h)
_HINT = re.compile(r"ssh|scp|sftp|rsync|plink|putty|dbclient|proxychains|auth\.log|tmp\"|lastlog|faillog|audit\.log"
                   r"|/secure|(?:name|exe|a\d+)=[0-9A-F]{4}")  # fmt: skip


class _Event(NamedTuple):
    """The records of one event by type; `call` are the fields of its SYSCALL, empty where that was lost."""

    call: dict[str, str]
    line: int
    time: int
    node: str | None
    records: list[Numbered]

    def of(self, kind: str) -> list[tuple[int, dict[str, str]]]:
        return [(line, parse_fields(record.body)) for line, record in self.records if record.type == kind]


class System:
    """Reads the events of the kernel of one log."""

    def __init__(self, names: Names, host: str | None) -> None:
        self._names = names
        self._host = host

    def read(self, records: list[Numbered]) -> list[tuple[int, Record]]:
        """Give what an event reports, each with the number of its line."""
        if not any(_HINT.search(record.body) for _, record in records if record.type != "CWD"):
            return []
        first = records[0]
        calls = [record for _, record in records if record.type == "SYSCALL"]
        call = parse_fields(calls[0].body) if calls else {}
        event = _Event(call, first.line, first.record.time, first.record.node, records)
        name = call_name(call)
        return [*self._started(event), *self._connected(event, name), *self._written(event, name)]

    def _started(self, event: _Event) -> list[tuple[int, Record]]:
        executed = event.of("EXECVE")
        if not executed or event.call.get("success") == "no":
            return []
        arguments = _arguments([fields for _, fields in executed])
        program = _program(event.call, arguments[:1])
        if program is None:
            return []
        kind = "server-started" if is_far_end(program, arguments) else "client-started"
        record = self._record(kind, event, program, shlex.join(arguments))
        return [(executed[0][0], record)]

    def _connected(self, event: _Event, name: str | None) -> list[tuple[int, Record]]:
        program = _program(event.call, []) or base_name(text(event.call, "comm"))
        addresses = event.of("SOCKADDR") if name in {"connect", "accept", "accept4"} else []
        if not addresses or (program not in CLIENTS and program not in _SSHD):
            return []
        line, fields = addresses[0]
        address, port = socket_address(fields.get("saddr", ""))
        if address is None:
            return []
        if name != "connect":
            record = self._record("accept", event, program, None)
            return [(line, Record(**{**record, "src": address, "src_port": port}))]
        refused = event.call.get("success") == "no" and event.call.get("exit") != _IN_PROGRESS
        record = self._record("connect-failed" if refused else "connect", event, program, None)
        record["src_host"] = event.node or self._host
        record["dst_host"] = None
        return [(line, Record(**{**record, "dst": address, "dst_port": port}))]

    def _written(self, event: _Event, name: str | None) -> list[tuple[int, Record]]:
        changes = name in CHANGES or (name is not None and opens_for_writing(event.call, name))
        folder = next((text(fields, "cwd") for _, fields in event.of("CWD")), None)
        found: dict[str, tuple[int, Record]] = {}
        for line, fields in event.of("PATH"):
            path = normpath(join(folder or "", text(fields, "name") or ""))
            made = plain(fields, "nametype") or plain(fields, "objtype")
            kind = _written_kind(path, failed=event.call.get("success") == "no")
            if kind and path not in found and (changes or made in {"CREATE", "DELETE"}):
                program = base_name(text(event.call, "exe"))
                found[path] = (line, self._record(kind, event, program, f"{name or made} {path}"))
        return list(found.values())

    def _record(self, kind: str, event: _Event, program: str | None, command: str | None) -> Record:
        means = AUDITD_KINDS[kind]
        session = plain(event.call, "ses")
        server = kind in {"accept", "server-started"} or means.action == "file"
        return Record(
            time=event.time,
            action=means.action,
            outcome=means.outcome,
            kind=kind,
            service="audit" if kind.startswith("log-") else "ssh",
            witness=Witness.SERVER if server else Witness.CLIENT,
            user=self._names.of(event.node, event.call, "auid", "uid"),
            dst_host=event.node,
            session=f"audit:{session}" if session and session not in UNSET else None,
            pid=number(event.call, "pid"),
            client=program,
            command=command[:COMMAND_CHARACTERS] if command else None,
        )


def _arguments(records: list[dict[str, str]]) -> list[str]:
    """Give the arguments of EXECVE records, those of several pieces put together, the first 64 of them."""
    arguments: list[str] = []
    fields = {name: value for record in records for name, value in record.items()}
    for index in range(_ARGUMENTS):
        whole = fields.get(f"a{index}")
        if whole is not None:
            arguments.append(text(fields, f"a{index}") or whole.strip('"'))
            continue
        pieces: list[str] = []
        while f"a{index}[{len(pieces)}]" in fields:
            pieces.append(text(fields, f"a{index}[{len(pieces)}]") or "")
        if not pieces:
            break
        arguments.append("".join(pieces))
    return arguments


def _program(call: dict[str, str], started: list[str]) -> str | None:
    """Name the client or far end that an event is of: by its file, its own name, or the first argument."""
    names = [base_name(text(call, "exe")), base_name(text(call, "comm")), *map(base_name, started)]
    return next((name for name in names if name in CLIENTS or name in SERVERS), None)


def socket_address(saddr: str) -> tuple[str | None, int | None]:
    """Give address and port of a socket address in hexadecimal digits; the family is in the order of the machine."""
    try:
        data = bytes.fromhex(saddr)
        family = {b"\2\0": "4", b"\0\2": "4", b"\n\0": "6", b"\0\n": "6"}.get(data[:2])
        if family == "4":
            return str(IPv4Address(data[4:8])), struct.unpack_from(">H", data, 2)[0]
        if family == "6":
            return str(IPv6Address(data[8:24])), struct.unpack_from(">H", data, 2)[0]
    except (ValueError, struct.error):
        pass
    return None, None


def _written_kind(path: str, *, failed: bool) -> str | None:
    what = watched(path)
    return what and f"{what}-{'write-failed' if failed else 'written'}"
