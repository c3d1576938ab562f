"""Sessions become hops, and each hop learns how surely its origin is known.

When does a hop follow a session?
---------------------------------
Hop *j* leaves host H; session *i* arrived at H. *i* may be the origin of *j* when it started no later than *j* and was
still open when *j* started. An open end is bounded: `until` = end, else start + gap, or the session's last line where
that is later.

Logs stamp whole seconds or microseconds, and often both kinds meet. A stamp therefore means an interval: itself, or,
where it has whole seconds, all of its second. "No later" and "still open" hold when they can hold for some moments of
those intervals. Where the opposite order is possible too, the pair is **tied**: nothing in the logs tells which came
first. A hop never follows itself.

Certainty
---------
Of the n sessions that could have been the origin, those opened with the hop's own key are preferred, then those of
its own account; `basis` says which rule chose. The certainty is 1/n over the preferred sessions, halved where all of
them are tied with the hop.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from graphmap.model import Basis
from graphmap.sessions import latest
from graphmap.tables import HOPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

GAP = timedelta(hours=1)
"""How long a session whose end is unknown counts as open."""

TIED = 0.5
"""Factor on the certainty of a hop whose order with its origin the stamps do not show."""


def build_hops(sessions: pl.DataFrame, gap: timedelta = GAP) -> pl.DataFrame:
    """Turn sessions with a known or named source into hops.

    Parameters
    ----------
    sessions
        SESSIONS.
    gap
        How long a session without an end counts as open; not negative.

    Returns
    -------
    DataFrame of schema HOPS, in an order that depends on their content alone: start, destination, source, user, port.

    Notes
    -----
    Cost: sorts and as-of joins, O(n log n) in the number of sessions, whatever the number of possible origins.
    """
    hops = list_hops(sessions, gap)
    return hops.with_columns(**_origin_columns(hops))


def list_hops(sessions: pl.DataFrame, gap: timedelta = GAP) -> pl.DataFrame:
    """The hops of `build_hops`, in their order, before it is known what their origins are."""
    return (
        sessions.filter(pl.col("src").is_not_null())
        .rename({"host": "dst"})
        .with_columns(
            until=pl.coalesce("end", pl.max_horizontal(pl.col("start") + gap, "last")),
            origins=pl.lit(0, pl.Int32),
            certainty=pl.lit(1.0),
            basis=pl.lit(Basis.START.value),
        )
        .match_to_schema(HOPS, missing_columns="raise", extra_columns="ignore")
        .sort("start", "dst", "src", "user", "src_port", "end", "until", "method", "key", "command", nulls_last=True)
    )


def stamps(hops: pl.DataFrame) -> pl.DataFrame:
    """The moments between which a hop started (`earliest`, `latest`) and the last at which it was `open`, in us.

    Parameters
    ----------
    hops
        HOPS.

    Returns
    -------
    DataFrame of three Int64 columns, microseconds since 1970-01-01 UTC, rows as in `hops`.
    """
    return hops.select(
        earliest=pl.col("start").dt.timestamp("us"),
        latest=latest("start").dt.timestamp("us"),
        open=latest("until").dt.timestamp("us"),
    )


class Before(NamedTuple):
    """What was before the hops of a slice of time, which begins with a whole second.

    `open` has the number (`open`) of the sessions that were open when it began, by `host`, and by `host` with `account`
    or `key`; `closing` those of them that closed in it: `dst`, `account`, `key`, and `open` in us.
    """

    open: Mapping[tuple[str, ...], pl.DataFrame]
    closing: pl.DataFrame


def count_origins(frame: pl.DataFrame, before: Before | None = None) -> pl.DataFrame:
    """Count the sessions that could be the origin of each hop.

    Parameters
    ----------
    frame
        Of the hops of some time, in any order: `src`, `src_known`, `dst`, `account` (null where no log names it) and
        `key` as names or numbers, and what `stamps` gives.
    before
        What was before that time; None for nothing.

    Returns
    -------
    DataFrame of Int64 columns, rows as in `frame`: `all`, `account` and `key` are the sessions on the source host, any,
    those of the hop's account and those opened with its key; `all_sure`, `account_sure` and `key_sure` how many of them
    are not tied with the hop.
    """
    found = []
    for name in ("all", "account", "key"):
        same = [] if name == "all" else [name]
        counted = _count_open(frame, same, before)
        found.append(counted.rename({"open": name, "sure": f"{name}_sure"}))
    return pl.concat(found, how="horizontal")


def _origin_columns(hops: pl.DataFrame) -> dict[str, pl.Series | pl.Expr]:
    """The columns origins, certainty and basis of HOPS."""
    named = pl.col("account").replace("", None)  # whom no log names is not the same as anybody
    frame = pl.concat([hops.select("src", "src_known", "dst", named, "key"), stamps(hops)], how="horizontal")
    found = count_origins(frame).select(
        origins=pl.col("all").cast(pl.Int32),
        certainty=pl.when(pl.col("key") > 0)
        .then(_certainty("key"))
        .when(pl.col("account") > 0)
        .then(_certainty("account"))
        .when(pl.col("all") > 0)
        .then(_certainty("all"))
        .otherwise(1.0),
        basis=pl.when(pl.col("key") > 0)
        .then(pl.lit(Basis.KEY.value))
        .when(pl.col("account") > 0)
        .then(pl.lit(Basis.ACCOUNT.value))
        .when(pl.col("all") > 0)
        .then(pl.lit(Basis.OPEN.value))
        .otherwise(pl.lit(Basis.START.value)),
    )
    return {name: found[name] for name in found.columns}


def _certainty(group: str) -> pl.Expr:
    return pl.when(pl.col(f"{group}_sure") > 0).then(1.0).otherwise(TIED) / pl.col(group)


def _count_open(frame: pl.DataFrame, same: Sequence[str], earlier: Before | None) -> pl.DataFrame:
    """For each hop, the sessions on its source host, alike in `same`, that could be its origin.

    Returns
    -------
    DataFrame with Int64 columns `open` (all of them) and `sure` (those not tied with the hop), rows as in `frame`.
    """
    # A session that was closed before the hop started had also started before it, so open = started - closed.
    arrived = frame.select("earliest", "latest", "open", host="dst", **{c: pl.col(c) for c in same})
    left = frame.select(
        pl.int_range(pl.len()).alias("row"),
        "earliest",
        "latest",
        "open",
        host=pl.when("src_known").then("src"),
        **{c: pl.col(c) for c in same},
    )
    by = ["host", *same]
    known = left.filter(pl.all_horizontal(pl.col(by).is_not_null()))
    before = pl.col("earliest") - 1
    started = _count_until(known, arrived, by, moment=pl.col("latest"), column="earliest")
    surely_started = _count_until(known, arrived, by, moment=before, column="latest")
    closing = arrived.select(*by, "open")
    if earlier is not None:
        closing = pl.concat([closing, earlier.closing.rename({"dst": "host"}).select(*by, "open")])
        was_open = known.join(earlier.open[tuple(by)], on=by, how="left", maintain_order="left")["open_right"]
        started, surely_started = started + was_open.fill_null(0), surely_started + was_open.fill_null(0)
    closed = _count_until(known, closing, by, moment=before, column="open")
    itself = _itself(known, frame)
    counted = known.select("row").with_columns(open=started - closed - itself, sure=surely_started - closed)
    return (
        left.select("row").join(counted, on="row", how="left", maintain_order="left").select(
            pl.col("open", "sure").fill_null(0)
        )
    )  # fmt: skip


def _itself(known: pl.DataFrame, frame: pl.DataFrame) -> pl.Series:
    """1 for a hop from a host to itself, which its own session must not count for, else 0."""
    return (frame["src"] == frame["dst"]).gather(known["row"]).cast(pl.Int64)


def _count_until(
    hops: pl.DataFrame, sessions: pl.DataFrame, by: list[str], *, moment: pl.Expr, column: str
) -> pl.Series:
    """For each hop, how many sessions of its group have `column` at or before `moment`."""
    ranked = (
        sessions.filter(pl.all_horizontal(pl.col(by).is_not_null()))
        .sort(column)
        .select(*by, pl.col(column).alias("moment"), rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(by))
    )
    asked = hops.select("row", *by, moment=moment).sort("moment")
    return (
        asked.join_asof(ranked, on="moment", by=by, strategy="backward", check_sortedness=False)
        .sort("row")
        .get_column("rank")
        .fill_null(0)
    )
