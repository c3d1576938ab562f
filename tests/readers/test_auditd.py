"""Audit logs: which record is the login, what belongs together, and what of an event was lost."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import detect, find_sources
from graphmap.readers.auditd.grammar import parse_fields, parse_record, plain, text
from graphmap.readers.auditd.system import socket_address
from tests.readers.reading import Reading, read_bytes, read_lines, read_source

if TYPE_CHECKING:
    from pathlib import Path

    from graphmap.readers.auditd.grammar import AuditRecord

UNSET = "4294967295"


def login_record(kind: str, second: int, said: str, *, pid: int = 700, ses: str = UNSET, auid: str = UNSET) -> str:
    return (
        f"node=web1 type={kind} msg=audit(17000000{second:02}.500:{second}): pid={pid} uid=0 auid={auid} ses={ses} "
        f"msg='{said}'"
    )


def sshd(
    op: str, *, acct: str = 'acct="bob"', addr: str = "10.0.0.1", terminal: str = "ssh", res: str = "success"
) -> str:
    return f'op={op} {acct} exe="/usr/sbin/sshd" hostname=? addr={addr} terminal={terminal} res={res}'


def read(*lines: str) -> Reading:
    return read_lines(*lines, reader="auditd")


def kinds(*lines: str) -> list[str]:
    return read(*lines).events["kind"].to_list()


LOGIN = [
    login_record("USER_AUTH", 1, sshd("PAM:authentication")),
    login_record("USER_ACCT", 2, sshd("PAM:accounting")),
    login_record("CRED_ACQ", 2, sshd("PAM:setcred")),
    "node=web1 type=LOGIN msg=audit(1700000002.600:3): pid=700 uid=0 old-auid=4294967295 auid=1000 old-ses=4294967295 ses=5 res=1",
    login_record("USER_START", 3, sshd("PAM:session_open"), ses="5", auid="1000"),
    login_record("CRED_ACQ", 3, sshd("PAM:setcred"), pid=701, ses="5", auid="1000"),
    login_record("USER_LOGIN", 4, sshd("login", acct="id=1000", terminal="/dev/pts/0"), ses="5", auid="1000"),
]
LOGOUT = [
    login_record("USER_END", 50, sshd("login", acct="id=1000", terminal="/dev/pts/0"), ses="5", auid="1000"),
    login_record("USER_LOGOUT", 50, sshd("login", acct="id=1000", terminal="/dev/pts/0"), ses="5", auid="1000"),
    login_record("USER_END", 51, sshd("PAM:session_close"), ses="5", auid="1000"),
    login_record("CRED_DISP", 51, sshd("PAM:setcred"), ses="5", auid="1000"),
]


def test_one_login_is_one_logon_and_one_logoff() -> None:
    reading = read(*LOGIN, *LOGOUT)
    assert reading.rows("line", "kind", "user", "src_ip", "session", "pid", "dst_host") == [
        {"line": 5, "kind": "login", "user": "bob", "src_ip": "10.0.0.1", "session": "audit:5", "pid": 700, "dst_host": "web1"},
        {"line": 10, "kind": "logout", "user": "bob", "src_ip": "10.0.0.1", "session": "audit:5", "pid": 700, "dst_host": "web1"},
    ]  # fmt: skip
    assert (reading.context, reading.other, reading.lines) == (9, 0, 11)


@pytest.mark.parametrize(
    "lost",
    [[], [1, 2, 3], [0, 1, 2, 3, 4], [4]],
    ids=["nothing", "before the session", "all but USER_LOGIN", "USER_START"],
)
def test_a_login_is_seen_by_any_record_that_opens_it(lost: list[int]) -> None:
    kept = [line for index, line in enumerate(LOGIN) if index not in lost]
    assert kinds(*kept) == ["login"]


def test_logout_without_pam() -> None:
    assert kinds(LOGIN[-1], LOGOUT[0]) == ["login"]  # a terminal of an open connection was closed
    assert kinds(LOGOUT[0], LOGOUT[1], *LOGOUT[2:]) == ["logout"]


def test_process_ids_are_used_again() -> None:
    assert kinds(*LOGIN, *LOGOUT, *LOGIN, *LOGOUT) == ["login", "logout"] * 2
    assert kinds(*LOGIN, *LOGIN) == ["login", "login"]  # the end of the first was lost


def test_red_hats_records_add_method_key_and_port() -> None:
    reading = read(
        login_record("CRYPTO_SESSION", 1, 'op=start direction=from-client rport=50000 laddr=10.0.0.2 lport=22 exe="/usr/sbin/sshd" addr=10.0.0.1 res=success'),
        login_record("CRYPTO_SESSION", 1, 'op=start direction=from-server rport=50000 laddr=10.0.0.2 lport=22 exe="/usr/sbin/sshd" addr=10.0.0.1 res=success'),
        login_record("USER_AUTH", 1, sshd("pubkey_auth")),
        login_record("CRYPTO_KEY_USER", 1, 'op=negotiate kind=auth-key fp=SHA256:abc rport=50000 exe="/usr/sbin/sshd" addr=10.0.0.1 res=success'),
        login_record("CRYPTO_KEY_USER", 1, 'op=destroy kind=server fp=SHA256:hostkey exe="/usr/sbin/sshd" addr=10.0.0.1 res=success'),
        *LOGIN[1:],
    )  # fmt: skip
    assert reading.rows("kind", "method", "key", "src_port", "dst_ip", "dst_port") == [
        {"kind": "connection", "method": None, "key": None, "src_port": 50000, "dst_ip": "10.0.0.2", "dst_port": 22},
        {"kind": "login", "method": "publickey", "key": "SHA256:abc", "src_port": 50000, "dst_ip": None, "dst_port": None},
    ]  # fmt: skip


FAILED = [
    login_record("USER_AUTH", 1, sshd("PAM:authentication", res="failed")),
    login_record("USER_LOGIN", 1, sshd("login", terminal="sshd", res="failed")),
]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (FAILED * 3, ["auth-failed", "login-failed-echo"] * 3),
        (FAILED[1:], ["login-failed"]),
        # PAM spoke from another process, as it does in a keyboard-interactive attempt
        ([login_record("USER_AUTH", 1, sshd("PAM:authentication", res="failed"), pid=701), FAILED[1]],
         ["auth-failed", "login-failed-echo"]),
        ([login_record("USER_AUTH", 1, sshd("PAM:authentication", res="failed", addr="10.9.9.9"), pid=701), FAILED[1]],
         ["auth-failed", "login-failed"]),
        ([FAILED[0], login_record("USER_LOGIN", 30, sshd("login", terminal="sshd", res="failed"))],
         ["auth-failed", "login-failed"]),
        # two before any attempt for an account that does not exist, then one for each attempt
        ([login_record("USER_LOGIN", 1, sshd("login", acct=f"acct={b'(unknown user)'.hex().upper()}", terminal="sshd", res="failed")),
          *[login_record("USER_LOGIN", 1, sshd("login", acct=f"acct={b'(invalid user)'.hex().upper()}", terminal="sshd", res="failed"))] * 2],
         ["invalid-user", "invalid-user", "login-failed"]),
        # Red Hat: the method's record repeats PAM's; USER_LOGIN is written when the client gives up
        ([FAILED[0], login_record("USER_AUTH", 1, sshd("password", res="failed")),
          login_record("USER_LOGIN", 2, sshd("login", res="failed"))],
         ["auth-failed", "login-failed-echo", "abandoned"]),
        ([login_record("USER_AUTH", 1, sshd("pubkey", res="failed")), *LOGIN], ["auth-failed", "login"]),
        ([login_record("USER_ACCT", 1, sshd("PAM:accounting", res="failed"))], ["account-refused"]),
        ([login_record("USER_AUTH", 1, 'op=PAM:authentication acct="root" exe="/usr/bin/su" res=failed')], []),
    ],
)  # fmt: skip
def test_refused_attempts_count_once(lines: list[str], expected: list[str]) -> None:
    assert kinds(*lines) == expected


def test_services() -> None:
    console = login_record(
        "USER_LOGIN", 1, 'op=login acct="ann" exe="/usr/bin/login" hostname=web1 addr=? terminal=tty1 res=success'
    )
    cron = login_record(
        "USER_START", 1, 'op=PAM:session_open acct="root" exe="/usr/sbin/cron" addr=? terminal=cron res=success'
    )
    reading = read(console, cron)
    assert reading.rows("service", "user", "src_host") == [{"service": "console", "user": "ann", "src_host": "web1"}]
    assert reading.context == 1


EXECUTED = [
    'type=SYSCALL msg=audit(1700000009.000:16): arch=c000003e syscall=59 success=yes exit=0 ppid=720 pid=730 auid=1000 uid=0 ses=5 comm="ssh" exe="/usr/bin/ssh"',
    'type=EXECVE msg=audit(1700000009.000:16): argc=3 a0="ssh" a1="root@db1" a2=6964203B206964',
    'type=CWD msg=audit(1700000009.000:16): cwd="/root"',
    'type=PATH msg=audit(1700000009.000:16): item=0 name="/usr/bin/ssh" nametype=NORMAL',
    'type=PROCTITLE msg=audit(1700000009.000:16): proctitle="ssh"',
]
WRITTEN = [
    'type=SYSCALL msg=audit(1700000010.000:17): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=55 a2=441 pid=740 auid=1000 uid=0 ses=5 comm="tee" exe="/usr/bin/tee"',
    'type=CWD msg=audit(1700000010.000:17): cwd="/var/log"',
    'type=PATH msg=audit(1700000010.000:17): item=0 name="./auth.log" nametype=NORMAL',
]


@given(st.permutations(EXECUTED + WRITTEN))
def test_records_in_any_order_are_the_same_events(lines: list[str]) -> None:
    events = read(*lines).rows("kind", "command", "client", "pid", "session")
    assert sorted(events, key=str) == [
        {"kind": "client-started", "command": "ssh root@db1 'id ; id'", "client": "ssh", "pid": 730, "session": "audit:5"},
        {"kind": "log-written", "command": "openat /var/log/auth.log", "client": "tee", "pid": 740, "session": "audit:5"},
    ]  # fmt: skip


def test_events_interleaved_over_more_than_two_seconds_are_two() -> None:
    later = 'type=SYSCALL msg=audit(1700000020.000:18): arch=c000003e syscall=1 success=yes comm="x" exe="/x"'
    reading = read(EXECUTED[0], later, *EXECUTED[1:2])
    assert reading.rows("kind", "user", "pid", "command") == [
        {"kind": "client-started", "user": None, "pid": None, "command": "ssh root@db1 'id ; id'"}
    ]
    assert reading.lines == reading.accounted() == 3


def test_an_event_without_end_is_given_up_in_parts() -> None:
    endless = [EXECUTED[3]] * 1000
    reading = read(EXECUTED[0], EXECUTED[1], *endless)
    assert reading.events["kind"].to_list() == ["client-started"]
    assert reading.lines == reading.accounted() == 1002


def executed(exe: str, *arguments: str, success: str = "yes", enriched: bool = False) -> list[str]:
    call = f'type=SYSCALL msg=audit(1700000009.000:16): arch=c000003e syscall=59 success={success} pid=1 auid=1000 uid=0 comm="x" exe="{exe}"'
    names = '\x1dARCH=x86_64 SYSCALL=execve AUID="ann" UID="root"' if enriched else ""
    args = " ".join(f"a{n}={value}" for n, value in enumerate(arguments))
    return [call + names, f"type=EXECVE msg=audit(1700000009.000:16): argc={len(arguments)} {args}"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (executed("/usr/bin/scp", '"scp"', '"f"', '"db1:/tmp"', enriched=True), [("client-started", "ann", "scp", "scp f db1:/tmp", "client")]),
        (executed("/usr/bin/scp", '"scp"', '"-t"', '"/tmp"'), [("server-started", None, "scp", "scp -t /tmp", "server")]),
        (executed("/usr/bin/rsync", '"rsync"', '"--server"', '"."'), [("server-started", None, "rsync", "rsync --server .", "server")]),
        (executed("/usr/lib/openssh/sftp-server", '"/usr/lib/openssh/sftp-server"'), [("server-started", None, "sftp-server", "/usr/lib/openssh/sftp-server", "server")]),
        (executed("/tmp/x", '"./plink"', '"-pw"', '"secret"', '"h"'), [("client-started", None, "plink", "./plink -pw secret h", "client")]),
        (executed("/usr/bin/ssh", '"ssh"', success="no"), []),
        (executed("/usr/bin/bash", '"bash"', '"-c"', '"ssh"'), []),
        (['type=EXECVE msg=audit(1700000009.000:16): argc=2 a0="ssh" a1_len=8 a1[0]=6162 a1[1]=6364'], [("client-started", None, "ssh", "ssh abcd", "client")]),
    ],
)  # fmt: skip
def test_programs(lines: list[str], expected: list[tuple[str | None, ...]]) -> None:
    found = read(*lines).events.select("kind", "user", "client", "command", "witness").rows()
    assert found == expected


def test_command_is_bounded() -> None:
    (event,) = read(*executed("/usr/bin/ssh", '"ssh"', f'"{"x" * 9000}"')).rows("command")
    assert len(event["command"]) == 2000


def call(number: int, saddr: str, *, program: str = "ssh", success: str = "yes", exit_: str = "0") -> list[str]:
    return [
        f'type=SYSCALL msg=audit(1700000009.000:16): arch=c000003e syscall={number} success={success} exit={exit_} pid=730 auid=0 uid=0 ses=5 comm="{program}" exe="/usr/bin/{program}"',
        f"type=SOCKADDR msg=audit(1700000009.000:16): saddr={saddr}",
    ]


V6 = "0A00" + "0016" + "00000000" + "20010DB8000000000000000000000001" + "00000000"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (call(42, "020000160A0000090000000000000000"), [("connect", None, None, "web9", None, "10.0.0.9", 22)]),
        (call(42, V6, program="sshd"), [("connect", None, None, "web9", None, "2001:db8::1", 22)]),
        (
            call(42, "020000160A000009", success="no", exit_="-111"),
            [("connect-failed", None, None, "web9", None, "10.0.0.9", 22)],
        ),
        (
            call(42, "020000160A000009", success="no", exit_="-115"),
            [("connect", None, None, "web9", None, "10.0.0.9", 22)],
        ),
        (call(43, "0200E31C4853E664", program="sshd"), [("accept", "72.83.230.100", 58140, None, "web9", None, None)]),
        (call(42, "01002F7661722F72756E"), []),
        (call(42, "0200"), []),
        (call(42, "020000160A000009", program="curl"), []),
    ],
)
def test_connections(lines: list[str], expected: list[tuple[object, ...]]) -> None:
    reading = read_bytes("\n".join(lines).encode(), reader="auditd", host="web9")
    columns = ("kind", "src_ip", "src_port", "src_host", "dst_host", "dst_ip", "dst_port")
    assert reading.events.select(columns).rows() == expected


@pytest.mark.parametrize(
    ("change", "name", "kind", "expected"),
    [
        ("syscall=257 a2=0 success=yes", '"/root/.ssh/authorized_keys"', "NORMAL", []),
        ("syscall=257 a2=1 success=yes", '"/root/.ssh/authorized_keys"', "NORMAL", ["keys-written"]),
        ("syscall=257 a2=1 success=no", '"/root/.ssh/authorized_keys"', "NORMAL", ["keys-write-failed"]),
        ("syscall=0 success=yes", '"/etc/ssh/authorized_keys/bob"', "CREATE", ["keys-written"]),
        ("syscall=87 success=yes", '"/var/log/wtmp"', "DELETE", ["log-written"]),
        ("syscall=76 success=yes", '"/var/log/audit/audit.log.1"', "NORMAL", ["log-written"]),
        ("syscall=76 success=yes", "2F7661722F6C6F672F736563757265", "NORMAL", ["log-written"]),
        ("syscall=76 success=no", '"/var/log/lastlog"', "NORMAL", ["log-write-failed"]),
        ("syscall=76 success=yes", '"/home/bob/secure"', "NORMAL", []),
        ("syscall=76 success=yes", "(null)", "NORMAL", []),
        ("syscall=x a2=zz success=yes", '"/var/log/wtmp"', "NORMAL", []),
    ],
)
def test_files(change: str, name: str, kind: str, expected: list[str]) -> None:
    lines = [
        f'type=SYSCALL msg=audit(1700000009.000:16): arch=c000003e {change} pid=1 auid=0 comm="x" exe="/x"',
        f"type=PATH msg=audit(1700000009.000:16): item=0 name={name} nametype={kind}",
    ]
    assert kinds(*lines) == expected


def test_tampering_with_the_audit_system() -> None:
    reading = read(
        "type=DAEMON_START msg=audit(1700000001.000:1): op=start ver=3.0.9 auid=4294967295 pid=9 res=success",
        "type=CONFIG_CHANGE msg=audit(1700000002.000:2): audit_enabled=0 old=1 auid=0 ses=5 res=1",
        'type=CONFIG_CHANGE msg=audit(1700000003.000:3): auid=0 ses=5 op="remove_rule" key="x" list=4 res=0',
        "type=DAEMON_END msg=audit(1700000004.000:4): op=terminate auid=0 pid=1 subj=unconfined res=success",
    )
    assert reading.rows("kind", "user", "command") == [
        {"kind": "audit-started", "user": None, "command": "op=start ver=3.0.9"},
        {"kind": "audit-changed", "user": "root", "command": "audit_enabled=0 old=1"},
        {"kind": "audit-change-failed", "user": "root", "command": 'op="remove_rule" key="x" list=4'},
        {"kind": "audit-ended", "user": "root", "command": "op=terminate"},
    ]


def test_headers() -> None:
    plain = LOGIN[4]
    forwarded = f"Nov 20 21:01:21 relay audispd: {plain}"
    without_node = f"2026-11-20T21:01:21Z web1 audisp-syslog[7]: {plain.removeprefix('node=web1 ')}"
    for line in (plain, forwarded, without_node):
        assert read(line).rows("dst_host", "kind") == [{"dst_host": "web1", "kind": "login"}]
    forged = f"Nov 20 21:01:21 relay bash: {plain}"
    assert read(forged).reasons() == ["not an audit record"]


def test_what_is_no_record() -> None:
    reading = read(
        "", "----", "time->Mon Nov 20 21:01:21 2023", "type=USER_LOGIN msg=audit(11/20/2023 21:01:21.5:1): pid=1",
        "type=USER_LOGIN msg=audit(999999999999.0:1): pid=1", "type=UNKNOWN[1329] msg=?", "type=EOE msg=audit(1.0:1):",
    )  # fmt: skip
    assert reading.reasons() == ["not an audit record", "time stamp does not exist", "not an audit record"]
    assert (reading.other, reading.context, len(reading.events)) == (4, 0, 0)


@given(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=30))
def test_an_accounts_name_changes_nothing_else(name: str) -> None:
    """libaudit writes a name with a space, a quote or a control character in hexadecimal digits."""
    safe = name.isascii() and name.isprintable() and not set(name) & set(' "')
    acct = f'acct="{name}"' if safe else f"acct={name.encode().hex().upper()}"
    fields = parse_fields(f"pid=1 uid=0 ses=5 msg='{sshd('login', acct=acct)}'\x1dUID=\"root\"")
    if name:
        assert text(fields, "acct") == name
    assert {key: fields[key] for key in ("pid", "uid", "ses", "addr", "res", "UID")} == {
        "pid": "1", "uid": "0", "ses": "5", "addr": "10.0.0.1", "res": "success", "UID": '"root"',
    }  # fmt: skip


@pytest.mark.parametrize("separator", ["\x1d", "", " "])
def test_enriched_part_is_found(separator: str) -> None:
    fields = parse_fields(f'auid=1000 key=(null){separator}ARCH=x86_64 SYSCALL=openat AUID="ann" OLD-AUID="unset"')
    assert fields == {
        "auid": "1000", "key": "(null)", "ARCH": "x86_64", "SYSCALL": "openat", "AUID": '"ann"', "OLD-AUID": '"unset"',
    }  # fmt: skip


@pytest.mark.parametrize("line", ["a" * 200_000, "A" * 200_000, "a=" * 100_000, '"' * 100_000, "UID" * 70_000])
def test_time_is_bounded(line: str) -> None:
    assert len(parse_fields(line)) < 3


# What each folder holds, as its own golden files or README state it, and what graphmap makes of it.
AGREED: dict[str, dict[str, int]] = {
    "audito-maldito/auditd-session": {"login": 1, "logout": 1},
    "msticpy/auditd_log.txt": {
        "audit-changed": 14, "audit-ended": 1, "audit-started": 2, "auth-failed": 187, "invalid-user": 4,
        "login-failed-echo": 187,
    },
    "plaso/audit_enriched.log": {"auth-failed": 1, "login": 1},
    "plaso/selinux.log": {},
    "go-libaudit/auparse/testdata/audit-rhel7.log": {
        "audit-changed": 3, "audit-ended": 1, "audit-started": 1, "connection": 1, "login": 1, "logout": 1,
    },
    "go-libaudit/auparse/testdata/audit-ubuntu16.log": {"login": 1, "login-failed": 1},
}  # fmt: skip


def read_folder(path: Path) -> list[Reading]:
    logs = [log for log in find_sources([str(path)]) if log.name.endswith((".log", ".txt"))]
    return [read_source(log, reader="auditd") for log in logs]


@pytest.mark.parametrize("name", AGREED)
def test_reference_logs(shared: Path, name: str) -> None:
    readings = read_folder(shared / name)
    assert Counter(kind for reading in readings for kind in reading.events["kind"]) == Counter(AGREED[name])
    assert all(reading.accounted() == reading.lines for reading in readings)


def test_msticpy_counts_191_failed_logins_of_which_187_are_attempts(shared: Path) -> None:
    """All 191 USER_LOGIN failed, as its README says, 185 of root. 187 repeat what PAM's USER_AUTH has said; the other 4
    are what sshd writes before any attempt for an account that does not exist, twice for each of two connections."""
    (reading,) = read_folder(shared / "msticpy" / "auditd_log.txt")
    logins = [event for event in reading.rows() if event["kind"] in {"login-failed-echo", "invalid-user"}]
    assert len(logins) == 191
    assert {event["outcome"] for event in logins} == {"failure"}
    assert Counter(event.get("user") for event in logins) == {"root": 185, None: 4, "admin": 1, "ubnt": 1}
    attempts = [event for event in reading.rows() if event["action"] == "logon"]
    assert Counter(event["user"] for event in attempts) == {"root": 185, "admin": 1, "ubnt": 1}


def test_audito_maldito_is_one_session(shared: Path) -> None:
    rows = [row for reading in read_folder(shared / "audito-maldito" / "auditd-session") for row in reading.rows()]
    found = [(row["kind"], row["user"], row["src_ip"], row["session"], row["pid"]) for row in rows]
    assert found == [
        ("login", "someuser", "127.0.0.1", "audit:499", 25007),
        ("logout", "someuser", "127.0.0.1", "audit:499", 25007),
    ]


# Why a field of a golden file is not the text of the log, which is what graphmap compares.
INTERPRETED = {
    "result": "res, renamed",
    **dict.fromkeys(("auid", "ses", "old-auid", "old_auid", "new_auid"), "4294967295 is written as unset"),
    **dict.fromkeys(("arch", "syscall", "exit", "sig"), "a number is written as its name"),
    **dict.fromkeys((f"{side}_{part}" for side in ("subj", "obj") for part in ("user", "role", "domain", "level", "category")),
                    "subj and obj, parted"),
    **dict.fromkeys(("family", "path", "port"), "saddr, decoded: see the next test"),
    **dict.fromkeys(("seresult", "seperms"), "SELinux's words, parted"),
    "tty": "(none) says nothing",
}  # fmt: skip
GOLDEN = [
    "audit-rhel6.log",
    "audit-rhel7.log",
    "audit-ubuntu14.log",
    "audit-ubuntu16.log",
    "audit-ubuntu17.log",
    "test2.log",
    "test3.log",
]


def golden(shared: Path, name: str) -> list[tuple[AuditRecord, dict[str, Any]]]:
    """The records of a log that go-libaudit understands, with what it says of each."""
    stated = json.loads((shared / "go-libaudit" / "auparse" / "testdata" / f"{name}.golden").read_text())
    known = [entry for entry in stated if entry and entry.get("raw_msg")]
    records = [parse_record(f"type={entry['record_type'].upper()} msg={entry['raw_msg']}") for entry in known]
    return [(record, entry) for record, entry in zip(records, known, strict=True) if record]


@pytest.mark.parametrize("name", GOLDEN)
def test_fields_are_those_of_the_golden_files(shared: Path, name: str) -> None:
    pairs = golden(shared, name)
    assert pairs
    wrong = []
    for record, entry in pairs:
        assert datetime.fromtimestamp(record.time / 1e6, UTC) == datetime.fromisoformat(entry["@timestamp"])
        assert int(record.serial) == entry["sequence"]
        fields = parse_fields(record.body)
        for key, value in entry.get("data", {}).items():
            told = key in INTERPRETED or record.type == "SOCKADDR"
            if not told and value not in {text(fields, key), plain(fields, key)}:
                wrong.append((record.type, key, value))
    assert wrong == []


def test_socket_addresses_are_those_of_the_golden_files(shared: Path) -> None:
    stated = []
    for record, entry in golden(shared, "audit-rhel7.log"):
        if record.type == "SOCKADDR":
            data = entry["data"]
            expected = (data["addr"], int(data["port"])) if data["family"] in {"ipv4", "ipv6"} else (None, None)
            stated.append((socket_address(parse_fields(record.body)["saddr"]), expected))
    assert len(stated) == 5
    assert [found for found, _ in stated] == [expected for _, expected in stated]


@pytest.mark.parametrize("name", ["normal.log", "out_of_order.log", "lost_messages.log", "rollover.log"])
def test_every_line_of_a_disordered_log_is_counted(shared: Path, name: str) -> None:
    (reading,) = read_folder(shared / "go-libaudit" / "testdata" / name)
    assert reading.lines == reading.accounted() == reading.other


def test_detection(shared: Path) -> None:
    names = [
        "msticpy/auditd_log.txt",
        "plaso/audit_enriched.log",
        "plaso/selinux.log",
        "audito-maldito/auditd-session/04-logout.txt",
    ]
    assert [found.name for name in names if (found := detect((shared / name).read_bytes()[:65536]))] == ["auditd"] * 4
