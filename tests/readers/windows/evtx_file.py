"""Writes small EVTX files, so that tests need no recorded one. After libyal's description of the format."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable

CHUNK_BYTES = 65_536
FIRST_RECORD = 512
_SCHEMA = "http://schemas.microsoft.com/win/2004/08/events/event"


def evtx_file(events: Iterable[str]) -> bytes:
    """A file of one chunk with these events, each given as XML."""
    records, number = b"", 0
    for number, event in enumerate(events, 1):
        records += record(number, event, FIRST_RECORD + len(records))
    return file_header() + chunk(records, 1, number)


def file_header() -> bytes:
    return struct.pack("<8sQQQIHHHH", b"ElfFile\0", 0, 0, 2, 128, 1, 3, 4096, 1).ljust(4096, b"\0")


def chunk(records: bytes, first: int = 1, last: int = 1) -> bytes:
    free = FIRST_RECORD + len(records)
    assert free <= CHUNK_BYTES
    header = struct.pack("<8sQQQQIII", b"ElfChnk\0", first, last, first, last, 128, free, free).ljust(512, b"\0")
    return (header + records).ljust(CHUNK_BYTES, b"\0")


def record(number: int, event: str, at: int) -> bytes:
    """A record that lies at an offset of its chunk."""
    body = b"\x0f\x01\x01\x00" + _element(ET.fromstring(event), at + 24 + 4) + b"\0"
    size = 24 + len(body) + 4
    return struct.pack("<4sIQQ", b"**\0\0", size, number, 132_000_000_000_000_000) + body + struct.pack("<I", size)


def _element(element: ET.Element, at: int) -> bytes:
    """An element as BinXml: names stand where they are used, values are text."""
    attributes = dict(element.attrib)
    start = struct.pack("<BI", 0x41 if attributes else 0x01, 0)
    start += _name(element.tag.rpartition("}")[2], at + len(start))
    if attributes:
        listed = b""
        for index, (name, value) in enumerate(attributes.items(), 1):
            token = 0x06 if index == len(attributes) else 0x46
            listed += struct.pack("<B", token)
            listed += _name(name, at + len(start) + 4 + len(listed)) + _text(value)
        start += struct.pack("<I", len(listed)) + listed
    start += b"\x02"
    if element.text:
        start += _text(element.text)
    for child in element:
        start += _element(child, at + len(start))
    return start + b"\x04"


def _name(name: str, at: int) -> bytes:
    return struct.pack("<IIHH", at + 4, 0, 0, len(name)) + name.encode("utf-16-le") + b"\0\0"


def _text(value: str) -> bytes:
    encoded = value.encode("utf-16-le")
    return struct.pack("<BBH", 0x05, 0x01, len(encoded) // 2) + encoded
