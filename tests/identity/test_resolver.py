from __future__ import annotations

import time as clock
from datetime import UTC, datetime

import polars as pl
import pytest

from graphmap.identity import EMPTY, Identity, Inventory, parse_inventory
from graphmap.identity.addresses import AMBIGUOUS
from graphmap.model import Host
from graphmap.tables import EVENTS

INVENTORY = parse_inventory(
    r"""
segments:
  - {name: office, cidrs: [10.1.0.0/16]}
  - {name: lab, cidrs: [10.1.2.0/24, "2001:db8::/32"]}
  - {name: prod, restricted: true, allowed_from: [jump]}
  - {name: jump, allowed_from: []}
hosts:
  - {name: db1, addresses: [10.77.0.61], segment: prod, owner: j-smith, aliases: [db1.corp.example, oracle]}
  - {name: web, addresses: [{address: 10.1.0.5, from: 2026-01-10, until: 2026-01-20}]}
  - {name: app.east.example, addresses: [10.9.0.1, 10.1.2.3]}
  - {name: app.west.example}
  - {name: mail.corp.example}
accounts:
  - {name: anna, aliases: [adm-anna, 'CORP\legacy']}
  - {name: backup, service: true, aliases: [bkp]}
""",
    "inv.yaml",
)
COLUMNS = ["time", "dst_host", "src_ip", "src_host"]
Row = tuple[int, str | None, str | None, str | None]


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def events(rows: list[Row]) -> pl.DataFrame:
    schema = {name: EVENTS[name] for name in COLUMNS}
    return pl.DataFrame([(day(number), *rest) for number, *rest in rows], schema=schema, orient="row")


def claims(rows: list[tuple[int, str | None, str | None]]) -> pl.DataFrame:
    schema = {name: EVENTS[name] for name in ("time", "dst_host", "dst_ip")}
    return pl.DataFrame([(day(number), *rest) for number, *rest in rows], schema=schema, orient="row")


def hosts(identity: Identity, *names: str | None, on: int = 1) -> list[str | None]:
    series = pl.Series("name", names, pl.String)
    return identity.canonical_host(series, pl.Series([day(on)] * len(names))).to_list()


def sources(identity: Identity, rows: list[Row]) -> list[tuple[str | None, bool]]:
    return identity.resolve(events(rows)).select("src", "src_known").rows()


@pytest.mark.parametrize(
    ("logged", "host"),
    [
        ("db1", "db1"),
        ("DB1.", "db1"),
        ("Oracle", "db1"),
        ("db1.CORP.example", "db1"),
        ("db1.evil.example", "db1.evil.example"),  # the inventory knows db1 in another domain
        ("oracle.corp.example", "db1"),  # no longer name begins with oracle
        ("web.any.example", "web"),
        ("mail", "mail.corp.example"),
        ("app", "app"),  # two hosts have longer names beginning with app
        ("app.east.example", "app.east.example"),
        ("app.north.example", "app.north.example"),
        ("Stranger.", "stranger"),
        ("10.77.0.61", "db1"),
        ("::ffff:10.77.0.61", "db1"),
        ("2001:DB8::9", "2001:db8::9"),
        ("..", ".."),
        ("", ""),
        (None, None),
    ],
)
def test_host_names_of_logs_become_those_of_the_inventory(logged: str | None, host: str | None) -> None:
    assert hosts(Identity(INVENTORY), logged) == [host]


def test_an_alias_that_is_a_long_name_of_the_host_itself_leaves_the_short_name_its_own() -> None:
    both = Inventory(hosts=(Host("db1"), Host("x", aliases=("db1.corp.example",))))
    assert hosts(Identity(both), "db1", "db1.corp.example", "db1.b.example") == ["db1", "x", "db1.b.example"]


def test_an_address_for_a_host_means_its_owner_at_that_time() -> None:
    identity = Identity(INVENTORY, claims([(25, "lt9", "10.1.0.5")]))
    assert [hosts(identity, "10.1.0.5", on=number)[0] for number in (9, 10, 19, 20, 26)] == [
        "lt9",
        "web",
        "web",
        "lt9",
        "lt9",
    ]


def test_sources_are_found_by_inventory_then_claims_then_stay_as_they_are() -> None:
    identity = Identity(INVENTORY, claims([(1, "Lt9", "10.1.0.9"), (5, "lt8", "10.1.0.9")]), ["db1", "gw", "10.3.3.3"])
    rows: list[tuple[Row, tuple[str | None, bool]]] = [
        ((12, "db1", "10.1.0.5", None), ("web", True)),
        ((21, "db1", "10.1.0.5", None), ("10.1.0.5", False)),
        ((4, "db1", "10.1.0.9", None), ("lt9", True)),
        ((5, "db1", "10.1.0.9", None), ("lt8", True)),
        ((1, "db1", "203.0.113.9", None), ("203.0.113.9", False)),
        ((1, "db1", "203.0.113.9", "gw"), ("203.0.113.9", False)),  # a forged reverse look-up
        ((1, "db1", None, "GW."), ("gw", True)),
        ((1, "db1", None, "oracle"), ("db1", True)),
        ((1, "db1", None, "Elsewhere.Example"), ("elsewhere.example", False)),
        ((1, "db1", None, "10.77.0.61"), ("db1", True)),
        ((1, "db1", "10.3.3.3", None), ("10.3.3.3", True)),
        ((1, "db1", None, None), (None, False)),
        ((1, None, None, None), (None, False)),
    ]
    assert sources(identity, [row for row, _ in rows]) == [answer for _, answer in rows]


@pytest.mark.parametrize("source", [("127.0.0.1", None), ("::1", None), ("127.9.9.9", "gw"), (None, "LocalHost.")])
def test_a_loopback_source_is_the_host_itself(source: tuple[str | None, str | None]) -> None:
    assert sources(Identity(INVENTORY), [(1, "oracle", *source), (1, None, *source)]) == [
        ("db1", True),
        (source[0] or "localhost", False),
    ]


def test_a_host_is_known_to_itself() -> None:
    assert sources(Identity(), [(1, "Unseen", "127.0.0.1", None), (1, "unseen", None, "unseen")]) == [
        ("unseen", True),
        ("unseen", False),
    ]


def test_an_address_behind_a_loopback_name_is_not_the_host_itself() -> None:
    assert sources(Identity(INVENTORY), [(1, "db1", "203.0.113.9", "localhost")]) == [("203.0.113.9", False)]


def test_resolving_keeps_the_frame_and_adds_three_columns() -> None:
    given = events([(2, "DB1", "10.1.0.5", None), (1, "x", None, None)]).with_columns(extra=pl.Series([7, 8]))
    resolved = Identity(INVENTORY).resolve(given)
    assert resolved.columns == [*given.columns, "host", "src", "src_known"]
    assert resolved.select(given.columns).equals(given)
    assert resolved.schema["src_known"] == pl.Boolean
    assert Identity(INVENTORY).resolve(given.with_columns(host=pl.lit("named")))["host"].to_list() == ["named", "named"]


def test_an_empty_frame_is_resolved() -> None:
    assert Identity(INVENTORY).resolve(events([])).is_empty()
    assert Identity().resolve(events([])).schema["src"] == pl.String


def test_claims_the_inventory_covers_teach_nothing() -> None:
    told = claims([(11, "rogue", "10.1.0.5"), (2, "rogue", "10.77.0.61")])
    identity = Identity(INVENTORY, told)
    assert sources(identity, [(11, "db1", "10.1.0.5", None), (2, "db1", "10.77.0.61", None), (25, "db1", "10.1.0.5", None)]) == [
        ("web", True),
        ("db1", True),
        ("10.1.0.5", False),
    ]  # fmt: skip
    assert identity.ambiguous().is_empty()


def test_claims_with_nulls_teach_nothing() -> None:
    identity = Identity(EMPTY, claims([(1, None, "10.0.0.1"), (1, "a", None)]))
    assert identity.hosts() == ()


def test_interleaved_claims_are_listed_and_resolve_to_nothing() -> None:
    told = claims([(1, "A", "172.17.0.1"), (2, "b", "172.17.0.1"), (3, "a.", "172.17.0.1"), (3, "b", "10.0.0.2")])
    identity = Identity(EMPTY, told)
    expected = pl.DataFrame([("172.17.0.1", day(1), day(3), ["a", "b"])], schema=AMBIGUOUS, orient="row")
    assert identity.ambiguous().equals(expected)
    assert sources(identity, [(2, "b", "172.17.0.1", None), (4, "b", "10.0.0.2", None)]) == [
        ("172.17.0.1", False),
        ("b", True),
    ]


def test_an_address_does_not_claim_itself() -> None:
    told = claims([(1, "a", "10.0.0.1"), (2, "10.0.0.1", "10.0.0.1"), (3, "b", "10.0.0.1"), (4, "a", "10.0.0.1")])
    assert Identity(EMPTY, told).ambiguous()["hosts"].to_list() == [["a", "b"]]


def test_names_of_one_host_claim_together() -> None:
    told = claims([(1, "db1", "10.5.0.1"), (2, "oracle", "10.5.0.1"), (3, "DB1.corp.example", "10.5.0.1")])
    identity = Identity(INVENTORY, told)
    assert identity.ambiguous().is_empty()
    assert sources(identity, [(2, "x", "10.5.0.1", None)]) == [("db1", True)]


def test_a_host_logged_by_its_address_claims_for_the_host_that_has_it() -> None:
    told = claims(
        [(1, "gw", "10.0.0.5"), (2, "10.0.0.5", "10.0.0.5"), (3, "10.0.0.5", "10.0.0.6"), (3, "10.8.0.1", "10.8.0.2")]
    )
    identity = Identity(EMPTY, told)
    assert sources(identity, [(4, "x", "10.0.0.6", None), (4, "x", "10.0.0.5", None), (4, "x", "10.8.0.2", None)]) == [
        ("gw", True),
        ("gw", True),
        ("10.8.0.1", True),
    ]  # fmt: skip
    assert identity.ambiguous().is_empty()


def test_known_hosts_are_the_listed_the_seen_and_the_claimants() -> None:
    identity = Identity(INVENTORY, claims([(1, "lt9", "10.0.0.9")]), ["Oracle", "SEEN.", "app"])
    listed = ["app.east.example", "app.west.example", "db1", "mail.corp.example", "web"]
    assert identity.hosts() == tuple(sorted([*listed, "lt9", "seen", "app"]))
    assert identity.is_known("seen")
    assert not identity.is_known("elsewhere")


def test_without_anything_a_name_is_itself() -> None:
    identity = Identity()
    assert sources(identity, [(1, "DB1", "10.0.0.1", None)]) == [("10.0.0.1", False)]
    assert hosts(identity, "DB1.Corp") == ["db1.corp"]
    assert identity.segment("db1") is None
    assert identity.owner("db1") is None
    assert identity.host("db1") is None
    assert identity.ambiguous().equals(AMBIGUOUS.to_frame())


def test_text_of_the_log_stays_text() -> None:
    hostile = ["$1", "${x}", "a\nb", "=cmd()", "\x1b[2J", "10.0.0.1\x00"]
    assert hosts(Identity(INVENTORY), *hostile) == [text.lower() for text in hostile]


def test_accounts_are_found_by_alias_and_without_realm_or_domain() -> None:
    identity = Identity(INVENTORY)
    asked = {
        "anna": "anna",
        "adm-anna": "anna",
        "Anna": "Anna",
        "adm-anna@CORP.EXAMPLE": "anna",
        "CORP\\bkp": "backup",
        "CORP\\legacy": "anna",
        "legacy": "legacy",
        "CORP\\bkp@X": "backup",
        "bob@CORP": "bob@CORP",
        "anna@CORP@X": "anna@CORP@X",
        "@": "@",
        "": "",
    }
    frame = pl.DataFrame({"user": [*asked, None]}, schema={"user": pl.String})
    assert frame.select(identity.account("user"))["user"].to_list() == [*asked.values(), None]
    assert frame.select(identity.account(pl.col("user")).alias("a"))["a"].to_list() == [*asked.values(), None]
    assert [identity.account_of(user) for user in asked] == list(asked.values())
    assert [identity.is_service(account) for account in ("backup", "bkp", "anna", "x")] == [True, False, False, False]
    assert Identity().account_of("a@b") == "a@b"


def test_segments_of_hosts_and_addresses() -> None:
    identity = Identity(INVENTORY, claims([(9, "lt1", "10.1.2.9"), (1, "lt1", "192.0.2.1"), (1, "lt1", "10.1.9.9")]))
    asked = {
        "db1": "prod",
        "ORACLE.": "prod",
        "10.77.0.61": None,
        "web": "office",
        "app.east.example": "lab",
        "app.west.example": None,
        "lt1": "office",
        "10.1.2.200": "lab",
        "::ffff:10.1.2.200": "lab",
        "10.1.3.1": "office",
        "2001:db8::77": "lab",
        "2001:db9::77": None,
        "::a01:209": None,  # the number of 10.1.2.9, in the other family
        "stranger": None,
    }
    assert {node: identity.segment(node) for node in asked} == asked
    assert identity.segment_of_address("10.1.2.3") == "lab"
    assert identity.segment_of_address("db1") is None


def test_restricted_segments() -> None:
    identity = Identity(INVENTORY)
    assert [identity.is_restricted(name) for name in ("prod", "jump", "none", None)] == [True, False, False, False]


def test_owners_are_found_by_any_name() -> None:
    identity = Identity(INVENTORY)
    assert [identity.owner(name) for name in ("db1", "oracle", "web", "x")] == ["j-smith", "j-smith", None, None]
    assert identity.host("ORACLE") == INVENTORY.hosts[0]


def test_a_million_rows_are_resolved_by_joins() -> None:
    rows = 1_000_000
    number = pl.int_range(rows)
    frame = pl.select(
        time=pl.lit(day(1)) + pl.duration(seconds=number),
        dst_host="h" + (number % 500).cast(pl.String),
        src_ip=pl.format("10.{}.{}.1", number % 200, number % 251),
        src_host=pl.lit(None, pl.String),
    )
    told = frame.select("time", "dst_host", dst_ip="src_ip")
    start = clock.process_time()
    resolved = Identity(INVENTORY, told).resolve(frame)
    assert clock.process_time() - start < 60
    assert resolved.height == rows
