"""What looks at many bytes at once says what a look at one byte after the other says."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphmap.readers.blocks import padded
from graphmap.readers.vectors.kernels import (
    byte,
    copy_bytes,
    count_bits,
    equal_bits,
    first_bit,
    newline,
    part,
    put_word,
    runner,
    word,
)

WORDS = ((48, 57), (95, 95))
run_words = runner(*WORDS, letters=True)
BYTES = st.binary(max_size=200) | st.text(alphabet="aZ09_@[`{/:", max_size=200).map(str.encode)


@part
def first_of(mask: np.uint64) -> int:
    return first_bit(mask)  # type: ignore[no-any-return]


@part
def bits_of(mask: np.uint64) -> int:
    return count_bits(mask)  # type: ignore[no-any-return]


@given(BYTES, st.integers(0, 200))
def test_a_run_ends_where_its_bytes_do(text: bytes, start: int) -> None:
    start = min(start, len(text))
    inside = [chr(byte).isascii() and (chr(byte).isalnum() or byte == 95) for byte in text[start:]]
    assert run_words(padded(text + b"\n"), start) == start + [*inside, False].index(False)


@given(BYTES, st.integers(0, 200))
def test_the_first_newline_is_found(text: bytes, start: int) -> None:
    text += b"\n"
    assert newline(padded(text), min(start, len(text) - 1)) == text.index(b"\n", min(start, len(text) - 1))


@given(st.binary(min_size=64, max_size=64), st.integers(0, 255))
def test_equal_bytes_are_marked(text: bytes, byte: int) -> None:
    mask = np.uint64(equal_bits(padded(text), 0, byte))
    assert mask == sum((found == byte) << place for place, found in enumerate(text))
    assert (bits_of(mask), first_of(mask)) == (text.count(byte), text.find(byte) if byte in text else 64)


@given(st.binary(min_size=9, max_size=30), st.integers(0, 30))
def test_a_word_is_eight_bytes_the_lowest_first(text: bytes, start: int) -> None:
    start = min(start, len(text))
    assert word(padded(text), start) == int.from_bytes(text[start : start + 8].ljust(8, b"\0"), "little")


@given(st.binary(min_size=1, max_size=30))
def test_a_byte_is_a_number_without_sign(text: bytes) -> None:
    assert [byte(padded(text), place) for place in range(len(text))] == list(text)


@given(st.integers(0, (1 << 64) - 1), st.integers(0, 20))
def test_a_word_that_is_written_is_read_again_and_nothing_else_changes(number: int, place: int) -> None:
    data = padded(bytes(range(40)))
    put_word(data, place, np.uint64(number))
    assert int(word(data, place)) == number
    assert [*data[:place], *data[place + 8 : 40]] == [*range(place), *range(place + 8, 40)]


@given(st.binary(min_size=1, max_size=100), st.integers(0, 20))
def test_bytes_are_copied_to_their_place_alone(text: bytes, place: int) -> None:
    other = np.full(140, 7, np.uint8)
    copy_bytes(padded(text), 0, other, place, len(text))
    assert other.tobytes() == bytes([7]) * place + text + bytes([7]) * (140 - place - len(text))
