"""What the colour of a node says: its segment, its role, or what findings say of it."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from graphmap.graph.grouping import APART

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphmap.figures.theme import Theme

RISKS = ("low", "medium", "high", "critical")
"""Severities that colours tell, the least first (`graphmap.model.Severity`)."""


class Colour(StrEnum):
    """What colours say."""

    SEGMENT = "segment"
    ROLE = "role"
    RISK = "risk"


class Swatch(NamedTuple):
    """A colour, as ``#RRGGBB``, and what it says."""

    text: str
    colour: str


class Colouring:
    """The colours of a picture's nodes.

    Parameters
    ----------
    theme
        Where they come from.
    by
        What they say.
    rows
        The nodes that are drawn: `segment`, `group` where there is one, `roles` and `risk` where they are asked for.
    segments
        All segments that there are, with whether each is restricted: what is not drawn has its colour too.
    """

    def __init__(
        self, theme: Theme, by: Colour, rows: Sequence[dict[str, Any]], segments: Sequence[tuple[str, bool]]
    ) -> None:
        self._theme, self._by = theme, by
        names: list[str] = sorted({self._said(row) for row in rows} - {""})
        if by == Colour.SEGMENT:
            self._colours = theme.colours(segments)
        elif by == Colour.ROLE:
            often = Counter(self._said(row) for row in rows)
            chosen = sorted(sorted(names, key=lambda name: (-often[name], name))[: len(theme.segments)])
            self._colours = dict(zip(chosen, theme.segments, strict=False))
        else:
            self._colours = dict(zip(RISKS, theme.risk_steps[1:], strict=True))
            names = [name for name in RISKS if name in names]
        self._shown = names
        self._rest = any(self._said(row) not in self._colours for row in rows)

    def _said(self, row: dict[str, Any]) -> str:
        match self._by:
            case Colour.SEGMENT:
                return row["segment"] or row.get("group") or ""
            case Colour.ROLE:
                return next(iter(row.get("roles") or ()), "")
            case Colour.RISK:
                return row.get("risk") or ""

    def of(self, row: dict[str, Any]) -> str:
        """The colour of a node."""
        return self._colours.get(self._said(row), self._theme.other)

    def of_segment(self, name: str) -> str:
        """The colour of a disc or band: that of its segment where colours say segments."""
        return self._colours.get(name, self._theme.other) if self._by == Colour.SEGMENT else self._theme.other

    def legend(self) -> list[Swatch]:
        """What the colours of this picture say."""
        known = [Swatch(name, self._colours[name]) for name in self._shown if name in self._colours]
        rest = {Colour.SEGMENT: "no segment", Colour.ROLE: "other or no role", Colour.RISK: "no finding"}[self._by]
        return known + ([Swatch(rest, self._theme.other)] if self._rest else [])


def plain(name: str) -> bool:
    """Whether a disc is that of a segment, not of what lies in none."""
    return name not in APART.values()
