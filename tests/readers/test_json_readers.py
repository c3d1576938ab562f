"""What JSON logs say, and what they do not: whole answers, and lines that are no event of anybody's."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import READERS, detect, find_sources, read_head
from graphmap.readers.json_lines import documents, pick, text, whole
from graphmap.readers.json_reader import JsonReader
from graphmap.readers.mapping import MappingReader
from tests.readers.reading import Reading, read_lines

if TYPE_CHECKING:
    from pathlib import Path

TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
EVE: dict[str, Any] = {
    "timestamp": "2026-03-01T10:00:00.000000+0000", "flow_id": 7, "src_ip": "10.0.0.1", "src_port": 50000,
    "dest_ip": "10.0.0.2", "dest_port": 22, "proto": "TCP",
}  # fmt: skip


def read(name: str, *told: Any, host: str | None = None) -> Reading:
    return read_lines(*(json.dumps(document) for document in told), reader=name, host=host)


def row(reading: Reading) -> dict[str, Any]:
    """The only event, without what every event has."""
    (found,) = reading.rows()
    return {name: value for name, value in found.items() if name not in {"repeat", "reader", "file", "line"}}


def test_suricata_knows_addresses_and_no_hosts() -> None:
    ssh = {
        "client": {"software_version": "OpenSSH_9.2", "hassh": {"hash": "ec7378"}},
        "server": {"software_version": "dropbear_2022.83"},
    }
    assert row(read("suricata", EVE | {"event_type": "ssh", "ssh": ssh}, host="sensor")) == {
        "time": TEN, "action": "connection", "outcome": "unknown", "service": "ssh", "kind": "ssh",
        "src_ip": "10.0.0.1", "src_port": 50000, "dst_ip": "10.0.0.2", "dst_port": 22, "session": "7",
        "client": "OpenSSH_9.2", "hassh": "ec7378", "server": "dropbear_2022.83", "witness": "network",
    }  # fmt: skip


def test_suricata_turns_answers_round() -> None:
    answer = EVE | {"src_port": 88, "dest_port": 50000, "event_type": "krb5"}
    found = row(read("suricata", answer | {"krb5": {"msg_type": "KRB_AS_REP", "cname": "ann", "realm": "<empty>"}}))
    assert (found["src_ip"], found["dst_ip"], found["dst_port"], found["user"]) == ("10.0.0.2", "10.0.0.1", 88, "ann")
    assert "domain" not in found


@pytest.mark.parametrize(
    ("event", "place"),
    [
        ({"event_type": "alert", "alert": {}}, "other"),
        ({"event_type": "stats", "stats": {}}, "other"),
        ({"event_type": "ssh"}, "other"),
        ({"event_type": "flow", "proto": "ICMP", "flow": {"start": "2026-03-01T10:00:00+0000"}}, "other"),
        ({"event_type": "smb", "smb": {"command": "SMB2_COMMAND_CREATE"}}, "context"),
        ({"event_type": "smb", "smb": {"command": "SMB2_COMMAND_SESSION_SETUP", "status": "STATUS_MORE_PROCESSING_REQUIRED"}}, "context"),
        ({"event_type": "krb5", "krb5": {"msg_type": "KRB_ERROR", "error_code": "KDC_ERR_PREAUTH_REQUIRED"}}, "context"),
        ({"event_type": "rdp", "rdp": {"event_type": "tls_handshake"}}, "context"),
        ({"event_type": "ssh", "ssh": {}, "timestamp": "never"}, "time: 'never' is none"),
        ({"event_type": "flow", "flow": {}}, "time: the document has none"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)  # fmt: skip
def test_suricata_events_that_are_none(event: dict[str, Any], place: str) -> None:
    found = read("suricata", EVE | event)
    assert (len(found.events), found.context, found.other, found.reasons()) == (
        0, int(place == "context"), int(place == "other"), [] if place in {"context", "other"} else [place],
    )  # fmt: skip


def test_teleport_desktop_and_kubernetes() -> None:
    desktop = {
        "event": "windows.desktop.session.start", "code": "TDP00W", "time": "2026-03-01T10:00:00Z", "success": False,
        "user": "ann", "windows_user": "adm", "windows_domain": "CORP", "desktop_addr": "10.0.0.9:3389",
        "desktop_labels": {"teleport.dev/computer_name": "WIN9"}, "addr.remote": "10.0.0.9:3389",
    }  # fmt: skip
    pod = {"event": "session.start", "code": "T2000I", "time": "2026-03-01T10:00:00Z", "proto": "kube", "login": "root"}
    assert row(read("teleport", desktop, host="auth")) == {
        "time": TEN, "action": "logon", "outcome": "failure", "service": "rdp", "kind": "session-refused",
        "user": "adm", "domain": "CORP", "dst_host": "WIN9", "dst_ip": "10.0.0.9", "dst_port": 3389, "cert_id": "ann",
        "witness": "server",
    }  # fmt: skip
    assert read("teleport", pod).other == 1


def test_osquery_as_a_schedule_logs_it_and_by_hand() -> None:
    login = {"username": "ann", "tty": "pts/0", "pid": "7", "type": "7", "time": "1772359200", "host": "10.0.0.1"}
    boot = login | {"username": "reboot", "type": "2"}
    logged = [
        {"hostIdentifier": "db1", "unixTime": 1, "diffResults": {"added": [login, boot], "removed": [login]}},
        {"hostIdentifier": "db1", "unixTime": 1, "action": "snapshot", "snapshot": [boot]},
        {"hostIdentifier": "db1", "unixTime": 1, "action": "added", "columns": {"name": "a package"}},
        {"hostIdentifier": "db1", "unixTime": 1, "snapshot": [login, login | {"time": "soon"}]},
        {"hostIdentifier": "db1", "unixTime": 1, "snapshot": [7]},
    ]
    found = read("osquery", *logged)
    assert found.events.select("user", "dst_host", "service").rows() == [("ann", "db1", "terminal")]
    assert (found.context, found.other) == (1, 1)
    assert found.reasons() == ["time: 'soon' is none", "a row is not a JSON object"]
    by_hand = read_lines("[", f"  {json.dumps(login)},", f"  {json.dumps(boot)}", "]", reader="osquery", host="web1")
    assert by_hand.events.select("user", "dst_host", "line").rows() == [("ann", "web1", 2)]
    assert by_hand.context == 3


def test_ocsf_names_the_device_where_it_names_no_destination() -> None:
    logon = {"class_uid": 3002, "activity_id": 1, "status_id": 1, "time": 1772359200000, "device": {"hostname": "db1"}}
    found = read("ocsf", logon, logon | {"time": 10**40}, logon | {"class_uid": 6003}, logon | {"status_id": 99})
    assert found.events.select("kind", "dst_host").rows() == [("logon", "db1"), ("logon-tried", "db1")]
    assert (found.other, found.reasons()) == (1, ["time: '' is none"])


def test_ecs_and_the_log_of_sshd_tell_of_one_event() -> None:
    shipped = {
        "@timestamp": "2026-03-01T10:00:00.000Z", "host": {"hostname": "srv"}, "process": {"name": "sshd", "pid": 7},
        "event": {"category": ["authentication"], "dataset": "system.auth", "action": "ssh_login", "outcome": "success"},
        "system.auth.ssh": {"event": "Accepted", "method": "publickey", "signature": "ED25519 SHA256:x"},
        "source": {"ip": "10.0.0.1", "port": 50000}, "user": {"name": "bob"},
    }  # fmt: skip
    line = "2026-03-01T10:00:00+00:00 srv sshd[7]: Accepted publickey for bob from 10.0.0.1 port 50000 ssh2: ED25519 SHA256:x"
    assert row(read("ecs", {"_index": "filebeat", "_source": shipped})) == row(read_lines(line))


@pytest.mark.parametrize(
    "change",
    [{"winlog": {"event_id": 4624}}, {"event": {"category": ["file"]}}, {"event.category": "process", "event": {}}],
)
def test_ecs_leaves_alone(change: dict[str, Any]) -> None:
    logon = {"@timestamp": "2026-03-01T10:00:00Z", "event": {"category": ["authentication"]}, "user.name": "a"}
    assert read("ecs", logon | change).other == 1


def test_ecs_steps_of_one_login_are_no_logins() -> None:
    login = {"@timestamp": "2026-03-01T10:00:00Z", "event": {"category": "authentication", "outcome": "success"}}
    found = read(
        "ecs", *({**login, "auditd": {"message_type": kind}} for kind in ("user_auth", "user_acct", "user_login"))
    )
    assert (len(found.events), found.context) == (1, 2)


AUDIT = {
    "@timestamp": "2026-03-01T10:00:00Z", "event": {"module": "auditd", "category": ["network"], "outcome": "success"},
    "host": {"name": "db1"}, "user": {"audit": {"name": "ann"}, "name": "root"}, "process": {"executable": "/usr/bin/ssh", "pid": 8},
}  # fmt: skip


def audit(call: str, *, session: str = "5", exe: str = "/usr/bin/ssh", **more: Any) -> dict[str, Any]:
    data = {"syscall": call, **more.pop("data", {})}
    told = {"message_type": "syscall", "session": session, "data": data, **more.pop("auditd", {})}
    return AUDIT | {"auditd": told, "process": {"executable": exe, "pid": 8}} | more


def test_ecs_audit_events_mean_what_the_daemons_log_means() -> None:
    """The same events as the documentation of `auditd` has them, as auditbeat ships them."""
    keys = {"paths": [{"name": "/root"}, {"name": "/root/.ssh/authorized_keys", "nametype": "NORMAL"}]}
    shipped = [
        audit("connect", destination={"ip": "10.0.0.9", "port": "22"}),
        audit("openat", exe="/usr/bin/tee", data={"a2": "441"}, auditd=keys),
        AUDIT | {"auditd": {"message_type": "config_change", "session": "unset", "data": {"op": "remove_rule"}}},
    ]
    columns = ("kind", "user", "src_host", "dst_host", "dst_ip", "dst_port", "session", "pid", "command")
    assert read("ecs", *shipped, host="folder").events.select(columns).rows() == [
        ("connect", "ann", "db1", None, "10.0.0.9", 22, "audit:5", 8, None),
        ("keys-written", "ann", None, "db1", None, None, "audit:5", 8, "openat /root/.ssh/authorized_keys"),
        ("audit-changed", "ann", None, "db1", None, None, None, 8, "op=remove_rule"),
    ]


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (audit("connect", exe="/usr/bin/curl", destination={"ip": "10.0.0.9", "port": 443}), "context"),
        (audit("connect", destination={"path": "/run/systemd/x"}), "context"),
        (audit("openat", data={"a2": "0"}, file={"path": "/root/.ssh/authorized_keys"}), "context"),
        (audit("unlink", file={"path": "/tmp/x"}), "context"),
        (audit("execve", exe="/usr/bin/id"), "other"),
        (AUDIT | {"auditd": {"message_type": "avc"}}, "other"),
    ],
    ids=range(6),
)
def test_ecs_audit_events_that_are_none(document: dict[str, Any], place: str) -> None:
    found = read("ecs", document)
    assert (len(found.events), found.context, found.other) == (0, int(place == "context"), int(place == "other"))


# What go-libaudit's golden files call their cases, and what becomes of them. The others are no event of anybody's: steps
# of a login (USER_START ...), calls that touch nothing that is watched, and connections of programs without SSH.
JOINED = {
    "accepted": ["USER_LOGIN success"],
    "failed": ["USER_LOGIN", "USER_LOGIN failed ssh", "USER_LOGIN"],
    "logout": ["USER_LOGOUT"],
    "accept": ["accept syscall"],
    "audit-changed": ["CONFIG_CHANGE add rule", "CONFIG_CHANGE backlog limit", "CONFIG_CHANGE remove rule", "CONFIG_CHANGE update rules"],
}  # fmt: skip


def as_auditbeat(event: dict[str, Any]) -> dict[str, Any]:
    """An event as go-libaudit joins it, under the names that auditbeat gives its parts."""
    process, outcome = event.get("process", {}), {"fail": "failure"}.get(event["result"], event["result"])
    return {
        "@timestamp": event["@timestamp"], "host": {"name": "h"}, "source": event.get("source"),
        "destination": event.get("destination"), "event": event["ecs"]["event"] | {"module": "auditd", "outcome": outcome},
        "process": {"pid": process.get("pid"), "name": process.get("name"), "executable": process.get("exe")},
        "auditd": {"message_type": event["record_type"], **{name: event.get(name) for name in ("paths", "session", "result", "data")}},
    }  # fmt: skip


def test_what_go_libaudit_joins_is_read_as_it_says(shared: Path) -> None:
    folder = shared / "go-libaudit" / "aucoalesce" / "testdata"
    cases = [case for path in sorted(folder.glob("*.golden")) for case in json.loads(path.read_text())]
    found: dict[str, list[str]] = {}
    for case in cases:
        reading = read("ecs", as_auditbeat(case["event"]))
        assert (reading.accounted(), reading.reasons()) == (1, [])
        for kind in reading.events["kind"]:
            found.setdefault(kind, []).append(case["test_name"])
    assert found == JOINED
    assert len(cases) == 48


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('{"a": 1}', [{"a": 1}]), ('  {"a": 1},', [{"a": 1}]), ('[{"a": 1}, {}]', [{"a": 1}, {}]), ("[", None), ("],", None),
        ('{"a": 1.50}', [{"a": "1.50"}]), ('{"a": NaN}', [{"a": "NaN"}]), ("7", "not a JSON object"), ("{", "not a JSON object"),
        ("[" * 100_000, "not a JSON object"), ('{"a": ' + "9" * 5000 + "}", "not a JSON object"), ("[1]", "not a JSON object"),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_documents_of_a_line(line: str, found: object) -> None:
    assert documents(line) == found


def test_a_long_array_is_known_by_its_beginning() -> None:
    event = json.dumps({"event": "session.start", "code": "T2000I", "time": "2026-03-01T10:00:00Z"})
    reader = detect(f"[{', '.join([event] * 2000)}"[:65536].encode())
    assert reader is not None
    assert reader.name == "teleport"


def test_values_by_path() -> None:
    document = {"a": {"b.c": {"d": 1}, "e": True}, "a.b": "x", "f": ["", "y"], "g": ["z", "y"], "h": 10**40, "i": "007"}
    assert [pick(document, path) for path in ("a.b.c.d", "a.b", "a.x", "x.y")] == [1, "x", None, None]
    assert [text(document, path) for path in ("a.e", "f", "g", "h", "a")] == ["true", None, "z", None, None]
    assert [whole(document, path) for path in ("i", "a.b.c.d", "a.b", "h")] == [7, 1, None, None]


JSON_READERS = [reader.name for reader in READERS if isinstance(reader, JsonReader)]
_KEYS = st.sampled_from(
    [
        "event_type",
        "timestamp",
        "flow",
        "flow_id",
        "ssh",
        "smb",
        "rdp",
        "krb5",
        "event",
        "code",
        "time",
        "success",
        "class_uid",
        "activity_id",
        "status_id",
        "src_endpoint",
        "user",
        "@timestamp",
        "_source",
        "process",
        "auditd",
        "hostIdentifier",
        "columns",
        "snapshot",
        "diffResults",
        "action",
        "type",
    ]
)
_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from([3002, 4001, 4005, 4007, "flow", "ssh", "smb", "session.start", "port", "T2000I", "-", "2026-03-01T10:00:00Z"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.parametrize("name", JSON_READERS)
@given(told=st.lists(st.dictionaries(_KEYS, _VALUES, max_size=8), max_size=3))
def test_any_document_ends_in_one_place(name: str, told: list[dict[str, Any]]) -> None:
    found = read(name, *told, host="h")
    assert found.accounted() == found.lines == len(told)
    always = found.events.select("time", "action", "outcome", "service", "kind", "witness")
    assert always.null_count().sum_horizontal().item() == 0


def test_no_log_of_another_kind_is_taken(shared: Path) -> None:
    own = {reader.name for reader in READERS if isinstance(reader, (JsonReader, MappingReader))}
    taken = {
        (source.name, reader.name)
        for source in find_sources([str(shared)])
        if (reader := detect(read_head(source))) is not None and reader.name in own
    }
    assert taken == set()
