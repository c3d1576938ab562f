"""The reader of login records: of a file of fixed-size records, the record's number stands for the line's."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from graphmap.model import Witness
from graphmap.readers.base import HEAD_BYTES
from graphmap.readers.compression import CutStreamError
from graphmap.readers.quotes import take_quote
from graphmap.readers.records import Record, RecordBuilder
from graphmap.readers.utmp.kinds import UTMP_KINDS
from graphmap.readers.utmp.layouts import (
    BOOT,
    DEAD,
    EMPTY,
    GETTY,
    RUN_LEVEL,
    USER,
    Layout,
    Login,
    described,
    fault,
    find_layout,
    find_sound,
    is_convincing,
    is_sound,
    parse,
)
from graphmap.readers.utmp.terminals import NOT_SAID, is_pseudo, origin, service

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import BinaryIO

    from graphmap.readers.base import Batch, Quote, ReadOptions, Source

_UNKNOWN_SIZE = 384
_TERMINALS = 65_536


class UtmpReader:
    """Reads login records of Linux and macOS, of either byte order, and finds its way behind damaged ones."""

    name = "utmp"
    title = "Login records: wtmp, btmp, utmp and lastlog of Linux, utmpx of macOS"

    def sniff(self, head: bytes) -> bool:
        """Tell whether half of the first records or more are sound in one of the known layouts."""
        return is_convincing(head)

    def read(self, source: Source, options: ReadOptions) -> Iterator[Batch]:
        """Read a source from start to end. `options` do not matter: the records count seconds from 1970 UTC.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        batch = RecordBuilder(self.name, source)
        scanner = _Scanner(batch, source)
        position = 0
        with source.open() as stream:
            for data, layout in _records(stream):
                position += len(data)
                scanner.scan(data, layout)
                if batch.full:
                    yield from batch.take(position)
        yield from batch.take(position)

    def quote(self, source: Source, options: ReadOptions, lines: Collection[int]) -> Iterator[Quote]:
        """Quote records as their fields; all of them are read, since who leaves a terminal stands in an earlier one.

        Raises
        ------
        InputError
            The source cannot be opened.
        """
        del options
        last = max(lines, default=0)
        with source.open() as stream:
            batch = RecordBuilder(self.name, source)
            scanner = _Scanner(batch, source)
            for number, (data, layout) in enumerate(islice(_records(stream), last), 1):
                scanner.scan(data, layout)
                login = parse(layout, data) if layout else None
                if number in lines:
                    quoted = take_quote(batch, number, described(login) if login else _shown(data))
                    yield quoted._replace(events=quoted.events.filter(line=number))
                elif batch.full:
                    take_quote(batch, number, "")


def _records(stream: BinaryIO) -> Iterator[tuple[bytes, Layout | None]]:
    """Give every byte of a stream, record by record; bytes that are no record with None for the layout."""
    data = _read(stream, HEAD_BYTES)
    layout = find_layout(data)
    size = layout.size if layout else _UNKNOWN_SIZE
    ended = not data
    while data:
        while not ended and len(data) < 3 * size:
            more = _read(stream, HEAD_BYTES)
            data, ended = data + more, not more
        length = _next_record(data, layout, size)
        yield data[:length], layout if length == size else None
        data = data[length:]


def _next_record(data: bytes, layout: Layout | None, size: int) -> int:
    """Give the length of the record at the start, or of the damage before the next sound one."""
    if layout is None or len(data) <= size or not any(data[:size]):
        return size
    login = parse(layout, data[:size])
    following = data[size : 2 * size]
    if (login and fault(login) is None) or not any(following) or is_sound(layout, following):
        return size
    return find_sound(layout, data) or size


def _read(stream: BinaryIO, size: int) -> bytes:
    """Read up to `size` bytes; what cannot be read of a damaged file is its end."""
    try:
        return stream.read(size)
    except (CutStreamError, OSError):
        return b""


class _Scanner:
    """The state of one reading: the number of the record, and who is logged in at which terminal."""

    def __init__(self, batch: RecordBuilder, source: Source) -> None:
        self._batch = batch
        self._failures = source.name.replace("\\", "/").rpartition("/")[2].startswith("btmp")
        self._number = 0
        self._open: dict[str, Record | None] = {}  # None for a window

    def scan(self, data: bytes, layout: Layout | None) -> None:
        """Put one record where it belongs."""
        batch = self._batch
        batch.lines += 1
        self._number += 1
        login = parse(layout, data) if layout else None
        if not any(data):
            batch.other += 1
        elif login is None or layout is None:
            batch.reject(self._number, "not a login record", _shown(data))
        elif reason := fault(login):
            batch.reject(self._number, reason, _shown(data))
        elif layout.name == "lastlog":
            self._last(login)
        else:
            self._login(login)

    def _last(self, login: Login) -> None:
        record = self._record("last-login", login)
        record["user"] = "root" if self._number == 1 else None
        self._batch.event(self._number, record)

    def _login(self, login: Login) -> None:
        if login.type == USER and not self._failures:
            self._user(login)
        elif login.type in {USER, GETTY} and (self._failures or login.line == "ssh:notty" or login.user != "LOGIN"):
            self._batch.event(self._number, self._record("bad-login", login))
        elif login.type == DEAD:
            self._dead(login)
        elif login.type == BOOT or (login.type == RUN_LEVEL and login.user == "shutdown"):
            self._down(login)
        elif login.type == EMPTY:
            self._batch.other += 1
        else:
            self._batch.context += 1

    def _user(self, login: Login) -> None:
        window = is_pseudo(login.line) and origin(login) is None
        record = self._record("window" if window else "login", login)
        if len(self._open) >= _TERMINALS:
            self._open.clear()
        self._open[login.line] = None if window else record
        self._batch.event(self._number, record)

    def _dead(self, login: Login) -> None:
        known = login.line in self._open
        opened = self._open.pop(login.line, None)
        if opened is None and (known or not is_pseudo(login.line)):
            self._batch.context += 1
            return
        record = self._record("logout", login)
        self._batch.event(self._number, _left(record, opened) if opened else record)

    def _down(self, login: Login) -> None:
        left = [opened for opened in self._open.values() if opened is not None]
        for opened in left:
            self._batch.event(self._number, _left(self._record("down", login), opened))
        if not left:
            self._batch.context += 1
        self._open.clear()

    def _record(self, kind: str, login: Login) -> Record:
        means = UTMP_KINDS[kind]
        return Record(
            time=login.second * 1_000_000 + login.micro,
            action=means.action,
            outcome=means.outcome,
            kind=kind,
            service=service(login),
            witness=Witness.SERVER,
            user=None if login.user in NOT_SAID else login.user,
            src=origin(login),
            session=f"tty:{login.line}" if login.line and kind != "bad-login" else None,
            pid=login.pid or None,
        )


def _left(record: Record, opened: Record) -> Record:
    """Give the end of a login: when and how of `record`, who and whence of the login."""
    kept: Record = {**opened, "time": record["time"], "kind": record["kind"]}
    return {**kept, "action": record["action"], "outcome": record["outcome"]}


def _shown(data: bytes) -> str:
    return data.rstrip(b"\0").decode("utf-8", "backslashreplace")
