"""Windows Remote Management: what its client and its server write. Facts: the manifest of Microsoft-Windows-WinRM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.readers.windows.rows import made

if TYPE_CHECKING:
    from graphmap.readers.windows.event import Event
    from graphmap.readers.windows.rows import Meaning


def read_client(event: Event) -> Meaning:
    """Read a 6; ``connection`` is ``HOST/wsman?PSVersion=...``, with ``http://`` and a port where they were given."""
    address = event.data.get("connection", "").strip()
    _, scheme, rest = address.rpartition("://")
    target = (rest if scheme else address).partition("/")[0]
    if not target:
        return "target is missing"
    host = target.strip("[]") if target.endswith("]") or target.count(":") > 1 else target.partition(":")[0]
    return made("winrm-client", "winrm", {"dst": host})


def read_shell(event: Event) -> Meaning:
    """Read a 91: `command` is what kind of shell it is. It names its user by SID only."""
    return made("winrm-shell", "winrm", {"command": event.data.get("resourceUri")})
