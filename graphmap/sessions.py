"""Events of one host become sessions: a logon, what was started in it, and its end.

A connection is known by the client's address and port, which sshd repeats in nearly every line; its process ids are
not enough, since the privilege-separated child that logs the end has a pid of its own (sshd(8), session.c). Lines
without an address (PAM's, and the ends that OpenSSH before 7.2 writes) are joined by pid, through
"User child is on pid" where the log has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.model import Action, Outcome
from graphmap.tables import FAILURES, SESSIONS

if TYPE_CHECKING:
    from graphmap.identity import Identity

SESSION_EVENTS = (
    "time", "action", "outcome", "service", "kind", "user", "src_ip", "src_port", "src_host", "dst_host", "method",
    "key", "cert_id", "session", "pid", "command", "file", "line",
)  # fmt: skip
"""The columns of EVENTS that sessions are made from."""

SECOND = 1_000_000
"""Microseconds."""

SAME_CONNECTION = pl.duration(minutes=10)
"""A refused try and the logon that followed on the same address and port are one connection within this time.

LoginGraceTime (sshd_config(5)) is 120 s by default; ports are reused after minutes at the earliest.
"""


def latest(column: str) -> pl.Expr:
    """The last moment that a stamp can mean: a whole-second stamp covers its second."""
    return pl.when(coarse(column)).then(pl.col(column) + pl.duration(microseconds=SECOND - 1)).otherwise(column)


def coarse(column: str) -> pl.Expr:
    """Whether a stamp has whole seconds only; a finer one looks so once in a million."""
    return pl.col(column).dt.microsecond() == 0


def build_sessions(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """Pair logons with what followed them on their host.

    Parameters
    ----------
    events
        EVENTS, at least the columns SESSION_EVENTS, in any order. Events that name no host are left out.
    identity
        Gives hosts, sources and accounts their canonical names.

    Returns
    -------
    DataFrame of schema SESSIONS, sorted by start, host, source and port. A session's end is the first line after the
    logon that ends its connection; null where the log has none.
    """
    events = _on_hosts(events, identity)
    logons = (
        events.filter((pl.col("action") == Action.LOGON) & (pl.col("outcome") == Outcome.SUCCESS))
        .sort("time", "host", "session", "file", "line", nulls_last=True)
        .with_row_index("id")
    )
    by_port = _following(logons, events.filter(pl.col("session").is_not_null()), ["host", "session"])
    by_pid = _following(logons, _without_port(events), ["host", "pid"])
    ends = pl.concat([_ends(by_port).with_columns(rank=0), _ends(by_pid).with_columns(rank=1)])
    order = ["id", "rank", "end", pl.col("end_line").struct.field("file"), pl.col("end_line").struct.field("line")]
    first_end = ends.sort(order).unique("id", keep="first", maintain_order=True)
    seen = (
        by_port.sort("id", "after", "file", "line")
        .group_by("id")
        .agg(
            last=pl.col("after").max(),
            started=pl.col("started").filter(pl.col("kind") == "session-start").first(),
        )
    )
    return (
        identity.resolve(logons)
        .join(first_end.select("id", "end", "end_line"), on="id", how="left")
        .join(seen, on="id", how="left")
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
            lines=pl.concat_list(pl.struct("file", "line"), "end_line").list.drop_nulls(),
        )
        .match_to_schema(SESSIONS, missing_columns="raise")
        .sort("start", "host", "src", "src_port", nulls_last=True)
    )


def build_failures(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """Refused logons, one row a try that a person or program made.

    Left out are the tries that are part of an ordinary successful logon: keys that a client offers before the one
    that is accepted, and the plain key that is tried before its certificate. A mistyped password stays.

    Parameters
    ----------
    events, identity
        As for `build_sessions`.

    Returns
    -------
    DataFrame of schema FAILURES, sorted by time, host and source.
    """
    events = _on_hosts(events, identity)
    logons = events.filter(pl.col("action") == Action.LOGON)
    tries = logons.filter(pl.col("outcome") == Outcome.FAILURE).sort("time")
    accepted = (
        logons.filter((pl.col("outcome") == Outcome.SUCCESS) & pl.col("session").is_not_null())
        .select("host", "session", accepted="time")
        .sort("accepted")
    )
    offered = pl.col("method").is_in(["publickey", "none", "hostbased", "gssapi-with-mic"])
    then_accepted = (pl.col("accepted") - pl.col("time")) <= SAME_CONNECTION
    return (
        identity.resolve(
            tries.join_asof(
                accepted,
                left_on="time",
                right_on="accepted",
                by=["host", "session"],
                strategy="forward",
                check_sortedness=False,
            ).filter(~(offered & then_accepted).fill_null(value=False))
        )
        .select(
            "time",
            "host",
            "src",
            "src_known",
            "src_ip",
            user=pl.col("user").fill_null(""),
            account=identity.account("user").fill_null(""),
            service="service",
            method="method",
            key="key",
            line=pl.struct("file", "line"),
        )
        .match_to_schema(FAILURES, missing_columns="raise")
        .sort("time", "host", "src", pl.col("line").struct.field("file"), pl.col("line").struct.field("line"))
    )


def _on_hosts(events: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """The events that name their host, with its canonical name in `host`."""
    return identity.hosts_of(events).filter(pl.col("host").is_not_null())


def _following(logons: pl.DataFrame, events: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """Each event, other than a logon, with the `id` of the latest logon before it that shares the columns `by`."""
    later = events.filter((pl.col("action") != Action.LOGON) & pl.all_horizontal(pl.col(by).is_not_null())).select(
        *by, "action", "kind", "file", "line", "src_ip", after=latest("time"), at="time", started="command"
    )
    earlier = logons.filter(pl.all_horizontal(pl.col(by).is_not_null()))
    return (
        later.sort("after")
        .join_asof(
            earlier.select(*by, "id", "time", logon_ip="src_ip").sort("time"),
            left_on="after",
            right_on="time",
            by=by,
            strategy="backward",
            check_sortedness=False,
        )
        .filter(pl.col("id").is_not_null())
        .filter((pl.col("src_ip") == pl.col("logon_ip")).fill_null(value=True))
        .with_columns(after=pl.max_horizontal("at", "time"))
    )


def _ends(following: pl.DataFrame) -> pl.DataFrame:
    """The lines that end a connection, as `id`, `end`, `end_line`."""
    return following.filter(pl.col("action") == Action.LOGOFF).select(
        "id", end="after", end_line=pl.struct("file", "line")
    )


def _without_port(events: pl.DataFrame) -> pl.DataFrame:
    """Logoffs that only a pid joins to their logon, under the pid that wrote the logon."""
    ends = events.filter((pl.col("action") == Action.LOGOFF) & pl.col("session").is_null()).sort("time")
    children = (
        events.filter(pl.col("kind") == "child")
        .select("host", "time", parent="pid", child=pl.col("command").str.extract(r"^pid (\d+)$").cast(pl.Int64))
        .sort("time")
    )
    return ends.join_asof(
        children,
        on="time",
        by_left=["host", "pid"],
        by_right=["host", "child"],
        strategy="backward",
        check_sortedness=False,
    ).with_columns(pid=pl.coalesce("parent", "pid"))
