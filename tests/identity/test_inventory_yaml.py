from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from graphmap.errors import InputError, InventoryError
from graphmap.identity import EMPTY, Inventory, dump_inventory, nodes, parse, parse_inventory
from graphmap.identity.names import canonical_address, canonical_name, identifies_host
from graphmap.model import Account, Address, Host, Segment

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """\
segments:
  - {name: office, restricted: false, cidrs: [10.1.0.0/16, "2001:DB8::/32"]}
  - {name: jump}
  - {name: prod, restricted: yes, allowed_from: [jump, prod]}
  - {name: vault, restricted: true, allowed_from: []}
hosts:
  - {name: DB1., addresses: [10.77.0.61, "::ffff:10.77.0.62"], segment: prod, roles: [database], owner: j-smith,
     aliases: [db1.Corp.Example]}
  - {name: lt7, addresses: [{address: 10.1.9.9, from: 2026-01-01T00:00:00Z, until: 2026-02-01 01:00:00+01:00}],
     segment: office, roles: [workstation], owner: anna}
  - name: lt8
    addresses:
      - {address: 10.1.9.9, from: "2026-02-01"}
    segment:
accounts:
  - {name: anna, aliases: [adm-anna, 1007]}
  - {name: ansible, service: true}
"""
JAN, FEB = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
MEANT = Inventory(
    hosts=(
        Host(
            "db1",
            (Address("10.77.0.61"), Address("10.77.0.62")),
            "prod",
            ("database",),
            "j-smith",
            ("db1.corp.example",),
        ),
        Host("lt7", (Address("10.1.9.9", JAN, FEB),), "office", ("workstation",), "anna"),
        Host("lt8", (Address("10.1.9.9", FEB),)),
    ),
    segments=(
        Segment("office", cidrs=("10.1.0.0/16", "2001:db8::/32")),
        Segment("jump"),
        Segment("prod", restricted=True, allowed_from=("jump", "prod")),
        Segment("vault", restricted=True, allowed_from=()),
    ),
    accounts=(Account("anna", ("adm-anna", "1007")), Account("ansible", service=True)),
)


def refused(text: str, path: str = "inv.yaml") -> tuple[str, str | None]:
    with pytest.raises(InventoryError) as caught:
        parse(text, path)
    error = caught.value
    assert str(error).startswith(f"{path}:{error.line}:{error.column}: ")
    return str(error).removeprefix(f"{path}:"), error.hint


def test_every_key_is_read() -> None:
    assert parse(WHOLE, "inv.yaml") == MEANT


def test_a_marked_file_and_other_line_ends_say_the_same() -> None:
    assert parse("\ufeff" + WHOLE.replace("\n", "\r\n"), "inv.yml") == MEANT


def test_json_is_read_with_tabs() -> None:
    text = '{\n\t"hosts": [\n\t\t{"name": "db1", "addresses": ["10.0.0.1"], "owner": "\\u00e9l\\/x"}\n\t]\n}\n'
    assert parse(text, "INV.JSON") == Inventory(hosts=(Host("db1", (Address("10.0.0.1"),), owner="él/x"),))


@pytest.mark.parametrize("text", ["", "\n# nothing yet\n", "---\n", "---\n...\n", "null", "{}", "hosts:\nsegments: []"])
def test_nothing_is_an_empty_inventory(text: str) -> None:
    assert parse_inventory(text, "inv.yaml") == EMPTY == Inventory((), (), ())


def test_the_recorded_inventory_is_read(shared: Path) -> None:
    inventory = parse((shared / "sshrange" / "inventory.yaml").read_text(), "inventory.yaml")
    assert [segment.name for segment in inventory.segments if segment.restricted] == ["restricted"]
    assert len(inventory.segments) == 4
    assert inventory.hosts[-1] == Host("esx1", (Address("10.77.0.62"),), "restricted", ("hypervisor",))
    assert [host.name for host in inventory.hosts] == [
        "ws1",
        "ws2",
        "jump1",
        "web1",
        "app1",
        "app2",
        "vcs1",
        "db1",
        "esx1",
    ]


KEYS = "its keys: name, addresses, segment, roles, owner, aliases"
ADDRESSES = "leave out loopback, unspecified, link-local, multicast and broadcast addresses"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("host: []", "1:1: an inventory has no key 'host'", "did you mean 'hosts'?"),
        ("xyz: []", "1:1: an inventory has no key 'xyz'", "its keys: segments, hosts, accounts"),
        ("hosts:\n  - {name: a, adresses: []}", "2:15: a host has no key 'adresses'", "did you mean 'addresses'?"),
        ("hosts:\n  - {name: a, <<: {}}", "2:15: a host has no key '<<'", KEYS),
        ("hosts: [{name: a, [x]: y}]", "1:19: a key of a host is text, not a list", None),
        ("accounts: [{name: a, admin: true}]", "1:22: an account has no key 'admin'", "its keys: name, aliases, service"),
        ("segments: [{name: a, cidr: []}]", "1:22: a segment has no key 'cidr'", "did you mean 'cidrs'?"),
        (
            "hosts: [{name: a, addresses: [{address: 10.0.0.1, till: 2026-01-01}]}]",
            "1:51: an address has no key 'till'",
            "did you mean 'until'?",
        ),
        ("hosts: []\nhosts: []", "2:1: key 'hosts' is given twice", None),
        ("[]", "1:1: an inventory is a mapping, not a list", "its keys: segments, hosts, accounts"),
        ("hosts", "1:1: an inventory is a mapping, not text", "its keys: segments, hosts, accounts"),
        ("hosts: db1", "1:8: 'hosts' is a list, not text", "write it as [one, two]"),
        ("hosts:\n  db1: {}", "2:3: 'hosts' is a list, not a mapping", "write it as [one, two]"),
        ("hosts:\n  - db1", "2:5: an item of 'hosts' is a mapping, not text", None),
        ("hosts: [{}]", "1:9: a host needs 'name'", None),
        ("hosts:\n  - owner: anna\n    roles: []", "2:5: a host needs 'name'", None),
        ("accounts: [{}]", "1:12: an account needs 'name'", None),
        ("segments: [{}]", "1:12: a segment needs 'name'", None),
        ("hosts: [{name: a, addresses: [{}]}]", "1:31: an address needs 'address'", None),
        ("hosts: [{name: ~}]", "1:16: 'name' is text, not empty", "put it in quotes if it is text"),
        ("hosts: [{name: no}]", "1:16: 'name' is text, not a boolean", "put it in quotes if it is text"),
        ("hosts: [{name: [a]}]", "1:16: 'name' is text, not a list", None),
        ("hosts: [{name: ''}]", "1:16: the name of a host is empty", None),
        ("hosts: [{name: '..'}]", "1:16: the name of a host is empty", None),
        ("hosts: [{name: a b}]", "1:16: the name of a host 'a b' has white space in it", None),
        (
            'hosts: [{name: "a\\e[2J"}]',
            "1:16: the name of a host 'a\\x1b[2J' has characters that cannot be printed",
            None,
        ),
        ("hosts: [{name: 10.0.0.1}]", "1:16: '10.0.0.1' is an address, not a name", "list it under addresses"),
        ("hosts: [{name: a, aliases: ['::1']}]", "1:29: '::1' is an address, not a name", "list it under addresses"),
        ("hosts: [{name: a, roles: x}]", "1:26: 'roles' is a list, not text", "write it as [one, two]"),
        ("hosts: [{name: a, roles: [[x]]}]", "1:27: 'roles: an item' is text, not a list", None),
        ("hosts: [{name: a, owner: ' '}]", "1:26: the owner is empty", None),
        ("segments: [{name: a, restricted: 1}]", "1:34: 'restricted' is a boolean, not text", "write true or false"),
        (
            "segments: [{name: a, restricted: 'yes'}]",
            "1:34: 'restricted' is a boolean, not text",
            "write true or false",
        ),
        ("accounts: [{name: a, service: [x]}]", "1:31: 'service' is a boolean, not a list", "write true or false"),
        ("hosts: [{name: a, addresses: [10.0.0]}]", "1:31: '10.0.0' is not an IP address", None),
        ("hosts: [{name: a, addresses: [10.0.0.01]}]", "1:31: '10.0.0.01' is not an IP address", None),
        ("hosts: [{name: a, addresses: [true]}]", "1:31: an address is text or a mapping, not a boolean", None),
        ("hosts: [{name: a, addresses: [127.0.0.1]}]", "1:31: 127.0.0.1 identifies no host", ADDRESSES),
        ("hosts: [{name: a, addresses: ['fe80::1%eth0']}]", "1:31: fe80::1 identifies no host", ADDRESSES),
        (
            "hosts: [{name: a, addresses: [{address: 10.0.0.1, from: 2026-13-01}]}]",
            "1:57: '2026-13-01' is not a time",
            "write it as 2026-01-31T09:30:00Z",
        ),
        (
            "hosts: [{name: a, addresses: [{address: 10.0.0.1, until: 0001-01-01T00:00:00+01:00}]}]",
            "1:58: '0001-01-01T00:00:00+01:00' is not a time",
            "write it as 2026-01-31T09:30:00Z",
        ),
        (
            "hosts: [{name: a, addresses: [{address: 10.0.0.1, from: 2026-01-01, until: 2026-01-01}]}]",
            "1:76: the address ends before it begins",
            "until is exclusive and lies after from",
        ),
        ("segments: [{name: a, cidrs: [10.0.0.0/33]}]", "1:30: '10.0.0.0/33' is not a network", "write it as 10.1.0.0/16"),
        (
            "segments: [{name: a, cidrs: [10.1.2.3/16]}]",
            "1:30: '10.1.2.3/16' is not a network",
            "bits are set behind the prefix; did you mean 10.1.0.0/16?",
        ),
        (
            "segments: [{name: a, cidrs: ['2001:db8::1/32']}]",
            "1:30: '2001:db8::1/32' is not a network",
            "bits are set behind the prefix; did you mean 2001:db8::/32?",
        ),
        ("segments: [{name: a, cidrs: [office]}]", "1:30: 'office' is not a network", "write it as 10.1.0.0/16"),
        (
            "segments: [{name: a, cidrs: [10.0.0.0/8]}, {name: b, cidrs: ['::ffff:10.0.0.0/104']}]",
            "1:62: network '10.0.0.0/8' is given twice, first at 1:30",
            None,
        ),
        ("segments: [{name: a}, {name: a}]", "1:30: segment 'a' is given twice, first at 1:19", None),
        ("hosts: [{name: db1}, {name: DB1.}]", "1:29: host 'db1' is given twice, first at 1:16", None),
        ("hosts: [{name: a}, {name: b, aliases: [c, A]}]", "1:43: host 'a' is given twice, first at 1:16", None),
        ("hosts: [{aliases: [b], name: a}, {name: b}]", "1:41: host 'b' is given twice, first at 1:20", None),
        (
            "accounts: [{name: a, aliases: [x]}, {name: b, aliases: [x]}]",
            "1:57: account 'x' is given twice, first at 1:32",
            None,
        ),
        ("accounts: [{name: a, aliases: [a]}]", "1:32: account 'a' is given twice, first at 1:19", None),
        (
            "hosts: [{name: a, addresses: [10.0.0.1]}, {name: b, addresses: ['::ffff:10.0.0.1']}]",
            "1:65: 10.0.0.1 is that of 'a' at the same time, by 1:31",
            "give each its time with from and until",
        ),
        (
            "hosts: [{name: a, addresses: [10.0.0.1, 10.0.0.1]}]",
            "1:41: 10.0.0.1 is that of 'a' at the same time, by 1:31",
            "give each its time with from and until",
        ),
        ("segments: [{name: office}]\nhosts: [{name: a, segment: ofice}]", "2:28: no segment is named 'ofice'", "did you mean 'office'?"),
        ("hosts: [{name: a, segment: dmz}]", "1:28: no segment is named 'dmz'", "list it under segments"),
        (
            "segments: [{name: a, allowed_from: [b]}]",
            "1:37: no segment is named 'b'",
            "list it under segments",
        ),
        ("hosts: [&x {name: a}, *x]", "1:23: an alias, '*x'", "write the value out"),
        ("hosts: [!!python/object/apply:os.system {name: a}]", "1:9: a tag, 'tag:yaml.org,2002:python/object/apply:os.system'", "leave it out"),
        ("hosts: []\n---\nhosts: []", "2:1: a second document", "leave all but the first out"),
        ("[" * 9 + "]" * 9, "1:9: nested too deep", None),
        ("hosts:\n  - name: a\x00b", "2:12: not YAML: character '\\x00'", None),
        ("hosts: [{name: a\udcff}]", "1:17: not YAML: character '\\udcff'", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, message: str, hint: str | None) -> None:
    assert refused(text) == (message, hint)


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("hosts: [{name: a}\nsegments: []", (2, 1), None),
        ("hosts: a: b", (1, 9), None),
        ("hosts: 'abc", (1, 12), None),
        ("hosts:\n\t- name: a", (2, 1), "indent with spaces, not with tabs"),
        ("hosts: [}", (1, 9), None),
    ],
)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, nodes.LOADER])
def test_what_is_no_yaml_is_told_with_its_place(
    loader: object, text: str, place: tuple[int, int], hint: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nodes, "LOADER", loader)
    with pytest.raises(InventoryError, match="not YAML: ") as caught:
        parse_inventory(text, "inv.yaml")
    assert ((caught.value.line, caught.value.column), caught.value.hint) == (place, hint)


def test_the_parser_in_python_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodes, "LOADER", yaml.SafeLoader)
    assert parse_inventory(WHOLE, "inv.yaml") == MEANT


def test_the_first_problem_by_position_is_told_and_the_others_counted() -> None:
    text = "hosts:\n  - {name: a, segment: x}\n  - {name: a, colour: red}\n  - {}\nsegment: []"
    assert refused(text) == (
        "2:24: no segment is named 'x'",
        "list it under segments; 4 more problems in this file, at 3:12, 3:15, 4:5, ...",
    )
    assert refused("hosts: [{name: ''}, {}]")[1] == "1 more problem in this file, at 1:21"


def test_addresses_may_change_hands_in_one_moment() -> None:
    def address(host: str, since: str, until: str) -> str:
        return f"{{name: {host}, addresses: [{{address: 10.0.0.1, from: {since}, until: {until}}}]}}"

    after = f"hosts: [{address('b', '2026-02-01', '2026-03-01')}, {address('a', '2026-01-01', '2026-02-01')}]"
    assert [host.name for host in parse(after, "i.yaml").hosts] == ["b", "a"]
    overlapping = ", ".join([
        address("a", "2026-01-01", "2026-12-01"),
        address("b", "2026-12-01", "2026-12-02"),
        address("c", "2026-11-30", "2026-12-01"),
    ])  # fmt: skip
    assert refused(f"hosts: [{overlapping}]")[0] == "1:205: 10.0.0.1 is that of 'a' at the same time, by 1:41"


def test_each_address_within_a_longer_interval_is_told() -> None:
    short = "addresses: [{address: 10.0.0.1, from: 2026-0%d-01, until: 2026-0%d-01}]"
    hosts = ["{name: a, addresses: [10.0.0.1]}", *(f"{{name: h{n}, {short % (n, n + 1)}}}" for n in (2, 4, 6))]
    assert refused("hosts:\n" + "\n".join(f"- {host}" for host in hosts)) == (
        "3:36: 10.0.0.1 is that of 'a' at the same time, by 2:25",
        "give each its time with from and until; 2 more problems in this file, at 4:36, 5:36",
    )


@pytest.mark.parametrize("path", ["inventory", "hosts.txt", "-", ".yaml"])
def test_another_suffix_is_refused(path: str) -> None:
    with pytest.raises(InputError) as caught:
        parse("", path)
    assert str(caught.value) == f"{path} is no inventory: its name has another suffix"
    assert caught.value.hint == "one of: .yaml, .yml, .json, .csv"


PRINTABLE = st.characters(exclude_categories=["C", "Z"]) | st.just(" ")
WORDS = (
    st.text(PRINTABLE, min_size=1, max_size=12).map(str.strip).filter(lambda text: text != "" and text.isprintable())
)
WORDS |= st.sampled_from(
    ["null", "yes", "~", "1e3", "2026-01-01", "- x", "a: b", "#", "*x", "&x", "!!str", "0x1f", "=", "<<"]
)
NAMES = WORDS.map(canonical_name).filter(
    lambda name: (
        bool(name.strip("."))
        and not any(map(str.isspace, name))
        and name.isprintable()
        and canonical_name(name) == name
        and canonical_address(name) is None
    )
)
ADDRESS_TEXTS = st.ip_addresses().map(lambda ip: canonical_address(str(ip)) or "").filter(identifies_host)
TIMES = st.integers(-(10**15), 10**16).map(lambda us: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us))
CIDRS = st.tuples(st.ip_addresses(), st.integers(0, 128)).map(
    lambda pair: str(
        IPv4Network((int(pair[0]), pair[1] % 33), strict=False)
        if pair[0].version == 4
        else IPv6Network((int(pair[0]) | 1 << 127, pair[1]), strict=False)
    )
)


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    """Any inventory that keeps the promises of `Inventory`."""
    segments = [Segment(name, draw(st.booleans())) for name in draw(st.lists(WORDS, max_size=4, unique=True))]
    names = [segment.name for segment in segments]
    cidrs = iter(draw(st.lists(CIDRS, min_size=2 * len(segments), max_size=2 * len(segments), unique=True)))
    listed = st.lists(st.sampled_from(names), unique=True).map(tuple) if names else st.just(())
    policy: st.SearchStrategy[tuple[str, ...] | None] = st.none() | listed
    segments = [replace(one, cidrs=(next(cidrs), next(cidrs)), allowed_from=draw(policy)) for one in segments]
    hosts = []
    free = draw(st.lists(NAMES, max_size=9, unique=True))
    addresses = draw(st.lists(ADDRESS_TEXTS, min_size=len(free), max_size=len(free), unique=True))
    while free:
        since, until = sorted((draw(TIMES), draw(TIMES)))
        held = Address(
            addresses.pop(),
            draw(st.sampled_from([None, since])),
            draw(st.sampled_from([None, until + timedelta(seconds=1)])),
        )
        hosts.append(
            Host(
                name=free.pop(),
                addresses=(held,) if draw(st.booleans()) else (),
                segment=draw(st.sampled_from([None, *names])),
                roles=tuple(draw(st.lists(WORDS, max_size=2))),
                owner=draw(st.none() | WORDS),
                aliases=(free.pop(),) if draw(st.booleans()) and free else (),
            )
        )
    users = iter(draw(st.lists(WORDS, min_size=6, max_size=6, unique=True)))
    services = draw(st.lists(st.booleans(), max_size=3))
    accounts = [Account(next(users), (next(users),), service=service) for service in services]
    return Inventory(tuple(hosts), tuple(segments), tuple(accounts))


@given(inventories())
def test_what_is_written_reads_back_equal(inventory: Inventory) -> None:
    assert parse_inventory(dump_inventory(inventory), "inv.yaml") == inventory


def test_the_empty_inventory_is_written_as_nothing() -> None:
    assert dump_inventory(EMPTY) == ""


GRAMMAR = st.lists(
    st.sampled_from(
        ["hosts:", "segments:", "accounts:", "name:", "addresses:", "a", "10.0.0.1", "10.0.0.0/8", "- ", "{", "}", "[",
         "]", ", ", "\n", "  ", "\t", "'", '"', "&x ", "*x", "!t ", "? ", ": ", "|\n", "#", "---\n", "%YAML 1.1\n",
         "\x85", "\u2028", "\udc80", "\x00", "<<: ", "from: ", "2026-01-01", "@", ";"]
    ),
    max_size=40,
).map("".join)  # fmt: skip


def attempt(text: str, path: str) -> tuple[InventoryError | None, Inventory]:
    try:
        return None, parse(text, path)
    except InventoryError as error:
        return error, EMPTY


@given(st.text() | GRAMMAR, st.sampled_from(["i.yaml", "i.json", "i.csv"]))
def test_any_text_is_read_or_refused_with_a_place(text: str, path: str) -> None:
    error, inventory = attempt(text, path)
    if error is None:
        assert parse_inventory(dump_inventory(inventory), path) == inventory
    else:
        assert 1 <= error.line <= len(text) + 1
        assert 1 <= error.column <= len(text) + 1
        assert str(error).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x]\n"
        + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{('*' + chr(97 + n) + ',') * 9}]\n" for n in range(20)),
        "[" * 1_000_000,
        "{a: " * 300_000,
        "- " * 1_000_000,
        "? " * 1_000_000,
        "hosts: [{name: " + "a" * 2_000_000 + " b}]",
        "x" * 2_000_000 + ": 1",
        "hosts:\n" + "  - {name: a, segment: sgmnt}\n" * 30_000,
        "'" * 999_999,
    ],
    ids=["aliases", "lists", "mappings", "dashes", "keys", "name", "key", "problems", "quotes"],
)
@pytest.mark.parametrize("path", ["i.yaml", "i.csv"])
def test_hostile_text_is_refused_soon(text: str, path: str) -> None:
    start = time.process_time()
    message, _ = refused(text, path)
    assert time.process_time() - start < 10
    assert len(message) < 300
