"""What OpenSSH's sshd and Dropbear write through syslog: auth.log, secure, messages, a central server's file."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphmap.readers import dropbear, openssh
from graphmap.readers.batches import BatchBuilder
from graphmap.readers.blocks import Buffers, number_parts, read_blocks
from graphmap.readers.fields import NOT_UNDERSTOOD, Fields, Meaning
from graphmap.readers.growing import pause
from graphmap.readers.lines import BadLine, after, decode_line
from graphmap.readers.openssh_auth import is_pam_conversation
from graphmap.readers.speed import METER
from graphmap.readers.stamps import Clock, dates
from graphmap.readers.syslog import Header, Repeat, repetition, split_header
from graphmap.readers.years import infer_base

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from graphmap.readers.base import Batch, ReadOptions, Source
    from graphmap.readers.blocks import Block
    from graphmap.readers.lines import Lines
    from graphmap.readers.years import Date

OPENSSH = frozenset({"sshd", "sshd-session", "sshd-auth"})
DROPBEAR = frozenset({"dropbear"})
REPEAT_LIMIT = 1_000_000
_MEMORY = 4096
_HOSTS = 65_536
_SNIFFED_LINES = 50
_OTHER = "other"


class SshdReader:
    """Reads syslog text; lines of programs other than an SSH server are counted and left alone."""

    name = "sshd"
    title = "OpenSSH and Dropbear in syslog text: RFC 3164, RFC 5424 and RFC 3339 headers"

    def __init__(self, *, compiled: bool | None = None) -> None:
        """`compiled` says whether to use the compiled scanner; where None, it is used where that pays."""
        self._compiled = compiled

    def sniff(self, head: bytes) -> bool:
        """Tell whether half of the first lines or more have a syslog header, whatever the program."""
        lines = [line for line in head.decode("utf-8", "backslashreplace").splitlines() if line.strip()]
        if len(lines) > 1 and not head.endswith(b"\n"):
            lines.pop()
        lines = lines[:_SNIFFED_LINES]
        return bool(lines) and 2 * sum(map(_has_header, lines)) >= len(lines)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end; twice where stamps have no year and the user names none.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        careful = _Scanner(self.name, source, options, compiled=self._compiled)
        first, more = 1, True
        buffers = Buffers()
        with source.follow() as stream:
            while more:
                first = yield from self._read(careful, read_blocks(stream, buffers), buffers, first)
                more = yield from pause(stream)

    def _read(
        self, careful: _Scanner, blocks: Iterator[Block | BadLine], buffers: Buffers, first: int
    ) -> Generator[Batch, None, int]:
        """Read blocks to the last; give the number of the line behind them."""
        position = 0
        for block in blocks:
            if fast := _fast(block, compiled=self._compiled):
                behind: int = yield from fast.read_all(careful, chain([block], blocks), buffers, first)
                return behind
            for part in number_parts(block, first, buffers):
                first, position = after(part), part.position
                yield from careful.read(part)
        yield from careful.batch.take(position)
        return first


def _fast(block: Block | BadLine, *, compiled: bool | None) -> Any | None:
    """Give the compiled scanner where it is wanted or, by default, pays."""
    if compiled is not None:
        return METER.load() if compiled else None
    return None if isinstance(block, BadLine) else METER.scanner(block.end - block.start)


class Conversations:
    """Remembers which refused attempts PAM has already reported, to count a person's attempt once.

    A keyboard-interactive attempt of an existing account is reported by ``error: PAM: ... for USER from ADDR`` and,
    with LogLevel VERBOSE or from the fourth attempt on, by ``Failed keyboard-interactive/pam`` of the same process
    right after it (auth-pam.c, sshpam_query; auth.c, auth_log).
    """

    def __init__(self) -> None:
        self._reported: dict[tuple[str | None, str | None], str | None] = {}

    def judge(self, host: str | None, pid: str | None, message: str, fields: Fields) -> Fields:
        """Give the event, as `failed-echo` where it repeats a `pam-error` of the same process and account."""
        if fields.kind == "pam-error":
            if len(self._reported) >= _MEMORY:
                self._reported.clear()
            self._reported[host, pid] = fields.user
        elif fields.kind == "failed" and self._reported and is_pam_conversation(message):
            missing = object()
            if self._reported.pop((host, pid), missing) == fields.user:
                return fields._replace(kind="failed-echo")
        return fields


class LastLines:
    """The last line of each host, for lines that say that it was repeated."""

    def __init__(self) -> None:
        self._lines: dict[str | None, tuple[int, bytes] | tuple[int, str | None, Meaning]] = {}
        self._latest = 0

    def has_room(self, hosts: int) -> bool:
        """Tell whether so many hosts more fit without forgetting any."""
        return len(self._lines) + hosts <= _HOSTS

    def put(self, host: str | None, number: int, pid: str | None, meaning: Meaning) -> None:
        """Take a line that has been read."""
        if host not in self._lines and len(self._lines) >= _HOSTS:
            self._lines.clear()
        self._lines[host] = (number, pid, meaning)
        self._latest = number

    def put_texts(self, hosts: list[str], numbers: list[int], lines: list[bytes]) -> None:
        """Take lines that were read elsewhere, unless a later one of the host was taken by `put`."""
        made = zip(hosts, zip(numbers, lines, strict=True), strict=True)
        if self._latest < min(numbers, default=0):
            self._lines.update(made)
            return
        for host, line in made:
            known = self._lines.get(host)
            if known is None or known[0] < line[0]:
                self._lines[host] = line

    def get(self, host: str | None) -> tuple[str | None, Meaning]:
        """Give pid and meaning."""
        known = self._lines.get(host)
        if known is None:
            return None, _OTHER
        if len(known) == 3:  # noqa: PLR2004 - number, pid, meaning
            return known[1], known[2]
        header = split_header(decode_line(known[1]))
        if header is None:
            return None, _OTHER
        repeat = repetition(header)
        message = header.message if repeat is None or repeat.message is None else repeat.message
        return header.pid, read_program(header.program, message)


class _Scanner:
    """The state of one reading: the clock, and the last line of each host for lines that say it was repeated."""

    def __init__(self, reader: str, source: Source, options: ReadOptions, *, compiled: bool | None) -> None:
        self.batch = BatchBuilder(reader, source)
        self.clock = Clock(options.zone, lambda: _base_year(source, options, compiled=compiled))
        self._conversations = Conversations()
        self._last = LastLines()
        self.has_room = self._last.has_room
        self.remember = self._last.put_texts

    def read(self, part: Lines | BadLine) -> Iterator[Batch]:
        """Read numbered lines."""
        batch = self.batch
        if isinstance(part, BadLine):
            batch.lines += 1
            batch.reject(part.line, part.reason, part.text)
            return
        for number, line in enumerate(part.lines, part.first):
            self.scan(number, line)
            if batch.full:
                yield from batch.take(part.position)

    def scan(self, number: int, line: str) -> None:
        """Put one line where it belongs: events, rejects, context or other."""
        batch = self.batch
        batch.lines += 1
        header = split_header(line)
        if header is None:
            self._without_header(number, line)
            return
        time = self.clock.read(header.stamp)
        repeat = repetition(header)
        if repeat is not None:
            self._repeat(number, line, header, time, repeat)
            return
        meaning = self._meaning(header)
        self._last.put(header.host, number, header.pid, meaning)
        if meaning is _OTHER:
            batch.other += 1
        else:
            self._put(number, line, header, time, meaning, 1)

    def _without_header(self, number: int, line: str) -> None:
        if line.strip():
            self.batch.reject(number, "no syslog header", line)
        else:
            self.batch.other += 1

    def _meaning(self, header: Header) -> Meaning:
        meaning = read_program(header.program, header.message, bare=header.stamp[0].isdigit() and header.host is None)
        if isinstance(meaning, Fields):
            return self._conversations.judge(header.host, header.pid, header.message, meaning)
        return meaning

    def _repeat(self, number: int, line: str, header: Header, time: int | None, repeat: Repeat) -> None:
        """Count a line that stands for more of another: of the one it quotes, or of the host's last one."""
        pid = header.pid
        if repeat.message is not None:
            meaning = self._meaning(header._replace(message=repeat.message))
            self._last.put(header.host, number, pid, meaning)
        else:
            pid, meaning = self._last.get(header.host)
        if isinstance(meaning, Fields) and repeat.times > REPEAT_LIMIT:
            meaning = f"repeated more than {REPEAT_LIMIT:,} times"
        self._put(number, line, header._replace(pid=pid), time, meaning, repeat.times)

    def _put(self, number: int, line: str, header: Header, time: int | None, meaning: Meaning, copies: int) -> None:
        batch = self.batch
        if meaning is _OTHER:
            batch.other += 1
        elif meaning is None or not copies:
            batch.context += 1
        elif isinstance(meaning, str):
            batch.reject(number, meaning, line)
        elif time is None:
            batch.reject(number, "time stamp does not exist", line)
        else:
            batch.event((time, header.host, header.pid, number, copies), meaning)


@lru_cache(maxsize=4096)
def _grammar(program: str) -> Callable[[str], Meaning] | None:
    name = program.rpartition("/")[2]
    if name in OPENSSH:
        return openssh.read_message
    return dropbear.read_message if name in DROPBEAR else None


def read_program(program: str | None, message: str, *, bare: bool = False) -> Meaning:
    """Read the message of a program; ``"other"`` for one that is no SSH server.

    `bare` allows a message without a program, as svlogd and multilog write for the one service that they serve, to be
    an SSH server's if it is understood.
    """
    if program is None:
        return _read_bare(message) if bare else _OTHER
    read = _grammar(program)
    return _OTHER if read is None else read(message)


def _read_bare(message: str) -> Meaning:
    for read in (openssh.read_message, dropbear.read_message):
        meaning = read(message)
        if meaning != NOT_UNDERSTOOD:
            return meaning
    return _OTHER


def _has_header(line: str) -> bool:
    header = split_header(line)
    return header is not None and (header.program is not None or _is_bare_sshd(header))


def _is_bare_sshd(header: Header) -> bool:
    return repetition(header) is not None or isinstance(read_program(None, header.message, bare=True), Fields)


def _base_year(source: Source, options: ReadOptions, *, compiled: bool | None) -> int:
    """The year of the first stamp without one: the user's, else inferred from the whole source."""
    if options.year is not None:
        return options.year
    buffers = Buffers()
    with source.open() as stream:
        return infer_base(_dates(read_blocks(stream, buffers), buffers, compiled=compiled), source.modified)


def _dates(blocks: Iterator[Block | BadLine], buffers: Buffers, *, compiled: bool | None) -> Iterator[Date]:
    for block in blocks:
        if fast := _fast(block, compiled=compiled):
            yield from fast.scanned_dates(chain([block], blocks), buffers)
        else:
            parts = number_parts(block, 1, buffers)
            yield from dates("\n".join(part.lines) for part in parts if not isinstance(part, BadLine))
