"""Events as XML, as tools and people leave them."""

from __future__ import annotations

import io
import re
import tracemalloc
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import READERS, Source, detect
from graphmap.readers.windows.elements import Elements
from tests.readers.reading import read_bytes, read_source
from tests.readers.windows.events import LOGON, xml

EVENT = xml("Security", 4624, LOGON)
TEXT = st.lists(
    st.sampled_from(["<Event>a</Event>", "<Event x='1'>", "</Event>", "<Events>", "</Events>", "<Even", "<", "-", " ", "x", "é"]),
    max_size=12,
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        f"{EVENT}\n{EVENT}\n".encode(),
        f"<Events>{EVENT}{EVENT}</Events>".encode(),
        f'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<Events>\r\n{EVENT}\r\n{EVENT}\r\n</Events>\r\n'.encode(),
        f"\ufeff{EVENT}{EVENT}".encode(),
        f"\ufeff{EVENT}\r\n{EVENT}\r\n".encode("utf-16-le"),
        f"\ufeff{EVENT}\r\n{EVENT}\r\n".encode("utf-16-be"),
        f"{EVENT}{EVENT}".encode("utf-16-le"),
        f"- {EVENT.replace('<System>', '- <System>').replace('<EventData>', '- <EventData>')}\n- {EVENT}".encode(),
        EVENT.replace("><", ">\n  <").encode() * 2,
        EVENT.replace(' xmlns="http://schemas.microsoft.com/win/2004/08/events/event"', "").encode() * 2,
    ],
    ids=["a line each", "root", "declaration", "mark", "UTF-16", "UTF-16 the other way", "UTF-16 unmarked", "browser", "indented", "bare"],
)  # fmt: skip
def test_forms(data: bytes) -> None:
    assert detect(data) is READERS["windows-xml"]
    reading = read_bytes(data, reader="windows-xml")
    assert [(row["line"], row["user"], row["src_ip"]) for row in reading.rows()] == [
        (1, "bob", "1.2.3.4"),
        (2, "bob", "1.2.3.4"),
    ]
    assert reading.accounted() == reading.lines == 2


def test_damage_costs_what_is_damaged() -> None:
    cut, broken = EVENT[:300], EVENT.replace("</Data>", "<Data>", 1)
    reading = read_bytes(f"{EVENT}{cut}{EVENT}garbage{EVENT}{broken}{EVENT}{cut}".encode(), reader="windows-xml")
    assert reading.rejects.select("line", "reason").rows() == [
        (2, "event has no end"),
        (4, "text that is no event"),
        (6, "not a well-formed event"),
        (8, "event has no end"),
    ]
    assert reading.events["line"].to_list() == [1, 3, 5, 7]
    assert reading.accounted() == reading.lines == 8


BOMB = "".join(f"<!ENTITY e{n + 1} '{f'&e{n};' * 10}'>" for n in range(9))


@pytest.mark.parametrize(
    ("prologue", "value"),
    [
        (f"<!DOCTYPE Event [<!ENTITY e0 'x'>{BOMB}]>", "&e9;"),
        ('<!DOCTYPE Event [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
        ('<!DOCTYPE Event SYSTEM "http://127.0.0.1/evil.dtd">', "&x;"),
    ],
)
def test_entities_are_neither_expanded_nor_fetched(prologue: str, value: str) -> None:
    event = EVENT.replace("bob", value)
    before, within = prologue + event, event.replace("<System>", f"{prologue}<System>")
    for text in (before, within):
        reading = read_bytes(text.encode(), reader="windows-xml")
        assert (len(reading.events), reading.accounted()) == (0, reading.lines)
        assert "not a well-formed event" in reading.reasons()


def test_long_events_and_long_text_between_take_little_memory() -> None:
    """64 MiB of an event without an end, then of text without an event."""
    piece = b"a" * (1 << 16)

    class Long(io.RawIOBase):
        left = 2048

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            del size
            self.left -= 1
            at = {2047: b"<Event>", 1023: b"</Event>", -1: b""}
            return at.get(self.left, piece) if self.left >= -1 else b""

    tracemalloc.start()
    reading = read_source(Source("x", lambda: cast("BinaryIO", Long())), reader="windows-xml")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert reading.reasons() == ["event is longer than 1 MiB"]
    assert peak < 16 << 20


def test_deep_nesting() -> None:
    depth = 200_000
    deep = EVENT.replace("bob", "<a>" * depth + "</a>" * depth)
    reading = read_bytes((deep + EVENT).encode(), reader="windows-xml")
    assert reading.accounted() == 2
    assert reading.events["line"].to_list()[-1] == 2


class Slow(io.RawIOBase):
    """Gives a few bytes at a time."""

    def __init__(self, data: bytes, steps: list[int]) -> None:
        super().__init__()
        self._data, self._steps = io.BytesIO(data), iter(steps)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        del size
        return self._data.read(next(self._steps, 1000))


def obvious(text: str) -> list[tuple[str, str | None]]:
    """The elements of a whole text at once."""
    found: list[tuple[str, str | None]] = []
    for part in re.split(r"(?=<Event[\s>])|(?<=</Event>)", text):
        if re.match(r"<Event[\s>]", part):
            found.append((part, None if part.endswith("</Event>") else "event has no end"))
        elif re.sub(r"</?Events>|[\s-]", "", part) and not (found and found[-1][1] == "text that is no event"):
            found.append((part, "text that is no event"))
    return found


@given(text=TEXT, steps=st.lists(st.integers(1, 9), max_size=20))
def test_elements_do_not_depend_on_how_they_are_read(text: str, steps: list[int]) -> None:
    data = text.encode()
    elements = Elements(cast("BinaryIO", Slow(data, steps)))
    found = [(element.text, element.problem) for element in elements]
    expected = obvious(text)
    assert [problem for _, problem in found] == [problem for _, problem in expected]
    assert [part for part, problem in found if problem is None] == [
        part for part, problem in expected if problem is None
    ]
    assert elements.position == len(data)
