"""What the past before each hop says about it. Never its future: a finding must not change when later days arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphmap.graph.index import HopIndex

    Counts = NDArray[np.int32]


class Past(NamedTuple):
    """What had been seen before each hop, one element a hop."""

    before: Counts
    """Earlier hops of the same account from the same source to the same destination."""
    before_user: Counts
    """Earlier hops of the same account to the same destination, from anywhere."""

    def novelty(self, row: int) -> float:
        """1 / (1 + before): 1.0 for a way that was never taken."""
        return 1.0 / (1.0 + int(self.before[row]))


def past(index: HopIndex) -> Past:
    """Count, for each hop, what had been seen before it. Hops of one start count in the order of the table.

    Cost: two sorts; 24 bytes a hop while it works, 8 bytes in the end.
    """
    arrival = index.account.astype(np.int64) * len(index.names.hosts) + index.dst
    by_user = earlier(arrival)
    # the places of arrivals among those that there are keep the product below 2**63
    _, place = np.unique(arrival, return_inverse=True)
    del arrival
    return Past(earlier(place * (len(index.names.hosts) + len(index.names.sources)) + index.src), by_user)


def earlier(group: NDArray[np.int64]) -> Counts:
    """How many earlier elements are in the same group as each."""
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    first = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    del ordered
    counts = np.empty(len(group), np.int32)
    place = np.arange(len(group), dtype=np.int32)
    counts[order] = place - np.repeat(place[first], np.diff(first, append=len(group)))
    return counts


def surprise(index: HopIndex) -> NDArray[np.float64]:
    """How surprising each hop's way is to somebody who knows the hops before it and nothing later, in bits.

    Parameters
    ----------
    index
        The hops.

    Returns
    -------
    -log2 of the probability that the account takes this way next, one element a hop:

    - it took the way `n` of `t` times before, over `w` different ways: n / (t + w);
    - it never did: w / (t + w), times the probability that a hop from this source goes to this host, whoever makes it;
    - nobody went from this source to this host: that escape again, times the probability that any hop arrives there;
    - nobody ever arrived there: the escape once more, shared among the known hosts and one unknown.

    Without a past an escape is certain: the first hop of a new account says nothing by itself.

    Notes
    -----
    Prediction by partial matching, with the escape of method C (Moffat, IEEE Trans. Commun. 38(11), 1990; Witten and
    Bell, IEEE Trans. Inf. Theory 37(4), 1991). So a count alone does not decide: a new way is more surprising for an
    account that never strays, to a host that few reach, from a source that always goes elsewhere. Hops of one start
    count in the order of the table. Cost: one sort a source and one pass.
    """
    from graphmap.graph.kernels import rarity as kernels  # noqa: PLC0415 - compiles or loads what small data needs not

    nodes, accounts = len(index.names.hosts) + len(index.names.sources), len(index.names.accounts)
    same, alike = kernels.count_before(index.dst, index.account, accounts, *index.leaving)
    counted = (np.zeros(size, np.int64) for size in (accounts, accounts, nodes, nodes, nodes))
    bits: NDArray[np.float64] = kernels.surprise(index.src, index.dst, index.account, same, alike, 0, 0, *counted)
    return bits
