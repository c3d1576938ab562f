"""Login records: every layout, and what is found behind damage."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import detect, find_sources
from graphmap.readers.utmp.layouts import LAYOUTS
from tests.readers.reading import Reading, read_bytes, read_source, source

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_700_000_000
BOOT, GETTY, USER, DEAD = 2, 6, 7, 8


def record(kind: int = USER, user: str = "bob", line: str = "pts/0", host: str = "10.0.0.1", **other: Any) -> bytes:
    """A record as glibc lays it out; `size` 384 or 400, `order` of the struct module."""
    size, order = other.get("size", 384), other.get("order", "<")
    times = "iIi" if size == 384 else "qqq"
    form = f"{order}h2xi32s4s32s256s4x{times}16s20x{'' if size == 384 else '4x'}"
    address = bytes(other.get("address", (10, 0, 0, 1)))
    text = [value.encode() for value in (line, "id", user, host)]
    return struct.pack(form, kind, other.get("pid", 7), *text, 0, other.get("second", NOW), 500_000, address)


def read(*records: bytes, **named: Any) -> Reading:
    return read_bytes(b"".join(records), reader="utmp", **named)


@pytest.mark.parametrize("size", [384, 400])
@pytest.mark.parametrize("order", ["<", ">"])
def test_layouts(size: int, order: str) -> None:
    data = record(size=size, order=order)
    found = detect(data)
    assert found is not None
    assert found.name == "utmp"
    assert read(data, host="web1").rows() == [
        {
            "time": datetime(2023, 11, 14, 22, 13, 20, 500_000, UTC), "action": "logon", "outcome": "success",
            "service": "terminal", "kind": "login", "user": "bob", "src_ip": "10.0.0.1", "dst_host": "web1",
            "session": "tty:pts/0", "pid": 7, "witness": "server", "repeat": 0, "reader": "utmp", "file": "x.log",
            "line": 1,
        }
    ]  # fmt: skip


def test_login_and_logout_are_joined_by_terminal() -> None:
    reading = read(
        record(), record(user="ann", line="pts/1", address=(0, 0, 0, 0), host="desk.example"), record(DEAD, "", host="", address=()),
        record(DEAD, "", "tty1", ""), record(DEAD, "", "pts/9", "", address=()), record(BOOT, "reboot", "~", "6.1"), record(BOOT, "reboot", "~", "6.1"),
    )  # fmt: skip
    assert reading.rows("line", "kind", "user", "src_ip", "src_host", "session") == [
        {"line": 1, "kind": "login", "user": "bob", "src_ip": "10.0.0.1", "src_host": None, "session": "tty:pts/0"},
        {"line": 2, "kind": "login", "user": "ann", "src_ip": None, "src_host": "desk.example", "session": "tty:pts/1"},
        {"line": 3, "kind": "logout", "user": "bob", "src_ip": "10.0.0.1", "src_host": None, "session": "tty:pts/0"},
        {"line": 5, "kind": "logout", "user": None, "src_ip": None, "src_host": None, "session": "tty:pts/9"},
        {"line": 6, "kind": "down", "user": "ann", "src_ip": None, "src_host": "desk.example", "session": "tty:pts/1"},
    ]
    assert reading.context == 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (record(GETTY, "root", "ssh:notty"), ("bad-login", "ssh", "root", "10.0.0.1")),
        (record(GETTY, "LOGIN", "ssh:notty"), ("bad-login", "ssh", "LOGIN", "10.0.0.1")),
        (record(GETTY, "", "ssh:notty"), ("bad-login", "ssh", None, "10.0.0.1")),
        (record(GETTY, "(unknown)", "tty1", "", address=()), ("bad-login", "console", None, None)),
        (record(USER, "bob", "tty1", "", address=()), ("login", "console", "bob", None)),
        (record(USER, "bob", "tty7", ":0", address=()), ("login", "console", "bob", None)),
        (record(USER, "bob", "pts/3", ":0", address=()), ("window", "terminal", "bob", None)),
        (record(USER, "bob", "pts/3", ":pts/1:S.0", address=()), ("window", "terminal", "bob", None)),
        (record(USER, "bob", "pts/3", "tmux(77).%0", address=()), ("window", "terminal", "bob", None)),
        (record(USER, "bob", "pts/3", "mosh [77]", address=()), ("window", "terminal", "bob", None)),
        (record(USER, "bob", "pts/3", "10.0.0.9 via mosh [77]", address=()), ("login", "terminal", "bob", "10.0.0.9")),
        (record(USER, "bob", "ftpd77"), ("login", "ftp", "bob", "10.0.0.1")),
        (record(USER, "bob", host="x", address=bytes.fromhex("20010db8000000000000000000000001")), ("login", "terminal", "bob", "2001:db8::1")),
    ],
)  # fmt: skip
def test_records(data: bytes, expected: tuple[str | None, ...]) -> None:
    assert read(data).events.select("kind", "service", "user", "src_ip").row(0) == expected


def test_a_window_that_closes_ends_no_login() -> None:
    assert read(record(USER, host=":0", address=()), record(DEAD, "", host="")).events["kind"].to_list() == ["window"]


def test_waiting_for_a_login_is_none() -> None:
    assert read(record(GETTY, "LOGIN", "tty1", ""), record()).context == 1


def test_btmp_of_a_program_that_writes_user_records() -> None:
    log = source(record(user="root"))
    for name, kind in (("logs/btmp.1", "bad-login"), ("btmp", "bad-login"), ("wtmp", "login"), ("btmp/wtmp", "login")):
        named = type(log)(name, log.open, log.modified, log.host)
        assert read_source(named, reader="utmp").events["kind"].to_list() == [kind]


@pytest.mark.parametrize("shift", [0, 1, 4, 383])
def test_records_behind_damage_are_found(shift: int) -> None:
    damage = b"\xff" * (384 + shift)
    reading = read(record(user="a"), damage, record(user="b"), record(user="c"), b"\1" * 5)
    assert reading.events["user"].to_list() == ["a", "b", "c"]
    assert reading.lines == reading.accounted()
    assert set(reading.reasons()) <= {"not a login record", "record type does not exist"}


def test_impossible_values_are_rejects() -> None:
    bad = [record(second=5), record(99), record(line="a\1"), record(host="a\1")]
    reasons = read(record(), *bad, record()).reasons()
    assert reasons == ["time stamp does not exist", "record type does not exist", *["terminal or host is no text"] * 2]


def test_a_tried_name_may_hold_anything() -> None:
    (event,) = read(record(GETTY, "a\x1b[2J\n'", "ssh:notty")).rows("user")
    assert event == {"user": "a\x1b[2J\n'"}


@pytest.mark.parametrize("form", ["<I32s256s", ">I32s256s", "<q32s256s"])
def test_lastlog(form: str) -> None:
    entry = struct.pack(form, NOW, b"pts/0", b"10.0.0.1")
    blank = bytes(len(entry))
    data = entry + blank * 20 + entry
    found = detect(data)
    assert found is not None
    assert found.name == "utmp"
    assert read(data).rows("line", "kind", "outcome", "user", "src_ip", "session") == [
        {"line": 1, "kind": "last-login", "outcome": "unknown", "user": "root", "src_ip": "10.0.0.1", "session": "tty:pts/0"},
        {"line": 22, "kind": "last-login", "outcome": "unknown", "user": None, "src_ip": "10.0.0.1", "session": "tty:pts/0"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data", [b"", bytes(384 * 4), b"Nov 20 21:01:21 web1 sshd[7]: x\n" * 30, b"\x7fELF" + b"\1" * 800]
)
def test_others_are_not_taken(data: bytes) -> None:
    assert detect(data) is None or detect(data).name != "utmp"  # type: ignore[union-attr]


@given(st.lists(st.one_of(st.binary(max_size=40), st.just(record()), st.just(bytes(384))), max_size=12))
def test_every_byte_is_counted(parts: list[bytes]) -> None:
    reading = read(*parts)
    assert reading.lines == reading.accounted()


@given(st.binary(max_size=1000))
def test_layouts_have_their_sizes(data: bytes) -> None:
    assert all(layout.form.size == layout.size for layout in LAYOUTS)
    read(record(), record(), data)


# file: records of each kind, rejects, and why graphmap says something else than plaso, where it does
AGREED = {
    "utmp/utmp": ({"login": 1, "window": 5}, []),  # plaso: six USER_PROCESS; five are windows of the desktop `:0`
    "utmp/utmp_aarch64": ({}, []),
    "utmp/utmp_s390": ({}, []),
    "utmp/utmp_x86_64": ({}, []),
    "utmp/utmp_corrupted": ({"login": 2}, ["record type does not exist"] * 2 + ["not a login record"]),
    "utmp/wtmp.1": ({"login": 1, "logout": 1}, []),
    "utmpx_mac": ({"login": 1, "window": 1, "logout": 2}, []),
}


@pytest.mark.parametrize("name", AGREED)
def test_reference_records(shared: Path, name: str) -> None:
    (log,) = find_sources([str(shared / "plaso" / name)])
    reading = read_source(log, reader="utmp")
    found = detect((shared / "plaso" / name).read_bytes())
    kinds = {kind: reading.events["kind"].to_list().count(kind) for kind in reading.events["kind"].unique()}
    assert (kinds, reading.reasons()) == AGREED[name]
    assert found is not None
    assert found.name == "utmp"
    assert reading.lines == reading.accounted()
