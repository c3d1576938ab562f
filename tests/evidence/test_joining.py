"""What sensors and clients saw of logons, joined to what the hosts tell: whole tables of small estates."""

from __future__ import annotations

from datetime import date
from functools import partial
from io import BytesIO
from typing import Any

import polars as pl

from graphmap.identity import parse_inventory
from graphmap.pipeline.estate import Estate
from graphmap.readers import Source
from tests.estates import plain, read
from tests.readers.reading import read_source
from tests.sensors import moment, sysmon, zeek

INVENTORY = parse_inventory(
    "hosts: [{name: web1, addresses: [10.0.0.1]}, {name: db1, addresses: [10.0.0.2]}]", "inventory.yaml"
)
DB1 = """
    2026-03-01T10:00:01.500000+00:00 db1 sshd[30]: Accepted password for bob from 10.0.0.1 port 50000 ssh2
    2026-03-01T10:05:00.100000+00:00 db1 sshd[30]: pam_unix(sshd:session): session closed for user bob
"""
SEEN = {"at": "10:00:00.250000", "src": "10.0.0.1", "port": 50000, "dst": "10.0.0.2"}


def estate(*events: pl.DataFrame) -> Estate:
    return Estate(pl.concat(events), INVENTORY)


def told(frame: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row.get(name) for name in columns) for row in plain(frame)]


def test_a_login_that_server_sensor_and_client_report_is_one_session() -> None:
    whole = estate(
        read(DB1),
        zeek("ssh", SEEN | {"auth_success": True, "client": "SSH-2.0-PuTTY_0.80"}),
        zeek(
            "conn",
            SEEN
            | {
                "proto": "tcp",
                "service": "ssh",
                "duration": 300.5,
                "orig_bytes": 7,
                "resp_bytes": 9,
                "conn_state": "SF",
            },
        ),
        sysmon("web1", SEEN),
    )
    assert plain(whole.sessions) == [
        {
            "start": "2026-03-01 10:00:01.500000", "end": "2026-03-01 10:05:00.100000",
            "last": "2026-03-01 10:05:02", "host": "db1", "src": "web1", "src_known": True, "src_ip": "10.0.0.1",
            "src_port": 50000, "user": "bob", "account": "bob", "service": "ssh", "method": "password",
            "bytes_in": 7, "bytes_out": 9, "client": "SSH-2.0-PuTTY_0.80",
            "witnesses": ["client", "network", "server"], "missing": [],
            "lines": ["auth.log:1", "auth.log:2", "conn.log:1", "ssh.log:1", "web1-sysmon.log:1"],
        }
    ]  # fmt: skip
    assert plain(whole.failures) == []
    assert told(whole.hops, "src", "dst", "witnesses", "missing") == [
        ("web1", "db1", ["client", "network", "server"], [])
    ]


def test_what_only_a_sensor_took_for_accepted_is_a_session_of_nobody() -> None:
    whole = estate(zeek("ssh", SEEN | {"auth_success": True}))
    assert told(whole.sessions, "start", "host", "src", "user", "witnesses", "missing") == [
        ("2026-03-01 10:00:00.250000", "db1", "web1", "", ["network"], [])
    ]


def test_what_a_sensor_could_not_judge_is_no_session_and_no_failure() -> None:
    whole = estate(zeek("ssh", SEEN), zeek("conn", SEEN | {"proto": "tcp", "service": "ssh", "conn_state": "SF"}))
    assert (whole.sessions.height, whole.failures.height) == (0, 0)


def test_a_refusal_that_both_saw_is_one_failure_and_one_that_the_sensor_saw_is_its_own() -> None:
    log = """
        2026-03-01T10:00:01.500000+00:00 db1 sshd[30]: Failed password for bob from 10.0.0.1 port 50000 ssh2
        2026-03-01T10:00:03.500000+00:00 db1 sshd[30]: Failed password for bob from 10.0.0.1 port 50000 ssh2
    """
    seen = zeek("ssh", SEEN | {"auth_success": False}, SEEN | {"port": 50001, "auth_success": False, "uid": "D"})
    assert told(estate(read(log), seen).failures, "host", "src", "user", "line") == [
        ("db1", "web1", "", "ssh.log:2"),
        ("db1", "web1", "bob", "auth.log:1"),
        ("db1", "web1", "bob", "auth.log:2"),
    ]


def test_the_host_knows_better_than_the_sensor() -> None:
    whole = estate(read(DB1), zeek("ssh", SEEN | {"auth_success": False}))
    assert told(whole.sessions, "user", "witnesses") == [("bob", ["network", "server"])]
    assert plain(whole.failures) == []


def test_movement_through_addresses_that_no_log_and_no_inventory_knows() -> None:
    first = SEEN | {"src": "198.51.100.7", "dst": "10.0.9.9", "auth_success": True}
    then = SEEN | {"at": "10:00:09", "src": "10.0.9.9", "auth_success": True, "uid": "D"}
    hops = estate(zeek("ssh", first, then)).hops
    assert told(hops, "src", "src_known", "dst", "basis") == [
        ("198.51.100.7", False, "10.0.9.9", "start"),
        ("10.0.9.9", True, "db1", "open session"),
    ]


def accepted(clock: str, port: int, host: str = "db1") -> str:
    return f"2026-03-01T{clock}.300000+00:00 {host} sshd[{port}]: Accepted password for bob from 10.0.0.1 port {port} ssh2\n"


def test_a_server_that_told_of_others_before_and_after_is_missing() -> None:
    log = accepted("09:00:00", 50001) + accepted("11:00:00", 50002)
    whole = estate(read(log), zeek("ssh", SEEN | {"auth_success": True}))
    assert told(whole.sessions, "src_port", "witnesses", "missing") == [
        (50001, ["server"], []),
        (50000, ["network"], ["server"]),
        (50002, ["server"], []),
    ]


def test_a_log_that_ends_before_is_not_missing() -> None:
    whole = estate(read(accepted("09:00:00", 50001)), zeek("ssh", SEEN | {"auth_success": True}))
    assert told(whole.sessions, "src_port", "missing") == [(50001, []), (50000, [])]


def test_a_log_of_another_day_covers_nothing() -> None:
    log = accepted("09:00:00", 50001) + accepted("11:00:00", 50002).replace("03-01", "03-03")
    whole = estate(read(log), zeek("ssh", SEEN | {"auth_success": True}))
    assert told(whole.sessions, "src_port", "missing") == [(50001, []), (50000, []), (50002, [])]


def test_a_sensor_and_a_client_that_told_of_others_before_and_after_are_missing() -> None:
    around = [SEEN | {"at": "09:00:00", "port": 50001}, SEEN | {"at": "11:00:00", "port": 50002}]
    log = accepted("09:00:00", 50001) + accepted("10:00:00", 50000) + accepted("11:00:00", 50002)
    judged = [line | {"auth_success": True, "uid": f"D{line['port']}"} for line in around]
    whole = estate(read(log), zeek("ssh", *judged), sysmon("web1", *around))
    assert told(whole.sessions, "src_port", "witnesses", "missing") == [
        (50001, ["client", "network", "server"], []),
        (50000, ["server"], ["client", "network"]),
        (50002, ["client", "network", "server"], []),
    ]


def test_clocks_are_measured_and_pair_what_has_no_port() -> None:
    """db1 is 37 s behind. Its third login is known from the audit log alone, which names no port."""
    log = accepted("09:00:00", 50001) + accepted("10:00:00", 50000)
    audit = (
        f"node=db1 type=USER_LOGIN msg=audit({moment('11:00:00').timestamp():.3f}:9): pid=70 uid=0 auid=1000 ses=4 "
        """msg='op=login id=1000 exe="/usr/sbin/sshd" hostname=10.0.0.1 addr=10.0.0.1 terminal=ssh res=success' """
        """UID="root" AUID="bob" ID="bob"\n"""
    )
    portless = read_source(Source("audit.log", partial(BytesIO, audit.encode())), reader="auditd").events
    seen = [
        SEEN | {"at": f"{at}:00:37.300000", "port": port, "auth_success": True}
        for at, port in (("09", 50001), ("10", 50000), ("11", 50003))
    ]
    whole = estate(read(log), portless, zeek("ssh", *seen))
    assert whole.clocks.rows() == [(date(2026, 3, 1), "db1", "zeek", -37_000_000, 2)]
    assert told(whole.sessions, "start", "src_port", "witnesses") == [
        ("2026-03-01 09:00:00.300000", 50001, ["network", "server"]),
        ("2026-03-01 10:00:00.300000", 50000, ["network", "server"]),
        ("2026-03-01 11:00:00", 50003, ["network", "server"]),
    ]


def test_a_client_says_who_it_is_where_its_address_does_not() -> None:
    log = DB1.replace("10.0.0.1", "10.0.7.7")
    whole = estate(read(log), sysmon("ws7", SEEN | {"src": "10.0.7.7"}))
    assert told(whole.sessions, "src", "src_known", "src_ip") == [("ws7", True, "10.0.7.7")]


def test_smb_is_one_session_whatever_the_sensor_calls_it() -> None:
    ends = SEEN | {"id.resp_p": 445, "auth_success": None}
    seen = [
        zeek("ntlm", ends | {"username": "bob", "domainname": "CORP", "success": True}),
        zeek("smb_mapping", ends | {"path": "\\\\db1\\c$", "share_type": "DISK"}),
        zeek("conn", ends | {"proto": "tcp", "service": "gssapi,smb,ntlm", "conn_state": "SF", "duration": 3.0}),
    ]
    assert told(estate(*seen).sessions, "host", "user", "service", "end", "lines") == [
        ("db1", "bob", "ntlm", "2026-03-01 10:00:03.250000", ["conn.log:1", "ntlm.log:1", "smb_mapping.log:1"])
    ]


def test_nobody_is_not_the_same_account_as_nobody() -> None:
    seen = zeek(
        "ssh",
        SEEN | {"src": "198.51.100.7", "dst": "10.0.0.1", "auth_success": True},
        SEEN | {"at": "10:00:09", "auth_success": True, "uid": "D"},
    )
    whole = estate(seen)
    assert told(whole.hops, "src", "dst", "basis") == [
        ("198.51.100.7", "web1", "start"),
        ("web1", "db1", "open session"),
    ]
