"""How a login record lies in bytes, by system, and which of these a file has.

Sources: utmp(5); bits/utmp.h and bits/types.h of glibc (384 bytes where `ut_tv` stays 32 bits wide for old programs, as
on x86-64; 400 where it does not, as on arm64 and s390x; lastlog alike, 292 and 296); bsd/utmpx.h and Libc's
utmpx-darwin.c of macOS (628 bytes, behind a signature record).
"""

from __future__ import annotations

import re
import struct
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

EMPTY, RUN_LEVEL, BOOT, NEW_TIME, OLD_TIME, INIT, GETTY, USER, DEAD, ACCOUNTING = range(10)
"""Values of `ut_type`."""
SIGNATURE = 10
"""The `ut_type` of the record at the start of a utmpx file of macOS."""

_EARLIEST, _LATEST = 315_532_800, 4_102_444_800  # the years 1980 and 2100: no login is older, no clock so wrong
_SNIFFED = 224


class Login(NamedTuple):
    """One record. `second` and `micro` since 1970 UTC; `address` is None where the record has none."""

    type: int
    pid: int
    line: str
    user: str
    host: str
    second: int
    micro: int
    address: str | None


class Layout(NamedTuple):
    """One shape of record; `form` is of the struct module and has the fields of `names` in this order."""

    name: str
    form: struct.Struct
    names: tuple[str, ...]
    size: int


_UTMP = ("type", "pid", "line", "id", "user", "host", "session", "second", "micro", "address")
_UTMPX = ("user", "id", "line", "pid", "type", "second", "micro", "host")
_LASTLOG = ("second", "line", "host")


def _layouts(order: str) -> list[Layout]:
    shapes = [
        ("utmp", "h2xi32s4s32s256s4xiIi16s20x", _UTMP, 384),
        ("utmp", "h2xi32s4s32s256s4xqqq16s20x4x", _UTMP, 400),
        ("utmpx", "256s4s32sih2xIi256s64x", _UTMPX, 628),
        ("lastlog", "I32s256s", _LASTLOG, 292),
        ("lastlog", "q32s256s", _LASTLOG, 296),
    ]
    return [Layout(name, struct.Struct(order + form), names, size) for name, form, names, size in shapes]


LAYOUTS: tuple[Layout, ...] = (*_layouts("<"), *_layouts(">"))
"""Every layout, little-endian ones first."""


_TYPE_AT = {"utmp": 0, "utmpx": 296}
_TYPES = {"<": re.compile(rb"[\x01-\x09]\x00"), ">": re.compile(rb"\x00[\x01-\x09]")}


def find_layout(head: bytes) -> Layout | None:
    """Choose the layout in which most of the first records are sound; None where not one is."""
    sound, layout = max(((_count(layout, head), layout) for layout in LAYOUTS), key=itemgetter(0))
    return layout if sound else None


def is_convincing(head: bytes) -> bool:
    """Tell whether a file is one of login records: the first is sound, or half of the first ones are or are blank."""
    layout = find_layout(head) if b"\0" in head else None  # no text has one, every record does
    if layout is None:
        return False
    records = [record for record in _first(layout, head) if any(record)]
    sound = [is_sound(layout, record) for record in records]
    return sound[0] or 2 * sum(sound) >= len(sound)


def _count(layout: Layout, head: bytes) -> int:
    signed = layout.name != "utmpx" or head.startswith(b"utmpx-1.00\0")
    return sum(is_sound(layout, record) for record in _first(layout, head)) if signed else 0


def _first(layout: Layout, head: bytes) -> list[bytes]:
    count = min(len(head) // layout.size, _SNIFFED)
    return [head[start : start + layout.size] for start in range(0, count * layout.size, layout.size)]


def is_sound(layout: Layout, data: bytes) -> bool:
    """Tell whether a record must be one: a type that needs a time, a possible time, readable text."""
    login = parse(layout, data)
    if login is None or login.type in {EMPTY, SIGNATURE} or fault(login) is not None:
        return False
    return layout.name != "lastlog" or (data[-1] == 0 and data[layout.size - 257] == 0)  # text has no NUL in it


def find_sound(layout: Layout, data: bytes) -> int | None:
    """Find the first sound record behind the start, less than a record away; None where there is none."""
    at = _TYPE_AT.get(layout.name)
    if at is None:
        starts: Iterable[int] = range(1, layout.size)
    else:
        types = _TYPES[layout.form.format[0]].finditer(data, at + 1, at + layout.size + 1)
        starts = (match.start() - at for match in types)
    return next((start for start in starts if is_sound(layout, data[start : start + layout.size])), None)


def fault(login: Login) -> str | None:
    """Say what is wrong with a record, None where nothing is. A record of type EMPTY needs no time."""
    if not EMPTY <= login.type <= SIGNATURE:
        return "record type does not exist"
    if not (login.line.isprintable() and login.host.isprintable()):
        return "terminal or host is no text"
    timed = _EARLIEST <= login.second <= _LATEST and 0 <= login.micro < 1_000_000  # noqa: PLR2004 - us of a second
    return None if timed or login.type in {EMPTY, SIGNATURE} else "time stamp does not exist"


def parse(layout: Layout, data: bytes) -> Login | None:
    """Take a record apart; None where it is cut."""
    if len(data) != layout.size:
        return None
    fields = dict(zip(layout.names, layout.form.unpack(data), strict=True))
    return Login(
        type=fields.get("type", USER),
        pid=fields.get("pid", 0),
        line=_text(fields["line"]),
        user=_text(fields.get("user", b"")),
        host=_text(fields["host"]),
        second=fields["second"],
        micro=fields.get("micro", 0),
        address=_address(fields.get("address", b"")),
    )


def described(login: Login) -> str:
    """Write a record as utmpdump(1) does: type, pid, user, terminal, host, address and time, in brackets."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=login.second, microseconds=login.micro)
    fields = (login.type, login.pid, login.user, login.line, login.host, login.address or "", moment.isoformat())
    return " ".join(f"[{field}]" for field in fields)


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("utf-8", "backslashreplace")


def _address(data: bytes) -> str | None:
    """Give `ut_addr_v6`: an IPv4 address lies in its first four bytes."""
    if not any(data):
        return None
    address = IPv6Address(data) if any(data[4:]) else ip_address(data[:4])
    return str(address)
