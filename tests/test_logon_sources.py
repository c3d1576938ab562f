"""A network logon without an address has that of the share, ticket or NTLM check beside it, and of nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphmap.logon_sources import CLOCKS, TICKET_AGE, with_sources
from graphmap.tables import TIME

START = datetime(2026, 3, 1, 10, tzinfo=UTC)
SCHEMA: dict[str, Any] = {
    "time": TIME, "host": pl.String, "kind": pl.String, "service": pl.String, "user": pl.String, "session": pl.String,
    "src_ip": pl.String, "src_host": pl.String, "src_port": pl.Int32, "file": pl.String, "line": pl.Int64,
}  # fmt: skip


def event(kind: str, second: float, line: int, **columns: Any) -> dict[str, Any]:
    service = "network" if kind == "logon" else "x"
    time = START + timedelta(seconds=second)
    return {"kind": kind, "time": time, "host": "srv", "service": service, "user": "bob", "line": line, **columns}


def sources(*rows: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Of each logon its address, name, and the line that told it."""
    events = pl.DataFrame(rows, schema=SCHEMA)
    found = with_sources(events.filter(kind="logon"), events)
    assert found.drop("src_ip", "src_host", "told_by").equals(events.filter(kind="logon").drop("src_ip", "src_host"))
    return found.select("src_ip", "src_host", pl.col("told_by").struct.field("line")).rows()


def test_a_share_in_its_session_tells() -> None:
    share = event("share", 4, 2, session="0x1", src_ip="10.0.0.9")
    assert sources(event("logon", 0, 1, session="0x1"), share) == [("10.0.0.9", None, 2)]
    assert sources(event("logon", 0, 1, session="0x2"), share) == [(None, None, None)]


def test_the_ticket_of_the_account_for_the_host_tells() -> None:
    ticket = event("ticket", 0, 1, src_ip="10.0.0.9")
    expected = {
        "at once": (event("logon", 0.3, 2), "10.0.0.9"),
        "in other letters": (event("logon", 0.3, 2, user="BOB"), "10.0.0.9"),
        "again with the same ticket": (event("logon", 12, 2), "10.0.0.9"),
        "before it by the clock of the host": (event("logon", -1, 2), "10.0.0.9"),
        "long before it": (event("logon", -60, 2), None),
        "long after it": (event("logon", 3600, 2), None),
        "of another account": (event("logon", 0.3, 2, user="ann"), None),
        "on another host": (event("logon", 0.3, 2, host="db"), None),
        "at the console": (event("logon", 0.3, 2, service="console"), None),
    }
    found = {name: sources(ticket, logon)[0][0] for name, (logon, _) in expected.items()}
    assert found == {name: address for name, (_, address) in expected.items()}


def test_two_addresses_at_one_time_tell_nothing() -> None:
    tickets = [event("ticket", 0, 1, src_ip="10.0.0.9"), event("ticket", 5, 2, src_ip="10.0.0.8")]
    assert sources(*tickets, event("logon", 6, 3)) == [(None, None, None)]
    assert sources(*tickets, event("logon", 62.5, 3)) == [("10.0.0.8", None, 2)]


def test_what_a_logon_says_itself_stays() -> None:
    ticket = event("ticket", 0, 1, src_ip="10.0.0.9")
    assert sources(ticket, event("logon", 1, 2, src_ip="10.0.0.1")) == [("10.0.0.1", None, None)]
    assert sources(ticket, event("logon", 1, 2, src_host="WS1")) == [(None, "WS1", None)]


def test_the_check_of_a_password_tells_the_name_of_the_client() -> None:
    assert sources(event("ntlm", 0, 1, src_host="WS1"), event("logon", 0.1, 2)) == [(None, "WS1", 1)]


def test_a_desktop_logon_has_the_port_of_the_one_connection_before_it() -> None:
    logon = {"kind": "logon", "service": "rdp", "src_ip": "10.0.0.9"}
    here = [event("rdp-connection", 0, 1, src_ip="10.0.0.9", src_port=50000)]
    other = [event("rdp-connection", 1, 2, src_ip="10.0.0.8", src_port=50001)]
    again = [event("rdp-connection", 30, 3, src_ip="10.0.0.9", src_port=50002)]

    def port(connections: list[dict[str, Any]], second: float) -> int | None:
        events = pl.DataFrame([*connections, event("x", second, 9) | logon], schema=SCHEMA)
        found = with_sources(events.filter(kind="logon"), events)
        return found["src_port"].item()  # type: ignore[no-any-return]

    assert port(here + other, 20) == 50000
    assert port(here + again, 40) is None
    assert port(here + again, 70) == 50002
    assert (port(here, 61), port(again, 20), port(other, 20)) == (None, None, None)


def twin(rows: list[dict[str, Any]]) -> list[str | None]:
    """The obvious way: look at every ticket for every logon."""
    found = []
    for logon in rows:
        if logon["kind"] == "logon":
            near = {
                ticket["src_ip"]
                for ticket in rows
                if ticket["kind"] == "ticket"
                and ticket["user"] == logon["user"]
                and logon["time"] - TICKET_AGE <= ticket["time"] <= logon["time"] + CLOCKS
            }
            found.append(near.pop() if len(near) == 1 else None)
    return found


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["logon", "ticket"]), st.integers(0, 200), st.sampled_from("ab"), st.sampled_from("12")
        ),
        max_size=14,
        unique_by=lambda drawn: (drawn[0], drawn[1], drawn[2]),
    )
)
def test_as_looking_at_every_ticket(drawn: list[tuple[str, int, str, str]]) -> None:
    rows = [
        event(kind, second, line, user=user, src_ip=f"10.0.0.{last}" if kind == "ticket" else None)
        for line, (kind, second, user, last) in enumerate(drawn)
    ]
    assert [address for address, _, _ in sources(*rows)] == twin(rows)
