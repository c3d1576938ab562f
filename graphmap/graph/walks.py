"""Questions about very many hops, answered by the compiled kernels; the same answers as `spread`, `paths` and `pivots`.

A path is what `graphmap.graph.paths` says. `Walks` holds the arrays of an index and what the kernels need besides;
making one compiles or loads them, which takes a moment (`graphmap.compiling`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmap.compiling import announce, is_kept
from graphmap.graph.hops import TIED
from graphmap.graph.index import HopIndex, make_index
from graphmap.graph.kernels import chains as chain_kernels
from graphmap.graph.kernels import spread as spread_kernels
from graphmap.graph.kernels.chains import BIT
from graphmap.graph.kernels.common import BY_ACCOUNT, BY_KEY
from graphmap.graph.paths import Path
from graphmap.model import Basis

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from graphmap.graph.index import Flags, Ids, Moments

    Counts = NDArray[np.int32]
    Scores = NDArray[np.int32] | NDArray[np.int64]

LONGEST = 6
"""Most hops of a chain unless another number is asked for. Each costs 4 bytes a hop of memory."""

PATIENCE = 50_000_000
"""How many possible origins one search for chains looks at before it gives what it has."""


_BASES = tuple(Basis)


class Hops(NamedTuple):
    """What the kernels walk over. All arrays have one element a hop, in order of `earliest`."""

    src: Ids
    dst: Ids
    account: Ids
    key: Ids
    earliest: Moments
    open: Moments
    joined: Flags
    """Whether a hop's stamp overlaps that of the next one, or one before it does."""
    origins: Counts
    """How many sessions could have been its origin."""
    preferred: Counts
    """How many of them its basis prefers."""
    basis: NDArray[np.int8]
    """Place of its basis in `graphmap.model.Basis`."""


class Spread(NamedTuple):
    """Rows in order of time, and the first (or, for `Walks.provenance`, last) moment of each in us since 1970."""

    rows: Ids
    moments: Moments


class Weights(NamedTuple):
    """What a chain scores: for its first hop, for each further one, for its last one, and for the links between them.

    `first`, `step` and `last` are whole numbers, one a hop; NEVER where a hop may not be what they are for. A link adds
    `links` times the logarithm (base 2) of its certainty, in BITths of a bit. `endings` is what `Walks.best_endings`
    gives for them, where somebody knows that already.
    """

    first: Scores
    step: Scores
    last: Scores
    links: int = 1
    endings: tuple[Scores, int] | None = None


class Searched(NamedTuple):
    """What somebody found of all hops before it was asked for: how surprising each is, and the best chains it ends.

    `surprise` is in BITths of a bit (int32); `best` and `missed` are what `Walks.best_endings` gives for these as
    `first` and `step`, with `LONGEST`.
    """

    surprise: NDArray[np.int32]
    best: NDArray[np.int32]
    missed: int


@dataclass(frozen=True)
class Walks:
    """An index of hops, ready to be walked over."""

    index: HopIndex
    timed: Hops
    """The hops; `origins`, `preferred` and `basis` are empty unless somebody counted already (see `hops`)."""
    searched: Searched | None = None

    @classmethod
    def over(cls, index: HopIndex) -> Walks:
        """Walk over an index. Possible origins are counted when a question needs to know how sure a link is."""
        if not spread_kernels.count_origins.signatures and not is_kept(spread_kernels.count_origins):
            announce("the walks over paths")
        columns: list[Any] = [getattr(index, name) for name in _GIVEN]
        columns.append(spread_kernels.join_stamps(index.earliest))
        return cls(index, Hops(*columns, *_NOTHING))

    @classmethod
    def counted(cls, index: HopIndex) -> tuple[Walks, Flags]:
        """As `over`, with the origins counted; and which hops surely came after one of their preferred origins.

        A hop that has no origin counts as sure.
        """
        walks = cls.over(index)
        hops, sure = _count_origins(index, walks.timed)
        return cls(index, hops), sure

    @cached_property
    def hops(self) -> Hops:
        """The hops with their possible origins counted. Cost, once: O(n log n), whatever the number of pairs."""
        if self.timed.origins.size == len(self.index):
            return self.timed
        return _count_origins(self.index, self.timed)[0]

    def narrowed(self, rows: Ids) -> Walks:
        """The same with some of the rows only, in order; how sure their links are stays what it was."""
        columns: list[Any] = [column[rows] for column in self.hops]
        hops = Hops(*columns)
        index = make_index(self.index.names, **dict(zip(_GIVEN, hops, strict=False)))
        return Walks(index, hops._replace(joined=spread_kernels.join_stamps(hops.earliest)))

    @property
    def nodes(self) -> int:
        """How many hosts and sources there are."""
        return len(self.index.names.hosts) + len(self.index.names.sources)

    def reach(self, begin: int, end: int, *, hosts: Iterable[int] = (), account: int = -1, session: int = -1) -> Spread:
        """The hops that could be made or caused from a start within a time.

        Parameters
        ----------
        begin, end
            Microseconds since 1970, both inclusive.
        hosts
            Ids of hosts or sources that a path may leave first.
        account
            A path may also begin with any hop of this account.
        session
            A path may also begin with the hop of this row.

        Returns
        -------
        Spread, with the first moment of each hop. Cost: one pass over the hops of the time, 10 to 20 GB/s.
        """
        span = self.index.rows_within(begin, end)
        return Spread(
            *spread_kernels.spread_forward(
                self.timed, (span.start, span.stop), begin, self._seeds(hosts), account, session
            )
        )

    def provenance(
        self, begin: int, end: int, *, hosts: Iterable[int] = (), account: int = -1, session: int = -1
    ) -> Spread:
        """The hops that could have led to an end within a time: the mirror image of `reach`.

        `hosts` are those that the last hop of a path may arrive at, `account` and `session` whose or which hop it may
        be. The moments are the last useful ones.
        """
        span = self.index.rows_within(begin, end)
        return Spread(
            *spread_kernels.spread_back(
                self.timed, (span.start, span.stop), begin, end, self._seeds(hosts), account, session
            )
        )

    def best_endings(self, weights: Weights, *, longest: int = LONGEST) -> tuple[Scores, int]:
        """The best score of a chain that ends with each hop, by number of hops.

        Returns
        -------
        Array of shape (hops, longest); element [row, n - 1] is the score of the best chain of n hops that ends with
        that row without `weights.last`, at most NEVER // 2 where there is none. And in how many groups of overlapping
        stamps the search was given up, so that a better chain may have been missed.
        """
        return chain_kernels.best_endings(  # type: ignore[no-any-return] # of a compiled function nothing is known
            self.hops,
            self.nodes,
            longest,
            weights.first,
            weights.step,
            self._bits,
            weights.links,
            np.empty((0, longest), weights.first.dtype),
        )

    def best_chains(
        self,
        weights: Weights,
        *,
        limit: int,
        shortest: int = 2,
        longest: int = LONGEST,
        simple: bool = False,
    ) -> tuple[list[tuple[int, ...]], list[int], bool]:
        """The chains with the highest scores.

        Parameters
        ----------
        weights
            What makes a score.
        limit
            How many chains.
        shortest, longest
            Fewest and most hops.
        simple
            Whether a chain may visit each host only once.

        Returns
        -------
        The rows of each, their scores, and whether a better chain may have been missed. Equal scores:
        fewer hops first, then the latest hops from the last one back, so that equal tables give equal answers.
        """
        best, missed = weights.endings or self.best_endings(weights, longest=longest)
        rows, scores, tired = chain_kernels.best_chains(
            self.hops, self.index.arriving, self.index.blocks, best, weights.first, weights.step, self._bits,
            weights.links, weights.last, shortest, limit, simple, PATIENCE,
        )  # fmt: skip
        chains = [tuple(row for row in chain if row >= 0) for chain in rows[:, ::-1].tolist()]
        return chains, scores.tolist(), bool(missed or tired)

    def count(self, roles: NDArray[np.uint8] | None = None, *, longest: int = LONGEST) -> list[int]:
        """How many chains of 1 to `longest` hops there are.

        Parameters
        ----------
        roles
            What each hop may be in a chain (BEGINS, FOLLOWS and ENDS of the kernels, added up); None for everything.
        longest
            Most hops.

        Raises
        ------
        OverflowError
            There are more than 2**62 of them.
        """
        if roles is None:
            roles = np.full(len(self.index), 7, np.uint8)
        total, large, _ = chain_kernels.count_chains(
            self.timed, self.index.arriving, *self._closings, longest, roles
        )  # fmt: skip
        if large:
            raise OverflowError(f"more than {2**62:,} chains of up to {longest} hops")
        return [int(number) for number in total]

    def path(self, rows: tuple[int, ...]) -> Path:
        """The path of rows, with the certainty and basis of each link."""
        certainties, bases = [1.0], [Basis.START]
        for before, row in pairwise(rows):
            basis = self._basis(before, row)
            likely = basis <= self.hops.basis[row]
            number = int((self.hops.preferred if likely else self.hops.origins)[row])
            certainties.append((TIED if self.index.tied(before, row) else 1.0) / number)
            bases.append(_BASES[basis])
        return Path(rows, tuple(certainties), tuple(bases), float(np.prod(certainties)))

    def weights(self, steps: Scores | None = None) -> Weights:
        """The weights of any chain: those of its hops (none are worth anything where None), and its certainty."""
        zero = np.zeros(len(self.index), np.int32)
        worth = zero if steps is None else steps
        return Weights(worth, worth, zero)

    def _basis(self, before: int, row: int) -> int:
        """The strongest reason to take one session for the origin of another's hop."""
        hops = self.hops
        if hops.key[row] >= 0 and hops.key[before] == hops.key[row]:
            return int(BY_KEY)
        same = hops.account[before] == hops.account[row] != self.index.names.nobody
        return int(BY_ACCOUNT) if same else int(BY_ACCOUNT) + 1

    def _seeds(self, hosts: Iterable[int]) -> Flags:
        seeds = np.zeros(self.nodes, np.bool_)
        seeds[list(hosts)] = True
        return seeds

    @cached_property
    def _closings(self) -> tuple[Ids, Moments]:
        return chain_kernels.order_closings(self.index.arriving, self.index.open)  # type: ignore[no-any-return]

    @cached_property
    def _bits(self) -> NDArray[np.int64]:
        return worth_of(self.hops.origins)


def worth_of(origins: Counts) -> NDArray[np.int64]:
    """What a certainty of 1 / n is worth, by n, in BITths of a bit; for all numbers of origins that there are."""
    most = max(2, int(origins.max(initial=0)) + 1)
    return np.round(-BIT * np.log2(np.maximum(np.arange(most), 1))).astype(np.int64)


def _count_origins(index: HopIndex, hops: Hops) -> tuple[Hops, Flags]:
    """The same with the possible origins counted; and which hops are sure (`Walks.counted`)."""
    origins, preferred, basis, sure = spread_kernels.count_origins(
        hops, index.leaving, index.arriving, len(index.names.accounts), len(index.names.keys), index.names.nobody
    )
    return hops._replace(origins=origins, preferred=preferred, basis=basis), sure


_GIVEN = ("src", "dst", "account", "key", "earliest", "open")
_NOTHING: Any = (np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.int8))
