"""The reader of ESXi's logs: logons by SSH, at the console and through the API, commands, and SSH switched on."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from graphmap.model import Witness
from graphmap.readers.esxi.grammar import (
    Said,
    is_esxi,
    is_terminal_context,
    parse_line,
    read_hostd,
    read_login,
    read_shell,
    read_switch,
    read_terminal,
    read_vobd,
)
from graphmap.readers.esxi.kinds import ESXI_KINDS
from graphmap.readers.fields import Fields
from graphmap.readers.lines import Lines, split_lines
from graphmap.readers.linewise import first_lines, read_linewise
from graphmap.readers.records import Record, RecordBuilder
from graphmap.readers.ssh_records import ssh_record
from graphmap.readers.sshd import OPENSSH, Conversations, read_program
from graphmap.readers.stamps import Clock, dates
from graphmap.readers.years import infer_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.readers.base import Batch, ReadOptions, Source
    from graphmap.readers.syslog import Header

_REMEMBERED = 4096
_SESSIONS = 64  # of one account from one address
_SOON = 10_000_000  # us from sshd's line to vobd's on the same session
_ECHOES = {"ssh-session": "accepted", "ssh-session-failed": "failed"}
_SERVICES = {"api": "vsphere", "ssh": "ssh", "console": "console", "terminal": "ssh", "shell": "shell", "client": "ssh"}
_READERS = {"hostd": read_hostd, "vobd": read_vobd, "shell": read_shell, "login": read_login, "ssh": read_switch}


class EsxiReader:
    """Reads auth.log, shell.log, hostd.log and vobd.log of ESXi; lines of other programs are counted."""

    name = "esxi"
    title = "VMware ESXi: auth.log, shell.log, hostd.log, vobd.log, as files or forwarded by syslog"

    def sniff(self, head: bytes) -> bool:
        """Tell whether half of the first lines are ESXi's alone, or one is and no line names a host."""
        lines = first_lines(head)
        marked = sum(map(is_esxi, lines))
        if not marked or 2 * marked >= len(lines):
            return bool(marked)
        headers = [parse_line(line) for line in lines]
        return all(header is None or header.host is None for header in headers)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end; twice where stamps have no year and the user names none.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        batch = RecordBuilder(self.name, source)
        scanner = _Scanner(batch, Clock(options.zone, lambda: _base_year(source, options)))
        yield from read_linewise(source, batch, scanner.scan)


_Key = tuple[str | None, str, str | None, str | None]  # host, kind, user and address


class _Scanner:
    """The state of one reading: the clock, and which sessions sshd has reported itself."""

    def __init__(self, batch: RecordBuilder, clock: Clock) -> None:
        self._batch = batch
        self._clock = clock
        self._conversations = Conversations()
        self._reported: OrderedDict[_Key, int] = OrderedDict()
        self._open: dict[_Key, list[str]] = {}

    def scan(self, number: int, line: str) -> None:
        """Put one line where it belongs."""
        batch = self._batch
        header = parse_line(line)
        if header is None:
            self._without_header(number, line)
            return
        time = self._clock.read(header.stamp)
        meaning = self._meaning(header)
        if meaning == "other":
            batch.other += 1
        elif meaning is None:
            batch.context += 1
        elif isinstance(meaning, str):
            batch.reject(number, meaning, line)
        elif time is None:
            batch.reject(number, "time stamp does not exist", line)
        else:
            batch.event(number, self._record(header, meaning, time))

    def _without_header(self, number: int, line: str) -> None:
        """Place a line without a stamp: hostd writes the further lines of a message behind an arrow."""
        if not line.strip() or line.startswith(("-->", " ", "\t")):
            self._batch.other += 1
        else:
            self._batch.reject(number, "no syslog header", line)

    def _meaning(self, header: Header) -> Fields | Said | str | None:
        program = (header.program or "").rpartition("/")[2]
        if program in OPENSSH:
            return self._sshd(header)
        read = _READERS.get(program.lower().removeprefix("vmware-"))
        if read is None:
            return "other"
        return read(header.message) or "other"

    def _sshd(self, header: Header) -> Fields | Said | str | None:
        if said := read_terminal(header.message):
            return said
        if is_terminal_context(header.message):
            return None
        meaning = read_program(header.program, header.message)
        if isinstance(meaning, Fields):
            return self._conversations.judge(header.host, header.pid, header.message, meaning)
        return meaning

    def _record(self, header: Header, meaning: Fields | Said, time: int) -> Record:
        pid = int(header.pid[:18]) if header.pid and header.pid.isdigit() else None
        if isinstance(meaning, Fields):
            record = ssh_record(meaning, time, header.host, pid)
            if meaning.kind in _ECHOES.values():
                self._remember((header.host, meaning.kind, meaning.user, meaning.addr), time, record.get("session"))
            return record
        kind = meaning.kind
        reported = (header.host, _ECHOES.get(kind, ""), meaning.user, meaning.addr)
        if kind in _ECHOES and abs(time - self._reported.get(reported, time + 2 * _SOON)) <= _SOON:
            kind = f"{kind}-echo"
        means = ESXI_KINDS[kind]
        return Record(
            time=time,
            action=means.action,
            outcome=means.outcome,
            kind=kind,
            service=_SERVICES[kind.partition("-")[0]],
            witness=Witness.CLIENT if kind == "client-started" else Witness.SERVER,
            user=meaning.user,
            src=meaning.addr,
            dst_host=header.host,
            method="password" if kind in {"api-accepted", "api-rejected"} else None,
            session=f"sid:{meaning.session}" if meaning.session else self._session(header, meaning),
            pid=pid,
            client=meaning.client,
            command=meaning.command,
        )

    def _session(self, header: Header, said: Said) -> str | None:
        """Name the connection that vobd says is closed: sshd's, if there is one only of that account and address."""
        if said.kind != "ssh-session-closed":
            return None
        sessions = self._open.get((header.host, "accepted", said.user, said.addr), [])
        only = len(sessions) == 1
        closed = sessions.pop(0) if sessions else None
        return closed if only else None

    def _remember(self, key: _Key, time: int, session: str | None) -> None:
        self._reported[key] = time
        self._reported.move_to_end(key)
        if len(self._reported) > _REMEMBERED:
            self._open.pop(self._reported.popitem(last=False)[0], None)
        if session:
            sessions = self._open.setdefault(key, [])
            sessions.append(session)
            del sessions[:-_SESSIONS]


def _base_year(source: Source, options: ReadOptions) -> int:
    """The year of the first stamp without one: the user's, else inferred from the whole source."""
    if options.year is not None:
        return options.year
    with source.open() as stream:
        parts = (part for part in split_lines(stream) if isinstance(part, Lines))
        return infer_base(dates("\n".join(part.lines) for part in parts), source.modified)
