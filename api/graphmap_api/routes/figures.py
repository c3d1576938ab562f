"""Plotly figures of what the other endpoints answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

import polars as pl
from fastapi import HTTPException, Query

from graphmap.detect.stories.route import hosts_along, route
from graphmap.figures.chain import Lanes, lanes
from graphmap.figures.heatmap import MOST, heatmap
from graphmap.figures.timeline import LANES, MARKS, timeline
from graphmap.model import Hop
from graphmap.pipeline.movement import Filters
from graphmap.pipeline.questions import NO_SEGMENT
from graphmap.pipeline.stories import story_named
from graphmap.policy.judge import FORBIDS
from graphmap.policy.logons import Logons
from graphmap.store.ledger import Ledger
from graphmap_api.canvas import OnCanvas, plain
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Figure
from graphmap_api.queries import NAME, MovementFilters
from graphmap_api.rights import READ
from graphmap_api.routes.chains import chain_named
from graphmap_api.routes.nodes import check_id
from graphmap_api.routes.sessions import COLUMNS, attempts, touches
from graphmap_api.routing import Router
from graphmap_api.workspace import Workspace

router = Router(tags=["figures"], prefix="/figures", dependencies=[READ])

HOPS = 30
"""Most hops of one figure."""

BEFORE = timedelta(minutes=10)
"""How long before the first hop refused attempts are drawn."""

REFUSED = 300
"""Most refused attempts of one figure, the last."""


@router.get("/chain")
def chain_figure(
    workspace: FreshWorkspace,
    canvas: OnCanvas,
    chain: Annotated[str | None, Query(max_length=100, description="Id of a chain.")] = None,
    finding: Annotated[str | None, Query(max_length=100, description="Id of a finding, in place of a chain.")] = None,
    story: Annotated[str | None, Query(max_length=100, description="Id of a story, in place of a chain.")] = None,
) -> Figure:
    """A chain, or the hops of a finding or of a story, on their time axis."""
    hops, first = _hops(workspace, chain, finding, story)
    if not hops:
        return Figure(figure={}, cut=None, empty="this finding has no hops: its evidence are the lines below")
    identity, shown = workspace.estate.identity, hops[:HOPS]
    told = Lanes(
        first=first,
        segment=identity.segment,
        restricted=lambda host: identity.is_restricted(identity.segment(host)),
        refused=_refused(workspace, shown),
    )
    figure = lanes(shown, told, theme=canvas.theme, width=canvas.width)
    cut = f"{HOPS} of {len(hops):,} hops" if len(hops) > HOPS else None
    return Figure(figure=plain(figure), cut=cut, empty=None)


def _hops(
    workspace: Workspace, chain: str | None, finding: str | None, story: str | None
) -> tuple[tuple[Hop, ...], Sequence[str]]:
    """What is drawn, in order of time, and whose lanes are on top."""
    if [chain, finding, story].count(None) != 2:  # noqa: PLR2004 - all but one
        raise HTTPException(422, "name a chain, a finding or a story, one of them")
    if chain is not None:
        return chain_named(workspace, chain).hops, []
    if story is not None:
        found = story_named(workspace.stories, story).hops
        along = route(found)
        # the way itself first: the story may have more hops than one figure
        some = {*along, *[hop for hop in found if hop not in along][: max(HOPS - len(along), 0)]}
        return (*(hop for hop in found if hop in some), *(hop for hop in found if hop not in some)), hosts_along(along)
    with Ledger(workspace.settings.ledger) as ledger:
        return tuple(sorted(ledger.finding(finding or "").hops, key=lambda hop: hop.start)), []


def _refused(workspace: Workspace, hops: Sequence[Hop]) -> dict[str, list[datetime]]:
    """When the hosts of hops refused somebody who came from the source of one, shortly before or while they went on."""
    asked = Filters(since=hops[0].start - BEFORE, until=max(hop.start for hop in hops))
    tried = asked.all_failures(workspace.estate).filter(
        pl.col("host").is_in({hop.dst for hop in hops}) & pl.col("src").is_in({hop.src for hop in hops})
    )
    found: dict[str, list[datetime]] = {}
    for host, at in tried.select("host", "time").sort("time").tail(REFUSED).collect(engine="streaming").iter_rows():
        found.setdefault(host, []).append(at)
    return found


@router.get("/timeline")
def timeline_figure(
    workspace: FreshWorkspace,
    filters: MovementFilters,
    canvas: OnCanvas,
    node: Annotated[str, Query(max_length=NAME, description="Id of a node.")],
) -> Figure:
    """The logons and refused attempts of one node, a lane for each way."""
    check_id(workspace, node)
    mine = attempts(workspace, filters).filter(touches(workspace, node, COLUMNS))
    columns = ("start", "outcome", "src", "host", "user", "method")
    found, total = pl.collect_all(
        [mine.select(columns).sort("start", descending=True).head(5 * MARKS), mine.select(pl.len())]
    )
    if found.is_empty():
        return Figure(figure={}, cut=None, empty="no logon matches")
    every = int(total.item())
    cut = f"the {LANES} busiest ways, {min(every, MARKS):,} of {every:,} attempts" if every > MARKS else None
    return Figure(figure=plain(timeline(found, theme=canvas.theme, width=canvas.width)), cut=cut, empty=None)


@router.get("/heatmap")
def heatmap_figure(
    workspace: FreshWorkspace,
    filters: MovementFilters,
    canvas: OnCanvas,
    by: Annotated[
        Literal["segment", "host", "restricted"],
        Query(description="What a row and a column are; restricted: sources, and hosts of restricted segments."),
    ] = "segment",
) -> Figure:
    """From where to where, and how often; a diamond where the policy forbids one of them."""
    estate = workspace.estate
    edges = filters.edges(estate)
    if by == "restricted":
        inner = [
            host for host in estate.identity.hosts() if estate.identity.is_restricted(estate.identity.segment(host))
        ]
        edges = edges.filter(pl.col("dst").is_in(inner) & ~pl.col("src").is_in(inner))
    judged = edges.filter(pl.col("count") > 0)
    bits = estate.rulings.judge.bits(Logons.of_edges(judged, estate.identity))
    against = judged.filter(pl.Series(bits & FORBIDS > 0)).select("src", "dst")
    ways = edges.group_by("src", "dst").agg(
        pl.col("count").cast(pl.Int64).sum(), pl.col("failures").cast(pl.Int64).sum()
    )
    if by == "segment":
        named = {name: estate.identity.segment(name) or NO_SEGMENT for name in {*ways["src"], *ways["dst"]}}
        sides = [pl.col(side).replace_strict(named, return_dtype=pl.String) for side in ("src", "dst")]
        ways = ways.with_columns(*sides).group_by("src", "dst").agg(pl.col("count", "failures").sum())
        against = against.with_columns(*sides)
    if ways.is_empty():
        return Figure(figure={}, cut=None, empty="no logon matches")
    ways = ways.sort("src", "dst")
    forbidden = against.unique().sort("src", "dst").rows()
    figure = heatmap(ways, marked=forbidden, theme=canvas.theme, width=canvas.width)
    rows, columns = ways["src"].n_unique(), ways["dst"].n_unique()
    cut = f"{min(rows, MOST)} of {rows:,} rows · {min(columns, MOST)} of {columns:,} columns"
    return Figure(figure=plain(figure), cut=cut if max(rows, columns) > MOST else None, empty=None)
