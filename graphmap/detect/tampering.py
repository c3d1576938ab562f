"""What somebody did to the logs themselves: written to, removed, cleared, switched off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

import polars as pl

from graphmap.detect.base import MOST_LINES, Evidence, finding
from graphmap.detect.events import with_hops
from graphmap.detect.needs import Needs, Question
from graphmap.documents import number_of, some_of, time_text
from graphmap.graph.explain import hop_at
from graphmap.model import Finding, Line, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.graph.table import Rows

KINDS = ("log-written", "audit-changed", "audit-ended", "audit-started", "log-cleared")

OWN = (
    "sshd", "sshd-session", "sshd-auth", "login", "agetty", "logrotate", "rsyslogd", "syslogd", "syslog-ng", "auditd",
    "systemd-logind", "systemd-update-utmp", "systemd-update-", "systemd-journald", "su", "sudo", "runuser", "cron",
    "crond", "gdm-session-worker", "lightdm", "xrdp-sesman", "faillock", "journald",
)  # fmt: skip
"""Programs whose work is to write login records and logs, and to put them away (utmp(5), rsyslogd(8), logrotate(8))."""

_REMOVES = r"^(?:unlink|unlinkat|truncate|rename|renameat|renameat2|DELETE|creat)\b"
_LESS = r"(?i)remove_rule|\baudit_enabled=0|\benabled=0|success removed|failure removed"
_PERSON = pl.col("user").is_not_null() & ~pl.col("user").str.ends_with("$") & (pl.col("user") != "SYSTEM")

SAYS = {
    "log-written": "changed a log of logins",
    "audit-changed": "less is written to the audit log",
    "audit-ended": "the audit daemon ended and did not come back, though the host went on",
    "log-cleared": "a log was cleared",
}


@dataclass(frozen=True, slots=True)
class Tampering:
    """A log that was cleared, removed or written to by a program that has no business there, or an audit switched off.

    An audit daemon that ends counts where no start follows within `restart` although the host's logs go on. What one
    account did on one host in one UTC day is one finding.
    """

    restart: timedelta = timedelta(minutes=15)
    name: str = "tampering"
    title: str = "Logs cleared, changed or switched off"
    technique: str = "T1070"
    needs: ClassVar[Needs] = (frozenset({Question.LOG_FILES}),)

    def find(self, evidence: Evidence) -> Iterator[Finding]:
        """Look for it."""
        if not evidence.events.has(KINDS):
            return
        kind = pl.col("kind")
        routine = (kind == "log-written") & pl.col("client").fill_null("").str.to_lowercase().is_in(OWN)
        told = evidence.events.take(evidence.events.scan(KINDS).filter(~routine)).filter(pl.col("host").is_not_null())
        deeds = pl.concat(
            [
                told.filter(kind == "log-written"),
                told.filter((kind == "audit-changed") & pl.col("command").str.contains(_LESS) & _PERSON),
                told.filter(kind == "log-cleared"),
                self._ended(evidence, told),
            ]
        )
        if deeds.is_empty():
            return
        deeds = with_hops(deeds, evidence.hops, "account").with_columns(
            who=pl.col("account").fill_null(""), day=pl.col("time").dt.date()
        )
        parts = deeds.sort("time", "file", "line").partition_by("host", "who", "day", maintain_order=True)
        for part, rows in evidence.hops.each(parts, lambda part: part["row"].drop_nulls().unique().to_list()):
            yield self._finding(part, rows)

    def _ended(self, evidence: Evidence, told: pl.DataFrame) -> pl.DataFrame:
        """The audit daemons that did not come back, on hosts that went on."""
        daemons = told.filter(~pl.col("reader").str.contains("windows|evtx|winlog|nxlog|wazuh"))
        ended = daemons.filter(kind="audit-ended").sort("time").with_row_index("one")
        if ended.is_empty():
            return told.clear()
        started = daemons.filter(kind="audit-started").select("host", "time", again="time").sort("time")
        ended = (
            ended.join_asof(started, on="time", by="host", strategy="forward", check_sortedness=False)
            .filter((pl.col("again") - pl.col("time") > self.restart).fill_null(value=True))
            .drop("again")
        )
        names = ended["dst_host"].drop_nulls().unique().to_list()
        went_on = (
            evidence.events.scan()
            .filter(pl.col("dst_host").is_in(names))
            .select("dst_host", other="time")
            .join(ended.lazy().select("one", "dst_host", "time"), on="dst_host")
            .filter(pl.col("other") - pl.col("time") > self.restart)
            .select(pl.col("one").unique())
            .collect(engine="streaming")["one"]
        )
        return ended.filter(pl.col("one").is_in(went_on.implode())).drop("one")

    def _finding(self, deeds: pl.DataFrame, rows: Rows) -> Finding:
        host, who, day = deeds.select("host", "who", "day").row(0)
        led = [hop_at(rows, row) for row in deeds["row"].drop_nulls().unique().sort().to_list()]
        users = deeds["user"].drop_nulls().unique(maintain_order=True).to_list()
        gone = deeds.filter(
            (pl.col("kind") != "log-written") | pl.col("command").str.contains(_REMOVES).fill_null(value=False)
        )
        kinds = deeds["kind"].unique(maintain_order=True).to_list()
        return finding(
            self,
            (host, who, day.isoformat()),
            severity=Severity.HIGH if gone.height else Severity.MEDIUM,
            score=2.0 + bool(gone.height) + bool(led),
            title=f"{host}: {', '.join(SAYS[kind] for kind in kinds)}" + (f", by {some_of(users, 3)}" if users else ""),
            why=(
                *(_said(row) for row in deeds.head(MOST_LINES).iter_rows(named=True)),
                *([f"{number_of(deeds.height, 'record')} on that day"] if deeds.height > MOST_LINES else []),
                *(f"{hop.user} had come from {hop.src} at {time_text(hop.start)}" for hop in led),
            ),
            hops=led,
            hosts=[host],
            users=users,
            lines=[Line(*place) for place in deeds.select("file", "line").iter_rows()],
            times=deeds["time"],
        )


def _said(deed: dict[str, object]) -> str:
    """One deed in words."""
    words = [str(SAYS[str(deed["kind"])]), *(str(deed[name]) for name in ("command",) if deed[name])]
    with_what = f" with {deed['client']}" if deed["client"] else ""
    return f"{time_text(deed['time'])}: {': '.join(words)}{with_what}"  # type: ignore[arg-type] # a column of times
