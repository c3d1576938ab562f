"""Events as XML: ``wevtutil qe LOG /f:xml``, the event viewer's "Save as XML", PowerShell's ``ToXml()``.

With or without a root element, one event a line or all in one. Only the text from ``<Event`` to ``</Event>`` is given
to the XML parser: no document type reaches it, so there are no entities to expand and none to fetch.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from graphmap.readers.quotes import read_again
from graphmap.readers.records import RecordBuilder
from graphmap.readers.windows.elements import Elements, text_decoder
from graphmap.readers.windows.event import Event, heading_of, is_failure, microseconds, number
from graphmap.readers.windows.meanings import knows_code, put

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from graphmap.readers.base import Batch, Quote, ReadOptions, Source
    from graphmap.readers.windows.elements import Element

_FIRST = re.compile(r"\ufeff?(?:[\s-]|<\?[^<>]*\?>|<Events(?:\s[^<>]*)?>)*<Event(?=[\s>])")

_BREAK = re.compile(r">\s*\n\s*<")
_CODE = re.compile(r"<EventID(?:\s[^<>]*)?>(\d{1,9})</EventID>")


class EventXmlReader:
    """Reads events as XML. `line` is the place of the event among those in the file, from 1."""

    name = "windows-xml"
    title = "Windows events as XML: wevtutil qe, the event viewer, PowerShell"

    def sniff(self, head: bytes) -> bool:
        """Tell whether the first element is an Event, or an Events with one in it."""
        return _FIRST.match(text_decoder(head).decode(head)) is not None

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options` do not matter: stamps are in UTC.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        batch = RecordBuilder(self.name, source)
        with source.open() as stream:
            elements = Elements(stream)
            for line, element in enumerate(elements, 1):
                batch.lines += 1
                _scan(batch, line, element)
                if batch.full:
                    yield from batch.take(elements.position)
        yield from batch.take(elements.position)

    def quote(self, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
        """Quote events, each in one line.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        with source.open() as stream:
            elements = islice(Elements(stream), max(lines, default=0))
            picked = [
                (line, _BREAK.sub("><", element.text).replace("\n", " "))
                for line, element in enumerate(elements, 1)
                if line in lines and element.problem is None
            ]
        return read_again(self, source, options, picked)


def parse_element(text: str) -> Event | None:
    """Parse an Event element; None where it is not well-formed or lacks what makes it one."""
    try:
        root = ET.fromstring(text)  # noqa: S314 - see the module's docstring
    except (ET.ParseError, ValueError):
        return None
    parts = {_name(part): part for part in root}
    system = {_name(part): part for part in parts.get("System", ())}
    heading = heading_of(_text(system.get("Channel")), _text(system.get("EventID")))
    if heading is None:
        return None
    return Event(
        heading=heading,
        time=microseconds(_attribute(system.get("TimeCreated"), "SystemTime")),
        data=_data(parts),
        provider=_attribute(system.get("Provider"), "Name"),
        host=_text(system.get("Computer")),
        pid=number(_attribute(system.get("Execution"), "ProcessID")),
        failed=is_failure(_text(system.get("Keywords"))),
    )


def _scan(batch: RecordBuilder, line: int, element: Element) -> None:
    if element.problem is not None:
        batch.reject(line, element.problem, element.text)
        return
    code = _CODE.search(element.text)
    if code is not None and not knows_code(int(code[1])):  # most events: spares parsing them
        batch.other += 1
        return
    event = parse_element(element.text)
    if event is None:
        batch.reject(line, "not a well-formed event", element.text)
    else:
        put(batch, line, event, element.text)


def _data(parts: dict[str, ET.Element]) -> dict[str, str]:
    """Give what an event holds: the Data of its EventData by name, or the elements of its UserData."""
    if "EventData" in parts:
        return {part.get("Name", ""): part.text or "" for part in parts["EventData"]}
    inner = next(iter(parts.get("UserData", ())), None)
    return {} if inner is None else {_name(part): part.text or "" for part in inner}


def _name(element: ET.Element) -> str:
    """Give the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def _text(element: ET.Element | None) -> str | None:
    return None if element is None else element.text


def _attribute(element: ET.Element | None, name: str) -> str | None:
    return None if element is None else element.get(name)
