"""Time-respecting paths: what one is, the search for the most certain ones, chains, how a session came to be.

A path is a sequence of hops in which each leaves the host where the one before arrived, while that session was open.
Stamps are intervals (`graphmap.graph.hops`), so a path exists when a moment can be picked from the interval of each
hop such that the moments never go back and every hop starts while the session before it is open. A path uses no hop
twice, so hops of one second cannot make a ring that never ends.

The functions take and give row numbers of the table of hops that the index was built from.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from graphmap.graph.hops import TIED
from graphmap.graph.index import NONE
from graphmap.model import Basis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphmap.graph.index import HopIndex

MAX_HOPS = 12
"""Longest path that is searched for."""

EXPANSIONS = 20_000
"""How many paths one search may take up before it gives what it has."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A session that could be the origin of a hop, how surely, and why it is taken for it."""

    hop: int
    certainty: float
    basis: Basis


@dataclass(frozen=True, slots=True)
class Path:
    """Rows of hops in order of time; for each, how surely and why it follows the one before (1.0 and START first)."""

    rows: tuple[int, ...]
    certainties: tuple[float, ...]
    bases: tuple[Basis, ...]
    certainty: float

    @classmethod
    def of(cls, hop: int) -> Path:
        """The path of one hop."""
        return cls((hop,), (1.0,), (Basis.START,), 1.0)

    def behind(self, origin: Origin) -> Path:
        """The path with another hop before its first."""
        return Path(
            (origin.hop, *self.rows),
            (1.0, origin.certainty, *self.certainties[1:]),
            (Basis.START, origin.basis, *self.bases[1:]),
            self.certainty * origin.certainty,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """Paths, best first, and whether the search stopped before it had seen all."""

    paths: tuple[Path, ...]
    cut: bool = False


def possible(index: HopIndex, rows: tuple[int, ...]) -> bool:
    """Whether hops form a path by the rules at the top, given that each leaves where the one before arrived."""
    moment = index.earliest[rows[0]]
    for before, hop in pairwise(rows):
        moment = max(moment, index.earliest[hop])
        if moment > index.latest(hop) or moment > index.open[before]:
            return False
    return True


def origins_of(index: HopIndex, hop: int) -> list[Origin]:
    """The sessions that could be the origin of a hop, likeliest first.

    Those preferred (same key, else same account, else any) share a certainty of 1 divided by their number; the others
    have 1 divided by the number of all. It is halved for a session that is tied with the hop. Equal certainties are
    ordered latest first.
    """
    rows = list(index.origins(hop))
    if not rows:
        return []
    bases = [_basis(index, row, hop) for row in rows]
    preferred = next(b for b in (Basis.KEY, Basis.ACCOUNT, Basis.OPEN) if b in bases)
    number = bases.count(preferred)
    origins = [
        Origin(
            row,
            (1 / number if basis == preferred else 1 / len(rows)) * (TIED if index.tied(row, hop) else 1.0),
            basis,
        )
        for row, basis in zip(rows, bases, strict=True)
    ]
    return sorted(origins, key=lambda o: (-o.certainty, -index.earliest[o.hop], o.hop))


def _basis(index: HopIndex, origin: int, hop: int) -> Basis:
    if index.key[hop] != NONE and index.key[origin] == index.key[hop]:
        return Basis.KEY
    if index.account[origin] == index.account[hop] != index.names.nobody:
        return Basis.ACCOUNT
    return Basis.OPEN


def search_back(  # noqa: PLR0913 - one search serves every question; its bounds are named at each call
    index: HopIndex,
    last: int,
    *,
    complete: Callable[[Path, bool], bool],
    allowed: Callable[[int], bool] = lambda _row: True,
    simple: bool = False,
    limit: int = 1,
    max_hops: int = MAX_HOPS,
) -> Found:
    """The paths that end with the hop `last`, most certain first.

    Parameters
    ----------
    index
        The hops.
    last
        Row of the last hop.
    complete
        Told a path and whether nothing can be put before it: whether the path is an answer. An answer that can be
        prolonged is prolonged as well.
    allowed
        Which rows may be used.
    simple
        Whether a path may visit each host only once.
    limit
        How many answers are wanted.
    max_hops
        Longest path; one that reaches it counts as one that nothing can be put before.

    Notes
    -----
    Best first: a certainty only falls as a path grows, so answers come in their final order. Equal certainties:
    fewer hops first, then the latest hops from the last one back. At most EXPANSIONS paths are taken up.
    """
    heap = [ranked(Path.of(last))]
    answers: list[Path] = []
    for _ in range(EXPANSIONS):
        if not heap:
            return Found(tuple(answers))
        path = heapq.heappop(heap)[-1]
        longer = [] if len(path.rows) >= max_hops else list(prolonged(index, path, allowed, simple=simple))
        if complete(path, not longer):
            answers.append(path)
            if len(answers) == limit:
                return Found(tuple(answers), cut=bool(heap or longer))
        for other in longer:
            heapq.heappush(heap, ranked(other))
    return Found(tuple(answers), cut=True)


def ranked(path: Path) -> tuple[float, int, tuple[int, ...], Path]:
    """A path with what orders it among others: certainty, fewer hops, the latest hops from the last one back."""
    return -path.certainty, len(path.rows), tuple(-row for row in reversed(path.rows)), path


def prolonged(index: HopIndex, path: Path, allowed: Callable[[int], bool], *, simple: bool) -> Iterator[Path]:
    """The path with each hop before it that it may have; with `simple`, no host twice."""
    visited = {int(index.dst[row]) for row in path.rows} | {int(index.src[path.rows[0]])} if simple else set()
    if simple and len(visited) <= len(path.rows):
        return
    for origin in origins_of(index, path.rows[0]):
        rows = (origin.hop, *path.rows)
        returns = int(index.src[origin.hop]) in visited
        if not returns and origin.hop not in path.rows and allowed(origin.hop) and possible(index, rows):
            yield path.behind(origin)


def chains(index: HopIndex, *, min_hops: int = 2, max_hops: int = MAX_HOPS, alternatives: int = 5) -> Found:
    """The longest chains: those that no hop can be put before or after.

    Parameters
    ----------
    index
        The hops.
    min_hops
        Shortest chain that is given; at least 1.
    max_hops
        Longest chain that is searched for.
    alternatives
        How many chains that end with the same hop are given at most, most certain first.

    Returns
    -------
    Found, in the order of the last hop. `cut` tells that some hop had more alternatives.
    """
    found: list[Path] = []
    cut = False
    for last in index.last_hops():
        if min_hops > 1 and next(index.origins(last), None) is None:
            continue
        answer = search_back(
            index, last, complete=lambda _path, whole: whole, limit=alternatives, max_hops=max_hops
        )  # fmt: skip
        found += [p for p in answer.paths if len(p.rows) >= min_hops and not _can_go_on(index, p)]
        cut |= answer.cut
    return Found(tuple(found), cut)


def _can_go_on(index: HopIndex, path: Path) -> bool:
    return any(
        row not in path.rows and possible(index, (*path.rows, row)) for row in index.followers(path.rows[-1])
    )  # fmt: skip


def history_of(index: HopIndex, hop: int, *, limit: int = 1, max_hops: int = MAX_HOPS) -> Found:
    """How a session came to be: the longest paths that end with it, most certain first."""
    return search_back(index, hop, complete=lambda _path, whole: whole, limit=limit, max_hops=max_hops)
