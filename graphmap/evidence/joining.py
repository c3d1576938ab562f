"""What hosts tell of their logons and what others saw of them, joined.

A sighting and a session that share source address, source port and host are one logon if no more than `LATE` lies
between them, whatever else is said: nobody else has that port then. Where one of the two has no port, they fit one to
one by source, host, service and (where both name one) account, at most `SLOW` apart by the clock of the host.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from graphmap.evidence.clocks import CONNECTION, ahead, measure
from graphmap.evidence.coverage import missing
from graphmap.evidence.sightings import carrier
from graphmap.model import Witness
from graphmap.reports import LATE, Rule, paired
from graphmap.tables import FAILURES, SESSIONS

if TYPE_CHECKING:
    from graphmap.identity import Identity

SLOW = timedelta(seconds=30)
"""From a connection to its logon, where nothing but the two hosts tells that they are one: a password is typed."""

_FITS = (Rule(("host", "src", "carrier", "account"), SLOW), Rule(("host", "src", "carrier"), SLOW))


def join_sightings(
    sessions: pl.DataFrame, failures: pl.DataFrame, told: pl.DataFrame, seen: pl.DataFrame, identity: Identity
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Join sightings to what the hosts tell; what only a sensor saw is added.

    Parameters
    ----------
    sessions
        SESSIONS without `missing`, one row a logon.
    failures
        FAILURES and `src_port`.
    told
        Events of the hosts' own logs: `time`, `host`, `src_ip`, `src_port`, `service`.
    seen
        SIGHTINGS of these hosts, and of destinations that have no log.
    identity
        Gives accounts their canonical names.

    Returns
    -------
    SESSIONS, FAILURES and CLOCKS, not sorted. A logon that a sensor took for accepted and the host does not report is
    a session, one that it took for refused and the host does not report is a failure; what a sensor could not judge is
    evidence only.
    """
    clocks = measure(told, seen)
    seen = seen.with_columns(ahead=ahead(seen, clocks))
    network, clients = (seen.filter(witness=witness) for witness in (Witness.NETWORK, Witness.CLIENT))
    links, taken = _linked(sessions, network)
    sessions = _enriched(sessions, links, network)
    left = network.filter(~pl.col("row").is_in(taken.implode()))
    sessions = pl.concat([sessions, _sessions(left.filter("accepted"), identity)], how="diagonal")
    sessions = _enriched(sessions, _linked(sessions, clients)[0], clients)
    refused = left.filter("refused")
    known = _linked(failures.rename({"line": "lines"}), refused)[1]
    failures = pl.concat(
        [failures, _failures(refused.filter(~pl.col("row").is_in(known.implode())), identity)], how="diagonal"
    )
    absent = missing(
        sessions.with_columns(carrier=carrier(), time="start"),
        told.with_columns(carrier=carrier()),
        seen.with_columns(time=pl.col("time") + pl.col("ahead")),
    )
    return (
        sessions.with_columns(absent.alias("missing")),
        failures.match_to_schema(FAILURES, extra_columns="ignore"),
        clocks,
    )


def _linked(attempts: pl.DataFrame, seen: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Which sighting tells of which attempt, as `attempt` and `row`; and the rows of all sightings that tell of some.

    Attempts have the columns of SESSIONS or FAILURES.
    """
    time = "start" if "start" in attempts.columns else "time"
    own = attempts.select(
        "host", "src", "src_ip", "src_port",
        time=time, carrier=carrier(), account=pl.col("account").str.to_lowercase().replace("", None),
    ).with_row_index("row")  # fmt: skip
    shown = seen.select("row", "time", "ahead", "host", "src", "src_ip", "src_port", "carrier", "account")
    sure = _nearest(own, shown).select(attempt="row", row="other")
    taken = _nearest(shown, own)["row"]
    shown = shown.filter(~pl.col("row").is_in(taken.implode())).with_columns(time=pl.col("time") + pl.col("ahead"))
    own = own.filter(~pl.col("row").is_in(sure["attempt"].implode()))
    portless = pl.col("src_port").is_null()
    first = _fitting(own.filter(portless), shown)
    second = _fitting(own.filter(~portless), shown.filter(portless & ~pl.col("row").is_in(first["row"].implode())))
    return pl.concat([sure, first, second]), pl.concat([taken, first["row"], second["row"]])


def _nearest(ours: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """For each row of ours the nearest of the others on its connection: `row` and `other`."""
    known = pl.all_horizontal(pl.col(CONNECTION).is_not_null())
    return (
        ours.filter(known)
        .select("row", "time", *CONNECTION)
        .sort("time")
        .join_asof(
            others.filter(known).select("time", *CONNECTION, other="row").sort("time"),
            on="time",
            by=list(CONNECTION),
            strategy="nearest",
            tolerance=LATE,
            check_sortedness=False,
        )
        .drop_nulls("other")
        .select("row", "other")
    )


def _fitting(own: pl.DataFrame, shown: pl.DataFrame) -> pl.DataFrame:
    """Attempts and sightings of which one has no port, one to one: `attempt` and `row`."""
    named = pl.col("account").is_not_null()
    found = paired(own, shown.filter(named), _FITS[:1])
    for ours, theirs in ((own, shown.filter(~named)), (own.filter(~named), shown)):
        free = ours.join(found, left_on="row", right_on="head", how="anti")
        found = pl.concat([found, paired(free, theirs.join(found, on="row", how="anti"), _FITS[1:])])
    return found.select(attempt="head", row="row")


def _enriched(sessions: pl.DataFrame, links: pl.DataFrame, seen: pl.DataFrame) -> pl.DataFrame:
    """Add what the sightings of one kind of witness tell of sessions."""
    if links.is_empty():
        return sessions
    by_host_clock = [(pl.col(name) + pl.col("ahead")).alias(f"seen_{name}") for name in ("last", "end")]
    facts = (
        links.join(seen.with_columns(by_host_clock), on="row")
        .sort("attempt", "row")
        .group_by("attempt", maintain_order=True)
        .agg(
            pl.col("witness").first(),
            *(pl.col(name).max() for name in ("seen_last", "seen_end")),
            *(
                pl.col(name).drop_nulls().first().alias(f"seen_{name}")
                for name in ("src_ip", "src_port", "bytes_in", "bytes_out", "client")
            ),
            seen_src=pl.col("src").filter("src_known").first(),
            seen_lines=pl.col("lines").explode(),
        )
    )
    seen_end = pl.col("seen_end")
    witness = pl.concat_list("witness").list.drop_nulls()
    return (
        sessions.with_row_index("attempt")
        .join(facts, on="attempt", how="left", maintain_order="left")
        .with_columns(
            *(pl.coalesce(name, f"seen_{name}") for name in ("src_ip", "src_port", "bytes_in", "bytes_out", "client")),
            src=pl.when(~pl.col("src_known")).then(pl.coalesce("seen_src", "src")).otherwise("src"),
            src_known=pl.col("src_known") | pl.col("seen_src").is_not_null(),
            last=pl.max_horizontal("last", "seen_last"),
            end=pl.coalesce("end", pl.when(seen_end.is_not_null()).then(pl.max_horizontal("start", "last", seen_end))),
            witnesses=pl.concat_list("witnesses", witness).list.unique().list.sort(),
            lines=pl.concat_list("lines", pl.col("seen_lines").fill_null([])),
        )
        .select(sessions.columns)
    )


def _sessions(seen: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """The sessions that only a sensor saw, by its clock."""
    return seen.with_columns(
        start="time",
        user=pl.col("user").fill_null(""),
        account=identity.account("user").fill_null(""),
        witnesses=pl.concat_list("witness"),
    ).select(name for name in SESSIONS if name in _FROM_SIGHTING)


def _failures(seen: pl.DataFrame, identity: Identity) -> pl.DataFrame:
    """The refused attempts that only a sensor saw."""
    return seen.with_columns(
        user=pl.col("user").fill_null(""),
        account=identity.account("user").fill_null(""),
        line=pl.col("lines").list.first(),
    ).select(name for name in FAILURES if name in _FROM_SIGHTING)


_FROM_SIGHTING = frozenset({
    "start", "end", "last", "time", "host", "src", "src_known", "src_ip", "src_port", "user", "account", "service",
    "method", "bytes_in", "bytes_out", "client", "witnesses", "lines", "line",
})  # fmt: skip
