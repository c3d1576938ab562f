"""File shares in the Security channel, and Windows Remote Management.

Facts: Microsoft's reference of events 5140 and 5145; the manifest of Microsoft-Windows-WinRM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.readers.windows.event import number
from graphmap.readers.windows.rows import columns, logon_id, made

if TYPE_CHECKING:
    from graphmap.readers.records import Record
    from graphmap.readers.windows.event import Event
    from graphmap.readers.windows.rows import Meaning


def read_share(event: Event) -> Meaning:
    """Read a 5140: `command` is the share."""
    row = _access(event)
    row["command"] = event.data.get("ShareName")
    return made("share-refused" if event.failed else "share", "smb", row)


def read_share_file(event: Event) -> Meaning:
    """Read a 5145: `command` is the share and the file or pipe below it."""
    row = _access(event)
    share, below = event.data.get("ShareName", ""), event.data.get("RelativeTargetName", "").strip("\\")
    row["command"] = f"{share}\\{below}" if below else share
    return made("share-file-refused" if event.failed else "share-file", "smb", row)


def _access(event: Event) -> Record:
    data = event.data
    row = columns(data, "Subject")
    row["session"] = logon_id(data.get("SubjectLogonId"))
    row["src"], row["src_port"] = data.get("IpAddress"), number(data.get("IpPort"))
    return row
