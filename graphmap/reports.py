"""Several reports of one attempt become one: sshd's own line, the audit log's, that of wtmp, of two Windows channels.

Who tells of an attempt in the same words (one reader, one kind of line) tells of each once. So reports are paired
between tellers only, one to one, and a report that nothing fits stays an attempt of its own. Reports fit where host and
account are the same, neither address nor port contradict each other, and their times are close: the logs of one host
share its clock, but some are written late.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOSE = timedelta(seconds=5)
"""Between two reports that have nothing but their account and address in common."""
DESKTOP = timedelta(minutes=1)
"""Between two reports of a Remote Desktop logon of one account from one address, of which a host has but one at a time.

The Security channel, LocalSessionManager and the reconnections tell of it when it is checked, made and shown.
"""
LATE = timedelta(minutes=10)
"""Between two reports that share a process or a port: auditd writes USER_LOGIN minutes after sshd's line."""

_ROUNDS = 3
"""How often reports are offered again whose best partner fitted another one better."""


class Rule(NamedTuple):
    """What two reports must share, and how far apart they may be."""

    shared: tuple[str, ...]
    tolerance: timedelta


_RULES = (
    Rule(("host", "account", "pid"), LATE),
    Rule(("host", "account", "src_ip", "src_port"), LATE),
    Rule(("host", "account", "src_ip", "desktop"), DESKTOP),
    Rule(("host", "account", "src_ip"), CLOSE),
    Rule(("host", "account"), CLOSE),
)


def influence(tellers: int) -> timedelta:
    """How far away a report can be that decides how others are paired, at most, where so many tell of a host.

    A report may take another one's partner, which then takes another one's: one step in each round of each rule.
    """
    return _ROUNDS * sum((rule.tolerance for rule in _RULES), timedelta()) * max(tellers - 1, 0)


def standing(teller: Sequence[str]) -> pl.Expr:
    """How much a teller can say of an attempt on a host: of address, port and method the most that it ever gave.

    An expression over a frame with `host` and the columns of `teller`.
    """
    told = pl.sum_horizontal(pl.col("src_port", "method", "src_ip").is_not_null().cast(pl.Int8))
    return told.max().over("host", *teller)


def attempts_of(reports: pl.DataFrame, teller: Sequence[str]) -> pl.Series:
    """Say which reports tell of one attempt.

    Parameters
    ----------
    reports
        `time`, `host`, `account` and `service` (never null), `src_ip`, `src_port`, `pid`, `session`, `standing` (see
        `standing`), and the columns of `teller`.
    teller
        The columns that say who tells: of logons `reader` and `kind`, since Windows tells of one in several channels;
        of refusals `reader`, since sshd has several words for them and uses one each time.

    Returns
    -------
    Series of UInt32: for each report, the row of the one that tells the most of its attempt.

    Notes
    -----
    On each host the teller of the highest standing is believed first, of equals the first by name. What is paired on a
    host depends on that host's reports alone, and on no report that is farther away than `influence`. Cost: a few
    as-of joins a teller of a host, O(n log n); nothing where there is but one.
    """
    if reports.select(teller).n_unique() < 2 and not _exact_twins(reports).any():  # noqa: PLR2004 - two to compare
        return pl.int_range(reports.height, dtype=pl.UInt32, eager=True)
    rows = (
        reports.lazy()
        .select(
            "time", "host", "src_ip", "src_port", "pid", "session",
            account=pl.col("account").str.to_lowercase(),
            desktop=pl.when(pl.col("service") == "rdp").then("service"),
            teller=pl.concat_str(teller, separator="\0"),
            standing="standing",
        )
        .with_row_index("row")
        .with_columns(place=pl.struct(-pl.col("standing"), "teller").rank("dense").over("host"))
        .collect()
    )  # fmt: skip
    heads_of = _same_moment(rows)
    alone = rows.filter(heads_of == rows["row"])
    by_place = [mine for _, mine in sorted(alone.partition_by("place", as_dict=True).items())]
    if len(by_place) < 2:  # noqa: PLR2004 - two to compare
        return heads_of
    heads = by_place[0]
    pairs = []
    for mine in by_place[1:]:
        pairs.append(paired(heads, mine, _RULES))
        heads = pl.concat([heads, mine.join(pairs[-1], on="row", how="anti")])
    found = pl.concat(pairs)
    chosen = rows.select("row", head=heads_of).join(
        found.rename({"row": "head", "head": "better"}), on="head", how="left", maintain_order="left"
    )
    return chosen.select(pl.coalesce("better", "head")).to_series()


def _exact_twins(reports: pl.DataFrame) -> pl.Series:
    """Whether a report has another one of its very microsecond and process. Whole seconds prove nothing."""
    exact = (pl.col("time").dt.microsecond() != 0) & pl.col("pid").is_not_null()
    return reports.select(pl.struct("time", "pid").is_duplicated() & exact).to_series()


def _same_moment(rows: pl.DataFrame) -> pl.Series:
    """The first of the reports of one teller that agree in all but the session, to the microsecond: one logon.

    Windows writes a second event 4624 for an elevated token, under a logon id of its own. Whole seconds and unknown
    processes prove nothing, and lines of one session tell of as many attempts as they are.
    """
    alike = ("teller", "host", "account", "src_ip", "src_port", "pid", "time")
    apart = pl.col("session").n_unique().over(alike) == pl.len().over(alike)
    return rows.select(
        pl.when(_exact_twins(rows) & apart).then(pl.col("row").min().over(alike)).otherwise("row")
    ).to_series()


def paired(heads: pl.DataFrame, mine: pl.DataFrame, rules: Sequence[Rule]) -> pl.DataFrame:
    """Pair one teller's reports with those that are known, one to one.

    Parameters
    ----------
    heads, mine
        `row`, `time`, `src_ip`, `src_port` and what the rules share. Where address or port contradict, two do not fit.
    rules
        The surest first.

    Returns
    -------
    DataFrame of `row` (of `mine`) and `head` (the `row` of the other).
    """
    found = pl.DataFrame(schema={"row": pl.UInt32, "head": pl.UInt32})
    for rule in rules:
        for _ in range(_ROUNDS):
            free = heads.join(found, left_on="row", right_on="head", how="anti")
            pairs = _nearest(free, mine.join(found, on="row", how="anti"), rule.shared, rule.tolerance)
            found = pl.concat([found, pairs])
            if pairs.is_empty():
                break
    return found


def _nearest(heads: pl.DataFrame, mine: pl.DataFrame, shared: Sequence[str], tolerance: timedelta) -> pl.DataFrame:
    known = pl.all_horizontal(pl.col(shared).is_not_null())
    other = heads.filter(known).with_columns(head="row", at="time", ip="src_ip", port="src_port")
    joined = (
        mine.filter(known)
        .sort("time", "row")
        .join_asof(
            other.select(*shared, "time", "head", "at", "ip", "port").sort("time", "head"),
            on="time",
            by=list(shared),
            strategy="nearest",
            tolerance=tolerance,
            check_sortedness=False,
        )
        .filter(pl.col("head").is_not_null())
        .filter(
            (pl.col("src_ip") == pl.col("ip")).fill_null(value=True)
            & (pl.col("src_port") == pl.col("port")).fill_null(value=True)
        )
        .with_columns(apart=(pl.col("time") - pl.col("at")).abs())
    )
    return joined.sort("apart", "row").unique("head", keep="first", maintain_order=True).select("row", "head")
