"""Teleport's audit log: who took a session on which server, under which account, and what was run in it.

Source: Teleport's "Audit Events and Records" and its reference of audit events (codes T1000I and so on).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphmap.model import Action, Outcome, Witness
from graphmap.readers.json_lines import Document, text
from graphmap.readers.json_reader import OTHER, JsonReader, Meaning, made, moment
from graphmap.readers.kinds import Kind

if TYPE_CHECKING:
    from graphmap.readers.moments import Moments

KINDS = {
    "session-start": Kind(Action.LOGON, Outcome.SUCCESS, "a session began on a server, or a desktop"),
    "session-refused": Kind(Action.LOGON, Outcome.FAILURE, "a session was refused"),
    "session-end": Kind(Action.LOGOFF, Outcome.UNKNOWN, "a session ended"),
    "auth-failed": Kind(
        Action.LOGON, Outcome.FAILURE, "a server refused a certificate, or the account that it asked for"
    ),
    "user-login": Kind(Action.LOGON, Outcome.SUCCESS, "a person logged in to the cluster"),
    "user-login-failed": Kind(Action.LOGON, Outcome.FAILURE, "a person was refused by the cluster"),
    "exec": Kind(Action.PROCESS, Outcome.UNKNOWN, "a command, subsystem or copy was started"),
    "port-forward": Kind(Action.CONNECTION, Outcome.UNKNOWN, "a connection was forwarded through a server"),
}
"""Every kind that this reader gives."""

_KINDS = {
    "session.start": ("session-start", "session-refused"),
    "session.rejected": ("session-refused", "session-refused"),
    "session.end": ("session-end", "session-end"),
    "windows.desktop.session.start": ("session-start", "session-refused"),
    "windows.desktop.session.end": ("session-end", "session-end"),
    "user.login": ("user-login", "user-login-failed"),
    "auth": ("auth-failed", "auth-failed"),
    "exec": ("exec", "exec"),
    "scp": ("exec", "exec"),
    "subsystem": ("exec", "exec"),
    "port": ("port-forward", "port-forward"),
}
"""The kind of each event, where it succeeded and where it did not."""
_CODE = re.compile(r"T[A-Z]*\d{2,4}[A-Z]")
_COMPUTER = ("desktop_labels.teleport.dev/dns_host_name", "desktop_labels.teleport.dev/computer_name")


class TeleportReader(JsonReader):
    """Reads the audit log; events of databases, applications and of the cluster itself are left alone."""

    name = "teleport"
    title = "Teleport audit log: sessions on servers and desktops, cluster logins"

    def knows(self, document: Document) -> bool:
        """Tell by the name and code that every event has."""
        code = document.get("code")
        return isinstance(code, str) and _CODE.fullmatch(code) is not None and {"event", "time"} <= document.keys()

    def mean(self, document: Document, moments: Moments) -> Meaning:
        """Say what an event means."""
        event, kubernetes = document.get("event"), text(document, "proto") == "kube"
        kind = None if kubernetes or not isinstance(event, str) else _kind(event, document)
        if kind is None:
            return OTHER
        time = moment(moments, text(document, "time"))
        if kind.startswith("user-login"):
            who = {"user": text(document, "user"), "method": text(document, "method"), "service": "teleport"}
            return made(KINDS, kind, time, _source(document) | who | {"witness": Witness.DIRECTORY})
        desktop = str(event).startswith("windows.desktop")
        return made(KINDS, kind, time, _desktop(document) if desktop else _server(document, str(event)))


def _kind(event: str, document: Document) -> str | None:
    kinds = _KINDS.get(event)
    return kinds and kinds[document.get("success") is False]


def _source(document: Document) -> dict[str, Any]:
    return _address(text(document, "addr.remote"), "src") | {"session": text(document, "sid")}


def _server(document: Document, event: str) -> dict[str, Any]:
    command = text(document, "command")
    if event == "subsystem":
        command = f"subsystem:{text(document, 'name') or ''}"
    elif event == "port":
        command = f"forward to {text(document, 'addr') or '?'}"
    elif event == "scp":
        command = f"scp {text(document, 'action') or ''} {text(document, 'path') or ''}".strip()
    return {
        **_source(document),
        **_address(text(document, "server_addr", "addr.local"), "dst"),
        "dst_host": text(document, "server_hostname"),
        "service": "ssh",
        "witness": Witness.SERVER,
        "user": text(document, "login") or text(document, "user"),
        "cert_id": text(document, "user"),
        "command": command,
    }


def _desktop(document: Document) -> dict[str, Any]:
    return {
        "session": text(document, "sid"),
        **_address(text(document, "desktop_addr"), "dst"),
        "dst_host": text(document, *_COMPUTER),
        "service": "rdp",
        "witness": Witness.SERVER,
        "user": text(document, "windows_user", "login"),
        "domain": text(document, "windows_domain"),
        "cert_id": text(document, "user"),
    }


def _address(told: str | None, side: str) -> dict[str, Any]:
    """The address and port of ``10.0.0.1:3022`` or ``[::1]:3022``; an unspecified address says nothing."""
    address, _, port = (told or "").rpartition(":")
    address = address.strip("[]")
    if address in {"", "::", "0.0.0.0"}:  # noqa: S104 - an address of nobody, not one to listen on
        return {}
    return {side: address, f"{side}_port": int(port) if port.isdecimal() else None}
