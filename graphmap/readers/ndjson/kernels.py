"""The compiled pass over lines of JSON: where the values of the wanted keys begin and end.

RFC 8259 is checked over the whole line. What needs more than a look is left to a careful reader: escapes in a key or in
a wanted value, bytes that are not ASCII, nested values, a wanted key that occurs twice, white space other than spaces.

Eight bytes are looked at at a time: see Lamport, "Multiple byte processing with full-word instructions" (1975). Data is
followed by `blocks.PADDING` bytes that nothing is made of, so that a word may be read from any place of it.
"""

# ruff: noqa: PLR2004 - the codes of bytes and the sizes of words, each named by the comment beside it
# ruff: noqa: PLR0911 - a way out for each form; a set of bytes is not compiled to comparisons
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graphmap.readers.vectors.kernels import compiled, part, word

ABSENT, NULL = -1, -2
"""In place of where a value begins: its key is not there, or its value is null."""
UNWANTED = -1
_KEY_BYTES, _KEYS = 40, 64
_ONES, _HIGHS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_QUOTES, _ESCAPES = np.uint64(0x2222222222222222), np.uint64(0x5C5C5C5C5C5C5C5C)
_BLANKS = np.uint64(0x2020202020202020)
_PLACES = np.uint64(0x0001020304050607)
_TRUE, _NULL, _ALSE = np.uint64(0x65757274), np.uint64(0x6C6C756E), np.uint64(0x65736C61)
_FOUR, _ALL = np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFFFFFFFFFF)
_SIMPLE = np.array([chr(byte) in '"\\/bfnrt' for byte in range(256)])
_HEX = np.array([chr(byte) in "0123456789abcdefABCDEF" for byte in range(256)])


class Keys(NamedTuple):
    """The keys that are wanted, sorted by their length: `wanted` makes it."""

    names: np.ndarray
    """Their bytes (uint8), each in a row of 40."""
    slots: np.ndarray
    """Where the value of each goes (int64); several may go to the same place, a line has one of them then."""
    bits: np.ndarray
    """What each says of a line that has it (int64)."""
    starts: np.ndarray
    """The first one of each length; 42 (int64)."""


def wanted(keys: dict[str, tuple[int, int]]) -> Keys:
    """Prepare keys (ASCII, at most 40 bytes), each with the slot of its value, or UNWANTED, and its bits."""
    ordered = sorted(keys, key=len)
    names = np.zeros((len(ordered), _KEY_BYTES), np.uint8)
    for row, name in zip(names, ordered, strict=True):
        row[: len(name)] = np.frombuffer(name.encode("ascii"), np.uint8)
    lengths = np.array([len(name) for name in ordered], np.int64)
    slots, bits = (np.array([keys[name][k] for name in ordered], np.int64) for k in range(2))
    return Keys(names, slots, bits, np.searchsorted(lengths, np.arange(_KEY_BYTES + 2)).astype(np.int64))


@part
def first_byte(marks: Any) -> Any:
    """Tell which byte of a word is the first with its high bit set; the others' high bits alone may be set."""
    lowest = marks & (~marks + np.uint64(1))
    return np.int64((lowest >> np.uint64(7)) * _PLACES >> np.uint64(56))


@part
def same(data: np.ndarray, p: Any, other: np.ndarray, q: Any, size: Any) -> bool:
    """Compare `size` bytes; both arrays are padded."""
    k = 0
    while size - k >= 8:  # a word
        if word(data, p + k) != word(other, q + k):
            return False
        k += 8
    if k == size:
        return True
    return (word(data, p + k) ^ word(other, q + k)) << np.uint64(8 * (8 - (size - k))) == np.uint64(0)


@part
def text_end(data: np.ndarray, p: Any) -> Any:
    """Give the position of the first byte from `p` on that is a quote, a backslash, no printable one or no ASCII."""
    while True:
        v = word(data, p)
        quotes, escapes = v ^ _QUOTES, v ^ _ESCAPES
        marks = (quotes - _ONES) & ~quotes | (escapes - _ONES) & ~escapes | (v - _BLANKS) & ~v | v
        marks &= _HIGHS
        if marks != np.uint64(0):
            return p + first_byte(marks)
        p += 8


@part
def _digits(data: np.ndarray, p: Any) -> Any:
    while 48 <= data[p] <= 57:  # digits
        p += 1
    return p


@part
def _number_end(data: np.ndarray, p: Any) -> Any:
    """Give the position behind a number; or -1."""
    if data[p] == 45:  # minus
        p += 1
    q = _digits(data, p)
    if q == p or (data[p] == 48 and q - p > 1):  # zero
        return np.int64(-1)
    if data[q] == 46:  # full stop
        p = q + 1
        q = _digits(data, p)
        if q == p:
            return np.int64(-1)
    if data[q] == 101 or data[q] == 69:  # e, E
        p = q + 1
        if data[p] == 43 or data[p] == 45:  # plus, minus
            p += 1
        q = _digits(data, p)
        if q == p:
            return np.int64(-1)
    return np.int64(q)


@part
def _unwanted_text(data: np.ndarray, p: Any) -> Any:
    """Give the position behind the closing quote of a text whose escapes do not matter; or -1."""
    while True:
        p = text_end(data, p)
        if data[p] == 34:  # quote
            return np.int64(p + 1)
        if data[p] != 92:  # backslash
            return np.int64(-1)
        if _SIMPLE[data[p + 1]]:
            p += 2
        elif data[p + 1] == 117 and _HEX[data[p + 2]] and _HEX[data[p + 3]] and _HEX[data[p + 4]] and _HEX[data[p + 5]]:
            p += 6
        else:
            return np.int64(-1)


@part
def _literal(data: np.ndarray, p: Any) -> Any:
    """Give the position behind ``true``, ``false`` or ``null``; or -1."""
    v = word(data, p) & _FOUR
    if v in (_TRUE, _NULL):
        return np.int64(p + 4)
    return np.int64(p + 5) if data[p] == 102 and word(data, p + 1) & _FOUR == _ALSE else np.int64(-1)  # f


@part
def _scalar(data: np.ndarray, p: Any) -> Any:
    """Give the position behind a value that is not wanted and holds no other; or -1."""
    if data[p] == 34:  # quote
        return _unwanted_text(data, p + 1)
    if data[p] == 45 or 48 <= data[p] <= 57:  # minus, digits
        return _number_end(data, p)
    return _literal(data, p)


@part
def blanks(data: np.ndarray, p: Any) -> Any:
    """Give the position behind spaces."""
    while data[p] == 32:  # space
        p += 1
    return p


@part
def _unwanted(data: np.ndarray, p: Any) -> Any:
    """Give the position behind a value that is not wanted: a list may hold values, but none that holds others."""
    if data[p] != 91:  # [
        return _scalar(data, p)
    p = blanks(data, p + 1)
    if data[p] == 93:  # ]
        return np.int64(p + 1)
    while True:
        p = _scalar(data, p)
        if p < 0:
            return p
        p = blanks(data, p)
        if data[p] == 93:  # ]
            return np.int64(p + 1)
        if data[p] != 44:  # comma
            return np.int64(-1)
        p = blanks(data, p + 1)


@part
def _known(data: np.ndarray, p: Any, size: Any, keys: Keys) -> Any:
    """Give the row of a key; -1 where it is not wanted."""
    if size <= _KEY_BYTES:
        for row in range(keys.starts[size], keys.starts[size + 1]):
            equal = True
            for i in range(size):
                equal = equal and data[p + i] == keys.names[row, i]
            if equal:
                return row
    return -1


@part
def find_values(  # noqa: C901, PLR0912, PLR0915 - one loop, which a call would make slower
    data: np.ndarray, p: Any, end: Any, keys: Keys, seen: np.ndarray, at: np.ndarray
) -> Any:
    """Read the object from `p` to `end`, where a newline or carriage return stands.

    Gives the bits of the keys that it has with a value that is not null, or -1 where it is left to a careful reader.
    `at` then has where the value of each slot begins and ends (a text without its quotes), ABSENT or NULL.

    `seen` is what the keys of the line before were, by place: where in `data` the key with its quotes and colon begins,
    its length, and its row. Logs repeat their keys in one order, so a comparison finds nearly all of them.
    """
    for i in range(at.size):
        at[i] = ABSENT
    bits = 0
    if data[p] != 123:  # {
        return -1
    p = blanks(data, p + 1)
    place = 0
    while True:
        guess = min(place, _KEYS - 1)
        size = seen[guess, 1]
        if size > 0 and same(data, p, data, seen[guess, 0], size):
            row = seen[guess, 2]
            p += size
        else:
            if data[p] != 34:  # quote
                return -1
            q = text_end(data, p + 1)
            if data[q] != 34 or data[q + 1] != 58:  # quote, colon
                return -1
            row = _known(data, p + 1, q - p - 1, keys)
            seen[guess, 0], seen[guess, 1], seen[guess, 2] = p, q + 2 - p, row
            p = q + 2
        place += 1
        if data[p] == 32:  # space
            p = blanks(data, p)
        slot = keys.slots[row] if row >= 0 else UNWANTED
        first, q = p, np.int64(p)
        if slot == UNWANTED:
            q = _unwanted(data, p)
        else:
            if at[2 * slot] != ABSENT:
                return -1
            if data[p] == 34:  # quote
                first = p + 1
                last = text_end(data, first)
                if data[last] != 34:  # quote
                    return -1
                at[2 * slot], at[2 * slot + 1] = first, last
                q = np.int64(last + 1)
            else:
                q = _scalar(data, p)
                at[2 * slot], at[2 * slot + 1] = p, q
        if q < 0:
            return -1
        if data[p] == 110:  # null, since nothing else begins so
            if slot != UNWANTED:
                at[2 * slot] = NULL
        elif row >= 0:
            bits |= keys.bits[row]
        p = q
        if data[p] == 32:  # space
            p = blanks(data, p)
        if data[p] == 44:  # comma
            p += 1
            if data[p] == 32:  # space
                p = blanks(data, p)
        elif data[p] == 125:  # }
            return bits if blanks(data, p + 1) == end else -1
        else:
            return -1


@compiled
def scan_lines(
    data: np.ndarray, ends: np.ndarray, keys: Keys, bits: np.ndarray, values: np.ndarray, seen: np.ndarray
) -> None:
    """Find the wanted values of every line.

    Parameters
    ----------
    data
        Bytes (uint8), followed by `blocks.PADDING` bytes.
    ends
        Of each line the position of its newline (int64).
    keys
        What is wanted.
    bits
        Of each line it becomes the bits of its keys; -1 where the line is left to a careful reader (int64).
    values
        Of each line it becomes where the value of each slot begins and ends, as `find_values` has it (int64).
    seen
        Memory of (64, 3) zeros (int64).
    """
    p = np.int64(0)
    for line in range(ends.size):
        end = ends[line]
        last = end - 1 if end > p and data[end - 1] == 13 else end  # carriage return
        bits[line] = find_values(data, p, last, keys, seen, values[line])
        p = end + 1
