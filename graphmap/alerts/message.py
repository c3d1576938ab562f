"""What is sent: findings, what is new of each, and the log lines that prove them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from graphmap.alerts.material import RANK
from graphmap.documents import Document, finding_document, finding_from_document, number_of
from graphmap.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmap.model import Severity


@dataclass(frozen=True, slots=True)
class Quoted:
    """A line of a log with its text; where that cannot be shown None, and `problem` says why."""

    file: str
    line: int
    text: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Item:
    """A finding. `news` is what it has that was not told before; empty where the finding itself is new."""

    finding: Finding
    news: tuple[str, ...] = ()
    evidence: tuple[Quoted, ...] = ()

    @property
    def change(self) -> str:
        """``new`` or ``changed``."""
        return "changed" if self.news else "new"

    def document(self) -> Document:
        """``change, news, finding, evidence``."""
        return {
            "change": self.change,
            "news": list(self.news),
            "finding": finding_document(self.finding),
            "evidence": [asdict(quoted) for quoted in self.evidence],
        }


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one output.

    Parameters
    ----------
    key
        The idempotency key: the same for the same news, whenever and however often they are sent.
    output
        Name of the output.
    created
        When it was queued.
    items
        At least one.
    test
        It tells of nothing that happened.
    """

    key: str
    output: str
    created: datetime
    items: tuple[Item, ...]
    test: bool = False

    @property
    def severity(self) -> Severity:
        """The highest of its findings."""
        return max((item.finding.severity for item in self.items), key=RANK.__getitem__)

    @property
    def summary(self) -> str:
        """One line; it holds attackers' text."""
        first = self.items[0].finding.title
        many = len(self.items)
        told = first if many == 1 else f"{number_of(many, 'finding')}, the first: {first}"
        return f"[{self.severity}] {told}"


def items_text(items: Iterable[Item]) -> str:
    """Write items as JSON."""
    return json.dumps([item.document() for item in items])


def items_from_text(text: str) -> tuple[Item, ...]:
    """Read what `items_text` wrote."""
    return tuple(
        Item(
            finding_from_document(held["finding"]),
            tuple(held["news"]),
            tuple(Quoted(**quoted) for quoted in held["evidence"]),
        )
        for held in json.loads(text)
    )
