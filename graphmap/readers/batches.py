"""Columns of EVENTS and REJECTS from what a reader finds, a bounded number of lines at a time."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

import polars as pl

from graphmap.model import Witness
from graphmap.readers.base import NO_EVENTS, NO_REJECTS, Batch, Source
from graphmap.readers.fields import Fields
from graphmap.readers.kinds import KINDS
from graphmap.tables import EVENTS, REJECTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    _Split = Callable[[str], tuple[str | None, str | None]]

BATCH_LINES = 65_536
TEXT_CHARACTERS = 500
_DOMAIN = re.compile(r"(?P<domain>\w[\w.-]*)(?:\\\\|\\(?![0-7]{3}))(?P<user>[^\\]+)")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", re.ASCII)
_ROW = pl.Schema(
    {
        "time": pl.Int64,
        "dst_host": pl.String,
        "pid": pl.String,
        "line": pl.Int64,
        "copies": pl.UInt32,
        **dict.fromkeys(Fields._fields, pl.String),
    }
)
Row = tuple[int, str | None, str | None, int, int]


class Gathered:
    """The counts and rejects of one source until a batch is made of them.

    The caller counts: `lines`, `context` and `other` are those of `Batch`.
    """

    def __init__(self, reader: str, source: Source) -> None:
        self.lines = 0
        self.context = 0
        self.other = 0
        self._source = source
        self._constants: dict[str, int | str] = {
            "repeat": 0,
            "reader": reader,
            "file": source.name,
        }
        self._rejects: list[tuple[str, str, int]] = []

    @property
    def full(self) -> bool:
        """It is time to `take`."""
        return self.lines >= BATCH_LINES

    def reject(self, line: int, reason: str, text: str) -> None:
        """Add a line that was not understood."""
        self._rejects.append((reason, text[:TEXT_CHARACTERS], line))

    def _batch(self, events: pl.DataFrame | None, position: int) -> Batch:
        """Make a batch, and start anew."""
        batch = Batch(
            events=NO_EVENTS if events is None else events,
            rejects=self._rejected() if self._rejects else NO_REJECTS,
            lines=self.lines,
            context=self.context,
            other=self.other,
            position=position,
        )
        self.lines = self.context = self.other = 0
        self._rejects = []
        return batch

    def _rejected(self) -> pl.DataFrame:
        return self._conform(pl.DataFrame(self._rejects, schema=["reason", "text", "line"], orient="row"), REJECTS)

    def _conform(self, frame: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
        """Add the columns that are the same in every row, put all in order, and check the types."""
        constants = self._constants
        added = [pl.lit(value).alias(name) for name, value in constants.items() if name in schema]
        missing = [pl.lit(None).alias(name) for name in schema if name not in frame.columns and name not in constants]
        return frame.with_columns(*added, *missing).select(pl.col(name).cast(dtype) for name, dtype in schema.items())


class BatchBuilder(Gathered):
    """Gathers the SSH events, rejects and counts of one source until `take` makes a Batch of them.

    `constants` are the columns that are the same in every row, `host` is that of rows without one.
    """

    def __init__(self, reader: str, source: Source) -> None:
        super().__init__(reader, source)
        self._constants |= {"service": "ssh", "witness": Witness.SERVER.value}
        self.constants = self._constants
        self.host = source.host
        self._events: list[tuple[Row, Fields]] = []

    def event(self, row: Row, fields: Fields) -> None:
        """Add an event. `row` is its time (UTC us), host, pid (digits), line number, and how often it counts."""
        self._events.append((row, fields))

    def drain(self) -> list[tuple[Row, Fields]]:
        """Take out what `event` added."""
        events, self._events = self._events, []
        return events

    def take(self, position: int) -> Iterator[Batch]:
        """Give what was gathered, and start anew: one batch, or more where one line stands for very many events."""
        frames = map(self._finish, _events(self._events))
        self._events = []
        yield self._batch(next(frames, None), position)
        for frame in frames:
            yield Batch(events=frame, position=position)

    def _finish(self, frame: pl.DataFrame) -> pl.DataFrame:
        users = _Mapping(frame["user"].drop_nulls().unique().to_list(), account)
        places = pl.concat([frame["addr"], frame["dst"]]).drop_nulls().unique()  # an address may be in both columns
        addresses = _Mapping(places.to_list(), place)
        finished = frame.with_columns(
            pl.col("time").cast(EVENTS["time"]),
            pl.col("kind").replace_strict({kind: means.action.value for kind, means in KINDS.items()}).alias("action"),
            pl.col("kind")
            .replace_strict({kind: means.outcome.value for kind, means in KINDS.items()})
            .alias("outcome"),
            users.part("user", 0).alias("domain"),
            users.part("user", 1).alias("user"),
            addresses.part("addr", 0).alias("src_ip"),
            addresses.part("addr", 1).alias("src_host"),
            addresses.part("dst", 0).alias("dst_ip"),
            _port("port").alias("src_port"),
            _port("dst_port"),
            pl.col("pid").cast(pl.Int64, strict=False),
            pl.coalesce("dst_host", pl.lit(self._source.host, dtype=pl.String)).alias("dst_host"),
        ).with_columns(_session())
        return self._conform(finished, EVENTS)


class _Mapping:
    """What each distinct text of a column becomes: two parts, each text or null."""

    def __init__(self, texts: list[str], split: _Split) -> None:
        self._texts = texts
        self._parts = tuple(zip(*map(split, texts), strict=True)) or ((), ())

    def part(self, column: str, index: int) -> pl.Expr:
        if not self._texts:
            return pl.lit(None, dtype=pl.String)
        return pl.col(column).replace_strict(
            self._texts, pl.Series(self._parts[index], dtype=pl.String), default=None, return_dtype=pl.String
        )


def _events(events: list[tuple[Row, Fields]]) -> Iterator[pl.DataFrame]:
    """Make frames of rows, each row as often as its `copies` says, no frame much longer than BATCH_LINES."""
    if not events:
        return
    columns = zip(*(row + fields for row, fields in events), strict=True)
    frame = pl.DataFrame(
        [pl.Series(name, values, dtype=dtype) for (name, dtype), values in zip(_ROW.items(), columns, strict=True)]
    )
    if frame["copies"].max() == 1:
        yield frame
        return
    ends = frame["copies"].cum_sum()
    for start in range(0, int(ends[-1]), BATCH_LINES):
        wanted = pl.int_range(start, min(start + BATCH_LINES, int(ends[-1])), eager=True)
        yield frame[ends.search_sorted(wanted, side="right")]


def _port(column: str) -> pl.Expr:
    number = pl.col(column).cast(pl.Int64, strict=False)
    return pl.when(number.is_between(1, 65535)).then(number).cast(pl.Int32)


def _session() -> pl.Expr:
    """What joins the lines of one connection on its host: the client's address and port, where both are known."""
    address = pl.when(pl.col("src_ip").str.contains(":", literal=True)).then(
        pl.format("[{}]", "src_ip")
    ).otherwise("src_ip")  # fmt: skip
    return pl.format("{}:{}", address, "src_port").alias("session")


@lru_cache(maxsize=65_536)
def place(text: str) -> tuple[str | None, str | None]:
    """Give canonical address and name, one of them null; UNKNOWN is neither (sshd cannot tell the peer)."""
    if _IPV4.fullmatch(text):
        return text, None
    if text == "UNKNOWN":
        return None, None
    try:
        address = ip_address(text)
    except ValueError:
        return None, text
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped), None
        return str(address).partition("%")[0], None
    return str(address), None


def account(text: str) -> tuple[str | None, str | None]:
    r"""Part ``DOMAIN\user``; sshd doubles the backslash, and one before three octal digits is its escape of a byte."""
    match = _DOMAIN.fullmatch(text) if "\\" in text else None
    return (match["domain"], match["user"]) if match else (None, text)
