"""What is usual for an account, a source, a destination, a way: questions to the past, each answered with a p-value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from graphmap.detect.base import Evidence
from graphmap.graph.columns import Column
from graphmap.graph.conformal import Bits, standing, surprise_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graphmap.graph.conformal import Standing

    Group = NDArray[np.integer[Any]]


class Question(NamedTuple):
    """How surprising is a value in a context? Both are columns of the hops (`Baselines.column`)."""

    value: str
    context: str

    def __str__(self) -> str:
        return f"{self.value} for the {self.context}"


WAYS = (
    Question("destination", "account"),
    Question("source", "account"),
    Question("destination", "source"),
    Question("account", "destination"),
)
"""What a way (source, account, destination) is asked."""

QUESTIONS = (
    *WAYS,
    Question("account", "edge"),
    Question("method", "account"),
    Question("method", "edge"),
    Question("key", "account"),
    Question("source", "key"),
    Question("segments", "account"),
)
"""All that is asked; `edge` is a source and a destination, `segments` are theirs."""


@dataclass(slots=True)
class Baselines:
    """The answers to questions about all hops, each worked out when it is first asked for, from the past alone."""

    evidence: Evidence
    _bits: dict[Question, Bits] = field(default_factory=dict)

    def bits(self, question: Question) -> Bits:
        """How surprising each hop is (`graphmap.graph.conformal.surprise_of`)."""
        if question not in self._bits:
            value, context = self.column(question.value), self.column(question.context)
            self._bits[question] = surprise_of(value, context, self.evidence.index.earliest)
        return self._bits[question]

    def standing(self, question: Question) -> Standing:
        """How each hop stands among the earlier ones of its context (`graphmap.graph.conformal.standing`)."""
        return standing(self.bits(question), self.column(question.context), self.evidence.index.earliest)

    def column(self, name: str) -> Group:
        """A column of the hops as numbers."""
        index = self.evidence.index
        arrays: dict[str, Group] = {
            "account": index.account, "source": index.src, "destination": index.dst, "key": index.key,
        }  # fmt: skip
        if name in arrays:
            return arrays[name]
        if name == "edge":
            return index.src.astype(np.int64) * len(index.names.hosts) + index.dst
        if name == "segments":
            segment = self._segments()
            pairs: Group = segment[index.src] * (segment.max(initial=0) + 1) + segment[index.dst]
            return pairs
        return self.evidence.hops.column(name).codes

    def _segments(self) -> NDArray[np.int64]:
        """The segment of each node as a number."""
        names, identity = self.evidence.index.names, self.evidence.identity
        found = Column.numbered(identity.segment(node) or "" for node in (*names.hosts, *names.sources))
        return found.codes.astype(np.int64)
