"""The compiled pass over Zeek's TSV and JSON lines: columns of numbers, and of the numbers of texts.

A line is taken only where every field that is read is plain: a time with a full stop or in ISO 8601 with Z, whole
numbers, an identifier of letters and digits, texts of printable ASCII without a backslash. All others are left to
`rows`, which knows every form. Distinct texts are kept from block to block, so that a text is looked at once.
"""

# ruff: noqa: PLR2004 - the codes of bytes and the sizes of words, each named by the comment beside it
# ruff: noqa: PLR0911, PLR1714 - a way out for each form; a set of bytes is not compiled to comparisons
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graphmap import compiling
from graphmap.readers.arrow.kernels import INLINE
from graphmap.readers.arrow.kernels import NULL as NULL_VIEW
from graphmap.readers.lines import LINE_BYTES
from graphmap.readers.ndjson.kernels import Keys, find_values, same
from graphmap.readers.vectors.kernels import compiled, count_bits, equal_bits, first_bit, part, word

NONE = -(2**63)
"""In place of a number: the log does not say."""
UID_WORDS = 3
UID_FROM = 10
"""Bytes of the shortest identifier that is taken: a word that stands for nothing is shorter."""
TEXT_BYTES = 128
TEXTS, COMBINATIONS = 1 << 16, 1 << 12
_SLOTS = 4
"""Places of a hash table for each text that it can hold."""
_PROBES = 48
_TEXT_SLOTS, _COMBINATION_SLOTS = 2 * TEXTS, 2 * COMBINATIONS
_ARENA = TEXTS * 32
ROWS = 1 << 16
"""Lines that a pass reads at most."""
DONE, STOPPED, FULL, MORE = 0, 1, 2, 3
"""Why a pass ended: all lines are read; a line that is no row; too many texts for the tables; there are more lines."""
TIME, UID, PORT, INTERVAL, COUNT, TEXT, PATH = range(7)
"""What a slot holds. The slots of a program are in this order; only COUNT, TEXT and PORT occur more than once."""
_ONES, _HIGHS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_BLANKS, _ESCAPES = np.uint64(0x2020202020202020), np.uint64(0x5C5C5C5C5C5C5C5C)
_NO_VIEW = np.uint64(NULL_VIEW)
_PRIME = np.uint64(0x9E3779B97F4A7C15)
_LEFT, _TOO_MANY, _COUNTED, _OWN = np.int64(-1), np.int64(-2), np.int64(-3), np.int64(-4)
_MILLION = 1_000_000
_ZEROS, _SIX_LESS = np.uint64(0x3030303030303030), np.uint64(0x7676767676767676)
_PAIRS = np.uint64(0x000000FF000000FF)
_SCALES = np.array([1_000_000, 100_000, 10_000, 1_000, 100, 10, 1])
_DAYS_BEFORE = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])
_DAYS_IN = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


class Program(NamedTuple):
    """What is read of a log: `scanner` makes it."""

    slots: np.ndarray
    """What each slot holds (int64)."""
    spaces: np.ndarray
    """Of each slot with a text the table of texts that it goes into (int64)."""
    judged: np.ndarray
    """The texts that are judged together: their places among the slots with a text (int64)."""


class Marks(NamedTuple):
    """How a TSV log is written."""

    separator: int
    wanted: np.ndarray
    """Of each column the slot of its value, or -1 (int64)."""
    last: int
    """The last column that is wanted, -1 for none."""
    unset: np.ndarray
    """The bytes of a field that is not set, padded; their number is `unset_size`."""
    unset_size: int
    empty: np.ndarray
    empty_size: int


class Names(NamedTuple):
    """How a JSON log is told."""

    keys: Keys
    path: np.ndarray
    """The bytes of its name, padded."""
    size: int
    others: np.ndarray
    """The names of the other logs that are read, a row each, padded."""
    sizes: np.ndarray
    slot: int
    """The slot of the name."""


OWN, FOREIGN = 1, 2
"""Bits of the keys that tell a log: one that only this log has, one that only another has."""


class Tables(NamedTuple):
    """The distinct texts of each space, and the distinct combinations of judged texts: `tables` makes it."""

    places: np.ndarray
    spans: np.ndarray
    arena: np.ndarray
    counts: np.ndarray
    """Of each space how many texts it has; then how many combinations there are, and bytes in the arena."""
    combination_places: np.ndarray
    combinations: np.ndarray
    """The numbers of the texts of each, -1 for none."""


class Columns(NamedTuple):
    """The rows that were read, along the second axis where there are several columns. `columns` makes it."""

    lines: np.ndarray
    """Their numbers from 0."""
    starts: np.ndarray
    """Where each begins."""
    numbers: np.ndarray
    """A row a slot with a number: its values, or NONE."""
    nulls: np.ndarray
    """Of each of these rows how often NONE is in it."""
    texts: np.ndarray
    """A row a slot with a text: its number in its space, -1 for none."""
    combinations: np.ndarray
    uids: np.ndarray
    """Their bytes, in words, with NUL behind them."""
    lengths: np.ndarray
    """Of the uids; 0 for none."""


def tables(spaces: int) -> Tables:
    """Make empty tables."""
    return Tables(
        np.full((spaces, _TEXT_SLOTS), -1, np.int32),
        np.zeros((spaces, TEXTS, 2), np.int64),
        np.zeros(_ARENA + TEXT_BYTES + 8, np.uint8),
        np.zeros(spaces + 2, np.int64),
        np.full(_COMBINATION_SLOTS, -1, np.int32),
        np.full((COMBINATIONS, 4), -1, np.int64),
    )


class Lines(NamedTuple):
    """The lines that were not read: `lines` makes it. Each with its number from 0, and the other that is said."""

    left: np.ndarray
    """Those that are left to `rows`, with their begins."""
    moved: np.ndarray
    """Those of other logs, with the place of the log in `Names.others`."""
    at: np.ndarray
    """Memory for where the fields of a line are."""
    seen: np.ndarray
    """Memory for the keys of a line."""


def columns(program: Program) -> Columns:
    """Make room for the rows of a pass."""
    texts = int((program.slots == TEXT).sum())
    numbers = len(program.slots) - texts - int(((program.slots == UID) | (program.slots == PATH)).sum())
    return Columns(
        np.empty(ROWS, np.int64),
        np.empty(ROWS, np.int64),
        np.empty((numbers, ROWS), np.int64),
        np.zeros(numbers, np.int64),
        np.empty((texts, ROWS), np.int32),
        np.empty(ROWS, np.int32),
        np.empty((ROWS, UID_WORDS), np.uint64),
        np.empty(ROWS, np.int64),
    )


def lines(program: Program) -> Lines:
    """Make room for the lines of a pass."""
    return Lines(
        np.empty((ROWS, 2), np.int64),
        np.empty((ROWS, 2), np.int64),
        np.empty(2 * max(len(program.slots), 1), np.int64),
        np.zeros((64, 3), np.int64),
    )


def empty(known: Tables) -> None:
    """Forget the texts."""
    known.places[:] = -1
    known.counts[:] = 0
    known.combination_places[:] = -1


def is_kept() -> bool:
    """Tell whether an earlier process left these functions compiled on disk (for this version of this file)."""
    return compiling.is_kept(scan_objects)


@part
def _digit(data: np.ndarray, p: Any) -> Any:
    return np.int64(data[p]) - 48


@part
def _two(data: np.ndarray, p: Any) -> Any:
    """Read two digits; something negative where they are none."""
    a, b = _digit(data, p), _digit(data, p + 1)
    return a * 10 + b if 0 <= a <= 9 and 0 <= b <= 9 else np.int64(-10_000)  # digits


@part
def _value(data: np.ndarray, p: Any, size: Any) -> Any:
    """Read one to eight digits at once; -1 where they are none.

    Source: D. Lemire, "Quickly parsing eight digits" (2018).
    """
    v = (word(data, p) ^ _ZEROS) << np.uint64(8 * (8 - size))
    if ((v + _SIX_LESS) | v) & _HIGHS != np.uint64(0):
        return np.int64(-1)
    v = v * np.uint64(10) + (v >> np.uint64(8))
    high = (v & _PAIRS) * np.uint64(0x000F424000000064)
    return np.int64((high + ((v >> np.uint64(16)) & _PAIRS) * np.uint64(0x0000271000000001)) >> np.uint64(32))


@part
def _whole(data: np.ndarray, p: Any, end: Any) -> Any:
    """Read one to sixteen digits; -1 where they are none."""
    size = end - p
    if size <= 8:  # a word
        return _value(data, p, size) if size > 0 else np.int64(-1)
    if size > 16:  # two words
        return np.int64(-1)
    high, low = _value(data, p, size - 8), _value(data, end - 8, 8)
    return high * 100_000_000 + low if high >= 0 and low >= 0 else np.int64(-1)


@part
def _fraction(data: np.ndarray, p: Any, end: Any) -> Any:
    """Read the digits behind a full stop as microseconds, rounded to the nearest; -1 where they are none."""
    size = end - p
    if size == 6:  # as Zeek writes it in TSV
        return _value(data, p, 6)
    if size < 6:
        return _value(data, p, size) * _SCALES[size] if size > 0 else np.int64(-1)
    if size > 40:  # more than anybody writes
        return np.int64(-1)
    for i in range(p + 6, end):
        if not 48 <= data[i] <= 57:  # digits
            return np.int64(-1)
    value = _value(data, p, 6)
    return value + (data[p + 6] >= 53) if value >= 0 else value  # the first digit that is cut is five or more


@part
def _seconds(data: np.ndarray, p: Any, end: Any) -> Any:
    """Read a number of seconds as microseconds; -1 where it is not of the plain form."""
    q = p
    if end - p > 7 and data[end - 7] == 46:  # full stop
        q = end - 7
    else:
        while q < end and data[q] != 46:  # full stop
            q += 1
    if q - p > 11:  # milliseconds
        return np.int64(-1)
    value = _whole(data, p, q)
    if value < 0 or q == end:
        return value * _MILLION
    micros = _fraction(data, q + 1, end)
    return value * _MILLION + micros if micros >= 0 else micros


@part
def _moment(data: np.ndarray, p: Any, end: Any) -> Any:
    """Read ``2026-11-20T21:01:21.505210Z`` as microseconds since 1970; -1 where it is of another form."""
    if end - p < 20 or data[end - 1] != 90:  # Z
        return np.int64(-1)
    year, month, day = _two(data, p) * 100 + _two(data, p + 2), _two(data, p + 5), _two(data, p + 8)
    hour, minute, second = _two(data, p + 11), _two(data, p + 14), _two(data, p + 17)
    if (
        data[p + 4] != 45 or data[p + 7] != 45 or data[p + 10] != 84 or data[p + 13] != 58 or data[p + 16] != 58
    ):  # --T::
        return np.int64(-1)
    if not (1970 <= year <= 9999 and 1 <= month <= 12 and 0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return np.int64(-1)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= _DAYS_IN[month - 1] + (leap and month == 2):  # February
        return np.int64(-1)
    years = year - 1
    days = years * 365 + years // 4 - years // 100 + years // 400 - 719_162  # those before 1970
    days += _DAYS_BEFORE[month - 1] + day - 1 + (leap and month > 2)  # February
    micros = np.int64(0)
    if end - p > 20:
        if data[p + 19] != 46 or end - p > 33:  # full stop; twelve digits
            return np.int64(-1)
        micros = _fraction(data, p + 20, end - 1)
        if micros < 0:
            return micros
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * _MILLION + micros


@part
def _time(data: np.ndarray, p: Any, end: Any) -> Any:
    return _moment(data, p, end) if end - p >= 20 and data[p + 4] == 45 else _seconds(data, p, end)  # minus


@part
def _plain(v: Any) -> bool:
    """Tell whether a word is of printable ASCII without a backslash."""
    escapes = v ^ _ESCAPES
    return ((escapes - _ONES) & ~escapes | (v - _BLANKS) & ~v | v) & _HIGHS == np.uint64(0)


@part
def _intern(data: np.ndarray, p: Any, end: Any, known: Tables, space: Any) -> Any:
    """Give the number of a text in its space; -1 where it is not plain, -2 where the tables are full."""
    size = end - p
    if size > TEXT_BYTES:
        return np.int64(-1)
    value = np.uint64(size) * _PRIME
    k = 0
    while k < size:
        v = word(data, p + k)
        if size - k < 8:  # the part of a word
            rest = np.uint64(8 * (size - k))
            v = v & ((np.uint64(1) << rest) - np.uint64(1)) | _BLANKS << rest
        if not _plain(v):
            return np.int64(-1)
        value = (value ^ v) * _PRIME
        value ^= value >> np.uint64(29)
        k += 8
    slot = np.int64((value ^ (value >> np.uint64(31))) & np.uint64(_TEXT_SLOTS - 1))
    for _ in range(_PROBES):
        number = known.places[space, slot]
        if number < 0:
            return _keep(data, p, size, known, space, slot)
        first = known.spans[space, number, 0]
        if known.spans[space, number, 1] - first == size and same(data, p, known.arena, first, size):
            return np.int64(number)
        slot = (slot + 1) & (_TEXT_SLOTS - 1)
    return np.int64(-1)


@part
def _keep(data: np.ndarray, p: Any, size: Any, known: Tables, space: Any, slot: Any) -> Any:
    used = known.counts.size - 1
    number, first = known.counts[space], known.counts[used]
    if number >= TEXTS or first + size > _ARENA:
        return np.int64(-2)
    for i in range(size):
        known.arena[first + i] = data[p + i]
    known.spans[space, number, 0], known.spans[space, number, 1] = first, first + size
    known.places[space, slot] = number
    known.counts[space] += 1
    known.counts[used] += size
    return number


@part
def _combine(texts: np.ndarray, row: Any, judged: np.ndarray, known: Tables) -> Any:
    """Give the number of a combination of texts; -1 where one cannot be found in time, -2 where they are too many."""
    value = np.uint64(0)
    for k in range(judged.size):
        value = (value ^ np.uint64(texts[judged[k], row] + 2)) * _PRIME
    slot = np.int64((value ^ (value >> np.uint64(31))) & np.uint64(_COMBINATION_SLOTS - 1))
    for _ in range(_PROBES):
        number = known.combination_places[slot]
        if number < 0:
            break
        equal = True
        for k in range(judged.size):
            equal = equal and known.combinations[number, k] == texts[judged[k], row]
        if equal:
            return np.int64(number)
        slot = (slot + 1) & (_COMBINATION_SLOTS - 1)
    if known.combination_places[slot] >= 0:
        return np.int64(-1)
    number = known.counts[known.counts.size - 2]
    if number >= COMBINATIONS:
        return np.int64(-2)
    for k in range(judged.size):
        known.combinations[number, k] = texts[judged[k], row]
    known.combination_places[slot] = number
    known.counts[known.counts.size - 2] += 1
    return np.int64(number)


@part
def _put(  # noqa: C901, PLR0912 - one loop, which a call would make slower
    data: np.ndarray, at: np.ndarray, program: Program, known: Tables, out: Columns, row: Any
) -> Any:
    """Read the fields of a line into a row: 0, or -1 where it is left to `rows`, or -2 where the tables are full."""
    numbers, texts = 0, 0
    for slot in range(program.slots.size):
        holds = program.slots[slot]
        p, end = at[2 * slot], at[2 * slot + 1]
        if holds == TEXT:
            number = np.int64(-1)
            if p >= 0:
                number = _intern(data, p, end, known, program.spaces[slot])
                if number < 0:
                    return number
            out.texts[texts, row] = number
            texts += 1
            continue
        if holds == UID:
            size = end - p if p >= 0 else np.int64(0)
            if size > 8 * UID_WORDS or (p >= 0 and size < UID_FROM):
                return _LEFT
            for k in range(UID_WORDS):
                rest = min(max(size - 8 * k, 0), 8)
                v = np.uint64(0)
                if rest > 0:
                    v = word(data, p + 8 * k)
                    if rest < 8:  # the part of a word
                        v &= (np.uint64(1) << np.uint64(8 * rest)) - np.uint64(1)
                        if not _plain(v | _BLANKS << np.uint64(8 * rest)):
                            return _LEFT
                    elif not _plain(v):
                        return _LEFT
                out.uids[row, k] = v
            out.lengths[row] = size
            continue
        if holds == PATH:
            continue
        value = np.int64(NONE)
        if p >= 0 and end > p:
            if holds == TIME:
                value = _time(data, p, end)
            elif holds == INTERVAL:
                value = _seconds(data, p, end)
            else:
                value = _whole(data, p, end)
            if value < 0:
                return np.int64(-1)
            if holds == PORT and not 1 <= value <= 65_535:  # the ports there are
                value = np.int64(NONE)
        elif holds == TIME:
            return np.int64(-1)
        out.numbers[numbers, row] = value
        numbers += 1
    number = _combine(out.texts, row, program.judged, known)
    if number < 0:
        return number
    out.combinations[row] = number
    for k in range(numbers):
        out.nulls[k] += out.numbers[k, row] == NONE
    return np.int64(0)


@part
def _is(data: np.ndarray, p: Any, end: Any, mark: np.ndarray, size: Any) -> bool:
    return end - p == size and same(data, p, mark, 0, size)


@part
def _says(data: np.ndarray, at: np.ndarray, slots: Any, marks: Marks) -> None:
    """Make the fields that are not set, or marked as empty, so."""
    for slot in range(slots):
        p, end = at[2 * slot], at[2 * slot + 1]
        if p >= 0 and _is(data, p, end, marks.unset, marks.unset_size):
            at[2 * slot] = -1
        elif p >= 0 and _is(data, p, end, marks.empty, marks.empty_size):
            at[2 * slot + 1] = p


@part
def _begins_row(byte: Any) -> bool:
    """Tell a line that is a row, or at least no part of a header: digits, minus, {, space, nothing."""
    return 48 <= byte <= 57 or byte == 45 or byte == 123 or byte == 32 or byte == 13 or byte == 10


@part
def _split(data: np.ndarray, p: Any, marks: Marks, at: np.ndarray) -> tuple[Any, Any]:
    """Find the fields of a row: the position of its newline, and how many columns it has.

    Places of columns that a row does not have stay as they were.
    """
    columns, first, q = np.int64(0), np.int64(p), np.int64(p)
    one = np.uint64(1)
    while True:
        ending = equal_bits(data, q, 10)  # newline
        found = equal_bits(data, q, marks.separator) & ((ending & (~ending + one)) - one)
        while found != np.uint64(0) and columns <= marks.last:
            place = q + first_bit(found)
            found &= found - one
            slot = marks.wanted[columns]
            if slot >= 0:
                at[2 * slot], at[2 * slot + 1] = first, place
            columns += 1
            first = place + 1
        columns += count_bits(found)
        if ending != np.uint64(0):
            break
        q += 64
    place = q + first_bit(ending)
    if columns <= marks.last and marks.wanted[columns] >= 0:
        slot = marks.wanted[columns]
        end = place - 1 if place > first and data[place - 1] == 13 else place  # carriage return
        at[2 * slot], at[2 * slot + 1] = first, end
    return place, columns + 1


@compiled
def uid_views(uids: np.ndarray, lengths: np.ndarray, views: np.ndarray) -> None:
    """Make the views (`arrow`) of identifiers, of which each has UID_WORDS words of an arena."""
    for row in range(lengths.size):
        size = lengths[row]
        first, second = uids[row, 0], uids[row, 1]
        views[row, 0] = np.uint64(size) | first << np.uint64(32) if size > 0 else _NO_VIEW
        if size <= INLINE:
            views[row, 1] = first >> np.uint64(32) | second << np.uint64(32)
        else:
            views[row, 1] = np.uint64(8 * UID_WORDS * row) << np.uint64(32)


@compiled
def scan_rows(  # noqa: C901, PLR0913, PLR0917 - one loop; memory is made by the caller
    data: np.ndarray, start: int, size: int, marks: Marks, program: Program, known: Tables, out: Columns, rest: Lines
) -> tuple[int, int, int, Any, int]:
    """Read rows of TSV.

    Parameters
    ----------
    data
        Bytes (uint8), the last of the first `size` a newline, followed by PADDING.
    start
        Where the first line begins.
    marks, program
        How the log is written, and what is read of it. A program without slots counts the rows.
    known
        Tables, which the texts are added to.
    out, rest
        What becomes of the lines.

    Returns
    -------
    How many rows were read; how many lines are left to `rows`; how many were counted only; where the pass ended, and
    why (DONE, STOPPED, FULL, MORE).
    """
    rows, slow, counted = 0, 0, 0
    for k in range(rest.at.size):
        rest.at[k] = -1
    for k in range(out.nulls.size):
        out.nulls[k] = 0
    p = np.int64(start)
    for line in range(ROWS):
        if p >= size:
            return rows, slow, counted, p, DONE
        if not _begins_row(data[p]):
            return rows, slow, counted, p, STOPPED
        end, found = _split(data, p, marks, rest.at)
        result: Any = _LEFT
        if found == marks.wanted.size and 48 <= data[p] <= 57 and end - p <= LINE_BYTES:  # digits
            if program.slots.size == 0:
                counted += 1
                result = _COUNTED
            else:
                _says(data, rest.at, program.slots.size, marks)
                result = _put(data, rest.at, program, known, out, rows)
        if result == _TOO_MANY:
            return rows, slow, counted, p, FULL
        if result == 0:
            out.lines[rows], out.starts[rows] = line, p
            rows += 1
        elif result == _LEFT:
            rest.left[slow, 0], rest.left[slow, 1] = line, p
            slow += 1
        p = end + 1
    return rows, slow, counted, p, MORE if p < size else DONE


@part
def _log(data: np.ndarray, at: np.ndarray, bits: Any, names: Names) -> Any:
    """Tell which log an object is of: the place of another, _OWN, _LEFT where `rows` tells, or _COUNTED: not read."""
    p, end = at[2 * names.slot], at[2 * names.slot + 1]
    if p < 0:
        return _OWN if bits == OWN else _LEFT
    if _is(data, p, end, names.path, names.size):
        return _OWN
    for k in range(names.sizes.size):
        if _is(data, p, end, names.others[k], names.sizes[k]):
            return np.int64(k)
    for i in range(p, end):
        if data[i] >= 128 or data[i] == 92:  # no ASCII, backslash
            return _LEFT
    return _COUNTED


@compiled
def scan_objects(  # noqa: C901, PLR0913, PLR0917 - memory is made by the caller
    data: np.ndarray,
    begins: np.ndarray,
    ends: np.ndarray,
    names: Names,
    program: Program,
    known: Tables,
    out: Columns,
    rest: Lines,
) -> tuple[int, int, int, int, int, int]:
    """Read lines of JSON.

    Parameters
    ----------
    data
        Bytes (uint8), followed by PADDING.
    begins, ends
        Of each line its first byte and its newline (int64).
    names, program
        How the log is told, and what is read of it.
    known
        Tables, which the texts are added to.
    out, rest
        What becomes of the lines. The key places in `rest.seen` are of this data.

    Returns
    -------
    How many rows were read; how many lines are left to `rows`; how many are of other logs; how many of logs that are
    not read; the line where the pass ended, and why (DONE, FULL, MORE).
    """
    rows, slow, moved, counted = 0, 0, 0, 0
    for k in range(out.nulls.size):
        out.nulls[k] = 0
    for k in range(rest.seen.shape[0]):
        rest.seen[k, 1] = 0
    for line in range(min(begins.size, ROWS)):
        p, end = begins[line], ends[line]
        if end > p and data[end - 1] == 13:  # carriage return
            end -= 1
        result: Any = _LEFT
        bits = find_values(data, p, end, names.keys, rest.seen, rest.at)
        if bits >= 0 and end - p <= LINE_BYTES:
            result = _log(data, rest.at, bits, names)
            if result >= 0:
                rest.moved[moved, 0], rest.moved[moved, 1] = line, result
                moved += 1
                continue
            if result == _OWN:
                result = _put(data, rest.at, program, known, out, rows)
        if result == _TOO_MANY:
            return rows, slow, moved, counted, line, FULL
        if result == 0:
            out.lines[rows], out.starts[rows] = line, p
            rows += 1
        elif result == _COUNTED:
            counted += 1
        else:
            rest.left[slow, 0], rest.left[slow, 1] = line, p
            slow += 1
    return rows, slow, moved, counted, min(begins.size, ROWS), MORE if begins.size > ROWS else DONE
