"""What messages mean: kinds, columns, repetition, PAM's double reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from graphmap.readers import dropbear, openssh_rules, pam
from graphmap.readers.kinds import KINDS
from tests.readers.reading import HEADER, read_lines, read_messages

if TYPE_CHECKING:
    from graphmap.readers.fields import Rule

KEY = "SHA256:5xyQ+PG1Z3CIiShclJ2iNya5TOdKDgE/HrOXr21IdOo"
CA = f"CA ED25519 {KEY}"
A = "1.2.3.4 port 5"

MESSAGES: list[tuple[str, dict[str, Any]]] = [
    (f"Accepted publickey for bob from {A} ssh2: ED25519 {KEY}",
     {"kind": "accepted", "user": "bob", "method": "publickey", "key": KEY, "session": "1.2.3.4:5"}),
    (f"Accepted publickey for bob from 2001:DB8::1 port 5 ssh2: RSA-CERT {KEY} ID bob (x) 7 (serial 18446744073709551615) {CA}",
     {"kind": "accepted", "src_ip": "2001:db8::1", "session": "[2001:db8::1]:5", "key": KEY, "cert_id": "bob (x) 7"}),
    (f"Accepted keyboard-interactive/pam for bob from {A} ssh2", {"kind": "accepted", "method": "keyboard-interactive"}),
    (f"Accepted gssapi-with-mic for bob from {A} ssh2: bob@EXAMPLE.ORG", {"method": "gssapi-with-mic", "key": None}),
    (f'Accepted hostbased for bob from {A} ssh2: ED25519 {KEY}, client user "eve", client host "h.example"',
     {"method": "hostbased", "user": "bob", "key": KEY}),
    (f"Accepted google_authenticator for bob from {A} ssh2", {"method": "google_authenticator"}),
    (f"Accepted publickey for bob from {A} ssh2: RSA e8:31:68:c7:01:2d:25:20:36:8f:50:5d:f9:ee:70:4c",
     {"key": "MD5:e8:31:68:c7:01:2d:25:20:36:8f:50:5d:f9:ee:70:4c"}),
    (f"Failed none for invalid user  from {A} ssh2", {"kind": "failed", "method": "none", "user": ""}),
    (f"Failed password for illegal user a b from {A} ssh2", {"kind": "failed", "user": "a b"}),
    (f"Accepted password for CORP\\\\bob from {A} ssh2", {"domain": "CORP", "user": "bob"}),
    (f"Accepted password for CORP\\bob from {A} ssh2", {"domain": "CORP", "user": "bob"}),
    (f"Accepted password for bob@example.org from {A} ssh2", {"domain": None, "user": "bob@example.org"}),
    (f"Failed password for invalid user x\\012y from {A} ssh2", {"domain": None, "user": "x\\012y"}),
    ("Accepted password for bob from ::ffff:1.2.3.4 port 5 ssh2", {"src_ip": "1.2.3.4", "session": "1.2.3.4:5"}),
    ("Accepted password for bob from fe80::1%eth0 port 5 ssh2", {"src_ip": "fe80::1"}),
    ("Accepted password for bob from h.example.org port 5 ssh2",
     {"src_ip": None, "src_host": "h.example.org", "src_port": 5, "session": None}),
    ("Accepted password for bob from 192.030.0.6 port 5 ssh2", {"src_ip": None, "src_host": "192.030.0.6"}),
    ("Accepted password for bob from UNKNOWN port 65535 ssh2", {"src_ip": None, "src_host": None, "src_port": 65535}),
    ("Accepted password for bob from 1.2.3.4 port 0 ssh2", {"src_port": None, "session": None}),
    ("Accepted password for bob from 1.2.3.4 port 65536 ssh2", {"src_port": None, "session": None}),
    (f'Connection from {A} on 10.0.0.2 port 22 rdomain ""', {"kind": "connection", "dst_ip": "10.0.0.2", "dst_port": 22}),
    ("Starting session: shell on pts/0 for bob from 1.2.3.4 port 5 id 0", {"kind": "session-start", "command": "shell"}),
    ("Starting session: command for bob from 1.2.3.4 port 5 id 0", {"command": "command"}),
    ("Starting session: subsystem 'sftp' for bob from 1.2.3.4 port 5 id 0", {"command": "subsystem:sftp"}),
    ("Starting session: forced-command (key-option) '/bin/x for y' on pts/1 for bob from 1.2.3.4 port 5 id 1",
     {"command": "forced-command (key-option) '/bin/x for y'", "user": "bob"}),
    ("User child is on pid 17", {"kind": "child", "command": "pid 17"}),
    ("error: connect_to db1 port 5432: failed.", {"kind": "forward-failed", "command": "connect_to db1 port 5432: failed."}),
    (f"Received request from {A} to connect to host 10.0.0.9 port 22, but the request was denied.",
     {"kind": "forward-denied", "src_ip": "1.2.3.4", "command": "connect to host 10.0.0.9 port 22"}),
    ("ROOT LOGIN REFUSED FROM 1.2.3.4 port 5 [preauth]", {"kind": "root-refused", "user": "root", "action": "logon"}),
    ("pam_sss(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=1.2.3.4 user=bob",
     {"kind": "pam-auth-failure", "user": "bob", "src_ip": "1.2.3.4", "action": "connection"}),
    ("PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=1.2.3.4  user=root",
     {"kind": "pam-auth-failure", "user": "root"}),
    ("error: PAM: Have exhausted maximum number of retries for service for bob from 1.2.3.4",
     {"kind": "pam-error", "user": "bob", "action": "logon"}),
    ("fatal: Timeout before authentication for connection from 1.2.3.4 to 10.0.0.2, pid = 9",
     {"kind": "timeout", "src_ip": "1.2.3.4", "dst_ip": "10.0.0.2"}),
]  # fmt: skip


@pytest.mark.parametrize(("message", "expected"), MESSAGES, ids=[message for message, _ in MESSAGES])
def test_message(message: str, expected: dict[str, Any]) -> None:
    (event,) = read_messages(message).rows(*expected)
    assert event == expected


def test_a_host_may_connect_to_itself() -> None:
    local = [f"Connection from {address} port 5 on {address} port 22" for address in ("1.2.3.4", "::1", "::")]
    rows = read_messages(*local).rows("src_ip", "dst_ip")
    assert rows == [{"src_ip": address, "dst_ip": address} for address in ("1.2.3.4", "::1", "::")]


SAMPLES: list[tuple[str, Rule, str]] = [
    (program, rule, sample)
    for program, rules in (
        ("sshd[7]", (*openssh_rules.RULES, *pam.RULES)),
        ("dropbear[7]", dropbear.RULES),
    )
    for rule in rules
    for sample in rule.samples
]


@pytest.mark.parametrize(("program", "rule", "sample"), SAMPLES, ids=[sample for _, _, sample in SAMPLES])
def test_samples_beside_each_rule(program: str, rule: Rule, sample: str) -> None:
    (event,) = read_messages(sample, program=program).rows("kind", "action", "outcome", "service", "src_ip")
    kind = KINDS[rule.kind]
    source = "10.0.0.1" if "10.0.0.1" in sample else None
    assert event == {
        "kind": rule.kind, "action": kind.action, "outcome": kind.outcome, "service": "ssh", "src_ip": source,
    }  # fmt: skip


def test_every_kind_is_written_by_something() -> None:
    verdicts = {"accepted", "failed", "failed-echo", "postponed", "partial", "pam-auth-failure"}
    assert {rule.kind for _, rule, _ in SAMPLES} | verdicts == set(KINDS)


def test_only_accepted_is_a_success() -> None:
    assert [name for name, kind in KINDS.items() if kind.outcome == "success"] == ["accepted"]


@pytest.mark.parametrize(
    "message",
    [
        f"Accepted key ED25519 {KEY} found at /home/bob/.ssh/authorized_keys:1",
        f'Accepted certificate ID "bob" (serial 1) signed by ED25519 {CA} via /etc/ssh/ca.pub',
        "Server listening on :: port 22.",
        "pam_unix(sshd:auth): check pass; user unknown",
        "pam_limits(sshd:session): Could not set limit for 'nofile'",
        "Received signal 15; terminating.",
        "Transferred: sent 3208, received 3440 bytes",
        "Closing connection to 1.2.3.4 port 5",
        "Set /proc/self/oom_score_adj to 0",
        "subsystem request for sftp by user bob",
        "error: subsystem request for sftp by user labbob failed, subsystem not found",
        "error: beginning MaxStartups throttling",
        "reverse mapping checking getaddrinfo for a.example [1.2.3.4] failed - POSSIBLE BREAK-IN ATTEMPT!",
        "input_userauth_request: invalid user x [preauth]",
        "debug1: Forked child 17.",
        "rexec line 15: Deprecated option UsePrivilegeSeparation",
        "Authentication refused: bad ownership or modes for directory /home/bob",
    ],
)
def test_context(message: str) -> None:
    reading = read_messages(message)
    assert (len(reading.events), len(reading.rejects), reading.context) == (0, 0, 1)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Disconnected from totobad user ftp 92.255.85.135 port 26138 [preauth]", "sshd message not understood"),
        ("Accepted everything", "sshd message not understood"),
        ("x" * 9000, "message is longer than sshd writes any"),
        (f"Failed publickey for invalid user bob from {A} ssh2: RSA-CERT {KEY} ID x from 9.9.9.9 port 5 ssh2: RSA-CERT {KEY} ID q (serial 0) {CA}",
         "ambiguous: the user name or the key's text could hold the source address"),
        ("pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser=rhost=9.9.9.9 rhost=1.2.3.4",
         "ambiguous: a PAM field holds text that looks like another field"),
    ],
)  # fmt: skip
def test_rejects(message: str, reason: str) -> None:
    assert read_messages(message).reasons() == [reason]


def test_message_repeated_is_so_many_more_events_of_one_line() -> None:
    reading = read_messages(f"message repeated 3 times: [ Failed password for bob from {A} ssh2]")
    assert reading.rows("kind", "line", "src_port") == [{"kind": "failed", "line": 1, "src_port": 5}] * 3
    assert reading.accounted() == reading.lines == 1


def test_last_message_repeated_is_of_the_same_host() -> None:
    failed = f"Failed password for bob from {A} ssh2"
    reading = read_lines(
        f"Feb 12 21:01:21 a sshd[7]: {failed}",
        "Feb 12 21:01:21 b sshd[8]: Server listening on :: port 22.",
        "Feb 12 21:01:29 a last message repeated 2 times",
        "Feb 12 21:01:29 b syslogd: last message repeated 2 times",
        "Feb 12 21:01:30 c --- last message repeated 5 times ---",
    )
    rows = reading.rows("dst_host", "pid", "line", "kind")
    assert rows == [{"dst_host": "a", "pid": 7, "line": line, "kind": "failed"} for line in (1, 3, 3)]
    assert (reading.context, reading.other, len(reading.rejects)) == (2, 1, 0)


def test_very_many_repetitions_come_in_bounded_batches() -> None:
    from graphmap.readers import READERS, ReadOptions
    from tests.readers.reading import source

    line = f"{HEADER}message repeated 200000 times: [ Failed password for bob from {A} ssh2]\n"
    sizes = [len(batch.events) for batch in READERS["sshd"].read(source(line.encode()), ReadOptions())]
    assert (sum(sizes), max(sizes) <= 100_000) == (200_000, True)
    assert read_lines(line.replace("200000", "1000001").rstrip()).reasons() == ["repeated more than 1,000,000 times"]


ATTEMPT = [
    "error: PAM: Authentication failure for bob from 1.2.3.4",
    f"Failed keyboard-interactive/pam for bob from {A} ssh2",
]


def logon_failures(*messages: str) -> int:
    return len(read_messages(*messages).events.filter(action="logon", outcome="failure"))


def test_an_attempt_that_pam_and_sshd_report_counts_once() -> None:
    assert logon_failures(ATTEMPT[0]) == 1  # LogLevel INFO
    assert logon_failures(*ATTEMPT) == 1  # VERBOSE
    assert logon_failures(*ATTEMPT, *ATTEMPT) == 2
    assert logon_failures(ATTEMPT[1]) == 1  # a PAM module said something first: no PAM line
    invalid = [
        line.replace("for bob", f"for {state} user bob")
        for line, state in zip(ATTEMPT, ("illegal", "invalid"), strict=True)
    ]
    assert logon_failures(*invalid) == 1


def test_other_processes_reports_do_not_mix() -> None:
    other = HEADER.replace("[7]", "[8]") + ATTEMPT[1]
    reading = read_lines(HEADER + ATTEMPT[0], other)
    assert reading.events["kind"].to_list() == ["pam-error", "failed"]
