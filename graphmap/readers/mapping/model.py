"""What a mapping says: how lines part into fields, and which field fills which column of EVENTS."""

from __future__ import annotations

from collections.abc import Mapping as Pairs
from dataclasses import dataclass, field
from enum import StrEnum

from graphmap.model import Action, Outcome, Witness
from graphmap.readers.moments import AUTO


class Format(StrEnum):
    """How lines part into fields."""

    CSV = "csv"
    JSON = "json"
    KV = "kv"
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Filling:
    """How one column is filled.

    Parameters
    ----------
    fields
        The field it is taken from; of several the first that is there and not empty, and that `values` knows.
    constant
        What it is in every row, in place of a field.
    before, after
        Keep what is before, or after, the first such text in the field.
    values
        What each value of the field becomes, by its text in lower case; None to keep it.
    default
        What it is where no field is there, or where `values` has none for it; a log without the field is then taken
        for one of the mapping's as well. Empty text stands for nothing.
    """

    fields: tuple[str, ...] = ()
    constant: str | None = None
    before: str | None = None
    after: str | None = None
    values: Pairs[str, str] | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class When:
    """Which fields a time is taken from, and the forms it may have (`graphmap.readers.moments`)."""

    fields: tuple[str, ...]
    joined: bool = False
    """All fields together, with a space between them, in place of the first that is there."""
    forms: tuple[str, ...] = (AUTO,)


@dataclass(frozen=True, slots=True)
class Lasting:
    """Which field a duration is taken from, and the nanoseconds of its unit."""

    fields: tuple[str, ...]
    unit: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """A log format as data.

    Parameters
    ----------
    name, title
        As those of a reader.
    format, delimiter, header, ends_at, pattern
        How lines part into fields: the separator of cells and, for files without a header line, the names of the
        cells; the beginning of the line behind which there is no table any more; the regular expression.
    time, end, duration
        When it began, and, where the log has that, when it ended or how long it lasted.
    columns
        How the other columns are filled.
    where
        Values, in lower case, that a field must have; other lines are not of this log's kind.
    version
        Changes with the mapping, so that logs are read again.
    """

    name: str
    title: str
    format: Format
    time: When
    columns: Pairs[str, Filling]
    end: When | None = None
    duration: Lasting | None = None
    where: Pairs[str, frozenset[str]] = field(default_factory=dict)
    delimiter: str = ","
    header: tuple[str, ...] | None = None
    ends_at: str | None = None
    pattern: str | None = None
    version: str = ""

    @property
    def wanted(self) -> tuple[tuple[str, ...], ...]:
        """The fields that a log must have: of each group one."""
        filled = [filling.fields for filling in self.columns.values() if filling.fields and filling.default is None]
        times = [(name,) for name in self.time.fields] if self.time.joined else [self.time.fields]
        return (*times, *filled, *((name,) for name in self.where))

    @property
    def witness(self) -> str:
        """Whose word the log is; the host that was logged on to where the mapping does not say."""
        return self.columns["witness"].constant or Witness.SERVER.value


COLUMNS = (
    "action", "outcome", "service", "kind", "witness", "user", "domain", "src", "src_ip", "src_port", "src_host",
    "dst", "dst_host", "dst_ip", "dst_port", "method", "key", "cert_id", "session", "pid", "command", "bytes_in",
    "bytes_out", "client", "hassh", "server", "host_key", "attempts", "direction",
)  # fmt: skip
"""The columns that a mapping may fill, besides the time; `src` and `dst` take an address or a name."""

REQUIRED = ("action", "service")
NUMBERS = frozenset({"src_port", "dst_port", "pid", "bytes_in", "bytes_out", "attempts"})
ADDRESSES = frozenset({"src_ip", "dst_ip"})
CHOICES: Pairs[str, frozenset[str]] = {
    "action": frozenset(Action),
    "outcome": frozenset(Outcome),
    "witness": frozenset(Witness),
}
"""Columns with words of their own."""
