"""The graph on a Neo4j server: push, diff, clear, stats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from graphmap.cli.explore import open_estate
from graphmap.cli.options import (
    Moment,
    gap_option,
    home_option,
    json_option,
    limit_option,
    settings_of,
    since_option,
    until_option,
)
from graphmap.cli.output import note, print_json, print_table
from graphmap.cli.progress import working
from graphmap.cli.warmup import compiling_notice
from graphmap.documents import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from graphmap.documents import Document
    from graphmap.store.graph import Difference

graph_option = click.option(
    "--graph",
    "uri",
    metavar="URI",
    help="Address of the Neo4j server, as in neo4j://HOST:7687. Default: $GRAPHMAP_NEO4J_URI.",
)


@click.group()
def graph() -> None:
    """Keep the graph on a Neo4j server.

    The user and password come from GRAPHMAP_NEO4J_USER and GRAPHMAP_NEO4J_PASSWORD, or from the file that
    GRAPHMAP_NEO4J_PASSWORD_FILE names (docs/neo4j.md).

    \b
    Examples:
      graphmap graph push --graph neo4j://localhost:7687
      graphmap graph stats
    """


@graph.command()
@since_option
@until_option
@graph_option
@gap_option
@json_option
@home_option
@click.pass_context
def push(ctx: click.Context, since: datetime | None, until: datetime | None, uri: str | None, as_json: bool) -> None:
    """Make the graph of the lake what the server holds.

    Edges are of all hops; --since and --until say which of them are there as sessions too, with what led to what. What
    earlier pushes wrote and this one did not is removed. A push that broke off is made good by the same push again.

    \b
    Examples:
      graphmap graph push
      graphmap graph push --since 2026-03-01 --graph neo4j://graph.example:7687
    """
    from graphmap.pipeline import graphs

    with working("pushing the graph") as say, graphs.open_store(uri) as store, compiling_notice():
        sent = graphs.push(
            store, open_estate(ctx), settings_of(ctx), since=since, until=until,
            progress=lambda name, rows: say(f"{name} {rows:,}"),
        )  # fmt: skip
    nodes, relationships, removed = sent.pushed
    if as_json:
        print_json([{**sent.pushed._asdict(), "unlisted": sent.unlisted, "seconds": sent.seconds}])
        return
    click.echo(
        f"pushed {number_of(nodes, 'node')} and {number_of(relationships, 'relationship')}; "
        f"removed {removed:,} of earlier pushes"
    )
    note(f"in {sent.seconds:,.1f} s, {(nodes + relationships) / sent.seconds:,.0f} a second")
    if sent.unlisted:
        note(f"{number_of(sent.unlisted, 'possible origin')} of sessions that have very many were left out")


@graph.command()
@click.option(
    "--between",
    "dates",
    nargs=2,
    type=Moment(),
    metavar="TIME TIME",
    help="Compare what the lake shows before the first time and before the second; no server is asked.",
)
@graph_option
@limit_option
@gap_option
@json_option
@home_option
@click.pass_context
def diff(
    ctx: click.Context, dates: tuple[datetime, datetime] | None, uri: str | None, limit: int, as_json: bool
) -> None:
    """Show how the graph on the server differs from the lake.

    Missing is what the lake shows and the server lacks, extra is what only the server has, and changed is what has
    other properties there. With --between, what was new and what had grown at the second time.

    \b
    Examples:
      graphmap graph diff
      graphmap graph diff --between 2026-03-01 2026-03-08 --json
    """
    from graphmap.pipeline import graphs

    with working("comparing graphs"), compiling_notice():
        if dates:
            found = graphs.compare_dates(open_estate(ctx), *dates)
        else:
            with graphs.open_store(uri) as store:
                found = graphs.compare(store, open_estate(ctx), settings_of(ctx))
    words = ("new", "gone", "grown") if dates else ("missing", "extra", "changed")
    if as_json:
        print_json(_documents(found, words))
        return
    rows = [
        (how, one["kind"], row.get("src") or row.get("name") or row.get("id"), row.get("dst"), row.get("user"),
         row.get("count"), row.get("failures"), row.get("first"), row.get("last"))
        for one in _documents(found, words)
        for how, row in [(one["how"], one["row"])]
    ]  # fmt: skip
    print_table(
        rows[: limit or None],
        ("how", "kind", "from", "to", "user", "count#", "failures#", "first", "last"),
        total=len(rows),
        none="no difference",
    )


def _documents(found: Mapping[str, Difference], words: tuple[str, str, str]) -> Iterator[Document]:
    for kind, difference in found.items():
        for how, table in zip(words, difference, strict=True):
            for row in table.iter_rows(named=True):
                yield {"how": how, "kind": kind, "row": row}


@graph.command()
@graph_option
@json_option
def stats(uri: str | None, as_json: bool) -> None:
    """Count what the server holds.

    \b
    Examples:
      graphmap graph stats
      graphmap graph stats --graph bolt://localhost:7687 --json
    """
    from graphmap.pipeline import graphs

    with graphs.open_store(uri) as store:
        counts, state = store.stats(), store.state()
    if as_json:
        print_json({"kind": kind, "number": number} for kind, number in counts.items())
        return
    print_table(counts.items(), ("kind", "number#"))
    if state is None:
        note("nothing was pushed to this server: graphmap graph push")
    elif state["finished"] is None:
        note("the last push broke off, or is under way: graphmap graph push makes it whole")


@graph.command()
@graph_option
def clear(uri: str | None) -> None:
    """Remove from the server what was pushed, and nothing else.

    \b
    Examples:
      graphmap graph clear
    """
    from graphmap.pipeline import graphs

    with working("clearing the graph"), graphs.open_store(uri) as store:
        removed = store.clear()
    click.echo(f"removed {removed:,} nodes and relationships")


COMMANDS: tuple[Any, ...] = (graph,)
