"""Audit records as others carry them: the kernel, syslog, ausearch -i. They mean what the daemon's own log means."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import ReadOptions, detect
from graphmap.readers.auditd.grammar import parse_record
from graphmap.readers.auditd.types import TYPES
from tests.readers.reading import read_lines
from tests.readers.test_auditd import LOGIN, LOGOUT

if TYPE_CHECKING:
    from pathlib import Path

NUMBERS = {name: number for number, name in TYPES.items()}
LOGS = [
    "audito-maldito/auditd-session/00-login.txt", "audito-maldito/auditd-session/04-logout.txt",
    "msticpy/auditd_log.txt", "plaso/audit_enriched.log", "plaso/selinux.log", "go-libaudit/auparse/testdata/audit-rhel6.log",
    "go-libaudit/auparse/testdata/audit-rhel7.log", "go-libaudit/auparse/testdata/audit-ubuntu16.log",
    "go-libaudit/auparse/testdata/audit-ubuntu17.log", "go-libaudit/auparse/testdata/test2.log",
    "go-libaudit/auparse/testdata/test3.log",
]  # fmt: skip
COMMANDS = [
    'node=web1 type=SYSCALL msg=audit(1700000009.000:16): arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=720 pid=730 auid=1000 uid=1000 tty=pts0 ses=5 comm="ssh" exe="/usr/bin/ssh" key="exec"',
    'node=web1 type=EXECVE msg=audit(1700000009.000:16): argc=3 a0="ssh" a1="root@db1" a2=6964203B206964',
    'node=web1 type=SYSCALL msg=audit(1700000009.100:17): arch=c000003e syscall=42 success=no exit=-115 items=0 ppid=720 pid=730 auid=1000 uid=1000 tty=pts0 ses=5 comm="ssh" exe="/usr/bin/ssh" key="ssh"',
    "node=web1 type=SOCKADDR msg=audit(1700000009.100:17): saddr=020000160A0000090000000000000000",
    'node=web1 type=SYSCALL msg=audit(1700000020.000:18): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=55d0 a2=441 a3=1b6 items=2 ppid=720 pid=740 auid=1000 uid=0 tty=pts0 ses=5 comm="tee" exe="/usr/bin/tee" key="keys"',
    'node=web1 type=CWD msg=audit(1700000020.000:18): cwd="/root"',
    'node=web1 type=PATH msg=audit(1700000020.000:18): item=1 name=".ssh/authorized_keys" inode=9 dev=fd:00 mode=0100600 ouid=0 ogid=0 nametype=NORMAL cap_fp=0',
    'node=web1 type=CONFIG_CHANGE msg=audit(1700000030.000:19): auid=1000 ses=5 op="remove_rule" key="exec" list=4 res=1',
]  # fmt: skip
"""An account that is known from the login before starts ssh, connects, writes a key, and removes a rule."""


def events(*lines: str, **options: Any) -> pl.DataFrame:
    return read_lines(*lines, reader="auditd", options=ReadOptions(**options)).events


def as_kernel(line: str) -> str:
    """A line of the daemon's as the kernel prints it where no daemon runs (kauditd_printk_skb of kernel/audit.c)."""
    node, kind, rest = re.fullmatch(r"(?:node=(\S+) )?type=(\S+) msg=(.*)", line, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"Nov 20 21:01:21 {node or 'srv'} kernel: [  123.456789] audit: type={NUMBERS.get(kind, '1399')} {rest}"


CALLS = {"59": "execve", "42": "connect", "257": "openat"}


def as_ausearch(line: str, names: dict[str, str]) -> str:
    """A line of the daemon's as ``ausearch -i`` prints it on a host in the zone UTC, as far as it is looked at."""
    record = parse_record(line)
    assert record is not None
    body = record.body.split("\x1d")[0]
    body = re.sub(r"(?<= )(acct|a\d+|exe|name|cwd)=((?:[0-9A-F]{2})+)(?= |$)", _decoded, f" {body}").strip()
    body = re.sub(r'="([^"]*)"', r"=\1", body).replace("4294967295", "unset")
    body = re.sub(r"\b(auid|uid|id)=(\d+)\b", lambda m: f"{m[1]}={names.get(m[2], f'unknown({m[2]})')}", body)
    body = re.sub(r"\bsyscall=(\d+)", lambda m: f"syscall={CALLS.get(m[1], m[1])}", body)
    body = body.replace("a2=441", "a2=O_WRONLY|O_CREAT|O_APPEND").replace("arch=c000003e", "arch=x86_64")
    body = body.replace("exit=-115", "exit=EINPROGRESS(Operation now in progress)").replace("res=1", "res=yes")
    body = re.sub(r"saddr=0200(....)(........)\S*", _socket, body)
    stamp = datetime.fromtimestamp(record.time / 1e6, UTC)
    node = f"node={record.node} " if record.node else ""
    when = f"{stamp:%m/%d/%Y %H:%M:%S}.{record.time // 1000 % 1000:03}"
    return f"{node}type={record.type} msg=audit({when}:{record.serial}) : {body} "


def _decoded(match: re.Match[str]) -> str:
    decoded = bytes.fromhex(match[2]).decode("utf-8", "backslashreplace")
    return f"{match[1]}=" + re.sub(r"[\x00-\x1f]", lambda control: f"\\{ord(control[0]):03o}", decoded)


def _socket(match: re.Match[str]) -> str:
    address = ".".join(str(byte) for byte in bytes.fromhex(match[2]))
    return f"saddr={{ saddr_fam=inet laddr={address} lport={int(match[1], 16)} }}"


def told(found: pl.DataFrame) -> pl.DataFrame:
    """What an event says; `auditctl`'s words on itself are shown as they are printed."""
    return found.drop("file").with_columns(
        command=pl.when(~pl.col("kind").str.starts_with("audit-")).then("command"),
        time=pl.col("time").dt.truncate("1ms"),
    )


def test_the_kernel_and_ausearch_say_what_the_daemon_says() -> None:
    lines = [*LOGIN, *COMMANDS, *LOGOUT]
    expected = told(events(*lines))
    assert expected["kind"].to_list() == [
        "login", "client-started", "connect", "keys-written", "audit-changed", "logout",
    ]  # fmt: skip
    assert told(events(*map(as_kernel, lines))).equals(expected)
    names = {"1000": "bob", "0": "root"}
    shown = [as_ausearch(line, names) for line in lines]
    assert told(events(*shown)).equals(expected)
    assert events(*shown)["command"].to_list()[1] == "ssh root@db1 'id ; id'"


@pytest.mark.parametrize("name", LOGS)
def test_recorded_logs_as_the_kernel_and_ausearch_print_them(shared: Path, name: str) -> None:
    """Of every record that the log itself holds whole; an account that only a number names has one here."""
    lines = [line for line in (shared / name).read_text(errors="backslashreplace").splitlines() if parse_record(line)]
    assert lines
    plain = [line.split("\x1d")[0] for line in lines]
    expected = told(events(*plain))
    assert told(events(*map(as_kernel, plain))).drop("dst_host").equals(expected.drop("dst_host"))
    shown = told(events(*(as_ausearch(line, {"0": "root"}) for line in plain)))
    apart = ["user", "dst_host"] if name.startswith("go-libaudit") else ["dst_host"]
    assert shown.drop(*apart).equals(expected.drop(*apart))


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("11/20/2026", datetime(2026, 11, 20, 12, tzinfo=UTC)),  # C and en_US: the month first
        ("11/20/26", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("20/11/2026", datetime(2026, 11, 20, 12, tzinfo=UTC)),  # en_GB: seen by a day beyond 12
        ("20.11.2026", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, 12, tzinfo=UTC)),
        ("2026/11/20", datetime(2026, 11, 20, 12, tzinfo=UTC)),
    ],
)
def test_dates_of_locales(date: str, moment: datetime) -> None:
    line = as_ausearch(LOGIN[-1], {}).replace("11/14/2023 22:13:24.500", f"{date} 13:00:00.250")
    found = events(line, zone=ZoneInfo("Europe/Berlin"))
    assert found["time"].to_list() == [moment.replace(microsecond=250_000)]


def test_the_order_of_the_first_dates_is_that_of_all() -> None:
    line = as_ausearch(LOGIN[-1], {})
    early, late = line.replace("11/14/2023", "03/04/2026"), line.replace("11/14/2023", "20/04/2026").replace("700", "9")
    assert [f"{time:%m-%d}" for time in events(early, late)["time"]] == ["04-03", "04-20"]
    assert [f"{time:%m-%d}" for time in events(early)["time"]] == ["03-04"]
    assert read_lines(line.replace("11/14/2023", "99/99/2026"), reader="auditd").reasons() == ["not an audit record"]


@given(st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=60))
def test_no_name_of_an_account_is_taken_for_what_the_daemon_says(name: str) -> None:
    line = (
        f"node=web1 type=USER_AUTH msg=audit(11/20/2026 21:01:21.123:4) : pid=700 uid=root auid=unset ses=unset "
        f"msg='op=PAM:authentication grantors=? acct={name} exe=/usr/sbin/sshd hostname=? addr=9.9.9.9 terminal=ssh res=failed' "
    )
    (row,) = read_lines(line, reader="auditd").rows("kind", "src_ip", "pid", "dst_host", "line")
    assert row == {"kind": "auth-failed", "src_ip": "9.9.9.9", "pid": 700, "dst_host": "web1", "line": 1}


@pytest.mark.parametrize(
    "forged",
    [
        "x exe=/usr/sbin/sshd hostname=? addr=6.6.6.6 terminal=ssh res=success'",
        "x acct=root",
        "x msg='op=login acct=root exe=/usr/sbin/sshd hostname=? addr=6.6.6.6 terminal=ssh res=success'",
    ],
)
def test_a_forged_account_is_only_a_name(forged: str) -> None:
    line = as_ausearch(LOGIN[0], {}).replace("res=success", "res=failed").replace("acct=bob", f"acct={forged}")
    (row,) = read_lines(line, reader="auditd").rows("outcome", "user", "src_ip")
    assert row == {"outcome": "failure", "user": forged, "src_ip": "10.0.0.1"}


def test_lines_of_the_kernel_about_other_things_are_others() -> None:
    boot = "Nov 20 21:01:20 srv kernel: [    0.000000] Linux version 6.1"
    lost = "Nov 20 21:01:22 srv kernel: [  123.5] audit: audit_lost=5 audit_rate_limit=0 audit_backlog_limit=64"
    reading = read_lines(boot, as_kernel(LOGIN[-1]), lost, "[  124.0] usb 1-1: new device", reader="auditd")
    assert (len(reading.events), reading.other, reading.reasons()) == (1, 3, [])


def detected(*lines: str) -> str | None:
    found = detect("".join(f"{line}\n" for line in lines).encode())
    return found.name if found else None


def test_detection() -> None:
    kernel, ausearch = as_kernel(LOGIN[-1]), as_ausearch(LOGIN[-1], {})
    boot = "Nov 20 21:01:20 srv kernel: [    0.000000] Linux version 6.1"
    sshd = "Nov 20 21:01:20 srv sshd[7]: Accepted password for bob from 1.2.3.4 port 5 ssh2"
    assert detected(kernel) == detected(boot, boot, boot, kernel) == "auditd"
    assert detected("----", ausearch, "----") == "auditd"
    assert detected(sshd, sshd, boot, kernel) == "sshd"
    assert detected(boot) != "auditd"
    assert detected("[  123.4] audit: type=1112 audit(1700000000.123:456): pid=1 uid=0") == "auditd"


def test_the_separator_as_rsyslog_writes_it() -> None:
    body = "type=CONFIG_CHANGE msg=audit(1700000030.000:19): auid=1000 ses=5 op=set audit_enabled=0 res=0"
    (row,) = events(f'Nov 20 21:01:21 web1 audispd: {body}#035AUID="ann"').select("kind", "user", "dst_host").to_dicts()
    assert row == {"kind": "audit-change-failed", "user": "ann", "dst_host": "web1"}


@pytest.mark.parametrize("kind", ["USER_LOGIN", "SYSCALL", "PATH", "EXECVE", "SOCKADDR"])
@pytest.mark.parametrize(
    "part",
    [
        "acct= exe= hostname= ",
        " comm= exe= subj=",
        " name= inode=1 dev= nametype=",
        " a0= a1= a2= ",
        "saddr={ fam=inet laddr=",
        "msg='",
    ],
)
def test_time_is_linear_in_the_line(kind: str, part: str) -> None:
    line = f"type={kind} msg=audit(11/20/2026 21:01:21.123:4) : pid=7 exe=/usr/sbin/sshd {part * 40_000}"
    reading = read_lines(line, reader="auditd")
    assert reading.accounted() == 1
