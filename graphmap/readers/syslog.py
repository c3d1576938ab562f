"""The header of a syslog line: stamp, host, program, pid, and the message behind it.

RFC 3164 and RFC 5424, RFC 3339 stamps, and what syslog daemons make of them: no host, a facility before or after the
host, two stamps in a row, a structured-data part, no program (svlogd, multilog).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from graphmap.readers.stamps import DATED, YEARLESS, has_month


class Header(NamedTuple):
    """A line in its parts. None where the line does not have one; `message` is then all that follows the stamp."""

    stamp: str
    host: str | None
    program: str | None
    pid: str | None
    message: str


class Repeat(NamedTuple):
    """What a header's message says of repetition: `times` more, of `message` or (None) of the host's last line."""

    times: int
    message: str | None


_STAMPED = re.compile(rf"(?:<\d{{1,3}}>)?(?P<version>1 )?(?P<stamp>{YEARLESS}|{DATED})(?P<rest>[ :].*|)")
_INNER_STAMP = re.compile(rf"(?:{YEARLESS}|{DATED}) +")
_FACILITY = re.compile(
    r"(?:<[\w.]+>|(?:auth|authpriv|security|daemon|user|kern|syslog|cron|mail|local[0-7])\."
    r"(?:emerg|panic|alert|crit|err|error|warn|warning|notice|info|debug))(?P<colon>:?) +"
)
_SEVERITY = re.compile(r"(?:EMERG|ALERT|CRIT|ERR|ERROR|WARNING|WARN|NOTICE|INFO|DEBUG) +")  # Chrome OS, for a host
_HOST = r"(?P<host>[^\s\[\]]*[^\s\[\]:]|[0-9A-Fa-f:]+::)"
_TAGGED = re.compile(
    rf"(?:{_HOST} +)?(?:{_FACILITY.pattern.replace('(?P<colon>:?)', '')})?"
    r"(?P<program>\([\w.-]+\)|[^\s\[\]:()<>]+)(?P<module>\(\w+\))?(?:\[(?P<pid>\d+)\])?(?: <\w+>)?"
    r"(?:: *| (?=error: |fatal: ))(?P<message>.*)"
)
_DATA = r"(?:-|(?:\[[^\s=\]\"]+(?: [^\s=\]\"]+=\"(?:[^\"\\]|\\.)*\")*\])+)"
_RFC5424 = re.compile(rf"(?P<host>\S+) (?P<program>\S+) (?P<pid>\S+) \S+ {_DATA} *(?:\ufeff)?(?P<message>.*)")
_UNFRAMED_5424 = re.compile(rf"(?P<host>\S+) (?P<program>[^\s:\[\]]+) (?P<pid>\d+) - {_DATA} +(?P<message>.*)")
_COMMON_STAMP = re.compile(
    r"[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d"  # Nov 20 21:01:21
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"  # 2026-11-20T21:01:21.5Z
)
_COMMON_HOST = re.compile(rf"(?!{_FACILITY.pattern.replace(' +', '$')})[a-z][^\s\[\]:]*")
_COMMON_PROGRAM = re.compile(r"\([\w.-]+\)|[^\s\[\]:()<>]+")  # (systemd) is a process that is to become another
_LAST_REPEATED = re.compile(r"(?:-+ )?last message (?:buffered|repeated) (\d+) times?(?: -+)?")
_LAST_REPEATED_BY = re.compile(rf"(?:{_HOST} +)?(?:\S+: +)?({_LAST_REPEATED.pattern})")
_REPETITIONS = ("message repeated ", "last message ", "--")
_REPEATED = re.compile(r"message repeated (\d+) times: \[ ?(.*)\]")


def split_header(line: str) -> Header | None:
    """Part a line; None where it does not begin with a stamp.

    A program written as ``sshd(pam_unix)`` gives program ``sshd`` and a message that begins with ``pam_unix(sshd): ``,
    as newer versions of PAM write it.
    """
    return _split_common(line) or _split_any(line)


def _split_common(line: str) -> Header | None:
    """Part a line such as ``Nov 20 21:01:21 app1 sshd[15770]: MESSAGE`` quickly; None for any other.

    Most lines of most logs are of this form. The parts are those that `_split_any` gives.
    """
    stamp, space, rest = (line[:15], line[15:16], line[16:]) if line[3:4] == " " else line.partition(" ")
    parts = rest.split(" ", 2)
    if len(parts) != 3 or space != " " or not _COMMON_STAMP.fullmatch(stamp):  # noqa: PLR2004 - host, tag, message
        return None
    host, tag, message = parts
    program, bracket, pid = tag.partition("[")
    if bracket:
        if pid[-2:] != "]:" or not (pid[:-2].isdigit() and pid.isascii()):
            return None
        pid = pid[:-2]
    elif tag[-1:] == ":":
        program = tag[:-1]
    else:
        return None
    if not (_is_common_host(host) and _is_common_program(program)):
        return None
    return Header(stamp, host, program, pid or None, message.lstrip(" "))


@lru_cache(maxsize=4096)
def _is_common_host(text: str) -> bool:
    return _COMMON_HOST.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _is_common_program(text: str) -> bool:
    return _COMMON_PROGRAM.fullmatch(text) is not None


def _split_any(line: str) -> Header | None:
    match = _STAMPED.fullmatch(line)
    if match is None or not (match["stamp"][0].isdigit() or has_month(match["stamp"])):
        return None
    stamp, rest = match["stamp"], match["rest"].lstrip(" ")
    if match["version"]:
        return _rfc5424(stamp, rest, _RFC5424) or Header(stamp, None, None, None, rest)
    return _tagged(stamp, rest)


def repetition(header: Header) -> Repeat | None:
    """Tell what a message says of repetition, None where it is an ordinary one.

    ``message repeated 2 times: [ ...]`` is rsyslog's, ``last message repeated 2 times`` that of BSD syslogd and of
    Apple's; the latter carry a host at most.
    """
    if not header.message.startswith(_REPETITIONS):
        return None
    if match := _REPEATED.fullmatch(header.message):
        return Repeat(_times(match[1]), match[2])
    if match := _LAST_REPEATED.fullmatch(header.message):
        return Repeat(_times(match[1]), None)
    return None


def _times(digits: str) -> int:
    return int(digits[:9])


def _tagged(stamp: str, rest: str) -> Header:
    if rest.startswith(":"):
        return Header(stamp, None, None, None, rest[1:].lstrip(" "))
    bare = False
    if facility := _FACILITY.match(rest):
        rest = rest[facility.end() :]
        bare = bool(facility["colon"])
        if inner := _INNER_STAMP.match(rest):
            rest = rest[inner.end() :]
    if "last message " in rest and (match := _LAST_REPEATED_BY.fullmatch(rest)):
        return Header(stamp, match["host"], None, None, match[2])
    if severity := _SEVERITY.match(rest):
        rest = rest[severity.end() :]
    if stamp[0].isdigit() and (header := _rfc5424(stamp, rest, _UNFRAMED_5424)):
        return header
    match = _TAGGED.fullmatch(rest)
    if match is None or (bare and match["host"]):
        return Header(stamp, None, None, None, rest)
    message = match["message"]
    if match["module"]:
        message = f"{match['module'][1:-1]}({match['program']}): {message}"
    return Header(stamp, match["host"], match["program"], match["pid"], message)


def _rfc5424(stamp: str, rest: str, pattern: re.Pattern[str]) -> Header | None:
    match = pattern.fullmatch(rest)
    if match is None:
        return None
    host, program, pid = (None if part == "-" else part for part in match.group("host", "program", "pid"))
    return Header(stamp, host, program, pid if pid and pid.isdigit() else None, match["message"])
