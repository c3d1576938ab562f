"""Sessions and failures of small logs: each test shows the lines, and the whole tables that they give."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.identity import Identity
from graphmap.sessions import build_failures, build_sessions
from graphmap.tables import FAILURES, SESSIONS
from tests.estates import estate, plain, read

DAY = "2026-03-01"


def session(start: str, end: str | None, lines: list[int], /, **others: Any) -> dict[str, Any]:
    """A session of bob's from 10.0.0.5 on db1, by a key; `others` says what differs, None what is not there."""
    row: dict[str, Any] = {
        "start": f"{DAY} {start}",
        "end": end and f"{DAY} {end}",
        "last": f"{DAY} {end or start}",
        "host": "db1",
        "src": "10.0.0.5",
        "src_known": False,
        "src_ip": "10.0.0.5",
        "src_port": 50000,
        "user": "bob",
        "account": "bob",
        "service": "ssh",
        "method": "publickey",
        "key": "SHA256:k",
        "witnesses": ["server"],
        "missing": [],
        "lines": [f"auth.log:{line}" for line in lines],
    }
    return {name: value for name, value in (row | others).items() if value is not None}


def failure(time: str, line: int, /, **others: Any) -> dict[str, Any]:
    """A password of bob's that was refused on db1."""
    row: dict[str, Any] = {
        "time": f"{DAY} {time}",
        "host": "db1",
        "src": "10.0.0.5",
        "src_known": False,
        "src_ip": "10.0.0.5",
        "user": "bob",
        "account": "bob",
        "service": "ssh",
        "method": "password",
        "line": f"auth.log:{line}",
    }
    return {name: value for name, value in (row | others).items() if value is not None}


VERBOSE = """
    2026-03-01T10:00:00.100000+00:00 db1 sshd[30]: Connection from 10.0.0.5 port 50000 on 10.0.0.1 port 22 rdomain ""
    2026-03-01T10:00:00.200000+00:00 db1 sshd[30]: Accepted key ED25519 SHA256:k found at /home/bob/.ssh/authorized_keys:1
    2026-03-01T10:00:00.250000+00:00 db1 sshd[30]: Postponed publickey for bob from 10.0.0.5 port 50000 ssh2 [preauth]
    2026-03-01T10:00:00.300000+00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
    2026-03-01T10:00:00.350000+00:00 db1 sshd[30]: pam_unix(sshd:session): session opened for user bob(uid=1000) by (uid=0)
    2026-03-01T10:00:00.400000+00:00 db1 sshd[30]: User child is on pid 37
    2026-03-01T10:00:00.450000+00:00 db1 sshd[37]: Starting session: shell on pts/0 for bob from 10.0.0.5 port 50000 id 0
    2026-03-01T10:05:00.100000+00:00 db1 sshd[37]: Close session: user bob from 10.0.0.5 port 50000 id 0
    2026-03-01T10:05:00.200000+00:00 db1 sshd[37]: Received disconnect from 10.0.0.5 port 50000:11: disconnected by user
    2026-03-01T10:05:00.300000+00:00 db1 sshd[37]: Disconnected from user bob 10.0.0.5 port 50000
    2026-03-01T10:05:00.400000+00:00 db1 sshd[30]: pam_unix(sshd:session): session closed for user bob
"""


def test_verbose_log_with_a_privilege_separated_child() -> None:
    whole = estate(VERBOSE)
    assert plain(whole.sessions) == [
        session("10:00:00.300000", "10:05:00.200000", [4, 9], last=f"{DAY} 10:05:00.300000", command="shell")
    ]
    assert whole.sessions.schema == SESSIONS
    assert plain(whole.failures) == []
    assert whole.failures.schema == FAILURES


def test_info_log_ends_with_the_first_line_that_says_so() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:00 db1 sshd[30]: pam_unix(sshd:session): session opened for user bob(uid=1000) by (uid=0)
        Mar  1 10:05:00 db1 sshd[37]: Disconnected from user bob 10.0.0.5 port 50000
        Mar  1 10:05:01 db1 sshd[30]: pam_unix(sshd:session): session closed for user bob
    """
    assert plain(estate(log).sessions) == [session("10:00:00", "10:05:00", [1, 3])]


@pytest.mark.parametrize(
    "line",
    [
        "sshd[30]: pam_unix(sshd:session): session closed for user bob",
        "sshd[37]: Connection closed by 10.0.0.5 port 50000",
        "sshd[37]: Connection closed by user bob 10.0.0.5 port 50000",
        "sshd[37]: Connection reset by 10.0.0.5 port 50000",
        "sshd[37]: Received disconnect from 10.0.0.5 port 50000:11: disconnected by user",
        "sshd[37]: Disconnected from user bob 10.0.0.5 port 50000",
        "sshd[37]: Timeout, client not responding from user bob 10.0.0.5 port 50000",
        "sshd[30]: Received disconnect from 10.0.0.5: 11: disconnected by user",  # before 7.2: no port, one pid
        "sshd[30]: Write failed: Broken pipe",
    ],
)
def test_each_line_that_ends_a_session(line: str) -> None:
    log = f"""
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:05:00 db1 {line}
    """
    assert plain(estate(log).sessions) == [session("10:00:00", "10:05:00", [1, 2])]


@pytest.mark.parametrize(
    "line",
    [
        "db1 sshd[31]: pam_unix(sshd:session): session closed for user bob",
        "db2 sshd[30]: pam_unix(sshd:session): session closed for user bob",
        "db1 sshd[37]: Disconnected from user bob 10.0.0.5 port 50001",
        "db1 sshd[37]: Disconnected from user bob 10.0.0.6 port 50000",
        "db2 sshd[37]: Disconnected from user bob 10.0.0.5 port 50000",
        "db1 sshd[30]: Received disconnect from 10.0.0.6: 11: disconnected by user",
        "db1 sshd[37]: Received disconnect from 10.0.0.5: 11: disconnected by user",
    ],
)
def test_the_end_of_something_else(line: str) -> None:
    log = f"""
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:05:00 {line}
    """
    assert plain(estate(log).sessions) == [session("10:00:00", None, [1])]


def test_an_old_line_without_port_is_found_by_the_child_pid() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:00 db1 sshd[30]: User child is on pid 37
        Mar  1 10:05:00 db1 sshd[37]: Received disconnect from 10.0.0.5: 11: disconnected by user
    """
    assert plain(estate(log).sessions) == [session("10:00:00", "10:05:00", [1, 3])]


def test_a_child_pid_that_later_serves_as_a_listener_is_its_own() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:00 db1 sshd[30]: User child is on pid 37
        Mar  1 11:00:00 db1 sshd[37]: Accepted publickey for bob from 10.0.0.5 port 50001 ssh2: ED25519 SHA256:k
        Mar  1 11:05:00 db1 sshd[37]: pam_unix(sshd:session): session closed for user bob
    """
    assert plain(estate(log).sessions) == [
        session("10:00:00", None, [1]),
        session("11:00:00", "11:05:00", [3, 4], src_port=50001),
    ]


def test_a_line_with_the_port_is_trusted_before_one_with_the_pid() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:05:00 db1 sshd[30]: pam_unix(sshd:session): session closed for user bob
        Mar  1 10:05:01 db1 sshd[37]: Disconnected from user bob 10.0.0.5 port 50000
    """
    assert plain(estate(log).sessions) == [session("10:00:00", "10:05:01", [1, 3])]


def test_root_has_one_pid() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted password for root from 10.0.0.5 port 50000 ssh2
        Mar  1 10:00:00 db1 sshd[30]: Starting session: command for root from 10.0.0.5 port 50000 id 0
        Mar  1 10:00:07 db1 sshd[30]: Disconnected from user root 10.0.0.5 port 50000
    """
    assert plain(estate(log).sessions) == [
        session(
            "10:00:00", "10:00:07", [1, 3], user="root", account="root", method="password", key=None, command="command"
        )
    ]


def test_a_port_that_comes_back_another_day() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  2 10:00:00 db1 sshd[90]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  2 10:05:00 db1 sshd[91]: Disconnected from user bob 10.0.0.5 port 50000
    """
    later = session(
        "x", "x", [2, 3], start="2026-03-02 10:00:00", end="2026-03-02 10:05:00", last="2026-03-02 10:05:00"
    )
    assert plain(estate(log).sessions) == [session("10:00:00", None, [1]), later]


@pytest.mark.parametrize(
    "first",
    [
        'Connection from 10.0.0.5 port 50000 on 10.0.0.1 port 22 rdomain ""',
        "Failed password for root from 10.0.0.5 port 50000 ssh2",
        "Invalid user x from 10.0.0.5 port 50000",
    ],
)
def test_a_port_that_comes_back_without_a_logon_neither_ends_nor_prolongs(first: str) -> None:
    log = f"""
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  9 10:00:00 db1 sshd[90]: {first}
        Mar  9 10:00:01 db1 sshd[90]: Connection closed by 10.0.0.5 port 50000
    """
    assert plain(estate(log).sessions) == [session("10:00:00", None, [1])]


def test_a_pid_that_comes_back() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:05:00 db1 sshd[30]: pam_unix(sshd:session): session closed for user bob
        Mar  1 12:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50007 ssh2: ED25519 SHA256:k
        Mar  1 12:05:00 db1 sshd[30]: pam_unix(sshd:session): session closed for user bob
        Mar  1 13:00:00 db1 sshd[40]: Accepted publickey for bob from 10.0.0.5 port 50008 ssh2: ED25519 SHA256:k
        Mar  1 14:00:00 db1 sshd[40]: Failed password for root from 10.0.0.6 port 50009 ssh2
        Mar  1 14:00:01 db1 sshd[40]: Write failed: Broken pipe
    """
    assert plain(estate(log).sessions) == [
        session("10:00:00", "10:05:00", [1, 2]),
        session("12:00:00", "12:05:00", [3, 4], src_port=50007),
        session("13:00:00", None, [5], src_port=50008),
    ]


def test_an_end_that_its_whole_second_puts_before_the_start() -> None:
    log = """
        2026-03-01T10:00:00.700000+00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        2026-03-01T10:00:00+00:00 db1 sshd[37]: Disconnected from user bob 10.0.0.5 port 50000
    """
    assert plain(estate(log).sessions) == [session("10:00:00.700000", "10:00:00.700000", [1, 2])]


def test_the_refused_keys_of_a_logon_in_its_second() -> None:
    """In whole seconds the lines before a logon look as late as the logon: they must not hide it from what follows."""
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        2026-03-01T10:00:00.900000+00:00 db1 sshd[30]: Failed publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:j
        Mar  1 10:00:05 db1 sshd[37]: Disconnected from user bob 10.0.0.5 port 50000
    """
    whole = estate(log)
    assert plain(whole.sessions) == [session("10:00:00", "10:00:05", [1, 3])]
    assert plain(whole.failures) == []


def test_two_sessions_interleaved_on_one_host() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:01 db1 sshd[40]: Accepted password for ann from 10.0.0.6 port 50000 ssh2
        Mar  1 10:00:02 db1 sshd[47]: Starting session: subsystem 'sftp' for ann from 10.0.0.6 port 50000 id 0
        Mar  1 10:00:02 db1 sshd[37]: Starting session: command for bob from 10.0.0.5 port 50000 id 0
        Mar  1 10:00:03 db1 sshd[47]: Disconnected from user ann 10.0.0.6 port 50000
        Mar  1 10:00:04 db1 sshd[37]: Disconnected from user bob 10.0.0.5 port 50000
    """
    ann = {"user": "ann", "account": "ann", "src": "10.0.0.6", "src_ip": "10.0.0.6", "method": "password", "key": None}
    assert plain(estate(log).sessions) == [
        session("10:00:00", "10:00:04", [1, 6], command="command"),
        session("10:00:01", "10:00:03", [2, 5], command="subsystem:sftp", **ann),
    ]


def test_sessions_that_share_a_connection_are_one() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:01 db1 sshd[37]: Starting session: command for bob from 10.0.0.5 port 50000 id 0
        Mar  1 10:00:02 db1 sshd[37]: Close session: user bob from 10.0.0.5 port 50000 id 0
        Mar  1 10:09:01 db1 sshd[37]: Starting session: shell on pts/0 for bob from 10.0.0.5 port 50000 id 0
        Mar  1 10:09:05 db1 sshd[37]: Close session: user bob from 10.0.0.5 port 50000 id 0
    """
    assert plain(estate(log).sessions) == [session("10:00:00", None, [1], command="command", last=f"{DAY} 10:09:05")]


def test_a_jump_starts_nothing() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:00 db1 sshd[30]: User child is on pid 37
        Mar  1 10:00:09 db1 sshd[37]: Disconnected from user bob 10.0.0.5 port 50000
    """
    assert plain(estate(log).sessions) == [session("10:00:00", "10:00:09", [1, 3])]


CERTIFICATE = "ED25519-CERT SHA256:k ID bob (serial 7) CA ED25519 SHA256:ca"


@pytest.mark.parametrize(
    "refused",
    [
        "Failed publickey for bob from 10.0.0.5 port 50000 ssh2: RSA SHA256:j",
        "Failed none for bob from 10.0.0.5 port 50000 ssh2",
    ],
)
def test_what_a_client_offers_before_it_succeeds_is_no_failure(refused: str) -> None:
    log = f"""
        Mar  1 10:00:00 db1 sshd[30]: {refused}
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
    """
    assert plain(estate(log).failures) == []


def test_a_certificate_after_its_plain_key() -> None:
    log = f"""
        Mar  1 10:00:00 db1 sshd[30]: Failed publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: {CERTIFICATE}
    """
    whole = estate(log)
    assert plain(whole.failures) == []
    assert plain(whole.sessions) == [session("10:00:00", None, [2], cert_id="bob")]


def test_a_mistyped_password_is_a_failure() -> None:
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Failed password for bob from 10.0.0.5 port 50000 ssh2
        Mar  1 10:00:03 db1 sshd[30]: Accepted password for bob from 10.0.0.5 port 50000 ssh2
    """
    whole = estate(log)
    assert plain(whole.failures) == [failure("10:00:00", 1)]
    assert plain(whole.sessions) == [session("10:00:03", None, [2], method="password", key=None)]


def test_a_refused_key_is_a_failure_unless_its_own_connection_succeeds_soon() -> None:
    log = """
        Mar  1 09:50:00 db1 sshd[30]: Failed publickey for bob from 10.0.0.5 port 50000 ssh2: RSA SHA256:j
        Mar  1 10:00:00 db1 sshd[31]: Failed publickey for bob from 10.0.0.5 port 50001 ssh2: RSA SHA256:j
        Mar  1 10:00:00 db2 sshd[32]: Failed publickey for bob from 10.0.0.5 port 50000 ssh2: RSA SHA256:j
        Mar  1 10:00:01 db1 sshd[33]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:02 db1 sshd[34]: Failed publickey for bob from 10.0.0.5 port 50000 ssh2: RSA SHA256:j
    """
    key = {"method": "publickey", "key": "SHA256:j"}
    assert plain(estate(log).failures) == [
        failure("09:50:00", 1, **key),
        failure("10:00:00", 2, **key),
        failure("10:00:00", 3, host="db2", **key),
        failure("10:00:02", 5, **key),
    ]


def test_lines_that_name_no_host_are_left_out() -> None:
    log = """
        Mar  1 10:00:00 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:01 sshd[31]: Failed password for bob from 10.0.0.5 port 50001 ssh2
        Mar  1 10:00:02 db1 sshd[32]: Accepted publickey for bob from 10.0.0.5 port 50002 ssh2: ED25519 SHA256:k
    """
    whole = estate(log)
    assert plain(whole.sessions) == [session("10:00:02", None, [3], src_port=50002)]
    assert plain(whole.failures) == []


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_loopback_is_the_host_itself(address: str) -> None:
    log = f"""
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from {address} port 50000 ssh2: ED25519 SHA256:k
    """
    assert plain(estate(log).sessions) == [session("10:00:00", None, [1], src="db1", src_known=True, src_ip=address)]


def test_a_name_in_place_of_an_address() -> None:
    """UseDNS puts the peer's name into the line; a host that logs under it is that host."""
    log = """
        Mar  1 10:00:00 db1 sshd[30]: Accepted publickey for bob from WEB1.corp.example port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:01 db1 sshd[30]: Accepted publickey for bob from elsewhere.example port 50001 ssh2: ED25519 SHA256:k
    """
    inventory = "hosts: [{name: web1, aliases: [web1.corp.example]}]"
    assert plain(estate(log, inventory=inventory).sessions) == [
        session("10:00:00", None, [1], src="web1", src_known=True, src_ip=None),
        session("10:00:01", None, [2], src="elsewhere.example", src_ip=None, src_port=50001),
    ]


def test_aliases_of_accounts_and_hosts() -> None:
    log = """
        Mar  1 10:00:00 DB1.corp.example sshd[30]: Accepted publickey for adm-bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
        Mar  1 10:00:01 db1 sshd[37]: Disconnected from user adm-bob 10.0.0.5 port 50000
        Mar  1 10:00:09 db1 sshd[40]: Failed password for adm-bob from 10.0.0.5 port 50001 ssh2
    """
    inventory = """
        hosts: [{name: db1, aliases: [db1.corp.example]}, {name: lt7, addresses: [10.0.0.5]}]
        accounts: [{name: bob, aliases: [adm-bob]}]
    """
    whole = estate(log, inventory=inventory)
    lt7 = {"src": "lt7", "src_known": True, "user": "adm-bob"}
    assert plain(whole.sessions) == [session("10:00:00", "10:00:01", [1, 2], **lt7)]
    assert plain(whole.failures) == [failure("10:00:09", 3, **lt7)]


# Nonsense logs against a slow, obvious twin

SAYINGS = (
    'Connection from 10.0.0.9 port {port} on 10.0.0.1 port 22 rdomain ""',
    "Failed publickey for bob from 10.0.0.9 port {port} ssh2: ED25519 SHA256:j",
    "Failed password for bob from 10.0.0.9 port {port} ssh2",
    "Accepted password for bob from 10.0.0.9 port {port} ssh2",
    "Accepted password for bob from 10.0.0.9 port {port} ssh2",
    "Starting session: command for bob from 10.0.0.9 port {port} id 0",
    "Starting session: shell on pts/0 for bob from 10.0.0.9 port {port} id 0",
    "Received disconnect from 10.0.0.9 port {port}:11: disconnected by user",
    "Disconnected from user bob 10.0.0.9 port {port}",
    "User child is on pid {child}",
    "Received disconnect from 10.0.0.9: 11: disconnected by user",
    "pam_unix(sshd:session): session closed for user bob",
)
BEFORE = {"connection", "failed"}


@st.composite
def nonsense(draw: st.DrawFn) -> pl.DataFrame:
    """Events of lines in no sensible order: two hosts, three pids, two ports, quarters of five seconds."""
    lines = []
    for _ in range(draw(st.integers(0, 12))):
        quarter, host = draw(st.integers(0, 19)), draw(st.sampled_from("ab"))
        saying = draw(st.sampled_from(SAYINGS)).format(port=draw(st.integers(1, 2)), child=draw(st.integers(1, 3)))
        stamp = (datetime(2026, 3, 1, 10) + timedelta(seconds=quarter / 4)).isoformat(timespec="microseconds")  # noqa: DTZ001
        lines.append(f"{stamp}+00:00 {host} sshd[{draw(st.integers(1, 3))}]: {saying}\n")
    return read("".join(lines))


Row = dict[str, Any]
Claim = tuple[datetime, int, Row | None]
"""From when on, which of the logons in their order (-1 for none yet), and that logon."""


def covers(stamp: datetime) -> datetime:
    """The last moment that a stamp can mean."""
    return stamp if stamp.microsecond else stamp + timedelta(seconds=1, microseconds=-1)


def owner(line: Row, claims: list[Claim]) -> Row | None:
    """The logon that had a port or pid when a line was written: the last claim that is not later than the line."""
    earlier = [claim for claim in claims if claim[0] <= covers(line["time"])]
    return max(earlier, key=lambda claim: claim[:2])[2] if earlier else None


def claims_of(rows: list[Row], logons: list[Row], line: Row, by: str) -> list[Claim]:
    same = [row for row in rows if (row["dst_host"], row[by]) == (line["dst_host"], line[by]) and row[by] is not None]
    refused: list[Claim] = [(row["time"].replace(microsecond=0), -1, None) for row in same if row["kind"] in BEFORE]
    return refused + [(row["time"], number, row) for number, row in enumerate(logons) if row in same]


def owners(rows: list[Row], logons: list[Row]) -> list[tuple[Row, Row]]:
    """Each line that tells of a session, with the logon of that session."""
    children = [
        (row, logon)
        for row in rows
        if row["kind"] == "child" and (logon := owner(row, claims_of(rows, logons, row, "pid")))
    ]
    found = []
    for row in rows:
        claims = claims_of(rows, logons, row, "pid" if row["session"] is None else "session")
        if row["session"] is None:
            claims += [
                (child["time"], logons.index(logon), logon)
                for child, logon in children
                if (child["dst_host"], child["command"]) == (row["dst_host"], f"pid {row['pid']}")
            ]
        if row["action"] in {"logoff", "process"} and (logon := owner(row, claims)):
            found.append((row, logon))
    return found


Told = tuple[int, datetime | None, int | None, str | None]
"""The line of a logon, the end of its session, the line of that, and what was started."""


def twin(rows: list[Row]) -> list[Told]:
    logons = sorted(
        (row for row in rows if row["kind"] == "accepted"),
        key=lambda row: (row["time"], row["dst_host"], row["session"], row["line"]),
    )
    pairs = owners(rows, logons)
    return sorted(tell(logon, [row for row, owned_by in pairs if owned_by is logon]) for logon in logons)


def tell(logon: Row, own: list[Row]) -> Told:
    def place(row: Row) -> tuple[bool, datetime, int]:
        return row["session"] is None, max(row["time"], logon["time"]), row["line"]

    own = sorted(own, key=place)
    end = next((row for row in own if row["action"] == "logoff"), None)
    started = next((row["command"] for row in own if row["kind"] == "session-start"), None)
    return logon["line"], place(end)[1] if end else None, end["line"] if end else None, started


@given(nonsense())
def test_pairing_is_that_of_the_twin(events: pl.DataFrame) -> None:
    found = build_sessions(events, Identity())
    shown = [
        (lines[0]["line"], end, lines[1]["line"] if len(lines) > 1 else None, command)
        for lines, end, command in found.select("lines", "end", "command").iter_rows()
    ]
    assert sorted(shown) == twin(events.to_dicts())


@given(nonsense())
def test_every_accepted_logon_is_one_session_that_goes_forward(events: pl.DataFrame) -> None:
    found = build_sessions(events, Identity())
    accepted = events.filter(kind="accepted").sort("line")
    logons = found.select("start", "host", "src_port", pl.col("lines").list.first().struct.field("line")).sort("line")
    assert logons.rows() == accepted.select("time", "dst_host", "src_port", "line").rows()
    assert found.filter((pl.col("end") < pl.col("start")) | (pl.col("last") < pl.col("start"))).is_empty()


@given(nonsense())
def test_failures_are_those_that_no_success_explains(events: pl.DataFrame) -> None:
    rows = events.to_dicts()
    explained = {
        row["line"]
        for row in rows
        for logon in rows
        if logon["kind"] == "accepted" and (logon["dst_host"], logon["session"]) == (row["dst_host"], row["session"])
        if row["method"] == "publickey" and row["time"] <= covers(logon["time"])
    }
    expected = {row["line"] for row in rows if row["kind"] == "failed"} - explained
    found = build_failures(events, Identity())
    assert sorted(line["line"] for line in found["line"]) == sorted(expected)


@given(nonsense(), st.integers(0, 1 << 32))
def test_order_of_the_events_changes_nothing(events: pl.DataFrame, seed: int) -> None:
    shuffled = events.sample(fraction=1, shuffle=True, seed=seed)
    assert build_sessions(shuffled, Identity()).equals(build_sessions(events, Identity()))
    assert build_failures(shuffled, Identity()).equals(build_failures(events, Identity()))


def test_no_events_no_sessions() -> None:
    nothing = estate("")
    assert (nothing.sessions.shape, nothing.sessions.schema) == ((0, len(SESSIONS)), SESSIONS)
    assert (nothing.failures.shape, nothing.failures.schema) == ((0, len(FAILURES)), FAILURES)


def test_the_edge_of_the_time_in_which_a_try_belongs_to_a_logon() -> None:
    """The twin's world lasts five seconds."""
    log = """
        2026-03-01T10:00:00.500000+00:00 db1 sshd[30]: Failed publickey for bob from 10.0.0.5 port 50000 ssh2: RSA SHA256:j
        2026-03-01T10:00:00.500001+00:00 db1 sshd[30]: Failed publickey for bob from 10.0.0.5 port 50000 ssh2: RSA SHA256:i
        2026-03-01T10:10:00.500001+00:00 db1 sshd[30]: Accepted publickey for bob from 10.0.0.5 port 50000 ssh2: ED25519 SHA256:k
    """
    assert plain(estate(log).failures) == [failure("10:00:00.500000", 1, method="publickey", key="SHA256:j")]
