"""What docs/formats.md says of Windows events is what the readers do: its tables are read by them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from graphmap.readers.windows.kinds import KINDS
from graphmap.readers.windows.meanings import CHANNELS
from graphmap.readers.windows.processes import PORTS, PROGRAMS
from tests.conftest import ROOT
from tests.readers.reading import read_lines
from tests.readers.windows.events import LSM, RCM, RDP_CLIENT, RDP_CORE, SYSMON, WINRM, xml
from tests.readers.windows.test_meanings import CASES

LOGS = {
    "Security": "Security", "System": "System", "Sysmon": SYSMON, "LocalSessionManager": LSM, "RemoteConnectionManager": RCM,
    "RdpCoreTS": RDP_CORE, "RDPClient": RDP_CLIENT, "WinRM": WINRM,
}  # fmt: skip
EVERYWHERE = {
    "time", "action", "outcome", "service", "kind", "dst_host", "repeat", "reader", "file", "line", "witness",
}  # fmt: skip
PAGE = Path(ROOT / "docs" / "formats.md").read_text()
_ROW = re.compile(r"^\| `([a-z-]+)` \| ([^|]*\d) \| (\w+, \w+, \w+) \| (.+?) \| ([\w, ]*) \| `(.+)` \|$", re.MULTILINE)
ROWS = _ROW.findall(PAGE)


def events_of(source: str) -> list[tuple[str, int]]:
    """Channel and number: "4688, Sysmon 1" are two; without a log it is Security."""
    found, log = [], "Security"
    for part in re.findall(r"\d+|[A-Za-z]+", source):
        if part.isdigit():
            found.append((LOGS[log], int(part)))
        else:
            log = part
    return found


def test_every_kind_has_its_row() -> None:
    assert {kind: (source, outcome, says) for kind, source, outcome, says, *_ in ROWS} == {
        name: (kind.source, f"{kind.action}, {kind.outcome}, {kind.witness}", kind.says) for name, kind in KINDS.items()
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_sample_fills_the_columns_of_its_row(row: tuple[str, ...]) -> None:
    kind, source, _, _, columns, sample = row
    log, number = events_of(source)[0]
    fields = dict(field.split("=", 1) for field in sample.split(" "))
    event = xml(log, number, fields, keywords=fields.pop("Keywords", "0x8020000000000000"))
    (found,) = read_lines(event, reader="windows-xml").rows()
    assert found["kind"] == kind
    assert set(found) - EVERYWHERE == set(filter(None, columns.split(", ")))


def test_every_event_that_is_read_is_documented() -> None:
    documented = {(log.lower(), number) for _, source, *_ in ROWS for log, number in events_of(source)}
    read = {(channel, number) for channel, meanings in CHANNELS.items() for number in meanings}
    assert {event for event in read if "openssh" not in event[0]} == documented


HUNTED = {
    "Security": (4624, 4625, 4634, 4647, 4648, 4672, 4768, 4769, 4771, 4776, 4778, 4779, 4688, 5140, 5145),
    SYSMON: (1, 3), LSM: (21, 22, 23, 24, 25), RCM: (1149,), RDP_CORE: (131, 140), WINRM: (6, 91),
}  # fmt: skip


@pytest.mark.parametrize("event", [(log, number) for log, numbers in HUNTED.items() for number in numbers], ids=str)
def test_event_gives_the_kinds_that_the_page_says_of_it(event: tuple[str, int]) -> None:
    documented = {kind: sample for kind, source, _, _, _, sample in ROWS if event in events_of(source)}
    given: list[tuple[dict[str, str], dict[str, Any]]] = [
        (fields, {}) for _, log, number, fields, *_ in CASES if (log, number) == event
    ]
    if event[0] == "Security":
        fields = [dict(field.split("=", 1) for field in sample.split(" ")) for sample in documented.values()]
        given += [(sample, {"keywords": sample.pop("Keywords", "0x8020000000000000")}) for sample in fields]
    log = [xml(*event, fields, **system) for fields, system in given]
    assert set(read_lines(*log, reader="windows-xml").events["kind"]) == set(documented)


def test_programs_and_ports() -> None:
    table = PAGE.partition("| program | service | only with |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`.+`) \| (\w+) \| (.*) \|$", table, re.MULTILINE)
    documented = {
        name: (service, bool(needs.strip()))
        for names, service, needs in rows
        for name in re.findall(r"`([^`]+)`", names)
    }
    assert documented == {name: (program.service, program.needs is not None) for name, program in PROGRAMS.items()}
    ports = re.search(r"to port (22 [^;]+);", PAGE)
    assert ports is not None
    assert {int(port): name for port, name in re.findall(r"(\d+) \(`(\w+)`\)", ports[1])} == PORTS
