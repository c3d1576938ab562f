"""Suricata's eve.json: what a network sensor saw of SSH, RDP, SMB, Kerberos, and of every flow.

Source: the Suricata User Guide, "Eve JSON Format", and rust/src/{ssh,rdp,smb,krb}/ of its repository.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmap.model import Action, Outcome, Witness
from graphmap.readers.json_lines import Document, text, whole
from graphmap.readers.json_reader import OTHER, JsonReader, Meaning, made, moment
from graphmap.readers.kinds import Kind
from graphmap.readers.ports import PORTS, service_of

if TYPE_CHECKING:
    from graphmap.readers.moments import Moments

KINDS = {
    "flow": Kind(Action.CONNECTION, Outcome.UNKNOWN, "a connection, or a flow of datagrams, from its start to its end"),
    "ssh": Kind(Action.CONNECTION, Outcome.UNKNOWN, "two SSH programs introduced themselves"),
    "rdp-request": Kind(Action.CONNECTION, Outcome.UNKNOWN, "a client asked for a Remote Desktop session"),
    "rdp-refused": Kind(Action.CONNECTION, Outcome.FAILURE, "the server refused it"),
    "smb-logon": Kind(Action.LOGON, Outcome.SUCCESS, "an SMB server accepted a session"),
    "smb-failed": Kind(Action.LOGON, Outcome.FAILURE, "an SMB server refused a session"),
    "smb-share": Kind(Action.CONNECTION, Outcome.UNKNOWN, "a share was connected"),
    "krb-ticket": Kind(Action.CONNECTION, Outcome.UNKNOWN, "a domain controller gave a ticket"),
    "krb-failed": Kind(Action.CONNECTION, Outcome.FAILURE, "a domain controller refused a ticket"),
}
"""Every kind that this reader gives."""

_TYPES = ("flow", "ssh", "rdp", "smb", "krb5")
_SERVICES = {"krb5": "kerberos", "dcerpc": "rpc", "ssh": "ssh", "rdp": "rdp", "smb": "smb", "ftp": "ftp", "nfs": "nfs",
             "telnet": "telnet", "ldap": "ldap", "rfb": "vnc", "tftp": "tftp", "pgsql": "postgresql"}  # fmt: skip
_UNFINISHED = frozenset({"STATUS_MORE_PROCESSING_REQUIRED", ""})
_PREAUTHENTICATION = "KDC_ERR_PREAUTH_REQUIRED"


class SuricataReader(JsonReader):
    """Reads eve.json; alerts, DNS, HTTP and other events are counted and left alone."""

    name = "suricata"
    title = "Suricata eve.json: flow, ssh, rdp, smb, krb5"

    def knows(self, document: Document) -> bool:
        """Tell by the keys that every event of Suricata has."""
        typed = isinstance(document.get("event_type"), str) and "timestamp" in document
        return typed and ("flow_id" in document or document["event_type"] == "stats")

    def mean(self, document: Document, moments: Moments) -> Meaning:
        """Say what an event means."""
        kind = document.get("event_type")
        inner = document.get(kind) if isinstance(kind, str) and kind in _TYPES else None
        if not isinstance(inner, dict):
            return OTHER
        time = moment(moments, text(document, "timestamp"))
        match kind:
            case "flow":
                return _flow(document, inner, moments)
            case "ssh":
                told = {
                    "client": text(inner, "client.software_version"),
                    "hassh": text(inner, "client.hassh.hash"),
                    "server": text(inner, "server.software_version"),
                }
                return made(KINDS, "ssh", time, _ends(document, "ssh") | told)
            case "rdp":
                return _rdp(document, inner, time)
            case "smb":
                return _smb(document, inner, time)
        return _kerberos(document, inner, time)


def _ends(document: Document, service: str) -> dict[str, Any]:
    """The two ends, the client first: some transactions are logged with the packet of the server."""
    src_port, dst_port = whole(document, "src_port"), whole(document, "dest_port")
    src, dst = text(document, "src_ip"), text(document, "dest_ip")
    if PORTS.get(src_port or 0) == service and PORTS.get(dst_port or 0) != service:
        src, dst, src_port, dst_port = dst, src, dst_port, src_port
    return {
        "service": service, "witness": Witness.NETWORK, "src": src, "src_port": src_port, "dst": dst,
        "dst_port": dst_port, "session": text(document, "flow_id"),
    }  # fmt: skip


def _flow(document: Document, flow: Document, moments: Moments) -> Meaning:
    if document.get("proto") not in {"TCP", "UDP", "SCTP"}:
        return OTHER
    start = moment(moments, text(flow, "start"))
    end = moments.read(text(flow, "end") or "")
    service = _SERVICES.get(text(document, "app_proto") or "") or service_of(whole(document, "dest_port"))
    columns = {
        **_ends(document, service),
        "src": text(document, "src_ip"), "src_port": whole(document, "src_port"),
        "dst": text(document, "dest_ip"), "dst_port": whole(document, "dest_port"),
        "bytes_in": whole(flow, "bytes_toserver"), "bytes_out": whole(flow, "bytes_toclient"),
        "duration": None if end is None else end - start,
    }  # fmt: skip
    return made(KINDS, "flow", start, columns)


def _rdp(document: Document, rdp: Document, time: int) -> Meaning:
    event, ends = rdp.get("event_type"), _ends(document, "rdp")
    if event == "initial_response":
        return made(KINDS, "rdp-refused", time, ends) if text(rdp, "error_code") else None
    if event not in {"initial_request", "connect_request"}:
        return None
    client = {
        "user": text(rdp, "cookie"),
        "src_host": text(rdp, "client.client_name"),
        "client": text(rdp, "client.build"),
    }
    return made(KINDS, "rdp-request", time, ends | client)


def _smb(document: Document, smb: Document, time: int) -> Meaning:
    command, status = text(smb, "command") or "", text(smb, "status") or ""
    session = text(smb, "session_id")
    if command.endswith("SESSION_SETUP") or command.startswith("SMB1_COMMAND_SESSION_SETUP"):
        if status in _UNFINISHED:
            return None
        kerberos = "kerberos" in smb
        who = {
            "user": text(smb, "ntlmssp.user"), "domain": text(smb, "ntlmssp.domain", "kerberos.realm"),
            "src_host": text(smb, "ntlmssp.host"), "method": "kerberos" if kerberos else "ntlm", "session": session,
        }  # fmt: skip
        kind = "smb-logon" if status == "STATUS_SUCCESS" else "smb-failed"
        return made(KINDS, kind, time, _ends(document, "smb") | who)
    if share := text(smb, "share"):
        return made(KINDS, "smb-share", time, _ends(document, "smb") | {"command": share, "session": session})
    return None


def _kerberos(document: Document, krb: Document, time: int) -> Meaning:
    kind = text(krb, "msg_type") or ""
    if kind not in {"KRB_AS_REP", "KRB_TGS_REP", "KRB_ERROR"} or text(krb, "error_code") == _PREAUTHENTICATION:
        return None  # being asked to prove who one is, is part of every ticket's way
    who = {
        "user": text(krb, "cname"),
        "domain": text(krb, "realm"),
        "command": text(krb, "sname"),
        "method": "kerberos",
    }
    told = {name: None if value in {"<empty>", "<none>"} else value for name, value in who.items()}
    return made(KINDS, "krb-failed" if kind == "KRB_ERROR" else "krb-ticket", time, _ends(document, "kerberos") | told)
