"""The same questions to every reader, those of other packages too."""

from __future__ import annotations

import inspect
import io
import json
import struct
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import READERS, Batch, Reader, ReadOptions, Source, detect
from graphmap.readers.contract import breaches
from graphmap.readers.quotes import quote
from graphmap.tables import EVENTS, REJECTS
from tests.readers.windows import events as windows
from tests.readers.windows.evtx_file import evtx_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MESSAGE = "Accepted password for bob from 1.2.3.4 port 5 ssh2"

# A line of each format that is one successful logon of bob from 1.2.3.4. A new reader adds its own.
SAMPLES: dict[str, bytes] = {
    "sshd": f"2026-03-01T10:00:00+00:00 srv sshd[7]: {MESSAGE}\n".encode(),
    "journald": json.dumps(
        {"__REALTIME_TIMESTAMP": "1700000001000000", "_HOSTNAME": "srv", "_PID": "7", "_UID": "0", "_COMM": "sshd",
         "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": MESSAGE}
    ).encode() + b"\n",
    "zeek": json.dumps(
        {"_path": "ntlm", "ts": 1700000001.5, "uid": "CHhAvVGS1DHFjwGM9", "id.orig_h": "1.2.3.4", "id.orig_p": 5,
         "id.resp_h": "10.0.0.2", "id.resp_p": 445, "username": "bob", "success": True}
    ).encode() + b"\n",
    "journald-export": f"__REALTIME_TIMESTAMP=1700000001000000\n_HOSTNAME=srv\n_PID=7\n_UID=0\n_COMM=sshd\n"
                       f"SYSLOG_IDENTIFIER=sshd\nMESSAGE={MESSAGE}\n\n".encode(),
    "auditd": b"""node=srv type=USER_LOGIN msg=audit(1700000001.123:7): pid=7 uid=0 auid=1000 ses=1 msg='op=login """
              b"""acct="bob" exe="/usr/sbin/sshd" hostname=? addr=1.2.3.4 terminal=/dev/pts/0 res=success'\n""",
    "utmp": struct.pack("<h2xi32s4s32s256s4xiIi16s20x", 7, 7, b"pts/0", b"ts/0", b"bob", b"1.2.3.4", 0, 1_700_000_001, 0,
                        bytes((1, 2, 3, 4))),
    "sysmon-linux": b'Mar  1 10:00:00 srv sysmon: <Event><System><EventID>1</EventID><Computer>srv</Computer></System>'
                    b'<EventData><Data Name="UtcTime">2026-03-01 10:00:00.000</Data><Data Name="Image">/usr/bin/ssh</Data>'
                    b'<Data Name="CommandLine">ssh a</Data><Data Name="User">bob</Data></EventData></Event>\n',
    "esxi": b"2026-03-01T10:00:00Z In(166) Hostd[7]: [Originator@6876 sub=Vimsvc.HaSessionManager opID=x] "
            b"Accepted password for user bob from 1.2.3.4 - session=52f0e556\n",
    "macos": json.dumps(
        {"timestamp": "2026-03-01 10:00:00.000000+0000", "processImagePath": "/usr/sbin/sshd", "processID": 7,
         "eventMessage": MESSAGE}
    ).encode() + b"\n",
    "evtx": evtx_file([windows.xml("Security", 4624, windows.LOGON)]),
    "windows-xml": windows.xml("Security", 4624, windows.LOGON).encode() + b"\n",
    "winlogbeat": windows.winlogbeat("Security", 4624, windows.LOGON).encode() + b"\n",
    "wazuh": windows.wazuh("Security", 4624, windows.LOGON).encode() + b"\n",
    "nxlog": windows.nxlog("Security", 4624, windows.LOGON).encode() + b"\n",
    "suricata": b'{"timestamp":"2026-03-01T10:00:00.5+0000","flow_id":7,"event_type":"smb","src_ip":"1.2.3.4","dest_ip":"5.6.7.8",'
                b'"smb":{"command":"SMB2_COMMAND_SESSION_SETUP","status":"STATUS_SUCCESS","ntlmssp":{"user":"bob"}}}\n',
    "teleport": b'{"event":"session.start","code":"T2000I","time":"2026-03-01T10:00:00Z","user":"bob@x","login":"bob",'
                b'"server_hostname":"srv","addr.remote":"1.2.3.4:5"}\n',
    "osquery": b'{"hostIdentifier":"srv","action":"added","columns":{"username":"bob","tty":"pts/0","pid":"7","type":"7",'
               b'"time":"1772359200","host":"1.2.3.4"}}\n',
    "ocsf": b'{"class_uid":3002,"activity_id":1,"status_id":1,"time":1772359200000,"user":{"name":"bob"},'
            b'"src_endpoint":{"ip":"1.2.3.4"},"dst_endpoint":{"hostname":"srv"}}\n',
    "ecs": b'{"@timestamp":"2026-03-01T10:00:00Z","event":{"category":["authentication"],"outcome":"success"},'
           b'"user":{"name":"bob"},"source":{"ip":"1.2.3.4"},"host":{"name":"srv"}}\n',
    "nfdump": b"ts,te,td,sa,da,sp,dp,ibyt\n2026-03-01 10:00:00,2026-03-01 10:00:03,3.0,1.2.3.4,5.6.7.8,5,22,7\n",
    "argus": b"StartTime,Dur,SrcAddr,Sport,DstAddr,Dport\n1772359200.5,1.0,1.2.3.4,5,5.6.7.8,22\n",
    "vpc-flow": b"2 123456789010 eni-1 1.2.3.4 5.6.7.8 5 22 6 20 4249 1772359200 1772359260 ACCEPT OK\n",
    "masstin": b"time_created,dst_computer,event_type,event_id,logon_type,target_user_name,target_domain_name,src_computer,"
               b"src_ip,subject_user_name,subject_domain_name,logon_id,detail,log_filename\n"
               b"2026-03-01T10:00:00Z,srv,SUCCESSFUL_LOGON,4624,3,bob,,WS1,1.2.3.4,,,0x1,,a\n",
    "lanl-auth": b"1,bob@DOM1,bob@DOM1,C1,C2,NTLM,Network,LogOn,Success\n",
    "lanl-redteam": b"1,bob@DOM1,C1,C2\n",
    "flows-csv": b"timestamp,src_ip,dest_ip,dest_port\n2026-03-01T10:00:00Z,1.2.3.4,5.6.7.8,22\n",
    "flows-json": b'{"start":"2026-03-01T10:00:00Z","src_addr":"1.2.3.4","dst_addr":"5.6.7.8","dst_port":22}\n',
}  # fmt: skip

_LOGON = ("logon", "success", "bob", "1.2.3.4", "srv", "x", 1)
_FLOW = ("connection", "unknown", None, "1.2.3.4", None, "x")
ANSWERS: dict[str, tuple[object, ...]] = {
    "suricata": ("logon", "success", "bob", "1.2.3.4", None, "x", 1),  # a sensor: it knows addresses, not hosts
    "zeek": ("logon", "success", "bob", "1.2.3.4", None, "x", 1),
    "lanl-auth": ("logon", "success", "bob", None, "C2", "x", 1),
    "lanl-redteam": ("logon", "success", "bob", None, "C2", "x", 1),
    "masstin": (*_LOGON[:-1], 2),
    "vpc-flow": (*_FLOW, 1), "flows-json": (*_FLOW, 1),
    "nfdump": (*_FLOW, 2), "argus": (*_FLOW, 2), "flows-csv": (*_FLOW, 2),
}  # fmt: skip
"""What the samples say of formats that cannot hold such a logon, or have a line in front of it."""

NO_LOGONS = {"sysmon-linux": ("process", "unknown", "bob", None)}
"""Formats that hold no logons: action, outcome, user and source address of their sample."""

GENERAL = {"sshd"}
"""Readers of whole families, asked last: sshd takes any syslog text that nobody else knows."""

NAMES_NO_HOST = {"esxi", "macos", "utmp"}
"""Formats whose lines do not say on which host they were written: they belong to the host of the source."""


def read(reader: Reader, data: bytes) -> list[Batch]:
    host = "srv" if reader.name in NAMES_NO_HOST else None
    return list(reader.read(Source("x", lambda: io.BytesIO(data), host=host), ReadOptions()))


def broken(reader: Reader, data: bytes) -> list[str]:
    return breaches(reader, data, host="srv" if reader.name in NAMES_NO_HOST else None)


@pytest.fixture(params=list(READERS), ids=lambda reader: reader.name)
def reader(request: pytest.FixtureRequest) -> Reader:
    assert isinstance(request.param.name, str)
    found: Reader = request.param
    return found


def test_has_words_of_its_own(reader: Reader) -> None:
    for documented in (type(reader), type(reader).sniff, type(reader).read):
        assert inspect.getdoc(documented)


def test_reads_its_sample(reader: Reader) -> None:
    data = SAMPLES[reader.name]
    assert broken(reader, data) == []
    (batch,) = read(reader, data)
    columns = ("action", "outcome", "user", "src_ip", "dst_host", "file", "line")
    expected = ANSWERS.get(
        reader.name, (*NO_LOGONS.get(reader.name, ("logon", "success", "bob", "1.2.3.4")), "srv", "x", 1)
    )
    assert batch.events.select(columns).rows() == [expected]


def test_only_it_knows_its_sample(reader: Reader) -> None:
    knowing = [other.name for other in READERS if other.sniff(SAMPLES[reader.name])]
    assert [name for name in knowing if name not in GENERAL - {reader.name}] == [reader.name]
    assert detect(SAMPLES[reader.name]) is reader


def test_its_records_can_be_quoted(reader: Reader) -> None:
    """A record of bob's is shown with his name in it, and read again by itself gives what it gave."""
    data = SAMPLES[reader.name]
    source = Source("x", lambda: io.BytesIO(data * 2), host="srv" if reader.name in NAMES_NO_HOST else None)
    events = pl.concat(batch.events for batch in reader.read(source, ReadOptions()))
    lines = set(events["line"])
    quotes = list(quote(reader, source, ReadOptions(), lines | {10_000}))
    assert [quoted.line for quoted in quotes] == sorted(lines)
    for quoted in quotes:
        assert "1.2.3.4" in quoted.text or "bob" in quoted.text
        told = events.filter(line=quoted.line)
        assert quoted.events.drop("line").equals(told.drop("line"))


def test_is_documented(reader: Reader, root: Path) -> None:
    assert f"### `{reader.name}`" in (root / "docs" / "formats.md").read_text()


@pytest.mark.parametrize("name", [reader.name for reader in READERS])
@given(data=st.data())
def test_any_bytes(name: str, data: st.DataObject) -> None:
    reader = READERS[name]
    noise = data.draw(st.binary(max_size=200))
    sample = bytearray(SAMPLES[name])
    for place in data.draw(st.lists(st.integers(0, len(sample) - 1), max_size=4)):
        sample[place] = data.draw(st.integers(0, 255))
    assert broken(reader, noise) == []
    assert broken(reader, bytes(sample) + noise + SAMPLES[name]) == []


class Careless:
    """A reader of another package, which keeps no promise."""

    name = "Care less"
    title = ""

    def __init__(self) -> None:
        self.calls = 0

    def sniff(self, head: bytes) -> bool:
        return not head

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:  # noqa: ARG002 - the protocol has it
        self.calls += 1
        if not source.open().read():
            raise ValueError
        events = (
            EVENTS.to_frame()
            .clear(2)
            .with_columns(
                line=pl.Series([1, self.calls]),
                action=pl.lit("chat"),
                outcome=pl.lit("success"),
                repeat=pl.lit(1, pl.Int32),
            )
        )
        text = pl.Series(["x" * 501])
        yield Batch(events, REJECTS.to_frame().clear(1).with_columns(text=text), lines=7, position=9)
        yield Batch(lines=1, position=2)


def test_a_reader_that_keeps_no_promise_is_told_of_each() -> None:
    assert breaches(Careless(), b"abc") == [
        "the name is not lower-case letters, digits and hyphens: 'Care less'",
        "the title is not one line: ''",
        "it takes an empty file for its own",
        "it raises ValueError()",
        "null where none may be: time, service, kind, witness, reader, file, reason, repeat, reader, file, line",
        "no action: chat",
        "repeat is not 0 everywhere",
        "a reject has more than 500 characters",
        "success of something that is no logon",
        "8 lines were read, and 3 are events, rejects, context or other",
        "batches are not in the order of the file",
        "it ends at byte 2 of 3",
        "it gives other events when it reads the same log again",
    ]


def test_a_reader_with_columns_of_its_own_or_nothing_is_told_so() -> None:
    class Strange(Careless):
        name, title = "strange", "x"

        def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:  # noqa: ARG002 - the protocol has it
            if source.open().read():
                yield Batch(EVENTS.to_frame().drop("key"))

        def sniff(self, head: bytes) -> bool:  # noqa: ARG002 - the protocol has it
            return False

    assert breaches(Strange(), b"abc") == [
        "it gives no batch",
        "events or rejects have other columns than EVENTS and REJECTS, or other types",
    ]
