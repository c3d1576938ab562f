"""Pivot questions: paths between two hosts, reach, origins, blast radius, choke points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from graphmap.cli.explore import chain_title, open_estate
from graphmap.cli.options import at_option, gap_option, home_option, json_option, limit_option, window_option
from graphmap.cli.output import documents_of, limited, note, print_chains, print_json, print_table, shown
from graphmap.cli.progress import working
from graphmap.cli.warmup import compiling_notice
from graphmap.documents import chain_document, hop_document

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from graphmap.pipeline.questions import Reached


@click.command()
@click.option("--from", "src", required=True, metavar="HOST", help="Where the paths start.")
@click.option("--to", "dst", required=True, metavar="HOST", help="Where they end.")
@at_option
@window_option
@click.option("--limit", type=click.IntRange(min=1), metavar="N", default=10, show_default="10", help="How many paths.")
@click.option(
    "--by",
    type=click.Choice(["certainty", "rarity", "time"]),
    default="certainty",
    show_default=True,
    help="What comes first: the surest, the most surprising or the quickest.",
)
@gap_option
@json_option
@home_option
@click.pass_context
def paths(
    ctx: click.Context,
    src: str,
    dst: str,
    at: datetime | None,
    window: timedelta,
    limit: int,
    by: str,
    as_json: bool,
) -> None:
    """Find paths in time between two hosts.

    The most certain come first, or the most surprising or quickest (--by); no host is visited twice.

    With --at, paths that start at that time or later and arrive within --window.

    \b
    Examples:
      graphmap paths --from ws2 --to db1
      graphmap paths --from ws2 --to db1 --by rarity
      graphmap paths --from 10.1.9.9 --to db1 --at 2026-03-13T02:40:00Z --window 2h --json
    """
    from graphmap.pipeline import questions

    with working("following paths"), compiling_notice():
        estate = open_estate(ctx)
        start, end = questions.host_named(estate, src), questions.host_named(estate, dst)
        found, more = questions.paths(estate, start, [end], at=at, window=window, limit=limit, by=by)
    if as_json:
        print_json(map(chain_document, found))
    else:
        print_chains(found, chain_title)
    if more:
        note(f"showing the first {len(found):,} by {by}; there may be more (--limit)")
    if not found:
        note(f"no path in time from {start} to {end}")


@click.command()
@click.argument("host")
@at_option
@window_option
@limit_option
@gap_option
@json_option
@home_option
@click.pass_context
def reach(ctx: click.Context, host: str, at: datetime | None, window: timedelta, limit: int, as_json: bool) -> None:
    """List what could be reached from a host.

    In order of first arrival, each with the most certain path.

    With --at, from that time on and within --window.

    \b
    Examples:
      graphmap reach ws2
      graphmap reach web1 --at 2026-03-13T02:40:00Z --window 2h --json
    """
    from graphmap.pipeline import questions

    with working("following paths"):
        estate = open_estate(ctx)
        name = questions.host_named(estate, host)
        found = questions.reached_from(estate, name, at=at, window=window)
    _print_reached(found, "arrival", f"nothing was reached from {name}", limit=limit, as_json=as_json)


@click.command()
@click.argument("host")
@at_option
@window_option
@limit_option
@gap_option
@json_option
@home_option
@click.pass_context
def origins(ctx: click.Context, host: str, at: datetime | None, window: timedelta, limit: int, as_json: bool) -> None:
    """List from where a host could be reached.

    The most certain come first, each with its path.

    With --at, by sessions that started before that time and within --window.

    \b
    Examples:
      graphmap origins db1
      graphmap origins db1 --at 2026-03-13T03:00:00Z --window 2h --json
    """
    from graphmap.pipeline import questions

    with working("following paths"):
        estate = open_estate(ctx)
        name = questions.host_named(estate, host)
        found = questions.origins_of(estate, name, at=at, window=window)
    _print_reached(found, "departure", f"nothing led to {name}", limit=limit, as_json=as_json)


@click.command()
@click.argument("host", required=False)
@click.option("--account", metavar="ACCOUNT", help="Of all sessions of this account, in place of a host.")
@at_option
@window_option
@gap_option
@json_option
@home_option
@click.pass_context
def radius(
    ctx: click.Context, host: str | None, account: str | None, at: datetime | None, window: timedelta, as_json: bool
) -> None:
    """Count the hosts that a host or account could reach.

    The blast radius: distinct hosts by segment, with the first moment at which one of them could have been reached.

    \b
    Examples:
      graphmap radius ws2
      graphmap radius --account backup --at 2026-03-13T02:40:00Z --window 2h --json
    """
    from graphmap.pipeline import questions

    if (host is None) == (account is None):
        raise click.UsageError("name a host or --account, one of them")
    with working("following paths"), compiling_notice():
        estate = open_estate(ctx)
        found = questions.radius_of(estate, host=host, account=account, at=at, window=window)
    if as_json:
        print_json(documents_of(found))
        return
    rows = ((*row[:3], ", ".join(row[3])) for row in found.iter_rows())
    print_table(rows, ("segment", "hosts#", "first reached", "hosts"), total=found.height)
    if found.is_empty() and not estate.events.is_empty():
        note(f"nothing was reached from {host or account}")


@click.command()
@click.argument("segment")
@at_option
@window_option
@click.option("--max-hops", type=click.IntRange(1, 8), metavar="N", default=4, show_default="4", help="Longest chain.")
@limit_option
@gap_option
@json_option
@home_option
@click.pass_context
def chokepoints(
    ctx: click.Context,
    segment: str,
    at: datetime | None,
    window: timedelta,
    max_hops: int,
    limit: int,
    as_json: bool,
) -> None:
    """Find hosts and accounts on most chains into a segment.

    For each, how many of the chains that enter the segment there would be no more without it.

    \b
    Examples:
      graphmap chokepoints prod
      graphmap chokepoints prod --max-hops 6 --json
    """
    from graphmap.pipeline import questions

    with working("counting chains"), compiling_notice():
        estate = open_estate(ctx)
        found = questions.choke_points(estate, segment, at=at, window=window, max_hops=max_hops)
    if as_json:
        print_json(documents_of(found))
        return
    rows = limited(found, limit).select("kind", "name", "cut", "chains", "share").iter_rows()
    print_table(rows, ("kind", "name", "cut#", "of chains#", "share#"), total=found.height)
    if found.is_empty() and not estate.events.is_empty():
        note(f"no chain enters {shown(segment)}")


def _print_reached(found: Sequence[Reached], moment: str, none: str, *, limit: int, as_json: bool) -> None:
    if as_json:
        print_json(_document(reached, moment) for reached in found)
    else:
        rows = [
            (
                reached.name,
                reached.segment,
                _moment(reached, moment),
                len(reached.path.hops),
                reached.path.certainty,
                " -> ".join(reached.path.hosts),
                ", ".join(dict.fromkeys(reached.path.users)),
            )
            for reached in found[: limit or None]
        ]
        columns = ("host", "segment", moment, "hops#", "certainty#", "path", "as")
        print_table(rows, columns, total=len(found))
    if not found:
        note(none)


def _moment(reached: Reached, moment: str) -> datetime:
    """The start of the hop that arrives, or of the one that departs."""
    return reached.path.hops[-1].start if moment == "arrival" else reached.path.start


def _document(reached: Reached, moment: str) -> dict[str, Any]:
    return {
        "host": reached.name,
        "segment": reached.segment,
        moment: _moment(reached, moment),
        "certainty": reached.path.certainty,
        "hosts": list(reached.path.hosts),
        "users": list(reached.path.users),
        "hops": [hop_document(hop) for hop in reached.path.hops],
    }


COMMANDS = (paths, reach, origins, radius, chokepoints)
