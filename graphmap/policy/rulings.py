"""What a policy says of the hops of an estate."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from graphmap.policy.judge import VERDICTS, Judge
from graphmap.policy.logons import Logons

if TYPE_CHECKING:
    from graphmap.graph.index import HopIndex, Ids
    from graphmap.graph.table import HopTable
    from graphmap.identity import Identity
    from graphmap.model import Verdict
    from graphmap.policy.judge import Bits, Denial
    from graphmap.policy.rules import Policy, Rule


class Rulings:
    """What a policy says of all hops; worked out when it is first asked for.

    Parameters
    ----------
    policy
        The policy in force.
    identity
        Whose inventory has its say, too.
    index, table
        The hops.
    """

    def __init__(self, policy: Policy, identity: Identity, index: HopIndex, table: HopTable) -> None:
        self.policy = policy
        self.judge = Judge(policy, identity)
        self._index = index
        self._table = table

    @cached_property
    def logons(self) -> Logons:
        """The hops."""
        return Logons.of_hops(self._index, self._table)

    @cached_property
    def bits(self) -> Bits:
        """What is said of each hop (`Judge.bits`)."""
        return self.judge.bits(self.logons)

    def verdict(self, rows: Ids) -> Verdict:
        """What is said of some hops together."""
        return VERDICTS[int(np.bitwise_or.reduce(self.bits[rows]))]

    def denials(self, row: int) -> list[Denial]:
        """Why a hop is forbidden."""
        return self.judge.denials(self.logons.at(row))

    def permissions(self, row: int) -> list[Rule]:
        """What permits a hop."""
        return self.judge.permissions(self.logons.at(row))
