"""What ``ausearch -i`` prints: names for numbers, and text as it is, with nothing around it.

``type=USER_LOGIN msg=audit(11/20/2026 21:01:21.123:456) : pid=7 uid=root auid=bob ses=5 msg='op=login id=bob exe=...'``

Text that others chose (an account's name, a file's, a command's) can hold blanks here, and what looks like fields. So
records are read from both ends, where the words of the daemon and of the kernel stand, and written again as the daemon
writes them. Source: src/ausearch-report.c of audit-userspace (``%x %T`` of strftime), audit_logging.c for the order of
fields, auditsc.c of the kernel.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from ipaddress import ip_address
from typing import NamedTuple

from graphmap.readers.auditd.grammar import AuditRecord

_STAMP = r"(?P<date>\d{1,4}[./-]\d{1,2}[./-]\d{1,4}) (?P<clock>\d\d:\d\d:\d\d)\.(?P<milli>\d{3}):(?P<serial>\d{1,20})"
_LINE = re.compile(
    rf"(?:node=(?P<node>\S+) +)?type=(?P<type>[A-Z][A-Z0-9_]*(?:\[\d+\])?) msg=audit\({_STAMP}\) ?:? ?(?P<body>.*)",
    re.DOTALL,
)
_ENDS = re.compile(r"hostname=\S+ addr=\S+ terminal=\S+ res=\w+' ?")
_MADE = re.compile(r" (?:nametype|objtype)=\w+")
_SOCKET = re.compile(
    r"saddr=(?:\{ (?:saddr_)?fam=inet6? l?addr=(?P<new>\S+) l?port=(?P<port>\d{1,5}) \}"
    r"|inet6? host:(?P<old>\S+) serv:(?P<service>\d{1,5})).*"
)
_FLAGS = {"O_WRONLY": 0o1, "O_RDWR": 0o2, "O_CREAT": 0o100, "O_TRUNC": 0o1000}
_NAMED = ("auid", "uid", "euid", "id")
_UNNAMED = ("unset", "unknown(", "?")
_DAY_LAST = 12
_ARGUMENTS = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Interpreter(NamedTuple):
    """How the stamps of one output are meant: in the zone of the host, and the order that its locale has."""

    zone: tzinfo
    day_first: bool

    def parse(self, line: str) -> AuditRecord | None:
        """Give a record as the daemon would have written it; None for any other line."""
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        moment = self._moment(match["date"], match["clock"])
        if moment is None:
            return None
        time = moment + int(match["milli"]) * 1000
        return AuditRecord(match["type"], time, match["serial"], match["node"], _raw(match["type"], match["body"]))

    def _moment(self, date: str, clock: str) -> int | None:
        numbers = [int(part) for part in re.split(r"[./-]", date)]
        if "-" in date or numbers[0] > 31:  # noqa: PLR2004 - more than a day: the year
            year, month, day = numbers
        elif "." in date or self.day_first:
            day, month, year = numbers
        else:
            month, day, year = numbers
        hour, minute, second = map(int, clock.split(":"))
        try:
            local = datetime(year if year > 99 else 2000 + year, month, day, hour, minute, tzinfo=self.zone)  # noqa: PLR2004 - two digits
            return (local - _EPOCH + timedelta(seconds=second)) // timedelta(microseconds=1)
        except (ValueError, OverflowError):
            return None


def interpreter_of(head: str, zone: tzinfo) -> Interpreter:
    """Tell by the first dates of an output which number of ``11/20/2026`` is the day; the second where none tells."""
    dates = (match["date"].split("/") for line in head.split("\n") if (match := _LINE.match(line)))
    return Interpreter(zone, any(len(parts) > 1 and int(parts[0]) > _DAY_LAST for parts in dates))


def is_interpreted(line: str) -> bool:
    """Tell whether a line is of such an output."""
    return _LINE.fullmatch(line) is not None


def _raw(kind: str, body: str) -> str:
    """Write the fields of a record as the daemon does. Cost: linear, whatever the record holds."""
    return _WRITERS.get(kind, _said)(body)


def _folder(body: str) -> str:
    return f"cwd={_quoted(body.removeprefix('cwd=').strip())}"


def _path(body: str) -> str:
    """Part ``item=0 name=/a b inode=9 dev=fd:00 mode=file,600 ouid=root ogid=root nametype=NORMAL``."""
    _, _, text = body.partition(" name=")
    at = max(text.rfind(" nametype="), text.rfind(" objtype="))
    made = _MADE.match(text, at) if at >= 0 else None
    if made is None:
        return ""
    inode = text.rfind(" inode=", 0, at)
    return f"name={_quoted(text[: inode if inode >= 0 else at])}{made[0]}"


def _call(body: str) -> str:
    """Part ``arch=x86_64 syscall=execve success=yes ... ses=5 comm=a b exe=/usr/bin/ssh subj=... key=...``."""
    first, _, rest = body.partition(" comm=")
    command, _, program = rest.rpartition(" exe=")
    fields = _fields(first)
    fields["SYSCALL"] = fields.pop("syscall", "?")
    for name in ("a1", "a2"):
        if "O_" in fields.get(name, ""):
            fields[name] = f"{sum(_FLAGS.get(flag, 0) for flag in fields[name].split('|')):x}"
    if fields.get("exit", "").startswith("EINPROGRESS"):
        fields["exit"] = "-115"
    program = program.partition(" subj=")[0].partition(" key=")[0].rstrip()
    return f"{_written(fields)} comm={_quoted(command)} exe={_quoted(program)}"


def _said(body: str) -> str:
    """Part ``pid=7 ... msg='op=login acct=a b exe=/usr/sbin/sshd hostname=? addr=1.2.3.4 terminal=ssh res=failed'``."""
    first, _, said = body.partition("msg='")
    at = said.rfind("hostname=")
    if at < 0 or not _ENDS.fullmatch(said, at):
        return _written(_fields(body))
    words, _, program = said[:at].rpartition("exe=")
    words, named, account = words.partition("acct=")
    fields = _fields(first) | _fields(words) | _fields(said[at:].replace("'", ""))
    acct = f" acct={_quoted(account.removesuffix(' '))}" if named else ""
    return f"{_written(fields)}{acct} exe={_quoted(program.rstrip())}"


def _fields(text: str) -> dict[str, str]:
    """Part words of the kernel's and the daemon's own, which have no blanks; of two with one name the first."""
    fields: dict[str, str] = {}
    for word in text.split():
        name, equals, value = word.partition("=")
        if equals:
            fields.setdefault(name, value)
    return fields


def _written(fields: dict[str, str]) -> str:
    """Write fields, with the names of accounts where enriched records have them."""
    named = {name.upper(): f'"{fields[name]}"' for name in _NAMED if not fields.get(name, "unset").startswith(_UNNAMED)}
    return " ".join(f"{name}={value}" for name, value in (fields | named).items())


def _quoted(text: str) -> str:
    plain = text.isascii() and text.isprintable() and not set(text) & set(' "')
    return f'"{text}"' if plain else text.encode().hex().upper()


def _arguments(body: str) -> str:
    """Part ``argc=2 a0=ssh a1=x y``: an argument ends where the next one begins."""
    written: list[str] = []
    _, more, rest = body.rstrip().partition("a0=")
    while more and len(written) < _ARGUMENTS:
        value, more, rest = rest.partition(f" a{len(written) + 1}=")
        written.append(f"a{len(written)}={_quoted(value)}")
    return " ".join(written)


def _socket(body: str) -> str:
    match = _SOCKET.fullmatch(body)
    if match is None:
        return "saddr="
    try:
        address = ip_address(match["new"] or match["old"])
        port = int(match["port"] or match["service"]).to_bytes(2, "big").hex()
    except (ValueError, OverflowError):
        return "saddr="
    family = "0200" + port if address.version == 4 else f"0A00{port}00000000"  # noqa: PLR2004 - of IP
    return f"saddr={(family + address.packed.hex()).upper()}"


_WRITERS = {"EXECVE": _arguments, "CWD": _folder, "SOCKADDR": _socket, "PATH": _path, "SYSCALL": _call}
