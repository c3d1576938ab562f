"""Compiled passes over the bytes of syslog text: where lines end, what their headers and messages are.

numba compiles these functions when they are first called, and keeps the result on disk. They read no byte outside of
`data`: every position is compared with the end of its line before it is read.
"""

from __future__ import annotations

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

_SLOTS = 1 << 18
_DIGITS = 9
_TEXTS, _NUMBERS = len(TEXTS), len(NUMBERS)
_MESSAGE_BYTES = 8000
_HOST_BYTES = 255

_Function = TypeVar("_Function", bound="Callable[..., object]")


class Program(NamedTuple):
    """The shapes of messages: `shapes.build_program` makes it."""

    literals: np.ndarray
    """Bytes (uint8)."""
    steps: np.ndarray
    """A row each of step, and its two arguments (int32)."""
    bounds: np.ndarray
    """Where the steps of a shape begin; one more than there are shapes (int32)."""
    order: np.ndarray
    """Shapes by their first byte (int32)."""
    starts: np.ndarray
    """Where the shapes of a first byte begin in `order`; 257 (int32)."""
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
    return cast("_Function", numba.njit(cache=True, nogil=True)(function))


def is_kept() -> bool:
    """Tell whether an earlier process left these functions compiled on disk (for this version of this file)."""
    source = Path(__file__).stat().st_mtime
    kept = Path(cast("Any", scan_block).stats.cache_path).glob("kernels.scan_block-*.nbi")
    return any(index.stat().st_mtime >= source for index in kept)


@compiled
def line_ends(data: np.ndarray) -> np.ndarray:
    """Find the newlines, eight bytes at a time (a zero byte in v ^ newlines is a newline in v)."""
    count = 0
    for i in range(data.size):
        count += data[i] == 10  # noqa: PLR2004 - newline
    ends = np.empty(count, np.int64)
    words = data[: data.size // 8 * 8].view(np.uint64)
    ones, highs, newlines = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080), np.uint64(0x0A0A0A0A0A0A0A0A)
    k = 0
    for w in range(words.size):
        v = words[w] ^ newlines
        if (v - ones) & ~v & highs:
            for i in range(8 * w, 8 * w + 8):
                if data[i] == 10:  # noqa: PLR2004 - newline
                    ends[k] = i
                    k += 1
    for i in range(8 * words.size, data.size):
        if data[i] == 10:  # noqa: PLR2004 - newline
            ends[k] = i
            k += 1
    return ends


@compiled
def _two(data: np.ndarray, p: int) -> int:
    """Read two digits; something negative where they are none."""
    a, b = np.int64(data[p]) - 48, np.int64(data[p + 1]) - 48
    if 0 <= a <= 9 and 0 <= b <= 9:  # noqa: PLR2004 - digits
        return a * 10 + b
    return -1000


@compiled
def _time_of_day(data: np.ndarray, p: int) -> int:
    """Read ``HH:MM:SS``, eight bytes; -1 where it is none. A leap second is left to the careful reader."""
    hour, minute, second = _two(data, p), _two(data, p + 3), _two(data, p + 6)
    if data[p + 2] != 58 or data[p + 5] != 58:  # noqa: PLR2004 - :
        return -1
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):  # noqa: PLR2004 - the limits of a clock
        return -1
    return ((hour * 60 + minute) * 60 + second) * 1_000_000


@compiled
def _month(data: np.ndarray, p: int) -> int:
    """Read ``Jan`` to ``Dec``; 0 for anything else."""
    code = (np.int64(data[p]) << 16) | (np.int64(data[p + 1]) << 8) | np.int64(data[p + 2])
    names = b"JanFebMarAprMayJunJulAugSepOctNovDec"
    for i in range(12):
        if code == (np.int64(names[3 * i]) << 16) | (np.int64(names[3 * i + 1]) << 8) | np.int64(names[3 * i + 2]):
            return i + 1
    return 0


@compiled
def _yearless(data: np.ndarray, p: int, end: int, stamp: np.ndarray) -> int:
    """Read ``Nov  5 21:01:21 ``: gives the position behind it, and date, offset and time of day in `stamp`; or -1."""
    if end - p < 17 or data[p + 3] != 32 or data[p + 6] != 32 or data[p + 15] != 32:  # noqa: PLR2004 - its form
        return -1
    month = _month(data, p)
    day = _two(data, p + 4) if data[p + 4] != 32 else np.int64(data[p + 5]) - 48  # noqa: PLR2004 - space
    of_day = _time_of_day(data, p + 7)
    if month == 0 or not (1 <= day <= 31) or of_day < 0:  # noqa: PLR2004 - days of a month
        return -1
    stamp[0], stamp[1], stamp[2] = month * 32 + day, 9999, of_day
    return p + 16


@compiled
def _dated(data: np.ndarray, p: int, end: int, stamp: np.ndarray) -> int:
    """Read ``2026-11-20T21:01:21.505210+01:00 `` as `_yearless` does."""
    if end - p < 21 or data[p + 4] != 45 or data[p + 7] != 45 or data[p + 10] != 84:  # noqa: PLR2004 - its form
        return -1
    century, year, month, day = _two(data, p), _two(data, p + 2), _two(data, p + 5), _two(data, p + 8)
    of_day = _time_of_day(data, p + 11)
    if century < 0 or year < 0 or not (1 <= month <= 12) or not (1 <= day <= 31) or of_day < 0:  # noqa: PLR2004
        return -1
    p += 19
    if data[p] == 46:  # noqa: PLR2004 - full stop
        p += 1
        first, unit = p, 100_000
        while p < end and 48 <= data[p] <= 57:  # noqa: PLR2004 - digits
            of_day += (np.int64(data[p]) - 48) * unit
            unit //= 10
            p += 1
        if not (1 <= p - first <= 9):  # noqa: PLR2004 - digits of a nanosecond
            return -1
    if p + 1 < end and data[p] == 90 and data[p + 1] == 32:  # noqa: PLR2004 - Z
        offset = 0
        p += 2
    elif p + 6 < end and (data[p] == 43 or data[p] == 45) and data[p + 3] == 58 and data[p + 6] == 32:  # noqa: PLR2004
        hours, minutes = _two(data, p + 1), _two(data, p + 4)
        if not (0 <= hours < 24 and 0 <= minutes < 60):  # noqa: PLR2004 - the limits of an offset
            return -1
        offset = hours * 60 + minutes
        if data[p] == 45:  # noqa: PLR2004 - minus
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
    while p < end and 48 <= data[p] <= 57:  # noqa: PLR2004 - digits
        p += 1
    if not (1 <= p - first <= 3) or p + 3 > end:  # noqa: PLR2004 - digits of a priority
        return -1
    return p + 3 if data[p] == 62 and data[p + 1] == 49 and data[p + 2] == 32 else -1  # noqa: PLR2004 - >1 and space


@compiled
def _stamp(data: np.ndarray, p: int, end: int, stamp: np.ndarray) -> int:
    """Read the stamp that a line begins with; the position behind its space, or -1. `stamp[3]` tells RFC 5424."""
    stamp[3] = 0
    if p >= end:
        return -1
    if data[p] == 60:  # noqa: PLR2004 - <
        stamp[3] = 1
        p = _priority(data, p, end)
        return -1 if p < 0 else _dated(data, p, end, stamp)
    if 48 <= data[p] <= 57:  # noqa: PLR2004 - digits
        return _dated(data, p, end, stamp)
    return _yearless(data, p, end, stamp)


@compiled
def _equal(data: np.ndarray, p: int, end: int, literals: np.ndarray, first: int, size: int) -> bool:
    """Tell whether `size` bytes of `literals` stand at `p`, before `end`."""
    if p + size > end:
        return False
    for i in range(size):  # noqa: SIM110 - numba compiles no any()
        if data[p + i] != literals[first + i]:
            return False
    return True


@compiled
def _number(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind digits without a leading zero, at most nine of them; or -1."""
    first = p
    while p < end and 48 <= data[p] <= 57:  # noqa: PLR2004 - digits
        p += 1
    if not (1 <= p - first <= _DIGITS) or (data[first] == 48 and p - first > 1):  # noqa: PLR2004 - zero
        return -1
    return p


@compiled
def _value(data: np.ndarray, p: int, end: int) -> int:
    value = 0
    for i in range(p, end):
        value = value * 10 + np.int64(data[i]) - 48
    return value


@compiled
def _word(data: np.ndarray, p: int, end: int, account: int) -> int:
    """Give the position behind printable ASCII without space; for an account also without ( and =."""
    while p < end and 33 <= data[p] <= 126:  # noqa: PLR2004 - printable
        if account and (data[p] == 40 or data[p] == 61):  # noqa: PLR2004 - ( and =
            return p
        p += 1
    return p


@compiled
def _address(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind hexadecimal digits with full stops or colons among them; or -1."""
    first, marks = p, 0
    while p < end:
        c = data[p]
        if c == 46 or c == 58:  # noqa: PLR1714, PLR2004 - full stop, colon
            marks += 1
        elif not (48 <= c <= 57 or 97 <= c <= 102 or 65 <= c <= 70):  # noqa: PLR2004 - 0-9, a-f, A-F
            break
        p += 1
    # a colon that ends an address may be the message's
    return p if marks and p - first <= 45 and data[p - 1] != 58 else -1  # noqa: PLR2004 - INET6_ADDRSTRLEN


@compiled
def _class(data: np.ndarray, p: int, end: int, kind: int) -> int:
    """Give the position behind A-Z, 0-9, - (kind 0), a-z, 0-9, / (1), or a-z, 0-9, -, _ (2); or -1."""
    first = p
    while p < end:
        c = data[p]
        if not (
            48 <= c <= 57  # noqa: PLR2004 - digits
            or (kind == 0 and (65 <= c <= 90 or c == 45))  # noqa: PLR2004
            or (kind != 0 and 97 <= c <= 122)  # noqa: PLR2004
            or (kind == 1 and c == 47)  # noqa: PLR2004
            or (kind == 2 and (c == 45 or c == 95))  # noqa: PLR1714, PLR2004
        ):
            break
        p += 1
    return p if p > first else -1


@compiled
def _key(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind ``SHA256:`` and base64; or -1."""
    name = b"SHA256:"
    if p + 7 >= end:
        return -1
    for i in range(7):
        if data[p + i] != name[i]:
            return -1
    p += 7
    first = p
    while p < end:
        c = data[p]
        if not (48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c == 43 or c == 47 or c == 61):  # noqa: PLR1714, PLR2004
            break
        p += 1
    return p if p > first else -1


@compiled
def _is_before(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a line ends in ``[preauth]``."""
    name = b"[preauth]"
    if end - p < 9:  # noqa: PLR2004 - its length
        return False
    for i in range(9):  # noqa: SIM110 - numba compiles no any()
        if data[end - 9 + i] != name[i]:
            return False
    return True


@compiled
def _take(data: np.ndarray, p: int, end: int, code: int, a: int, b: int, literals: np.ndarray) -> int:
    """Take one step of a shape at `p`; the position behind what it takes, or -1."""
    if code == LITERAL:
        return p + b if _equal(data, p, end, literals, a, b) else -1
    if code == MAYBE:
        return p + b if _equal(data, p, end, literals, a, b) else p
    if code == USER:
        q = _word(data, p, end, b)
        return q if q > p else -1
    if code == ADDRESS:
        return _address(data, p, end)
    if code == NUMBER:
        return _number(data, p, end)
    if code == TOKEN:
        return _key(data, p, end) if b else _class(data, p, end, 2)
    if code == CLASS:
        return _class(data, p, end, a)
    if code == DEVICE:
        return _word(data, p, end, 0) if p < end and data[p] == 47 else p  # noqa: PLR2004 - /
    if code == SPACES:
        q = p
        while q < end and data[q] == 32:  # noqa: PLR2004 - space
            q += 1
        return q if q > p else -1
    if code == REST_BEFORE:
        return end if _is_before(data, p, end) else -1
    if code == REST_OPEN:
        return end if end > p and data[end - 1] != 32 and data[end - 1] != 93 else -1  # noqa: PLR2004 - space, ]
    return end


@compiled
def _fits(data: np.ndarray, p: int, end: int, shape: int, program: Program, parts: np.ndarray) -> bool:
    """Tell whether a message is of a shape; `parts` then has where its texts begin and end, and its numbers."""
    parts[:] = -1
    for k in range(program.bounds[shape], program.bounds[shape + 1]):
        code, a, b = program.steps[k, 0], program.steps[k, 1], program.steps[k, 2]
        q = _take(data, p, end, code, a, b, program.literals)
        if q < 0:
            return False
        if code == USER or code == ADDRESS or code == TOKEN:  # noqa: PLR1714 - compiled
            parts[2 * a], parts[2 * a + 1] = p, q
        elif code == NUMBER and a >= 0:
            parts[2 * _TEXTS + a] = _value(data, p, q)
        p = q
    return p == end


@compiled
def _shape(data: np.ndarray, p: int, end: int, program: Program, parts: np.ndarray) -> int:
    """Give the shape of a message, or SLOW."""
    if p >= end or end - p > _MESSAGE_BYTES:
        return -2
    for k in range(program.starts[data[p]], program.starts[np.int64(data[p]) + 1]):
        if _fits(data, p, end, program.order[k], program, parts):
            return program.order[k]
    return -2


@compiled
def _is_ours(data: np.ndarray, p: int, end: int) -> bool:
    """Tell ``sshd``, ``sshd-session`` and ``sshd-auth``."""
    name = b"sshd-session"
    size = end - p
    for i in range(min(size, 12)):
        if data[p + i] != name[i]:
            auth = b"sshd-auth"
            if size != 9:  # noqa: PLR2004 - its length
                return False
            for k in range(9):  # noqa: SIM110 - numba compiles no any()
                if data[p + k] != auth[k]:
                    return False
            return True
    return size == 4 or size == 12  # noqa: PLR1714, PLR2004 - their lengths


@compiled
def _program_end(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind a plain program name: letters, digits, full stop, -, _, / and +."""
    while p < end:
        c = data[p]
        if not (48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or 45 <= c <= 47 or c == 95 or c == 43):  # noqa: PLR1714, PLR2004
            break
        p += 1
    return p


@compiled
def _host_end(data: np.ndarray, p: int, end: int) -> int:
    """Give the position behind a plain host: letters, digits, full stop, - and _; `p` itself where it is none."""
    first = p
    while p < end:
        c = data[p]
        if not (48 <= c <= 57 or 65 <= c <= 90 or 97 <= c <= 122 or c == 45 or c == 46 or c == 95):  # noqa: PLR1714, PLR2004
            break
        p += 1
    good = p < end and data[p] == 32 and data[first] != 45 and p - first <= _HOST_BYTES  # noqa: PLR2004 - space, -
    return p if good else first


@compiled
def _is_server(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a program may be an SSH server by the last part of its path."""
    first = p
    for i in range(p, end):
        if data[i] == 47:  # noqa: PLR2004 - /
            first = i + 1
    dropbear = b"dropbear"
    if end - first == 8:  # noqa: PLR2004 - its length
        same = True
        for i in range(8):
            same = same and data[first + i] == dropbear[i]
        if same:
            return True
    return first == end or _is_ours(data, first, end)


@compiled
def _repeats(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a message may say that another one was repeated."""
    return p < end and (
        _equal(data, p, end, np.frombuffer(b"last message ", np.uint8), 0, 13)
        or _equal(data, p, end, np.frombuffer(b"message repeated ", np.uint8), 0, 17)
        or _equal(data, p, end, np.frombuffer(b"--", np.uint8), 0, 2)
    )


@compiled
def _tag(data: np.ndarray, p: int, end: int, head: np.ndarray) -> bool:
    """Read ``sshd[7]: `` or ``cron: ``: program, pid and where the message begins, in `head`."""
    q = _program_end(data, p, end)
    pid = 0
    after = q
    if q < end and data[q] == 91:  # noqa: PLR2004 - [
        pid = q + 1
        after = pid
        while after < end and 48 <= data[after] <= 57:  # noqa: PLR2004 - digits
            after += 1
        if after == pid or after >= end or data[after] != 93:  # noqa: PLR2004 - ]
            return False
        head[2], head[3] = pid, after
        after += 1
    if q == p or after + 1 >= end or data[after] != 58 or data[after + 1] != 32:  # noqa: PLR2004 - colon, space
        return False
    head[0], head[1] = p, q
    head[4] = after + 2
    return True


@compiled
def _fields(data: np.ndarray, p: int, end: int, head: np.ndarray) -> bool:
    """Read ``sshd 7 - - ``, which RFC 5424 has in place of a tag, as `_tag` does."""
    q = _program_end(data, p, end)
    if q == p or q >= end or data[q] != 32:  # noqa: PLR2004 - space
        return False
    head[0], head[1] = p, q
    pid = q + 1
    q = _program_end(data, pid, end)
    if q == pid or q >= end or data[q] != 32:  # noqa: PLR2004 - space
        return False
    digits = True
    for i in range(pid, q):
        digits = digits and 48 <= data[i] <= 57  # noqa: PLR2004
    if digits:
        head[2], head[3] = pid, q
    name = q + 1
    q = _program_end(data, name, end)
    if q == name or q + 3 >= end or data[q] != 32 or data[q + 1] != 45 or data[q + 2] != 32:  # noqa: PLR2004 - " - "
        return False
    head[4] = q + 3
    return True


@compiled
def _intern(data: np.ndarray, p: int, end: int, table: np.ndarray, spans: np.ndarray, count: np.ndarray) -> int:
    """Give the number of a text; -1 where there are too many."""
    value = np.uint64(1469598103934665603)
    for i in range(p, end):
        value = (value ^ np.uint64(data[i])) * np.uint64(1099511628211)
    slot = np.int64((value ^ (value >> np.uint64(29))) & np.uint64(_SLOTS - 1))
    size = end - p
    while table[slot] >= 0:
        known = table[slot]
        if spans[known, 1] - spans[known, 0] == size and _equal(data, p, end, data, spans[known, 0], size):
            return known
        slot = (slot + 1) & (_SLOTS - 1)
    if count[0] >= spans.shape[0]:
        return -1
    known = count[0]
    table[slot] = known
    spans[known, 0], spans[known, 1] = p, end
    count[0] += 1
    return known


@compiled
def _message(
    data: np.ndarray, end: int, head: np.ndarray, program: Program, parts: np.ndarray
) -> int:
    """Give shape, SLOW or OTHER of the message behind a header."""
    p = head[4]
    while p < end and data[p] == 32:  # noqa: PLR2004 - space
        p += 1
    if _is_ours(data, head[0], head[1]):
        if head[2] < 0 or head[3] - head[2] > _DIGITS:
            return -2
        return _shape(data, p, end, program, parts)
    if _is_server(data, head[0], head[1]) or _repeats(data, p, end):
        return -2
    return -1 if p >= end or data[p] != 239 else -2  # noqa: PLR2004 - a byte order mark may hide a repetition


@compiled
def scan_block(data: np.ndarray, program: Program) -> Found:
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
        if end > first and data[end - 1] == 13:  # noqa: PLR2004 - carriage return
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
        if kind == -2:  # noqa: PLR2004 - slow
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
