"""Syslog over a stream: the same messages however they are framed, and however their bytes are split into packets."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.watch.framing import MOST, Framing, FramingError, line_of

_TEXT = st.binary(max_size=20).map(lambda data: b"<38>" + data.replace(b"\n", b" "))
_FRAMED = st.lists(st.tuples(_TEXT, st.booleans()), max_size=8)


def _frame(message: bytes, counted: bool) -> bytes:
    return b"%d %s" % (len(message), message) if counted else message + b"\n"


@given(framed=_FRAMED, cuts=st.lists(st.integers(0, 400), max_size=10))
def test_messages_over_any_packets(framed: list[tuple[bytes, bool]], cuts: list[int]) -> None:
    stream = b"".join(_frame(message, counted) for message, counted in framed)
    framing = Framing()
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    found = [message for begin, end in itertools.pairwise(places) for message in framing.feed(stream[begin:end])]
    assert found == [message for message, _ in framed]
    assert framing.end() is None


def test_a_counted_message_may_hold_newlines_and_digits() -> None:
    assert Framing().feed(b"12 <38>a\n7 b c\n3 abc") == [b"<38>a\n7 b c\n", b"abc"]


@pytest.mark.parametrize(
    ("stream", "messages", "last"),
    [
        (b"<38>a\n<38>b", [b"<38>a"], b"<38>b"),
        (b"2026-03-01T10:00:00Z db1 x\n2026-03-01T", [b"2026-03-01T10:00:00Z db1 x"], b"2026-03-01T"),
        (b"0 a\n", [b"0 a"], None),
        (b"<38>a\n\r\n\0", [b"<38>a", b"\r"], None),
        (b"1a\n", [b"1a"], None),
        (b"123456789 a\n", [b"123456789 a"], None),
        (b"", [], None),
    ],
)
def test_what_is_no_count_is_a_line(stream: bytes, messages: list[bytes], last: bytes | None) -> None:
    framing = Framing()
    assert framing.feed(stream) == messages
    assert framing.end() == last


@pytest.mark.parametrize("rest", [b"7 <38>", b"7 ", b"7"])
def test_a_counted_message_that_ends_early_is_none(rest: bytes) -> None:
    framing = Framing()
    assert framing.feed(b"3 abc" + rest) == [b"abc"]
    with pytest.raises(FramingError, match="a message that ends early"):
        framing.end()


def test_a_count_that_no_message_has() -> None:
    with pytest.raises(FramingError, match="a message of 99,999,999 bytes"):
        Framing().feed(b"99999999 x")


def test_of_a_line_without_an_end_the_start_is_kept() -> None:
    """In bounded memory; what follows its newline is read again."""
    framing = Framing()
    found = [message for _ in range(40) for message in framing.feed(b"<" + b"x" * 65535)]
    assert [len(message) for message in found] == [MOST]
    assert framing.feed(b"x\n<38>b\n") == [b"<38>b"]
    assert framing.end() is None


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (b"<38>a", b"<38>a\n"),
        (b"<38>a\r\n\0", b"<38>a\n"),
        (b"<38>a\nJan  1 00:00:00 db1 sshd[1]: forged", b"<38>a#012Jan  1 00:00:00 db1 sshd[1]: forged\n"),
        (b" \n", b""),
        (b"", b""),
    ],
)
def test_a_message_is_one_line(message: bytes, line: bytes) -> None:
    assert line_of(message) == line
