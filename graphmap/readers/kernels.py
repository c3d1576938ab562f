"""Compiled passes over the bytes of syslog text: where lines end, what their headers and messages are.

numba compiles these functions when they are first called, and keeps the result on disk. They read no byte outside of
`data`: every position is compared with the end of its line before it is read.
"""

# ruff: noqa: PLR2004 - bytes are compared by their codes, one by one, which is what compiles best

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from graphmap import compiling
from graphmap.readers.arrow.kernels import INLINE, NULL
from graphmap.readers.shapes import NUMBERS, TEXTS, Program, write_walk
from graphmap.readers.vectors.kernels import (
    byte,
    compiled,
    copy_bytes,
    count_bits,
    equal_bits,
    first_bit,
    marker,
    newline,
    part,
    put_word,
    runner,
    word,
)

SLOW, OTHER = -2, -1
"""In place of a shape: a line for the careful reader; one of another program."""
NO_OFFSET = 9999
"""The offset of a stamp without one, which has no year either."""
NO_STAMP = -1
"""The date of a line that does not begin with a stamp of a known form."""
HOST_USE = 7
"""The bit of `Found.uses` for a host; those of `TEXTS` are their indices."""
QUAD, DOMAIN, RESERVED = 256, 512, 1024
"""Bits of `Found.uses` that tell of the text itself: an IPv4 address in its canonical form; it holds a backslash; it is
one of GRAMMAR_WORDS."""
TEXT_LIMIT = 1 << 15
"""Distinct texts of one block; the lines that hold more are slow."""
ARENA_BYTES = 1 << 21
"""Bytes of all of them."""
COPIES = 9
"""The most repetitions in one line that is not slow."""
GRAMMAR_WORDS = ("by", "for", "from", "illegal", "invalid", "on", "port", "ssh2", "ssh2:")
"""Lines with users of these names are slow."""
HOST, SESSION, CODE = range(len(TEXTS), len(TEXTS) + 3)
"""Rows of `Found.refs` behind those of TEXTS."""

_SLOT_BITS, _FIRST_BITS = 16, 12
_SLOTS = 1 << _SLOT_BITS
"""Of a hash table at most; it begins with `_FIRST_BITS` and grows when it is half full."""
_PROBES = 32
_DIGITS = 9
_PORTS = 65535
_TEXTS, _NUMBERS = len(TEXTS), len(NUMBERS)
_REFS = CODE + 1
_MESSAGE_BYTES = 8000
_HOST_BYTES = 255
_SLACK = 16
"""Bytes behind those of an arena, so that words may be looked at."""

_MONTHS = np.frombuffer(b"JanFebMarAprMayJunJulAugSepOctNovDec", np.uint8)


def _fixed(text: bytes) -> np.ndarray:
    """Give bytes with room behind them to look at words; `_equal` is told how many there are."""
    return np.frombuffer(text.ljust(-(-len(text) // 8) * 8 + 8, b"\0"), np.uint8)


_SHA256, _SHA256_SIZE = _fixed(b"SHA256:"), 7
_BEFORE, _BEFORE_SIZE = _fixed(b"[preauth]"), 9
_SSHD_SESSION, _AUTH = _fixed(b"sshd-session"), _fixed(b"sshd-auth")
_DROPBEAR = _fixed(b"dropbear")
_PID, _PID_SIZE = _fixed(b"pid "), 4
_MORE, _MORE_SIZE = _fixed(b" times: ["), 9
_LAST, _AGAIN = _fixed(b"last message "), _fixed(b"message repeated ")
_LAST_SIZE, _AGAIN_SIZE = 13, 17


def _code(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


_SSHD, _SSHD_SES, _SION, _CLOSED = _code(b"sshd["), _code(b"sshd-ses"), _code(b"sion["), _code(b"]: ")

_DIGIT_BYTES, _DOT_TO_DIGIT = (48, 57), (45, 57)  # - . / and digits stand in a row
_run_no_backslash = runner((0, 9), (11, 91), (93, 255))
_run_printable = runner((33, 126))
_run_account = runner((33, 39), (41, 60), (62, 126))  # ( and = are left out
_run_address = runner((48, 58), (46, 46), (97, 102), (65, 70))  # digits and colon, full stop, a to f
_run_upper = runner((65, 90), _DIGIT_BYTES, (45, 45))
_run_tty = runner((97, 122), (47, 57))  # / and digits
_run_lower = runner((97, 122), _DIGIT_BYTES, (45, 45), (95, 95))
_run_base64 = runner((47, 57), (43, 43), (61, 61), letters=True)
_run_program = runner(_DOT_TO_DIGIT, (95, 95), (43, 43), letters=True)
_run_host = runner((45, 46), _DIGIT_BYTES, (95, 95), letters=True)
_run_digits = runner(_DIGIT_BYTES)
_not_points = marker((46, 46), (58, 58))
_not_slash = marker((47, 47))
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
_RESERVED = np.array([int.from_bytes(word.encode(), "little") for word in GRAMMAR_WORDS], np.uint64)
_HELD_TEXTS = np.uint64((1 << _TEXTS) - 1)
_ALL = np.uint64((1 << 64) - 1)
_NO_WORD, _ONE = np.uint64(0), np.uint64(1)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HIGHS = np.uint64(0x8080808080808080)
_CLOCK, _CLOCK_LIMITS = np.uint64(0x30303A30303A3030), np.uint64(0x76767F76767F7676)  # 00:00:00
_SIX, _SIX_LIMITS = np.uint64(0x303030303030), np.uint64(0x767676767676)  # 000000
_DAY = np.uint64(0xFFFFFF)
_BYTE = np.uint64(255)
_ZEROS, _SIX_LESS = np.uint64(0x3030303030303030), np.uint64(0x7676767676767676)
_PAIRS = np.uint64(0x000000FF000000FF)
_TEN, _HUNDRED, _THOUSAND, _TEN_THOUSAND = (np.uint64(10**n) for n in range(1, 5))
_COLON = np.uint64(58)
_NO_VIEW = np.uint64(NULL)


class Found(NamedTuple):
    """What a block holds. `shape` and `host` have an entry a line; those that name events have one an event.

    The arrays are those of the room, and good until it is used again.
    """

    ends: np.ndarray
    """Of each line the position of its newline."""
    shape: np.ndarray
    """The shape of its message, SLOW, or OTHER."""
    host: np.ndarray
    """The text of the host; 0 where the header has no known form."""
    runs: np.ndarray
    """A row where the date changes: line, date (year, 4 bits of month, 5 of day; NO_STAMP), minutes of the offset."""
    events: np.ndarray
    """The lines that report an event, as often as they report it."""
    of_day: np.ndarray
    """Of each event the microseconds since midnight."""
    refs: np.ndarray
    """A row for each of `TEXTS`, then HOST, SESSION and CODE; a column an event: the number of a text or of a
    connection, 0 for none; the shape."""
    numbers: np.ndarray
    """A row for each of `NUMBERS`, then the pid; a column an event. 0 for no port."""
    peers: np.ndarray
    """A row for each connection: the text of the address, and the port. The first is for none."""
    spans: np.ndarray
    """Of each distinct text, from number 0 on, where in the arena it begins and ends. The first is for none."""
    views: np.ndarray
    """Its view (`arrow`)."""
    last: np.ndarray
    """The last line whose host it is; -1 where it is none."""
    uses: np.ndarray
    """The columns that hold it, a bit each, QUAD, DOMAIN and RESERVED."""
    arena: np.ndarray
    """The bytes of the texts (uint8)."""


def is_kept() -> bool:
    """Tell whether an earlier process left these functions compiled on disk (for this version of this file)."""
    return compiling.is_kept(scan_lines)


def line_ends(data: np.ndarray, start: int, end: int) -> np.ndarray:
    """Find the newlines between two positions, with one at the last of them; behind it are `blocks.PADDING` bytes."""
    ends = np.empty(_count_lines(data, start, end), np.int64)
    _find_lines(data, start, ends)
    return ends


@compiled
def _count_lines(data: np.ndarray, start: int, end: int) -> int:
    count = 0
    for p in range(start, end, 64):
        found = equal_bits(data, p, 10)  # newline
        if end - p < 64:
            found &= (np.uint64(1) << np.uint64(end - p)) - np.uint64(1)
        count += count_bits(found)
    return count


@compiled
def _find_lines(data: np.ndarray, start: int, ends: np.ndarray) -> None:
    p = np.int64(start)
    for k in range(ends.size):
        ends[k] = newline(data, p)
        p = ends[k] + 1


@part
def _signed(number: Any) -> Any:
    """Make a number an int64, with which compiled code reckons as Python does with int."""
    return np.int64(number)


@part
def _low(value: Any, size: Any) -> Any:
    """Keep the first one to eight bytes of a word."""
    return value & (_ALL >> np.uint64(64 - 8 * size))


@part
def _two(data: np.ndarray, p: int) -> int:
    """Read two digits; something negative where they are none."""
    a, b = byte(data, p) - 48, byte(data, p + 1) - 48
    if 0 <= a <= 9 and 0 <= b <= 9:  # digits
        return a * 10 + b
    return -1000


@part
def _time_of_day(data: np.ndarray, p: int) -> int:
    """Read ``HH:MM:SS``, eight bytes; -1 where it is none. A leap second is left to the careful reader."""
    digits = word(data, p) ^ _CLOCK
    if ((digits + _CLOCK_LIMITS) | digits) & _HIGHS:  # a byte is above 9, or above 0 in place of a colon
        return -1
    byte = np.uint64(255)
    hour = _signed((digits & byte) * np.uint64(10) + (digits >> np.uint64(8) & byte))
    minute = _signed((digits >> np.uint64(24) & byte) * np.uint64(10) + (digits >> np.uint64(32) & byte))
    second = _signed((digits >> np.uint64(48) & byte) * np.uint64(10) + (digits >> np.uint64(56)))
    if hour > 23 or minute > 59 or second > 59:  # the limits of a clock
        return -1
    return ((hour * 60 + minute) * 60 + second) * 1_000_000


@part
def _microseconds(data: np.ndarray, p: int) -> int:
    """Read six digits of eight bytes; -1 where they are none."""
    digits = (word(data, p) ^ _SIX) & _MASKS[6]
    if ((digits + _SIX_LIMITS) | digits) & _HIGHS:  # a byte is above 9
        return -1
    pairs = digits * np.uint64(10) + (digits >> np.uint64(8))  # every second byte: a pair
    byte = np.uint64(255)
    return _signed(
        (pairs & byte) * np.uint64(10_000)
        + (pairs >> np.uint64(16) & byte) * np.uint64(100)
        + (pairs >> np.uint64(32) & byte)
    )


@part
def _month(data: np.ndarray, p: int) -> int:
    """Read ``Jan`` to ``Dec``; 0 for anything else."""
    for i in range(0, 36, 3):
        if byte(data, p + 2) == _MONTHS[i + 2] and byte(data, p + 1) == _MONTHS[i + 1] and byte(data, p) == _MONTHS[i]:
            return i // 3 + 1
    return 0


@compiled
def _yearless(data: np.ndarray, p: int, end: int, stamp: np.ndarray) -> int:
    """Read ``Nov  5 21:01:21 ``: gives the position behind it, and date, offset and time of day in `stamp`; or -1."""
    if end - p < 17 or byte(data, p + 3) != 32 or byte(data, p + 6) != 32 or byte(data, p + 15) != 32:  # its form
        return -1
    month = _month(data, p)
    day = _two(data, p + 4) if byte(data, p + 4) != 32 else byte(data, p + 5) - 48  # space
    of_day = _time_of_day(data, p + 7)
    if month == 0 or not (1 <= day <= 31) or of_day < 0:  # days of a month
        return -1
    stamp[0], stamp[1], stamp[2] = month * 32 + day, 9999, of_day
    return p + 16


@part
def _is_offset(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether ``+hh:mm `` or ``-hh:mm `` may stand at a place: its signs do."""
    return (
        p + 6 < end and abs(byte(data, p) - 44) == 1 and byte(data, p + 3) == 58 and byte(data, p + 6) == 32
    )  # + or -


@compiled
def _dated(data: np.ndarray, p: int, end: int, stamp: np.ndarray) -> int:
    """Read ``2026-11-20T21:01:21.505210+01:00 `` as `_yearless` does."""
    if end - p < 21 or byte(data, p + 4) != 45 or byte(data, p + 7) != 45 or byte(data, p + 10) != 84:  # its form
        return -1
    century, year, month, day = _two(data, p), _two(data, p + 2), _two(data, p + 5), _two(data, p + 8)
    of_day = _time_of_day(data, p + 11)
    if century < 0 or year < 0 or not (1 <= month <= 12) or not (1 <= day <= 31) or of_day < 0:
        return -1
    p += 19
    if byte(data, p) == 46:  # full stop
        p += 1
        first, unit = p, 100_000
        while p < end and 48 <= byte(data, p) <= 57:  # digits
            of_day += (byte(data, p) - 48) * unit
            unit //= 10
            p += 1
        if not (1 <= p - first <= 9):  # digits of a nanosecond
            return -1
    if p + 1 < end and byte(data, p) == 90 and byte(data, p + 1) == 32:  # Z
        offset = 0
        p += 2
    elif _is_offset(data, p, end):
        hours, minutes = _two(data, p + 1), _two(data, p + 4)
        if not (0 <= hours < 24 and 0 <= minutes < 60):  # the limits of an offset
            return -1
        offset = hours * 60 + minutes
        if byte(data, p) == 45:  # minus
            offset = -offset
        p += 7
    else:
        return -1
    stamp[0], stamp[1], stamp[2] = ((century * 100 + year) * 16 + month) * 32 + day, offset, of_day
    return p


@compiled
def _priority(data: np.ndarray, p: int, end: int) -> int:
    """Read ``<38>1 ``, which begins a line of RFC 5424, and give the position behind it; or -1."""
    first = p + 1
    p = first
    while p < end and 48 <= byte(data, p) <= 57:  # digits
        p += 1
    if not (1 <= p - first <= 3) or p + 3 > end:  # digits of a priority
        return -1
    return p + 3 if byte(data, p) == 62 and byte(data, p + 1) == 49 and byte(data, p + 2) == 32 else -1  # >1 and space


@part
def _as_before(data: np.ndarray, p: int, end: int, stamp: np.ndarray, known: np.ndarray) -> int:
    """Read a stamp that has the date and the offset of the last one: as `_stamp`, or -1 where it has others.

    `known` has the bytes of that one up to the time of day (as two words) and behind it; or those of one without year.
    """
    if end - p < 34:  # what is read below
        return -1
    head = word(data, p)
    behind, of_day, micro = -1, -1, 0
    if head == known[0] and word(data, p + 8) & _DAY == known[1] and byte(data, p + 19) == 46:  # full stop
        if word(data, p + 26) & _MASKS[7] == known[2]:
            behind, of_day, micro = p + 33, _time_of_day(data, p + 11), _microseconds(data, p + 20)
    elif head & _MASKS[7] == known[3] and byte(data, p + 15) == 32 and not stamp[3]:  # space
        behind, of_day = p + 16, _time_of_day(data, p + 7)
    if of_day < 0 or micro < 0:
        return -1
    stamp[2] = of_day + micro
    return behind


@part
def _forget(known: np.ndarray) -> None:
    """Keep what no stamp has: what is compared with it has fewer bytes."""
    known[1] = known[3] = ~np.uint64(0)


@part
def _keep(data: np.ndarray, p: int, end: int, known: np.ndarray, behind: int) -> None:
    """Keep of a stamp that has been read what `_as_before` compares."""
    _forget(known)
    if end - p < 34:
        return
    if behind == p + 16:
        known[3] = word(data, p) & _MASKS[7]
    elif behind == p + 33:  # six digits and an offset of hours and minutes
        known[0], known[1], known[2] = word(data, p), word(data, p + 8) & _DAY, word(data, p + 26) & _MASKS[7]


@part
def _stamp(data: np.ndarray, p: Any, end: int, stamp: np.ndarray, known: np.ndarray) -> int:
    """Read the stamp that a line begins with; the position behind its space, or -1. `stamp[3]` tells RFC 5424."""
    stamp[3] = 0
    if p >= end:
        _forget(known)
        return -1
    if byte(data, p) == 60:  # <
        stamp[3] = 1
        p = _priority(data, p, end)
        if p < 0:
            _forget(known)
            return -1
    q = _as_before(data, p, end, stamp, known)
    if q >= 0:
        return q
    if 48 <= byte(data, p) <= 57:  # digits
        q = _dated(data, p, end, stamp)
    elif stamp[3]:
        q = -1
    else:
        q = _yearless(data, p, end, stamp)
    _keep(data, p, end, known, q)
    return q


@part
def _equal(data: np.ndarray, p: int, end: int, literals: np.ndarray, first: int, size: int) -> bool:
    """Tell whether `size` bytes of `literals` stand at `p`, before `end`."""
    different = np.uint64(0)
    i = 0
    while i + 8 < size and different == np.uint64(0):
        different = word(data, p + i) ^ word(literals, first + i)
        i += 8
    different |= (word(data, p + i) ^ word(literals, first + i)) & _MASKS[min(size - i, 8)]
    return different == np.uint64(0) and p + size <= end


@part
def _is(data: np.ndarray, p: int, end: int, fixed: np.ndarray, size: int) -> bool:
    """Tell whether a part is a word."""
    return end - p == size and _equal(data, p, end, fixed, 0, size)


@part
def take_number(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind digits without a leading zero, at most nine of them; or -1."""
    _ = end
    q = _run_digits(data, p)
    if not (1 <= q - p <= _DIGITS) or (byte(data, p) == 48 and q - p > 1):  # zero
        return -1
    return q


@part
def read_number(data: np.ndarray, p: int, end: int) -> int:
    """Read one to nine digits.

    Source: D. Lemire, "Quickly parsing eight digits" (2018).
    """
    size = min(end - p, 8)
    v = (word(data, p) ^ _ZEROS) << np.uint64(64 - 8 * size)
    v = v * np.uint64(10) + (v >> np.uint64(8))
    high = (v & _PAIRS) * np.uint64(0x000F424000000064)
    value = _signed((high + ((v >> np.uint64(16)) & _PAIRS) * np.uint64(0x0000271000000001)) >> np.uint64(32))
    return value * 10 + byte(data, p + 8) - 48 if end - p > 8 else value


@part
def take_address(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind hexadecimal digits with full stops or colons among them; or -1: no name is taken."""
    _ = end
    q = _run_address(data, p)
    if q == p or q - p > 45 or byte(data, q - 1) == 58:  # INET6_ADDRSTRLEN; a last colon may be the message's
        return -1
    points = first_bit(~_not_points(data, p))
    if points < 32:  # what was looked at
        return q if p + points < q else -1
    for i in range(p + 32, q):
        if byte(data, i) == 46 or byte(data, i) == 58:  # full stop, colon
            return q
    return -1


@part
def take_key(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind ``SHA256:`` and base64; or -1."""
    if not _equal(data, p, end, _SHA256, 0, _SHA256_SIZE):
        return -1
    q = _run_base64(data, p + _SHA256_SIZE)
    return q if q > p + _SHA256_SIZE else -1


@part
def take_user(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind printable ASCII without space; or -1."""
    q = min(_run_printable(data, p), end)
    return q if q > p else -1


@part
def take_account(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind printable ASCII without space, ( and =; or -1."""
    q = min(_run_account(data, p), end)
    return q if q > p else -1


@part
def take_opener(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind nothing, or what `take_account` takes."""
    return min(_run_account(data, p), end)


@part
def take_method(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind lower case letters, digits, - and _; or -1."""
    q = min(_run_lower(data, p), end)
    return q if q > p else -1


@part
def take_device(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind nothing, or / and printable ASCII without space."""
    return min(_run_printable(data, p), end) if p < end and byte(data, p) == 47 else p  # /


@part
def take_type(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind upper case letters, digits and -; or -1."""
    q = min(_run_upper(data, p), end)
    return q if q > p else -1


@part
def take_tty(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind lower case letters, digits and /; or -1."""
    q = min(_run_tty(data, p), end)
    return q if q > p else -1


@part
def take_child(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind ``pid`` and a number; or -1."""
    return take_number(data, p + _PID_SIZE, end) if _equal(data, p, end, _PID, 0, _PID_SIZE) else -1


@part
def take_spaces(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind spaces; or -1."""
    q = _spaces(data, p, end)
    return q if q > p else -1


@part
def take_rest(data: np.ndarray, p: int, end: int) -> int:
    """Give the end: what the reading does not look at."""
    _ = byte(data, p)
    return end


@part
def take_rest_before(data: np.ndarray, p: int, end: int) -> int:
    """Give the end, if ``[preauth]`` stands before it; or -1."""
    first = end - _BEFORE_SIZE
    return end if first >= p and _equal(data, first, end, _BEFORE, 0, _BEFORE_SIZE) else -1


@part
def take_rest_open(data: np.ndarray, p: int, end: int) -> int:
    """Give the end, if something stands before it that is no space and no ]; or -1."""
    return end if end > p and byte(data, end - 1) != 32 and byte(data, end - 1) != 93 else -1  # space, ]


@part
def _spaces(data: np.ndarray, p: int, end: int) -> int:
    while p < end and byte(data, p) == 32:  # space
        p += 1
    return p


_WALK: dict[str, Any] = {}
"""The function that `shapes` writes. It is of this file for numba, which keeps what it compiles beside a file."""
exec(compile(write_walk(), __file__, "exec"), globals(), _WALK)  # noqa: S102 - the source is made of SHAPES alone
_walk = compiled(_WALK["walk"])


@part
def _shape(data: np.ndarray, p: int, end: int, work: Room) -> int:
    """Give the shape of a message, or SLOW; `parts` then has what it holds (`shapes.write_walk`)."""
    return -2 if p >= end or end - p > _MESSAGE_BYTES else _walk(data, p, end, work.parts)


@part
def _is_ours(data: np.ndarray, p: int, end: int) -> bool:
    """Tell ``sshd``, ``sshd-session`` and ``sshd-auth``."""
    return _is(data, p, end, _SSHD_SESSION, 4) or _is(data, p, end, _SSHD_SESSION, 12) or _is(data, p, end, _AUTH, 9)


@part
def _host_end(data: np.ndarray, p: int) -> int:
    """Give the position behind a plain host: letters, digits, full stop, - and _; `p` itself where it is none."""
    q = _run_host(data, p)
    return q if byte(data, q) == 32 and byte(data, p) != 45 and q - p <= _HOST_BYTES else p  # space, -


@part
def _is_server(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a program that is not `_is_ours` may be an SSH server by the last part of its path."""
    if end - p <= 32 and first_bit(~_not_slash(data, p)) >= end - p:  # what was looked at
        return _is(data, p, end, _DROPBEAR, 8)
    first = p
    for i in range(p, end):
        if byte(data, i) == 47:  # /
            first = i + 1
    return first == end or _is_ours(data, first, end) or _is(data, first, end, _DROPBEAR, 8)


@part
def _repeats(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a message may say that another one was repeated."""
    if p >= end or (byte(data, p) != 45 and byte(data, p) != 108 and byte(data, p) != 109):  # what they begin with
        return False
    if byte(data, p) == 45:  # minus
        return p + 1 < end and byte(data, p + 1) == 45
    return _equal(data, p, end, _LAST, 0, _LAST_SIZE) or _equal(data, p, end, _AGAIN, 0, _AGAIN_SIZE)


@part
def _server_tag(data: np.ndarray, p: int, head: np.ndarray) -> bool:
    """Read ``sshd[7]: `` or ``sshd-session[7]: `` as `_tag` does; False for anything else."""
    first = word(data, p)
    if first & _MASKS[5] == _SSHD:
        pid = p + 5
    elif first == _SSHD_SES and word(data, p + 8) & _MASKS[5] == _SION:
        pid = p + 13
    else:
        return False
    q = _run_digits(data, pid)
    if q == pid or word(data, q) & _MASKS[3] != _CLOSED:
        return False
    head[0], head[1], head[2], head[3], head[4] = p, pid - 1, pid, q, q + 3
    return True


@part
def _tag(data: np.ndarray, p: int, end: int, head: np.ndarray) -> bool:
    """Read ``sshd[7]: `` or ``cron: `` or ``(systemd)[7]: ``: program, pid and where the message begins, in `head`."""
    if p < end and byte(data, p) == 40:  # (
        q = min(_run_host(data, p + 1), end)
        if q == p + 1 or q >= end or byte(data, q) != 41:  # )
            return False
        q += 1
    else:
        q = min(_run_program(data, p), end)
    after = q
    head[2] = head[3] = -1
    if q < end and byte(data, q) == 91:  # [
        after = min(_run_digits(data, q + 1), end)
        if after == q + 1 or after >= end or byte(data, after) != 93:  # ]
            return False
        head[2], head[3] = q + 1, after
        after += 1
    if q == p or after + 1 >= end or byte(data, after) != 58 or byte(data, after + 1) != 32:  # colon, space
        return False
    head[0], head[1], head[4] = p, q, after + 2
    return True


@part
def _fields(data: np.ndarray, p: int, end: int, head: np.ndarray) -> bool:
    """Read ``sshd 7 - - ``, which RFC 5424 has in place of a tag, as `_tag` does."""
    q = min(_run_program(data, p), end)
    if q == p or q >= end or byte(data, q) != 32:  # space
        return False
    head[0], head[1], head[2], head[3] = p, q, -1, -1
    pid = q + 1
    q = min(_run_program(data, pid), end)
    if q == pid or q >= end or byte(data, q) != 32:  # space
        return False
    if _run_digits(data, pid) == q:
        head[2], head[3] = pid, q
    name = q + 1
    q = min(_run_program(data, name), end)
    if q == name or q + 3 >= end or byte(data, q) != 32 or byte(data, q + 1) != 45 or byte(data, q + 2) != 32:  # " - "
        return False
    head[4] = q + 3
    return True


@part
def _same(data: np.ndarray, p: int, other: np.ndarray, at: int, size: int) -> bool:
    """Tell whether two texts of one size, at least eight, are equal."""
    different = word(data, p + size - 8) ^ word(other, at + size - 8)
    i = 0
    while i + 8 < size and different == np.uint64(0):  # which LLVM does not make vectors of, for texts are short
        different = word(data, p + i) ^ word(other, at + i)
        i += 8
    return different == np.uint64(0)


@part
def _is_quad(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a text is an IPv4 address in its canonical form: four numbers without leading zeros."""
    parts, value, first = 0, 0, p
    for i in range(p, end + 1):
        if i < end and 48 <= byte(data, i) <= 57:  # digits
            value = value * 10 + byte(data, i) - 48
            if value > 255 or (i > first and byte(data, first) == 48):  # a byte; zero
                return False
        elif i == first or (i < end and byte(data, i) != 46):  # full stop
            return False
        else:
            parts, value, first = parts + 1, 0, i + 1
    return parts == 4


@part
def _traits(data: np.ndarray, p: int, end: int) -> Any:
    """Tell QUAD, DOMAIN and RESERVED of a text."""
    traits = QUAD if _is_quad(data, p, end) else 0
    if _run_no_backslash(data, p) < end:
        traits |= DOMAIN
    if end - p <= 8:  # the longest word of the grammar is shorter
        text = _low(word(data, p), end - p)
        for i in range(_RESERVED.size):
            if text == _RESERVED[i]:
                traits |= RESERVED
    return traits


class Room(NamedTuple):
    """The memory that `scan_block` needs: `room` makes it."""

    ends: np.ndarray
    shape: np.ndarray
    host: np.ndarray
    runs: np.ndarray
    events: np.ndarray
    of_day: np.ndarray
    refs: np.ndarray
    numbers: np.ndarray
    peers: np.ndarray
    spans: np.ndarray
    views: np.ndarray
    last: np.ndarray
    uses: np.ndarray
    arena: np.ndarray
    tables: np.ndarray
    """Where the numbers of texts and of connections are, by hash."""
    hashes: np.ndarray
    bits: np.ndarray
    """Of the places of each table."""
    counts: np.ndarray
    """Of lines, runs, events, texts, connections, bytes of texts, and bytes of the longest line."""
    stamp: np.ndarray
    known: np.ndarray
    head: np.ndarray
    parts: np.ndarray


def room(lines: int) -> Room:
    """Make room for so many lines."""
    events = -(-(lines + lines // 4 + COPIES) // 1024) * 1024 + 80
    return Room(
        np.empty(lines, np.int64),
        np.empty(lines, np.int16),
        np.empty(lines, np.int32),
        np.empty((lines, 3), np.int64),
        np.empty(events, np.int64),
        np.empty(events, np.int64),
        np.empty((_REFS, events), np.uint32),
        np.empty((_NUMBERS + 1, events), np.int32),
        np.zeros((2, TEXT_LIMIT), np.int32),
        np.zeros(2 * TEXT_LIMIT, np.int64),
        np.zeros(2 * TEXT_LIMIT, np.uint64),
        np.empty(TEXT_LIMIT, np.int64),
        np.empty(TEXT_LIMIT, np.uint16),
        np.empty(ARENA_BYTES + _SLACK, np.uint8),
        np.zeros((2, _SLOTS), np.int32),
        np.zeros((2, TEXT_LIMIT), np.uint64),
        np.zeros(2, np.int64),
        np.zeros(7, np.int64),
        np.zeros(4, np.int64),
        np.zeros(4, np.uint64),
        np.zeros(6, np.int64),
        np.zeros(2 * _TEXTS + _NUMBERS, np.int64),
    )


def longest(work: Room) -> int:
    """Tell how many bytes the longest line had that was read in a room."""
    return int(work.counts[6])


@part
def _intern(  # noqa: C901 - as `_shape`
    data: np.ndarray, p: int, end: int, work: Room
) -> int:
    """Give the number of a text; 0 where there are too many, or too many of one hash, as somebody could arrange."""
    views = work.views
    size = end - p
    first, second = word(data, p), word(data, p + 8)
    if size <= 8:
        first, second = _low(first, size), np.uint64(0)
    elif size <= INLINE:
        second = _low(second, size - 8)
    value = first * _SPREAD
    if size > 8:
        value = (value ^ (value >> np.uint64(32)) ^ word(data, end - 8)) * _SPREAD
        for i in range(8, size - 8, 8):
            value = ((value ^ (value >> np.uint64(32))) ^ word(data, p + i)) * _SPREAD
    value ^= value >> np.uint64(32)
    value = (value ^ np.uint64(size)) * _SPREAD
    second = first >> np.uint64(32) | second << np.uint64(32)
    first = np.uint64(size) | first << np.uint64(32)
    slot = _slot(value, 0, work)
    for _ in range(_PROBES):
        known = np.uint64(work.tables[_NO_WORD, slot])
        if known == np.uint64(0):
            return _add_text(data, p, end, work, value, first, second)
        if views[known + known] == first:
            if size <= INLINE:
                if views[known + known + np.uint64(1)] == second:
                    return _signed(known)
            elif _same(data, p, work.arena, work.spans[known + known], size):
                return _signed(known)
        slot = _next(slot, 0, work)
    return 0


@part
def _slot(value: Any, table: int, work: Room) -> Any:
    """Give the place that a hash begins to look at."""
    return value >> np.uint64(64 - work.bits[table])


@part
def _next(slot: Any, table: int, work: Room) -> Any:
    return (slot + np.uint64(1)) & ((np.uint64(1) << np.uint64(work.bits[table])) - np.uint64(1))


@compiled
def _put(value: Any, known: int, table: int, work: Room) -> None:
    """Put a new number into a table, which grows where it is half full."""
    work.hashes[table, known] = value
    first = known
    if 2 * known >= 1 << work.bits[table]:
        work.bits[table] += 1
        for slot in range(1 << work.bits[table]):
            work.tables[table, slot] = 0
        first = 1
    for number in range(first, known + 1):
        slot = _slot(work.hashes[table, number], table, work)
        while work.tables[table, slot] != 0:
            slot = _next(slot, table, work)
        work.tables[table, slot] = number


@compiled
def _add_text(  # noqa: PLR0913, PLR0917 - compiled into `_intern`
    data: np.ndarray, p: int, end: int, work: Room, value: Any, first: Any, second: Any
) -> int:
    """Give a new text a number, if there is room."""
    counts, arena = work.counts, work.arena
    known, at, size = counts[3], counts[5], end - p
    if known >= TEXT_LIMIT or at + size > ARENA_BYTES:
        return 0
    copy_bytes(data, p, arena, at, size)
    work.spans[2 * known], work.spans[2 * known + 1] = at, at + size
    work.views[2 * known] = first
    work.views[2 * known + 1] = second if size <= INLINE else np.uint64(at) << np.uint64(32)
    work.uses[known] = _traits(data, p, end)
    work.last[known] = -1
    _put(value, known, 0, work)
    counts[3] += 1
    counts[5] += size
    return known


@part
def _join(address: int, port: int, work: Room) -> int:
    """Give the number of a connection; 0 as `_intern` does."""
    peers, counts = work.peers, work.counts
    value = (np.uint64(address) << np.uint64(16) | np.uint64(port)) * _SPREAD
    slot = _slot(value, 1, work)
    for _ in range(_PROBES):
        number = np.uint64(work.tables[_ONE, slot])
        if number == np.uint64(0):
            known = counts[4]
            if known >= TEXT_LIMIT:
                return 0
            counts[4] += 1
            peers[_NO_WORD, np.uint64(known)], peers[_ONE, np.uint64(known)] = address, port
            _put(value, known, 1, work)
            return known
        if peers[_NO_WORD, number] == address and peers[_ONE, number] == port:
            return _signed(number)
        slot = _next(slot, 1, work)
    return 0


@part
def _message(
    data: np.ndarray,
    end: int,
    ours: bool,  # noqa: FBT001 - compiled in
    head: np.ndarray,
    program: Program,
    work: Room,
) -> int:
    """Give shape, SLOW or OTHER of the message behind a header; `head[5]` then says how often it counts.

    `ours` tells that the program is known to be sshd.
    """
    p = _spaces(data, head[4], end)
    head[5] = 1
    if ours or _is_ours(data, head[0], head[1]):
        if head[2] < 0 or head[3] - head[2] > _DIGITS:
            return -2
        repeated = p < end and byte(data, p) == 109  # m
        if repeated:
            p, end = _quoted(data, p, end, head), end - 1
            if p < 0:
                return -2
        kind = _shape(data, p, end, work)
        return -2 if repeated and not (kind >= 0 and program.reports[kind]) else kind
    if _is_server(data, head[0], head[1]) or _repeats(data, p, end):
        return -2
    return -1 if p >= end or byte(data, p) != 239 else -2  # a byte order mark may hide a repetition


@part
def _quoted(data: np.ndarray, p: int, end: int, head: np.ndarray) -> int:
    """Read ``message repeated 2 times: [ MESSAGE]``, as rsyslog writes it: where that message begins; or -1."""
    at = p + _AGAIN_SIZE
    if end - at < 12 or byte(data, end - 1) != 93:  # what is read; ]
        return -1
    if not _equal(data, p, end, _AGAIN, 0, _AGAIN_SIZE):
        return -1
    copies = byte(data, at) - 48
    if not (1 <= copies <= COPIES) or not _equal(data, at + 1, end, _MORE, 0, _MORE_SIZE):
        return -1
    at += 1 + _MORE_SIZE
    head[5] = copies
    return at + 1 if byte(data, at) == 32 else at  # space


def scan_block(data: np.ndarray, start: int, end: int, program: Program, work: Room) -> Found | None:
    """Read a block of whole lines; None where the room has too few lines for it.

    Parameters
    ----------
    data
        Bytes (uint8): from `start` to `end` lines, the last byte a newline; then `blocks.PADDING` bytes.
    program
        The shapes.
    work
        The memory for what is found.
    """
    if not scan_lines(data, start, end, program, work):
        return None
    lines, runs, events, texts, peers, used, _ = work.counts.tolist()
    return Found(
        work.ends[:lines],
        work.shape[:lines],
        work.host[:lines],
        work.runs[:runs],
        work.events[:events],
        work.of_day[:events],
        work.refs[:, :events],
        work.numbers[:, :events],
        work.peers[:, :peers],
        work.spans[: 2 * texts].reshape(texts, 2),
        work.views[: 2 * texts].reshape(texts, 2),
        work.last[:texts],
        work.uses[:texts],
        work.arena[:used],
    )


@compiled
def scan_lines(  # noqa: C901, PLR0912 - as `_shape`
    data: np.ndarray, start: int, limit: int, program: Program, work: Room
) -> bool:
    """Read line after line: the compiled part of `scan_block`."""
    ends, runs, counts, stamp, head = work.ends, work.runs, work.counts, work.stamp, work.head
    for table in range(2):
        work.bits[table] = _FIRST_BITS
        for slot in range(1 << _FIRST_BITS):
            work.tables[table, slot] = 0
    for i in range(counts.size):
        counts[i] = 0
    counts[3] = counts[4] = 1
    work.last[0] = -1
    work.uses[0] = 0
    date, offset = np.int64(-2), np.int64(0)
    _forget(work.known)
    p = np.int64(start)
    line, long = 0, np.int64(0)
    while p < limit:
        if line == ends.size:
            return False
        end = newline(data, p)
        first, p = p, end + 1
        ends[line], work.shape[line], work.host[line] = end, -2, 0
        long = max(long, end - first)
        line += 1
        if end > first and byte(data, end - 1) == 13:  # carriage return
            end -= 1
        q = _stamp(data, first, end, stamp, work.known)
        if q < 0:
            stamp[0], stamp[1] = -1, 0
        if stamp[0] != date or stamp[1] != offset:
            date, offset = stamp[0], stamp[1]
            runs[counts[1], 0], runs[counts[1], 1], runs[counts[1], 2] = line - 1, date, offset
            counts[1] += 1
        if q < 0:
            continue
        host_end = _host_end(data, q)
        if host_end == q:
            continue
        ours = not stamp[3] and _server_tag(data, host_end + 1, head)
        if stamp[3]:
            if not _fields(data, host_end + 1, end, head):
                continue
        elif not ours and not _tag(data, host_end + 1, end, head):
            continue
        kind = _message(data, end, ours, head, program, work)
        if kind == -2:  # slow
            continue
        known = _intern(data, q, host_end, work)
        if known == 0 or (
            kind >= 0 and program.reports[kind] and not _event(data, line - 1, known, kind, program, work)
        ):
            continue
        work.uses[np.uint64(known)] |= 1 << HOST_USE
        work.host[line - 1], work.shape[line - 1], work.last[np.uint64(known)] = known, kind, line - 1
    counts[0], counts[6] = line, long
    return True


@part
def _event(data: np.ndarray, line: int, host: int, kind: int, program: Program, work: Room) -> bool:
    """Put down the event of a line; False where it is slow: a text has no room, or is a user like a word."""
    at, parts, refs, numbers = np.uint64(work.counts[2]), work.parts, work.refs, work.numbers
    for t in range(_TEXTS):
        refs[np.uint64(t), at] = 0
    holds = np.uint64(program.holds[np.uint64(kind)])
    held = holds & _HELD_TEXTS
    while held:
        column = np.uint64(first_bit(held))
        held &= held - _ONE
        text = np.uint64(_intern(data, parts[column + column], parts[column + column + _ONE], work))
        if text == _NO_WORD:
            return False
        work.uses[text] |= _ONE << column
        refs[column, at] = text
    if work.uses[refs[_NO_WORD, at]] & RESERVED:
        return False
    for t in range(_NUMBERS):
        number = parts[np.uint64(2 * _TEXTS + t)]
        there = holds >> np.uint64(_TEXTS + t) & _ONE and number <= _PORTS
        numbers[np.uint64(t), at] = number if there else 0
    session = _signed(0)
    address, port = _signed(refs[_ONE, at]), _signed(numbers[_NO_WORD, at])
    if address > 0 and port > 0:
        session = _signed(_join(address, port, work))
        if session == 0:
            return False
    refs[np.uint64(HOST), at], refs[np.uint64(SESSION), at], refs[np.uint64(CODE), at] = host, session, kind
    numbers[np.uint64(_NUMBERS), at] = read_number(data, work.head[2], work.head[3])
    work.events[at], work.of_day[at] = line, work.stamp[2]
    if work.head[5] > 1:
        return _copy(line, work)
    work.counts[2] += 1
    return True


@part
def _copy(line: int, work: Room) -> bool:
    """Put down an event as often as it counts; False where that would leave no room for the lines behind it."""
    at, copies = work.counts[2], work.head[5]
    if at + copies + work.ends.size - line > work.events.size:
        return False
    for copy in range(at + 1, at + copies):
        for t in range(_REFS):
            work.refs[t, copy] = work.refs[t, at]
        for t in range(_NUMBERS + 1):
            work.numbers[t, copy] = work.numbers[t, at]
        work.events[copy], work.of_day[copy] = line, work.stamp[2]
    work.counts[2] += copies
    return True


def scan_dates(data: np.ndarray, start: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the dates of a block's lines: their ends, and the runs, as `scan_block` gives them."""
    ends = line_ends(data, start, end)
    runs = np.empty((ends.size, 3), np.int64)
    found = _dates(data, start, ends, runs, np.zeros(4, np.int64), np.zeros(4, np.uint64))
    return ends, runs[:found]


@compiled
def _dates(
    data: np.ndarray, start: int, ends: np.ndarray, runs: np.ndarray, stamp: np.ndarray, known: np.ndarray
) -> int:
    _forget(known)
    found = 0
    date, offset = np.int64(-2), np.int64(0)
    p = np.int64(start)
    for line in range(ends.size):
        q = _stamp(data, p, ends[line], stamp, known)
        if q < 0:
            stamp[0], stamp[1] = -1, 0
        p = ends[line] + 1
        if q < 0 or stamp[0] != date or stamp[1] != offset:
            date, offset = stamp[0], stamp[1]
            runs[found, 0], runs[found, 1], runs[found, 2] = line, date, offset
            found += 1
    return found


@compiled
def count_shapes(shape: np.ndarray, counts: np.ndarray) -> None:
    """Add to `counts` (int64) how often each shape is there; SLOW and OTHER count from the end."""
    for k in range(shape.size):
        kind = _signed(shape[k])
        counts[np.uint64(kind if kind >= 0 else kind + counts.size)] += 1


@compiled
def join_commands(texts: np.ndarray, codes: np.ndarray, started: np.ndarray, joined: np.ndarray) -> None:
    """Write of each event the number of its text, or that of what its code says is started; no event has both."""
    for k in range(texts.size):
        joined[k] = texts[k] | started[np.uint64(codes[k])]


@compiled
def spell_peers(peers: np.ndarray, spans: np.ndarray, arena: np.ndarray, first: int, views: np.ndarray) -> int:
    """Write ``ADDRESS:PORT`` of connections, and the views of these texts; give where in the arena they end.

    Parameters
    ----------
    peers
        A row of the numbers of addresses, and one of ports (int32).
    spans
        Of each number where in the arena the text begins and ends; one that begins nowhere (-1) makes no connection.
    arena
        The bytes of texts, with room behind them from `first` on, and for eight bytes more.
    views
        Becomes the view of each connection.
    """
    at = first
    for k in range(peers.shape[1]):
        text, begin = peers[0, k], at
        if text == 0 or spans[text, 0] < 0:
            views[k, 0], views[k, 1] = _NO_VIEW, np.uint64(0)
            continue
        size = spans[text, 1] - spans[text, 0]
        for i in range(0, size, 8):
            put_word(arena, at + i, word(arena, spans[text, 0] + i))
        at += size
        port = np.uint64(peers[1, k])
        size = 1 + (port >= 10) + (port >= 100) + (port >= 1000) + (port >= 10000)  # digits
        digits = port // _TEN_THOUSAND | port // _THOUSAND % _TEN << np.uint64(8)
        digits |= port // _HUNDRED % _TEN << np.uint64(16) | port // _TEN % _TEN << np.uint64(24)
        digits |= port % _TEN << np.uint64(32)
        put_word(arena, at, _COLON | ((digits | _ZEROS) >> np.uint64(40 - 8 * size)) << np.uint64(8))
        at += 1 + size
        head = word(arena, begin)
        size = at - begin
        if size <= INLINE:
            low, high = head & _MASKS[min(size, 8)], np.uint64(0)
            if size > 8:
                high = word(arena, begin + 8) & _MASKS[size - 8]
            views[k, 1] = low >> np.uint64(32) | high << np.uint64(32)
        else:
            low = head
            views[k, 1] = np.uint64(begin) << np.uint64(32)
        views[k, 0] = np.uint64(size) | low << np.uint64(32)
    return at
