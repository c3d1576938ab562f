"""Files that are copied to a host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from graphmap.detect.arguments import read_command
from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.events import rows_of, with_hops
from graphmap.detect.needs import Needs, Question
from graphmap.documents import number_of, time_text
from graphmap.graph.explain import hop_at
from graphmap.model import Basis, Finding, Line, Severity, Verdict
from graphmap.sessions import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import HopIndex
    from graphmap.graph.table import Rows

SESSIONS = ("session-start",)
FAR_ENDS = ("server-started",)
CLIENTS = ("client-started", "program")

SIGNS = pl.Schema(
    {
        "row": pl.Int64(),  # of HOPS: the session in which something was copied; never null
        "time": pl.Datetime("us", "UTC"),  # never null
        "what": pl.String(),  # in words; never null
        "file": pl.String(),  # the line that tells it; null where the hop's own lines do
        "line": pl.Int64(),
    }
)

_COPIES = r"^(?:\S*[/\\])?(?:scp|pscp|rsync)(?:\.exe)?\"?\s"
_SOON = 30 * SECOND
"""From the start of a client to its logon: a password is typed."""


@dataclass(frozen=True, slots=True)
class Staging:
    """Files copied for the first time by a way (source, account, destination) into a restricted segment, or onwards.

    Onwards means that somebody had come to the source, whose session could be the origin. What tells of a copy: sftp in
    a session, the far end of scp or rsync that was started, a client whose arguments copy to that host, and a session
    that sent `min_bytes` to the host and `ratio` times what came back.
    """

    min_bytes: int = 10_000_000
    ratio: int = 10
    name: str = "staging"
    title: str = "Files copied into a restricted segment or onwards"
    technique: str = "T1570"
    needs: ClassVar[Needs] = (frozenset({Question.SESSIONS, Question.PROGRAMS, Question.SENSOR}),)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        told = ((SESSIONS, _sftp), (FAR_ENDS, _far_ends), (CLIENTS, _clients))
        signs = pl.concat(
            [*(signs(evidence) for kinds, signs in told if evidence.events.has(kinds)), self._ratios(evidence)]
        )
        if signs.is_empty():
            return
        index = evidence.index
        rows = signs["row"].to_numpy()
        way = ["src", "account", "dst"]
        parts = (
            signs.with_columns(**{name: pl.Series(getattr(index, name)[rows]) for name in way})
            .sort("row", "time", "file", "line")
            .partition_by(way, maintain_order=True)
        )
        for part, hops in evidence.hops.each(
            filter(lambda p: _matters(evidence, p), parts), lambda part: [part["row"][0]]
        ):
            if found := self._finding(evidence, part, hops):
                yield found

    def _ratios(self, evidence: Evidence) -> pl.DataFrame:
        """Sessions that carried much more to the host than back."""
        sent, back = pl.col("bytes_in"), pl.col("bytes_out")
        big = (pl.col("service") == "ssh") & (sent >= self.min_bytes) & (sent >= self.ratio * back.fill_null(0))
        sessions = evidence.sessions.filter(big & pl.col("src").is_not_null()).collect(engine="streaming")
        if sessions.is_empty():
            return SIGNS.to_frame()
        mega = [(one // 1_000_000).cast(pl.String) for one in (sent, back.fill_null(0))]
        what = pl.format("{} MB went there and {} MB came back", *mega)
        return rows_of(sessions, evidence.hops).select(
            "row", time="start", what=what, file=pl.lit(None, pl.String), line=pl.lit(None, pl.Int64)
        )

    def _finding(self, evidence: Evidence, part: pl.DataFrame, rows: Rows) -> Finding | None:
        row = part["row"][0]
        hop = hop_at(rows, row)
        identity = evidence.identity
        inside = _enters(evidence, hop.src, hop.dst)
        if not inside and hop.basis == Basis.START:
            return None
        verdict = evidence.rulings.verdict(np.array([row], np.int32))
        severity = Severity.MEDIUM if inside else Severity.LOW
        if inside and (hop.basis != Basis.START or verdict == Verdict.VIOLATION):
            severity = Severity.HIGH
        signs = part.filter(pl.col("row") == row)
        return finding(
            self,
            (hop.src, rows[row]["account"], hop.dst),
            severity=Severity.LOW if verdict == Verdict.PERMITTED else severity,
            score=1.0 + inside + (hop.basis != Basis.START),
            title=f"files copied from {hop.src} to {hop.dst} as {hop.user}",
            why=(
                *(
                    f"{time_text(time)}: {what}"
                    for time, what in signs.select("time", "what").unique(maintain_order=True).iter_rows()
                ),
                *(
                    [f"{hop.dst} lies in the restricted segment {identity.segment(hop.dst)}; policy: {verdict}"]
                    if inside
                    else []
                ),
                *([] if hop.basis == Basis.START else [f"somebody had come to {hop.src}, whose session was open"]),
                *steps([hop]),
                f"{number_of(part['row'].n_unique(), 'session')} by that way in which something was copied",
            ),
            hops=[hop],
            lines=[Line(*place) for place in part.select("file", "line").drop_nulls().iter_rows()],
            times=signs["time"],
        )


def _matters(evidence: Evidence, part: pl.DataFrame) -> bool:
    """Whether a way crosses hosts, and ends in a restricted segment or begins where somebody had come to."""
    index, row = evidence.index, part["row"][0]
    if index.src[row] == index.dst[row]:
        return False
    names = index.names
    return _enters(evidence, names.name(int(index.src[row])), names.name(int(index.dst[row]))) or any(
        True for _ in index.origins(row)
    )


def _enters(evidence: Evidence, src: str, dst: str) -> bool:
    identity = evidence.identity
    segment = identity.segment(dst)
    return identity.is_restricted(segment) and identity.segment(src) != segment


def _sftp(evidence: Evidence) -> pl.DataFrame:
    """Sessions in which sftp was started."""
    started = evidence.events.scan(SESSIONS).filter(pl.col("command") == "subsystem:sftp")
    return _signs(with_hops(evidence.events.take(started), evidence.hops, "src_port"), pl.lit("sftp was started"))


def _far_ends(evidence: Evidence) -> pl.DataFrame:
    """Far ends of scp and rsync that receive, and of sftp."""
    gives = r"^\S*scp(?:\s.*)?\s-\w*f\b|--sender"
    started = evidence.events.scan(FAR_ENDS).filter(~pl.col("command").str.contains(gives).fill_null(value=False))
    found = with_hops(evidence.events.take(started), evidence.hops, "account")
    return _signs(found, pl.format("the far end of a copy was started: {}", pl.col("command").fill_null("sftp")))


def _clients(evidence: Evidence) -> pl.DataFrame:
    """Copies to another host by the arguments of the client, and the logon that followed them."""
    started = evidence.events.scan(CLIENTS).filter(pl.col("command").str.contains(_COPIES))
    told = evidence.events.take(started).filter(pl.col("host").is_not_null())
    copies = [text for text in told["command"].unique().to_list() if read_command(text).uploads()]
    told = told.filter(pl.col("command").is_in(copies))
    rows = [
        followed_by(evidence.index, host, time)
        for host, time in told.select("host", pl.col("time").dt.timestamp("us")).iter_rows()
    ]
    found = told.with_columns(row=pl.Series(rows, dtype=pl.Int64))
    return _signs(found, pl.format("{} on {}", "command", "host"))


def followed_by(index: HopIndex, host: str, moment: int) -> int | None:
    """The first hop that left a host within half a minute of a moment (us since 1970); None where there is none."""
    node = index.names.node(host)
    if node is None:
        return None
    rows = index.leaving.of(node)
    place = int(np.searchsorted(index.earliest[rows], moment - SECOND))
    return int(rows[place]) if place < len(rows) and index.earliest[rows[place]] <= moment + _SOON else None


def _signs(found: pl.DataFrame, what: pl.Expr) -> pl.DataFrame:
    return (
        found.with_columns(what=what).match_to_schema(SIGNS, extra_columns="ignore").filter(pl.col("row").is_not_null())
    )
