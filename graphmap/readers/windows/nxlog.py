"""Events as NXLog writes them, and data sets that were collected with it: one flat object a line.

Facts: NXLog's reference of im_msvistalog, and of its to_json().
"""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from typing import TYPE_CHECKING

from graphmap.readers.windows.agent_json import AgentReader, Fields
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


_FIELDS = frozenset({"Hostname", "SourceName", "EventTime"})
_QUARTER = 15 * 60 * 1_000_000
"""Microseconds: what the offsets of time zones are multiples of."""
_DELAY = 2 * 60 * 1_000_000
"""Microseconds between NXLog and the next collector, at most, to tell the zone of NXLog's clock by both."""
_WIDEST = 14 * 4 * _QUARTER


class NxlogReader(AgentReader):
    """Reads NXLog's JSON, one object a line; objects that are no events of Windows are left alone.

    A stamp without offset is in the zone of NXLog's host, where the record shows it, else in that of the user.
    """

    name = "nxlog"
    title = "Windows events as NXLog writes them: flat JSON"
    code = re.compile(r'"EventID" ?: ?"?(\d{1,9})\b')

    def heading(self, fields: Fields) -> Heading | None:
        """Tell which event an object is; None where it is none of Windows."""
        if not _FIELDS & fields.keys():
            return None
        return heading_of(fields.get("Channel"), fields.get("EventID"))

    def event(self, heading: Heading, fields: Fields, zone: tzinfo) -> Event:
        """Give the event of an object that has a heading."""
        return Event(
            heading=heading,
            time=_time(fields, zone),
            data=texts_of({name: value for name, value in fields.items() if name != "Channel"}),  # the record's
            provider=text_of(fields.get("SourceName")),
            host=text_of(fields.get("Hostname")),
            pid=number(text_of(fields.get("ExecutionProcessID"))),
            failed=fields.get("EventType") == "AUDIT_FAILURE" or is_failure(text_of(fields.get("Keywords"))),
        )


def _time(fields: Fields, zone: tzinfo) -> int | None:
    stamp = text_of(fields.get("TimeCreated")) or text_of(fields.get("EventTime"))
    return microseconds(stamp, _zone(fields) or zone)


def _zone(fields: Fields) -> tzinfo | None:
    """Tell the zone of NXLog's clock by a later collector's stamp of the same event, which is in UTC.

    NXLog writes EventTime and EventReceivedTime without an offset, in the zone of its own host. Logstash and others
    add ``@timestamp`` when they receive the event, moments after EventReceivedTime.
    """
    received, collected = (microseconds(fields.get(name)) for name in ("EventReceivedTime", "@timestamp"))
    if received is None or collected is None:
        return None
    quarters, rest = divmod(collected - received, _QUARTER)
    if rest > _DELAY or abs(quarters * _QUARTER) > _WIDEST:
        return None
    return timezone(-timedelta(microseconds=quarters * _QUARTER))
