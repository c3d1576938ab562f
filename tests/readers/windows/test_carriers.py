"""One event means the same, whatever carried it here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import READERS, ReadOptions, detect
from tests.readers.reading import read_bytes, read_lines
from tests.readers.windows.events import LOGON, LSM, SYSMON, nxlog, wazuh, winlogbeat, xml
from tests.readers.windows.evtx_file import evtx_file
from tests.readers.windows.test_meanings import CASES, Case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CARRIERS: dict[str, Callable[[str, int, Mapping[str, str]], bytes]] = {
    "evtx": lambda *event: evtx_file([xml(*event)]),
    "windows-xml": lambda *event: xml(*event).encode(),
    "winlogbeat": lambda *event: winlogbeat(*event).encode(),
    "wazuh": lambda *event: wazuh(*event).encode(),
    "nxlog": lambda *event: nxlog(*event).encode(),
}
VALUES = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\\￾￿"), max_size=20)


def row(carrier: str, data: bytes) -> dict[str, Any]:
    """The only event, in whole seconds: NXLog's stamps have no more."""
    (found,) = read_bytes(data, reader=carrier).rows()
    return {**found, "time": found["time"].replace(microsecond=0), "reader": ""}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
@pytest.mark.parametrize("carrier", [name for name in CARRIERS if name != "windows-xml"])
def test_says_what_xml_says(carrier: str, case: Case) -> None:
    what, channel, code, fields, *_ = case
    expected = row("windows-xml", CARRIERS["windows-xml"](channel, code, fields))
    if (carrier, what) == ("nxlog", "other log cleared"):
        del expected["command"]  # its records are flat: the channel they are in hides the one that was cleared
    assert row(carrier, CARRIERS[carrier](channel, code, fields)) == expected


@given(user=VALUES, domain=VALUES, station=VALUES, address=VALUES)
def test_any_text_in_a_field_is_only_text(user: str, domain: str, station: str, address: str) -> None:
    fields = LOGON | {
        "TargetUserName": user, "TargetDomainName": domain, "WorkstationName": station, "IpAddress": address,
    }  # fmt: skip
    rows = [row(name, write("Security", 4624, fields)) for name, write in CARRIERS.items()]
    assert all(found == rows[0] for found in rows)
    assert rows[0]["kind"] == "logon"


@pytest.mark.parametrize("carrier", CARRIERS)
def test_is_known_by_its_content_alone(carrier: str) -> None:
    data = CARRIERS[carrier](LSM, 21, {"User": "CORP\\bob", "SessionID": "3", "Address": "1.2.3.4"})
    assert [reader.name for reader in READERS if reader.sniff(data)] == [carrier]
    assert detect(data) is READERS[carrier]


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        '{"EventID": 4624}',
        '{"winlog": 4624}',
        '{"winlog": {"event_id": 4624}}',
        '{"data": {"win": []}}',
        '{"Event": {"System": {}}}',
        "<Events></Events>",
        "<EventData><Event/></EventData>",
        "<html><Event></Event></html>",
        "ElfChnk",
        "Mar  1 10:00:00 srv sshd[7]: <Event>",
    ],
)
def test_is_not_known_by_half(line: str) -> None:
    known = [name for name in CARRIERS if READERS[name].sniff(line.encode())]
    assert known == []


def test_winlogbeat_with_dotted_names_and_in_a_search_engines_envelope() -> None:
    plain = json.loads(winlogbeat("Security", 4624, LOGON))
    dotted = {
        "@timestamp": plain["@timestamp"], "winlog.channel": "Security", "winlog.event_id": [4624],
        "winlog.provider_name": plain["winlog"]["provider_name"], "winlog.computer_name": ["srv"],
        **{f"winlog.event_data.{name}": [value] for name, value in LOGON.items()},
    }  # fmt: skip
    expected = row("winlogbeat", json.dumps(plain).encode())
    for form in (dotted, {"_index": "winlogbeat-8", "_source": plain}, {"_id": "1", "_source": dotted}):
        data = json.dumps(form).encode()
        assert detect(data) is READERS["winlogbeat"]
        assert row("winlogbeat", data) == expected


def test_other_objects_and_lines_have_their_places() -> None:
    reading = read_lines(
        winlogbeat("Security", 4624, LOGON), '{"message": "of another beat"}', "", "not JSON", '{"winlog": {"event_id": 4',
        winlogbeat(SYSMON, 7, {}),
        reader="winlogbeat",
    )  # fmt: skip
    assert (len(reading.events), reading.other, reading.accounted()) == (1, 3, 6)
    assert reading.reasons() == ["not a JSON object", "not a JSON object"]


def stamped(**fields: str) -> bytes:
    event = json.loads(nxlog("Security", 4624, LOGON))
    for name in ("EventTime", "EventReceivedTime", "@timestamp"):
        event.pop(name)
    return json.dumps(event | fields).encode()


@pytest.mark.parametrize(
    ("fields", "time"),
    [
        ({"EventTime": "2026-03-01 12:00:00"}, "2026-03-01T12:00:00+00:00"),
        ({"EventTime": "2026-03-01T12:00:00.5+02:00"}, "2026-03-01T10:00:00.500000+00:00"),
        (
            {"EventTime": "2026-03-01 05:30:00", "EventReceivedTime": "2026-03-01 05:30:01", "@timestamp": "2026-03-01T11:00:02Z"},
            "2026-03-01T11:00:00+00:00",  # UTC-05:30 by both
        ),
        (
            {"EventTime": "2026-03-01 05:30:00", "EventReceivedTime": "2026-03-01 05:30:01", "@timestamp": "2026-03-01T11:07:00Z"},
            "2026-03-01T05:30:00+00:00",  # collected too late to tell
        ),
        ({"TimeCreated": "2026-03-01T10:00:00.123Z", "EventTime": "2026-03-01 12:00:00"}, "2026-03-01T10:00:00.123000+00:00"),
    ],
)  # fmt: skip
def test_nxlog_stamps(fields: dict[str, str], time: str) -> None:
    (event,) = read_bytes(stamped(**fields), reader="nxlog").rows("time")
    assert event["time"].isoformat() == time


def test_nxlog_stamp_in_the_users_zone() -> None:
    from zoneinfo import ZoneInfo

    options = ReadOptions(zone=ZoneInfo("Europe/Berlin"))
    (event,) = read_bytes(stamped(EventTime="2026-03-01 12:00:00"), reader="nxlog", options=options).rows("time")
    assert event["time"].isoformat() == "2026-03-01T11:00:00+00:00"
