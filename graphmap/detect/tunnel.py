"""Connections of others that go through an SSH connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import log2
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import polars as pl

from graphmap.detect.arguments import read_command
from graphmap.detect.base import MOST_LINES, Evidence, finding
from graphmap.detect.events import rows_of, with_hops
from graphmap.detect.needs import Needs, Question
from graphmap.detect.sessionless import sessionless
from graphmap.documents import number_of, time_text
from graphmap.evidence.command_lines import destination
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Line, Severity
from graphmap.sessions import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.index import HopIndex
    from graphmap.model import Hop

STARTED = ("client-started", "program")
CONNECTS = ("connect", "connect-failed")
REFUSED = ("forward-denied", "forward-failed")

_HINT = r"(?i)\s-\w*[LRDw]|forward|tunneldevice|sshuttle|proxychains"
_SSHD = ("sshd", "sshd-session", "sshd-auth")
_OWN_PORTS = (22, 53, 88, 123, 389, 464, 514, 636, 1812, 1813, 3268, 3269)
"""Where sshd and PAM connect for themselves (name service, time, Kerberos, LDAP, syslog, RADIUS); 22 is a jump's."""

SIGNS = pl.Schema(
    {
        "sign": pl.String(),  # arguments, refused, connects, idle, flow; never null
        "host": pl.String(),  # where the tunnel was seen; never null
        "user": pl.String(),
        "account": pl.String(),
        "what": pl.String(),  # in words; never null
        "target": pl.String(),  # what it leads to; never null
        "time": pl.Datetime("us", "UTC"),  # never null
        "row": pl.Int64(),  # of HOPS: the session in which, or by which, it was made
        "file": pl.String(),  # the line that tells it; null where the hop's own lines do
        "line": pl.Int64(),
    }
)

_SEVERITY = {
    "arguments": Severity.MEDIUM, "connects": Severity.MEDIUM, "refused": Severity.MEDIUM, "idle": Severity.LOW,
    "flow": Severity.LOW,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A tunnel or proxy over SSH, by any of five signs.

    - the arguments of a client that was started (``-L``, ``-R``, ``-D``, ``-w``, ``-o LocalForward=``, sshuttle ...);
    - a forwarding that sshd refused, or could not make;
    - a connection that sshd itself opened to another host, in the session of an account;
    - a logon that started nothing and stayed for `idle`, on a host that logs what is started;
    - a connection of at least `long` that carried `busy` bytes each way, which no keyboard does.

    One finding for each sign, host, account and target.
    """

    idle: timedelta = timedelta(minutes=10)
    long: timedelta = timedelta(hours=1)
    busy: int = 10_000_000
    name: str = "tunnel"
    title: str = "Tunnel or proxy over SSH"
    technique: str = "T1572"
    needs: ClassVar[Needs] = (frozenset({Question.SESSIONS, Question.PROGRAMS, Question.CONNECTIONS, Question.SENSOR}),)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        told = ((STARTED, _arguments), (REFUSED, _refused), (CONNECTS, _connects))
        found = [signs(evidence) for kinds, signs in told if evidence.events.has(kinds)]
        signs = pl.concat([*found, self._idle(evidence), self._flows(evidence)])
        if signs.is_empty():
            return
        by = ["sign", "host", "account", "target"]
        parts = signs.sort("time", *by, "file", "line", "row").partition_by(by, maintain_order=True)
        pairs = ((part, _session_of(evidence.index, part)) for part in parts)
        for (part, row), rows in evidence.hops.each(pairs, lambda pair: [] if pair[1] is None else [pair[1]]):
            yield self._finding(evidence, part, None if row is None else hop_at(rows, row))

    def _idle(self, evidence: Evidence) -> pl.DataFrame:
        """Long logons that started nothing and that nobody jumped over."""
        index = evidence.index
        silent = sessionless(evidence)
        if not silent.any():
            return SIGNS.to_frame()
        long = silent & (index.open - index.earliest >= self.idle // timedelta(microseconds=1))
        alone = [row for row in np.flatnonzero(long).tolist() if not _jumped(index, row)]
        stayed = pl.col("end") - pl.col("start")
        minutes = (stayed.dt.total_seconds() / 60).round().cast(pl.Int64)
        what = pl.format("{} from {} is logged on for {} min, and nothing was started", "user", "src", minutes)
        return (
            evidence.hops.scan()
            .select("start", "end", "src", "user", "account", host="dst")
            .with_row_index("row")
            .filter(pl.col("row").is_in(alone) & (stayed >= self.idle))
            .select(
                "host", "user", "account", sign=pl.lit("idle"), what=what, target="src", time="start",
                row=pl.col("row").cast(pl.Int64), file=pl.lit(None, pl.String), line=pl.lit(None, pl.Int64),
            )
            .select(SIGNS.names())
            .collect(engine="streaming")
        )  # fmt: skip

    def _flows(self, evidence: Evidence) -> pl.DataFrame:
        """Long connections with much traffic each way."""
        sessions = evidence.sessions.filter(
            (pl.col("service") == "ssh")
            & (pl.col("bytes_in") >= self.busy)
            & (pl.col("bytes_out") >= self.busy)
            & (pl.col("end") - pl.col("start") >= self.long)
        ).collect(engine="streaming")
        if sessions.is_empty():
            return SIGNS.to_frame()
        mega = [(pl.col(name) // 1_000_000).cast(pl.String) for name in ("bytes_in", "bytes_out")]
        return rows_of(sessions, evidence.hops).select(
            sign=pl.lit("flow"),
            host="dst",
            user="user",
            account="account",
            what=pl.format("{} MB from {} and {} MB back on one connection", mega[0], "src", mega[1]),
            target="src",
            time="start",
            row="row",
            file=pl.lit(None, pl.String),
            line=pl.lit(None, pl.Int64),
        )

    def _finding(self, evidence: Evidence, part: pl.DataFrame, hop: Hop | None) -> Finding:
        first = part.row(0, named=True)
        hops = [] if hop is None else [hop]
        identity = evidence.identity
        inside = any(identity.is_restricted(identity.segment(name)) for name in (first["host"], first["target"]))
        lines = part.select("file", "line").drop_nulls().head(MOST_LINES)
        origin = [f"{hop.user} had come to {hop.dst} from {hop.src} at {time_text(hop.start)}" for hop in hops]
        return finding(
            self,
            (first["sign"], first["host"], first["account"] or "", first["target"]),
            severity=Severity.HIGH if inside and first["sign"] != "flow" else _SEVERITY[first["sign"]],
            score=1.0 + inside + (first["sign"] in {"arguments", "connects"}) + 1 / log2(1 + part.height),
            title=f"tunnel on {first['host']}: {first['what']}",
            why=(
                f"first at {time_text(first['time'])}, {number_of(part.height, 'time')}",
                *origin,
                *(["in or towards a restricted segment"] if inside else []),
            ),
            hops=hops,
            hosts=[first["host"], *([first["target"]] if identity.is_known(first["target"]) else [])],
            users=part["user"].drop_nulls().unique(maintain_order=True),
            lines=[Line(*place) for place in lines.iter_rows()],
            times=part["time"],
        )


def _arguments(evidence: Evidence) -> pl.DataFrame:
    """What clients were told to forward."""
    started = evidence.events.scan(STARTED).filter(pl.col("command").str.contains(_HINT))
    told = evidence.events.take(started).filter(pl.col("host").is_not_null())
    read = {text: _forwards(text) for text in told["command"].unique().to_list()}
    asked = pl.DataFrame(
        [(text, what, target) for text, found in read.items() for what, target in found],
        schema={"command": pl.String, "how": pl.String, "target": pl.String},
        orient="row",
    )
    found = with_hops(told.drop("target"), evidence.hops, "account").join(asked, on="command")
    who = pl.col("user").fill_null("somebody")
    return _signs(found, "arguments", pl.format("{} opens a {}", who, "how"))


def _forwards(text: str) -> list[tuple[str, str]]:
    """How and where to a command line forwards."""
    command = read_command(text)
    reached = destination(command.client, text)
    far = reached and reached.host
    return [
        (f"{how} {value}".strip() + (f" by way of {far}" if far else ""), far or value)
        for how, value in command.tunnels()
    ]


def _refused(evidence: Evidence) -> pl.DataFrame:
    """Forwardings that sshd refused or could not make."""
    told = evidence.events.take(evidence.events.scan(REFUSED)).filter(pl.col("host").is_not_null())
    found = with_hops(told, evidence.hops, "src_port")
    text = pl.col("command").fill_null("")
    target = pl.coalesce(text.str.extract(r"(?:host |target )([^\s,]+)"), text.str.extract(r"^connect_to (\S+)"), text)
    found = found.with_columns(target=target.str.strip_chars_end(":"))
    refused = pl.when(kind="forward-denied").then(pl.lit("refused")).otherwise(pl.lit("could not make"))
    return _signs(found, "refused", pl.format("sshd {} a forwarding: {}", refused, text))


def _connects(evidence: Evidence) -> pl.DataFrame:
    """Connections that sshd opened for somebody."""
    port = pl.col("dst_port")
    own = pl.col("client").is_in(_SSHD) & ~port.is_in(_OWN_PORTS) & ~pl.col("dst_ip").str.contains(r"^127\.|^::1$")
    told = evidence.events.take(evidence.events.scan(CONNECTS).filter(own & port.is_not_null()))
    found = with_hops(told.filter(pl.col("host").is_not_null()), evidence.hops, "account")
    who = pl.col("user").fill_null("somebody")
    return _signs(found, "connects", pl.format("sshd connects to {} port {} for {}", "target", "dst_port", who))


def _signs(found: pl.DataFrame, sign: str, what: pl.Expr) -> pl.DataFrame:
    return found.with_columns(sign=pl.lit(sign), what=what).match_to_schema(SIGNS, extra_columns="ignore")


def _session_of(index: HopIndex, part: pl.DataFrame) -> int | None:
    """The hop that the first of some signs belongs to: the only session that was open, where nothing tells."""
    row, host, time = part.select("row", "host", pl.col("time").dt.timestamp("us")).row(0)
    node = None if part["sign"][0] != "refused" else index.names.node(host)
    return only_open(index, node, time) if row is None and node is not None else row


def only_open(index: HopIndex, node: int, moment: int) -> int | None:
    """The only hop whose session was open on a host at a moment (us since 1970); None for others or none."""
    rows = index.arriving.of(node)
    rows = rows[(index.earliest[rows] <= moment + SECOND) & (index.open[rows] >= moment)]
    return int(rows[0]) if len(rows) == 1 else None


def _jumped(index: HopIndex, row: int) -> bool:
    """Whether a logon left the host within half a minute of one to it."""
    first = next(index.followers(row), None)
    return first is not None and index.earliest[first] - index.earliest[row] <= 30 * SECOND
