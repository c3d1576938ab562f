"""Bytes to numbered lines."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers import lines
from graphmap.readers.lines import BadLine, pick_lines, split_lines
from tests.readers.reading import read_bytes

LINE = "Feb 12 21:01:21 app1 sshd[7]: Invalid user a from 1.2.3.4"


def split(data: bytes) -> list[tuple[int, str]]:
    """Every line with its number; a bad one by its reason."""
    found: list[tuple[int, str]] = []
    for part in split_lines(io.BytesIO(data)):
        if isinstance(part, BadLine):
            found.append((part.line, part.reason))
        else:
            found.extend(enumerate(part.lines, part.first))
    return found


def twin(data: bytes, limit: int) -> list[tuple[int, str]]:
    """The obvious way, all at once."""
    parts = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not parts[-1]:
        parts.pop()
    return [
        (number, lines.TOO_LONG if len(part) > limit else part.decode("utf-8", "backslashreplace").removesuffix("\r"))
        for number, part in enumerate(parts, 1)
    ]


PIECES = st.sampled_from(
    [b"a", b"\n", b"\r\n", b"\r", b"\0", b"\xff", "é".encode(), "\u2028".encode(), b"x" * 9, b"y" * 40]
)


@given(st.lists(PIECES, max_size=60).map(b"".join), st.integers(1, 16))
def test_any_bytes_at_any_block_size(data: bytes, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK_BYTES", block)
        patch.setattr(lines, "LINE_BYTES", 32)
        assert split(data) == twin(data, 32)


@given(
    st.lists(PIECES, max_size=60).map(b"".join),
    st.integers(1, 16),
    st.sets(st.integers(1, 30)),
    st.sampled_from(["a", "é", None]),
)
def test_lines_are_picked_as_they_are_numbered(data: bytes, block: int, wanted: set[int], prefix: str | None) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "BLOCK_BYTES", block)
        patch.setattr(lines, "LINE_BYTES", 32)
        picked = dict(pick_lines(io.BytesIO(data), wanted, prefix))
        sound = {number: text for number, text in split(data) if text != lines.TOO_LONG}
    assert {number: text for number, text in picked.items() if number in wanted} == {
        number: sound[number] for number in wanted & sound.keys()
    }
    above = {number: text for number, text in sound.items() if prefix and text.startswith(prefix)}
    assert {number: text for number, text in above.items() if number < max(wanted, default=0)}.items() <= picked.items()
    assert picked.items() <= sound.items()


def test_line_of_two_megabytes_is_one_reject() -> None:
    data = f"{LINE}\nFeb 12 {'x' * (2 << 20)}\n{LINE}\n".encode()
    reading = read_bytes(data)
    assert reading.events["line"].to_list() == [1, 3]
    assert reading.rejects.select("line", "reason").rows() == [(2, "line is longer than 1 MiB")]
    assert reading.rejects["text"].str.len_chars().to_list() == [500]
    assert reading.lines == 3


def test_line_of_ten_megabytes_without_an_end() -> None:
    reading = read_bytes(f"{LINE}\n{'x' * (10 << 20)}".encode())
    assert (reading.lines, len(reading.events), reading.reasons()) == (2, 1, ["line is longer than 1 MiB"])


def test_carriage_returns_and_no_last_newline() -> None:
    plain = read_bytes(f"{LINE}\n{LINE}\n".encode())
    assert read_bytes(f"{LINE}\r\n{LINE}".encode()).events.equals(plain.events)
    assert read_bytes(f"\ufeff{LINE}\n{LINE}".encode()).events.equals(plain.events)


def test_bytes_that_are_no_text_are_kept_readable() -> None:
    line = b"Feb 12 21:01:21 app1 sshd[7]: Invalid user \xff\x00\xc3\xa9 from 1.2.3.4\n"
    assert read_bytes(line).events["user"].to_list() == ["\\xff\x00é"]


def test_position_counts_every_byte() -> None:
    data = f"{LINE}\n{LINE}\n{LINE}".encode()
    assert [part.position for part in split_lines(io.BytesIO(data))][-1] == len(data)
