"""Odd hops become stories: who came in on a host and who left it within a day belong together."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmap.graph.index import HopIndex
    from graphmap.graph.oddness import Bits
    from graphmap.graph.respects import Numbers

HOUR = 3_600_000_000
"""Microseconds."""


class Story(NamedTuple):
    """Odd hops that belong together: places in the list that was given, in order of time, and their joint weight."""

    members: tuple[int, ...]
    weight: float


def stories(
    index: HopIndex, rows: Numbers, weights: Bits, *, within: int = 24 * HOUR, share: float = 0.3
) -> list[Story]:
    """Join odd hops.

    Parameters
    ----------
    index
        All hops.
    rows, weights
        The odd ones, in order of time, and what each adds to a story.
    within
        Microseconds within which a hop goes on with a story.
    share
        A hop belongs to an earlier one that came in on its source, or left it, of its own account, or one of so few
        accounts and sources that each has at least this share of them: on a busy bastion, two hops have nothing to do
        with each other. Of several, the one whose way so far weighs most by its share.

    Returns
    -------
    Stories in order of their first hop.
    """
    arrived: defaultdict[int, deque[int]] = defaultdict(deque)
    left: defaultdict[int, deque[int]] = defaultdict(deque)
    src, dst, account, moment = (
        column[rows].tolist() for column in (index.src, index.dst, index.account, index.earliest)
    )
    reached = [0.0] * len(rows)
    root = list(range(len(rows)))
    for place, weight in enumerate(weights.tolist()):
        best, origin = 0.0, place
        for before, by in ((arrived[src[place]], (src, account)), (left[src[place]], (account,))):
            while before and moment[place] - moment[before[0]] > within:
                before.popleft()
            parties = len({tuple(column[one] for column in by) for one in before})
            for one in before:
                part = 1.0 if account[one] == account[place] else 1.0 / parties
                if part >= share and reached[one] * part > best:
                    best, origin = reached[one] * part, one
        reached[place] = weight + best
        root[place] = place if origin == place else root[origin]
        arrived[dst[place]].append(place)
        left[src[place]].append(place)
    return _gathered(root, weights.tolist())


def _gathered(root: Sequence[int], weights: Sequence[float]) -> list[Story]:
    members: defaultdict[int, list[int]] = defaultdict(list)
    for place, first in enumerate(root):
        members[first].append(place)
    return [Story(tuple(places), sum(weights[place] for place in places)) for _, places in sorted(members.items())]
