"""The compiled scanner gives what the careful reader gives, takes most lines, and reads no byte that is not its own."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from graphmap.readers import ReadOptions, Source, blocks, find_sources, kernels, lines, scanner, shapes, sshd
from graphmap.readers.blocks import padded
from graphmap.readers.speed import COMPILED_FROM, LOADED_FROM, SMALL, Meter
from graphmap.readers.sshd import SshdReader
from tests.readers.reading import MODIFIED, Reading, read_source
from tests.readers.test_sshd import KEY, MESSAGES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FAST, CAREFUL = SshdReader(compiled=True), SshdReader(compiled=False)
PARTS = {
    "user": "bob", "account": "bob", "addr": "10.0.0.1", "dst": "10.0.0.2", "key": KEY, "method": "publickey", "port": "50000",
    "ca": KEY, "cert": "bob@corp", "opener": "root", "dport": "22", "child": "pid 17", "n": "7", "type": "ED25519", "tty": "pts/0", "device": "/pam", "spaces": " ",
    "any": "whatever", "before": " Bye Bye [preauth]", "open": " Bye Bye",
}  # fmt: skip
PART = re.compile(r"<(\?)?([^<>]*)>")


@pytest.fixture(params=[1 << 22, 700, 64], ids=lambda size: f"blocks of {size}")
def block(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    size: int = request.param
    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)
    return size


def agreed(log: Source | bytes, options: ReadOptions | None = None) -> Reading:
    """What both readers say of a log, which has to be the same."""
    if isinstance(log, bytes):
        data = log
        log = Source("x.log", lambda: io.BytesIO(data), MODIFIED)
    fast, careful = (read_source(log, reader=reader, options=options) for reader in (FAST, CAREFUL))
    assert_frame_equal(fast.events, careful.events)
    assert_frame_equal(fast.rejects, careful.rejects)
    assert (fast.lines, fast.context, fast.other) == (careful.lines, careful.context, careful.other)
    return fast


def shapes_of(data: bytes) -> list[int]:
    found = kernels.scan_block(padded(data), 0, len(data), shapes.build_program(), kernels.room(1 << 16))
    assert found is not None
    shape: list[int] = found.shape.tolist()
    return shape


def filled(text: str, *, maybe: bool, parts: dict[str, str] = PARTS) -> str:
    return PART.sub(lambda part: (part[2] if maybe else "") if part[1] else parts[part[2]], text)


@pytest.mark.parametrize("maybe", [False, True])
@pytest.mark.parametrize("number", range(len(shapes.SHAPES)), ids=[shape.text for shape in shapes.SHAPES])
def test_each_shape_takes_its_message_and_reads_it_as_the_grammar_does(number: int, maybe: bool) -> None:
    message = filled(shapes.SHAPES[number].text, maybe=maybe)
    data = f"Nov 20 21:01:21 app1 sshd[7]: {message}\n".encode()
    assert shapes_of(data) == [number]
    reading = agreed(data)
    assert [row["kind"] for row in reading.rows("kind")] + ["context"] * reading.context == [shapes.SHAPES[number].kind]


@pytest.mark.parametrize(
    "head",
    [
        "Nov 20 21:01:21 app1 sshd[7]: ",
        "Nov  5 21:01:21 OPNsense.lan sshd-session[7]: ",
        "2026-11-20T21:01:21Z app1 sshd-auth[7]: ",
        "2026-11-20T21:01:21.5+05:30 10.0.0.9 sshd[7]:   ",
        "<38>1 2026-11-20T21:01:21.505210-11:00 app1 sshd 7 - - ",
    ],
)
def test_headers_that_are_scanned(head: str) -> None:
    data = f"{head}User child is on pid 17\n".encode()
    assert shapes_of(data) != [kernels.SLOW]
    assert agreed(data).rows("kind", "command", "pid") == [{"kind": "child", "command": "pid 17", "pid": 7}]


# What a line can be made of: plain, odd, and forged.
WORDS = [
    "bob", "root", "from", "port", "user", "invalid", "for", "ssh2", "by", "CORP\\bob", "CORP\\\\bob", "b\\012b", "a=b", "x(uid=0)",
    "(uid=0)", "user=eve", "é", "\x00", "a\u2028b", "*****", "bob@EXAMPLE.ORG", "", " ", "a b", "x from 9.9.9.9 port 5 ssh2",
    "x from 9.9.9.9 port 5 ssh2: RSA SHA256:abc", "[preauth]", "\r", "authenticating user x 9.9.9.9 port 5",
]  # fmt: skip
ADDRESSES = [
    "10.0.0.1", "255.255.255.255", "192.030.0.6", "256.1.1.1", "1.2.3", "2001:DB8::1", "::ffff:1.2.3.4", "::", "fe80::1%eth0",
    "::1", "UNKNOWN", "h.example.org", "cafe.be", "1.2.3.4:", "from", "", "1.2.3.4 port 5 [preauth]", "." * 46, "1.2.3.4.",
]  # fmt: skip
NUMBERS = ["50000", "22", "0", "007", "65535", "65536", "999999999", "9999999999", "٣", "-1", "", "5 [preauth]", "5 "]
ODD = {
    "user": WORDS, "account": WORDS, "addr": ADDRESSES, "dst": ADDRESSES, "port": NUMBERS, "dport": NUMBERS,
    "child": [f"pid {number}" for number in NUMBERS] + ["pid", "7"], "opener": WORDS,
    "cert": [*WORDS, "x (serial 1) CA RSA SHA256:abc", "x ID y"], "ca": [KEY, "SHA256:", "MD5:00:aa", "SHA256:abc, x"],
    "n": NUMBERS, "key": [KEY, "SHA256:", "sha256:abc", "MD5:00:aa", "SHA256:a,b", "SHA256:abc=", "SHA1:abc", "for", "SHA256:a ID x"],
    "method": ["password", "publickey", "none", "keyboard-interactive", "key", "x/y", "Password", "", "a b"],
    "device": ["", "/pam", "/", "/pam for x"], "type": ["RSA", "ED25519-CERT", "rsa", "for", "", "A B"],
    "tty": ["pts/0", "", "a b", "x for y", "PTS"], "spaces": ["", " ", "  "], "any": [*WORDS, "x [preauth]", "for bob from 1.2.3.4 port 5 ssh2"],
    "before": [f"{text} [preauth]" for text in WORDS], "open": [*WORDS, "x [preauth]", "x [preauth] "],
}  # fmt: skip


def test_odd_parts_of_each_shape_read_alike() -> None:
    """Every odd text in every place, with what may follow a message behind it."""
    messages = [
        filled(shape.text, maybe=maybe, parts={**PARTS, name: odd}) + tail
        for shape in shapes.SHAPES
        for name in {part[2] for part in PART.finditer(shape.text) if not part[1]}
        for odd in ODD[name]
        for maybe in (False, True)
        for tail in ("", " ", " [preauth]", " ssh2")
    ]
    messages += [filled(shape.text, maybe=maybe)[:-1] for shape in shapes.SHAPES for maybe in (False, True)]
    messages += [f"message repeated 2 times: [ {message}]" for message in messages]
    agreed("".join(f"Nov 20 21:01:21 app1 sshd[7]: {message}\n" for message in messages).encode())


@st.composite
def shaped(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(shapes.SHAPES)).text
    plain = draw(st.integers(0, 3)) == 0
    return PART.sub(
        lambda part: (
            draw(st.sampled_from(["", part[2]]))
            if part[1]
            else PARTS[part[2]]
            if plain
            else draw(st.sampled_from(ODD[part[2]]))
        ),
        text,
    )


MESSAGE = (
    shaped()
    | st.sampled_from([message for message, _ in MESSAGES])
    | st.builds(
        "message repeated {} times: [{}]{}".format,
        st.sampled_from(["3", "1", "9", "10", "0", "03", ""]),
        st.builds("{}{}".format, st.sampled_from([" ", "", "  "]), shaped()),
        st.sampled_from(["", "", " ", "]"]),
    )
    | st.sampled_from(
        ["last message repeated 2 times", "--- last message repeated 2 times ---", "error: PAM: Authentication failure for bob from 1.2.3.4",
         "Failed keyboard-interactive/pam for bob from 1.2.3.4 port 5 ssh2", "", "x", "\ufefflast message repeated 2 times"]
    )
)  # fmt: skip
STAMP = st.sampled_from(
    ["Dec 31 23:59:59", "Jan  1 00:00:00", "Jan 01 00:00:01", "Feb 29 12:00:00", "Feb 30 12:00:00", "Jul  1 12:00:00", "Jul 32 12:00:00",
     "Okt 25 02:30:00", "Oct 25 02:30:00", "Mar 29 02:30:00", "Nov 20 23:59:60", "Nov 20 24:00:00", "nov 20 12:00:00", "Nov 20 2026 12:00:00",
     "2026-01-01T00:00:00Z", "2025-12-31T23:59:59.123456789+01:00", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59",
     "2026-01-01T00:00:00+24:00", "2026-01-01 00:00:00", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z"]
)  # fmt: skip
HOST = st.sampled_from(
    [
        "app1",
        "app2",
        "OPNsense",
        "10.0.0.9",
        "auth.info",
        "INFO",
        "ERR",
        "-",
        "a_b",
        "a:b",
        "2001:db8::1",
        "<auth.info>",
        "last",
    ]
)
TAG = st.sampled_from(
    ["sshd[7]:", "sshd-session[7]:", "sshd[8]:", "sshd:", "sshd[]:", "sshd[1234567890]:", "/usr/sbin/sshd[7]:", "sshd(pam_unix)[7]:", "dropbear[7]:",
     "/x/dropbear[1]:", "CRON[9]:", "kernel:", "a/:", "syslogd:", "sshd", "sshd[7]", "-:", "postfix/smtpd[1]:", "(systemd)[7]:", "(sshd)[7]:",
     "(systemd):", "()[7]:", "(a b)[7]:", "(a)b[7]:"]
)  # fmt: skip


FINE = b"2026-01-31T12:34:56.123456+01:00 a sshd[7]: User child is on pid 1\n"
COARSE = b"Nov 20 21:01:21 a sshd[7]: User child is on pid 1 \n"


@given(
    st.lists(
        st.tuples(
            st.sampled_from([FINE, COARSE, b"<38>1 " + FINE, b"<38>1 " + COARSE, b"\xff" * 8 + FINE[8:], b"<3\n"]),
            st.integers(-40, 33),
            st.binary(min_size=1, max_size=1),
        ),
        max_size=8,
    )
)
@example([(FINE, -1, b""), (b"<3\n", -1, b""), (FINE, -1, b"")])
@example([(COARSE, -1, b""), (b"<38>1 " + COARSE, -1, b"")])
def test_stamps_like_those_before_read_alike(found: list[tuple[bytes, int, bytes]]) -> None:
    agreed(
        b"".join(data if at < 0 else data[:at] + byte + data[at + 1 :] for data, at, byte in found),
        ReadOptions(year=2026),
    )


@given(st.sampled_from([FINE, COARSE]), st.integers(0, 32), st.sampled_from("0123456789:+-.TZ /"))
def test_a_stamp_that_differs_in_one_place_reads_alike(data: bytes, at: int, byte: str) -> None:
    agreed(data + data[:at] + byte.encode() + data[at + 1 :] + data, ReadOptions(year=2026))


@st.composite
def header(draw: st.DrawFn) -> str:
    stamp, host = draw(STAMP), draw(HOST)
    if draw(st.integers(0, 3)):
        return draw(st.sampled_from(["{} {} {} ", "{} {} {}  ", "{}  {} {} ", "{} {} {}"])).format(
            stamp, host, draw(TAG)
        )
    program = draw(st.sampled_from(["sshd", "sshd-session", "dropbear", "cron", "-", "sshd[7]"]))
    rest = draw(st.sampled_from(["7 - - ", "- - - ", "7 ID47 - ", "7 - -", '7 - [a b="c"] ', "7 - -  "]))
    return (
        f"{draw(st.sampled_from(['<38>1 ', '<1>1 ', '<1234>1 ', '<>1 ', '1 ', '<38>']))}{stamp} {host} {program} {rest}"
    )


@st.composite
def line(draw: st.DrawFn) -> bytes:
    head = draw(header() | st.sampled_from(["Nov 20 21:01:21 app1 sshd[7]: ", "2026-11-20T21:01:21Z app2 sshd[7]: "]))
    data = (head + draw(MESSAGE)).encode().replace(b"\n", b"")
    if draw(st.integers(0, 4)) == 0:
        at = draw(st.integers(0, len(data)))
        data = (
            data[:at]
            + draw(st.sampled_from([b"", b"\xff", b"\x00", b" ", b"\r", b"1", b"[", b":", b"\xe2\x80\xa8"]))
            + data[at + 1 :]
        )
    return data


LOG = st.builds(
    lambda found, ends, last: b"".join(data + ends[n % len(ends)] for n, data in enumerate(found)) + last,
    st.lists(line(), min_size=1, max_size=12),
    st.sampled_from([[b"\n"], [b"\r\n", b"\n"], [b"\n\n"]]),
    st.sampled_from([b"", b"Nov 20 21:01:21 app1 sshd[7]: Invalid user bo", b"\n", b"\xef\xbb\xbf"]),
)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-11)), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])


@given(LOG, st.sampled_from([None, 2024, 2026, 9999]), ZONES, st.sampled_from([1 << 22, 300, 64]))
@example(b"Oct 25 02:30:00 a sshd[7]: User child is on pid 1\n", 2026, ZoneInfo("Europe/Berlin"), 64)
def test_both_readers_agree(log: bytes, year: int | None, zone: timezone, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", size)
        agreed(log, ReadOptions(year=year, zone=zone))


@given(st.binary(max_size=400), st.lists(st.integers(0, 399), max_size=5))
def test_both_readers_agree_on_any_bytes(data: bytes, newlines: list[int]) -> None:
    for at in newlines:
        data = data[:at] + b"\n" + data[at + 1 :]
    agreed(data)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdef"),
            st.sampled_from(["User child is on pid 17", "x", "last message repeated 2 times"]),
        ),
        max_size=30,
    )
)
def test_hosts_are_forgotten_together(found: list[tuple[str, str]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sshd, "_HOSTS", 3)
        patch.setattr(blocks, "BLOCK_BYTES", 150)
        agreed("".join(f"Nov 20 21:01:21 {host} sshd[7]: {message}\n" for host, message in found).encode())


@pytest.mark.usefixtures("block")
def test_new_year_leap_day_and_disorder_across_blocks() -> None:
    stamps = ["Feb 29", "Jul  2", "Dec 30", "Dec 31", "Jan  1", "Dec 31", "Jan  2", "Jun  3", "Dec  1", "Jan  5"]
    log = "".join(f"{stamp} 12:00:00 a sshd[7]: User child is on pid {n}\n" * 3 for n, stamp in enumerate(stamps, 1))
    days = agreed(log.encode()).events["time"].dt.date().unique(maintain_order=True).to_list()
    assert [str(day) for day in days] == [
        "2024-02-29", "2024-07-02", "2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02", "2025-06-03", "2025-12-01", "2026-01-05",
    ]  # fmt: skip


def test_repetition_of_lines_that_were_scanned() -> None:
    child = "User child is on pid 17"
    log = f"Nov 20 21:01:21 a sshd[7]: {child}\nNov 20 21:01:22 b sshd[8]: x\nNov 20 21:01:23 a last message repeated 2 times\n"
    for size in (1 << 22, 50):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(blocks, "BLOCK_BYTES", size)
            assert agreed(log.encode()).rows("pid", "line") == [{"pid": 7, "line": 1}, *[{"pid": 7, "line": 3}] * 2]


def test_repetition_of_a_repeated_line_that_was_scanned() -> None:
    message = "Failed password for bob from 10.0.0.1 port 50000 ssh2"
    log = f"Nov 20 21:01:21 a sshd[7]: message repeated 2 times: [ {message}]\nNov 20 21:01:23 a last message repeated 2 times\n"
    assert (
        agreed(log.encode()).rows("user", "line") == [{"user": "bob", "line": 1}] * 2 + [{"user": "bob", "line": 2}] * 2
    )


def test_very_many_repetitions_stay_in_order() -> None:
    child = "Nov 20 21:01:21 a sshd[7]: User child is on pid 17\n"
    many = "Nov 20 21:01:21 a sshd[7]: message repeated 200000 times: [ User child is on pid 17]\n"
    log = Source("x.log", lambda: io.BytesIO((child + many + child + many + child).encode()), MODIFIED)
    batches = list(FAST.read(log, ReadOptions()))
    assert max(len(batch.events) for batch in batches) <= 100_000
    numbers = [n for batch in batches for n in batch.events["line"].to_list()]
    assert (len(numbers), numbers) == (400_003, sorted(numbers))


def test_texts_and_connections_by_the_thousand_read_alike() -> None:
    log = [
        f"Nov 20 21:01:21 host{n % 700} sshd[{n}]: Invalid user user{n} from 10.{n % 7}.{n // 250}.{n % 250} port {n}"
        for n in range(1, 9000)
    ]
    events = agreed("\n".join(log * 2).encode()).events
    assert (events["user"].n_unique(), events["session"].n_unique()) == (8999, 8999)


def test_more_texts_than_one_block_may_have_read_alike() -> None:
    log = [
        f"Nov 20 21:01:21 a sshd[7]: Invalid user {n:x} from 10.0.0.1 port 1" for n in range(kernels.TEXT_LIMIT + 99)
    ]
    data = "\n".join(log).encode() + b"\n"
    assert shapes_of(data)[-99:] == [kernels.SLOW] * 99
    assert agreed(data).events["user"].n_unique() == len(log)


def test_lines_that_are_very_short() -> None:
    child = b"Nov 20 21:01:21 a sshd[7]: User child is on pid 17\n"
    assert agreed(b"\n" * 5000 + child + b"x\n" * 9).events["line"].to_list() == [5001]


@pytest.mark.parametrize("size", [100, 101, 102, 150, 4096])
def test_logs_in_many_blocks_come_in_the_order_of_their_lines(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)
    users = ["bob", "a-user-with-a-long-name", "", "CORP\\ann", "x y"]
    addresses = ["10.0.0.1", "2001:DB8::1", "::ffff:1.2.3.4", "h.example.org"]
    log = "".join(
        f"Nov 20 21:01:{n % 60:02} h{n % 3} sshd[{n}]: Invalid user {users[n % 5]} from {addresses[n % 4]} port {n}\n"
        for n in range(1, 400)
    )
    assert agreed(log.encode()).events["line"].to_list() == list(range(1, 400))


@pytest.mark.usefixtures("block")
def test_lines_that_are_too_long() -> None:
    child = b"Nov 20 21:01:21 a sshd[7]: User child is on pid 17\n"
    for size in (lines.LINE_BYTES // 4, lines.LINE_BYTES, lines.LINE_BYTES + 1):
        reading = agreed(child + child[:-1].ljust(size, b"x") + b"\n" + child)
        assert reading.events["line"].to_list() == [1, 3]


def test_the_sample_and_the_bundled_logs_read_alike_and_fast(root: Path) -> None:
    counts = [0, 0]
    for log in find_sources([str(root / "graphmap" / "sample")]):
        if ".log" in log.name:
            agreed(log)
            with log.open() as stream:
                taken = np.array(shapes_of(stream.read()))
            counts = [counts[0] + int((taken != kernels.SLOW).sum()), counts[1] + len(taken)]
    assert counts[1] > 500
    assert counts[0] / counts[1] >= 0.9


@pytest.mark.usefixtures("block")
def test_real_logs_read_alike(shared: Path) -> None:
    folders = ("sshrange", "crowdsec-hub", "plaso/syslog", "sshguard", "sshd-oracle")
    total = sum(agreed(log).events.height for log in find_sources([str(shared / folder) for folder in folders]))
    assert total > 1000


def test_lines_of_the_oracle_read_alike(shared: Path) -> None:
    import json

    cases = [json.loads(case) for case in (shared / "sshd-oracle" / "sshd.jsonl").read_text().splitlines()]
    heads = (
        "Nov 20 21:01:21 app1 sshd[7]: ",
        "2026-11-20T21:01:21Z app1 sshd[7]: ",
        "<38>1 2026-11-20T21:01:21Z app1 sshd 7 - - ",
    )
    log = [head + case["line"] if case["bare_message"] else case["line"] for case in cases for head in heads]
    assert agreed("\n".join(log).encode()).events.height >= len(cases)


def test_a_stream_that_breaks_is_told_as_before() -> None:
    class Broken(io.BytesIO):
        def readinto(self, buffer: Any, /) -> int:
            if self.tell():
                raise OSError("gone")
            return super().readinto(memoryview(buffer)[:60])

    child = b"Nov 20 21:01:21 a sshd[7]: User child is on pid 17\n"
    reading = agreed(Source("x.log", lambda: Broken(child * 3), datetime(2026, 12, 1, tzinfo=UTC)))
    assert reading.rejects["reason"].to_list() == ["cannot be read further: gone"]
    assert reading.lines == 2


def test_a_reader_that_is_left_early_stops() -> None:
    child = b"Nov 20 21:01:21 a sshd[7]: User child is on pid 17\n"
    opened: list[io.BytesIO] = []

    def source() -> io.BytesIO:
        opened.append(io.BytesIO(child * 20))
        return opened[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK_BYTES", 100)
        batches: Iterator[object] = FAST.read(Source("x.log", source, MODIFIED), ReadOptions(year=2026))
        next(batches)
        batches.close()  # type: ignore[attr-defined]
    assert [stream.closed for stream in opened] == [True]


def test_little_is_read_with_care_and_much_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "is_kept", lambda: True)
    meter = Meter()
    assert meter.scanner(LOADED_FROM) is None
    assert meter.scanner(1) is scanner
    assert meter.scanner(SMALL) is None
    assert meter.scanner(SMALL + 1) is scanner


def test_what_must_be_compiled_is_loaded_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "is_kept", lambda: False)
    meter = Meter()
    assert meter.scanner(COMPILED_FROM) is None
    assert meter.scanner(1) is scanner


def test_switching_in_the_middle_of_a_source_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Later:
        calls = 0

        def scanner(self, size: int) -> object:
            self.calls += size > 0
            return scanner if self.calls > 4 else None

    monkeypatch.setattr(blocks, "BLOCK_BYTES", 120)
    monkeypatch.setattr(sshd, "METER", Later())
    log = b"".join(
        b"%s 12:00:00 a sshd[7]: User child is on pid 17\nx\n" % day for day in (b"Nov 30", b"Dec 31", b"Jan  1") * 4
    )
    source = Source("x.log", lambda: io.BytesIO(log), MODIFIED)
    mixed, careful = read_source(source, reader=SshdReader()), read_source(source, reader=CAREFUL)
    assert_frame_equal(mixed.events, careful.events)
    assert_frame_equal(mixed.rejects, careful.rejects)


FUZZ = """
import random
import numba
import numpy as np
assert numba.config.BOUNDSCHECK == 1
from graphmap.readers import kernels, shapes
from graphmap.readers.blocks import padded
from tests.readers.test_scanner import PARTS, filled

program = shapes.build_program()
room = kernels.room(64)
random.seed(1)
heads = (b"Nov 20 21:01:21 app1 sshd[7]: ", b"2026-11-20T21:01:21.5+01:00 app1 sshd[7]: ", b"<38>1 2026-11-20T21:01:21Z app1 sshd 7 - - ")
lines = [head + filled(shape.text, maybe=True).encode() for head in heads for shape in shapes.SHAPES]
lines += [b"Nov 20 21:01:21 app1 " + tag for tag in (b"last message repeated", b"cron[1]: last message", b"x: --", b"a/b/dropbear: ")]

def scan(data):
    # whole lines, followed by no more bytes than the scanner is promised
    data = data.removesuffix(b"\\n") + b"\\n"
    exact = padded(data)
    assert kernels.scan_block(exact, 0, len(data), program, room) is not None
    kernels.scan_dates(exact, 0, len(data))

for line in lines:
    for end in range(len(line) + 1):
        scan(line[:end])
        scan(line[:end] + b"\\n")
for _ in range(3000):
    data = bytearray(random.choice(lines) + b"\\n" + random.choice(lines) + random.choice((b"\\n", b"")))
    for _ in range(random.randrange(6)):
        data[random.randrange(len(data))] = random.choice((10, 13, 0, 32, 255, 58, 91, 48, random.randrange(256)))
    scan(bytes(data[random.randrange(40) :]))
print("inside")
"""


@pytest.mark.slow
def test_no_byte_outside_of_the_buffer_is_read(root: Path, tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", FUZZ], cwd=root, capture_output=True, text=True, check=False,
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": f"{root}:{root / 'api'}"},
    )  # fmt: skip
    assert found.stdout == "inside\n", found.stderr
