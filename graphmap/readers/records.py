r"""Events of formats whose records have named fields: each is given as the columns that it fills.

What every format shares is done here once: an address gets its canonical form or is taken for a name, ``DOMAIN\user``
is parted, a port that cannot be one is dropped.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, TypedDict

import polars as pl

from graphmap.model import Witness
from graphmap.readers.batches import Gathered, account, place
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.model import Action, Outcome
    from graphmap.readers.base import Batch, Source

LARGEST_PORT = 65_535
_EARLIEST, _LATEST = -2_208_988_800_000_000, 253_402_300_799_999_999  # the years 1900 and 9999, in us
_NUMBERS = dict.fromkeys(("pid", "bytes_in", "bytes_out", "duration", "attempts"), (0, 2**63 - 1))
_NUMBERS |= {"src_port": (1, LARGEST_PORT), "dst_port": (1, LARGEST_PORT)}
NOBODY = frozenset({"", "-", "?", "(unknown)", "(null)"})
"""Text that stands for nothing."""


class Record(TypedDict, total=False):
    r"""The columns of EVENTS that a record fills; those left out are null.

    `time` is microseconds since 1970 UTC. `src` and `dst` hold an address or a name: an address becomes `src_ip` or
    `dst_ip`, a name `src_host` or `dst_host`. `user` may be ``DOMAIN\user`` where `domain` is left out. A `dst_host`
    that is left out is the host of the source, unless a client, a sensor or a directory names the destination by `dst`
    or `dst_ip`: then the source is not its log. Text that stands for nothing (empty, ``-``, ``?``) is null.
    """

    time: int
    action: Action
    outcome: Outcome
    service: str
    kind: str
    witness: Witness
    user: str | None
    domain: str | None
    src: str | None
    src_ip: str | None
    src_port: int | None
    src_host: str | None
    dst: str | None
    dst_host: str | None
    dst_ip: str | None
    dst_port: int | None
    method: str | None
    key: str | None
    cert_id: str | None
    session: str | None
    pid: int | None
    command: str | None
    bytes_in: int | None
    bytes_out: int | None
    duration: int | None
    client: str | None
    hassh: str | None
    server: str | None
    host_key: str | None
    attempts: int | None
    direction: str | None


class RecordBuilder(Gathered):
    """Gathers the events, rejects and counts of one source until `take` makes a Batch of them."""

    def __init__(self, reader: str, source: Source, *, sensor: bool = False) -> None:
        """Begin. `sensor`: the source's host only saw what it logs, so it is the destination of nothing."""
        super().__init__(reader, source)
        self._host = None if sensor else source.host
        self._records: list[dict[str, object]] = []
        self._frames: list[pl.DataFrame] = []

    @staticmethod
    def is_time(moment: int) -> bool:
        """Whether microseconds since 1970 are a time that a log can hold; others would break every table."""
        return _EARLIEST <= moment <= _LATEST

    def event(self, line: int, record: Record) -> None:
        """Add an event of a line.

        Its `time` is one that `is_time` knows; numbers out of range become null.
        """
        self._records.append({**finished(record), "line": line})

    def add(self, events: pl.DataFrame) -> None:
        """Add finished events of schema EVENTS; `take` puts all in the order of their lines."""
        self._frames.append(events)

    def take(self, position: int) -> Iterator[Batch]:
        """Give what was gathered, as one batch in the order of its lines, and start anew."""
        frames = self._frames
        if self._records:
            self._records.sort(key=itemgetter("line"))
            events = pl.DataFrame(self._records, schema=_GATHERED)
            own = (pl.col("witness") == Witness.SERVER) | pl.col("dst_ip").is_null()
            host = pl.when(own).then(pl.lit(self._host, dtype=pl.String))
            frames.append(self._conform(events.with_columns(pl.coalesce("dst_host", host).alias("dst_host")), EVENTS))
        self._records, self._frames = [], []
        yield self._batch(_in_order(frames), position)


_GATHERED = pl.Schema(
    {
        name: pl.Int64() if name == "time" else dtype
        for name, dtype in EVENTS.items()
        if name not in {"repeat", "reader", "file"}
    }
)


def _in_order(frames: list[pl.DataFrame]) -> pl.DataFrame | None:
    if len(frames) < 2:  # noqa: PLR2004 - one frame is in order
        return frames[0] if frames else None
    return pl.concat(frames).sort("line", maintain_order=True)


def finished(record: Record) -> dict[str, object]:
    """The columns of EVENTS that a record means."""
    columns: dict[str, object] = {**record}
    for side in ("src", "dst"):
        where = columns.pop(side, None)
        if isinstance(where, str) and where not in NOBODY:
            address, name = place(where)
            columns.setdefault(f"{side}_ip", address)
            columns.setdefault(f"{side}_host", name)
    user = columns.get("user")
    if isinstance(user, str) and columns.get("domain") is None:
        columns["domain"], columns["user"] = account(user)
    for name, value in columns.items():
        if isinstance(value, str):
            columns[name] = None if value in NOBODY else value.encode("utf-8", "backslashreplace").decode()
    for name, (low, high) in _NUMBERS.items():
        number = columns.get(name)
        if isinstance(number, int) and not low <= number <= high:
            columns[name] = None
    return columns
