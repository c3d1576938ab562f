"""The logs of Zeek that report movement, and what their fields mean: a table that both ways of reading use.

Sources: the record types of Zeek's scripts, base/protocols/{conn,ssh,krb,ntlm,rdp,smb,dce-rpc}/main.zeek
(https://docs.zeek.org/en/current/logs/index.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphmap.readers.records import NOBODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from graphmap.readers.records import Record

    _Convert = Callable[[str], Record]

TIME, UID, SOURCE, SOURCE_PORT = "ts", "uid", "id.orig_h", "id.orig_p"
DESTINATION, DESTINATION_PORT = "id.resp_h", "id.resp_p"
Text = str | None


class Verdict(NamedTuple):
    """What the fields that take few values say together. `ports`: the two port fields are ports."""

    kind: str
    service: str
    command: str | None = None
    ports: bool = True


class Log(NamedTuple):
    """One of Zeek's logs."""

    marks: frozenset[str]
    """Fields that no other of these logs has: they tell the log where no path does."""
    judged: tuple[str, ...]
    """The fields that `judge` is given, each as text or None."""
    judge: Callable[..., Verdict]
    texts: Mapping[str, _Convert]
    """Fields of free text, and the columns that they fill."""
    counts: Mapping[str, str] = {}
    """Fields of whole numbers, and the column of each."""
    interval: str | None = None
    """The field with the duration."""

    @property
    def fields(self) -> frozenset[str]:
        """All that are read, and the marks."""
        ports = {SOURCE_PORT, DESTINATION_PORT}
        return self.marks | {TIME, UID, *ports, *self.judged, *self.texts, *self.counts, self.interval or TIME}


_TRUE, _FALSE = ("T", "true"), ("F", "false")
_REFUSED = frozenset({"S0", "REJ", "RSTOS0", "SH"})
_MIDSTREAM = frozenset({"OTH", "RSTRH", "SHR"})
_SERVICES = ("ssh", "rdp", "smb", "dce_rpc")
_KERBEROS = frozenset({"krb", "krb_tcp", "krb_udp"})
_RDP_RUNS = frozenset({None, "", "Success", "encrypted"})
_PREAUTH = frozenset({"KDC_ERR_PREAUTH_REQUIRED", "NEEDED_PREAUTH"})


def _conn(proto: Text, service: Text, state: Text) -> Verdict:
    kind = "conn"
    if proto == "tcp" and state in _REFUSED:
        kind = "conn-refused"
    elif proto == "tcp" and state in _MIDSTREAM:
        kind = "conn-midstream"
    service = next((text for text in (service, proto) if text and text not in NOBODY), "unknown")
    return Verdict(kind, _service(service), ports=proto != "icmp")


def _service(service: str) -> str:
    """What a connection serves: of several analyzers' names the one that logons are of."""
    names = service.split(",")
    if chosen := next((name for name in _SERVICES if name in names), None):
        return chosen
    return "kerberos" if len(names) == 1 and names[0] in _KERBEROS else service


def _result(stem: str, success: Text) -> str:
    if success in _TRUE:
        return f"{stem}-logon"
    return f"{stem}-refused" if success in _FALSE else f"{stem}-unjudged"


def _ssh(success: Text) -> Verdict:
    return Verdict(_result("ssh", success), "ssh")


def _ntlm(success: Text) -> Verdict:
    return Verdict(_result("ntlm", success), "ntlm")


def _kerberos(request: Text, success: Text, error: Text, service: Text) -> Verdict:
    kind = "krb-unjudged"
    if request == "AP" and success in _TRUE + _FALSE:
        kind = "krb-logon" if success in _TRUE else "krb-logon-refused"
    elif error in _PREAUTH:
        kind = "krb-preauth"
    elif success in _FALSE:
        kind = "krb-refused"
    elif success in _TRUE:
        kind = "krb-tgs" if request == "TGS" else "krb-as"
    return Verdict(kind, "kerberos", service)


def _rdp(result: Text) -> Verdict:
    return Verdict("rdp" if result in _RDP_RUNS else "rdp-refused", "rdp")


def _smb() -> Verdict:
    return Verdict("smb-mapping", "smb")


def _dce_rpc(endpoint: Text, operation: Text) -> Verdict:
    return Verdict("rpc-call", "dce_rpc", "::".join(part for part in (endpoint, operation) if part))


def _principal(text: str) -> Record:
    """``user/REALM``: the name of a principal may hold slashes itself, the realm holds none."""
    user, _, realm = text.rpartition("/")
    return {"user": user or None, "domain": realm} if "/" in text else {"user": text}


def _source(text: str) -> Record:
    return {"src": text}


def _destination(text: str) -> Record:
    return {"dst": text}


def _user(text: str) -> Record:
    return {"user": text}


def _cookie(text: str) -> Record:
    """``mstshash=``, which some clients fill with spaces."""
    return {"user": text.strip()}


def _domain(text: str) -> Record:
    return {"domain": text}


def _client(text: str) -> Record:
    return {"client": text}


def _hassh(text: str) -> Record:
    return {"hassh": text}


def _server(text: str) -> Record:
    return {"server": text}


def _host_key(text: str) -> Record:
    return {"host_key": text}


def _direction(text: str) -> Record:
    """INBOUND, OUTBOUND, BIDIRECTIONAL or NO_DIRECTION (base/utils/directions-and-hosts.zeek)."""
    return {"direction": text.lower()}


def _command(text: str) -> Record:
    return {"command": text}


ENDS: Mapping[str, _Convert] = {SOURCE: _source, DESTINATION: _destination}
"""The addresses of a connection, which every one of these logs has."""

LOGS: dict[str, Log] = {
    "conn": Log(
        marks=frozenset({"conn_state", "missed_bytes", "history", "orig_pkts", "resp_pkts"}),
        judged=("proto", "service", "conn_state"),
        judge=_conn,
        texts=ENDS,
        counts={"orig_bytes": "bytes_in", "resp_bytes": "bytes_out"},
        interval="duration",
    ),
    "ssh": Log(
        marks=frozenset({"auth_success", "auth_attempts", "kex_alg", "host_key_alg", "hassh", "hasshServer"}),
        judged=("auth_success",),
        judge=_ssh,
        texts={
            **ENDS,
            "client": _client,
            "hassh": _hassh,
            "server": _server,
            "host_key": _host_key,
            "direction": _direction,
        },
        counts={"auth_attempts": "attempts"},
    ),
    "kerberos": Log(
        marks=frozenset({"request_type", "till", "forwardable", "renewable"}),
        judged=("request_type", "success", "error_msg", "service"),
        judge=_kerberos,
        texts={**ENDS, "client": _principal},
    ),
    "ntlm": Log(
        marks=frozenset({"domainname", "server_nb_computer_name", "server_dns_computer_name", "server_tree_name"}),
        judged=("success",),
        judge=_ntlm,
        texts={**ENDS, "username": _user, "domainname": _domain},
    ),
    "rdp": Log(
        marks=frozenset({"security_protocol", "cert_count", "keyboard_layout", "client_build", "desktop_width"}),
        judged=("result",),
        judge=_rdp,
        texts={**ENDS, "cookie": _cookie, "client_build": _client},
    ),
    "smb_mapping": Log(
        marks=frozenset({"share_type"}),
        judged=(),
        judge=_smb,
        texts={**ENDS, "path": _command},
    ),
    "dce_rpc": Log(
        marks=frozenset({"named_pipe", "endpoint"}),
        judged=("endpoint", "operation"),
        judge=_dce_rpc,
        texts=ENDS,
    ),
}
"""By path, in the order in which their marks are looked for."""

PATHS = ("_path", "@stream")
"""The fields in which shippers name the log (Corelight; Zeek to Kafka and Elastic)."""


def marked(names: Iterable[str]) -> str | None:
    """The log that these fields are of; None where none of them tells."""
    known = set(names)
    return next((path for path, log in LOGS.items() if log.marks & known), None)
