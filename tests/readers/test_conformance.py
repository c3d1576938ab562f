"""Every folder of the shared samples has a table of what is expected of it: here, or in the test that is named here."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from ipaddress import ip_address
from typing import TYPE_CHECKING, NamedTuple

import pytest

from graphmap.readers import ReadOptions, detect, find_sources, read_head
from tests.conftest import ROOT
from tests.readers.reading import HEADER, read_lines, read_source

if TYPE_CHECKING:
    from pathlib import Path

TABLES = {
    "audito-maldito": "tests/readers/test_auditd.py",
    "bloodhound-opengraph": "tests/readers/test_samples.py",  # no logs: that no reader takes them
    "crowdsec-hub": "tests/readers/test_samples.py",  # users, addresses, ports as it asserts them; counts are here
    "evtx": "tests/readers/windows/test_recorded.py",
    "evtx-to-mitre": "tests/readers/windows/test_recorded.py",
    "go-libaudit": "tests/readers/test_auditd.py",
    "msticpy": "tests/readers/test_auditd.py",
    "otrf-security-datasets": "tests/readers/windows/test_recorded.py",
    "plaso": "tests/readers/test_utmp.py",  # who and when of utmp; counts of all of it are here
    "sshd-oracle": "tests/readers/test_oracle.py",
    "sshguard": "tests/readers/test_conformance.py",
    "sshrange": "tests/readers/test_samples.py",
    "zeek": "tests/readers/zeek/test_conformance.py",
}


def test_every_folder_has_its_table(shared: Path) -> None:
    assert {path.name for path in shared.iterdir() if path.is_dir()} == set(TABLES)
    for folder, test in TABLES.items():
        assert f'"{folder}' in (ROOT / test).read_text(), folder


class Read(NamedTuple):
    """What a file becomes. `kinds` are its events, `reasons` those of its rejects."""

    reader: str | None
    lines: int = 0
    context: int = 0
    other: int = 0
    kinds: dict[str, int] = {}  # noqa: RUF012 - of a table, never changed
    reasons: tuple[str, ...] = ()


NO_HEADER = "no syslog header"
FILES: dict[str, Read] = {
    # Lines without any header: a line of Dropbear's may be anything's, so nobody takes the file
    "crowdsec-hub/dropbear-logs/dropbear-logs.log": Read(None),
    "crowdsec-hub/opnsense-sshd/opnsense-sshd.log": Read("sshd", 10, kinds={"invalid-user": 10}),
    # PAM's lines for sudo: nobody came to the host by it
    "crowdsec-hub/pam-logs/pam-logs.log": Read("sshd", 2, other=2),
    "crowdsec-hub/sshd-bad-keyexchange-bf/sshd-bad-keyexchange-bf.log": Read("sshd", 19, kinds={"kex-failed": 19}),
    # "Disconnected from authenticating user ... [preauth]": the ends of attempts, which CrowdSec counts as attacks
    "crowdsec-hub/sshd-invalid-bf/sshd-invalid-bf.log": Read("sshd", 6, kinds={"preauth-closed": 6}),
    "crowdsec-hub/sshd-logs/sshd-logs.log": Read(
        "sshd", 24,
        kinds={"failed": 1, "invalid-user": 4, "kex-failed": 6, "not-allowed": 1, "pam-auth-failure": 2,
               "preauth-closed": 6, "refused": 2, "timeout": 1},
        reasons=("sshd message not understood",),  # CrowdSec understands it neither
    ),
    # What CrowdSec must not take for an attack: the ends of sessions
    "crowdsec-hub/sshd-logs-fp/sshd-logs.log": Read("sshd", 6, kinds={"session-close": 6}),
    "crowdsec-hub/sshd-refused-conn/sshd-refused-conn.log": Read("sshd", 1, kinds={"refused": 1}),
    "crowdsec-hub/sshd-success-logs/sshd-success-logs.log": Read("sshd", 4, kinds={"accepted": 4}),
    "crowdsec-hub/windows-logs/windows-logs.log": Read("windows-xml", 1, kinds={"logon-failed": 1}),
    # Records of logins, and 23 of other things
    "plaso/audit_enriched.log": Read("auditd", 29, 4, 23, {"auth-failed": 1, "login": 1}),
    # Four of its lines are wrong on purpose: no milliseconds, no stamp, no type, no word "type"
    "plaso/selinux.log": Read("auditd", 12, 1, 7, reasons=("not an audit record",) * 4),
    # Headers of many daemons around lines of other programs; messages that go on in a second line have no header
    "plaso/syslog/syslog": Read("sshd", 18, other=16, reasons=(NO_HEADER,) * 2),
    "plaso/syslog/syslog_chromeos": Read("sshd", 9, other=8, reasons=(NO_HEADER,)),
    "plaso/syslog/syslog_cron.log": Read("sshd", 9, other=9),
    "plaso/syslog/syslog_osx": Read("sshd", 2, other=2),
    "plaso/syslog/syslog_rsyslog": Read("sshd", 5, other=5),
    # Two are what goes over a network: messages that no newline parts
    "plaso/syslog/syslog_rsyslog_ForwardFormat": Read(None),
    "plaso/syslog/syslog_rsyslog_TraditionalForwardFormat": Read(None),
    "plaso/syslog/syslog_rsyslog_SysklogdFileFormat": Read("sshd", 10, other=9, reasons=(NO_HEADER,)),
    "plaso/syslog/syslog_rsyslog_SyslogProtocol23Format": Read("sshd", 10, other=9, reasons=(NO_HEADER,)),
    "plaso/syslog/syslog_rsyslog_traditional": Read("sshd", 11, other=8, reasons=(NO_HEADER,) * 3),
    "plaso/syslog/syslog_ssh.log": Read("sshd", 9, 1, kinds={"accepted": 5, "connection": 1, "failed": 2}),
    "plaso/utmp/utmp": Read("utmp", 14, 8, kinds={"login": 1, "window": 5}),
    # Of a host that only started: run levels and gettys
    "plaso/utmp/utmp_aarch64": Read("utmp", 6, 5, 1),
    "plaso/utmp/utmp_s390": Read("utmp", 6, 5, 1),
    "plaso/utmp/utmp_x86_64": Read("utmp", 6, 5, 1),
    "plaso/utmp/utmp_corrupted": Read(
        "utmp", 5, kinds={"login": 2}, reasons=("record type does not exist",) * 2 + ("not a login record",)
    ),
    "plaso/utmp/wtmp.1": Read("utmp", 5, other=3, kinds={"login": 1, "logout": 1}),
    "plaso/utmpx_mac": Read("utmp", 7, 2, 1, {"login": 1, "logout": 2, "window": 1}),
}  # fmt: skip


def test_no_file_is_left_out(shared: Path) -> None:
    files = {
        str(path.relative_to(shared))
        for folder in ("crowdsec-hub", "plaso")
        for path in (shared / folder).rglob("*")
        if path.is_file() and path.name not in {"LICENSE", "parser.assert"}
    }
    assert files == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_file_becomes(shared: Path, name: str) -> None:
    (source,) = find_sources([str(shared / name)])
    reader = detect(read_head(source))
    found = Read(None)
    if reader is not None:
        reading = read_source(source, reader=reader, options=ReadOptions(year=2020))
        kinds = dict(sorted(Counter(reading.events["kind"]).items()))
        reasons = tuple(reading.reasons())
        found = Read(reader.name, reading.lines, reading.context, reading.other, kinds, reasons)
        assert reading.accounted() == reading.lines
    assert found == FILES[name]


_ATTACK = re.compile(r"10[01] (?P<address>\S+) [46] \d+")  # 100 is SSHGuard's number of sshd, 101 of Dropbear
_DROPBEAR = ("Bad password", "Bad PAM", "Login attempt", "Exit before")


def test_sshguard_finds_its_attackers_where_we_find_sources(shared: Path) -> None:
    """Each line of its SSH section that is an attack has its address as the source; there is no deviation."""
    text = (shared / "sshguard" / "tests.txt").read_text().partition("#### Remote SSHGuard")[0]
    lines = [line for line in text.split("\n") if line and not line.startswith("#") and line != "M"]
    cases = [
        (line, str(ip_address(match["address"].partition("%")[0])))
        for line, verdict in itertools.pairwise(lines)
        if (match := _ATTACK.fullmatch(verdict))
    ]
    assert len(cases) > 50
    wrong = []
    for line, address in cases:
        plain = read_lines(line)
        if plain.reasons() == [NO_HEADER]:
            plain = read_lines(HEADER.replace("sshd", "dropbear" if line.startswith(_DROPBEAR) else "sshd") + line)
        if plain.events["src_ip"].to_list() != [address]:
            wrong.append((line, address, plain.reasons()))
    assert wrong == []
