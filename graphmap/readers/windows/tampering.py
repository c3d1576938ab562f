"""What an attacker does to the log itself: it is cleared, its service is stopped, less is written into it.

Facts: Microsoft's reference of events 1100, 1102 and 4719; the manifest of Microsoft-Windows-Eventlog (104).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphmap.readers.windows.rows import columns, logon_id, made

if TYPE_CHECKING:
    from graphmap.readers.windows.event import Event
    from graphmap.readers.windows.rows import Meaning

_CHANGES = {"8448": "success removed", "8449": "success added", "8450": "failure removed", "8451": "failure added"}
_CODE = re.compile(r"%%(\d{1,5})")


def read_cleared(event: Event) -> Meaning:
    """Read a 1102 of the Security log, or a 104 of any other: `command` is the channel that was cleared."""
    row = columns(event.data, "Subject")
    row["session"] = logon_id(event.data.get("SubjectLogonId"))
    row["command"] = "Security" if event.heading.channel == "security" else event.data.get("Channel")
    return made("log-cleared", "audit", row)


def read_policy(event: Event) -> Meaning:
    """Read a 4719: `command` is the subcategory, by its GUID, and what is or is not written of it any more."""
    row = columns(event.data, "Subject")
    row["session"] = logon_id(event.data.get("SubjectLogonId"))
    changes = _CODE.sub(lambda code: _CHANGES.get(code[1], code[0]), event.data.get("AuditPolicyChanges", ""))
    row["command"] = f"{event.data.get('SubcategoryGuid', '')} {changes}".strip()
    return made("audit-changed", "audit", row)


def read_shutdown(_event: Event) -> Meaning:
    """Read an 1100, which an ordinary shutdown writes as well."""
    return made("audit-ended", "audit", {})
