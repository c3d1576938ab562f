"""Compiled passes over the bytes of syslog text: where lines end, what their headers and messages are.

numba compiles these functions when they are first called, and keeps the result on disk. They read no byte outside of
`data`: every position is compared with the end of its line before it is read.
"""

# ruff: noqa: PLR2004 - bytes are compared by their codes, one by one, which is what compiles best

from __future__ import annotations

import string
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numba
import numba.extending
import numpy as np
from numba import types

if TYPE_CHECKING:
    from collections.abc import Callable

LITERAL, MAYBE, USER, ADDRESS, TOKEN, CHILD, NUMBER, CLASS, DEVICE, SPACES, REST, REST_BEFORE, REST_OPEN = range(13)
"""What a step of a shape takes from a line (`shapes` says what each is). They stand in this file because numba compiles
them in, and looks only at this file to tell whether what it kept is still good."""
TEXTS = ("user", "addr", "dst", "key", "method", "cert_id", "command")
NUMBERS = ("port", "dst_port")
SLOW, OTHER = -2, -1
"""In place of a shape: a line for the careful reader; one of another program."""
NO_OFFSET = 9999
"""The offset of a stamp without one, which has no year either."""
NO_STAMP = -1
"""The date of a line that does not begin with a stamp of a known form."""
HOST_USE = 7
"""The bit of `Found.uses` for a host; those of `TEXTS` are their indices."""
QUAD, DOMAIN = 256, 512
"""Bits of `Found.uses` that tell of the text itself: an IPv4 address in its canonical form; it holds a backslash."""
TEXT_LIMIT = 1 << 15
"""Distinct texts of one block; the lines that hold more are slow."""
COPIES = 9
"""The most repetitions in one line that is not slow."""
GRAMMAR_WORDS = ("by", "for", "from", "illegal", "invalid", "on", "port", "ssh2", "ssh2:")
"""Lines with users of these names are slow."""

_SLOT_BITS = 16
_SLOTS = 1 << _SLOT_BITS
_PROBES = 32
_DIGITS = 9
_CHECKED = bool(cast("Any", numba).config.BOUNDSCHECK)
_PORTS = 65535
_TEXTS, _NUMBERS = len(TEXTS), len(NUMBERS)
_MESSAGE_BYTES = 8000
_HOST_BYTES = 255

_MONTHS = np.frombuffer(b"JanFebMarAprMayJunJulAugSepOctNovDec", np.uint8)
_SHA256 = np.frombuffer(b"SHA256:", np.uint8)
_BEFORE = np.frombuffer(b"[preauth]", np.uint8)
_SESSION, _AUTH = np.frombuffer(b"sshd-session", np.uint8), np.frombuffer(b"sshd-auth", np.uint8)
_DROPBEAR = np.frombuffer(b"dropbear", np.uint8)
_PID, _MORE = np.frombuffer(b"pid ", np.uint8), np.frombuffer(b" times: [", np.uint8)
_LAST, _AGAIN = np.frombuffer(b"last message ", np.uint8), np.frombuffer(b"message repeated ", np.uint8)

_PRINTABLE, _ACCOUNT, _HEX, _UPPER, _TTY, _LOWER, _BASE64, _PROGRAM, _HOST, _DIGIT, _POINT, _SLASH = (
    1 << bit for bit in range(12)
)


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
        _POINT: {".", ":"},
        _SLASH: {"\\"},
    }
    return np.array(
        [sum(bit for bit, inside in members.items() if chr(byte) in inside) for byte in range(256)], np.uint16
    )


_CLASSES = _classes()
_CLASS_STEPS = np.array([_UPPER, _TTY, _LOWER, _ACCOUNT])
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
_RESERVED = np.array([int.from_bytes(word.encode(), "little") for word in GRAMMAR_WORDS], np.uint64)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_HIGHS = np.uint64(0x8080808080808080)
_CLOCK, _CLOCK_LIMITS = np.uint64(0x30303A30303A3030), np.uint64(0x76767F76767F7676)  # 00:00:00
_SIX, _SIX_LIMITS = np.uint64(0x303030303030), np.uint64(0x767676767676)  # 000000
_DAY = np.uint64(0xFFFFFF)

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
    """What a block holds. `shape` and `host` have an entry a line; those that name events have one an event."""

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
    texts: np.ndarray
    """A row for each of `TEXTS`, a column an event: the number of a text; 0 for none."""
    numbers: np.ndarray
    """A row for each of `NUMBERS`, then the pid; a column an event. 0 for no port."""
    sessions: np.ndarray
    """Of each event the number of its connection; 0 for none."""
    peers: np.ndarray
    """A row for each connection: the text of the address, and the port. The first is for none."""
    spelled: np.ndarray
    """The distinct texts from number 1 on, each behind a newline (uint8)."""
    last: np.ndarray
    """Of each distinct text, from number 0 on, the last line whose host it is; -1 where it is none."""
    uses: np.ndarray
    """Of each distinct text, from number 0 on, the columns that hold it, a bit each, QUAD and DOMAIN."""


def compiled(function: _Function) -> _Function:
    """Have numba compile a function, keep the result on disk, and release the interpreter's lock while it runs."""
    return _compiled(function)


def part(function: _Function) -> _Function:
    """Have numba compile a function into those that call it."""
    return _compiled(function, forceinline=True, _nrt=False)


def inner(function: _Function) -> _Function:
    """Have numba compile a function that makes no arrays, and need not count who holds them: it takes half the time."""
    return _compiled(function, _nrt=False)


def _compiled(function: _Function, **options: bool) -> _Function:
    njit = cast("Any", numba.njit)
    try:
        made = njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # neither the package's folder nor the user's cache can be written
        made = njit(nogil=True, **options)(function)
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


def _write_load(_: Any, data: Any, p: Any) -> Any:
    """Load eight bytes at once, wherever they stand, without looking whether they are inside."""

    def write(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, values[0])
        place = builder.gep(array.data, [values[1]])
        return builder.load(builder.bitcast(place, context.get_value_type(types.uint64).as_pointer()), align=1)

    return types.uint64(data, p), write


_load: Any = numba.extending.intrinsic(_write_load)


@part
def _word(data: np.ndarray, p: int) -> Any:
    """Give eight bytes as one number, the first one lowest. All of them have to be inside."""
    if _CHECKED:  # numba compares indices then, and has to see them
        return _load(data, p) + np.uint64(data[p] - data[p]) + np.uint64(data[p + 7] - data[p + 7])
    return _load(data, p)


@part
def _short(data: np.ndarray, p: int, size: int) -> Any:
    """Give at most eight bytes as `_word` does."""
    if p + 8 <= data.size:
        return _word(data, p) & _MASKS[size]
    word = np.uint64(0)
    for i in range(size):
        word |= np.uint64(data[p + i]) << np.uint64(8 * i)
    return word


@part
def _first_byte(highs: Any) -> int:
    """Give which byte is the first with its highest bit set; no other bits are set, and not none."""
    lowest = (highs & (~highs + np.uint64(1))) >> np.uint64(7)
    return _signed((lowest * np.uint64(0x0001020304050607)) >> np.uint64(56))


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
    digits = _word(data, p) ^ _CLOCK
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
    digits = (_word(data, p) ^ _SIX) & _MASKS[6]
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
def _as_before(data: np.ndarray, p: int, end: int, stamp: np.ndarray, known: np.ndarray) -> int:
    """Read a stamp that has the date and the offset of the last one: as `_stamp`, or -1 where it has others.

    `known` has the bytes of that one up to the time of day (as two words) and behind it; or those of one without year.
    """
    if end - p < 34:  # what is read below
        return -1
    head = _word(data, p)
    behind, of_day, micro = -1, -1, 0
    if head == known[0] and _word(data, p + 8) & _DAY == known[1] and data[p + 19] == 46:  # full stop
        if _word(data, p + 26) & _MASKS[7] == known[2]:
            behind, of_day, micro = p + 33, _time_of_day(data, p + 11), _microseconds(data, p + 20)
    elif head & _MASKS[7] == known[3] and data[p + 15] == 32 and not stamp[3]:  # space
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
        known[3] = _word(data, p) & _MASKS[7]
    elif behind == p + 33:  # six digits and an offset of hours and minutes
        known[0], known[1], known[2] = _word(data, p), _word(data, p + 8) & _DAY, _word(data, p + 26) & _MASKS[7]


@part
def _stamp(data: np.ndarray, p: int, end: int, stamp: np.ndarray, known: np.ndarray) -> int:
    """Read the stamp that a line begins with; the position behind its space, or -1. `stamp[3]` tells RFC 5424."""
    stamp[3] = 0
    if p >= end:
        _forget(known)
        return -1
    if data[p] == 60:  # <
        stamp[3] = 1
        p = _priority(data, p, end)
        if p < 0:
            _forget(known)
            return -1
    q = _as_before(data, p, end, stamp, known)
    if q >= 0:
        return q
    if 48 <= data[p] <= 57:  # digits
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
    if p + size > end:
        return False
    if size < 8:
        some = np.uint8(0)
        for i in range(size):
            some |= data[p + i] ^ literals[first + i]
        return some == 0
    different = _word(data, p + size - 8) ^ _word(literals, first + size - 8)
    for i in range(0, size - 8, 8):
        different |= _word(data, p + i) ^ _word(literals, first + i)
    return different == 0


@part
def _common(data: np.ndarray, p: int, literals: np.ndarray, first: int, known: int, size: int) -> int:
    """Count the bytes that two texts of `size` bytes begin with in common; `known` of them are known to be."""
    while known + 8 <= size:
        different = _word(data, p + known) ^ _word(literals, first + known)
        if different:
            low = np.uint64(0x7F7F7F7F7F7F7F7F)
            return known + _first_byte((((different & low) + low) | different) & _HIGHS)
        known += 8
    while known < size and data[p + known] == literals[first + known]:
        known += 1
    return known


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
    q, limit, mask, seen = np.uint64(p), np.uint64(end), np.uint16(_HEX), np.uint16(0)
    while q < limit and _CLASSES[data[q]] & mask:
        seen |= _CLASSES[data[q]]
        q += np.uint64(1)
    after = _signed(q)
    if (
        not seen & np.uint16(_POINT) or after - p > 45 or data[after - 1] == 58
    ):  # INET6_ADDRSTRLEN; a last colon may be the message's
        return -1
    return after


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
        return q if q > p or b else -1
    elif code == CHILD:
        q = _number(data, p + _PID.size, end) if _equal(data, p, end, _PID, 0, _PID.size) else p
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
        known = _common(data, p, literals, at, common, min(size, end - p))
        if known < size:
            continue
        for i in range(parts.size):
            parts[i] = -1
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
            if code <= CHILD and code >= USER and a >= 0:
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
    """Read ``sshd[7]: `` or ``cron: `` or ``(systemd)[7]: ``: program, pid and where the message begins, in `head`."""
    if p < end and data[p] == 40:  # (
        q = _run(data, p + 1, end, _HOST)
        if q == p + 1 or q >= end or data[q] != 41:  # )
            return False
        q += 1
    else:
        q = _run(data, p, end, _PROGRAM)
    after = q
    head[2] = head[3] = -1
    if q < end and data[q] == 91:  # [
        after = _run(data, q + 1, end, _DIGIT)
        if after == q + 1 or after >= end or data[after] != 93:  # ]
            return False
        head[2], head[3] = q + 1, after
        after += 1
    if q == p or after + 1 >= end or data[after] != 58 or data[after + 1] != 32:  # colon, space
        return False
    head[0], head[1], head[4] = p, q, after + 2
    return True


@part
def _fields(data: np.ndarray, p: int, end: int, head: np.ndarray) -> bool:
    """Read ``sshd 7 - - ``, which RFC 5424 has in place of a tag, as `_tag` does."""
    q = _run(data, p, end, _PROGRAM)
    if q == p or q >= end or data[q] != 32:  # space
        return False
    head[0], head[1], head[2], head[3] = p, q, -1, -1
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
def _same(data: np.ndarray, p: int, other: int, size: int) -> bool:
    """Tell whether two texts of one size are equal."""
    if size < 8:
        return _short(data, p, size) == _short(data, other, size)
    different = _word(data, p + size - 8) ^ _word(data, other + size - 8)
    for i in range(0, size - 8, 8):
        different |= _word(data, p + i) ^ _word(data, other + i)
    return different == 0


@part
def _hash(data: np.ndarray, p: int, size: int) -> Any:
    if size < 8:
        value = _short(data, p, size) * _SPREAD
    else:
        value = _word(data, p + size - 8) * _SPREAD
        for i in range(0, size - 8, 8):
            value = ((value ^ (value >> np.uint64(32))) ^ _word(data, p + i)) * _SPREAD
    value ^= value >> np.uint64(32)
    return ((value ^ np.uint64(size)) * _SPREAD) >> np.uint64(64 - _SLOT_BITS)


@part
def _is_quad(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a text is an IPv4 address in its canonical form: four numbers without leading zeros."""
    parts, value, first = 0, 0, p
    for i in range(p, end + 1):
        if i < end and 48 <= data[i] <= 57:  # digits
            value = value * 10 + _signed(data[i]) - 48
            if value > 255 or (i > first and data[first] == 48):  # a byte; zero
                return False
        elif i == first or (i < end and data[i] != 46):  # full stop
            return False
        else:
            parts, value, first = parts + 1, 0, i + 1
    return parts == 4


@part
def _traits(data: np.ndarray, p: int, end: int) -> Any:
    """Tell QUAD and DOMAIN of a text."""
    seen = np.uint16(0)
    for i in range(p, end):
        seen |= _CLASSES[data[i]]
    return (QUAD if _is_quad(data, p, end) else 0) | (DOMAIN if seen & np.uint16(_SLASH) else 0)


class _Work(NamedTuple):
    """The arrays that `scan_block` fills."""

    ends: np.ndarray
    shape: np.ndarray
    host: np.ndarray
    runs: np.ndarray
    events: np.ndarray
    of_day: np.ndarray
    texts: np.ndarray
    numbers: np.ndarray
    sessions: np.ndarray
    peers: np.ndarray
    spans: np.ndarray
    last: np.ndarray
    uses: np.ndarray
    table: np.ndarray
    joined: np.ndarray
    counts: np.ndarray
    """Of runs, events, texts and connections."""
    stamp: np.ndarray
    known: np.ndarray
    head: np.ndarray
    parts: np.ndarray


@part
def _intern(data: np.ndarray, p: int, end: int, work: _Work) -> int:
    """Give the number of a text; 0 where there are too many, or too many of one hash, as somebody could arrange."""
    table, spans, counts = work.table, work.spans, work.counts
    size = end - p
    slot = _signed(_hash(data, p, size))
    for _ in range(_PROBES):
        known = table[slot]
        if known == 0:
            if counts[2] >= TEXT_LIMIT:
                return 0
            known = counts[2]
            counts[2] += 1
            table[slot] = known
            spans[known, 0], spans[known, 1] = p, end
            work.uses[known] = _traits(data, p, end)
            return known
        if spans[known, 1] - spans[known, 0] == size and _same(data, p, spans[known, 0], size):
            return known
        slot = (slot + 1) & (_SLOTS - 1)
    return 0


@part
def _join(address: int, port: int, work: _Work) -> int:
    """Give the number of a connection; 0 as `_intern` does."""
    table, peers, counts = work.joined, work.peers, work.counts
    value = (np.uint64(address) << np.uint64(16) | np.uint64(port)) * _SPREAD
    slot = _signed(value >> np.uint64(64 - _SLOT_BITS))
    for _ in range(_PROBES):
        known = table[slot]
        if known == 0:
            if counts[3] >= TEXT_LIMIT:
                return 0
            known = counts[3]
            counts[3] += 1
            table[slot] = known
            peers[0, known], peers[1, known] = address, port
            return known
        if peers[0, known] == address and peers[1, known] == port:
            return known
        slot = (slot + 1) & (_SLOTS - 1)
    return 0


@part
def _reserved(data: np.ndarray, p: int, end: int) -> bool:
    """Tell whether a user is named like a word of the grammar."""
    if end - p > 7:  # the longest of them
        return False
    word = _short(data, p, end - p)
    found = False
    for i in range(_RESERVED.size):
        found |= word == _RESERVED[i]
    return found


@part
def _message(data: np.ndarray, end: int, head: np.ndarray, program: Program, parts: np.ndarray) -> int:
    """Give shape, SLOW or OTHER of the message behind a header; `head[5]` then says how often it counts."""
    p = _spaces(data, head[4], end)
    head[5] = 1
    if _is_ours(data, head[0], head[1]):
        if head[2] < 0 or head[3] - head[2] > _DIGITS:
            return -2
        if p < end and data[p] == 109:  # m
            return _repeated(data, p, end, head, program, parts)
        kind = _shape(data, p, end, program, parts)
    elif _is_server(data, head[0], head[1]) or _repeats(data, p, end):
        return -2
    else:
        return -1 if p >= end or data[p] != 239 else -2  # a byte order mark may hide a repetition
    if kind >= 0 and parts[0] >= 0 and _reserved(data, parts[0], parts[1]):
        return -2
    return kind


@part
def _repeated(data: np.ndarray, p: int, end: int, head: np.ndarray, program: Program, parts: np.ndarray) -> int:
    """Read ``message repeated 2 times: [ MESSAGE]``, as rsyslog writes it, of an event; SLOW for anything else."""
    at = p + _AGAIN.size
    if end - at < 12 or not _equal(data, p, end, _AGAIN, 0, _AGAIN.size) or data[end - 1] != 93:  # what is read; ]
        return -2
    copies = _signed(data[at]) - 48
    if not (1 <= copies <= COPIES) or not _equal(data, at + 1, end, _MORE, 0, _MORE.size):
        return -2
    at += 1 + _MORE.size
    head[5] = copies
    kind = _shape(data, at + 1 if data[at] == 32 else at, end - 1, program, parts)  # space
    if kind < 0 or not program.reports[kind] or (parts[0] >= 0 and _reserved(data, parts[0], parts[1])):
        return -2
    return kind


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
    room = n + n // 4 + COPIES
    work = _Work(
        ends,
        np.full(n, -2, np.int16),
        np.zeros(n, np.int32),
        np.empty((n, 3), np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty((_TEXTS, room), np.uint32),
        np.empty((_NUMBERS + 1, room), np.int32),
        np.empty(room, np.uint32),
        np.zeros((2, TEXT_LIMIT), np.int32),
        np.empty((TEXT_LIMIT, 2), np.int64),
        np.full(TEXT_LIMIT, -1, np.int64),
        np.zeros(TEXT_LIMIT, np.uint16),
        np.zeros(_SLOTS, np.int32),
        np.zeros(_SLOTS, np.int32),
        np.array([0, 0, 1, 1]),
        np.zeros(4, np.int64),
        np.zeros(4, np.uint64),
        np.zeros(6, np.int64),
        np.zeros(2 * _TEXTS + _NUMBERS, np.int64),
    )
    _scan(data, program, work)
    runs, events, texts, peers = work.counts
    spelled = np.empty(texts - 1 + (work.spans[1:texts, 1] - work.spans[1:texts, 0]).sum(), np.uint8)
    _spell(data, work.spans[1:texts], spelled)
    return Found(
        ends,
        work.shape,
        work.host,
        work.runs[:runs],
        work.events[:events],
        work.of_day[:events],
        work.texts[:, :events],
        work.numbers[:, :events],
        work.sessions[:events],
        work.peers[:, :peers],
        spelled,
        work.last[:texts],
        work.uses[:texts],
    )


@inner
def _scan(data: np.ndarray, program: Program, work: _Work) -> None:
    """Read line after line."""
    ends, runs, counts, stamp, head = work.ends, work.runs, work.counts, work.stamp, work.head
    date, offset = np.int64(-2), np.int64(0)
    _forget(work.known)
    p = 0
    for line in range(ends.size):
        end = ends[line]
        first, p = p, end + 1
        if end > first and data[end - 1] == 13:  # carriage return
            end -= 1
        q = _stamp(data, first, end, stamp, work.known)
        if q < 0:
            stamp[0], stamp[1] = -1, 0
        if stamp[0] != date or stamp[1] != offset:
            date, offset = stamp[0], stamp[1]
            runs[counts[0], 0], runs[counts[0], 1], runs[counts[0], 2] = line, date, offset
            counts[0] += 1
        if q < 0:
            continue
        host_end = _host_end(data, q, end)
        if host_end == q:
            continue
        if not (_fields(data, host_end + 1, end, head) if stamp[3] else _tag(data, host_end + 1, end, head)):
            continue
        kind = _message(data, end, head, program, work.parts)
        if kind == -2:  # slow
            continue
        known = _intern(data, q, host_end, work)
        if known == 0 or (kind >= 0 and program.reports[kind] and not _event(data, line, work)):
            continue
        work.uses[known] |= 1 << HOST_USE
        work.host[line], work.shape[line], work.last[known] = known, kind, line
    work.uses[0] = 0


@part
def _event(data: np.ndarray, line: int, work: _Work) -> bool:
    """Put down the event of a line; False where there is no more room for it."""
    at, parts = work.counts[1], work.parts
    full = at + work.head[5] + work.ends.size - line > work.events.size
    for t in range(_TEXTS):
        text = 0
        if parts[2 * t] >= 0:
            text = _intern(data, parts[2 * t], parts[2 * t + 1], work)
            full |= text == 0
            work.uses[text] |= 1 << t
        work.texts[t, at] = text
    for t in range(_NUMBERS):
        number = parts[2 * _TEXTS + t]
        work.numbers[t, at] = number if 1 <= number <= _PORTS else 0
    session = 0
    if work.texts[1, at] > 0 and work.numbers[0, at] > 0:
        session = _join(_signed(work.texts[1, at]), _signed(work.numbers[0, at]), work)
        full |= session == 0
    if full:
        return False
    work.sessions[at] = session
    work.numbers[_NUMBERS, at] = _value(data, work.head[2], work.head[3])
    work.events[at], work.of_day[at] = line, work.stamp[2]
    for copy in range(at + 1, at + work.head[5]):
        for t in range(_TEXTS):
            work.texts[t, copy] = work.texts[t, at]
        for t in range(_NUMBERS + 1):
            work.numbers[t, copy] = work.numbers[t, at]
        work.sessions[copy], work.events[copy], work.of_day[copy] = session, line, work.stamp[2]
    work.counts[1] += work.head[5]
    return True


@inner
def _spell(data: np.ndarray, spans: np.ndarray, spelled: np.ndarray) -> None:
    """Write texts one behind the other, each behind a newline."""
    at = 0
    for k in range(spans.shape[0]):
        spelled[at] = 10  # newline
        at += 1
        for i in range(spans[k, 0], spans[k, 1]):
            spelled[at] = data[i]
            at += 1


@compiled
def scan_dates(data: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the dates of a block's lines: their ends, and the runs, as `scan_block` gives them."""
    ends = line_ends(data)
    runs = np.empty((ends.size, 3), np.int64)
    found = _dates(data, ends, runs, np.zeros(4, np.int64), np.zeros(4, np.uint64))
    return ends, runs[:found]


@inner
def _dates(data: np.ndarray, ends: np.ndarray, runs: np.ndarray, stamp: np.ndarray, known: np.ndarray) -> int:
    _forget(known)
    found = 0
    date, offset = np.int64(-2), np.int64(0)
    p = 0
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
