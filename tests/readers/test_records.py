"""Records with named fields become rows of EVENTS."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pytest

from graphmap.model import Action, Outcome, Witness
from graphmap.readers.base import Source
from graphmap.readers.records import Record, RecordBuilder
from graphmap.tables import EVENTS

NOVEMBER = 1_700_000_000_000_000


def built(**columns: object) -> dict[str, object]:
    """What a record fills besides what every record has."""
    builder = RecordBuilder("test", Source("x.log", BytesIO, host="web1"))
    always = Record(
        time=NOVEMBER,
        action=Action.LOGON,
        outcome=Outcome.SUCCESS,
        service="rdp",
        kind="logon",
        witness=Witness.NETWORK,
    )
    builder.event(7, Record(**{**always, **columns}))  # type: ignore[typeddict-item]
    (batch,) = builder.take(0)
    assert batch.events.schema == EVENTS
    row = batch.events.row(0, named=True)
    return {
        name: value
        for name, value in row.items()
        if value is not None and (name not in always or value != always[name])  # type: ignore[literal-required]
    }


def test_constants_and_the_host_of_the_source() -> None:
    assert built() == {
        "time": datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        "dst_host": "web1", "repeat": 0, "reader": "test", "file": "x.log", "line": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "columns"),
    [
        ({"src": "::ffff:10.0.0.1"}, {"src_ip": "10.0.0.1"}),
        ({"src": "WS1", "dst": "fe80::1%eth0"}, {"src_host": "WS1", "dst_ip": "fe80::1"}),
        ({"src": "-", "user": "?", "method": ""}, {}),
        ({"user": "CORP\\ann"}, {"user": "ann", "domain": "CORP"}),
        ({"user": "ann\\x", "domain": "CORP"}, {"user": "ann\\x", "domain": "CORP"}),
        ({"user": "a\ud800"}, {"user": "a\\ud800"}),
        ({"src_port": 0, "dst_port": 65_536, "pid": -1, "duration": 2**63}, {}),
        ({"dst_host": "db1"}, {"dst_host": "db1"}),
    ],
)
def test_values(given: dict[str, object], columns: dict[str, object]) -> None:
    everywhere = {"time", "dst_host", "repeat", "reader", "file", "line"} - given.keys()
    assert {name: value for name, value in built(**given).items() if name not in everywhere} == columns


@pytest.mark.parametrize(("moment", "known"), [(NOVEMBER, True), (2**62, False), (-(2**62), False)])
def test_times_that_no_log_can_hold(moment: int, known: bool) -> None:
    assert RecordBuilder.is_time(moment) == known


@pytest.mark.parametrize(
    ("witness", "dst", "host"),
    [
        (Witness.SERVER, None, "web1"),
        (Witness.SERVER, "10.0.0.1", "web1"),
        (Witness.CLIENT, None, "web1"),
        (Witness.CLIENT, "10.0.0.1", None),  # the log of the client is not that of the destination
        (Witness.NETWORK, "10.0.0.1", None),
    ],
)
def test_host_of_the_source_is_the_destination_of_its_own_events(
    witness: Witness, dst: str | None, host: str | None
) -> None:
    assert built(witness=witness, dst=dst).get("dst_host") == host


def test_events_are_given_in_the_order_of_their_lines() -> None:
    builder = RecordBuilder("test", Source("x.log", BytesIO))
    for line in (3, 1, 2):
        builder.event(
            line,
            Record(
                time=NOVEMBER,
                action=Action.LOGON,
                outcome=Outcome.SUCCESS,
                service="rdp",
                kind="logon",
                witness=Witness.SERVER,
            ),
        )
    (batch,) = builder.take(0)
    assert batch.events["line"].to_list() == [1, 2, 3]
