"""Columns of EVENTS from numbers that stand for texts: what the compiled scanner found in a block, and what it left.

A text is looked at once for a block, however many events hold it, and each column is one gather from few views
(`arrow`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.readers.arrow.frames import FrameBuilder, view
from graphmap.readers.arrow.kernels import INLINE, NULL
from graphmap.readers.batches import BATCH_LINES, account, place
from graphmap.readers.kernels import CODE, DOMAIN, QUAD, Found, join_commands, spell_peers
from graphmap.readers.kinds import KINDS
from graphmap.readers.shapes import SHAPES, TEXTS
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graphmap.readers.batches import Row
    from graphmap.readers.fields import Fields

_USER, _ADDR, _DST, _KEY, _METHOD, _CERT, _COMMAND = range(len(TEXTS))
_ADDRESSES = 1 << _ADDR | 1 << _DST
_PORT_LIMIT = 65535
_PID_LIMIT = (1 << 63) - 1
_DIGITS = 19
_PORT_BYTES = 6
_PADDING = 8
_KINDS = [*(shape.kind for shape in SHAPES), *KINDS]
_CODES = {kind: code for code, kind in enumerate(KINDS, len(SHAPES))}


class Rows(NamedTuple):
    """Events, an entry each, along the second axis where there are several rows."""

    line: np.ndarray
    time: np.ndarray
    refs: np.ndarray
    """As `Found.refs`, with numbers of `Texts`; the code is the shape, or behind those the kind."""
    ports: np.ndarray
    """Source and destination; 0 for none."""
    pid: np.ndarray
    """-1 for none."""
    copies: np.ndarray

    def at(self, places: np.ndarray) -> Rows:
        """Give the rows at these places."""
        return Rows(*(values[..., places] for values in self))


class Texts:
    """The distinct texts of a block by their numbers, and its connections: those of the scanner, and more."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self._numbers: dict[str, int] = {}
        self._more: list[str] = []
        self._addresses: set[int] = set()
        self._users: set[int] = set()
        self._peers: list[tuple[int, int]] = []

    def text(self, number: int) -> str:
        """Give the text of a number."""
        if number >= len(self.found.spans):
            return self._more[number - len(self.found.spans)]
        begin, end = self.found.spans[number].tolist()
        return self.found.arena[begin:end].tobytes().decode("ascii")

    def number(self, text: str | None) -> int:
        """Give the number of a text that the scanner did not find; 0 for none."""
        if text is None:
            return 0
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = len(self.found.spans) + len(self._more)
            self._more.append(text)
        return known

    def address(self, text: str | None) -> int:
        """Give the number of an address or a name."""
        known = self.number(text)
        self._addresses.add(known)
        return known

    def user(self, text: str | None) -> int:
        """Give the number of a user's name."""
        known = self.number(text)
        self._users.add(known)
        return known

    def session(self, address: int, port: int) -> int:
        """Give the number of a connection that the scanner did not find."""
        if not (address and port):
            return 0
        self._peers.append((address, port))
        return int(self.found.peers.shape[1]) + len(self._peers) - 1

    def accounts(self) -> tuple[dict[int, int], dict[int, int]]:
        """Domain and name of the users that are written with a domain."""
        domains, names = {}, {}
        uses = self.found.uses
        for known in self._known((uses & DOMAIN > 0) & (uses & 1 << _USER > 0), self._users):
            domain, name = account(self.text(known))
            domains[known], names[known] = self.number(domain), self.number(name)
        return domains, names

    def places(self) -> tuple[dict[int, int], dict[int, int], dict[int, int]]:
        """Address and name of the addresses that are not canonical IPv4, and what `session` has in front of a port."""
        addresses, names, peers = {}, {}, {}
        uses = self.found.uses
        for known in self._known((uses & _ADDRESSES > 0) & (uses & QUAD == 0), self._addresses):
            text = self.text(known)
            address, name = place(text)
            addresses[known] = known if address == text else self.number(address)
            names[known] = known if name == text else self.number(name)
            peers[known] = self.number(f"[{address}]") if address and ":" in address else addresses[known]
        return addresses, names, peers

    def spans(self) -> tuple[np.ndarray, list[bytes]]:
        """Where each text begins and ends, and the bytes of those that the scanner did not find."""
        more = [text.encode() for text in self._more]
        ends = self.found.arena.size + np.cumsum([0, *map(len, more)])
        return np.concatenate([self.found.spans, np.column_stack([ends[:-1], ends[1:]])]), more

    def peers(self) -> np.ndarray:
        """Address and port of each connection."""
        found = self.found.peers
        return np.concatenate([found, np.array(self._peers, np.int32).T], axis=1) if self._peers else found

    def _known(self, found: np.ndarray, more: set[int]) -> Iterable[int]:
        return (*np.flatnonzero(found).tolist(), *(more - {0}))


class _Fixed:
    """The texts that stand for codes: kind, action and outcome, and what a shape says is started."""

    def __init__(self) -> None:
        means = [KINDS.get(kind) for kind in _KINDS]
        texts = [*_KINDS]
        texts += [mean.action.value if mean else "" for mean in means]
        texts += [mean.outcome.value if mean else "" for mean in means]
        texts += [shape.command or "" for shape in SHAPES]
        encoded = [text.encode() for text in texts]
        ends = np.cumsum([0, *map(len, encoded)]).tolist()
        self.arena = np.frombuffer(b"".join(encoded), np.uint8)
        self._views = np.array([view(text, at) for text, at in zip(encoded, ends, strict=False)], np.uint64)
        self._long = np.array([len(text) for text in encoded]) > INLINE
        self._starts = np.array([bool(shape.command) for shape in SHAPES] + [False] * len(KINDS))

    def views(self, first: int) -> tuple[np.ndarray, ...]:
        """The views of kinds, actions, outcomes and what is started, where the texts begin at a place of an arena."""
        views = self._views.copy()
        views[self._long, 1] += np.uint64(first << 32)
        return tuple(np.split(views, [len(_KINDS), 2 * len(_KINDS), 3 * len(_KINDS)]))

    def started(self, first: int) -> np.ndarray:
        """Of each code the number of what is started, where these texts have the numbers from one on; 0 for none."""
        return np.where(self._starts, first + np.arange(len(_KINDS)), 0).astype(np.uint32)


_FIXED = _Fixed()


def scanned_rows(found: Found, chosen: np.ndarray | None, midnights: np.ndarray) -> Rows:
    """Make rows of the events at some places of `Found.events`, of all where None. `midnights`: of each run."""
    line = found.events
    run = np.searchsorted(found.runs[:, 0], line, "right") - 1 if len(found.runs) > 1 else 0
    rows = Rows(
        line=line,
        time=midnights[run] + found.of_day,
        refs=found.refs,
        ports=found.numbers[:2],
        pid=found.numbers[2],
        copies=np.ones(len(line), np.int64),
    )
    return rows if chosen is None else rows.at(chosen)


def careful_rows(events: list[tuple[Row, Fields]], texts: Texts, first: int, host: str | None) -> Rows:
    """Make rows of events of the careful reader. `first` is the number of the block's first line."""
    made = [_careful_row(row, fields, texts, first, host) for row, fields in events]
    numbers = np.array(made, np.int64).T
    count = CODE + 1
    return Rows(
        line=numbers[0],
        time=numbers[1],
        refs=numbers[2 : 2 + count].astype(np.uint32),
        ports=numbers[2 + count : 4 + count].astype(np.int32),
        pid=numbers[4 + count],
        copies=numbers[5 + count],
    )


def _careful_row(row: Row, fields: Fields, texts: Texts, first: int, host: str | None) -> tuple[int, ...]:
    time, of_host, pid, line, copies = row
    port, addr = _port(fields.port), texts.address(fields.addr)
    named = host if of_host is None else of_host
    return (
        line - first, time, texts.user(fields.user), addr, texts.address(fields.dst),
        *map(texts.number, (fields.key, fields.method, fields.cert_id, fields.command, named)),
        texts.session(addr, port), _CODES[fields.kind], port, _port(fields.dst_port), _number(pid, -1), copies,
    )  # fmt: skip


def _port(text: str | None) -> int:
    port = _number(text, 0)
    return port if port <= _PORT_LIMIT else 0


def _number(text: str | None, nothing: int) -> int:
    """Read digits, as Polars does: those of ASCII alone, and what fits into 64 bits."""
    if not text or not text.isascii():
        return nothing
    digits = text.lstrip("0")
    number = int(digits or "0") if len(digits) <= _DIGITS else _PID_LIMIT + 1
    return number if number <= _PID_LIMIT else nothing


def by_line(rows: Rows, more: Rows) -> Rows:
    """Put rows among others in the order of their lines."""
    joined = Rows(*(np.concatenate(pair, axis=-1) for pair in zip(rows, more, strict=True)))
    return joined.at(np.argsort(joined.line, kind="stable"))


def frames(rows: Rows, texts: Texts, first: int, constants: Constants) -> Iterator[pl.DataFrame]:
    """Make frames of EVENTS of rows, each as often as it counts; each of about BATCH_LINES where copies are many."""
    dictionary = _Dictionary(texts)
    total = int(rows.copies.sum())
    if total == len(rows.copies):
        yield dictionary.frame(rows, first, constants)
        return
    if total <= 2 * max(BATCH_LINES, len(rows.line)):
        yield dictionary.frame(rows.at(np.repeat(np.arange(len(rows.copies)), rows.copies)), first, constants)
        return
    ends = np.cumsum(rows.copies)
    for start in range(0, total, BATCH_LINES):
        wanted = np.arange(start, min(start + BATCH_LINES, total))
        yield dictionary.frame(rows.at(np.searchsorted(ends, wanted, "right")), first, constants)


class _Dictionary:
    """The views that the columns of a block are gathered from, and the arena that they point into."""

    def __init__(self, texts: Texts) -> None:
        found = texts.found
        domains, users = texts.accounts()
        addresses, names, before_port = texts.places()
        spans, more = texts.spans()
        peers = texts.peers()
        peer_spans = spans.copy()
        for known, number in before_port.items():
            peer_spans[known] = spans[number] if number else -1
        used = int(spans[-1, 1]) if more else found.arena.size
        longest = np.subtract(peer_spans[:, 1], peer_spans[:, 0]).take(peers[0]).sum() + _PORT_BYTES * peers.shape[1]
        fixed = used + int(longest) + _PADDING
        added, room = np.frombuffer(b"".join(more), np.uint8), np.zeros(fixed - used, np.uint8)
        arena = np.concatenate([found.arena, added, room, _FIXED.arena, _PADDED])
        self._session = np.empty((peers.shape[1], 2), np.uint64)
        spell_peers(peers, peer_spans, arena, used, self._session)
        self._arena = arena
        self._text = np.concatenate([found.views, _views(more, found.arena.size)])
        self._text[0, 0] = NULL
        self._user, self._domain = _replaced(self._text, self._text, users), _others(self._text, domains)
        self._address, self._name = _replaced(self._text, self._text, addresses), _others(self._text, names)
        self._kind, self._action, self._outcome, commands = _FIXED.views(fixed)
        self._started = _FIXED.started(len(self._text))
        self._command = np.concatenate([self._text, commands])

    def frame(self, rows: Rows, first: int, constants: Constants) -> pl.DataFrame:
        user, source, target, key, method, cert, command, host, session, code = rows.refs
        started = np.empty_like(command)
        join_commands(command, code, self._started, started)
        builder = FrameBuilder(len(rows.line), self._arena)
        builder.add_numbers("time", rows.time, EVENTS["time"])
        for name, views, places in (
            ("action", self._action, code), ("outcome", self._outcome, code), ("kind", self._kind, code),
            ("user", self._user, user), ("domain", self._domain, user), ("src_ip", self._address, source),
            ("src_host", self._name, source), ("dst_host", self._text, host), ("dst_ip", self._address, target),
            ("method", self._text, method), ("key", self._text, key), ("cert_id", self._text, cert),
            ("session", self._session, session), ("command", self._command, started),
        ):  # fmt: skip
            if views is not None and (places is code or places.max()):
                builder.add_texts(name, views, places)
        for name, numbers, nothing in (
            ("src_port", rows.ports[0], 0),
            ("dst_port", rows.ports[1], 0),
            ("pid", rows.pid, -1),
        ):
            builder.add_numbers(name, numbers, EVENTS[name], nothing)
        builder.add_numbers("line", rows.line + first, EVENTS["line"])
        made = {column.name: column for column in builder.build().get_columns()}
        count = len(rows.line)
        return pl.DataFrame(
            [constants.column(name, count) if (column := made.get(name)) is None else column for name in EVENTS]
        )


_PADDED = np.zeros(_PADDING, np.uint8)


def _views(texts: list[bytes], first: int) -> np.ndarray:
    """The views of texts that stand one behind the other in an arena."""
    ends = np.cumsum([first, *map(len, texts)]).tolist()
    return np.array([view(text, at) for text, at in zip(texts, ends, strict=False)], np.uint64).reshape(-1, 2)


def _replaced(views: np.ndarray, others: np.ndarray, numbers: dict[int, int]) -> np.ndarray:
    """Views of which some are those of other numbers."""
    if not numbers:
        return views
    views = views.copy()
    views[list(numbers)] = others[list(numbers.values())]
    return views


def _others(views: np.ndarray, numbers: dict[int, int]) -> np.ndarray | None:
    """No views but for some numbers; None where these are none as well."""
    if not any(numbers.values()):
        return None
    nothing = np.zeros_like(views)
    nothing[:, 0] = NULL
    return _replaced(nothing, views, numbers)


class Constants:
    """Columns that hold one value in every row of a source."""

    def __init__(self, values: Mapping[str, int | str]) -> None:
        self._values = values

    def column(self, name: str, count: int) -> pl.Series:
        """Give the column of that name; null where it has no value."""
        return _repeated(name, self._values.get(name), 1 << (count - 1).bit_length()).head(count)


@lru_cache(maxsize=64)
def _repeated(name: str, value: int | str | None, count: int) -> pl.Series:
    """Make a column of one value. Those that are null, or the same for all sources, are made once and cut to size."""
    return pl.Series(name, [value], dtype=EVENTS[name]).new_from_index(0, count)
