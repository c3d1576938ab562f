"""Sysmon for Linux: what becomes an event, and text that was meant to look like a field."""

from __future__ import annotations

from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import detect
from tests.readers.reading import Reading, read_lines


def line(
    event: int, header: str = "Nov 20 21:01:21 relay sysmon[9]: ", stamp: str = "2026-11-20 21:01:21.400", **data: str
) -> str:
    fields = "".join(
        f'<Data Name="{name}">{escape(value)}</Data>' for name, value in {"UtcTime": stamp, **data}.items()
    )
    return (
        f'{header}<Event><System><Provider Name="Linux-Sysmon"/><EventID>{event}</EventID><TimeCreated '
        f'SystemTime="2026-11-20T21:01:22.500000000Z"/><Computer>web1</Computer></System><EventData>{fields}</EventData></Event>'
    )


def read(*lines: str) -> Reading:
    return read_lines(*lines, reader="sysmon-linux")


SSH = {"Image": "/usr/bin/ssh", "User": "bob", "ProcessId": "7", "TerminalSessionId": "4294967295"}
FLOW = {"SourceIp": "::ffff:10.0.0.1", "SourcePort": "50000", "DestinationIp": "10.0.0.9", "DestinationPort": "22"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (line(1, **SSH, CommandLine="ssh db1"), ["client-started"]),
        (line(1, **{**SSH, "Image": "/usr/bin/scp"}, CommandLine="scp -t /tmp"), ["server-started"]),
        (line(1, **{**SSH, "Image": "/usr/bin/bash"}, CommandLine="bash -c ssh"), []),
        (line(3, **SSH, **FLOW, Initiated="true"), ["connect"]),
        (line(3, **{**SSH, "Image": "/usr/sbin/sshd"}, **FLOW, Initiated="false"), ["accept"]),
        (line(3, **{**SSH, "Image": "/tmp/x"}, **FLOW), ["connect"]),
        (line(3, **{**SSH, "Image": "/usr/bin/curl"}, **{**FLOW, "DestinationPort": "443"}), []),
        (line(11, Image="/bin/tee", TargetFilename="/home/a/.ssh/authorized_keys"), ["keys-written"]),
        (line(23, Image="/bin/rm", TargetFilename="/var/log/wtmp"), ["log-written"]),
        (line(11, Image="/bin/tee", TargetFilename="/tmp/x"), []),
        (line(4, State="Started"), ["sysmon-started"]),
        (line(4, State="Stopped"), ["sysmon-ended"]),
        (line(16, Configuration="/opt/sysmon/config.xml"), ["sysmon-changed"]),
        (line(5, **SSH), []),
        ("Nov 20 21:01:21 web1 sshd[7]: Accepted password for bob from 1.2.3.4 port 5 ssh2", []),
        (line(1, header="Nov 20 21:01:21 relay bash[9]: ", **SSH, CommandLine="ssh db1"), []),
    ],
)
def test_kinds(text: str, expected: list[str]) -> None:
    reading = read(text)
    assert reading.events["kind"].to_list() == expected
    assert reading.other == 1 - len(expected)


def test_the_two_ends_of_a_connection() -> None:
    columns = ("src_ip", "src_port", "src_host", "dst_ip", "dst_port", "dst_host", "witness", "session")
    outgoing = read(line(3, **SSH, **FLOW, Initiated="true")).events.select(columns).row(0)
    incoming = (
        read(line(3, **{**SSH, "Image": "/usr/sbin/sshd"}, **FLOW, Initiated="false")).events.select(columns).row(0)
    )
    assert outgoing == ("10.0.0.1", 50000, "web1", "10.0.0.9", 22, None, "client", None)
    assert incoming == ("10.0.0.1", 50000, None, "10.0.0.9", 22, "web1", "server", None)


@pytest.mark.parametrize(
    "header",
    [
        "Nov 20 21:01:21 relay sysmon: ",
        "<14>1 2026-11-20T21:01:21Z web1 sysmon 1102 - - ",
        "2026-11-20T21:01:21+00:00 web1 sysmon: ",
    ],
)
def test_headers(header: str) -> None:
    text = line(1, header=header, **SSH, CommandLine="ssh db1")
    found = detect(text.encode())
    assert found is not None
    assert found.name == "sysmon-linux"
    assert read(text).rows("dst_host", "command") == [{"dst_host": "web1", "command": "ssh db1"}]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (line(1, **SSH, CommandLine="ssh")[:-5], "event is cut"),
        (line(1, stamp="yesterday", **SSH), "time stamp does not exist"),
        (line(1, stamp="2026-13-20 21:01:21.4", **SSH), "time stamp does not exist"),
        (line(1, **SSH).replace("bob", 'bob</Data><Data Name="User">root'), "ambiguous: a field is there twice"),
    ],
)
def test_rejects(text: str, reason: str) -> None:
    assert read(text).reasons() == [reason]


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), min_size=1, max_size=60)
)
def test_a_command_changes_nothing_else(command: str) -> None:
    (event,) = read(line(1, **SSH, CommandLine=command)).rows("user", "command", "client", "pid")
    shown = None if command in {"-", "?", "(unknown)", "(null)"} else command
    assert event in (
        {"user": "bob", "command": shown, "client": "ssh", "pid": 7},
        {"user": "bob", "command": "ssh", "client": "ssh", "pid": 7},
    )
