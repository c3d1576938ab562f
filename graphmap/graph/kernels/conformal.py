"""How each score stands among the earlier scores of its group."""

# ruff: noqa: PLR0913, PLR0917 - plain arrays

from __future__ import annotations

from typing import Any

import numpy as np

from graphmap.graph.kernels.common import compiled


@compiled
def rank_among_past(score: Any, time: Any, rows: Any, offsets: Any) -> Any:
    """For each row, how many rows of its group are earlier, and how many of these have at least its score.

    Parameters
    ----------
    score, time
        Of each row in order of time; rows of one moment are not earlier than each other.
    rows, offsets
        Groups of rows, each in order.

    Returns
    -------
    Two arrays (int32). Cost: for each group of n rows n log n, by a Fenwick tree (Fenwick, Software: Practice and
    Experience 24(3), 1994) over the ranks of its scores.
    """
    earlier, above = np.zeros(score.size, np.int32), np.zeros(score.size, np.int32)
    for group in range(offsets.size - 1):
        members = rows[offsets[group] : offsets[group + 1]]
        count = members.size
        if count == 0:
            continue
        scores = score[members]
        order = np.argsort(-scores, kind="mergesort")
        rank = np.empty(count, np.int32)  # from 1 for the highest score; equal scores have one rank
        for place in range(count):
            same = place > 0 and scores[order[place]] == scores[order[place - 1]]
            rank[order[place]] = rank[order[place - 1]] if same else place + 1
        tree = np.zeros(count + 1, np.int32)
        told = 0  # rows that the tree knows
        for place in range(count):
            while time[members[told]] < time[members[place]]:
                node = rank[told]
                while node <= count:
                    tree[node] += 1
                    node += node & -node
                told += 1
            higher = 0
            node = rank[place]
            while node > 0:
                higher += tree[node]
                node -= node & -node
            earlier[members[place]], above[members[place]] = told, higher
    return earlier, above


@compiled
def surprise_of(context: Any, value: Any, time: Any, contexts: int, values: int, same: Any, first: Any) -> Any:
    """The bits that it takes to tell each row's value to somebody who knows its context and the rows before it.

    Parameters
    ----------
    context, value
        Of each row in order of time, as numbers below `contexts` and `values`.
    time
        Of each row; rows of one moment do not know of each other.
    same
        For each row, how many of an earlier moment have its context and value.
    first
        Whether a row is the first of all with its context and value.

    Returns
    -------
    float64, one element a row; see `graphmap.graph.conformal.surprise_of`.
    """
    bits = np.empty(context.size, np.float64)
    seen, kinds = np.zeros(contexts, np.int64), np.zeros(contexts, np.int64)
    taken, known, told = np.zeros(values, np.int64), 0, 0
    for row in range(context.size):
        while time[told] < time[row]:
            seen[context[told]] += 1
            kinds[context[told]] += first[told]
            known += taken[value[told]] == 0
            taken[value[told]] += 1
            told += 1
        where, what = context[row], value[row]
        if same[row]:
            chance = same[row] / (seen[where] + kinds[where])
        else:
            chance = kinds[where] / (seen[where] + kinds[where]) if seen[where] else 1.0
            if taken[what]:
                chance *= taken[what] / (told + known)
            else:
                chance *= (max(known, 1) / max(told + known, 1)) / (known + 1)
        bits[row] = 0.0 - np.log2(chance)
    return bits
