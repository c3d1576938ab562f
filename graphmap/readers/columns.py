"""Columns of EVENTS from numbers that stand for texts: what the compiled scanner found in a block, and what it left.

A text is looked at once for a block, however many events hold it, and each column is one gather from few values.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.readers.batches import BATCH_LINES, account, place
from graphmap.readers.kernels import DOMAIN, QUAD, TEXTS, Found
from graphmap.readers.kinds import KINDS
from graphmap.readers.shapes import SHAPES
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from graphmap.readers.batches import Row
    from graphmap.readers.fields import Fields

_USER, _ADDR, _DST, _KEY, _METHOD, _CERT, _COMMAND = range(len(TEXTS))
_ADDRESSES = 1 << _ADDR | 1 << _DST
_PORT_LIMIT = 65535
_PID_LIMIT = (1 << 63) - 1
_DIGITS = 19
_KINDS = [*(shape.kind for shape in SHAPES), *KINDS]
_CODES = {kind: code for code, kind in enumerate(KINDS, len(SHAPES))}


_STARTED = {code: shape.command for code, shape in enumerate(SHAPES) if shape.command}


class Rows(NamedTuple):
    """Events, an entry each. Texts are numbers of `Texts`, 0 for none; a port that is none is 0, and a pid -1."""

    line: np.ndarray
    time: np.ndarray
    code: np.ndarray
    """The shape, or behind those the kind."""
    host: np.ndarray
    texts: np.ndarray
    """A row for each of `kernels.TEXTS`."""
    ports: np.ndarray
    """Source and destination."""
    pid: np.ndarray
    session: np.ndarray
    """The number of the connection; 0 for none."""
    copies: np.ndarray

    def at(self, places: np.ndarray) -> Rows:
        """Give the rows at these places."""
        return Rows(*(values[..., places] for values in self))


class Texts:
    """The distinct texts of a block by their numbers, and its connections."""

    def __init__(self, found: Found, texts: list[str]) -> None:
        self._found = found
        self._all: list[str | None] = [None, *texts[1:]]
        self._numbers: dict[str, int] = {}
        self._addresses: set[int] = set()
        self._users: set[int] = set()
        self._peers: list[tuple[int, int]] = []

    def number(self, text: str | None) -> int:
        """Give the number of a text that the scanner did not find."""
        if text is None:
            return 0
        known = self._numbers.get(text)
        if known is None:
            known = self._numbers[text] = len(self._all)
            self._all.append(text)
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
        return int(self._found.peers.shape[1]) + len(self._peers) - 1

    def plain(self) -> pl.Series:
        """All texts."""
        return _series(self._all)

    def accounts(self) -> tuple[pl.Series, pl.Series]:
        """Domain and name of all that are users."""
        uses = self._found.uses
        domains, names = self._none(), self._all.copy()
        for known in (*np.flatnonzero((uses & DOMAIN > 0) & (uses & 1 << _USER > 0)).tolist(), *self._users):
            if text := self._all[known]:
                domains[known], names[known] = account(text)
        return _series(domains), _series(names)

    def places(self) -> tuple[pl.Series, pl.Series, pl.Series]:
        """Address and name of all that are addresses, and what `session` has in front of a port (`batches`)."""
        uses = self._found.uses
        addresses, names = self._all.copy(), self._none()
        peers = addresses.copy()
        for known in (*np.flatnonzero((uses & _ADDRESSES > 0) & (uses & QUAD == 0)).tolist(), *self._addresses):
            if text := self._all[known]:
                address, names[known] = place(text)
                addresses[known] = address
                peers[known] = f"[{address}]" if address and ":" in address else address
        return _series(addresses), _series(names), _series(peers) + ":"

    def sessions(self, peers: pl.Series) -> pl.Series:
        """What the `session` column says of each connection."""
        address, port = self._found.peers
        if self._peers:
            more = np.array(self._peers, np.int32).T
            address, port = np.concatenate([address, more[0]]), np.concatenate([port, more[1]])
        return gathered(peers, address) + pl.Series(port).cast(pl.String)

    def _none(self) -> list[str | None]:
        return [None] * len(self._all)


def gathered(values: pl.Series, places: np.ndarray) -> pl.Series:
    """Give the values at these places. `Series.gather` makes a query of it, which takes four times as long."""
    return values[pl.Series(places.astype(np.uint32, copy=False))]


def _series(texts: Sequence[str | None]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


_KIND = _series(_KINDS)
_ACTION = _series([KINDS[kind].action.value if kind in KINDS else None for kind in _KINDS])
_OUTCOME = _series([KINDS[kind].outcome.value if kind in KINDS else None for kind in _KINDS])


def scanned_rows(found: Found, chosen: np.ndarray, midnights: np.ndarray) -> Rows:
    """Make rows of the events at some places of `Found.events`. `midnights` has the midnight of each run."""
    line = found.events
    run = np.searchsorted(found.runs[:, 0], line, "right") - 1 if len(found.runs) > 1 else 0
    port, dst_port, pid = found.numbers
    rows = Rows(
        line=line,
        time=midnights[run] + found.of_day,
        code=found.shape[line].astype(np.uint32),
        host=found.host[line].astype(np.uint32),
        texts=found.texts,
        ports=np.stack([port, dst_port]),
        pid=pid.astype(np.int64),
        session=found.sessions,
        copies=np.ones(len(line), np.int64),
    )
    return rows if len(chosen) == len(line) else rows.at(chosen)


def careful_rows(events: list[tuple[Row, Fields]], texts: Texts, first: int, host: str | None) -> Rows:
    """Make rows of events of the careful reader. `first` is the number of the block's first line."""
    made = [_careful_row(row, fields, texts, first, host) for row, fields in events]
    numbers = np.array(made, np.int64).T
    count = len(TEXTS)
    return Rows(
        line=numbers[0],
        time=numbers[1],
        code=numbers[2],
        host=numbers[3],
        texts=numbers[4 : 4 + count],
        ports=numbers[4 + count : 6 + count],
        pid=numbers[6 + count],
        session=numbers[7 + count],
        copies=numbers[8 + count],
    )


def _careful_row(row: Row, fields: Fields, texts: Texts, first: int, host: str | None) -> tuple[int, ...]:
    time, of_host, pid, line, copies = row
    port, addr = _port(fields.port), texts.address(fields.addr)
    return (
        line - first, time, _CODES[fields.kind], texts.number(host if of_host is None else of_host),
        texts.user(fields.user), addr, texts.address(fields.dst),
        *map(texts.number, (fields.key, fields.method, fields.cert_id, fields.command)),
        port, _port(fields.dst_port), _number(pid, -1), texts.session(addr, port), copies,
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
    """The values that the columns of a block are gathered from."""

    def __init__(self, texts: Texts) -> None:
        started = np.zeros(len(_KINDS), np.uint32)
        for code, command in _STARTED.items():
            started[code] = texts.number(command)
        self._started = started
        self._domain, self._user = texts.accounts()
        self._address, self._name, peers = texts.places()
        self._text = texts.plain()
        self._session = texts.sessions(peers)

    def frame(self, rows: Rows, first: int, constants: Constants) -> pl.DataFrame:
        user, source, target, key, method, cert, command = rows.texts.astype(np.uint32, copy=False)
        command = np.where(command == 0, self._started[rows.code], command)
        count = len(rows.line)
        columns: dict[str, pl.Series | None] = {
            "time": pl.Series(rows.time).cast(EVENTS["time"]),
            "action": gathered(_ACTION, rows.code),
            "outcome": gathered(_OUTCOME, rows.code),
            "kind": gathered(_KIND, rows.code),
            "user": _chosen(self._user, user),
            "domain": _chosen(self._domain, user),
            "src_ip": _chosen(self._address, source),
            "src_port": _numbers(rows.ports[0], 0, EVENTS["src_port"]),
            "src_host": _chosen(self._name, source),
            "dst_host": _chosen(self._text, rows.host),
            "dst_ip": _chosen(self._address, target),
            "dst_port": _numbers(rows.ports[1], 0, EVENTS["dst_port"]),
            "method": _chosen(self._text, method),
            "key": _chosen(self._text, key),
            "cert_id": _chosen(self._text, cert),
            "session": _chosen(self._session, rows.session),
            "pid": _numbers(rows.pid, -1, EVENTS["pid"]),
            "command": _chosen(self._text, command),
            "line": pl.Series(rows.line + first),
        }
        return pl.DataFrame(
            [
                constants.column(name, count) if (column := columns.get(name)) is None else column.alias(name)
                for name in EVENTS
            ]
        )


def _chosen(values: pl.Series, places: np.ndarray) -> pl.Series | None:
    """Give the values at these places; None where all are null."""
    if values.null_count() == len(values) or not places.any():
        return None
    return gathered(values, places)


def _numbers(values: np.ndarray, nothing: int, dtype: pl.DataType | type[pl.DataType]) -> pl.Series | None:
    """Give numbers, null where they are `nothing`; None where all are."""
    missing = values == nothing
    if missing.all():
        return None
    column = pl.Series(values).cast(dtype)
    return column.set(pl.Series(missing), None) if missing.any() else column


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
