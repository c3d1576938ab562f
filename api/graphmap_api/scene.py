"""What the map shows: which nodes, which of them folded into groups, and where each is.

The state of a map is in the request whole, so that a link shows the same again. What is opened comes in the order of
the request: a node's place depends on what was there before it, never on what came after.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from graphmap.figures.growing import group_layout, grown
from graphmap.figures.layout import Layout, Place
from graphmap.figures.ways import Arrangement, lay_out
from graphmap.graph.grouping import APART, GROUP, By, fold, group_of, neighbours
from graphmap.graph.subgraph import Adjacency
from graphmap_api.routes.nodes import node_row

if TYPE_CHECKING:
    from graphmap.pipeline.movement import Filters
    from graphmap_api.sketch import Opening, Sketch
    from graphmap_api.workspace import Workspace

GROUPED = 400
"""Nodes from which on a map is grouped where nobody said how."""

DRAWN = (5_000, 20_000)
"""Most nodes and links that are drawn one by one; more are always grouped."""

LAID_OUT = 2_000
"""Most nodes of an estate of which a part is drawn where it lies in the whole. Of more, a part is laid out alone: it
would be a few dots far from each other."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A part of the graph, ready to be drawn.

    `nodes` has the columns of `graphmap_api.nodes.NODES`, `group` and `members` (1 but for groups); `links` is of
    schema LINKS. `by` is what groups share, None where there are none. `all_nodes` and `all_links` count what there is
    with these filters; `single` the nodes that are shown on their own, `folded` those in groups, `between` the links of
    all of these.
    """

    nodes: pl.DataFrame
    links: pl.DataFrame
    layout: Layout
    by: By | None
    all_nodes: int
    all_links: int
    single: int
    folded: int
    between: int
    groups: pl.DataFrame | None = None  # `id` and `group` of each node that is folded or could be

    @property
    def is_large(self) -> bool:
        """Whether there is too much to be shown one by one."""
        return self.single + self.folded > DRAWN[0] or self.between > DRAWN[1]

    @property
    def cut(self) -> str:
        """How much of what there is is shown."""
        if self.folded:
            groups = self.nodes.height - self.single
            alone = f"{self.single:,} + " if self.single else ""
            shown = f"{alone}{self.folded:,} in {groups:,} groups"
        else:
            shown = f"{self.single:,}"
        return f"{shown} of {self.all_nodes:,} nodes · {self.links.height:,} of {self.all_links:,} links"


def scene(workspace: Workspace, filters: Filters, sketch: Sketch) -> Scene:
    """Make the map.

    Raises
    ------
    QueryError
        A seed, or a node that is opened, is none.
    """
    links = workspace.links(filters)
    usable = usable_of(links, sketch)
    stages = _stages(workspace, usable, sketch)
    ids = pl.concat(stages).unique(maintain_order=True)
    every = workspace.nodes.join(pl.DataFrame({"id": ids}), on="id")
    nodes = every.filter(~pl.col("id").is_in(list(sketch.hidden)))
    inner = _between(usable, nodes["id"])
    by = _grouping(sketch, nodes.height, inner.height)
    if by is None:
        layout = _places(workspace, sketch, every, usable, stages)
        shown = nodes.with_columns(group=pl.lit(None, pl.String), members=pl.lit(1, pl.Int64))
        made = Scene(shown, inner, layout, None, 0, 0, nodes.height, 0, inner.height)
    else:
        made = _grouped(workspace, sketch, every, nodes, inner, by)
    everyone = pl.concat([usable["src"], usable["dst"]]).n_unique()
    places = {**made.layout.places, **_pinned(made.layout, sketch)}
    return replace(
        made,
        layout=replace(made.layout, places=places),
        all_nodes=max(everyone, nodes.height),
        all_links=usable.height,
    )


def usable_of(links: pl.DataFrame, sketch: Sketch, *more: str) -> pl.DataFrame:
    """The links whose source is of a kind that is wanted, or asked for by id; where links arrive is a host."""
    kinds = [str(kind) for kind in sketch.kinds]
    asked = [*sketch.seeds, *(one.node for one in sketch.opened), *more]
    return links.filter(pl.col("src").str.extract("^([a-z]+):").is_in(kinds) | pl.col("src").is_in(asked))


def _between(links: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    return links.filter(pl.col("src").is_in(ids.implode()) & pl.col("dst").is_in(ids.implode()))


def _stages(workspace: Workspace, links: pl.DataFrame, sketch: Sketch) -> list[pl.Series]:
    """Ids in the order in which they came: each seed with what is around it, then each node that was opened."""
    if not sketch.seeds:
        stages = [pl.concat([links["src"], links["dst"]]).unique().sort()]
    else:
        stages, adjacency = [], Adjacency(links)
        for seed in sketch.seeds:
            _ = node_row(workspace, seed)
            found = adjacency.around([seed], depth=sketch.depth, most_nodes=links.height + 2, most_links=0)
            stages.append(found.nodes["id"])
    for one in sketch.opened:
        if one.kind != GROUP:
            _ = node_row(workspace, one.node)
            stages.append(pl.concat([pl.Series("id", [one.node]), _chosen(links, one)["id"]]))
    return stages


def _chosen(links: pl.DataFrame, opening: Opening) -> pl.DataFrame:
    found = neighbours(links, opening.node, opening.order, opening.kinds)
    return found if opening.most is None else found.head(opening.most)


def _grouping(sketch: Sketch, nodes: int, links: int) -> By | None:
    """What nodes are grouped by."""
    if nodes > DRAWN[0] or links > DRAWN[1]:
        return sketch.group or By.SEGMENT
    if sketch.group is not None or sketch.ungrouped:
        return sketch.group
    return By.SEGMENT if nodes > GROUPED else None


def _places(
    workspace: Workspace, sketch: Sketch, nodes: pl.DataFrame, links: pl.DataFrame, stages: list[pl.Series]
) -> Layout:
    """Where every node is, those that are hidden too: nobody moves when one comes or goes.

    In the whole estate, which filters do not change; or in what is around the seeds, each newcomer beside what was
    there before.
    """
    if workspace.nodes.height <= (LAID_OUT if sketch.seeds else DRAWN[0]):
        return workspace.layout(sketch.way)
    first = nodes.filter(pl.col("id").is_in(stages[0].implode()))
    layout = lay_out(sketch.way, first, links)
    for stage in stages[1:]:
        layout = grown(layout, nodes.filter(pl.col("id").is_in(stage.implode())), links)
    return layout


def _grouped(
    workspace: Workspace, sketch: Sketch, every: pl.DataFrame, nodes: pl.DataFrame, links: pl.DataFrame, by: By
) -> Scene:
    """The nodes that were opened on their own, the others in groups.

    `every` has those that are hidden too: what is hidden takes its room nevertheless.
    """
    identity = workspace.estate.identity

    def address(name: str) -> str | None:
        host = identity.host(name)
        return str(host.addresses[0].address) if host and host.addresses else None

    kinds = [str(kind) for kind in sketch.kinds]
    roomed = (
        every
        if sketch.seeds
        else workspace.nodes.filter(pl.col("kind").is_in(kinds) | pl.col("id").is_in(every["id"].implode()))
    )
    room = roomed.with_columns(group=group_of(roomed, by, address))
    groups = room.join(nodes.select("id"), on="id").select("id", "group")
    ranked = nodes.join(groups, on="id").sort(["degree", "id"], descending=[True, False])
    stages = [_opened(ranked, links, one) for one in sketch.opened]
    lonely = ranked.filter(pl.len().over("group") == 1)["id"]
    there = pl.Series("id", sorted({*sketch.path, *sketch.seeds, *lonely} & set(nodes["id"])), dtype=pl.String)
    alone = pl.concat([there, *stages]).unique(maintain_order=True)
    drawn, between = fold(nodes, links, groups, alone.to_list())
    if sketch.way == Arrangement.SEGMENTS:
        sizes = room.group_by("group").agg(pl.col("restricted").any(), members=pl.len())
        layout = group_layout(sizes.select("group", "restricted", "members").iter_rows())
    else:
        closed, moves = fold(nodes, links, groups, there.to_list())
        layout = lay_out(sketch.way, _as_members(closed), moves)
    layout = replace(layout, places={node: layout.places[node] for node in drawn["id"] if node in layout.places})
    for stage in [there, *stages]:
        layout = grown(layout, _as_members(drawn).filter(pl.col("id").is_in(stage.implode())), links)
    single = drawn.filter(pl.col("kind") != GROUP).height
    return Scene(drawn, between, layout, by, 0, 0, single, nodes.height - single, links.height, groups)


def _as_members(nodes: pl.DataFrame) -> pl.DataFrame:
    """Nodes as layouts take them, with their group for a segment."""
    return nodes.with_columns(segment="group", restricted=pl.col("restricted").any().over("group"))


def _opened(ranked: pl.DataFrame, links: pl.DataFrame, opening: Opening) -> pl.Series:
    """Whom an opening takes out of the groups: members of a group, or the neighbours of a node and itself."""
    if opening.kind == GROUP:
        found = ranked.filter(pl.col("group") == opening.name)["id"]
        return found if opening.most is None else found.head(opening.most)
    ids = pl.concat([pl.Series("id", [opening.node]), _chosen(links, opening)["id"]])
    return ids.filter(ids.is_in(ranked["id"].implode()))


def _pinned(layout: Layout, sketch: Sketch) -> dict[str, Place]:
    return {
        node: Place(x, y, layout.places[node].disc) for node, (x, y) in sketch.pins.items() if node in layout.places
    }


def segments_of(workspace: Workspace) -> tuple[tuple[str, bool], ...]:
    """Every segment and whether it is restricted: each keeps its colour whatever is shown."""
    identity = workspace.estate.identity
    return tuple((name, identity.is_restricted(name)) for name in workspace.segments if name not in APART.values())
