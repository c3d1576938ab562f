"""Keys that are accepted for the first time after somebody wrote to a file of authorized keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl

from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.events import with_hops
from graphmap.detect.needs import Needs, Question
from graphmap.documents import time_text
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Line, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.table import Rows

WRITTEN = ("keys-written",)

_OWNERS = (
    r"^(?:/var|/export)?/(?:home|Users)/(?:[^/]+/)*?([^/]+)/\.ssh/|^/(root)/\.ssh/|/authorized_keys(?:\.d)?/([^/]+)$"
)


@dataclass(frozen=True, slots=True)
class PlantedKey:
    """A key that is accepted for an account for the first time, within `window` of a write to its authorized keys.

    A key that the account had used anywhere before is no new one. One finding for each host, account and key.
    """

    window: timedelta = timedelta(days=7)
    name: str = "planted-key"
    title: str = "New key accepted after a write to authorized_keys"
    technique: str = "T1098.004"
    needs: ClassVar[Needs] = (frozenset({Question.KEYS}), frozenset({Question.KEY_FILES}))

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        if not evidence.events.has(WRITTEN):
            return
        written = evidence.events.take(evidence.events.scan(WRITTEN))
        path = pl.col("command").str.extract(r"^\S+ (.*)$")
        owner = pl.coalesce(path.str.extract(_OWNERS, group) for group in (1, 2, 3))
        written = with_hops(written, evidence.hops, "account").with_columns(
            path=path, owner=evidence.identity.account(owner)
        )
        found = self._first_uses(evidence, written["host"].unique().drop_nulls().to_list())
        pairs = list(self._planted(found, written))
        for (use, write), rows in evidence.hops.each(pairs, _rows_of):
            yield self._finding(use, write, rows)

    @staticmethod
    def _first_uses(evidence: Evidence, hosts: list[str]) -> pl.DataFrame:
        """The first logon with each key of each account anywhere, where that was on one of these hosts."""
        uses = evidence.hops.scan().select("start", "dst", "account", "key").with_row_index("row")
        uses = uses.filter(pl.col("key").is_not_null())
        anywhere = uses.group_by("key").agg(earliest=pl.col("row").min())
        return (
            uses.group_by("account", "key")
            .agg(pl.col("row").min(), pl.col("start", "dst").sort_by("row").first())
            .filter(pl.col("dst").is_in(hosts))
            .join(anywhere, on="key")
            .collect(engine="streaming")
            .sort("row")
        )

    def _planted(self, found: pl.DataFrame, written: pl.DataFrame) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Each first use with the last write before it that may have let it in."""
        by_host = {host: part.to_dicts() for (host,), part in written.group_by("host", maintain_order=True)}
        for use in found.iter_rows(named=True):
            likely = [
                write
                for write in by_host[use["dst"]]
                if timedelta() <= use["start"] - write["time"] <= self.window
                and write["owner"] in {None, use["account"]}
            ]
            if likely:
                yield use, likely[-1]

    def _finding(self, use: dict[str, Any], write: dict[str, Any], rows: Rows) -> Finding:
        hop = hop_at(rows, int(use["row"]))
        led = [] if write["row"] in {None, use["row"]} else [hop_at(rows, write["row"])]
        own = bool(led) and led[0].src == hop.src and write["account"] == use["account"]
        fresh = use["earliest"] == use["row"]
        writer = write["user"] or "an account that the log does not name"
        came = f", who had come from {led[0].src}," if led else ""
        return finding(
            self,
            (hop.dst, use["account"], hop.key),
            severity=Severity.MEDIUM if own or not fresh else Severity.HIGH,
            score=2.0 + fresh + (not own),
            title=f"new key for {hop.user} on {hop.dst} after a write to its authorized keys: from {hop.src}",
            why=(
                f"{time_text(write['time'])}: {writer}{came} changed {write['path']} on {hop.dst}"
                + (f" with {write['client']}" if write["client"] else ""),
                f"{hop.key} " + ("was never seen before" if fresh else f"was never used for {hop.user} before"),
                *steps([hop]),
                *(["the account let itself in from the same source, as ssh-copy-id does"] if own else []),
            ),
            hops=[*led, hop],
            lines=[Line(write["file"], write["line"])],
            users=[write["user"]] if write["user"] else [],
            times=[write["time"]],
        )


def _rows_of(pair: tuple[dict[str, Any], dict[str, Any]]) -> list[int]:
    return [int(one["row"]) for one in pair if one["row"] is not None]
