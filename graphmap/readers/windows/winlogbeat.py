"""Events as winlogbeat and the Elastic Agent write them: Elastic Common Schema, with the event in ``winlog``.

Facts: the exported fields of winlogbeat 7 and 8 (Elastic's reference).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphmap.readers.windows.agent_json import AgentReader, Fields, inner
from graphmap.readers.windows.event import Event, Heading, heading_of, microseconds, number, text_of, texts_of

if TYPE_CHECKING:
    from datetime import tzinfo


_DEPTH = 8


class WinlogbeatReader(AgentReader):
    """Reads winlogbeat's JSON, one object a line, nested or with dotted names; other objects are left alone."""

    name = "winlogbeat"
    title = "Windows events as winlogbeat and the Elastic Agent write them: ECS JSON"
    code = re.compile(r'"(?:winlog\.)?event_id" ?: ?\[?"?(\d{1,9})\b')

    def heading(self, fields: Fields) -> Heading | None:
        """Tell which event an object is; None where it has none in ``winlog``."""
        winlog = inner(nested(fields), "winlog")
        return heading_of(winlog.get("channel"), winlog.get("event_id"))

    def event(self, heading: Heading, fields: Fields, zone: tzinfo) -> Event:
        """Give the event of an object that has a heading."""
        whole = nested(fields)
        winlog = inner(whole, "winlog")
        return Event(
            heading=heading,
            time=microseconds(text_of(winlog.get("time_created") or whole.get("@timestamp")), zone),
            data=texts_of(winlog.get("event_data")) or texts_of(winlog.get("user_data")),
            provider=text_of(winlog.get("provider_name")),
            host=text_of(winlog.get("computer_name")) or text_of(inner(whole, "host").get("name")),
            pid=number(text_of(inner(winlog, "process").get("pid"))),
            failed=text_of(inner(whole, "event").get("outcome")) == "failure",
        )


def nested(fields: Fields) -> Fields:
    """Give the same fields with dotted names (``winlog.channel``) as objects in objects."""
    if "winlog" in fields:
        return fields
    whole: Fields = {}
    for name, value in fields.items():
        *path, last = name.split(".", _DEPTH)
        place = whole
        for part in path:
            below = place.setdefault(part, {})
            if not isinstance(below, dict):
                break
            place = below
        else:
            place[last] = value
    return whole
