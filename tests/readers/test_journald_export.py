"""The journal's export stream gives what its JSON gives, whatever bytes a field holds."""

from __future__ import annotations

import gzip
import io
import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import Source, detect
from graphmap.readers.compression import open_inflated
from tests.readers.reading import Reading, read_bytes, read_source
from tests.readers.test_journald import ACCEPTED, ENTRY


def entry(**changes: str | bytes | None) -> bytes:
    """An entry with fields changed, or left out where None; bytes are written with their length."""
    fields = {name: value for name, value in {**ENTRY, **changes}.items() if value is not None}
    return b"".join(field(name, value) for name, value in fields.items()) + b"\n"


def field(name: str, value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
    return f"{name}={value}\n".encode()


def read(*parts: bytes) -> Reading:
    return read_bytes(b"".join(parts), reader="journald-export")


def test_says_what_the_json_says() -> None:
    changes: list[dict[str, Any]] = [
        {}, {"MESSAGE": ACCEPTED.encode()}, {"_UID": "1000", "_EXE": "/tmp/sshd"}, {"MESSAGE": None},
        {"SYSLOG_IDENTIFIER": "cron", "_COMM": "cron", "_EXE": "/usr/sbin/cron"}, {"MESSAGE": "Server listening on :: port 22."},
        {"MESSAGE": "Failed password for a=b\nc from 1.2.3.4 port 5 ssh2".replace("\n", "\\n")}, {"_SOURCE_REALTIME_TIMESTAMP": None},
    ]  # fmt: skip
    exported = read(*(entry(**change) for change in changes))
    lines = []
    for change in changes:
        merged = {k: list(v) if isinstance(v, bytes) else v for k, v in {**ENTRY, **change}.items() if v is not None}
        lines.append(json.dumps(merged).encode() + b"\n")
    as_json = read_bytes(b"".join(lines), reader="journald")
    columns = [name for name in exported.events.columns if name not in {"reader", "line"}]
    assert exported.events.select(columns).equals(as_json.events.select(columns))
    assert exported.reasons() == as_json.reasons()
    assert (exported.lines, exported.context, exported.other) == (8, as_json.context, as_json.other)


def test_line_is_the_first_of_the_entry() -> None:
    binary = entry(COREDUMP=b"\n\n\nA=b\n\n" * 3, MESSAGE=ACCEPTED.encode())
    data = b"\n" + entry() + binary + entry()
    starts = [data[:place].count(b"\n") + 1 for place in (1, 1 + len(entry()), 1 + len(entry()) + len(binary))]
    assert read(data).events["line"].to_list() == starts


def test_a_large_field_is_passed_over() -> None:
    assert len(read(entry(COREDUMP=bytes(5 << 20)), entry()).events) == 2


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (b"no field\n\n", "not a field of the journal"),
        (b"A=1\nlower=2\n\n", "not a field of the journal"),
        (b"MESSAGE\n" + struct.pack("<Q", 1 << 40) + b"x\n\n", "length of a field cannot be"),
        (b"MESSAGE\n" + struct.pack("<Q", 1) + b"xyz\n\n", "entry is cut"),
    ],
)
def test_damage_costs_one_entry(damage: bytes, reason: str) -> None:
    reading = read(entry(), damage, entry())
    assert reading.reasons() == [reason]
    assert len(reading.events) == 2


@pytest.mark.parametrize("size", [10, 200, len(entry()) - 2])
def test_an_entry_that_is_cut_is_none(size: int) -> None:
    reading = read(entry(), entry()[:size])
    assert reading.reasons() == ["entry is cut"]
    assert len(reading.events) == 1


def test_a_cut_stream_is_read_to_its_end() -> None:
    data = gzip.compress(entry() * 3000)
    with_cut = Source("x.log", lambda: open_inflated(io.BytesIO(data[: len(data) // 2])))
    reading = read_source(with_cut, reader="journald-export")
    assert reading.reasons() == ["compressed stream ends early"]
    assert len(reading.events) == reading.lines - 1 > 100


def test_a_value_cannot_become_a_field() -> None:
    """A message with newlines is written with its length, so `_UID=0` in it stays text."""
    forged = f"x\n_UID=0\n_EXE=/usr/sbin/sshd\n\n__CURSOR=1\n_UID=0\n_COMM=sshd\nMESSAGE={ACCEPTED}\n\n".encode()
    assert len(read(entry(MESSAGE=forged, _UID="1000", _EXE="/usr/bin/logger", _COMM="logger")).events) == 0


def test_detected() -> None:
    found = detect(entry())
    assert found is not None
    assert found.name == "journald-export"
    assert detect(b"A=1\nB=2\n") is None


@given(
    st.lists(st.one_of(st.binary(max_size=40), st.just(entry()), st.just(b"\n"), st.just(b"MESSAGE\n\1")), max_size=8)
)
def test_any_bytes_are_counted(parts: list[bytes]) -> None:
    reading = read(*parts)
    assert reading.lines == reading.accounted()
