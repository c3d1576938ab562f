"""What Zeek's lines become, in every shape in which they are written, kept and shipped."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from graphmap.readers import READERS, ReadOptions, find_sources
from tests.readers.reading import Reading, read_bytes

if TYPE_CHECKING:
    from pathlib import Path

SSH = {
    "ts": "1700000000.123456", "uid": "CHhAvVGS1DHFjwGM9", "id.orig_h": "10.0.0.1", "id.orig_p": "50000", "id.resp_h": "10.0.0.2",
    "id.resp_p": "22", "auth_success": "T", "auth_attempts": "2", "direction": "INBOUND", "client": "SSH-2.0-OpenSSH_9.7",
    "server": "SSH-2.0-OpenSSH_9.2", "hassh": "ec7378c1a92f5a8dde7e8b7a1ddf33d1", "host_key": "SHA256:x",
}  # fmt: skip
TIME = datetime(2023, 11, 14, 22, 13, 20, 123456, UTC)
EVENT = {
    "time": TIME, "action": "logon", "outcome": "success", "service": "ssh", "kind": "ssh-logon", "src_ip": "10.0.0.1", "src_port": 50000,
    "dst_ip": "10.0.0.2", "dst_port": 22, "session": "CHhAvVGS1DHFjwGM9", "client": "SSH-2.0-OpenSSH_9.7",
    "hassh": "ec7378c1a92f5a8dde7e8b7a1ddf33d1", "server": "SSH-2.0-OpenSSH_9.2", "host_key": "SHA256:x", "attempts": 2, "direction": "inbound",
    "witness": "network", "repeat": 0, "reader": "zeek", "file": "x.log",
}  # fmt: skip


def read(text: str | bytes) -> Reading:
    data = text if isinstance(text, bytes) else text.encode()
    reading = read_bytes(data, reader="zeek", host="sensor1")
    assert reading.accounted() == reading.lines
    return reading


def tsv(*rows: dict[str, str], path: str = "ssh", separator: str = "\t") -> str:
    written = separator if separator.isprintable() else "".join(f"\\x{ord(c):02x}" for c in separator)
    s = separator
    head = f"#separator {written}\n#set_separator{s},\n#empty_field{s}(empty)\n#unset_field{s}-\n#path{s}{path}\n#fields{s}{s.join(rows[0])}\n"
    return head + "".join(s.join(row.values()) + "\n" for row in rows)


def plain(**fields: Any) -> str:
    """A line of JSON as Zeek writes it, numbers and booleans as such."""
    values = {"ts": 1700000000.123456, "id.orig_p": 50000, "id.resp_p": 22, "auth_success": True, "auth_attempts": 2}
    return json.dumps({**SSH, **values, **fields}) + "\n"


def renamed(**names: str) -> str:
    return (
        json.dumps({names.get(name.replace(".", "_"), name): value for name, value in json.loads(plain()).items()})
        + "\n"
    )


FLAT = {f"id_{end}": f"id_{end}" for end in ("orig_h", "orig_p", "resp_h", "resp_p")}
NESTED = {
    **{name: value for name, value in json.loads(plain()).items() if not name.startswith("id.")},
    "id": {name[3:]: value for name, value in json.loads(plain()).items() if name.startswith("id.")},
}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (tsv(SSH), 7),
        (tsv(SSH).replace("\n", "\r\n"), 7),
        (tsv(SSH, separator="|"), 7),
        (tsv(SSH, separator="||"), 7),
        (tsv(SSH, separator="\x01"), 7),
        (tsv(SSH).replace("#", "PREFIX<>"), 7),
        (tsv(SSH).splitlines(keepends=True)[5].removeprefix("#fields\t") + tsv(SSH).splitlines()[6], 2),
        ("### remark\n" + tsv(SSH), 8),
        (plain(), 1),
        ("\ufeff" + plain(), 1),
        (plain(ts="2023-11-14T22:13:20.123456Z"), 1),
        (plain(ts="2023-11-14T23:13:20.123456+01:00"), 1),
        (plain(ts=1700000000123.456), 1),
        (plain(_path="ssh", _system_name="s", _write_ts="2023-11-14T22:13:21Z"), 1),
        (renamed(**FLAT).replace("{", '{"@stream":"ssh","@system":"s","@proc":"zeek",', 1), 1),
        (json.dumps(NESTED) + "\n", 1),
        (plain().replace(": ", ":").replace(", ", ","), 1),
    ],
    ids=["tsv", "CRLF", "bar", "two bars", "control", "prefix", "names only", "remark", "json", "BOM", "iso", "offset", "milliseconds",
         "corelight", "flattened", "nested", "compact"],
)  # fmt: skip
def test_every_shape_is_the_same_event(text: str, line: int) -> None:
    assert READERS["zeek"].sniff(text.encode())
    assert read(text).rows() == [{**EVENT, "line": line}]


@pytest.mark.parametrize(("success", "kind", "outcome"), [("T", "ssh-logon", "success"), ("F", "ssh-refused", "failure"), ("-", "ssh-unjudged", "unknown")])  # fmt: skip
def test_unset_success_is_unknown(success: str, kind: str, outcome: str) -> None:
    expected = [{"kind": kind, "outcome": outcome, "action": "logon"}]
    assert read(tsv({**SSH, "auth_success": success})).rows("kind", "outcome", "action") == expected
    value = {"T": True, "F": False, "-": None}[success]
    assert read(plain(auth_success=value)).rows("kind", "outcome", "action") == expected


def test_connection_has_bytes_and_duration() -> None:
    line = {
        "_path": "conn", "ts": 1700000000, "uid": "C1", "id.orig_h": "::ffff:10.0.0.1", "id.orig_p": 50000, "id.resp_h": "fe80::1",
        "id.resp_p": 22, "proto": "tcp", "service": "ssh", "duration": 1.0000005, "orig_bytes": 10, "resp_bytes": 20, "conn_state": "SF",
    }  # fmt: skip
    (event,) = read(json.dumps(line)).rows(
        "kind", "src_ip", "dst_ip", "duration", "bytes_in", "bytes_out", "session", "service"
    )
    assert event == {
        "kind": "conn", "src_ip": "10.0.0.1", "dst_ip": "fe80::1", "duration": 1_000_001, "bytes_in": 10, "bytes_out": 20, "session": "C1",
        "service": "ssh",
    }  # fmt: skip


def test_type_and_code_of_icmp_are_no_ports() -> None:
    line = {"ts": 1700000000, "id.orig_p": 8, "id.resp_p": 3, "proto": "icmp", "conn_state": "OTH"}
    assert read(json.dumps(line)).rows("kind", "service", "src_port", "dst_port") == [
        {"kind": "conn", "service": "icmp", "src_port": None, "dst_port": None}
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (r"a\x09b", "a\tb"), (r"FTBCO\\A70", "FTBCO\\A70"), (r"caf\xc3\xa9", "café"), (r"\xff", "\\xff"),
        (r"\x5cx41", "\\x41"), ("(empty)", None), ("-", None), ("é", "é"), (r"\x28empty)", "(empty)"), (r"\x", "\\x"),
    ],
)  # fmt: skip
def test_escapes(cell: str, text: str | None) -> None:
    assert read(tsv({**SSH, "client": cell})).rows("client") == [{"client": text}]


def test_user_names_of_kerberos_and_rdp() -> None:
    lines = [
        {
            "_path": "kerberos",
            "ts": 1,
            "client": "host/web1/CORP.EXAMPLE",
            "request_type": "AS",
            "success": True,
            "service": "krbtgt/CORP",
        },
        {"_path": "kerberos", "ts": 1, "client": "/CORP.EXAMPLE", "request_type": "AP", "success": True},
        {"_path": "rdp", "ts": 1, "cookie": "CORP\\ann  ", "result": "encrypted"},
        {"_path": "ntlm", "ts": 1, "username": "ann", "domainname": "CORP", "success": False},
    ]
    assert read("\n".join(map(json.dumps, lines))).rows("kind", "user", "domain", "command") == [
        {"kind": "krb-as", "user": "host/web1", "domain": "CORP.EXAMPLE", "command": "krbtgt/CORP"},
        {"kind": "krb-logon", "user": None, "domain": "CORP.EXAMPLE", "command": None},
        {"kind": "rdp", "user": "ann", "domain": "CORP", "command": None},
        {"kind": "ntlm-refused", "user": "ann", "domain": "CORP", "command": None},
    ]


def test_header_may_change_in_the_middle() -> None:
    swapped = {"ts": SSH["ts"], "auth_success": "F", **{name: SSH[name] for name in ("uid", "id.resp_h", "id.orig_h")}}
    text = (
        tsv(SSH)
        + "#close\t2023-11-14-23-00-00\n"
        + tsv(swapped, separator=";")
        + "\n"
        + tsv({"ts": "1", "query": "x"}, path="dns")
    )
    reading = read(text)
    assert reading.rows("kind", "src_ip", "dst_ip", "line") == [
        {"kind": "ssh-logon", "src_ip": "10.0.0.1", "dst_ip": "10.0.0.2", "line": 7},
        {"kind": "ssh-refused", "src_ip": "10.0.0.1", "dst_ip": "10.0.0.2", "line": 15},
    ]
    assert (reading.context, reading.other, reading.reasons()) == (19, 2, [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (tsv(SSH)[:-40], "12 of 13 columns"),
        (tsv({**SSH, "ts": "XXXXXXXXXX.XXXXXX"}), "time cannot be read"),
        (tsv({**SSH, "ts": "-"}), "no time"),
        (tsv({**SSH, "ts": "99999999999999999"}), "time cannot be read"),
        (tsv({**SSH, "id.orig_h": "ssh"}), "id.orig_h is no address"),
        (tsv({**SSH, "id.orig_p": "x"}), "id.orig_p is no number"),
        ("1700000000.000000\ta\n", "no line above names the columns"),
        (plain()[:-30], "not a JSON object"),
        ('{"ts":"2023-02-30T00:00:00Z","auth_attempts":1}', "time cannot be read"),
        ("{" + '"a":{' * 5000, "not a JSON object"),
    ],
)
def test_lines_that_cannot_be_read(text: str, reason: str) -> None:
    reading = read(text)
    assert (reading.reasons(), reading.rows()) == ([reason], [])


def test_log_of_a_plain_line_is_told_by_its_fields_or_those_of_its_file() -> None:
    bare = json.dumps({"ts": 1, "uid": "C2", "id.orig_h": "10.0.0.1"})
    foreign = json.dumps({"ts": 1, "uid": "C2", "id.orig_h": "10.0.0.1", "query": "x"})
    reading = read(f"{bare}\n{plain()}{foreign}\n")
    assert (reading.events["kind"].to_list(), reading.other) == (["ssh-unjudged", "ssh-logon"], 1)


def test_rotated_and_compressed_files_of_a_folder(tmp_path: Path) -> None:
    for hour in (10, 11):
        (tmp_path / f"ssh.{hour}:00:00-{hour + 1}:00:00.log.gz").write_bytes(gzip.compress(tsv(SSH).encode()))
    (tmp_path / "cut.log.gz").write_bytes(gzip.compress(tsv(SSH).encode())[:-12])
    sources = list(find_sources([str(tmp_path)]))
    batches = [batch for source in sources for batch in READERS["zeek"].read(source, ReadOptions())]
    assert sum(batch.events.height for batch in batches) >= 2
    assert [reason for batch in batches for reason in batch.rejects["reason"]] == ["compressed stream ends early"]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{}",
        b'{"ts":1}',
        b'{"timestamp":"x","event_type":"ssh","src_ip":"10.0.0.1"}',
        b"ts,uid\n",
        b"#separator x\n",
        b"separator x\n",
        b"\x00\xff{",
    ],
)
def test_what_is_not_zeeks(head: bytes) -> None:
    assert not READERS["zeek"].sniff(head)
