"""JSON that agents write of Windows events, one object a line: what winlogbeat, Wazuh and NXLog have in common."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from graphmap.readers.linewise import read_linewise
from graphmap.readers.records import RecordBuilder
from graphmap.readers.windows.meanings import knows, knows_code, put

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator
    from datetime import tzinfo

    from graphmap.readers.base import Batch, ReadOptions, Source
    from graphmap.readers.windows.event import Event, Heading

Fields = dict[str, Any]
_SNIFFED_LINES = 50


class AgentReader:
    """Reads the JSON of one agent, one object a line; objects that are no events of Windows are left alone."""

    name: str
    title: str
    code: re.Pattern[str]
    """Finds event numbers in a line that was not parsed."""

    def sniff(self, head: bytes) -> bool:
        """Tell whether one of the first lines is an object with an event of Windows."""
        if not head.lstrip().startswith(b"{"):
            return False
        lines = head.decode("utf-8", "backslashreplace").split("\n")[:_SNIFFED_LINES]
        objects = (parse_object(line) for line in lines if self.code.search(line))
        return any(fields is not None and self.heading(fields) is not None for fields in objects)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options.zone` is that of stamps without offset.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        batch = RecordBuilder(self.name, source)
        yield from read_linewise(source, batch, lambda number, line: _scan(batch, number, line, self, options.zone))

    def heading(self, fields: Fields) -> Heading | None:
        """Tell which event an object is; None where it is none of Windows."""
        raise NotImplementedError

    def event(self, heading: Heading, fields: Fields, zone: tzinfo) -> Event:
        """Give the event of an object that has a heading."""
        raise NotImplementedError


def parse_object(line: str) -> Fields | None:
    """Parse one line, out of the envelope of a search engine where it has one; None where it is no JSON object."""
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    content = fields.get("_source")
    return content if isinstance(content, dict) else fields


def inner(fields: Fields, *path: str) -> Fields:
    """Give the object at a path; empty where there is none."""
    for name in path:
        found = fields.get(name)
        if not isinstance(found, dict):
            return {}
        fields = found
    return fields


def _scan(batch: RecordBuilder, number: int, line: str, agent: AgentReader, zone: tzinfo) -> None:
    codes = agent.code.findall(line)
    if codes and line.endswith("}") and not any(knows_code(int(code)) for code in codes):
        batch.other += 1  # most lines: spares parsing them
        return
    fields = parse_object(line)
    if fields is None:
        if line.strip():
            batch.reject(number, "not a JSON object", line)
        else:
            batch.other += 1
        return
    heading = agent.heading(fields)
    if heading is None or not knows(heading):
        batch.other += 1
    else:
        put(batch, number, agent.event(heading, fields, zone), line)
