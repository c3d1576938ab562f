"""Compiled passes over the bytes of syslog text: where lines end, what their headers and messages are.

numba compiles these functions when they are first called, and keeps the result on disk. They read no byte outside of
`data`: every position is compared with the end of its line before it is read.
"""

# ruff: noqa: PLR2004, PLR1714, SIM109 - bytes are compared by their codes, one by one, which is what compiles best

from __future__ import annotations

import string
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

LITERAL, MAYBE, USER, ADDRESS, TOKEN, NUMBER, CLASS, DEVICE, SPACES, REST, REST_BEFORE, REST_OPEN = range(12)
"""What a step of a shape takes from a line (`shapes` says what each is). They stand in this file because numba compiles
them in, and looks only at this file to tell whether what it kept is still good."""
TEXTS = ("user", "addr", "dst", "key", "method")
NUMBERS = ("port", "dst_port", "child")
SLOW, OTHER = -2, -1
"""In place of a shape: a line for the careful reader; one of another program."""
NO_OFFSET = 9999
"""The offset of a stamp without one, which has no year either."""
NO_STAMP = -1
"""The date of a line that does not begin with a stamp of a known form."""
HOST_USE = 5
"""The bit of `Found.uses` for a host; those of `TEXTS` are their indices."""
TEXT_LIMIT = 1 << 16
"""Distinct texts of one block; the lines that hold more are slow."""

_SLOTS = 1 << 17
_PROBES = 32
_HASHED = 24
_DIGITS = 9
_TEXTS, _NUMBERS = len(TEXTS), len(NUMBERS)
_MESSAGE_BYTES = 8000
_HOST_BYTES = 255

_MONTHS = np.frombuffer(b"JanFebMarAprMayJunJulAugSepOctNovDec", np.uint8)
_SHA256 = np.frombuffer(b"SHA256:", np.uint8)
_BEFORE = np.frombuffer(b"[preauth]", np.uint8)
_SESSION, _AUTH = np.frombuffer(b"sshd-session", np.uint8), np.frombuffer(b"sshd-auth", np.uint8)
_DROPBEAR = np.frombuffer(b"dropbear", np.uint8)
_LAST, _AGAIN = np.frombuffer(b"last message ", np.uint8), np.frombuffer(b"message repeated ", np.uint8)

_PRINTABLE, _ACCOUNT, _HEX, _UPPER, _TTY, _LOWER, _BASE64, _PROGRAM, _HOST, _DIGIT = (1 << bit for bit in range(10))


def _classes() -> np.ndarray:
    """Give of each byte the classes that it is in."""
    letters, digits = string.ascii_letters, string.digits
    printable = {chr(code) for code in range(33, 127)}
    members = {
        _PRINTABLE: printable,
        _ACCOUNT: printable - {"(", "="},
        _HEX: {*string.hexdigits, ".", ":"},
        _UPPER: {*string.ascii_uppercase, *digits, "-"},
        _TTY: {*string.ascii_lowercase, *digits, "/"},
        _LOWER: {*string.ascii_lowercase, *digits, "-", "_"},
        _BASE64: {*letters, *digits, "+", "/", "="},
        _PROGRAM: {*letters, *digits, ".", "-", "_", "/", "+"},
        _HOST: {*letters, *digits, ".", "-", "_"},
        _DIGIT: {*digits},
    }
    return np.array(
        [sum(bit for bit, inside in members.items() if chr(byte) in inside) for byte in range(256)], np.uint16
    )


_CLASSES = _classes()
_CLASS_STEPS = np.array([_UPPER, _TTY, _LOWER])

_Function = TypeVar("_Function", bound="Callable[..., object]")


class Program(NamedTuple):
    """The shapes of messages: `shapes.build_program` makes it."""

    literals: np.ndarray
    """Bytes (uint8)."""
    steps: np.ndarray
    """A row each of step, and its two arguments (int32)."""
    candidates: np.ndarray
    """A row each, sorted by the fixed text that a shape begins with: shape, its first step and the one behind its last,
    and how many bytes of the fixed text are those of the row before (int32)."""
    starts: np.ndarray
    """Where the candidates of a first byte begin; 257 (int32)."""
    reports: np.ndarray
    """Whether a shape reports an event (bool)."""


class Found(NamedTuple):
    """What a block holds. `shape`, `of_day` and `host` have an entry a line, the others one for what they name."""

    ends: np.ndarray
    """Of each line the position of its newline."""
    shape: np.ndarray
    """The shape of its message, SLOW, or OTHER."""
    of_day: np.ndarray
    """Microseconds since midnight."""
    host: np.ndarray
    """The text of the host; -1 where the header has no known form."""
    runs: np.ndarray
    """A row where the date changes: line, date (year, 4 bits of month, 5 of day; NO_STAMP), minutes of the offset."""
    events: np.ndarray
    """The lines that report an event."""
    texts: np.ndarray
    """Of each event the texts, as in `TEXTS`; -1 for none."""
    numbers: np.ndarray
    """Of each event the numbers, as in `NUMBERS`, and the pid; -1 for none."""
    spans: np.ndarray
    """Of each distinct text its first byte, and the one behind it."""
    last: np.ndarray
    """Of each distinct text the last line whose host it is; -1 where it is none."""
    uses: np.ndarray
    """Of each distinct text the columns that hold it, a bit each."""


def compiled(function: _Function) -> _Function:
    """Have numba compile a function, keep the result on disk, and release the interpreter's lock while it runs."""
    return _compiled(function, forceinline=False)


def part(function: _Function) -> _Function:
    """Have numba compile a function into those that call it, which saves it handing over arrays for each call."""
    return _compiled(function, forceinline=True)


def _compiled(function: _Function, *, forceinline: bool) -> _Function:
    try:
        made = numba.njit(cache=True, nogil=True, forceinline=forceinline)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        made = numba.njit(nogil=True, forceinline=forceinline)(function)
    return cast("_Function", made)


def is_kept() -> bool:
    """Tell whether an earlier process left these functions compiled on disk (for this version of this file)."""
    folder = cast("Any", scan_block).stats.cache_path
    if folder is None:
        return False
    source = Path(__file__).stat().st_mtime
    return any(index.stat().st_mtime >= source for index in Path(folder).glob("kernels.scan_block-*.nbi"))


@compiled
def line_ends(data: np.ndarray) -> np.ndarray:
    """Find the newlines, eight bytes at a time (a zero byte in v ^ newlines is a newline in v)."""
    count = 0
    for i in range(data.size):
        count += data[i] == 10  # newline
    ends = np.empty(count, np.int64)
    words = data[: data.size // 8 * 8].view(np.uint64)
    ones, highs, newlines = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080), np.uint64(0x0A0A0A0A0A0A0A0A)
    k = 0
    for w in range(words.size):
        v = words[w] ^ newlines
        if (v - ones) & ~v & highs:
            for i in range(8 * w, 8 * w + 8):
                if data[i] == 10:  # newline
                    ends[k] = i
                    k += 1
    for i in range(8 * words.size, data.size):
        if data[i] == 10:  # newline
            ends[k] = i
            k += 1
    return ends


@part
def _signed(number: Any) -> Any:
    """Make a number an int64, with which compiled code reckons as Python does with int."""
    return np.int64(number)


@part
def _two(data: np.ndarray, p: int) -> int:
    """Read two digits; something negative where they are none."""
    a, b = _signed(data[p]) - 48, _signed(data[p + 1]) - 48
    if 0 <= a <= 9 and 0 <= b <= 9:  # digits
        return a * 10 + b
    return -1000


@part
def _time_of_day(data: np.ndarray, p: int) -> int:
    """Read ``HH:MM:SS``, eight bytes; -1 where it is none. A leap second is left to the careful reader."""
    hour, minute, second = _two(data, p), _two(data, p + 3), _two(data, p + 6)
    if data[p + 2] != 58 or data[p + 5] != 58:  # :
        return -1
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):  # the limits of a clock
        return -1
    return ((hour * 60 + minute) * 60 + second) * 1_000_000


@part
def _month(data: np.ndarray, p: int) -> int:
    """Read ``Jan`` to ``Dec``; 0 for anything else."""
    for i in range(0, 36, 3):
        if data[p + 2] == _MONTHS[i + 2] and data[p + 1] == _MONTHS[i + 1] and data[p] == _MONTHS[i]:
            return i // 3 + 1
    return 0


@part
def _yearless(data: np.ndarray, p: int, end: int, stamp: np.ndarray) -> int:
    """Read ``Nov  5 21:01:21 ``: gives the position behind it, and date, offset and time of day in `stamp`; or -1."""
    if end - p < 17 or data[p + 3] != 32 or data[p + 6] != 32 or data[p + 15] != 32:  # its form
        return -1
    month = _month(data, p)
    day = _two(data, p + 4) if data[p + 4] != 32 else _signed(data[p + 5]) - 48  # space
    of_day = _time_of_day(data, p + 7)
    if month == 0 or not (1 <= day <= 31) or of_day < 0:  # days of a month
        return -1
    stamp[0], stamp[1], stamp[2] = month * 32 + day, 9999, of_day
    return p + 16


@part
def _dated(data: np.ndarray, p: int, end: int, stamp: np.ndarray) -> int:
    """Read ``2026-11-20T21:01:21.505210+01:00 `` as `_yearless` does."""
    if end - p < 21 or data[p + 4] != 45 or data[p + 7] != 45 or data[p + 10] != 84:  # its form
        return -1
    century, year, month, day = _two(data, p), _two(data, p + 2), _two(data, p + 5), _two(data, p + 8)
    of_day = _time_of_day(data, p + 11)
    if century < 0 or year < 0 or not (1 <= month <= 12) or not (1 <= day <= 31) or of_day < 0:
        return -1
    p += 19
    if data[p] == 46:  # full stop
        p += 1
        first, unit = p, 100_000
        while p < end and 48 <= data[p] <= 57:  # digits
            of_day += (_signed(data[p]) - 48) * unit
            unit //= 10
            p += 1
        if not (1 <= p - first <= 9):  # digits of a nanosecond
            return -1
    if p + 1 < end and data[p] == 90 and data[p + 1] == 32:  # Z
        offset = 0
        p += 2
    elif p + 6 < end and (data[p] == 43 or data[p] == 45) and data[p + 3] == 58 and data[p + 6] == 32:
        hours, minutes = _two(data, p + 1), _two(data, p + 4)
        if not (0 <= hours < 24 and 0 <= minutes < 60):  # the limits of an offset
            return -1
        offset = hours * 60 + minutes
        if data[p] == 45:  # minus
            offset = -offset
        p += 7
    else:
        return -1
    stamp[0], stamp[1], stamp[2] = ((century * 100 + year) * 16 + month) * 32 + day, offset, of_day
    return p


@part
def _priority(data: np.ndarray, p: int, end: int) -> int:
    """Read ``<38>1 ``, which begins a line of RFC 5424, and give the position behind it; or -1."""
    first = p + 1
    p = first
    while p < end and 48 <= data[p] <= 57:  # digits
        p += 1
    if not (1 <= p - first <= 3) or p + 3 > end:  # digits of a priority
        return -1
    return p + 3 if data[p] == 62 and data[p + 1] == 49 and data[p + 2] == 32 else -1  # >1 and space


@part
def _stamp(data: np.ndarray, p: int, end: int, stamp: np.ndarray) -> int:
    """Read the stamp that a line begins with; the position behind its space, or -1. `stamp[3]` tells RFC 5424."""
    stamp[3] = 0
    if p >= end:
        return -1
    if data[p] == 60:  # <
        stamp[3] = 1
        p = _priority(data, p, end)
        return -1 if p < 0 else _dated(data, p, end, stamp)
    if 48 <= data[p] <= 57:  # digits
        return _dated(data, p, end, stamp)
    return _yearless(data, p, end, stamp)


@part
def _equal(data: np.ndarray, p: int, end: int, literals: np.ndarray, first: int, size: int) -> bool:
    """Tell whether `size` bytes of `literals` stand at `p`, before `end`.

    Without a way out of the loop, and with unsigned indices, the processor compares many bytes at once.
    """
    if p + size > end:
        return False
    different = np.uint8(0)
    left, right = np.uint64(p), np.uint64(first)
    for i in range(np.uint64(size)):
        different |= data[left + i] ^ literals[right + i]
    return different == 0


@part
def _run(data: np.ndarray, p: int, end: int, members: int) -> Any:
    """Give the position behind bytes of some classes."""
    q, limit, mask = np.uint64(p), np.uint64(end), np.uint16(members)
    while q < limit and _CLASSES[data[q]] & mask:
        q += np.uint64(1)
    return _signed(q)


@part
def _is(data: np.ndarray, p: int, end: int, word: np.ndarray) -> bool:
    """Tell whether a part is a word."""
    return end - p == word.size and _equal(data, p, end, word, 0, word.size)


@part
def _number(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind digits without a leading zero, at most nine of them; or -1."""
    q = _run(data, p, end, _DIGIT)
    if not (1 <= q - p <= _DIGITS) or (data[p] == 48 and q - p > 1):  # zero
        return -1
    return q


@part
def _value(data: np.ndarray, p: int, end: int) -> int:
    value = 0
    for i in range(p, end):
        value = value * 10 + _signed(data[i]) - 48
    return value


@part
def _address(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind hexadecimal digits with full stops or colons among them; or -1."""
    q = _run(data, p, end, _HEX)
    if q == p or q - p > 45 or data[q - 1] == 58:  # INET6_ADDRSTRLEN; a last colon may be the message's
        return -1
    for i in range(p, q):
        if data[i] == 46 or data[i] == 58:  # full stop, colon
            return q
    return -1


@part
def _key(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind ``SHA256:`` and base64; or `p`."""
    if not _equal(data, p, end, _SHA256, 0, _SHA256.size):
        return p
    q = _run(data, p + _SHA256.size, end, _BASE64)
    return q if q > p + _SHA256.size else p


@part
def _spaces(data: np.ndarray, p: int, end: int) -> int:
    while p < end and data[p] == 32:  # space
        p += 1
    return p


@part
def _rest(data: np.ndarray, p: int, end: int, code: int) -> int:
    """Take all that is left, if its end is as the step wants it; or -1."""
    if code == REST_BEFORE:
        return (
            end if end - p >= _BEFORE.size and _equal(data, end - _BEFORE.size, end, _BEFORE, 0, _BEFORE.size) else -1
        )
    if code == REST_OPEN:
        return end if end > p and data[end - 1] != 32 and data[end - 1] != 93 else -1  # space, ]
    return end


@part
def _take(data: np.ndarray, p: int, end: int, code: int, a: int, b: int) -> int:
    """Take one step of a shape, not fixed text, at `p`; the position behind what it takes, or -1."""
    if code == NUMBER:
        return _number(data, p, end)
    if code == ADDRESS:
        return _address(data, p, end)
    if code == DEVICE:
        return _run(data, p, end, _PRINTABLE) if p < end and data[p] == 47 else p  # /
    if code >= REST:
        return _rest(data, p, end, code)
    if code == USER:
        q = _run(data, p, end, _ACCOUNT if b else _PRINTABLE)
    elif code == TOKEN:
        q = _key(data, p, end) if b else _run(data, p, end, _LOWER)
    elif code == CLASS:
        q = _run(data, p, end, _CLASS_STEPS[a])
    else:
        q = _spaces(data, p, end)
    return q if q > p else -1


@part
def _shape(  # noqa: C901, PLR0912 - one loop, which a call would make slower
    data: np.ndarray, p: int, end: int, program: Program, parts: np.ndarray
) -> int:
    """Give the shape of a message, or SLOW; `parts` then has where its texts begin and end, and its numbers.

    The fixed texts that the candidates begin with are compared as in a sorted list: what is known of one tells where
    the next one differs.
    """
    if p >= end or end - p > _MESSAGE_BYTES:
        return -2
    candidates, steps, literals = program.candidates, program.steps, program.literals
    known = 0  # bytes of the message that are those of the candidate before
    for k in range(program.starts[data[p]], program.starts[_signed(data[p]) + 1]):
        common, first = candidates[k, 3], candidates[k, 1]
        if known < common:
            continue
        at, size = steps[first, 1], steps[first, 2]
        known = common
        left, right, limit = np.uint64(p), np.uint64(at), np.uint64(min(size, end - p))
        same = np.uint64(known)
        while same < limit and data[left + same] == literals[right + same]:
            same += np.uint64(1)
        known = _signed(same)
        if known < size:
            continue
        parts[:] = -1
        q = p + size
        for step in range(first + 1, candidates[k, 2]):
            code, a, b = steps[step, 0], steps[step, 1], steps[step, 2]
            start = q
            if code == LITERAL:
                q = q + b if _equal(data, q, end, literals, a, b) else -1
            elif code == MAYBE:
                q = q + b if _equal(data, q, end, literals, a, b) else q
            else:
                q = _take(data, q, end, code, a, b)
            if q < 0:
                break
            if code == USER or code == ADDRESS or code == TOKEN:
                parts[2 * a], parts[2 * a + 1] = start, q
            elif code == NUMBER and a >= 0:
                parts[2 * _TEXTS + a] = _value(data, start, q)
        if q == end:
            return candidates[k, 0]
    return -2


@part
def _is_ours(data: np.ndarray, p: int, end: int) -> bool:
    """Tell ``sshd``, ``sshd-session`` and ``sshd-auth``."""
    if end - p == 4:  # sshd
        return _equal(data, p, end, _SESSION, 0, 4)
    return _is(data, p, end, _SESSION) or _is(data, p, end, _AUTH)


@part
def _host_end(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind a plain host: letters, digits, full stop, - and _; `p` itself where it is none."""
    q = _run(data, p, end, _HOST)
    return q if q < end and data[q] == 32 and data[p] != 45 and q - p <= _HOST_BYTES else p  # space, -


@part
def _is_server(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a program may be an SSH server by the last part of its path."""
    first = p
    for i in range(p, end):
        if data[i] == 47:  # /
            first = i + 1
    return first == end or _is_ours(data, first, end) or _is(data, first, end, _DROPBEAR)


@part
def _repeats(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a message may say that another one was repeated."""
    if p >= end or (data[p] != 45 and data[p] != 108 and data[p] != 109):  # what they begin with
        return False
    if data[p] == 45:  # minus
        return p + 1 < end and data[p + 1] == 45
    return _equal(data, p, end, _LAST, 0, _LAST.size) or _equal(data, p, end, _AGAIN, 0, _AGAIN.size)


@part
def _tag(data: np.ndarray, p: int, end: int, head: np.ndarray) -> bool:
    """Read ``sshd[7]: `` or ``cron: ``: program, pid and where the message begins, in `head`."""
    q = _run(data, p, end, _PROGRAM)
    pid = 0
    after = q
    if q < end and data[q] == 91:  # [
        pid = q + 1
        after = _run(data, pid, end, _DIGIT)
        if after == pid or after >= end or data[after] != 93:  # ]
            return False
        head[2], head[3] = pid, after
        after += 1
    if q == p or after + 1 >= end or data[after] != 58 or data[after + 1] != 32:  # colon, space
        return False
    head[0], head[1] = p, q
    head[4] = after + 2
    return True


@part
def _fields(data: np.ndarray, p: int, end: int, head: np.ndarray) -> bool:
    """Read ``sshd 7 - - ``, which RFC 5424 has in place of a tag, as `_tag` does."""
    q = _run(data, p, end, _PROGRAM)
    if q == p or q >= end or data[q] != 32:  # space
        return False
    head[0], head[1] = p, q
    pid = q + 1
    q = _run(data, pid, end, _PROGRAM)
    if q == pid or q >= end or data[q] != 32:  # space
        return False
    if _run(data, pid, q, _DIGIT) == q:
        head[2], head[3] = pid, q
    name = q + 1
    q = _run(data, name, end, _PROGRAM)
    if q == name or q + 3 >= end or data[q] != 32 or data[q + 1] != 45 or data[q + 2] != 32:  # " - "
        return False
    head[4] = q + 3
    return True


@part
def _mixed(value: np.uint64, data: np.ndarray, p: int) -> np.uint64:
    """Mix four bytes into a hash."""
    q = np.uint64(p)
    four = np.uint64(data[q]) | np.uint64(data[q + np.uint64(1)]) << np.uint64(8)
    four |= np.uint64(data[q + np.uint64(2)]) << np.uint64(16) | np.uint64(data[q + np.uint64(3)]) << np.uint64(24)
    return (value ^ four) * np.uint64(0x9E3779B97F4A7C15)


@part
def _intern(data: np.ndarray, p: int, end: int, table: np.ndarray, spans: np.ndarray, count: np.ndarray) -> int:
    """Give the number of a text; -1 where there are too many, or too many of one hash, as somebody could arrange."""
    size = end - p
    value = np.uint64(size)
    for i in range(p, p + (size >> 2 << 2 if size <= _HASHED else 8), 4):
        value = _mixed(value, data, i)
    for i in range(max(p, end - (_HASHED - 8 if size > _HASHED else 3)), end):
        value = (value ^ np.uint64(data[i])) * np.uint64(0x9E3779B97F4A7C15)
    slot = np.int64((value ^ (value >> np.uint64(29))) & np.uint64(_SLOTS - 1))
    probes = 0
    while table[slot] >= 0:
        known = table[slot]
        if spans[known, 1] - spans[known, 0] == size and _equal(data, p, end, data, spans[known, 0], size):
            return known
        slot = (slot + 1) & (_SLOTS - 1)
        probes += 1
        if probes == _PROBES:
            return -1
    if count[0] >= spans.shape[0]:
        return -1
    known = count[0]
    table[slot] = known
    spans[known, 0], spans[known, 1] = p, end
    count[0] += 1
    return known


@part
def _message(data: np.ndarray, end: int, head: np.ndarray, program: Program, parts: np.ndarray) -> int:
    """Give shape, SLOW or OTHER of the message behind a header."""
    p = head[4]
    while p < end and data[p] == 32:  # space
        p += 1
    if _is_ours(data, head[0], head[1]):
        if head[2] < 0 or head[3] - head[2] > _DIGITS:
            return -2
        return _shape(data, p, end, program, parts)
    if _is_server(data, head[0], head[1]) or _repeats(data, p, end):
        return -2
    return -1 if p >= end or data[p] != 239 else -2  # a byte order mark may hide a repetition


@compiled
def scan_block(data: np.ndarray, program: Program) -> Found:  # noqa: C901, PLR0912, PLR0915 - as `_shape`
    """Read a block of whole lines.

    Parameters
    ----------
    data
        Bytes (uint8), the last of them a newline.
    program
        The shapes.
    """
    ends = line_ends(data)
    n = ends.size
    shape, of_day, host = np.full(n, -2, np.int16), np.zeros(n, np.int64), np.full(n, -1, np.int32)
    runs = np.empty((n, 3), np.int64)
    events, texts = np.empty(n, np.int64), np.empty((n, _TEXTS), np.int32)
    numbers = np.empty((n, _NUMBERS + 1), np.int64)
    spans, uses = np.empty((TEXT_LIMIT, 2), np.int64), np.zeros(TEXT_LIMIT, np.uint8)
    last = np.full(TEXT_LIMIT, -1, np.int64)
    table, count = np.full(_SLOTS, -1, np.int32), np.zeros(1, np.int64)
    stamp, head = np.zeros(4, np.int64), np.zeros(5, np.int64)
    parts = np.zeros(2 * _TEXTS + _NUMBERS, np.int64)
    found_runs, found = 0, 0
    date, offset = np.int64(-2), np.int64(0)
    p = 0
    for line in range(n):
        end = ends[line]
        first, p = p, end + 1
        if end > first and data[end - 1] == 13:  # carriage return
            end -= 1
        q = _stamp(data, first, end, stamp)
        if q < 0:
            stamp[0], stamp[1] = -1, 0
        if stamp[0] != date or stamp[1] != offset:
            date, offset = stamp[0], stamp[1]
            runs[found_runs, 0], runs[found_runs, 1], runs[found_runs, 2] = line, date, offset
            found_runs += 1
        if q < 0:
            continue
        of_day[line] = stamp[2]
        host_end = _host_end(data, q, end)
        head[:] = -1
        if host_end == q:
            continue
        if not (_fields(data, host_end + 1, end, head) if stamp[3] else _tag(data, host_end + 1, end, head)):
            continue
        kind = _message(data, end, head, program, parts)
        if kind == -2:  # slow
            continue
        known = _intern(data, q, host_end, table, spans, count)
        if known < 0:
            continue
        uses[known] |= 1 << HOST_USE
        host[line] = known
        if kind >= 0 and program.reports[kind]:
            full = False
            for t in range(_TEXTS):
                texts[found, t] = -1
                if parts[2 * t] >= 0:
                    known = _intern(data, parts[2 * t], parts[2 * t + 1], table, spans, count)
                    full = full or known < 0
                    if known >= 0:
                        texts[found, t] = known
                        uses[known] |= 1 << t
            if full:
                continue
            for t in range(_NUMBERS):
                numbers[found, t] = parts[2 * _TEXTS + t]
            numbers[found, _NUMBERS] = _value(data, head[2], head[3])
            events[found] = line
            found += 1
        shape[line] = kind
        last[host[line]] = line
    return Found(
        ends,
        shape,
        of_day,
        host,
        runs[:found_runs],
        events[:found],
        texts[:found],
        numbers[:found],
        spans[: count[0]],
        last[: count[0]],
        uses[: count[0]],
    )


@compiled
def scan_dates(data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the dates of a block's lines: their ends, and the runs, as `scan_block` gives them."""
    ends = line_ends(data)
    runs = np.empty((ends.size, 3), np.int64)
    stamp = np.zeros(4, np.int64)
    found = 0
    date, offset = np.int64(-2), np.int64(0)
    p = 0
    for line in range(ends.size):
        q = _stamp(data, p, ends[line], stamp)
        if q < 0:
            stamp[0], stamp[1] = -1, 0
        p = ends[line] + 1
        if q < 0 or stamp[0] != date or stamp[1] != offset:
            date, offset = stamp[0], stamp[1]
            runs[found, 0], runs[found, 1], runs[found, 2] = line, date, offset
            found += 1
    return ends, runs[:found]
