"""Sessions that are started on a connection that somebody else may have opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from graphmap.detect.arguments import read_command
from graphmap.detect.base import Evidence, finding, steps
from graphmap.detect.events import with_hops
from graphmap.detect.needs import Needs, Question
from graphmap.documents import number_of, some_of, time_text
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Line, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.table import Rows

SESSIONS = ("session-start",)
STARTED = ("client-started",)

_OWNER = re.compile(r"^(?:/var|/export)?/(?:home|Users)/([^/]+)/|^/(root)/")
_HINT = r"\s-\w*S|(?i)controlpath"
SHOWN = 5
"""How many sessions a finding names."""


@dataclass(frozen=True, slots=True)
class ControlMaster:
    """A session on a connection whose logon is long past, or a client told to use the socket of somebody else.

    Whoever can write to the control socket of OpenSSH's client (ControlMaster of ssh_config(5)) gets sessions without
    any logon: sshd logs one more ``Starting session`` and no ``Accepted``. Sessions count from `apart` after the one
    before them. One finding for each source, account and host, and for each account and socket.
    """

    apart: timedelta = timedelta(minutes=30)
    name: str = "control-master"
    title: str = "Session on a connection of somebody else"
    technique: str = "T1563.001"
    needs: ClassVar[Needs] = (frozenset({Question.SESSIONS, Question.PROGRAMS}),)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        if evidence.events.has(STARTED):
            yield from self._sockets(evidence)
        if evidence.events.has(SESSIONS):
            yield from self._connections(evidence)

    def _connections(self, evidence: Evidence) -> Iterator[Finding]:
        """Sessions that were started long after the logon of their connection."""
        late = self._late(evidence)
        taken = evidence.hops.take(late["row"].unique().to_list())
        ways: dict[tuple[str, str, str], list[int]] = {}
        for row, hop in taken.items():
            ways.setdefault((hop["src"], hop["account"], hop["dst"]), []).append(row)
        for way, rows in ways.items():
            yield self._finding(way, late.filter(pl.col("row").is_in(rows)), taken, rows)

    def _late(self, evidence: Evidence) -> pl.DataFrame:
        """The sessions that were started long after the one before on their connection, and its logon's row."""
        started = evidence.events.scan(SESSIONS).filter(pl.col("session").is_not_null())
        often = started.group_by("dst_host", "session").len().filter(pl.col("len") > 1)
        told = evidence.events.take(started.join(often, on=["dst_host", "session"], how="semi"))
        found = with_hops(told, evidence.hops, "src_port").filter(pl.col("row").is_not_null())
        before = pl.col("time").shift(1).over("row", order_by="time")
        return found.with_columns(before=before).filter(pl.col("time") - pl.col("before") >= self.apart)

    def _finding(self, way: tuple[str, str, str], late: pl.DataFrame, taken: Rows, rows: list[int]) -> Finding:
        hop = hop_at(taken, rows[0])
        said = [
            f"{time_text(time)}: {command or 'a session'} started, {(time - before) / timedelta(minutes=1):,.0f} min"
            " after the one before it on that connection, and nobody logged on"
            for time, command, before in late.sort("time").select("time", "command", "before").head(SHOWN).iter_rows()
        ]
        return finding(
            self,
            ("connection", *way),
            severity=Severity.LOW,
            score=1.0,
            title=f"{number_of(late.height, 'late session')} on a connection from {hop.src} to {hop.dst} as {hop.user}",
            why=(
                *said,
                *steps([hop]),
                f"benign where {hop.user} keeps connections open on {hop.src} (ControlPersist); else see who was there",
            ),
            hops=[hop],
            lines=[Line(*place) for place in late.sort("time").select("file", "line").iter_rows()],
            times=late["time"],
        )

    def _sockets(self, evidence: Evidence) -> Iterator[Finding]:
        """Clients that were told to use a socket in the home folder of another account."""
        asked = evidence.events.scan(STARTED).filter(pl.col("command").str.contains(_HINT))
        told = evidence.events.take(asked).filter(pl.col("account").is_not_null() & pl.col("host").is_not_null())
        read = {text: read_command(text) for text in told["command"].unique().to_list()}
        account_of = evidence.identity.account_of
        found = with_hops(
            told.with_columns(
                socket=pl.col("command").replace_strict(
                    {text: one.socket() for text, one in read.items()}, return_dtype=pl.String
                )
            ).with_columns(owner=pl.col("socket").map_elements(_owner, return_dtype=pl.String)),
            evidence.hops,
            "account",
        )
        other = [
            owner is not None and account_of(owner) != account
            for owner, account in found.select("owner", "account").iter_rows()
        ]
        parts = found.filter(pl.Series(other, dtype=pl.Boolean)).partition_by(
            "host", "account", "socket", maintain_order=True
        )
        for part, rows in evidence.hops.each(parts, lambda part: part["row"].head(1).drop_nulls().to_list()):
            first = part.row(0, named=True)
            led = [] if first["row"] is None else [hop_at(rows, first["row"])]
            commands = some_of(part["command"].unique(maintain_order=True).to_list(), SHOWN)
            yield finding(
                self,
                ("socket", first["host"], first["account"], first["socket"]),
                severity=Severity.HIGH,
                score=3.0,
                title=f"{first['user']} uses a control socket of {first['owner']} on {first['host']}",
                why=(
                    f"{number_of(part.height, 'time')}, first at {time_text(first['time'])}: {commands}",
                    *(f"{hop.user} had come from {hop.src} at {time_text(hop.start)}" for hop in led),
                ),
                hops=led,
                hosts=[first["host"]],
                users=[first["user"], first["owner"]],
                lines=[Line(*place) for place in part.select("file", "line").iter_rows()],
                times=part["time"],
            )


def _owner(socket: str | None) -> str | None:
    """Whose home folder a path lies in."""
    match = _OWNER.match(socket or "")
    return (match[1] or match[2]) if match else None
