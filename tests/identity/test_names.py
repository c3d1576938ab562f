from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.identity.names import (
    LOOPBACK,
    canonical_address,
    canonical_name,
    format_time,
    identifies_host,
    parse_network,
    parse_time,
    short_name,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [("db1", "db1"), ("DB1.Corp.Example.", "db1.corp.example"), ("a..", "a"), (".", "."), ("..", ".."), ("", "")],
)
def test_names_lose_case_and_trailing_dots(text: str, name: str) -> None:
    assert canonical_name(text) == name


def test_the_short_name_is_the_first_label() -> None:
    assert [short_name(name) for name in ("db1", "db1.corp.example", "")] == ["db1", "db1", ""]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("::FFFF:0a00:1", "10.0.0.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("10.0.0.1%eth0", None),
        ("10.0.0.1%", None),
        ("192.030.0.6", None),
        ("10.1", None),
        ("\u0661\u0660.0.0.1", None),
        ("", None),
        ("-", None),
        ("db1", None),
        ("fe80::1%", "fe80::1"),
    ],
)
def test_addresses_have_one_text(text: str, address: str | None) -> None:
    assert canonical_address(text) == address


@given(st.ip_addresses().map(str).map(canonical_address).filter(bool))
def test_addresses_that_identify_no_host_are_those_of_the_standard(text: str) -> None:
    address = ip_address(text)
    special = address.is_loopback or address.is_unspecified or address.is_link_local or address.is_multicast
    if isinstance(address, IPv4Address):
        special |= address in parse_network("0.0.0.0/8") or text == "255.255.255.255"
    assert identifies_host(text) is not special
    assert bool(re.search(LOOPBACK, text)) is address.is_loopback


@pytest.mark.parametrize(
    "text",
    ["127.0.0.1", "127.255.0.1", "::1", "::", "0.0.0.0", "169.254.9.9", "224.0.0.1", "239.255.255.255", "fe80::1",
     "febf::1", "ff02::1", "255.255.255.255"],
)  # fmt: skip
def test_these_identify_no_host(text: str) -> None:
    assert not identifies_host(text)


@pytest.mark.parametrize(
    "text",
    ["10.127.0.1", "128.0.0.1", "169.253.0.1", "223.255.255.255", "240.0.0.1", "::2", "::1:0", "fec0::1", "ff::1",
     "fe8::1", "1.0.0.0", "2001:db8::1"],
)  # fmt: skip
def test_these_identify_a_host(text: str) -> None:
    assert identifies_host(text)


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("10.0.0.1", "10.0.0.1/32"),
        ("2001:DB8::/32", "2001:db8::/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::/0", "::/0"),
    ],
)
def test_networks_have_one_text(text: str, network: str) -> None:
    assert str(parse_network(text)) == network


@pytest.mark.parametrize(
    "text", ["10.0.0.1/8", "10.0.0.0/33", "", "/8", "fe80::%eth0/64", "x", "10.0.0.0/" + "9" * 9999]
)
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"network|host bits|^fe80"):
        parse_network(text)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T09:30", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31 09:30:15Z", datetime(2026, 1, 31, 9, 30, 15, tzinfo=UTC)),
        ("2026-01-31t09:30:15.25z", datetime(2026, 1, 31, 9, 30, 15, 250000, tzinfo=UTC)),
        ("2026-01-31T00:30:15+01:30", datetime(2026, 1, 30, 23, 0, 15, tzinfo=UTC)),
        ("2026-02-30", None),
        ("2026-W01-1", None),
        ("20260131", None),
        ("2026-01-31T24:00:00Z", None),
        ("2026-01-31T09:30:15,5Z", None),
        ("9999-12-31T23:59:59-01:00", None),
        ("٢٠٢٦-01-31", None),
        ("2026-01-31\n", None),
        ("", None),
    ],
)
def test_times_are_rfc_3339_in_utc(text: str, time: datetime | None) -> None:
    assert parse_time(text) == time


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_reads_back_as_it_was_written(time: datetime) -> None:
    assert parse_time(format_time(time)) == time
