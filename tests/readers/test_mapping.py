"""A mapping file: what it may say, what is wrong with it and where, and what it makes of lines."""

from __future__ import annotations

import re
import time as clock
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.errors import MappingError
from graphmap.readers import ReadOptions
from graphmap.readers.mapping import BUILT_IN, MappingReader, built_in, parse_mapping
from graphmap.readers.mapping.model import COLUMNS
from graphmap.readers.mapping.rows import PATTERN_CHARACTERS, Pairs
from tests.readers.reading import Reading, read_lines, source

if TYPE_CHECKING:
    from pathlib import Path

CSV = """
name: firewall
format: csv
columns:
  time: when
  action: {value: connection}
  service: {field: port, values: ports, default: flow}
  witness: {value: network}
  src: from
  dst: to
  dst_port: port
"""
JSON = """
name: app
format: json
where: {event.type: [login, logout]}
columns:
  time: {field: "@timestamp"}
  action: {field: event.type, values: {login: logon, logout: logoff}}
  outcome: {field: result, values: {"true": success, "false": failure}, default: unknown}
  service: {value: web}
  user: {field: [account, user.name]}
  src: {field: client, before: ":"}
  src_port: {field: client, after: ":"}
"""
REGEX = r"""
name: door
format: regex
pattern: '^(?P<day>\S+) (?P<time>\S+) (?P<user>\w+) (?P<verb>entered|left)(?: from (?P<src>\S+))?$'
columns:
  time: {join: [day, time], format: "%d.%m.%Y %H:%M"}
  action: {field: verb, values: {entered: logon, left: logoff}}
  outcome: {field: verb, values: {entered: success}, default: unknown}
  service: {value: console}
  user: user
  src: src
"""
KV = """
name: vpn
format: kv
columns:
  time: {field: eventtime, format: unix_ns}
  action: {value: logon}
  outcome: {field: status, values: {success: success, failure: failure}}
  kind: {field: status, values: {success: accepted, failure: failed}}
  service: {value: vpn}
  user: user
  domain: {field: realm, default: ""}
  src: remip
  duration: {field: duration, unit: ms}
"""


def read(mapping: str, *lines: str, options: ReadOptions | None = None) -> Reading:
    return read_lines(*lines, reader=MappingReader(parse_mapping(mapping, "m.yaml")), options=options, host="srv")


def told(reading: Reading, *columns: str) -> list[tuple[object, ...]]:
    return reading.events.select(columns).rows()


def test_csv_by_its_header() -> None:
    found = read(
        CSV,
        "to,when,port,from,note",
        'db1,2026-03-01 10:00:00,22,10.0.0.1,"a, ""b"""',
        "10.0.0.2,1772359201,4242,::ffff:10.0.0.9,",
        "10.0.0.2,1",
        "",
    )
    assert told(found, "time", "service", "src_ip", "dst_host", "dst_ip", "dst_port", "witness", "kind") == [
        (datetime(2026, 3, 1, 10, tzinfo=UTC), "ssh", "10.0.0.1", "db1", None, 22, "network", "connection"),
        (
            datetime(2026, 3, 1, 10, 0, 1, tzinfo=UTC),
            "flow",
            "10.0.0.9",
            None,
            "10.0.0.2",
            4242,
            "network",
            "connection",
        ),
    ]
    assert found.reasons() == ["2 cells where the header has 5"]
    assert (found.lines, found.context, found.other) == (5, 1, 1)


def test_json_by_paths_and_values() -> None:
    found = read(
        JSON,
        '{"@timestamp": "2026-03-01T10:00:00Z", "event": {"type": "login"}, "result": true, "account": "", "user": {"name": "CORP\\\\ann"}, "client": "10.0.0.1:5000"}',
        '{"@timestamp": 1772359201.5, "event.type": "LOGOUT", "user.name": "ann"}',
        '{"@timestamp": "2026-03-01T10:00:02Z", "event": {"type": "click"}}',
        '{"event": {"type": "login"}}',
        "{",
    )
    assert told(found, "time", "action", "outcome", "user", "domain", "src_ip", "src_port", "dst_host") == [
        (datetime(2026, 3, 1, 10, tzinfo=UTC), "logon", "success", "ann", "CORP", "10.0.0.1", 5000, "srv"),
        (datetime(2026, 3, 1, 10, 0, 1, 500_000, tzinfo=UTC), "logoff", "unknown", "ann", None, None, None, "srv"),
    ]
    assert found.reasons() == ["time: the line has none", "not a JSON object"]
    assert found.other == 1


def test_expression_with_times_of_its_own_in_a_zone() -> None:
    zone = ReadOptions(zone=timezone(timedelta(hours=2)))
    found = read(REGEX, "01.03.2026 10:00 ann entered from ws1", "01.03.2026 11:30 ann left", "closed", options=zone)
    assert told(found, "time", "action", "outcome", "user", "src_host") == [
        (datetime(2026, 3, 1, 8, tzinfo=UTC), "logon", "success", "ann", "ws1"),
        (datetime(2026, 3, 1, 9, 30, tzinfo=UTC), "logoff", "unknown", "ann", None),
    ]
    assert found.reasons() == ["the expression does not match"]


def test_text_that_stands_for_nothing_is_nothing() -> None:
    named = CSV.replace("{field: port, values: ports, default: flow}", "{field: [name, port]}").replace(
        "dst_port: port", "kind: note"
    )
    found = read(named, "to,when,port,from,name,note", "a,1772359200,?,b,-,-", "a,1772359200,ssh,?,(null),?")
    assert told(found, "service", "kind", "src_host") == [("ssh", "connection", None)]
    assert found.reasons() == ["service: the line has none"]


def test_pairs_of_keys_and_values() -> None:
    found = read(
        KV,
        'eventtime=1772359200500000000 user="ann \\"x\\" y" status="success" remip=10.0.0.1 realm=CORP duration=1500 msg="a=b"',
        "eventtime=1772359200500000000 user=bob status=maybe remip=10.0.0.1",
        "nothing here",
    )
    assert told(found, "time", "kind", "user", "domain", "src_ip", "duration") == [
        (datetime(2026, 3, 1, 10, 0, 0, 500_000, tzinfo=UTC), "accepted", 'ann "x" y', "CORP", "10.0.0.1", 1_500_000),
    ]
    assert found.reasons() == ["outcome: the mapping has no value for 'maybe'", "no key=value"]


def test_stamps_without_a_year_take_it_from_the_file() -> None:
    mapping = CSV.replace("time: when", "time: {field: when}")
    assert told(read(mapping, "to,when,port,from", "a,Dec 31 23:59:59,22,b", "a,Jan  1 00:00:01,22,b"), "time") == [
        (datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC),),
        (datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC),),
    ]


@pytest.mark.parametrize(
    ("mapping", "line"),
    [
        (CSV, b"when,from,to,port\n"),
        (
            JSON,
            b'{"@timestamp": "2026-03-01T10:00:00Z", "event": {"type": "login"}, "account": "a", "client": "b:1"}\n',
        ),
        (REGEX, b"01.03.2026 10:00 ann entered from ws1\n"),
        (KV, b"eventtime=1772359200500000000 user=a status=success remip=10.0.0.1\n"),
    ],
)
def test_takes_logs_of_its_kind_alone(mapping: str, line: bytes) -> None:
    reader = MappingReader(parse_mapping(mapping, "m.yaml"))
    assert reader.sniff(line)
    others = (b"", b"a,b\n", b'{"a": 1}\n', b"Mar  1 10:00:00 srv sshd[7]: x\n", b"a=b\n", b"\0\xff\n", b"{\n", b"[]\n")
    assert not any(reader.sniff(other) for other in others)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("name: firewall", "name: Fire Wall"), "m.yaml:2:7: 'Fire Wall' cannot be the name of a reader"),
        (("format: csv", "format: tsv"), "m.yaml:3:9: no format 'tsv'"),
        (("format: csv", "format: json\ndelimiter: ;"), "m.yaml:4:12: format json has no 'delimiter'"),
        (("format: csv", "format: csv\ndelimiter: ab"), "m.yaml:4:12: a delimiter is one character"),
        (("columns:", "colums:"), "m.yaml:2:1: a mapping file needs 'columns'"),
        (("  time: when\n", ""), "m.yaml:5:3: the columns need 'time'"),
        (("  time: when", "  time: {field: when, format: epoch}"), "m.yaml:5:31: no format of times 'epoch'"),
        (("  time: when", '  time: {field: when, format: "%d.%d %q"}'), "m.yaml:5:31: times cannot be read by"),
        (("  src: from", "  source: from"), "m.yaml:9:3: 'columns' has no key 'source'"),
        (("{value: connection}", "{value: connect}"), "m.yaml:6:11: no action 'connect'"),
        (("{value: connection}", "verb"), "m.yaml:6:11: column 'action' needs 'values'"),
        (("{value: connection}", "{field: verb, values: {a: open}}"), "m.yaml:6:37: no action 'open'"),
        (("{value: connection}", "{field: verb, value: logon}"), "m.yaml:6:11: column 'action' needs either"),
        (("{value: network}", "{field: who, values: {a: server}}"), "m.yaml:8:12: 'witness' is the same in every row"),
        (("  action: {value: connection}\n", ""), "m.yaml:5:3: the columns need 'action'"),
        (
            ("format: csv", "format: regex\npattern: '(?=a)(?P<when>b)'"),
            "m.yaml:4:10: not a regular expression: look-around",
        ),
        (
            ("format: csv", "format: regex\npattern: '(a{1000}){1000}'"),
            "m.yaml:4:10: not a regular expression: Compiled regex",
        ),
        (("format: csv", "format: regex\npattern: '^x'"), "m.yaml:4:10: the expression names no group"),
        (("format: csv", "format: regex\npattern: '(?P<wen>x)'"), "m.yaml:6:9: the expression has no group 'when'"),
        (("format: csv", "format: csv\nheader: [when, from, to, prot]"), "m.yaml:8:20: the header has no 'port'"),
        (("format: csv", "format: !x csv"), "m.yaml:3:9: a tag"),
        (("format: csv", "format: &a csv\nname: *a"), "m.yaml:4:7: an alias"),
        ((CSV, "- a"), "m.yaml:1:1: a mapping file is a YAML mapping, not a list"),
        ((CSV, ""), "m.yaml:1:1: a mapping file is a YAML mapping, not empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_is_told_with_its_place(change: tuple[str, str], said: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse_mapping(CSV.replace(*change), "m.yaml")
    assert caught.value.message.startswith(said)


@given(
    text=st.sampled_from([CSV, JSON, REGEX, KV]),
    cut=st.tuples(st.integers(0, 400), st.integers(0, 20)),
    put=st.text("{}[]:,-&*!'\"\n abc%#|>"),
)
def test_any_text_is_a_mapping_or_says_what_is_wrong(text: str, cut: tuple[int, int], put: str) -> None:
    start, length = cut
    with suppress(MappingError):
        assert parse_mapping(text[:start] + put + text[start + length :], "m.yaml").columns


def test_the_page_shows_mappings_that_work(root: Path) -> None:
    page = (root / "docs" / "mappings.md").read_text()
    mappings, logs = (
        re.findall(rf"^```{kind}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL) for kind in ("yaml", "text")
    )
    for mapping, log in zip(mappings, logs, strict=True):
        found = read(mapping, *log.splitlines())
        assert (len(found.events), found.reasons()) == (2, [])
    for name in COLUMNS:
        assert f"`{name}`" in page


def test_expressions_that_hang_others_do_not_hang() -> None:
    mapping = (
        REGEX.split("pattern:", maxsplit=1)[0]
        + "pattern: '^(?P<t>(a+)+)$'\ncolumns: {time: t, action: {value: logon}, service: {value: x}}"
    )
    started = clock.process_time()
    found = read(mapping, "a" * 50_000 + "!", "a" * (PATTERN_CHARACTERS + 1))
    assert found.reasons() == ["the expression does not match", "line is longer than 65,536 characters"]
    assert clock.process_time() - started < 5


@given(st.dictionaries(st.text("abcd", min_size=1, max_size=3), st.text('xyz 1"\\=', max_size=5), min_size=1))
def test_pairs_are_read_as_they_were_written(pairs: dict[str, str]) -> None:
    quoted = {key: value.replace("\\", "\\\\").replace('"', '\\"') for key, value in pairs.items()}
    assert Pairs(" ").pairs(" ".join(f'{key}="{value}"' for key, value in quoted.items())) == pairs


@pytest.mark.parametrize("name", BUILT_IN)
@given(data=st.binary(max_size=300))
def test_any_bytes_in_a_mapped_log(name: str, data: bytes) -> None:
    reader = built_in(name)
    reader.sniff(data)
    batches = list(reader.read(source(data), ReadOptions()))
    assert sum(batch.lines for batch in batches) == sum(
        batch.events["line"].n_unique() + len(batch.rejects) + batch.context + batch.other for batch in batches
    )
