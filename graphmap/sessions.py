"""Events of one host become sessions: a logon, what was started in it, and its end.

A connection is known by the client's address and port, which sshd repeats in nearly every line; its process ids are
not enough, since the privilege-separated child that logs the end has a pid of its own (sshd(8), session.c). Lines
without an address (PAM's, and the ends that OpenSSH before 7.2 writes) are joined by pid, through
"User child is on pid" where the log has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.evidence.clocks import CLOCKS
from graphmap.evidence.joining import join_sightings
from graphmap.evidence.sightings import elsewhere, sightings
from graphmap.logon_sources import with_sources
from graphmap.model import Action, Outcome, Witness
from graphmap.reports import attempts_of, standing
from graphmap.tables import FAILURES, SESSIONS

if TYPE_CHECKING:
    from datetime import datetime

    from graphmap.identity import Identity

SESSION_EVENTS = (
    "time", "action", "outcome", "service", "kind", "user", "src_ip", "src_port", "src_host", "dst_host", "dst_ip",
    "method", "key", "cert_id", "session", "pid", "command", "bytes_in", "bytes_out", "duration", "client", "witness",
    "reader", "file", "line",
)  # fmt: skip
"""The columns of EVENTS that sessions are made from."""

LOGON_TELLER = ("reader", "kind")
"""Who tells of a logon: Windows tells of one in several channels."""
REFUSAL_TELLER = ("reader",)
"""Who tells of a refused try: sshd has several words for them and uses one each time."""

SECOND = 1_000_000
"""Microseconds."""

SAME_CONNECTION = pl.duration(minutes=10)
"""A refused try and the logon that followed on the same address and port are one connection within this time.

LoginGraceTime (sshd_config(5)) is 120 s by default; ports are reused after minutes at the earliest.
"""

BEFORE_LOGON = (
    "connection", "invalid-user", "not-allowed", "postponed", "partial", "failed", "failed-echo", "max-attempts",
    "preauth-closed",
)  # fmt: skip
"""Kinds of line that a connection has only before its logon.

After one, they tell that port or pid now belong to another connection (auth.c and sshd.c of OpenSSH).
"""


def latest(column: str) -> pl.Expr:
    """The last moment that a stamp can mean: a whole-second stamp covers its second."""
    return pl.when(coarse(column)).then(pl.col(column) + pl.duration(microseconds=SECOND - 1)).otherwise(column)


def coarse(column: str) -> pl.Expr:
    """Whether a stamp has whole seconds only; a finer one looks so once in a million."""
    return pl.col(column).dt.microsecond() == 0


class Logons(NamedTuple):
    """All logons of some hosts, accepted and refused, the clocks that were compared for them, and `standings`."""

    sessions: pl.DataFrame
    failures: pl.DataFrame
    clocks: pl.DataFrame
    standings: pl.DataFrame


def build_logons(events: pl.DataFrame, identity: Identity) -> Logons:
    """Pair logons with what followed them on their host, and with what others saw of them.

    Parameters
    ----------
    events
        EVENTS, at least the columns SESSION_EVENTS, in any order. Events that name no destination are left out.
    identity
        Gives hosts, sources and accounts their canonical names.

    Returns
    -------
    - SESSIONS, sorted by start, host, source and port. A session's end is the first line after the logon that ends its
      connection, lines with its port before those with its pid only, else what a sensor saw of the connection's end;
      null where nothing tells. A logon that several logs report is one session with the lines of all of them
      (`graphmap.reports` within a host, `graphmap.evidence` for sensors and clients).
    - FAILURES, one row a try that a person or program made, sorted by time, host and source. Left out are the tries
      that are part of an ordinary successful logon: keys that a client offers before the one that is accepted, and the
      plain key that is tried before its certificate. A mistyped password stays.
    - CLOCKS (`graphmap.evidence.clocks`).
    - What `standings` gives.
    """
    told = _on_hosts(events.filter(~elsewhere()), identity)
    accepted, refused = _accepted(told), _refused(told)
    sessions, failures = _sessions(accepted, told, identity), _failures(refused, told, identity)
    seen = sightings(events, identity)
    if seen.is_empty() and sessions["witnesses"].list.contains(Witness.SERVER.value).all():
        sessions = sessions.with_columns(missing=pl.lit([], SESSIONS["missing"]))
        clocks = CLOCKS.to_frame()
    else:
        own = told.filter(witness=Witness.SERVER)
        sessions, failures, clocks = join_sightings(sessions, failures, own, seen, identity)
    place = [pl.col("lines").list.first().struct.field(name).alias(f"first_{name}") for name in ("file", "line")]
    return Logons(
        sessions.with_columns(place)
        .sort("start", "host", "src", "src_port", "id", "first_file", "first_line", nulls_last=True)
        .match_to_schema(SESSIONS, missing_columns="raise", extra_columns="ignore"),
        failures.match_to_schema(FAILURES, missing_columns="raise", extra_columns="ignore").sort(
            "time", "host", "src", pl.col("line").struct.field("file"), pl.col("line").struct.field("line")
        ),
        clocks,
        _standings(accepted, refused),
    )


def build_sessions(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """The sessions of `build_logons`."""
    return build_logons(events, identity).sessions


def build_failures(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """The failures of `build_logons`."""
    return build_logons(events, identity).failures


def _sessions(logons: pl.DataFrame, events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """SESSIONS without `missing`, and `id` (their order), of what the hosts themselves tell."""
    by_port = _following(_openings(logons, events, "session"), events, "session")
    by_pid = _following(_served(logons, events), events.filter(pl.col("session").is_null()), "pid")
    return (
        identity.resolve(logons)
        .join(_first_ends(by_port, by_pid), on="id", how="left")
        .join(_seen(by_port), on="id", how="left")
        .select(
            start="time",
            end=pl.max_horizontal("end", pl.when(pl.col("end").is_not_null()).then("time")),
            last=pl.max_horizontal("time", "last", "end"),
            host="host",
            src="src",
            src_known="src_known",
            src_ip="src_ip",
            src_port="src_port",
            user=pl.col("user").fill_null(""),
            account=identity.account("user").fill_null(""),
            service="service",
            method="method",
            key="key",
            cert_id="cert_id",
            command="started",
            bytes_in="bytes_in",
            bytes_out="bytes_out",
            client="client",
            witnesses="witness",
            lines=pl.concat_list(pl.struct("file", "line"), "told_by", "end_line").list.drop_nulls(),
            id="id",
            pid="pid",
            reader="reader",
            kind="kind",
            session="session",
            standing="standing",
        )
        .pipe(_one_of_each)
    )


def _failures(refusals: pl.DataFrame, events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """FAILURES, and `src_port`, of what the hosts themselves tell."""
    logons = events.filter(pl.col("action") == Action.LOGON)
    tries = refusals.sort("time")
    accepted = (
        logons.filter((pl.col("outcome") == Outcome.SUCCESS) & pl.col("session").is_not_null())
        .select("host", "session", accepted=latest("time"))
        .sort("accepted")
    )
    offered = pl.col("method").is_in(["publickey", "none", "hostbased", "gssapi-with-mic"])
    then_accepted = (pl.col("accepted") - pl.col("time")) <= SAME_CONNECTION
    refused = identity.resolve(
        tries.join_asof(
            accepted,
            left_on="time",
            right_on="accepted",
            by=["host", "session"],
            strategy="forward",
            check_sortedness=False,
        ).filter(~(offered & then_accepted).fill_null(value=False))
    ).with_columns(user=pl.col("user").fill_null(""), account=identity.account("user").fill_null(""))
    head = attempts_of(refused, REFUSAL_TELLER)
    return refused.filter(head == pl.int_range(len(head), dtype=pl.UInt32, eager=True)).select(
        "time", "host", "src", "src_known", "src_ip", "src_port", "user", "account", "service", "method", "key",
        line=pl.struct("file", "line"),
    )  # fmt: skip


def _one_of_each(sessions: pl.DataFrame) -> pl.DataFrame:
    """Join the sessions that several logs report: what the fullest report lacks, the others add."""
    head = attempts_of(sessions.with_columns(time="start"), LOGON_TELLER)
    if (head == pl.int_range(len(head), dtype=pl.UInt32, eager=True)).all():
        return sessions.with_columns(pl.concat_list("witnesses"))
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    has_source = pl.col("src").is_not_null()
    told_first = [name for name in sessions.columns if name not in {"last", "lines", "src_known", "witnesses"}]
    return (
        sessions.with_columns(head=head, row=row)
        .sort("head", pl.col("row") != pl.col("head"), "row")
        .group_by("head", maintain_order=True)
        .agg(
            *(pl.col(name).drop_nulls().first() for name in told_first),
            pl.col("last").max(),
            pl.col("lines").explode().unique(maintain_order=True),
            pl.col("witnesses").unique().sort(),
            src_known=pl.col("src_known").filter(has_source).first().fill_null(value=False),
        )
        .with_columns(end=pl.when(pl.col("end") >= pl.col("start")).then("end"))
    )


def standings(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """How much each teller can say of the logons and refused tries on each host (`graphmap.reports.standing`).

    Returns
    -------
    DataFrame with the columns `host`, `of` (success or failure), `teller` and `standing`, one row each.
    """
    events = _on_hosts(events.filter(~elsewhere()), identity)
    return _standings(_accepted(events), _refused(events))


def _standings(accepted: pl.DataFrame, refused: pl.DataFrame) -> pl.DataFrame:
    found = [
        frame.select("host", of="outcome", teller=pl.concat_str(teller, separator="\0"), standing="standing")
        for frame, teller in ((accepted, LOGON_TELLER), (refused, REFUSAL_TELLER))
    ]
    return pl.concat(found).unique().sort(pl.all())


def reaching_back(events: pl.DataFrame, identity: Identity, lines_from: datetime, before: datetime) -> pl.Series:
    """Hosts on which a late line may belong to a logon that is older than these events, or than some moment.

    Parameters
    ----------
    events, identity
        As for `build_sessions`, but of some time only.
    lines_from
        Lines from then on are late.
    before
        Logons before then are old.
    """
    events = _on_hosts(events.filter(~elsewhere()), identity)
    logons = _accepted(events)
    without = events.filter(pl.col("session").is_null())
    children = _owned(_openings(logons, events, "pid"), events.filter(pl.col("kind") == "child"), "pid")
    found = [
        _owned(_openings(logons, events, "session"), events, "session").filter(pl.col("at") >= lines_from),
        _owned(_served(logons, events), without, "pid").filter(pl.col("at") >= lines_from),
        children.filter(pl.col("since").is_null()),
    ]
    old = pl.col("since").is_null() | (pl.col("id").is_not_null() & (pl.col("since") < before))
    return pl.concat([frame.filter(old).select("host") for frame in found])["host"].unique()


def _accepted(events: pl.DataFrame) -> pl.DataFrame:
    """The accepted logons in order of time, each with an `id`."""
    return (
        events.filter((pl.col("action") == Action.LOGON) & (pl.col("outcome") == Outcome.SUCCESS))
        .pipe(with_sources, events)
        .with_columns(standing=standing(LOGON_TELLER))
        .sort("time", "host", "session", "file", "line", nulls_last=True)
        .with_row_index("id")
    )


def _refused(events: pl.DataFrame) -> pl.DataFrame:
    return events.filter((pl.col("action") == Action.LOGON) & (pl.col("outcome") == Outcome.FAILURE)).with_columns(
        standing=standing(REFUSAL_TELLER)
    )


def _on_hosts(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """The events that name their host, with its canonical name in `host`."""
    return identity.hosts_of(events).filter(pl.col("host").is_not_null())


def _openings(logons: pl.DataFrame, events: pl.DataFrame, by: str) -> pl.DataFrame:
    """From when on which logon has a port or pid: its `id`, or null where the owner has not logged on yet.

    Of one second the logon comes last: whole-second stamps must not put its own refused keys behind it.
    """
    taken = events.filter(pl.col("kind").is_in(BEFORE_LOGON)).select(
        "host", by, since=pl.col("time").dt.truncate("1s"), id=pl.lit(None, pl.UInt32), logon_ip=pl.lit(None, pl.String)
    )
    return pl.concat([taken, logons.select("host", by, since="time", id="id", logon_ip="src_ip")])


def _served(logons: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The openings by pid, and those of the children that serve the users (sshd.c, privsep_postauth)."""
    openings = _openings(logons, events, "pid")
    children = (
        _following(openings, events.filter(pl.col("kind") == "child"), "pid")
        .with_columns(pid=pl.col("started").str.extract(r"^pid (\d+)$").cast(pl.Int64))
        .select("host", "pid", since="at", id="id", logon_ip="logon_ip")
    )
    return pl.concat([openings, children])


def _following(openings: pl.DataFrame, events: pl.DataFrame, by: str) -> pl.DataFrame:
    """Each line behind a logon, with the `id` of the logon that had the line's port or pid then.

    `at` is the stamp of the line, `after` the same or, where whole seconds put it before its logon, that of the logon.
    """
    return (
        _owned(openings, events, by)
        .filter(pl.col("id").is_not_null())
        .filter((pl.col("src_ip") == pl.col("logon_ip")).fill_null(value=True))
        .with_columns(after=pl.max_horizontal("at", "since"))
        .drop(by)
    )


def _owned(openings: pl.DataFrame, events: pl.DataFrame, by: str) -> pl.DataFrame:
    """Each line that may lie behind a logon, with who had its port or pid then: `id` and `since`, null for nobody."""
    later = events.filter(
        (pl.col("action") != Action.LOGON) & ~pl.col("kind").is_in(BEFORE_LOGON) & pl.col(by).is_not_null()
    ).select("host", by, "action", "kind", "file", "line", "src_ip", at="time", after=latest("time"), started="command")
    owners = openings.filter(pl.col(by).is_not_null()).sort("since", "id", nulls_last=False)
    return later.sort("after").join_asof(
        owners, left_on="after", right_on="since", by=["host", by], strategy="backward", check_sortedness=False
    )


def _first_ends(by_port: pl.DataFrame, by_pid: pl.DataFrame) -> pl.DataFrame:
    """The line that ends each logon's connection, as `id`, `end`, `end_line`: by port where there is one."""
    both = pl.concat([by_port.with_columns(rank=0), by_pid.with_columns(rank=1)])
    return (
        both.filter(pl.col("action") == Action.LOGOFF)
        .sort("id", "rank", "after", "file", "line")
        .unique("id", keep="first", maintain_order=True)
        .select("id", end="after", end_line=pl.struct("file", "line"))
    )


def _seen(by_port: pl.DataFrame) -> pl.DataFrame:
    """When each logon's connection was last heard of (`last`), and what was started in it first (`started`)."""
    return (
        by_port.sort("id", "after", "file", "line")
        .group_by("id")
        .agg(
            last=pl.col("after").max(),
            started=pl.col("started").filter(pl.col("kind") == "session-start").first(),
        )
    )
