"""Elastic Common Schema: logons as filebeat and auditbeat report them, flows of packetbeat, SSH programs that started.

Source: the ECS field reference (event.*, user.*, source.*, destination.*), filebeat's module system/auth and
auditbeat's modules auditd and system/login. Documents of winlogbeat (``winlog``) belong to the reader of Windows
events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphmap.model import Action, Outcome, Witness
from graphmap.readers import auditbeat
from graphmap.readers.json_lines import Document, pick, text, whole
from graphmap.readers.json_reader import OTHER, JsonReader, Meaning, made, moment
from graphmap.readers.kinds import Kind
from graphmap.readers.ports import service_of

if TYPE_CHECKING:
    from graphmap.readers.moments import Moments

KINDS = {
    "accepted": Kind(Action.LOGON, Outcome.SUCCESS, "a logon that succeeded"),
    "failed": Kind(Action.LOGON, Outcome.FAILURE, "a logon that was refused"),
    "attempt": Kind(Action.LOGON, Outcome.UNKNOWN, "a logon of which the document does not say how it ended"),
    "invalid-user": Kind(
        Action.CONNECTION, Outcome.FAILURE, "sshd's `Invalid user`; `failed` follows where a try was made"
    ),
    "logout": Kind(Action.LOGOFF, Outcome.UNKNOWN, "a session ended"),
    "flow": Kind(Action.CONNECTION, Outcome.UNKNOWN, "a connection"),
    "flow-denied": Kind(Action.CONNECTION, Outcome.FAILURE, "a connection that was denied"),
    "client-start": Kind(Action.PROCESS, Outcome.UNKNOWN, "a program that goes to other hosts was started"),
    **auditbeat.KINDS,
}
"""Every kind that this reader gives."""

CLIENTS = frozenset({
    "ssh", "scp", "sftp", "rsync", "plink", "pscp", "psftp", "autossh", "sshpass", "proxychains", "proxychains4",
    "ssh.exe", "scp.exe", "sftp.exe", "plink.exe", "pscp.exe", "psftp.exe", "putty.exe",
})  # fmt: skip
"""Programs whose start is an event."""

_ENDS = frozenset({"user_logout", "logged-out", "ended-session", "logout", "logoff", "session_closed"})
_LOGINS = frozenset({"user_login", "user_logout"})
"""The records of auditd that report a login and its end; the others are its steps, or of another program."""


class EcsReader(JsonReader):
    """Reads documents of Elasticsearch and of beats; those of other categories are counted and left alone."""

    name = "ecs"
    of_host = True
    title = "ECS JSON: filebeat system.auth, auditbeat's audit events and logins, packetbeat flows"

    def knows(self, document: Document) -> bool:
        """Tell by the time, and the keys of ``event`` or of the beat that wrote the document."""
        inner = _inner(document)
        if "@timestamp" not in inner or pick(inner, "winlog") is not None:
            return False
        told = ("event.category", "event.dataset", "event.module", "ecs.version")
        return any(pick(inner, path) is not None for path in told)

    def mean(self, document: Document, moments: Moments) -> Meaning:
        """Say what a document means."""
        inner = _inner(document)
        if pick(inner, "winlog") is not None or "@timestamp" not in inner:
            return OTHER
        categories, actor = _words(inner, "event.category"), text(inner, "process.name")
        time = moment(moments, text(inner, "@timestamp"))
        if "authentication" in categories or "session" in categories:
            return _logon(inner, time)
        if pick(inner, "auditd.message_type") is not None and (found := auditbeat.read_audit(inner, time)) != OTHER:
            return found
        if not categories.isdisjoint({"network", "network_traffic"}) and text(inner, "destination.ip"):
            return _flow(inner, time, moments)
        if "process" in categories and actor in CLIENTS and "end" not in _words(inner, "event.type"):
            return _client(inner, time)
        return OTHER


def _inner(document: Document) -> Document:
    """The document itself; exports of an index wrap it."""
    inner = document.get("_source")
    return inner if isinstance(inner, dict) else document


def _words(document: Document, path: str) -> frozenset[str]:
    value = pick(document, path)
    return frozenset(str(item).casefold() for item in (value if isinstance(value, list) else [value]) if item)


def _ends(document: Document) -> dict[str, Any]:
    return {
        "src": text(document, "source.ip", "source.address", "system.auth.ssh.dropped_ip"),
        "src_port": whole(document, "source.port"),
        "dst_port": whole(document, "destination.port"),
        "user": text(document, "user.name", "user.effective.name"),
        "domain": text(document, "user.domain"),
    }


def _logon(document: Document, time: int) -> Meaning:
    action = (text(document, "event.action") or "").casefold()
    record = text(document, "auditd.message_type")
    if record is not None and record.casefold() not in _LOGINS:
        return None
    kind = {"success": "accepted", "failure": "failed"}.get(text(document, "event.outcome") or "", "attempt")
    if action in _ENDS or "end" in _words(document, "event.type"):
        kind = "logout"
    elif (text(document, "system.auth.ssh.event") or "").casefold() == "invalid":
        kind = "invalid-user"
    elif kind == "attempt" and "session" in _words(document, "event.category"):
        return None
    service = _service(document, action)
    return made(KINDS, kind, time, {
        **_ends(document),
        "service": service,
        "witness": Witness.SERVER,
        "dst_host": text(document, "host.hostname", "host.name", "agent.hostname"),
        "dst": text(document, "destination.ip"),
        "method": text(document, "system.auth.ssh.method"),
        "key": _key(text(document, "system.auth.ssh.signature")),
        "pid": whole(document, "process.pid"),
        "session": auditbeat.session_of(document) or (_connection(document) if service == "ssh" else None),
    })  # fmt: skip


def _service(document: Document, action: str) -> str:
    """The service that was logged on to; `login` where the document does not say."""
    program = text(document, "process.name", "process.executable", "service.type", "network.protocol") or ""
    if action.startswith("ssh") or program.rpartition("/")[2].startswith("sshd") or pick(document, "system.auth.ssh"):
        return "ssh"
    return text(document, "network.protocol", "service.type") or "login"


def _connection(document: Document) -> str | None:
    """What joins the lines of one SSH connection, written as the readers of sshd's own log do."""
    address, port = text(document, "source.ip"), whole(document, "source.port")
    if address is None or port is None:
        return None
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _key(told: str | None) -> str | None:
    """The fingerprint in what sshd wrote behind ``ssh2:``."""
    words = (told or "").split()
    return next((word for word in words if word.startswith(("SHA256:", "MD5:"))), None)


def _flow(document: Document, time: int, moments: Moments) -> Meaning:
    start = moments.read(text(document, "event.start") or "")
    nanoseconds = whole(document, "event.duration")
    denied = not _words(document, "event.type").isdisjoint({"denied"})
    return made(KINDS, "flow-denied" if denied else "flow", time if start is None else start, {
        **_ends(document),
        "service": text(document, "network.protocol") or service_of(whole(document, "destination.port")),
        "witness": Witness.NETWORK,
        "dst": text(document, "destination.ip"),
        "bytes_in": whole(document, "source.bytes"),
        "bytes_out": whole(document, "destination.bytes"),
        "duration": None if nanoseconds is None else nanoseconds // 1000,
        "session": text(document, "network.community_id", "flow.id"),
    })  # fmt: skip


def _client(document: Document, time: int) -> Meaning:
    arguments = pick(document, "process.args")
    joined = " ".join(map(str, arguments)) if isinstance(arguments, list) else None
    return made(KINDS, "client-start", time, {
        "service": "ssh",
        "witness": Witness.CLIENT,
        "user": text(document, "user.name"),
        "dst_host": text(document, "host.hostname", "host.name", "agent.hostname"),
        "pid": whole(document, "process.pid"),
        "session": auditbeat.session_of(document),
        "command": text(document, "process.command_line") or joined,
        "client": text(document, "process.name"),
    })  # fmt: skip
