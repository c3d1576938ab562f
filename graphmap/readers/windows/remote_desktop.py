"""Remote Desktop: what its services and its client write besides the Security channel.

Facts: the manifests of the providers TerminalServices-LocalSessionManager (21 to 25), -RemoteConnectionManager (1149),
RemoteDesktopServices-RdpCoreTS (131, 140) and TerminalServices-ClientActiveXCore (1024, 1102).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.readers.windows.event import number
from graphmap.readers.windows.rows import made, parted

if TYPE_CHECKING:
    from graphmap.readers.records import Record
    from graphmap.readers.windows.event import Event
    from graphmap.readers.windows.rows import Meaning

_KINDS = {21: "rdp-logon", 22: "rdp-shell", 23: "rdp-logoff", 24: "rdp-disconnect", 25: "rdp-reconnect"}
_LOCAL = "LOCAL"


def read_session(event: Event) -> Meaning:
    """Read an event of LocalSessionManager; a desktop session is known by its number on the host.

    At the console Address is ``LOCAL`` in every language; a logoff has no address at all.
    """
    data = event.data
    address = data.get("Address", "").strip()
    row = parted(data.get("User"))
    row["src"] = None if address == _LOCAL else address
    session = number(data.get("SessionID"))
    row["session"] = None if session is None else f"desktop {session}"
    return made(_KINDS[event.heading.code], "console" if address == _LOCAL else "rdp", row)


def read_authentication(event: Event) -> Meaning:
    """Read a 1149: user, domain and address are its parameters without names."""
    data = event.data
    row: Record = {"user": data.get("Param1"), "domain": data.get("Param2"), "src": data.get("Param3")}
    return made("rdp-authenticated", "rdp", row)


def read_connection(event: Event) -> Meaning:
    """Read an RdpCoreTS 131: ClientIP is ``ADDRESS:PORT``, ``[ADDRESS]:PORT`` for IPv6.

    Pictures may go over a second connection, which has UDP for its ConnType.
    """
    address, _, port = event.data.get("ClientIP", "").strip().rpartition(":")
    row: Record = {"src": address.strip("[]"), "src_port": number(port)}
    return made("rdp-transport" if event.data.get("ConnType") == "UDP" else "rdp-connection", "rdp", row)


def read_refusal(event: Event) -> Meaning:
    """Read an RdpCoreTS 140."""
    return made("rdp-refused", "rdp", {"src": event.data.get("IPString", "").strip()})


def read_client(event: Event) -> Meaning:
    """Read what the client writes on the host that it is started on: 1024 names the target, 1102 its address."""
    target = event.data.get("Value", "").strip()
    if not target:
        return "target is missing"
    return made("rdp-client", "rdp", {"dst": target})
