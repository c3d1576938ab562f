"""The unified log of macOS: five styles, one answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import ReadOptions, detect
from tests.readers.reading import Reading, read_bytes

ACCEPTED = "Accepted publickey for bob from 10.0.0.1 port 50000 ssh2: ED25519 SHA256:x"
SCREEN = "Authentication: SUCCEEDED :: User Name: ann :: Viewer Address: 10.0.0.9 :: Type: RSA-SRP"
MESSAGES = [
    ("/usr/sbin/sshd", ACCEPTED),
    ("/usr/libexec/sshd-session", "Failed password for root from 10.0.0.2 port 50001 ssh2"),
    ("/System/Library/CoreServices/RemoteManagement/screensharingd.bundle/Contents/MacOS/screensharingd", SCREEN),
    ("/usr/bin/ssh", "nw_path_evaluate"),
    ("/usr/bin/ssh", "nw_path_evaluate"),
    ("/usr/libexec/trustd", "x"),
]


def fields(path: str, message: str) -> dict[str, Any]:
    return {
        "traceID": 1, "eventMessage": message, "eventType": "logEvent", "backtrace": {"frames": [{"imageOffset": 1}]},
        "processImagePath": path, "timestamp": "2026-11-20 21:01:21.505210+0100", "processID": 77, "subsystem": "",
    }  # fmt: skip


def ndjson() -> str:
    return "".join(json.dumps(fields(*entry)) + "\n" for entry in MESSAGES) + '{"count":6,"finished":1}\n'


def indented() -> str:
    objects = [json.dumps(fields(*entry), indent=2).replace("/", "\\/") for entry in MESSAGES]
    return "[" + ",".join(objects) + "]\n"


def other_indent() -> str:
    return json.dumps([fields(*entry) for entry in MESSAGES], indent=4) + "\n"


def one_line() -> str:
    return json.dumps([fields(*entry) for entry in MESSAGES]) + "\n"


def names() -> list[tuple[str, str]]:
    return [(path.rpartition("/")[2], message) for path, message in MESSAGES]


def default() -> str:
    lines = [
        f"2026-11-20 21:01:21.505210+0100 0x150d23a  Info        0x0                  77     0    {n}: (lib) [com.apple.x:y] {m}\n"
        for n, m in names()
    ]
    return (
        'Filtering the log data using "process == "sshd""\nSkipping debug messages, pass --debug to include.\n'
        "Timestamp                       Thread     Type        Activity             PID    TTL  \n"
        f"{''.join(lines)}    and more of it\n{'-' * 80}\nLog      - Default:          6, Info:                0\n"
    )


def syslog() -> str:
    head = "Timestamp                       (process)[PID]    \n"
    return head + "".join(f"2026-11-20 21:01:21.505210+0100  localhost {n}[77]: {m}\n" for n, m in names())


def compact() -> str:
    head = "Timestamp               Ty Process[PID:TID]\n"
    return head + "".join(f"2026-11-20 21:01:21.505 I  {n}[77:150d23a] {m}\n" for n, m in names())


STYLES = {"ndjson": ndjson(), "json": indented(), "json by another": other_indent(), "json in one line": one_line(),
          "default": default(), "syslog": syslog(), "compact": compact()}  # fmt: skip


def read(text: str, **named: Any) -> Reading:
    return read_bytes(text.encode(), reader="macos", **named)


@pytest.mark.parametrize("style", STYLES)
def test_styles_tell_the_same(style: str) -> None:
    found = detect(STYLES[style].encode())
    assert found is not None
    assert found.name == "macos"
    reading = read(STYLES[style], host="mac1", options=ReadOptions(zone=timezone(timedelta(hours=1))))
    columns = (
        "kind",
        "user",
        "src_ip",
        "src_port",
        "key",
        "method",
        "service",
        "client",
        "witness",
        "session",
        "dst_host",
        "pid",
    )
    assert reading.events.select(columns).rows() == [
        ("accepted", "bob", "10.0.0.1", 50000, "SHA256:x", "publickey", "ssh", None, "server", "10.0.0.1:50000", "mac1", 77),
        ("failed", "root", "10.0.0.2", 50001, None, "password", "ssh", None, "server", "10.0.0.2:50001", "mac1", 77),
        ("screen-accepted", "ann", "10.0.0.9", None, None, "RSA-SRP", "vnc", None, "server", None, "mac1", 77),
        ("client-seen", None, None, None, None, None, "ssh", "ssh", "client", None, "mac1", 77),
    ]  # fmt: skip
    assert reading.events["time"].dt.truncate("1s").unique().to_list() == [
        datetime(2026, 11, 20, 20, 1, 21, tzinfo=UTC)
    ]
    assert reading.lines == reading.accounted()
    assert reading.reasons() == []


def test_events_have_the_line_on_which_their_object_begins() -> None:
    lines = indented().split("\n")
    begun = [number for number, line in enumerate(lines, 1) if line.startswith(("[{", "},{"))]
    assert read(indented()).events["line"].to_list() == begun[:4]


def entry(message: str, path: str = "/usr/sbin/sshd", **changes: Any) -> str:
    return json.dumps({**fields(path, message), **changes}) + "\n"


@pytest.mark.parametrize(
    ("message", "path", "expected"),
    [
        ("Accepted publickey for <private> from <private> port 50000 ssh2", "/usr/sbin/sshd", ("accepted", None, None, None)),
        ("Accepted publickey for <mask.hash: 'abc='> from 10.0.0.1 port 50000 ssh2", "/usr/sbin/sshd", ("accepted", None, "10.0.0.1", None)),
        (SCREEN.replace("ann", "<private>").replace("10.0.0.9", "<private>"), "/x/screensharingd", ("screen-accepted", None, None, None)),
        (SCREEN.replace("SUCCEEDED", "FAILED").replace("RSA-SRP", "N/A"), "/x/screensharingd", ("screen-failed", "ann", "10.0.0.9", None)),
        (SCREEN.replace("ann", "x :: Viewer Address: 6.6.6.6 :: Type: DH"), "/x/screensharingd", ("screen-accepted", "x :: Viewer Address: 6.6.6.6 :: Type: DH", "10.0.0.9", None)),
        (SCREEN.partition(" :: Type")[0].replace("10.0.0.9", "mac9.local"), "/x/screensharingd", ("screen-accepted", "ann", None, "mac9.local")),
    ],
)  # fmt: skip
def test_private_is_unknown_and_names_are_the_clients(
    message: str, path: str, expected: tuple[str | None, ...]
) -> None:
    assert read(entry(message, path)).events.select("kind", "user", "src_ip", "src_host").row(0) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (entry(ACCEPTED, "/Users/eve/sshd"), "forged: written by /Users/eve/sshd"),
        (entry("<private>"), "message is <private>"),
        (entry("Accepted something"), "sshd message not understood"),
        (entry(ACCEPTED, timestamp="2026-13-20 21:01:21.505210+0100"), "time stamp does not exist"),
        (entry(ACCEPTED, timestamp="yesterday"), "time stamp does not exist"),
        ('{"eventMessage" : x}\n', "not a JSON object"),
        ('{"eventMessage": "x"\n', "object has no end"),
    ],
)
def test_rejects(line: str, reason: str) -> None:
    reading = read(line + entry(ACCEPTED))
    assert reading.reasons() == [reason]
    assert reading.events["line"].to_list() == [2]


@pytest.mark.parametrize("path", ["/usr/bin/logger", "/usr/libexec/sshd-keygen-wrapper"])
def test_other_programs_do_not_speak_for_sshd(path: str) -> None:
    assert read(entry(ACCEPTED, path)).other == 1


def test_an_object_without_end_is_bounded() -> None:
    reading = read("[{\n" + '  "x" : 1,\n' * 5000 + "},{\n")
    assert reading.lines == reading.accounted() == 5002
    assert set(reading.reasons()) == {"object has no end"}


@given(
    st.lists(
        st.sampled_from(
            ["[{", "},{", "}]", '{"a":1}', '"timestamp" : "x"', "}", "{", entry(ACCEPTED).strip(), '"', "\\", "[]"]
        ),
        max_size=20,
    )
)
def test_every_line_of_broken_json_is_counted(lines: list[str]) -> None:
    reading = read("".join(f"{line}\n" for line in ["{", *lines]))
    assert reading.lines == reading.accounted()


@pytest.mark.parametrize(
    "line",
    [
        "{" * 100_000,
        '{"' * 100_000,
        "2026-11-20 21:01:21.505210+0100 0x1 Info 0x0 1 0" + " " * 100_000,
        "2026-11-20 21:01:21.505210+0100  h " + "(" * 100_000,
        "[" * 100_000,
    ],
)
def test_time_is_bounded(line: str) -> None:
    assert read(line + "\n").lines == 1
