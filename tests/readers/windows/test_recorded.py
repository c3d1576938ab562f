"""Windows logs that others recorded: how many of which events, who came from where, and what damage costs."""

from __future__ import annotations

import collections
import json
import zipfile
from pathlib import Path

import polars as pl
import pytest
from evtx import PyEvtxParser

from graphmap.readers import READERS, detect, find_sources, read_head
from graphmap.readers.windows.chunks import CHUNK_BYTES, HEADER_BYTES, decode, pieces
from graphmap.readers.windows.event import microseconds
from graphmap.readers.windows.kinds import KINDS
from tests.readers.reading import Reading, read_source

LOGONS = ("logon", "logon-system", "logon-anonymous", "logon-sshd", "unlock", "new-credentials")
"""What a 4624 becomes."""


def read_file(path: Path) -> Reading:
    (source,) = find_sources([str(path)])
    reader = detect(read_head(source))
    assert reader is not None
    reading = read_source(source, reader=reader)
    assert reading.accounted() == reading.lines
    return reading


def counts(reading: Reading) -> dict[str, int]:
    return dict(sorted(collections.Counter(reading.events["kind"]).items()))


# file: records, of these rejects, and what the others become
EVTX: dict[str, tuple[int, int, dict[str, int]]] = {
    # The README's counts: 583 x 4624 (logon, logon-anonymous, logon-system, unlock), 45 x 4648, 459 x 4672 of 2,261.
    "security.evtx": (2261, 0, {
        "audit-ended": 36, "explicit-credentials-local": 45, "logoff": 11, "logoff-by-user": 36, "logon": 84, "logon-anonymous": 39,
        "logon-system": 456, "privileged": 459, "unlock": 4,
    }),
    "post-Security.evtx": (126, 0, {
        "audit-ended": 2, "explicit-credentials-local": 1, "logoff-by-user": 1, "logon": 2, "logon-anonymous": 2, "logon-system": 21,
        "privileged": 20,
    }),
    "Security_short_selected.evtx": (7, 0, {"logon-failed": 1, "ntlm-refused": 1}),
    "new-user-security.evtx": (4, 0, {}),
    "issue_201.evtx": (1, 0, {}),
    # Programs that reach no other host, and connections to the web. Behind the last chunk lie eight of other data.
    "sysmon.evtx": (366, 8, {}),
    # Carved from a shadow copy: several places where blocks of the disk held other data.
    "2-vss_0-Microsoft-Windows-RemoteDesktopServices-RdpCoreTS%4Operational.evtx": (1977, 27, {
        "rdp-connection": 127, "rdp-refused": 128,
    }),
    "2-vss_0-Microsoft-Windows-TerminalServices-RemoteConnectionManager%4Operational.evtx": (1796, 1, {
        "rdp-authenticated": 5,
    }),
}  # fmt: skip


@pytest.mark.parametrize("name", EVTX)
def test_evtx_files(shared: Path, name: str) -> None:
    reading = read_file(shared / "evtx" / name)
    assert (reading.lines, len(reading.rejects), counts(reading)) == EVTX[name]


@pytest.mark.parametrize("name", EVTX)
def test_no_record_is_lost_that_the_decoder_finds_by_itself(shared: Path, name: str) -> None:
    """Of two damaged files it gives fewer: it stops at the first bytes in a chunk that are no record."""
    path = shared / "evtx" / name
    data = path.read_bytes()
    chunks = [data[at : at + CHUNK_BYTES] for at in range(HEADER_BYTES, len(data), CHUNK_BYTES)]
    ours = collections.Counter(
        found for chunk in chunks if any(chunk) for found in decode(chunk, pieces(chunk)) if isinstance(found, str)
    )
    alone = collections.Counter(decoded(path))
    assert not alone - ours
    assert ours == alone or name.startswith("2-vss")


def decoded(path: Path) -> list[str]:
    records = PyEvtxParser(str(path), number_of_threads=1).records_json()
    found: list[str] = []
    while True:
        try:
            record = next(records)
        except StopIteration:
            return found
        except RuntimeError:
            continue
        assert record is not None
        found.append(record["data"])


# end of the file's name: what it becomes, and one row that tells the story
ATTACKS: dict[str, tuple[dict[str, int], dict[str, object]]] = {
    "Mimikatz Pass the hash": (
        {"log-cleared": 1, "new-credentials": 1, "privileged": 1, "share-file": 2},
        {"kind": "new-credentials", "user": "admmig", "outcome": "unknown", "service": "local", "src_ip": None},
    ),
    "PSexec remote execution + admin share": (
        {"logon": 5, "share": 2, "share-file": 9},
        {"kind": "share-file", "user": "admmig", "session": "0x1375fbd", "src_ip": "10.23.42.22", "command": "\\\\*\\ADMIN$\\PSEXESVC.exe"},
    ),
    "Lateral movement with net use": (
        {"explicit-credentials": 1, "program": 1},
        {"kind": "explicit-credentials", "user": "hack1", "service": "smb", "session": "0x123550", "src_host": "FS03.offsec.lan", "dst_host": "fs03vuln.offsec.lan", "command": None},
    ),
    # `net share` on the host itself; before it the log was cleared
    "Network share manipulation via commandline": ({"log-cleared": 1}, {"user": "admmig", "command": "Security", "service": "audit"}),
    "ADMIN$ share connection with Golden ticket": ({"share": 2}, {"user": "not_existing_user", "src_ip": "10.23.23.9"}),
    "remote shell execution via SMB admin share": ({"share-file": 2}, {"command": "\\\\*\\IPC$\\svcctl"}),
    "Mimispool print share created and modified": ({}, {}),  # 5142 and 5143: a share was made, nobody moved
    "New file share created": ({"share-file": 3}, {"src_ip": "10.23.23.9", "dst_host": "fs02.offsec.lan"}),
    "DCOMexec process spawned": ({"logon": 3}, {"method": "ntlm", "src_ip": "10.23.123.11", "outcome": "success"}),
    "DCOMexec native via PowerShell": ({}, {}),  # PowerShell's own log is not read
    "RDP hijack command execution": (
        {"program": 1, "reconnect": 1},
        {"kind": "reconnect", "user": "admmarsid", "src_ip": "10.23.23.9", "src_host": "JUMP01", "session": "0x6a423"},
    ),
    "RDP hijack direct": (
        {"disconnect": 1, "program": 1, "reconnect": 1},
        {"kind": "program", "command": "tscon  2 /dest:rdp-tcp#8", "user": "FS01$", "session": "0x3e7"},
    ),
    "Denied RDP connection with valid credentials": (
        {"rdp-denied": 2},
        {"user": "svc6test1", "outcome": "failure", "src_ip": "10.23.23.9"},
    ),
    "OpenSSH server listening": ({}, {}),  # six lines of sshd, all context
    "OpenSSH server install": ({}, {}),  # PowerShell's own log
    "WS Management listener enumeration": ({}, {}),  # 4656: handles
    "Kerberos AS-REP Roasting": ({"tgt": 1}, {"user": "admin-test", "src_ip": "10.23.23.9", "witness": "directory"}),
    "Success login with Golden ticket": ({"logon": 10}, {"user": "not_existing_user", "method": "kerberos"}),
    "Kerberoast ticket with low encryption": (
        {"ticket": 9, "ticket-refused": 1},
        {"user": "admmig", "domain": "OFFSEC.LAN", "command": "Svc-SQL-DB01"},
    ),
    "Kerberos host ticket without a trailing $": ({"tgt": 1, "ticket": 1}, {"kind": "tgt", "user": "rootdc1"}),
    "Golden ticket issued": ({"ticket": 10}, {"user": "gold-non-existing-user", "command": "FS02$"}),
}  # fmt: skip


def test_every_attack_has_its_row(shared: Path) -> None:
    names = {path.stem for path in (shared / "evtx-to-mitre").rglob("*.evtx")}
    assert len(names) == len(ATTACKS)
    assert all(sum(name.endswith(end) for end in ATTACKS) >= 1 for name in names)


@pytest.mark.parametrize("end", ATTACKS)
def test_attacks(shared: Path, end: str) -> None:
    kinds, story = ATTACKS[end]
    path = min((shared / "evtx-to-mitre").rglob(f"*{end}.evtx"), key=lambda path: len(path.stem))
    reading = read_file(path)
    assert (counts(reading), len(reading.rejects)) == (kinds, 0)
    if story:
        assert story in reading.rows(*story)


# file: events of each number that the file itself has, and what they become
OTRF: dict[str, dict[str, int]] = {
    "covenant_psremoting_command": {
        "4624": 16, "4634": 14, "4648": 5, "4672": 13, "4768": 1, "4769": 1, "5140": 5, "5145": 3,
    },
    "covenant_sharpsc_create_dcerpc_smb_svcctl": {"4624": 17, "4634": 16, "4672": 11, "5140": 5, "5145": 12},
    "empire_psexec_dcerpc_tcp_svcctl": {"4624": 8, "4634": 9, "4672": 8, "4769": 1, "5140": 1, "5145": 2},
    "empire_wmi_dcerpc_wmi_IWbemServices_ExecMethod": {
        "4624": 31, "4634": 29, "4672": 31, "4769": 2, "5140": 1, "5145": 1,
    },
    "purplesharp_ad_playbook_I": {
        "4624": 49, "4625": 7, "4634": 31, "4672": 43, "4769": 17, "4776": 7, "5140": 3, "5145": 3,
    },
    "schtask_create": {"4624": 1, "4634": 1, "4672": 1},
}  # fmt: skip
FILTERED = ("4688", "Sysmon 1", "Sysmon 3")
"""Only programs and ports that reach other hosts become events."""


def extracted(shared: Path, name: str, folder: Path) -> Path:
    with zipfile.ZipFile(shared / "otrf-security-datasets" / "lateral_movement" / f"{name}.zip") as archive:
        (member,) = archive.namelist()
        return Path(archive.extract(member, folder))


@pytest.mark.parametrize("name", OTRF)
def test_otrf_counts(shared: Path, tmp_path: Path, name: str) -> None:
    path = extracted(shared, name, tmp_path)
    reading = read_file(path)
    by_number: collections.Counter[str] = collections.Counter()
    for kind, count in counts(reading).items():
        by_number[KINDS[kind].source] += count
    assert {
        number: count for number, count in by_number.items() if number not in {*FILTERED, "4688, Sysmon 1"}
    } == OTRF[name]
    with path.open() as lines:
        events = [json.loads(line) for line in lines if line.strip()]
    security = collections.Counter(str(event["EventID"]) for event in events if event["Channel"].lower() == "security")
    assert {number: security[number] for number in OTRF[name]} == OTRF[name]
    assert not reading.reasons()


STORIES: dict[str, list[dict[str, object]]] = {
    # PowerShell remoting from WORKSTATION5: its own word, the ticket, the connection; the target's word has no source
    "covenant_psremoting_command": [
        {"kind": "explicit-credentials", "src_host": "WORKSTATION5.theshire.local", "dst_host": "WORKSTATION6", "user": "pgustavo", "src_ip": None, "service": "network"},
        {"kind": "ticket", "dst_host": "WORKSTATION6.theshire.local", "user": "pgustavo", "src_ip": "172.18.39.5", "command": "WORKSTATION6$", "service": "kerberos"},
        {"kind": "logon", "dst_host": "WORKSTATION6.theshire.local", "user": "pgustavo", "src_ip": None, "command": None, "service": "network"},
        {"kind": "connect", "src_host": "WORKSTATION5.theshire.local", "dst_host": None, "user": "pgustavo", "src_ip": "172.18.39.5", "dst_ip": "172.18.39.6", "service": "winrm"},
    ],
    # a service made over RPC: the port of the connection is that of the logon
    "empire_psexec_dcerpc_tcp_svcctl": [
        {"kind": "connect", "src_host": "WORKSTATION5.theshire.local", "dst_host": None, "src_port": 56607, "dst_ip": "172.18.39.6", "dst_port": 135},
        {"kind": "logon", "dst_host": "WORKSTATION6.theshire.local", "src_port": 56608, "dst_ip": None, "dst_port": None},
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_otrf_stories(shared: Path, tmp_path: Path, name: str) -> None:
    reading = read_file(extracted(shared, name, tmp_path))
    for row in STORIES[name]:
        assert row in reading.rows(*row)


def test_otrf_times_are_those_of_sysmon(shared: Path, tmp_path: Path) -> None:
    """NXLog wrote them in the time of New York; Sysmon says UTC beside it."""
    path = extracted(shared, "covenant_psremoting_command", tmp_path)
    found = read_file(path).events.filter(pl.col("kind").is_in(["connect", "connected"]))
    lines = path.read_text().splitlines()
    assert found.height == 18
    for line, time in found.select("line", pl.col("time").dt.timestamp("us")).iter_rows():
        said = microseconds(json.loads(lines[line - 1])["UtcTime"])
        assert said is not None
        assert abs(time - said) < 10_000_000


def test_crowdsec_event_as_a_browser_shows_it(shared: Path) -> None:
    (event,) = read_file(shared / "crowdsec-hub" / "windows-logs" / "windows-logs.log").rows()
    event.pop("file")
    time = event.pop("time").isoformat()
    assert time == "2022-04-28T16:09:28.944354+00:00"  # the assertion has 28.9443547: EVENTS has microseconds
    assert event == {
        "action": "logon", "outcome": "failure", "service": "network", "kind": "logon-failed", "witness": "server",
        "user": "testuser@mydomain.test", "domain": "EXCHANGE-1", "src_ip": "192.168.9.212", "src_port": 1628,
        "dst_host": "exchange-1.mydomain.test", "method": "negotiate", "pid": 5280, "repeat": 0,
        "reader": "windows-xml", "line": 1,
    }  # fmt: skip


def test_no_other_sample_is_taken_for_one_of_windows(shared: Path) -> None:
    ours = {"evtx", "windows-xml", "winlogbeat", "wazuh", "nxlog"}
    folders = ("sshrange", "sshd-oracle", "plaso", "go-libaudit", "audito-maldito", "msticpy", "sshguard", "zeek", "bloodhound-opengraph")  # fmt: skip
    for source in find_sources([str(shared / folder) for folder in folders]):
        head = read_head(source)
        assert not [reader.name for reader in READERS if reader.name in ours and reader.sniff(head)], source.name
