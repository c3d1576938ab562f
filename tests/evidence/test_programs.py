"""Clients that were started, beside the logons that followed: whole answers of small estates."""

from __future__ import annotations

import json
from functools import partial
from io import BytesIO
from typing import Any

import polars as pl
import pytest

from graphmap.identity import parse_inventory
from graphmap.pipeline.estate import Estate
from graphmap.readers import Source
from tests.estates import plain, read
from tests.readers.reading import read_source
from tests.readers.windows import events as windows
from tests.sensors import audit, sysmon, zeek

INVENTORY = parse_inventory(
    """
    hosts:
      - {name: web1, addresses: [10.0.0.1]}
      - {name: db1.corp.example, addresses: [10.0.0.2], aliases: [database]}
      - {name: hop, addresses: [10.0.0.9]}
    """,
    "inventory.yaml",
)


def accepted(clock: str, *, user: str = "root", src: str = "10.0.0.1", port: int = 50000, host: str = "db1") -> str:
    return f"2026-03-01T{clock}+00:00 {host} sshd[{port}]: Accepted password for {user} from {src} port {port} ssh2\n"


def told(*events: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Source, host, account, witnesses and lines of the sessions."""
    names = ("src", "host", "user", "witnesses", "lines")
    return [tuple(row[name] for name in names) for row in plain(Estate(pl.concat(events), INVENTORY).sessions)]


SERVER_ALONE = [("web1", "db1.corp.example", "root", ["server"], ["auth.log:1"])]
BOTH = [("web1", "db1.corp.example", "root", ["client", "server"], ["auth.log:1", "web1-audit.log:2"])]


@pytest.mark.parametrize(
    "words",
    [
        "ssh root@db1", "ssh -l root DATABASE", "ssh root@db1.corp.example.", "ssh root@10.0.0.2", "ssh db1",
        "scp x root@db1:", "rsync -a x db1:y", "ssh -J database root@hop",
    ],
)  # fmt: skip
def test_a_client_that_was_started_is_a_witness(words: str) -> None:
    assert told(read(accepted("10:00:07.5")), audit("web1", {"at": "10:00:00", "pid": 70, "words": words})) == BOTH


WINDOWS_SSH = "C:\\Windows\\System32\\OpenSSH\\ssh.exe"
STARTED = {"CommandLine": f'"{WINDOWS_SSH}" -l root db1', "ProcessId": "42"}
SYSMON_START = (
    "Mar  1 10:00:00 web1 sysmon: <Event><System><EventID>1</EventID><Computer>web1</Computer></System><EventData>"
    '<Data Name="UtcTime">2026-03-01 10:00:00.000</Data><Data Name="Image">/usr/bin/ssh</Data>'
    '<Data Name="CommandLine">ssh root@db1</Data><Data Name="User">bob</Data></EventData></Event>'
)
CARRIERS = {
    "windows-xml": (
        windows.xml("Security", 4688, STARTED | {"SubjectUserName": "bob", "NewProcessName": WINDOWS_SSH}, host="web1"),
        windows.xml(windows.SYSMON, 1, STARTED | {"User": "CORP\\bob", "Image": WINDOWS_SSH}, host="web1"),
    ),
    "ecs": (
        json.dumps({
            "@timestamp": "2026-03-01T10:00:00Z", "event": {"category": ["process"], "type": ["start"]},
            "process": {"name": "ssh", "pid": 42, "args": ["ssh", "root@db1"]}, "host": {"name": "web1"},
        }),
    ),
    "esxi": ("2026-03-01T10:00:00Z In(14) shell[1059]: [root]: ssh root@db1",),
    "sysmon-linux": (
        SYSMON_START,
    ),
}  # fmt: skip
"""By reader: records of a client that is started on web1 at 10:00:00."""


@pytest.mark.parametrize(("reader", "text"), [(reader, text) for reader, texts in CARRIERS.items() for text in texts])
def test_every_log_of_processes_can_witness(reader: str, text: str) -> None:
    client = Source("client.log", partial(BytesIO, f"{text}\n".encode()), host="web1")
    found = told(read(accepted("10:00:07.5")), read_source(client, reader=reader).events)
    assert found == [("web1", "db1.corp.example", "root", ["client", "server"], ["auth.log:1", "client.log:1"])]


@pytest.mark.parametrize(
    "words",
    ["ssh ann@db1", "ssh root@hop", "ssh root@prod", "ssh -J hop root@db1", "ssh -oProxyCommand=x root@db1", "ssh -V"],
)
def test_a_client_that_went_elsewhere_or_nobody_knows_where_is_none(words: str) -> None:
    log = read(accepted("10:00:07.5"))
    assert told(log, audit("web1", {"at": "10:00:00", "pid": 70, "words": words})) == SERVER_ALONE


def test_a_client_of_another_host_or_another_time_is_none() -> None:
    log = read(accepted("10:00:07.5"))
    assert told(log, audit("hop", {"at": "10:00:00", "pid": 70, "words": "ssh root@db1"})) == SERVER_ALONE
    assert told(log, audit("web1", {"at": "09:59:30", "pid": 70, "words": "ssh root@db1"})) == SERVER_ALONE


def test_an_address_that_is_nobodys_at_the_time_is_none() -> None:
    log = read(accepted("10:00:07.5"))
    assert told(log, audit("web1", {"at": "10:00:00", "pid": 70, "words": "ssh root@10.0.0.3"})) == SERVER_ALONE


def test_a_client_that_no_logon_follows_is_no_session_and_no_failure() -> None:
    whole = Estate(audit("web1", {"at": "10:00:00", "pid": 70, "words": "ssh root@db1", "dst": "10.0.0.2"}), INVENTORY)
    assert (whole.sessions.height, whole.failures.height, whole.hops.height) == (0, 0, 0)


def test_each_client_tells_of_one_logon() -> None:
    log = read(accepted("10:00:07.5") + accepted("10:00:08.5", port=50001))
    clients = audit("web1", {"at": "10:00:07", "pid": 70, "words": "ssh root@db1"})
    assert [row[3] for row in told(log, clients)] == [["client", "server"], ["server"]]


def test_what_the_same_process_connects_to_is_where_it_went() -> None:
    """An alias of ~/.ssh/config says nothing; the connection of the process that was given it does."""
    log = read(accepted("10:00:07.5"))
    client = {"at": "10:00:00", "pid": 70, "words": "ssh -l root prod"}
    assert told(log, audit("web1", client | {"dst": "10.0.0.2"})) == [
        (
            "web1",
            "db1.corp.example",
            "root",
            ["client", "server"],
            ["auth.log:1", "web1-audit.log:2", "web1-audit.log:4"],
        )
    ]
    assert told(log, audit("web1", client | {"words": "ssh root@db1", "dst": "10.0.0.9"})) == SERVER_ALONE


def test_a_connection_with_its_port_proves_the_client_whatever_the_time() -> None:
    log = read(accepted("10:05:00.5"))
    client = audit("web1", {"at": "10:00:00", "pid": 70, "words": "ssh -l root prod"})
    seen = sysmon("web1", {"at": "10:00:00.5", "src": "10.0.0.1", "port": 50000, "dst": "10.0.0.2"})
    assert told(log, client, seen) == [
        (
            "web1",
            "db1.corp.example",
            "root",
            ["client", "server"],
            ["auth.log:1", "web1-audit.log:2", "web1-sysmon.log:1"],
        )
    ]


def test_of_a_client_and_the_one_that_it_starts_the_latter_tells() -> None:
    """So that the first does not tell of another logon, whose own client nobody logged."""
    log = read(accepted("10:00:02.5", user="bob") + accepted("10:00:12.5", user="bob", port=50001))
    clients = audit(
        "web1",
        {"at": "10:00:01", "pid": 70, "words": "scp x bob@db1:"},
        {"at": "10:00:01.2", "pid": 71, "words": "ssh -x -l bob -s -- db1 sftp"},
    )
    assert [row[3:] for row in told(log, clients)] == [
        (["client", "server"], ["auth.log:1", "web1-audit.log:4"]),
        (["server"], ["auth.log:2"]),
    ]


def test_a_host_that_logs_its_clients_and_not_this_one_is_missing() -> None:
    log = read("".join(accepted(f"{hour}:00:01.5", port=50000 + hour) for hour in (9, 10, 11)).replace("T9", "T09"))
    around = [{"at": f"{at}:00:00", "pid": 70, "words": "ssh root@db1"} for at in ("09", "11")]
    for clients, missing in ((around, ["client"]), (around[:1], []), (around[1:], [])):
        whole = Estate(pl.concat([log, audit("web1", *clients)]), INVENTORY)
        assert whole.sessions["missing"].to_list() == [[], missing, []]


def test_a_server_does_not_tell_of_logons_by_starting_clients() -> None:
    """db1's own clients are no lines of its sshd: they do not show that its log covers the time."""
    seen = zeek("ssh", {"at": "10:00:00", "src": "10.0.0.1", "port": 50000, "dst": "10.0.0.2", "auth_success": True})
    around = [{"at": f"{at}:00:00", "pid": 70, "words": "ssh root@hop"} for at in ("09", "11")]
    assert Estate(pl.concat([seen, audit("db1", *around)]), INVENTORY).sessions["missing"].to_list() == [[]]
