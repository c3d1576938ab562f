"""JSON that agents write of Windows events, one object a line: what winlogbeat, Wazuh and NXLog have in common."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from graphmap.readers.lines import BadLine, split_lines
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


class Agent(Protocol):
    """How one agent writes an event."""

    name: str
    code: re.Pattern[str]
    """Finds event numbers in a line that was not parsed."""

    def heading(self, fields: Fields) -> Heading | None:
        """Tell which event an object is; None where it is none of Windows."""

    def event(self, heading: Heading, fields: Fields, zone: tzinfo) -> Event:
        """Give the event of an object that has a heading."""


def has_event(agent: Agent, head: bytes) -> bool:
    """Tell whether one of the first lines is an object with an event of Windows."""
    if not head.lstrip().startswith(b"{"):
        return False
    lines = head.decode("utf-8", "backslashreplace").split("\n")[:_SNIFFED_LINES]
    objects = (parse_object(line) for line in lines if agent.code.search(line))
    return any(fields is not None and agent.heading(fields) is not None for fields in objects)


def read_objects(agent: Agent, source: Source, options: ReadOptions) -> Iterator[Batch]:
    """Read a source whose lines are objects.

    Raises
    ------
    InputError
        The source cannot be opened.
    """
    batch = RecordBuilder(agent.name, source)
    position = 0
    with source.open() as stream:
        for part in split_lines(stream):
            position = part.position
            if isinstance(part, BadLine):
                batch.lines += 1
                batch.reject(part.line, part.reason, part.text)
                continue
            for number, line in enumerate(part.lines, part.first):
                batch.lines += 1
                _scan(batch, number, line, agent, options.zone)
                if batch.full:
                    yield from batch.take(position)
    yield from batch.take(position)


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


def _scan(batch: RecordBuilder, number: int, line: str, agent: Agent, zone: tzinfo) -> None:
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
