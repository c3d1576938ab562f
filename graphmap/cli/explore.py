"""Movement out: sessions, hops, chains, rare ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from graphmap.cli.options import (
    engine_option,
    gap_option,
    home_option,
    json_option,
    limit_option,
    settings_of,
    since_option,
    until_option,
)
from graphmap.cli.output import (
    documents_of,
    limited,
    note,
    print_chains,
    print_json,
    print_table,
    short_key,
    shown,
)
from graphmap.cli.progress import working
from graphmap.documents import chain_document, number_of, seen_by

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import polars as pl

    from graphmap.model import Chain
    from graphmap.pipeline.estate import Estate

HOP_FIELDS = (
    "start", "end", "src", "dst", "user", "service", "method", "key", "certainty", "basis", "lines", "witnesses",
    "missing",
)  # fmt: skip
SESSION_FIELDS = (
    "start", "end", "host", "src", "src_port", "user", "service", "method", "key", "cert_id", "command", "lines",
    "bytes_in", "bytes_out", "client", "witnesses", "missing",
)  # fmt: skip


def open_estate(ctx: click.Context) -> Estate:
    """The estate of the home folder; says so where there is nothing in it."""
    from graphmap.pipeline.estate import load_estate
    from graphmap.spark.engines import maker_of

    settings = settings_of(ctx)
    estate = load_estate(settings, maker=maker_of(settings))
    if estate.is_empty:
        note("no events yet: graphmap ingest PATH... brings logs in, graphmap demo shows how")
    return estate


def _within(column: str, since: datetime | None, until: datetime | None) -> pl.Expr:
    import polars as pl

    kept = pl.lit(value=True)
    if since is not None:
        kept &= pl.col(column) >= since
    if until is not None:
        kept &= pl.col(column) < until
    return kept


def _none(what: str, estate: Estate) -> str | None:
    """What to say where nothing matches; nothing more where there is nothing at all."""
    return None if estate.is_empty else f"no {what} matches"


def _is(column: str, value: str | None) -> pl.Expr:
    import polars as pl

    return pl.lit(value=True) if value is None else pl.col(column) == value


def _some_of(wanted: pl.LazyFrame, columns: Sequence[str], limit: int | None) -> tuple[pl.DataFrame, int]:
    """The first `limit` rows (all for 0 and None), and how many there are."""
    import polars as pl

    if not limit:
        found = wanted.select(columns).collect()
        return found, found.height
    total = wanted.select(pl.len())
    first, count = pl.collect_all([wanted.select(columns).head(limit), total], engine="streaming")
    return first, int(count.item())


@click.command()
@click.option("--host", metavar="HOST", help="Only on this host.")
@click.option("--user", metavar="USER", help="Only of this account, as logged.")
@since_option
@until_option
@limit_option
@engine_option
@json_option
@home_option
@click.pass_context
def sessions(
    ctx: click.Context,
    host: str | None,
    user: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List logon sessions.

    Who was on which host, from where, from when to when.

    \b
    Examples:
      graphmap sessions --host db1
      graphmap sessions --user root --since 2026-03-01 --json
    """
    from graphmap.pipeline.questions import host_named

    with working("joining sessions"):
        estate = open_estate(ctx)
        name = host_named(estate, host) if host else None
        wanted = estate.scan_sessions().filter(_within("start", since, until) & _is("host", name) & _is("user", user))
        found, total = _some_of(wanted, SESSION_FIELDS, None if as_json else limit)
    if as_json:
        print_json(documents_of(found))
        return
    rows = found.select("start", "end", "host", "src", "user", "method", "key", "command")
    print_table(
        ((*row[:6], short_key(row[6]) or None, row[7]) for row in rows.iter_rows()),
        ("start", "end", "host", "from", "user", "method", "key", "started"),
        total=total,
        none=_none("session", estate),
    )


@click.command()
@click.option("--from", "src", metavar="HOST", help="Only from this host or address.")
@click.option("--to", "dst", metavar="HOST", help="Only to this host.")
@click.option("--user", metavar="USER", help="Only as this account, as logged.")
@since_option
@until_option
@limit_option
@gap_option
@engine_option
@json_option
@home_option
@click.pass_context
def hops(
    ctx: click.Context,
    src: str | None,
    dst: str | None,
    user: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List hops: logons from one host to another.

    Each says how many sessions could have been its origin, which of them is preferred, and how certain that is.

    \b
    Examples:
      graphmap hops --to db1
      graphmap hops --from jump1 --user anna --json
    """
    from graphmap.pipeline.questions import host_named, source_named

    with working("following hops"):
        estate = open_estate(ctx)
        start = source_named(estate, src) if src else None
        end = host_named(estate, dst) if dst else None
        wanted = estate.table.scan().filter(
            _within("start", since, until) & _is("src", start) & _is("dst", end) & _is("user", user)
        )
        found, total = _some_of(wanted, (*HOP_FIELDS, "origins"), None if as_json else limit)
    if as_json:
        print_json(documents_of(found.select(HOP_FIELDS)))
        return
    columns = (*HOP_FIELDS[:5], "method", "key", "origins", "certainty", "basis", "witnesses", "missing")
    rows = found.select(columns)
    print_table(
        ((*row[:6], short_key(row[6]) or None, *row[7:10], seen_by(*row[10:])) for row in rows.iter_rows()),
        ("start", "end", "from", "to", "user", "method", "key", "origins#", "certainty#", "basis", "seen by"),
        total=total,
        none=_none("hop", estate),
    )


@click.command()
@click.option(
    "--min-hops",
    type=click.IntRange(min=1),
    metavar="N",
    default=2,
    show_default="2",
    help="Shortest chain to list.",
)
@click.option("--through", metavar="HOST", help="Only chains that touch this host.")
@click.option("--user", metavar="USER", help="Only chains with a hop as this account, as logged.")
@since_option
@until_option
@click.option("--lines", is_flag=True, help="Show the log lines that prove each hop.")
@limit_option
@gap_option
@engine_option
@json_option
@home_option
@click.pass_context
def chains(
    ctx: click.Context,
    min_hops: int,
    through: str | None,
    user: str | None,
    since: datetime | None,
    until: datetime | None,
    lines: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List chains of hops.

    In a chain each hop starts on the host where the one before ended, while that session was open. The most
    surprising come first: the score is the certainty times how new the hops are and how often the account changes
    (docs/graph-model.md). A chain is of a time if any of its hops started then or in between.

    \b
    Examples:
      graphmap chains --min-hops 3
      graphmap chains --through jump1 --since 2026-03-01 --lines
      graphmap chains --json | jq -c '[.score, .hosts]'
    """
    from graphmap.pipeline.interesting import MOST
    from graphmap.pipeline.questions import source_named

    with working("following chains"):
        estate = open_estate(ctx)
        name = source_named(estate, through) if through else None
        every = [chain for _, chain in estate.chains(min_hops=min_hops)]

    def asked(chain: Chain) -> bool:
        return (
            (name is None or name in chain.hosts)
            and (user is None or user in chain.users)
            and (since is None or chain.hops[-1].start >= since)
            and (until is None or chain.start < until)
        )

    found = list(filter(asked, every))
    if estate.bounded:
        note(f"too many hops to list every chain: these are of the {MOST:,} most surprising")
    if as_json:
        print_json(map(chain_document, found))
        return
    print_chains(found[: limit or None], chain_title, total=len(found), lines=lines)
    if not found and not estate.is_empty:
        note(f"no chain of {number_of(min_hops, 'hop')} or more among {number_of(len(estate.table), 'hop')} matches")


def chain_title(chain: Chain) -> str:
    """One line over a chain."""
    return f"{chain.id}  score {chain.score:.2f}  certainty {chain.certainty:.2f}  {' -> '.join(chain.hosts)}"


@click.command()
@click.option(
    "--segment",
    metavar="SEGMENT",
    help="Only ways into this segment. Default: into restricted segments, or into all where none is restricted.",
)
@click.option(
    "--max-count",
    type=click.IntRange(min=1),
    metavar="N",
    default=3,
    show_default="3",
    help="A way taken more often is not rare.",
)
@limit_option
@gap_option
@engine_option
@json_option
@home_option
@click.pass_context
def rare(ctx: click.Context, segment: str | None, max_count: int, limit: int, as_json: bool) -> None:
    """List ways that were rarely taken.

    A way is a source, an account and a destination.

    \b
    Examples:
      graphmap rare
      graphmap rare --segment prod --max-count 1 --json
    """
    from graphmap.pipeline.questions import rare_ways

    with working("weighing ways"):
        estate = open_estate(ctx)
        found = rare_ways(estate, segment, max_count)
    if as_json:
        print_json(documents_of(found))
        return
    shown_columns = (
        "src", "user", "dst", "src_segment", "dst_segment", "count", "failures", "days", "first", "last", "policy",
    )  # fmt: skip
    print_table(
        limited(found, limit).select(shown_columns).iter_rows(),
        ("from", "user", "to", "from segment", "to segment", "count#", "failures#", "days#", "first", "last", "policy"),
        total=found.height,
    )
    if found.is_empty() and not estate.is_empty:
        note(
            f"no way was taken {number_of(max_count, 'time')} or fewer" + (f" into {shown(segment)}" if segment else "")
        )


COMMANDS: tuple[Any, ...] = (sessions, hops, chains, rare)
