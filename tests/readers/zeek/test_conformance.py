"""What the reference data says: Zeek's own test suite, and the lateral movement of OTRF's APT29 recordings.

Zeek's suite masks times with X; a time stands in for them here (`TIME`), since a line without one is a reject, which
`test_masked_times_are_rejects` shows. Its logs come with a first line `### BTest ...`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from graphmap.readers import READERS
from tests.readers.reading import Reading, read_bytes

if TYPE_CHECKING:
    from pathlib import Path

MASKED, TIME = b"XXXXXXXXXX.XXXXXX", b"1700000000.000000"
BASE = "scripts.base."

# Folder and log; how many events of each kind; lines of context (the header, #open, #close, the BTest line) and others; rejects.
COUNTS = [
    ("core.tunnels.gre/conn.log", {"conn": 7}, 10, 0, {}),
    ("core.tunnels.gre/ssh.log", {"ssh-unjudged": 1}, 10, 0, {}),
    ("core.tunnels.gre/tunnel.log", {}, 10, 1, {}),  # a log that is not read
    (f"{BASE}protocols.ssh.basic/conn.log", {"conn": 25}, 10, 0, {}),
    (f"{BASE}protocols.ssh.basic/ssh.log", {"ssh-logon": 10, "ssh-refused": 2, "ssh-unjudged": 10}, 10, 0, {}),
    (f"{BASE}protocols.ssh.curve25519_kex/ssh.log", {"ssh-logon": 1}, 10, 0, {}),
    (f"{BASE}protocols.ssh.mlkem_kex/ssh.log", {"ssh-logon": 1}, 10, 0, {}),
    (f"{BASE}protocols.ssh.ssh_version_199/ssh.log", {"ssh-logon": 1}, 10, 0, {}),
    (f"{BASE}protocols.ssh.dh_group18_kex/ssh.log", {"ssh-unjudged": 1}, 2, 0, {}),  # the names alone above the rows
    # Half of each connection: the sensor takes it for one that was not answered, or whose begin it did not see.
    (f"{BASE}protocols.ssh.half-duplex-client/conn.log", {"conn-refused": 25}, 10, 0, {}),
    (f"{BASE}protocols.ssh.half-duplex-server/conn.log", {"conn-midstream": 20}, 10, 0, {}),
    (f"{BASE}protocols.ssh.half-duplex-server/ssh.log", {"ssh-unjudged": 20}, 10, 0, {}),
    (f"{BASE}protocols.ssh.http-port-22/http.log", {}, 10, 1, {}),
    (f"{BASE}protocols.krb.kinit/kerberos.log", {"krb-as": 51, "krb-refused": 34}, 10, 0, {}),
    (f"{BASE}protocols.krb.tgs/kerberos.log", {"krb-tgs": 1}, 10, 0, {}),
    (f"{BASE}protocols.krb.smb_gssapi/kerberos.log", {"krb-logon": 1}, 10, 0, {}),
    (f"{BASE}protocols.krb.error-preauth-padata/kerberos.log", {"krb-preauth": 1}, 2, 0, {}),
    (f"{BASE}protocols.dce-rpc.mapi/ntlm.log", {"ntlm-unjudged": 2}, 10, 0, {}),
    (f"{BASE}protocols.rdp.rdp-proprietary-encryption/rdp.log", {"rdp": 1, "rdp-refused": 1}, 10, 0, {}),
    (f"{BASE}protocols.rdp.rdp-unknown-keyboard/rdp.log", {"rdp": 1}, 10, 0, {}),
    # Tests of the logging framework write records of their own to a log that they name ssh: its time is `t`, or missing.
    (f"{BASE}frameworks.logging.ascii-escape/ssh.log", {}, 8, 0, {"no time": 5}),
    (f"{BASE}frameworks.logging.ascii-binary/ssh.log", {}, 10, 0, {"no time": 3}),
    (f"{BASE}frameworks.logging.ascii-empty/ssh-filtered.log", {}, 8, 0, {"no time": 5}),
    (f"{BASE}frameworks.logging.types/ssh.log", {}, 10, 0, {"no time": 1}),
    (f"{BASE}frameworks.logging.remove/ssh.failure.log", {}, 10, 2, {}),  # a path of its own
    # Cut by zeek-cut to columns without a time; nothing names the columns in a way that is Zeek's.
    (f"{BASE}protocols.ssh.max-lengths/conn.log", {}, 1, 0, {"no line above names the columns": 21}),
]

# Client, its port, server, its port: auth_success, or how Kerberos, NTLM and RDP ended.
VERDICTS = [
    ("ssh.basic/ssh.log", "192.168.1.79", 51880, "131.159.21.1", 22, "-"),
    ("ssh.basic/ssh.log", "10.0.0.18", 40184, "128.2.6.88", 41644, "T"),
    ("ssh.basic/ssh.log", "192.168.2.1", 57189, "192.168.2.158", 22, "T"),
    ("ssh.basic/ssh.log", "192.168.2.1", 57191, "192.168.2.158", 22, "-"),
    ("ssh.ssh_version_199/ssh.log", "10.0.0.1", 59139, "10.0.0.2", 22, "T"),
    ("ssh.pre-banner/ssh.log", "10.0.2.1", 55343, "10.0.2.10", 22, "-"),
    ("krb.smb_gssapi/kerberos.log", "10.24.64.228", 1227, "10.24.8.44", 445, "T"),
    ("dce-rpc.mapi/ntlm.log", "192.168.0.173", 1073, "192.168.0.2", 1032, "-"),
]
OUTCOMES = {"T": "success", "F": "failure", "-": "unknown"}

# User and domain that a log has to show.
NAMES = [
    ("krb.kinit/kerberos.log", ("enterprise_principal@AD.VLADG.NET", "VLADG.NET")),
    ("krb.kinit/kerberos.log", ("valid_service_principal/test.vladg.net", "VLADG.NET")),
    ("krb.kinit/kerberos.log", ("WELLKNOWN/ANONYMOUS", "VLADG.NET")),
    ("krb.smb_gssapi/kerberos.log", (None, "HOUSING.HKSARG")),
    ("rdp.rdp-proprietary-encryption/rdp.log", ("A70", "FTBCO")),
    ("rdp.rdp-x509/rdp.log", ("JOHN-PC", None)),  # the client fills it with spaces
    ("dce-rpc.mapi/ntlm.log", ("ALeonard", "CNAMIS")),
    ("ldap.sasl-ntlm/ntlm.log", ("sasladmin@slapd.ldap", "LOCALHOST")),
]

OTRF = [
    ("apt29-day1-combined_zeek.log", 1358, {
        "conn": 561, "conn-refused": 52, "rpc-call": 123, "krb-unjudged": 10, "krb-preauth": 7, "krb-as": 7, "krb-tgs": 11, "smb-mapping": 11,
    }),
    ("apt29-day2-combined_zeek.log", 3995, {
        "conn": 1170, "conn-refused": 1, "conn-midstream": 1, "rpc-call": 388, "krb-unjudged": 22, "krb-preauth": 8, "krb-as": 8, "krb-tgs": 30,
        "krb-refused": 18, "smb-mapping": 23,
    }),
]  # fmt: skip


def read(shared: Path, name: str) -> Reading:
    return read_bytes((shared / "zeek" / name).read_bytes().replace(MASKED, TIME), reader="zeek")


@pytest.mark.parametrize(("name", "kinds", "context", "other", "rejects"), COUNTS, ids=[row[0] for row in COUNTS])
def test_counts(
    shared: Path, name: str, kinds: dict[str, int], context: int, other: int, rejects: dict[str, int]
) -> None:
    reading = read(shared, name)
    assert Counter(reading.events["kind"]) == kinds
    assert (reading.context, reading.other, Counter(reading.reasons())) == (context, other, rejects)
    assert reading.accounted() == reading.lines


def test_every_answer_of_ssh_kerberos_and_ntlm_is_the_sensors(shared: Path) -> None:
    """Each row of each log, its own cell for success beside the outcome."""
    wrong = []
    for path in sorted((shared / "zeek").glob("scripts.base.protocols.ssh.*/ssh.log")):
        rows = [line.split("\t") for line in path.read_text().splitlines()]
        names = next(row for row in rows if "auth_success" in row)
        column = names.index("auth_success") - (names[0] == "#fields")
        stated = [OUTCOMES[row[column]] for row in rows if row[0] == MASKED.decode()]
        found = read(shared, str(path.relative_to(shared / "zeek"))).events["outcome"].to_list()
        if not stated or found != stated:
            wrong.append((path.parent.name, stated, found))
    assert wrong == []


@pytest.mark.parametrize("row", VERDICTS)
def test_verdicts(shared: Path, row: tuple[str, str, int, str, int, str]) -> None:
    name, *ends, success = row
    events = read(shared, f"{BASE}protocols.{name}").events
    assert (*ends, OUTCOMES[success]) in events.select("src_ip", "src_port", "dst_ip", "dst_port", "outcome").rows()


@pytest.mark.parametrize(("name", "names"), NAMES)
def test_names(shared: Path, name: str, names: tuple[str | None, str | None]) -> None:
    events = read(shared, f"{BASE}protocols.{name}").events
    assert names in set(zip(events["user"], events["domain"], strict=True))


def test_masked_times_are_rejects(shared: Path) -> None:
    reading = read_bytes((shared / "zeek" / f"{BASE}protocols.ssh.basic/ssh.log").read_bytes(), reader="zeek")
    assert (len(reading.events), set(reading.reasons()), len(reading.rejects)) == (0, {"time cannot be read"}, 22)


@pytest.mark.parametrize(("name", "other", "kinds"), OTRF)
def test_otrf(shared: Path, name: str, other: int, kinds: dict[str, int]) -> None:
    data = (shared / "otrf-security-datasets" / name).read_bytes()
    assert READERS["zeek"].sniff(data[:65536])
    reading = read_bytes(data, reader="zeek")
    assert (Counter(reading.events["kind"]), reading.other, reading.reasons()) == (kinds, other, [])
