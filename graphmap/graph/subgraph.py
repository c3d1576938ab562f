"""The part of the user-host-source graph that a picture or an answer shows: who is near whom, bounded.

All of it is tables, since a busy estate has more edges than Python should walk over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from graphmap.model import NodeKind
from graphmap.tables import TIME, schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.integer[Any]]

LINKS = schema(
    {
        "src": pl.String,  # node id, as `graphmap.graph.view.node_id`; never null
        "dst": pl.String,  # node id of a host; never null
        "kind": pl.String,  # MOVED_TO, CONNECTED_TO, LOGGED_ON_TO or OPENED; never null
        "users": pl.List(pl.String),  # sorted, NAMED at most; never null
        "services": pl.List(pl.String),  # sorted; never null
        "methods": pl.List(pl.String),  # sorted, those that the log names; never null
        "count": pl.Int64,  # accepted logons; never null
        "failures": pl.Int64,  # refused ones; never null
        "first": TIME,  # of any attempt; never null
        "last": TIME,  # never null
    }
)
"""One row for each pair of nodes that an attempt joins."""

NAMED = 50
"""Most accounts that one link names."""

KINDS = {
    (NodeKind.HOST, NodeKind.HOST): "MOVED_TO",
    (NodeKind.SOURCE, NodeKind.HOST): "CONNECTED_TO",
    (NodeKind.USER, NodeKind.HOST): "LOGGED_ON_TO",
    (NodeKind.KEY, NodeKind.HOST): "OPENED",
}
"""What the link between two kinds of node is called."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Some nodes, by id, with how many links each has in all of the graph, and the links between them.

    `nodes` has `id`, `degree` and `depth` (steps from the nearest seed; 0 where there are no seeds); `links` is of
    schema LINKS. `all_nodes` and `all_links` count what was asked for, before the bounds cut it.
    """

    nodes: pl.DataFrame
    links: pl.DataFrame
    all_nodes: int
    all_links: int


def links_of(edges: pl.DataFrame, openings: pl.DataFrame) -> pl.DataFrame:
    """Join the edges of each pair of nodes.

    Parameters
    ----------
    edges
        EDGES.
    openings
        `key`, then as in EDGES: what each key opened (`graphmap.graph.edges.count_edges`).

    Returns
    -------
    DataFrame of schema LINKS, sorted by `src` and `dst`.
    """
    source = pl.when("src_known").then(pl.lit(f"{NodeKind.HOST}:")).otherwise(pl.lit(f"{NodeKind.SOURCE}:"))
    sides = (
        (edges, source + pl.col("src")),
        (edges, pl.lit(f"{NodeKind.USER}:") + pl.col("user")),
        (openings, pl.lit(f"{NodeKind.KEY}:") + pl.col("key")),
    )
    return pl.concat([_linked(table, side) for table, side in sides]).sort("src", "dst")


def _linked(table: pl.DataFrame, side: pl.Expr) -> pl.DataFrame:
    kind = pl.col("src").str.extract("^([a-z]+):").replace_strict({str(a): name for (a, _), name in KINDS.items()})
    return (
        table.lazy()
        .group_by(src=side, dst=pl.lit(f"{NodeKind.HOST}:") + pl.col("dst"))
        .agg(
            users=pl.col("user").unique().sort().head(NAMED),
            services=pl.col("service").unique().sort(),
            methods=pl.col("method").drop_nulls().unique().sort(),
            count=pl.col("count").cast(pl.Int64).sum(),
            failures=pl.col("failures").cast(pl.Int64).sum(),
            first=pl.col("first").min(),
            last=pl.col("last").max(),
        )
        .with_columns(kind=kind)
        .select(LINKS.names())
        .collect()
    )


class Adjacency:
    """Links ready to be asked who is near whom, however often.

    Parameters
    ----------
    links
        Schema LINKS.

    Notes
    -----
    8 bytes a link, and a text a node, beside the links.
    """

    def __init__(self, links: pl.DataFrame) -> None:
        self.links = links
        self._ids = pl.concat([links["src"], links["dst"]]).unique().sort()
        numbers = pl.Enum(self._ids)
        self._kinds = self._ids.str.extract("^([a-z]+):")
        self._src, self._dst = (links[side].cast(numbers).to_physical().to_numpy() for side in ("src", "dst"))

    def around(
        self,
        seeds: Sequence[str] = (),
        *,
        depth: int = 1,
        kinds: Collection[str] = tuple(NodeKind),
        most_nodes: int,
        most_links: int,
    ) -> Subgraph:
        """The nodes within some steps of the seeds, whichever way the links point; without seeds, all of them.

        Parameters
        ----------
        seeds
            Node ids; those without any link are kept too.
        depth
            How many steps.
        kinds
            The kinds of node that may be shown; a seed always is.
        most_nodes, most_links
            Bounds. Nearer nodes stay first, then those with more links, then by id; links with more attempts stay
            first.

        Notes
        -----
        Cost: a few passes over two numbers a link, and one more for each step.
        """
        known, alone = self._places(seeds)
        usable = self._usable(kinds, known)
        src, dst = self._src[usable], self._dst[usable]
        steps = self._steps(src, dst, known, depth) if seeds else self._touched(src, dst)
        found = np.flatnonzero(steps >= 0)
        every = pl.DataFrame(
            {
                "id": pl.concat([self._ids[found], alone]),
                "place": np.append(found, np.full(len(alone), -1)),
                "degree": np.append(self._degrees(src, dst)[found], np.zeros(len(alone), np.int64)),
                "depth": np.append(steps[found], np.zeros(len(alone), np.int32)),
            }
        )
        shown = every.sort(["depth", "degree", "id"], descending=[False, True, False]).head(most_nodes)
        near, kept = steps >= 0, np.zeros(len(steps), np.bool_)
        kept[shown.filter(pl.col("place") >= 0)["place"].to_numpy()] = True
        return Subgraph(
            shown.drop("place"),
            self._most(usable[kept[src] & kept[dst]], most_links),
            all_nodes=every.height,
            all_links=int(np.count_nonzero(near[src] & near[dst])),
        )

    def way(self, starts: Sequence[str], goal: str) -> pl.DataFrame:
        """The fewest links with accepted logons that lead from one of some nodes to another, whatever their times.

        It says that there are such links, not that anybody could have gone along them: `graphmap.graph.paths` does.

        Parameters
        ----------
        starts, goal
            Node ids.

        Returns
        -------
        Rows of schema LINKS, the first one first; none where there is no way, or where a start is the goal. Of ways
        that are equally short, from the last link back, the one with the most accepted logons, then by id. Cost: a pass
        over the links for each link of the way.
        """
        (begin, _), (end, _) = self._places(starts), self._places([goal])
        used = np.flatnonzero(self.links["count"].to_numpy() > 0)
        src, dst = self._src[used], self._dst[used]
        if not end.size:
            return LINKS.to_frame()
        steps = np.full(len(self._ids), -1, np.int32)
        steps[begin], step = 0, 0
        while steps[end[0]] < 0:
            near = np.zeros(len(steps), np.bool_)
            near[dst[steps[src] == step]] = True
            near &= steps < 0
            if not near.any():
                return LINKS.to_frame()
            step += 1
            steps[near] = step
        rows: list[int] = []
        node = int(end[0])
        for left in range(step - 1, -1, -1):
            last = used[(dst == node) & (steps[src] == left)]  # by source, as links are sorted
            rows.append(int(last[np.argmax(self.links["count"].to_numpy()[last])]))
            node = int(self._src[rows[-1]])
        return self.links[rows[::-1]]

    def _places(self, ids: Iterable[str]) -> tuple[Numbers, pl.Series]:
        """The numbers of some nodes, and those that have no link."""
        asked = pl.Series(list(dict.fromkeys(ids)), dtype=pl.String)
        places = self._ids.search_sorted(asked).to_numpy()
        linked = asked.is_in(self._ids.implode())
        return places[linked.to_numpy()], asked.filter(~linked)

    def _usable(self, kinds: Collection[str], known: Numbers) -> Numbers:
        """The rows of the links whose source may be shown; where links arrive is a host."""
        allowed = self._kinds.is_in(list(kinds)).to_numpy().copy()
        allowed[known] = True
        return np.flatnonzero(allowed[self._src])

    def _steps(self, src: Numbers, dst: Numbers, known: Numbers, depth: int) -> Numbers:
        """How many steps each node is away; -1 where it is further than asked."""
        steps = np.full(len(self._ids), -1, np.int32)
        steps[known] = 0
        for step in range(1, depth + 1):
            front, near = steps == step - 1, np.zeros(len(steps), np.bool_)
            near[dst[front[src]]] = near[src[front[dst]]] = True
            near &= steps < 0
            if not near.any():
                break
            steps[near] = step
        return steps

    def _touched(self, src: Numbers, dst: Numbers) -> Numbers:
        """0 for each node that has a link, else -1."""
        steps = np.full(len(self._ids), -1, np.int32)
        steps[src] = steps[dst] = 0
        return steps

    def _degrees(self, src: Numbers, dst: Numbers) -> Numbers:
        apart = src != dst
        return np.bincount(np.append(src[apart], dst[apart]), minlength=len(self._ids))

    def _most(self, rows: Numbers, most: int) -> pl.DataFrame:
        """The links with most attempts, by their nodes."""
        worth = self.links.select("count", "failures", "src", "dst")[rows].with_columns(row=pl.Series(rows))
        best = worth.sort(["count", "failures", "src", "dst"], descending=[True, True, False, False]).head(most)
        return self.links[best.sort("src", "dst")["row"]]
