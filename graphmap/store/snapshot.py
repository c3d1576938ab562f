"""Events of one version of the lake, read by the files that hold them: all that a reader needs, without Delta."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from graphmap.store.additions import read_files
from graphmap.store.layout import EVENT_LAYOUT, near, wanted
from graphmap.store.location import Location  # a field of a dataclass
from graphmap.tables import EVENTS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Snapshot:
    """The events of one version of the lake; `version` is None where there is no table.

    `files` has one row a file: `path`, `num_records`, the partition, and `min.x`, `max.x` and `null_count.x` of the
    columns in the layout's extent. The files stay until a vacuum removes those that no younger version uses.
    """

    version: int | None
    location: Location
    files: pl.DataFrame

    @property
    def events(self) -> int:
        """How many there are."""
        return int(self.files["num_records"].sum())

    def scan(
        self,
        columns: Sequence[str] | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        hosts: Collection[str] | None = None,
        actions: Collection[str] | None = None,
        kinds: Collection[str] | None = None,
    ) -> pl.LazyFrame:
        """Give events, in no particular order; only the files that can hold such rows will be opened.

        Parameters
        ----------
        columns
            Names from EVENTS; None for all.
        since, until
            ``since <= time < until``, with zone; None is open.
        hosts, actions, kinds
            Allowed values of `dst_host`, `action` and `kind`; None allows all.

        Raises
        ------
        StoreError
            The table cannot be read. Reading its files may fail later, when the frame is collected.
        """
        found = read_files(self.location, self.files.filter(near(since, until, hosts)), EVENT_LAYOUT)
        for condition in wanted(since, until, {"dst_host": hosts, "action": actions, "kind": kinds}):
            found = found.filter(condition)
        return found.select(list(EVENTS if columns is None else columns))
