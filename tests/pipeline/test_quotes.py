"""What a finding shows for its proof: the very record, or in a sentence why not."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from graphmap.model import Line
from graphmap.pipeline.lines import CHANGED, CHARACTERS, FORGOTTEN, PIPED, Quotation, quote
from graphmap.readers.base import ReadOptions
from graphmap.readers.sshd import SshdReader
from graphmap.store.lake import Lake
from tests.pipeline.logs import lines, take, write
from tests.readers.windows import events as windows
from tests.readers.windows.evtx_file import CHUNK_BYTES, FIRST_RECORD, chunk, file_header, record

AUDIT = """\
node=web1 type=SYSCALL msg=audit(1700000009.000:16): arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=720 pid=730 auid=0 uid=0 ses=5 comm="ssh" exe="/usr/bin/ssh" key="exec"
node=web1 type=SYSCALL msg=audit(1700000009.000:15): arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=720 pid=731 auid=0 uid=0 ses=5 comm="id" exe="/usr/bin/id" key="exec"
node=web1 type=EXECVE msg=audit(1700000009.000:16): argc=2 a0="ssh" a1="root@db1"
"""
WTMP = b"".join(
    struct.pack(
        "<h2xi32s4s32s256s4xiIi16s20x", kind, 72, b"pts/0", b"ts/0", user, host, 0, 1_700_000_000 + late, 0, b""
    )
    for kind, user, host, late in ((7, b"bob", b"10.0.0.9", 0), (8, b"", b"", 60))
)
ZEEK = (
    "#separator \\x09\n#set_separator\t,\n#unset_field\t-\n#path\tntlm\n"
    "#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tusername\tsuccess\n"
    "1700000000.5\tC1\t1.2.3.4\t5\t1.2.3.5\t445\tb\\x09b\tT\n"
)
EXPORT = """\
__REALTIME_TIMESTAMP=1700000001000000
_HOSTNAME=srv
_PID=7
_UID=0
_COMM=sshd
SYSLOG_IDENTIFIER=sshd
MESSAGE=Accepted password for bob from 1.2.3.4 port 5 ssh2

"""


@dataclass
class Home:
    """Logs, and what is quoted of them."""

    folder: Path

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def take(self, path: Path) -> None:
        take(self.folder / "home", path)

    @property
    def lake(self) -> Lake:
        return Lake(self.folder / "home" / "lake")

    def quote(self, path: Path, line: int) -> Quotation:
        wanted = Line(str(path), line)
        return quote([wanted], self.lake)[wanted]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def evtx(count: int) -> bytes:
    """A file of two chunks of logons; every one of port 1000 and its number."""
    data = file_header()
    for first in (1, count // 2 + 1):
        records = b""
        for number in range(first, first + count // 2):
            event = windows.xml("Security", 4624, {**windows.LOGON, "IpPort": str(1000 + number)})
            records += record(number, event, FIRST_RECORD + len(records))
        data += chunk(records, first, first + count // 2 - 1)
    return data


def test_each_kind_of_log_is_quoted(home: Home) -> None:
    """By number of line, record or element; the text is what a person can check."""
    kernel = AUDIT.splitlines()
    xml = windows.xml("Security", 4624, windows.LOGON)
    printed = xml.replace("><", ">\n  <").replace("50000", "50001")
    expected: dict[str, tuple[str | bytes, int, str]] = {
        "audit.log": (AUDIT, 3, f"{kernel[0]}\n{kernel[2]}"),
        "wtmp": (WTMP, 2, "[8] [72] [] [pts/0] [] [] [2023-11-14T22:14:20+00:00]"),
        "ntlm.log": (ZEEK, 6, ZEEK.splitlines()[5]),
        "events.xml": (f"<Events>{xml}\n{printed}</Events>", 2, xml.replace("50000", "50001")),
        "journal.export": (EXPORT, 1, json.dumps({
            "__REALTIME_TIMESTAMP": "1700000001000000", "_HOSTNAME": "srv", "_PID": "7", "_UID": "0", "_COMM": "sshd",
            "SYSLOG_IDENTIFIER": "sshd", "MESSAGE": "Accepted password for bob from 1.2.3.4 port 5 ssh2"})),
        "flows.csv": ("timestamp,src_ip,dest_ip,dest_port\n2026-03-01T10:00:00Z,1.2.3.4,5.6.7.8,22\n", 2,
                      "2026-03-01T10:00:00Z,1.2.3.4,5.6.7.8,22"),
    }  # fmt: skip
    for name, (content, line, text) in expected.items():
        path = home.write(name, content)
        home.take(path)
        assert (name, home.quote(path, line)) == (name, Quotation(text))


def test_records_of_every_chunk_are_quoted(home: Home) -> None:
    path = home.write("Security.evtx", evtx(8))
    home.take(path)
    for number in (1, 4, 5, 8):
        event = json.loads(home.quote(path, number).text or "")["Event"]
        assert event["EventData"]["IpPort"] == str(1000 + number)


def test_a_chunk_that_is_not_asked_for_may_be_damaged_since(home: Home) -> None:
    """Only what is wanted is decoded."""
    path = home.write("Security.evtx", data := evtx(8))
    home.take(path)
    start = 4096 + FIRST_RECORD + 24 + 4
    path.write_bytes(data[:start] + b"\xff" * 40 + data[start + 40 :])
    assert home.quote(path, 1).problem == CHANGED
    assert home.quote(path, 8).text is not None
    assert len(data) == 4096 + 2 * CHUNK_BYTES


def test_an_object_over_several_lines_is_one(home: Home) -> None:
    entries = [
        {"timestamp": "2026-03-01 10:00:00.000000+0000", "processImagePath": "/usr/sbin/sshd", "processID": pid,
         "eventMessage": f"Accepted password for bob from 1.2.3.4 port {pid} ssh2"} for pid in (7, 8)
    ]  # fmt: skip
    path = home.write("mac1/log.json", json.dumps(entries, indent=1).replace("},\n {", "},{"))
    home.take(path.parent.parent)
    numbers = [row["line"] for row in home.lake.scan(("line",)).collect().sort("line").to_dicts()]
    assert [home.quote(path, number) for number in numbers] == [Quotation(json.dumps(entry)) for entry in entries]


def test_a_file_that_was_written_anew_is_not_quoted(home: Home) -> None:
    told = lines(3)
    path = home.write("auth.log", "".join(told))
    home.take(path)
    assert home.quote(path, 2) == Quotation(told[1].rstrip("\n"))
    for changed in (
        told[1].replace("user1", "user2"),
        told[1].replace("10.0.0.1 ", "10.0.0.2 "),
        told[1].replace("port 1025", "port 1026"),
        told[1].replace("sshd[301]", "sshd[302]"),
        told[1].replace("Accepted", "Failed"),
        told[1].replace(":02.500000", ":03.500000"),
        "",
    ):
        assert changed != told[1]
        write(path, [told[0], changed, told[2]])
        assert home.quote(path, 2) == Quotation(None, CHANGED)
    write(path, told[:1])
    assert home.quote(path, 2) == Quotation(None, CHANGED)


def test_what_the_user_said_of_stamps_does_not_matter(home: Home) -> None:
    """A line without year and zone, of another year and a zone that is not named again."""
    told = lines(2, fine=False)
    path = home.write("auth.log", "".join(told))
    take(home.folder / "home", path, options=ReadOptions(year=2011, zone=ZoneInfo("Asia/Kathmandu")))
    assert home.quote(path, 2) == Quotation(told[1].rstrip("\n"))


def test_why_there_is_no_quote_is_said(home: Home) -> None:
    path = home.write("auth.log", "".join(lines(2)))
    home.take(path)
    assert home.quote(path, 9) == Quotation(None, FORGOTTEN)
    path.unlink()
    assert home.quote(path, 1) == Quotation(None, f"it cannot be shown: {path} does not exist")
    path.mkdir()
    assert home.quote(path, 1) == Quotation(None, CHANGED)
    assert quote([], home.lake) == {}


def test_standard_input_is_not_read_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("".join(lines(2)).encode())))
    take(home.folder / "home", Path("-"))
    assert home.quote(Path("-"), 1) == Quotation(None, PIPED)


def test_a_log_of_a_users_reader_needs_that_reader(home: Home) -> None:
    """It has no method for quotes: its records are lines."""

    class Own(SshdReader):
        name = "own"

        def sniff(self, head: bytes) -> bool:
            return head.startswith(b"2026")

    path = home.write("auth.log", "".join(told := lines(2)))
    take(home.folder / "home", path, options=ReadOptions(readers=(Own(),)))
    line = Line(str(path), 2)
    assert (quote([line], home.lake)[line].problem or "").startswith("the reader own is not here")
    assert quote([line], home.lake, [Own()]) == {line: Quotation(told[1].rstrip("\n"))}


def test_a_very_long_record_is_cut(home: Home) -> None:
    sample = windows.winlogbeat("Security", 4624, {**windows.LOGON, "Privileges": "x" * 9000})
    path = home.write("events.ndjson", f"{sample}\n")
    home.take(path)
    text = home.quote(path, 1).text or ""
    assert text.startswith(sample[:CHARACTERS])
    assert text.endswith(f"({len(sample) - CHARACTERS:,} characters more)")
