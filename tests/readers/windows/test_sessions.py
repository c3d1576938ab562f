"""One logon that Windows tells of in several channels, or on several hosts, is one session with all their lines."""

from __future__ import annotations

import io
import zipfile
from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from graphmap.pipeline.estate import Estate
from graphmap.readers import READERS, Source, find_sources
from tests.readers.reading import read_source
from tests.readers.windows.events import LOGON, LSM, RCM, RDP_CORE, xml
from tests.readers.windows.evtx_file import evtx_file

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "10.0.0.9"
RDP = {**LOGON, "LogonType": "10", "IpAddress": ADDRESS, "IpPort": "0", "ProcessId": "0x5", "WorkstationName": "SRV"}
DESKTOP = {"User": "CORP\\bob", "SessionID": "3", "Address": ADDRESS}


def at(second: int) -> str:
    return f"2026-03-01T10:00:{second:02}.1234567Z"


CHANNELS: dict[str, list[str]] = {
    "Security.evtx": [
        xml("Security", 4624, RDP, time=at(2)),
        xml("Security", 4624, {**RDP, "TargetLogonId": "0x1a2b40"}, time=at(2)),  # the linked token
    ],
    "LocalSessionManager.evtx": [
        xml(LSM, 21, DESKTOP, time=at(9)),
        xml(LSM, 22, DESKTOP, time=at(10)),
        xml(LSM, 23, {"User": "CORP\\bob", "SessionID": "3"}, time=at(50)),
    ],
    "RdpCoreTS.evtx": [
        xml(RDP_CORE, 131, {"ConnType": "TCP", "ClientIP": f"{ADDRESS}:50000"}, time=at(0)),
        xml(RDP_CORE, 131, {"ConnType": "UDP", "ClientIP": f"{ADDRESS}:50001"}, time=at(0)),
    ],
    "RemoteConnectionManager.evtx": [
        xml(RCM, 1149, {"Param1": "bob", "Param2": "CORP", "Param3": ADDRESS}, time=at(1)),
    ],
}


def sessions(*files: str) -> list[dict[str, Any]]:
    readings = [
        read_source(Source(name, partial(io.BytesIO, evtx_file(CHANNELS[name]))), reader="evtx") for name in files
    ]
    return Estate(pl.concat(reading.events for reading in readings)).sessions.to_dicts()


@pytest.mark.parametrize("order", [1, -1])
def test_a_desktop_logon_in_four_channels_is_one_session(order: int) -> None:
    (found,) = sessions(*list(CHANNELS)[::order])
    lines = sorted((line["file"], line["line"]) for line in found["lines"])
    assert lines == [
        ("LocalSessionManager.evtx", 1), ("LocalSessionManager.evtx", 3), ("RdpCoreTS.evtx", 1), ("Security.evtx", 1),
        ("Security.evtx", 2),
    ]  # fmt: skip
    told = (found["user"], found["src"], found["src_port"], found["service"], found["host"])
    assert told == ("bob", ADDRESS, 50000, "rdp", "srv")
    assert str(found["end"]) == "2026-03-01 10:00:50.123456+00:00"


# host and account: the sources of its sessions, each with how often, and how many lines prove one
RECORDED: dict[str, dict[tuple[str, str], list[tuple[str | None, int]]]] = {
    # PowerShell remoting: no 4624 on the target has an address; the ticket that the controller gave has it
    "covenant_psremoting_command": {
        ("workstation6.theshire.local", "pgustavo"): [("172.18.39.5", 5)],
        ("mordordc.theshire.local", "WEC$"): [("172.18.38.6", 1)],
        ("mordordc.theshire.local", "WORKSTATION5$"): [("172.18.39.5", 1)],
        ("mordordc.theshire.local", "WORKSTATION6$"): [("172.18.39.6", 1)],
    },
    # one account on three hosts within seconds, some by new tickets and some by old ones
    "purplesharp_ad_playbook_I": {
        ("workstation6.theshire.local", "pgustavo"): [("172.18.39.5", 5)],
        ("workstation7.theshire.local", "pgustavo"): [("172.18.39.5", 5)],
        ("mordordc.theshire.local", "pgustavo"): [("172.18.39.5", 9)],
        ("mordordc.theshire.local", "WEC$"): [("172.18.38.6", 1)],
        ("mordordc.theshire.local", "WORKSTATION6$"): [("172.18.39.6", 1)],
        ("mordordc.theshire.local", "WORKSTATION7$"): [("172.18.39.7", 1)],
    },
}  # fmt: skip


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_logons_have_the_source_that_their_tickets_have(shared: Path, name: str) -> None:
    path = shared / "otrf-security-datasets" / "lateral_movement" / f"{name}.zip"
    assert zipfile.is_zipfile(path)
    (source,) = find_sources([str(path)])
    found = Estate(read_source(source, reader=READERS["nxlog"]).events).sessions
    counts = found.group_by("host", "user", "src").len().sort("host", "user", "src")
    assert counts.filter(pl.col("host") != pl.col("user")).rows() == sorted(
        (host, user, src, count) for (host, user), sources in RECORDED[name].items() for src, count in sources
    )


def test_what_told_the_source_is_part_of_the_proof(shared: Path) -> None:
    path = shared / "otrf-security-datasets" / "lateral_movement" / "covenant_psremoting_command.zip"
    (source,) = find_sources([str(path)])
    events = read_source(source, reader="nxlog").events
    first = Estate(events).sessions.filter(user="pgustavo").row(0, named=True)
    kinds = [events.filter(line=line["line"])["kind"].item() for line in first["lines"]]
    assert kinds == ["logon", "ticket"]


def test_the_recorded_double_tokens_of_one_logon_are_one_session(shared: Path) -> None:
    """Of 84 logons in security.evtx, those of an administrator come twice in one moment, with two logon ids."""
    (source,) = find_sources([str(shared / "evtx" / "security.evtx")])
    events = read_source(source, reader="evtx").events
    logons = events.filter((pl.col("action") == "logon") & (pl.col("outcome") == "success"))
    moments = logons.filter(pl.col("pid").is_not_null()).select("time", "user", "pid").unique()
    single = logons.filter(pl.col("pid").is_null())
    found = Estate(events).sessions
    assert (len(logons), len(found)) == (84, len(moments) + len(single))
    assert found["lines"].list.len().sum() >= len(logons)
