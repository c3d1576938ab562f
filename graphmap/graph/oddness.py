"""How odd a way is on the day it is first taken: how much sooner an intruder would take it than those who did before.

Companies differ in what is usual. Somewhere people reach new hosts every day, elsewhere nobody does; somewhere keys
change every month. So no respect has a weight of its own. What is new and what is known about the first use of a way
(`graphmap.graph.respects`) is compared with the hops of imagined intruders (`graphmap.graph.imagined`) and with the
first uses of the weeks before: its oddness is the ratio of the likelihoods (`graphmap.graph.likelihood`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphmap.graph.likelihood import log_ratio
from graphmap.graph.respects import NEVER_KNOWN, Known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphmap.graph.respects import Numbers, Respects

Bits = NDArray[np.float64]

LEARNED = 3
"""Days for which what was learned is used."""

RESPECTS: Mapping[str, Sequence[str]] = {
    "source and account": (
        "{account} never came from {src} before",
        "{account} came from {src} on one or two days before",
        "",
    ),
    "source and destination": (
        "nobody went from {src} to {dst} before",
        "somebody went from {src} to {dst} on one or two days before",
        "",
    ),
    "account and destination": (
        "{account} was never on {dst} before",
        "{account} was on {dst} on one or two days before",
        "",
    ),
    "presence": (
        "",
        "",
        "{account} had no session on {src}, the last one had ended within the half day before",
        "{account} had no session on {src}, the last one had ended within the week before",
        "{account} had no session on {src}, the last one had ended within the month before",
        "{account} had no session on {src}, the last one had ended more than a month before",
        "{account} never had a session on {src}",
    ),
    "key": (
        "",
        "",
        "the key never came from {src} before",
        "the key was never used for {account} before",
    ),
    "presence of the credential": ("",) * 6,
    "company": (
        "somebody had come to {src} within the quarter of an hour before, and was there",
        "somebody had come to {src} within the hour before, and was there",
        "",
        "",
        "",
        "",
        "",
        "",
    ),
    "before": (
        "",
        "it goes on from a new way of {account} of the day before",
        "it goes on from a new way of {account} of the hour before",
        "it goes on from a new way of somebody else of the day before",
        "it goes on from a new way of somebody else of the hour before",
    ),
    "beside": (
        "",
        "{account} took another new way from {src} within the day before",
        "{account} took several new ways from {src} within the day before",
    ),
    "habit": ("",) * 5,
    "crowd": ("",) * 5,
}
"""What is looked at, and what each value says of a hop; those that say nothing are the usual ones.

A credential is a key, or the account where no key is known. The habit is the share of new ways among the hops of the
account, the crowd how many accounts came from the source.
"""


class Oddness(NamedTuple):
    """The first uses of ways, in order.

    `rows` are their rows of HOPS; `bits` is log2 of how many times as often ways like them are among those of imagined
    intruders as among the earlier first uses, minus infinity while there is no past; `values` has for each respect of
    RESPECTS, in their order, the number of the sentence that holds.
    """

    rows: Numbers
    bits: Bits
    values: NDArray[np.int8]
    day: Numbers

    def of(self, places: Numbers) -> Oddness:
        """Those at some places."""
        return Oddness(self.rows[places], self.bits[places], self.values[places], self.day[places])

    def reasons(self, place: int, **names: str) -> list[str]:
        """What is odd about the first use at a place, in words."""
        chosen = zip(RESPECTS.values(), self.values[place].tolist(), strict=True)
        return [said.format(**names) for sentences, value in chosen if (said := sentences[value])]


def oddness(hops: Respects, known_from: Numbers, imagined: Respects, *, weeks: int = 4) -> Oddness:
    """Tell how odd the first use of each way is.

    Parameters
    ----------
    hops
        All hops, in order of time. A way is a place, an account and a destination; self-loops are none.
    known_from
        The day on which each hop becomes knowledge, and an example of what is usual: its own, or a later one for what
        must not become normal soon. A hop is judged by what is known on the days before its own.
    imagined
        What intruders might do, in order of days (`graphmap.graph.imagined`). It never becomes known.
    weeks
        How long a first use counts as an example of what is usual, and an imagined one of what is not.

    Notes
    -----
    Cost: about two dozen sorts; 150 bytes a hop while it works.
    """
    size = len(hops.day)
    known = Known(hops.and_(imagined), np.r_[known_from, np.full(len(imagined.day), NEVER_KNOWN)], size)
    uses = (known.way == 0) & (known.hops.src != known.hops.dst)
    uses[:size] &= known.first_of_day()
    rows, others = np.flatnonzero(uses[:size]), np.flatnonzero(uses[size:])
    day, feared_on = hops.day[rows], imagined.day[others]
    usual, feared = np.split(known.values(uses), [len(rows)])
    bits = np.full(len(rows), -np.inf)
    for block in np.unique(day // LEARNED).tolist():
        begin = block * LEARNED
        examples, fears = (
            (moment >= begin - 7 * weeks) & (moment < begin) for moment in (known_from[rows], feared_on)
        )  # fmt: skip
        now = day // LEARNED == block
        if examples.any():
            bits[now] = log_ratio(usual[examples], feared[fears], usual[now])
    return Oddness(rows, bits, usual, day)
