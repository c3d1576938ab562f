"""Events as Wazuh writes them to alerts.json and archives.json: in ``data.win``.

Facts: Wazuh's reference of its Windows event channel decoder.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphmap.readers.windows.agent_json import AgentReader, Fields, inner
from graphmap.readers.windows.event import (
    Event,
    Heading,
    heading_of,
    is_failure,
    microseconds,
    number,
    text_of,
    texts_of,
)

if TYPE_CHECKING:
    from datetime import tzinfo


class WazuhReader(AgentReader):
    """Reads Wazuh's JSON, one object a line; alerts about anything else are left alone."""

    name = "wazuh"
    title = "Windows events as Wazuh writes them: alerts.json, archives.json"
    code = re.compile(r'"eventID" ?: ?"?(\d{1,9})\b')

    def heading(self, fields: Fields) -> Heading | None:
        """Tell which event an object is; None where it has none in ``data.win``."""
        system = inner(fields, "data", "win", "system")
        return heading_of(system.get("channel"), system.get("eventID"))

    def event(self, heading: Heading, fields: Fields, zone: tzinfo) -> Event:
        """Give the event of an object that has a heading."""
        win = inner(fields, "data", "win")
        system = inner(win, "system")
        severity = text_of(system.get("severityValue")) or ""
        return Event(
            heading=heading,
            time=microseconds(text_of(system.get("systemTime")), zone),
            data=_data(win),
            provider=text_of(system.get("providerName")),
            host=text_of(system.get("computer")),
            pid=number(text_of(system.get("processID"))),
            failed=severity.upper() == "AUDIT_FAILURE" or is_failure(text_of(system.get("keywords"))),
        )


def _data(win: Fields) -> dict[str, str]:
    """Give what the event holds under the names of Windows.

    Wazuh writes the first letter small and each backslash twice. UserData is an object beside ``system`` of the name
    of its element.
    """
    found = texts_of(win.get("eventdata"))
    if not found:
        found = next((texts_of(part) for name, part in win.items() if name != "system" and isinstance(part, dict)), {})
    plain = {name: value.replace("\\\\", "\\") for name, value in found.items()}
    return plain | {name[:1].upper() + name[1:]: value for name, value in plain.items()}
