"""OCSF events: authentication, network, SSH and RDP activity, in the JSON of Amazon Security Lake and its like.

Source: schema.ocsf.io, versions 1.0 to 1.8, classes 3002, 4001, 4005 and 4007. Times are milliseconds since 1970.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmap.model import Action, Outcome, Witness
from graphmap.readers.json_lines import Document, text, whole
from graphmap.readers.json_reader import OTHER, JsonReader, Meaning, NotReadableError, made
from graphmap.readers.kinds import Kind
from graphmap.readers.moments import UNITS, number
from graphmap.readers.ports import service_of
from graphmap.readers.records import RecordBuilder

if TYPE_CHECKING:
    from graphmap.readers.moments import Moments

KINDS = {
    "logon": Kind(Action.LOGON, Outcome.SUCCESS, "3002: a logon that succeeded"),
    "logon-failed": Kind(Action.LOGON, Outcome.FAILURE, "3002: a logon that was refused"),
    "logon-tried": Kind(Action.LOGON, Outcome.UNKNOWN, "3002: a logon of which the event does not say how it ended"),
    "logoff": Kind(Action.LOGOFF, Outcome.UNKNOWN, "3002: a session ended"),
    "ticket": Kind(Action.CONNECTION, Outcome.UNKNOWN, "3002: a ticket was asked for"),
    "ticket-failed": Kind(Action.CONNECTION, Outcome.FAILURE, "3002: a ticket was refused"),
    "flow": Kind(
        Action.CONNECTION, Outcome.UNKNOWN, "4001: a connection was opened or closed, or its traffic was counted"
    ),
    "flow-failed": Kind(Action.CONNECTION, Outcome.FAILURE, "4001: a connection failed or was refused"),
    "ssh": Kind(Action.CONNECTION, Outcome.UNKNOWN, "4007: a client connected, or left"),
    "ssh-accepted": Kind(Action.LOGON, Outcome.SUCCESS, "4007: the event names the authentication, and success"),
    "ssh-failed": Kind(Action.LOGON, Outcome.FAILURE, "4007: the event names the authentication, and failure"),
    "rdp": Kind(Action.CONNECTION, Outcome.UNKNOWN, "4005: a client asked for a session, connected, or left"),
    "rdp-failed": Kind(Action.CONNECTION, Outcome.FAILURE, "4005: it was refused"),
}
"""Every kind that this reader gives."""

AUTHENTICATION, NETWORK, RDP, SSH = 3002, 4001, 4005, 4007
_LOGOFF, _TICKETS = 2, frozenset({3, 4, 6})  # activity_id of 3002
_FAIL, _REFUSE = 4, 5  # activity_id of 4001
_SUCCESS, _FAILURE = 1, 2  # status_id
_PROTOCOLS = {1: "ntlm", 2: "kerberos", 3: "digest", 4: "openid", 5: "saml", 6: "oauth", 7: "pap", 8: "chap", 9: "eap",
              10: "radius"}  # fmt: skip
_LOGON_TYPES = {2: "console", 3: "network", 4: "batch", 5: "service", 7: "console", 8: "network", 9: "local", 10: "rdp",
                11: "console", 12: "rdp", 13: "console"}  # fmt: skip


class OcsfReader(JsonReader):
    """Reads OCSF; events of other classes are counted and left alone."""

    name = "ocsf"
    title = "OCSF JSON: 3002 authentication, 4001 network, 4005 RDP, 4007 SSH"

    def knows(self, document: Document) -> bool:
        """Tell by the keys that every event must have."""
        return {"class_uid", "time", "activity_id"} <= document.keys()

    def mean(self, document: Document, moments: Moments) -> Meaning:
        """Say what an event means."""
        match whole(document, "class_uid"):
            case 3002:
                read = _authentication
            case 4001:
                read = _network
            case 4005:
                read = _rdp
            case 4007:
                read = _ssh
            case _:
                return OTHER
        kind, columns = read(document)
        time = _time(document, moments)
        return made(KINDS, kind, time, _ends(document) | columns)


def _time(document: Document, moments: Moments) -> int:
    told = text(document, "start_time") if whole(document, "duration") else None
    told = told or text(document, "time", "time_dt")
    time = number(told or "", UNITS["unix_ms"])
    time = moments.read(told or "") if time is None else time
    if time is None or not RecordBuilder.is_time(time):
        raise NotReadableError(f"time: {(told or '')[:60]!r} is none")
    return time


def _ends(document: Document) -> dict[str, Any]:
    """The two ends; a destination is called by its name, else by that of the device that tells of it."""
    return {
        "src": text(document, "src_endpoint.ip"),
        "src_host": text(document, "src_endpoint.hostname", "src_endpoint.name"),
        "src_port": whole(document, "src_endpoint.port"),
        "dst": text(document, "dst_endpoint.ip"),
        "dst_port": whole(document, "dst_endpoint.port"),
        "user": text(document, "user.name", "actor.user.name"),
        "domain": text(document, "user.domain", "actor.user.domain"),
        "session": text(document, "session.uid", "actor.session.uid"),
    }


def _authentication(document: Document) -> tuple[str, dict[str, Any]]:
    activity, status = whole(document, "activity_id"), whole(document, "status_id")
    ticket = activity in _TICKETS
    kind = {_SUCCESS: "logon", _FAILURE: "logon-failed"}.get(status or 0, "logon-tried")
    if ticket:
        kind = "ticket-failed" if status == _FAILURE else "ticket"
    elif activity == _LOGOFF:
        kind = "logoff"
    protocol = text(document, "auth_protocol")
    return kind, {
        "service": "kerberos" if ticket else _service(document),
        "witness": Witness.DIRECTORY if ticket else Witness.SERVER,
        "method": _PROTOCOLS.get(whole(document, "auth_protocol_id") or 0)
        or (protocol.casefold() if protocol else None),
        "dst_host": text(document, "dst_endpoint.hostname", "dst_endpoint.name", "device.hostname", "device.name"),
    }


def _service(document: Document) -> str:
    port = whole(document, "dst_endpoint.port")
    named = text(document, "service.name", "logon_process.name") or ""
    if "ssh" in named.casefold():
        return "ssh"
    return _LOGON_TYPES.get(whole(document, "logon_type_id") or 0) or (service_of(port) if port else "login")


def _network(document: Document) -> tuple[str, dict[str, Any]]:
    activity, milliseconds = whole(document, "activity_id"), whole(document, "duration")
    failed = activity in {_FAIL, _REFUSE} or whole(document, "disposition_id") == 2  # noqa: PLR2004 - blocked
    return "flow-failed" if failed else "flow", {
        "service": service_of(whole(document, "dst_endpoint.port")),
        "witness": Witness.NETWORK,
        "bytes_in": whole(document, "traffic.bytes_out"),  # the schema counts from the source's side
        "bytes_out": whole(document, "traffic.bytes_in"),
        "duration": milliseconds * 1000 if milliseconds else None,
    }


def _rdp(document: Document) -> tuple[str, dict[str, Any]]:
    failed = whole(document, "status_id") == _FAILURE
    client = text(document, "client_info.client_name", "device.hostname")
    return "rdp-failed" if failed else "rdp", {
        "service": "rdp",
        "witness": Witness.NETWORK,
        "src_host": client,
        "user": text(document, "user.name", "identifier_cookie"),
    }


def _ssh(document: Document) -> tuple[str, dict[str, Any]]:
    status, method = whole(document, "status_id"), text(document, "auth_type")
    kind = {_SUCCESS: "ssh-accepted", _FAILURE: "ssh-failed"}.get(status or 0, "ssh") if method else "ssh"
    return kind, {
        "service": "ssh",
        "witness": Witness.NETWORK,
        "method": {"public key": "publickey", "keyboard interactive": "keyboard-interactive"}.get(
            (method or "").casefold(), method.casefold() if method else None
        ),
        "hassh": text(document, "client_hassh.fingerprint.value"),
    }
