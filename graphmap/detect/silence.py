"""Logs that do not tell what they should: a host gone quiet, a logon that only others report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from graphmap.detect.base import MOST_HOPS, Evidence, finding, steps
from graphmap.detect.needs import Learns, Needs, Question, Whose
from graphmap.documents import number_of, time_text
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Line, Severity, Witness
from graphmap.reports import LATE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime


HOUR = "1h"
SSHD = ("accepted", "disconnected", "disconnect", "closed", "pam-close")
"""Kinds of line by which sshd's log shows that it goes on."""
_NEEDED = (
    "time", "kind", "witness", "user", "src_ip", "src_port", "src_host", "dst_host", "dst_ip", "command", "file",
    "line",
)  # fmt: skip
COVERS = timedelta(days=1)
"""A log that is silent for longer says nothing of what happened meanwhile (`graphmap.evidence.coverage`)."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A logon that only others report although the host's log covers that time, or a host that stopped to log.

    - A sensor took a logon for accepted, and the host's own log has lines before and after, and none of it.
    - A login record (wtmp) has a logon by SSH, and sshd's log on that host has lines before and after, and none of it.
    - A host that wrote lines on `min_days` days, and was never silent for longer than a quarter of `quiet`, is silent
      for longer than `quiet`, while at least half of the hosts that were there go on.

    One finding for each host and UTC day of the missing lines, and for each silence.
    """

    quiet: timedelta = timedelta(days=2)
    min_days: int = 5
    name: str = "silence"
    title: str = "Logs that do not tell what they should"
    technique: str = "T1562"
    needs: ClassVar[Needs] = (frozenset({Question.SENSOR, Question.RECORDS}),)

    @property
    def learns(self) -> Learns:
        """What it compares with."""
        return Learns(Whose.HOST, timedelta(days=self.min_days))

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        yield from self._unreported(evidence)
        yield from self._records_alone(evidence)
        yield from self._gone_quiet(evidence)

    def _unreported(self, evidence: Evidence) -> Iterator[Finding]:
        """Logons that a sensor saw and the host does not report."""
        lists = [pl.col(name).list for name in ("missing", "witnesses")]
        seen = lists[0].contains(Witness.SERVER.value) & lists[1].contains(Witness.NETWORK.value)
        found = (
            evidence.hops.scan()
            .select("start", "dst", "missing", "witnesses")
            .with_row_index("row")
            .filter(seen)
            .collect(engine="streaming")
            .with_columns(day=pl.col("start").dt.date())
            .sort("row")
        )
        parts = found.partition_by("dst", "day", maintain_order=True)
        for part, rows in evidence.hops.each(parts, lambda part: part["row"].head(MOST_HOPS).to_list()):
            hops = [hop_at(rows, row) for row in part["row"].head(MOST_HOPS).to_list()]
            yield finding(
                self,
                ("network", part["dst"][0], part["day"][0].isoformat()),
                severity=Severity.HIGH,
                score=3.0,
                title=f"{part['dst'][0]} does not report {number_of(part.height, 'logon')} that a sensor saw",
                why=(
                    *steps(hops[:5]),
                    f"{part['dst'][0]} has lines of SSH before and after: they were lost, removed or never written",
                    "benign where the sensor took a refused logon for an accepted one: it infers this from sizes",
                ),
                hops=hops,
            )

    def _records_alone(self, evidence: Evidence) -> Iterator[Finding]:
        """Logons by SSH that login records have and sshd's log does not."""
        events = evidence.events
        if not events.has(["login"]):
            return
        ssh = pl.col("service").is_in(["ssh", "terminal"]) & (
            pl.col("src_ip").is_not_null() | pl.col("src_host").is_not_null()
        )
        records = events.take(events.scan(["login"]).filter(ssh & (pl.col("reader") == "utmp")))
        if records.is_empty():
            return
        own = events.scan(SSHD).filter(pl.col("dst_host").is_in(records["dst_host"].drop_nulls().unique().to_list()))
        told = events.take(own.select(_NEEDED)).select("host", "time", "kind", account=_lower("account")).sort("time")
        accepted = told.filter(kind="accepted").select("host", "account", "time", reported="time")
        asked = records.with_columns(account=_lower("account")).sort("time")
        for strategy, name in (("backward", "before"), ("forward", "after")):
            asked = asked.join_asof(
                told.select("host", "time", **{name: "time"}),
                on="time", by="host", strategy=strategy, tolerance=COVERS, check_sortedness=False,  # type: ignore[arg-type] # one of two words
            )  # fmt: skip
        alone = (
            asked.join_asof(
                accepted, on="time", by=["host", "account"], strategy="nearest", tolerance=LATE, check_sortedness=False
            )
            .filter(pl.col("reported").is_null() & pl.col("before").is_not_null() & pl.col("after").is_not_null())
            .with_columns(day=pl.col("time").dt.date())
            .sort("host", "time", "file", "line")
        )
        for part in alone.partition_by("host", "day", maintain_order=True):
            yield self._missing_lines(part)

    def _missing_lines(self, records: pl.DataFrame) -> Finding:
        host, day = records.select("host", "day").row(0)
        users = records["user"].drop_nulls().unique(maintain_order=True).to_list()
        return finding(
            self,
            ("records", host, day.isoformat()),
            severity=Severity.HIGH,
            score=3.0,
            title=f"{host}: {number_of(records.height, 'login record')} by SSH without a line of sshd",
            why=(
                *(
                    f"{time_text(time)}: {user or 'nobody named'} from {src}"
                    for time, user, src in records.select("time", "user", "src").head(MOST_HOPS).iter_rows()
                ),
                f"the log of sshd on {host} has lines before and after: these were lost or removed",
            ),
            hosts=[host, *records["src"].drop_nulls().unique(maintain_order=True)],
            users=users,
            lines=[Line(*place) for place in records.select("file", "line").iter_rows()],
            times=records["time"],
        )

    def _gone_quiet(self, evidence: Evidence) -> Iterator[Finding]:
        """Hosts that stopped to log while others went on."""
        hours = spoken_hours(evidence)
        if hours.is_empty():
            return
        end = hours["hour"].max()
        spans = hours.with_columns(
            next=pl.col("hour").shift(-1).over("host").fill_null(end),
            days=pl.col("hour").dt.date().rle_id().over("host") + 1,
            gap=pl.col("hour").diff().cum_max().over("host").fill_null(timedelta()),
        ).filter(
            (pl.col("next") - pl.col("hour") > self.quiet)
            & (pl.col("days") >= self.min_days)
            & (pl.col("gap") <= self.quiet / 4)
        )
        others = _others_go_on(hours)
        for host, since, until, days in spans.sort("hour", "host").select("host", "hour", "next", "days").iter_rows():
            if since.date() in others:
                yield self._quiet(evidence, host, since, until, int(days), back=until != end)

    def _quiet(
        self, evidence: Evidence, host: str, since: datetime, until: datetime, days: int, *, back: bool
    ) -> Finding:
        near = evidence.events.scan().filter(pl.col("time").is_between(since, since + timedelta(hours=1)))
        last = (
            evidence.events.take(near).filter((pl.col("host") == host) & (pl.col("witness") == Witness.SERVER)).tail(3)
        )
        length = (until - since) / timedelta(days=1)
        return finding(
            self,
            ("quiet", host, since.isoformat()),
            severity=Severity.MEDIUM if back else Severity.LOW,
            score=1.0 + back,
            title=f"{host} is silent for {length:.1f} days"
            + (", then logs again" if back else " and has not come back"),
            why=(
                f"it wrote lines on {number_of(days, 'day')} without a pause of {self.quiet / 4}",
                f"the last came in the hour from {time_text(since)}, "
                + (f"the next in that from {time_text(until)}" if back else f"and none until {time_text(until)}"),
                "at least half of the hosts that wrote lines before it went on meanwhile",
                "benign where it was switched off, renamed, or its log is collected later than those of others",
            ),
            hosts=[host],
            lines=[Line(*place) for place in last.select("file", "line").iter_rows()],
            times=[since, until],
        )


def spoken_hours(evidence: Evidence) -> pl.DataFrame:
    """In which hours each host wrote lines of its own: `host`, `hour`, sorted by both. One streamed pass."""
    own = (pl.col("witness") == Witness.SERVER) & pl.col("dst_host").is_not_null()
    hours = (
        evidence.events.scan()
        .filter(own)
        .select("dst_host", time=pl.col("time").dt.truncate(HOUR))
        .unique()
        .collect(engine="streaming")
    )
    named = evidence.identity.hosts_of(hours).select("host", hour="time")
    return named.unique().sort("host", "hour")


def _others_go_on(hours: pl.DataFrame) -> set[date]:
    """The days of which at least half of the hosts wrote lines on the next day, and some host did."""
    days = hours.select("host", day=pl.col("hour").dt.date()).unique()
    again = days.with_columns(pl.col("day").dt.offset_by("-1d")).with_columns(again=pl.lit(value=True))
    share = days.join(again, on=["host", "day"], how="left").group_by("day").agg(pl.len(), pl.col("again").sum())
    return set(share.filter((pl.col("again") > 0) & (2 * pl.col("again") >= pl.col("len") - 1))["day"])


def _lower(column: str) -> pl.Expr:
    return pl.col(column).str.to_lowercase()
