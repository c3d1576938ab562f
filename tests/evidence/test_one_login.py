"""One login that every log tells of, by clocks that differ: what the program makes of a folder of such logs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.program import Program
from tests.readers.test_utmp import DEAD, record
from tests.sensors import moment, started

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.program import Document

FINGERPRINT = "SHA256:uT3s2fBcjkiZjP2hCUYj6jHUnRCBEYJ36jSQJ4bS8zY"
SENSOR, CLIENT = 3.0, -4.0
"""Seconds that the clocks of the sensor and of the client are ahead of the server's."""


def journal(clock: str, pid: int, message: str) -> str:
    micros = round(moment(clock).timestamp() * 1_000_000)
    return (
        f"__CURSOR=s={micros}\n__REALTIME_TIMESTAMP={micros}\n_HOSTNAME=db1\n_PID={pid}\n_UID=0\n_COMM=sshd\n"
        f"_EXE=/usr/sbin/sshd\nSYSLOG_IDENTIFIER=sshd\nMESSAGE={message}\n\n"
    )


def server_audit(clock: str, pid: int, serial: int) -> str:
    begin, stamp = "node=db1 type=", f"msg=audit({moment(clock).timestamp():.3f}:{serial}): pid={pid} uid=0"
    end = 'exe="/usr/sbin/sshd" hostname=10.0.0.1 addr=10.0.0.1 terminal=ssh res=success\'\n'
    return (
        f"{begin}CRYPTO_KEY_USER {stamp} auid=4294967295 ses=4294967295 msg='op=negotiate kind=auth-key fp={FINGERPRINT} {end}"
        f'{begin}USER_ACCT {stamp} auid=4294967295 ses=4294967295 msg=\'op=PAM:accounting acct="bob" {end}'
        f'{begin}USER_START {stamp} auid=1000 ses=3 msg=\'op=PAM:session_open acct="bob" {end}'
        f"{begin}USER_LOGIN {stamp} auid=1000 ses=3 msg='op=login id=1000 {end}"
    )


def sensor(log: str, clock: str, port: int, **other: Any) -> str:
    ends = {"id.orig_h": "10.0.0.1", "id.orig_p": port, "id.resp_h": "10.0.0.2", "id.resp_p": 22}
    return (
        json.dumps({"_path": log, "ts": moment(clock).timestamp() + SENSOR, "uid": f"C{port}", **ends, **other}) + "\n"
    )


def at_client(clock: str, pid: int) -> str:
    wrong = moment(clock).timestamp() + CLIENT
    text = started("web1", pid, at="00:00:00", pid=pid, words="ssh -i k bob@db1", dst="10.0.0.2")
    zero = moment("00:00:00").timestamp()
    return text.replace(f"({zero:.3f}", f"({wrong:.3f}").replace(f"({zero + 0.1:.3f}", f"({wrong + 0.1:.3f}")


@pytest.fixture
def every_log(tmp_path: Path) -> Path:
    """Four logins of bob's from web1 to db1; the third one db1 does not log. The second one is told of by all."""
    folder = tmp_path / "logs"
    (folder / "db1").mkdir(parents=True)
    auth = export = audited = ssh = conn = clients = ""
    records = b""
    for number, clock in enumerate(("10:00:02", "11:00:02", "12:00:02", "13:00:02")):
        port, pid, end = 50_000 + number, 700 + number, clock.replace(":00:02", ":05:02")
        clients += at_client(clock, pid)
        ssh += sensor("ssh", clock, port, auth_success=True, client="SSH-2.0-OpenSSH_9.2p1")
        conn += sensor(
            "conn", clock, port, proto="tcp", service="ssh", duration=300.0, orig_bytes=7000, resp_bytes=9000,
            conn_state="SF",
        )  # fmt: skip
        if number == 2:
            continue
        said = f"Accepted publickey for bob from 10.0.0.1 port {port} ssh2: ED25519 {FINGERPRINT}"
        auth += f"2026-03-01T{clock}.500000+00:00 db1 sshd[{pid}]: {said}\n"
        if number == 1:
            export += journal(f"{clock}.500100", pid, said)
            audited += server_audit(f"{clock}.600", pid, 90)
            second = int(moment(clock).timestamp())
            records = record(pid=pid, second=second) + record(DEAD, pid=pid, second=second + 300, user="")
        auth += f"2026-03-01T{end}.500000+00:00 db1 sshd[{pid}]: Disconnected from user bob 10.0.0.1 port {port}\n"
    for name, text in {
        "db1/auth.log": auth, "db1/journal.export": export, "db1/audit.log": audited, "web1-audit.log": clients,
        "ssh.log": ssh, "conn.log": conn,
    }.items():  # fmt: skip
        (folder / name).write_text(text)
    (folder / "db1/wtmp").write_bytes(records)
    (tmp_path / "inventory.yaml").write_text(
        "hosts: [{name: web1, addresses: [10.0.0.1]}, {name: db1, addresses: [10.0.0.2]}]"
    )
    return folder


def shown(documents: list[Document], folder: Path) -> list[Document]:
    """Without null, lines as ``file:line``."""
    rows = [{name: value for name, value in one.items() if value is not None} for one in documents]
    for row in rows:
        row["lines"] = [f"{line['file'].removeprefix(f'{folder}/')}:{line['line']}" for line in row["lines"]]
    return rows


def test_one_login_in_every_log_is_one_session(every_log: Path, tmp_path: Path) -> None:
    """The journal's line is the very event of auth.log, which the lake keeps once."""
    program = Program(tmp_path / "home")
    program.ok("ingest", every_log, "--inventory", every_log.parent / "inventory.yaml")
    sessions = shown(program.ok("sessions", "--json").documents(), every_log)
    sides = {"witnesses": ["client", "network", "server"], "missing": []}
    login = {
        "host": "db1", "src": "web1", "user": "bob", "service": "ssh", "method": "publickey", "key": FINGERPRINT,
        "bytes_in": 7000, "bytes_out": 9000, "client": "SSH-2.0-OpenSSH_9.2p1", **sides,
    }  # fmt: skip
    assert sessions == [
        login
        | {
            "start": "2026-03-01T10:00:02.500000Z", "end": "2026-03-01T10:05:02.500000Z", "src_port": 50000,
            "lines": [
                "db1/auth.log:1", "db1/auth.log:2", "conn.log:1", "ssh.log:1", "web1-audit.log:2", "web1-audit.log:4",
            ],
        },
        login
        | {
            "start": "2026-03-01T11:00:02.500000Z", "end": "2026-03-01T11:05:02.500000Z", "src_port": 50001,
            "lines": [
                "db1/auth.log:3", "db1/auth.log:4", "db1/wtmp:1", "db1/wtmp:2", "db1/audit.log:3", "conn.log:2",
                "ssh.log:2", "web1-audit.log:6", "web1-audit.log:8",
            ],
        },
        {
            "start": "2026-03-01T12:00:05Z", "end": "2026-03-01T12:05:05Z", "host": "db1", "src": "web1",
            "src_port": 50002, "user": "", "service": "ssh", "bytes_in": 7000, "bytes_out": 9000,
            "client": "SSH-2.0-OpenSSH_9.2p1", "witnesses": ["client", "network"], "missing": ["server"],
            "lines": ["conn.log:3", "ssh.log:3", "web1-audit.log:10", "web1-audit.log:12"],
        },
        login
        | {
            "start": "2026-03-01T13:00:02.500000Z", "end": "2026-03-01T13:05:02.500000Z", "src_port": 50003,
            "lines": [
                "db1/auth.log:5", "db1/auth.log:6", "conn.log:4", "ssh.log:4", "web1-audit.log:14", "web1-audit.log:16",
            ],
        },
    ]  # fmt: skip
    hops = [
        (hop["src"], hop["dst"], hop["witnesses"], hop["missing"]) for hop in program.ok("hops", "--json").documents()
    ]
    assert hops == [("web1", "db1", session["witnesses"], session["missing"]) for session in sessions]
    seen_by = [line.split("start")[-1].strip() for line in program.ok("hops").out.splitlines()[1:]]
    assert seen_by == ["client, network, server"] * 2 + ["client, network, not server", "client, network, server"]
    (status,) = program.ok("status", "--json").documents()
    assert status["clocks"] == [{"host": "db1", "teller": "zeek", "seconds": -2.5, "connections": 3}]
    findings = program.ok("hunt", "--json").documents()
    assert all(hop["witnesses"] for finding in findings for hop in finding["hops"])
