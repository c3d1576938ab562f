"""The journal's export, and who may speak for sshd in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from graphmap.readers import detect
from tests.readers.reading import Reading, read_bytes

ACCEPTED = "Accepted password for bob from 1.2.3.4 port 5 ssh2"
ENTRY: dict[str, Any] = {
    "__CURSOR": "s=1", "__REALTIME_TIMESTAMP": "1700000001000000", "_SOURCE_REALTIME_TIMESTAMP": "1700000000123456",
    "_HOSTNAME": "web1", "_PID": "7", "_UID": "0", "_COMM": "sshd", "_EXE": "/usr/sbin/sshd",
    "_SYSTEMD_UNIT": "ssh.service", "SYSLOG_IDENTIFIER": "sshd", "SYSLOG_PID": "99", "MESSAGE": ACCEPTED,
}  # fmt: skip


def entry(**changes: Any) -> bytes:
    """An entry with fields changed, or left out where None."""
    fields = {name: value for name, value in {**ENTRY, **changes}.items() if value is not None}
    return json.dumps(fields).encode() + b"\n"


def read(*lines: bytes) -> Reading:
    return read_bytes(b"".join(lines), reader="journald")


def test_entry() -> None:
    assert read(entry()).rows() == [
        {
            "time": datetime(2023, 11, 14, 22, 13, 20, 123456, UTC), "action": "logon", "outcome": "success",
            "service": "ssh", "kind": "accepted", "user": "bob", "src_ip": "1.2.3.4", "src_port": 5,
            "dst_host": "web1", "method": "password", "session": "1.2.3.4:5", "pid": 7, "repeat": 0, "witness": "server",
            "reader": "journald", "file": "x.log", "line": 1,
        }
    ]  # fmt: skip


def test_message_as_bytes_or_twice() -> None:
    lines = [
        entry(MESSAGE=list(ACCEPTED.encode())),
        entry(MESSAGE=[ACCEPTED, "other"]),
        entry(MESSAGE=[list(b"Invalid user \xff from 1.2.3.4"), "x"], _PID=["7", "8"]),
        entry(MESSAGE="Invalid user \ud800 from 1.2.3.4"),
    ]
    assert read(*lines).events["user"].to_list() == ["bob", "bob", "\\xff", "\\ud800"]


def test_time_of_arrival_stands_in_for_the_writers() -> None:
    assert read(entry(_SOURCE_REALTIME_TIMESTAMP=None)).events["time"].dt.epoch("us").to_list() == [1700000001000000]


@pytest.mark.parametrize(
    "changes",
    [
        {"_COMM": "logger", "_EXE": "/usr/bin/logger", "_UID": "1000"},
        {"_COMM": "logger", "_EXE": "/usr/bin/logger"},
        {"_COMM": "sshd", "_EXE": "/home/eve/sshd", "_UID": "1000"},
        {"_COMM": "sshd", "_EXE": "/tmp/sshd", "_UID": "1000"},
        {"_COMM": "sshd", "_EXE": None, "_UID": "1000"},  # a name that a process gives itself reports no logon
        {"_COMM": None, "_EXE": None, "_UID": "1000"},
        {"_COMM": None, "_EXE": None, "_UID": None},
        {"_COMM": "sshd", "_EXE": "/usr/bin/python3.11", "_UID": "1000"},
    ],
)
def test_forged_entries_are_rejects(changes: dict[str, Any]) -> None:
    (reason,) = read(entry(**changes)).reasons()
    assert reason.startswith("forged: ")


@pytest.mark.parametrize(
    "changes",
    [
        {"_COMM": "sshd-session", "_EXE": "/usr/lib/openssh/sshd-session"},
        {"_EXE": None},
        {"_COMM": None, "_EXE": None},  # ended before journald looked
        {"_UID": "1000"},  # the real sshd, serving a user
        {"SYSLOG_IDENTIFIER": "sshd-session", "_COMM": "sshd-session", "_EXE": "/usr/libexec/sshd-session"},
    ],
)
def test_sshd_itself(changes: dict[str, Any]) -> None:
    assert read(entry(**changes)).events["kind"].to_list() == ["accepted"]


def test_users_process_ends_a_session() -> None:
    line = entry(_UID="1000", _EXE=None, MESSAGE="Disconnected from user bob 1.2.3.4 port 5")
    assert read(line).events["kind"].to_list() == ["disconnected"]


def test_what_is_no_entry() -> None:
    reading = read(
        entry(MESSAGE=None), b"not json\n", b"[1]\n", b"\n", entry(SYSLOG_IDENTIFIER="cron", _COMM="cron", _EXE="/usr/sbin/cron"),
        entry(MESSAGE="Server listening on :: port 22."), b"[" * 100_000 + b"\n",
        entry(__REALTIME_TIMESTAMP="x", _SOURCE_REALTIME_TIMESTAMP=None), entry(MESSAGE=f"{ACCEPTED}\nnext"),
    )  # fmt: skip
    assert reading.reasons() == [
        "message is missing or too large for the export", "not a JSON object", "not a JSON object", "not a JSON object",
        "time stamp does not exist", "sshd message not understood",
    ]  # fmt: skip
    assert (len(reading.events), reading.other, reading.context) == (0, 2, 1)


def test_detected_by_its_stamp() -> None:
    found = detect(entry())
    assert found is not None
    assert found.name == "journald"
    assert detect(b'{"ts": 1, "message": "x"}\n') is None
