"""How much sooner one kind of thing is like this than another: the ratio of two densities, learned from examples.

Whoever learns to tell two kinds apart has learned the ratio of their densities: the log odds of a classifier are its
logarithm (Sugiyama, Suzuki and Kanamori, "Density Ratio Estimation in Machine Learning", 2012, chapter 4). The
classifier is a sum of small trees, each of which mends what those before it left (Friedman, "Greedy Function
Approximation", 2001, with the second-order steps of Chen and Guestrin, "XGBoost", 2016). Trees of depth three see what
up to three respects say together, and what few examples show counts for little.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.int8]
"""A row a thing, a column a respect; values from 0 to LEVELS - 1 without an order."""
Sums = NDArray[np.float64]

LEVELS = 8
"""How many values a respect has at most."""

ROUNDS, DEPTH, RATE = 30, 3, 0.3
"""How many trees, how deep, and how much of what each says counts."""
PRIOR = 5.0
"""Added to the weight of a leaf: 20 examples move it half as far as they say, since each weighs a fourth at most."""


def log_ratio(usual: Table, feared: Table, asked: Table) -> NDArray[np.float64]:
    """Tell how much more often things are alike among the feared than among the usual.

    Parameters
    ----------
    usual, feared
        Examples of either kind. The kinds weigh the same, however many examples they have.
    asked
        Things of which nobody knows the kind.

    Returns
    -------
    log2 of the ratio, one element a row of `asked`; 0 where either kind has no example.

    Notes
    -----
    Things that are alike in all respects are looked at once, so the cost is a sort of the rows, and then does not grow
    with them.
    """
    if not (len(usual) and len(feared)):
        return np.zeros(len(asked))
    shift = LEVELS ** np.arange(asked.shape[1], dtype=np.int64)
    codes, place = np.unique(np.concatenate([usual, feared, asked]).astype(np.int64) @ shift, return_inverse=True)
    cells = codes[:, None] // shift % LEVELS
    first, last = len(usual), len(usual) + len(feared)
    one = np.bincount(place[:first], minlength=len(codes)).astype(np.float64)
    other = np.bincount(place[first:last], minlength=len(codes)) * (len(usual) / len(feared))
    odds = np.zeros(len(codes))
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-odds))
        gradient, weight = other - (one + other) * chance, (one + other) * chance * (1 - chance)
        odds += RATE * _tree(cells, gradient, weight)
    found: NDArray[np.float64] = odds[place[last:]] / np.log(2)
    return found


def _tree(cells: NDArray[np.int64], gradient: Sums, weight: Sums) -> Sums:
    """What one tree adds to the log odds of each cell."""
    leaf = np.zeros(len(cells), np.int64)
    rows = np.arange(len(cells))
    for depth in range(DEPTH):
        respect, chosen = _splits(cells, leaf, 2**depth, gradient, weight)
        leaf = 2 * leaf + chosen[leaf, cells[rows, respect[leaf]]]
    up, down = (np.bincount(leaf, column, minlength=2**DEPTH) for column in (gradient, weight))
    found: Sums = (up / (down + PRIOR))[leaf]
    return found


def _splits(
    cells: NDArray[np.int64], leaf: NDArray[np.int64], leaves: int, gradient: Sums, weight: Sums
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """By which respect each leaf is best cut in two, and which of its values go to the second half."""
    shape = leaves, cells.shape[1], LEVELS
    place = ((leaf[:, None] * shape[1] + np.arange(shape[1])) * LEVELS + cells).ravel()
    up, down = (
        np.bincount(place, np.repeat(column, shape[1]), minlength=leaves * shape[1] * LEVELS).reshape(shape)
        for column in (gradient, weight)
    )
    # of all ways to part the values, the best one parts them where they are ordered by what they say
    ranked = np.argsort(-(up / (down + PRIOR)), axis=2, kind="stable")
    above, beside = (np.take_along_axis(column, ranked, 2).cumsum(2) for column in (up, down))
    whole, mass = above[..., -1:], beside[..., -1:]
    gain = above**2 / (beside + PRIOR) + (whole - above) ** 2 / (mass - beside + PRIOR) - whole**2 / (mass + PRIOR)
    respect, cut = np.divmod(gain[..., :-1].reshape(leaves, -1).argmax(1), LEVELS - 1)
    chosen = np.zeros((leaves, LEVELS), np.bool_)
    np.put_along_axis(chosen, ranked[np.arange(leaves), respect], np.arange(LEVELS) <= cut[:, None], 1)
    return respect, chosen
