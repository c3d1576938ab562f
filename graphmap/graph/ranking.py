"""The best chains of very many hops, by rarity, certainty or time; who could do how much harm; where to cut.

All of these take a `Walks` and names; a path is what `graphmap.graph.paths` says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from graphmap.graph.index import Names, make_index
from graphmap.graph.kernels.chains import BEGINS, BIT, ENDS, FOLLOWS, NEVER
from graphmap.graph.links import build_links
from graphmap.graph.rarity import surprise
from graphmap.graph.walks import LONGEST, Walks, Weights

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from numpy.typing import NDArray

    from graphmap.graph.index import Ids
    from graphmap.graph.paths import Path
    from graphmap.graph.walks import Spread

_CANDIDATES = 24
"""How many hosts, and how many accounts, `choke_points` tries to remove."""


class By(StrEnum):
    """What makes a chain better than another."""

    RARITY = "rarity"
    """The bits of surprise of its hops (`graphmap.graph.rarity.surprise`), less those that its certainty lacks of 1."""
    CERTAINTY = "certainty"
    """The product of the certainties of its links."""
    TIME = "time"
    """The shortest time from the start of its first hop to the start of its last."""


class Ranked(NamedTuple):
    """Paths, the best first, and what each scores: bits or, by time, minus the seconds that it takes.

    `cut` tells that a better path may have been missed.
    """

    paths: tuple[Path, ...]
    scores: tuple[float, ...]
    cut: bool


class _Scale(NamedTuple):
    """What a score of the kernels means: `(score - zero) * unit`."""

    unit: float
    zero: int


def best_chains(
    walks: Walks, *, by: By = By.RARITY, limit: int = 100, min_hops: int = 2, max_hops: int = LONGEST
) -> Ranked:
    """The best chains of all.

    Parameters
    ----------
    walks
        The hops.
    by
        What makes a chain good.
    limit
        How many chains.
    min_hops, max_hops
        Fewest and most hops of a chain. A chain and its own part may both be among the best.

    Returns
    -------
    Ranked. Equal scores: the chain with fewer hops, then that with the latest hops from the last one back. Cost: O(n)
    for each number of hops, however many chains there are.
    """
    weights, scale = _weights(walks, by, None if by != By.RARITY else surprise_bits(walks))
    if by == By.RARITY and walks.searched and max_hops <= LONGEST:
        best = np.ascontiguousarray(walks.searched.best[:, :max_hops])
        weights = weights._replace(endings=(best, walks.searched.missed))
    chains, scores, cut = walks.best_chains(weights, limit=limit, shortest=min_hops, longest=max_hops)
    return _ranked(walks, chains, scores, scale, cut=cut)


def chains_between(  # noqa: PLR0913 - a question of five words and three bounds
    walks: Walks,
    src: int,
    goals: Collection[int],
    begin: int,
    end: int,
    *,
    by: By = By.CERTAINTY,
    limit: int = 10,
    max_hops: int = LONGEST,
    few: Callable[[Ids], Ids] = lambda rows: rows,
) -> Ranked:
    """The best chains from one host or source to some hosts within a time; none visits a host twice.

    Parameters
    ----------
    walks
        The hops.
    src, goals
        Ids. A chain ends at the first of the goals that it comes to.
    begin, end
        Microseconds since 1970, both inclusive; every hop starts between them.
    by, limit, max_hops
        As for `best_chains`.
    few
        Leaves of some rows those that may be in a chain.

    Returns
    -------
    Ranked, in rows of `walks`. Only hops that both `Walks.reach` and `Walks.provenance` give are searched; how certain
    and how surprising they are is what it is among all hops.
    """
    rows = few(
        np.intersect1d(
            walks.reach(begin, end, hosts=[src]).rows,
            walks.provenance(begin, end, hosts=goals).rows,
            assume_unique=True,
        )
    )
    narrow = walks.narrowed(rows)
    weights, scale = _weights(narrow, by, surprise_bits(walks)[rows] if by == By.RARITY else None)
    goal = np.zeros(walks.nodes, np.bool_)
    goal[list(goals)] = True
    starts, leaves, ends = narrow.timed.src == src, goal[narrow.timed.src], goal[narrow.timed.dst]
    weights = Weights(
        first=_where(starts, weights.first),
        # a chain ends when it arrives, so that no hop leaves the end, and none but the last arrives there
        step=_where(~leaves & ~starts, weights.step),
        last=_where(ends, weights.last),
        links=weights.links,
    )
    chains, scores, cut = narrow.best_chains(weights, limit=limit, shortest=1, longest=max_hops, simple=True)
    return _ranked(walks, [tuple(rows[list(chain)].tolist()) for chain in chains], scores, scale, cut=cut)


def blast_radius(walks: Walks, spread: Spread, segment: Callable[[str], str | None]) -> pl.DataFrame:
    """The distinct hosts that a spread arrives at, by segment.

    Parameters
    ----------
    walks
        The hops.
    spread
        `Walks.reach` of a host, an account or a session.
    segment
        The segment of a host's name; None where nothing is known.

    Returns
    -------
    DataFrame: `segment` (null where unknown), `hosts` (distinct ones), `first` (the first moment at which one of them
    could have been reached), `names` (in that order); the segment with the most hosts first.
    """
    dst = walks.timed.dst[spread.rows]
    order = np.argsort(spread.moments, kind="stable")
    nodes, first = np.unique(dst[order], return_index=True)
    names = [walks.index.names.name(int(node)) for node in nodes]
    return (
        pl.DataFrame(
            {"name": names, "moment": spread.moments[order][first], "segment": [segment(name) for name in names]},
            schema={"name": pl.String, "moment": pl.Int64, "segment": pl.String},
        )
        .sort("moment", "name")
        .group_by("segment", maintain_order=True)
        .agg(
            hosts=pl.len(),
            first=pl.col("moment").min().cast(pl.Datetime("us", "UTC")),
            names=pl.col("name"),
        )
        .sort(["hosts", "segment"], descending=[True, False], nulls_last=True)
    )


def choke_points(
    walks: Walks, hosts: Iterable[int], begin: int, end: int, *, max_hops: int = 4, limit: int = 10
) -> pl.DataFrame:
    """The hosts and accounts whose removal would cut the most chains into a segment.

    Parameters
    ----------
    walks
        The hops.
    hosts
        Ids of the segment's hosts.
    begin, end
        Microseconds since 1970, both inclusive.
    max_hops
        Longest chain that is counted; one hop is a chain, too.
    limit
        How many hosts and accounts are given.

    Returns
    -------
    DataFrame: `kind` (host or account), `name`, `cut` (chains whose last hop enters the segment that would be no more
    if no hop left or reached this host, or was made by this account), `chains` (all of them), `share` (cut / chains);
    the largest cut first, then by kind and name. Only the candidates with the most hops that lead there are tried,
    24 of each kind. A chain that passes the segment on its way counts again for each time that it comes in.

    Raises
    ------
    OverflowError
        There are more than 2**62 chains.
    """
    names = walks.index.names
    inside = np.zeros(walks.nodes, np.bool_)
    inside[list(hosts)] = True
    rows = walks.provenance(begin, end, hosts=np.flatnonzero(inside)).rows
    few = walks.narrowed(rows)
    src, dst, account = few.timed.src, few.timed.dst, few.timed.account
    enters = inside[dst] & ~inside[src]

    def chains(kept: NDArray[np.bool_]) -> int:
        roles = np.where(kept, np.uint8(BEGINS | FOLLOWS) | np.where(enters, np.uint8(ENDS), np.uint8(0)), np.uint8(0))
        return sum(few.count(roles.astype(np.uint8), longest=max_hops))

    whole = chains(np.ones(len(rows), np.bool_))
    touching = np.bincount(src, minlength=walks.nodes) + np.bincount(dst, minlength=walks.nodes)
    touching[inside | (np.arange(walks.nodes) >= len(names.hosts))] = 0
    owned = np.bincount(account, minlength=len(names.accounts))
    found = [
        *(("host", names.name(node), whole - chains((src != node) & (dst != node))) for node in _largest(touching)),
        *(("account", names.accounts[owner], whole - chains(account != owner)) for owner in _largest(owned)),
    ]
    table = pl.DataFrame(found, schema={"kind": pl.String, "name": pl.String, "cut": pl.Int64}, orient="row")
    return (
        table.with_columns(chains=pl.lit(whole, pl.Int64), share=pl.col("cut") / max(whole, 1))
        .sort(["cut", "kind", "name"], descending=[True, False, False])
        .head(limit)
    )


def _largest(counts: NDArray[np.int64]) -> list[int]:
    """The places of the largest counts above 0, at most `_CANDIDATES`, the largest first."""
    order = np.argsort(-counts, kind="stable")[:_CANDIDATES]
    return [int(place) for place in order if counts[place]]


def surprise_bits(walks: Walks) -> NDArray[np.int32]:
    """How surprising each hop is, in BITths of a bit."""
    if walks.searched:
        return walks.searched.surprise
    return np.round(surprise(walks.index) * BIT).astype(np.int32)


def _where(allowed: NDArray[np.bool_], scores: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(allowed, scores, NEVER).astype(scores.dtype)


def _weights(walks: Walks, by: By, bits: NDArray[np.int32] | None) -> tuple[Weights, _Scale]:
    """The weights that rank by something, and what one unit of their scores is."""
    if by != By.TIME:
        return walks.weights(bits), _Scale(1 / BIT, 0)
    start = walks.timed.earliest
    first, last = (start[0], start[-1]) if start.size else (0, 0)
    # the same is taken from all scores, so that they stay above NEVER: the longest time that there could be
    return Weights(start - first, np.zeros_like(start), last - start, links=0), _Scale(1e-6, int(last - first))


def _ranked(walks: Walks, chains: Iterable[tuple[int, ...]], scores: list[int], scale: _Scale, *, cut: bool) -> Ranked:
    return Ranked(tuple(map(walks.path, chains)), tuple((score - scale.zero) * scale.unit for score in scores), cut)


def warm_up() -> None:
    """Compile all walks, or load what was compiled before."""
    one, moment = np.zeros(1, np.int32), np.ones(1, np.int64)
    index = make_index(
        Names(("a",), (), ("x",), ()), src=one, dst=one, account=one, key=one - 1, earliest=moment, open=moment
    )
    walks = Walks.over(index)
    for by in By:
        best_chains(walks, by=by, limit=1)
    walks.provenance(0, 1)
    walks.reach(0, 1)
    walks.count()
    build_links(walks, range(1))
