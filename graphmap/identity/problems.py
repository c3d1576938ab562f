"""Positions in a file of the user's (inventory, mapping), and what is wrong there."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Generic, NoReturn, TypeVar

from graphmap.errors import InventoryError, PlacedError

T = TypeVar("T")
LISTED = 3
"""Further problems that a hint names by position."""
LONGEST_GUESS = 60
"""Longest word for which a near one is looked for: the search is quadratic in its length."""
MOST_CHOICES = 2000
"""Most words among which a near one is looked for."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """1-based position in the text, in characters."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Located(Generic[T]):
    """A value and where it was written."""

    value: T
    place: Place


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `near` are the words among which the writer may have meant one for `word`."""

    place: Place
    message: str
    hint: str | None = None
    word: str | None = None
    near: Collection[str] = ()

    def advice(self) -> str | None:
        """The hint, with the likeliest of `near` in front."""
        if self.word is None or len(self.word) > LONGEST_GUESS or len(self.near) > MOST_CHOICES:
            return self.hint
        guesses = get_close_matches(self.word, sorted(self.near), n=1)
        return f"did you mean {shown(guesses[0])}?" if guesses else self.hint


@dataclass(slots=True)
class Problems:
    """Gathers what is wrong in one file, so that one error can tell of all; `error` is the kind that is raised."""

    path: str
    error: type[PlacedError] = InventoryError
    found: list[Problem] = field(default_factory=list)

    def add(
        self,
        place: Place,
        message: str,
        *,
        hint: str | None = None,
        word: str | None = None,
        near: Collection[str] = (),
    ) -> None:
        """Note a problem and go on."""
        self.found.append(Problem(place, message, hint, word, near))

    def once(self, what: str, names: Iterable[Located[str]]) -> None:
        """Note each name that another entry, or the same, has already."""
        first: dict[str, Place] = {}
        for name in sorted(names, key=lambda name: name.place):
            if name.value in first:
                self.add(name.place, f"{what} {shown(name.value)} is given twice, first at {first[name.value]}")
            else:
                first[name.value] = name.place

    def raise_any(self) -> None:
        """Raise the first problem by position, if there is one; its hint says how many more there are and where."""
        if not self.found:
            return
        first, *rest = sorted(self.found, key=lambda problem: problem.place)
        advice = [text for text in (first.advice(), _others(rest)) if text]
        raise self.error(
            first.message,
            path=self.path,
            line=first.place.line,
            column=first.place.column,
            hint="; ".join(advice) or None,
        )

    def stop(self, place: Place, message: str, *, hint: str | None = None) -> NoReturn:
        """Raise at once: the rest of the file cannot be understood."""
        raise self.error(message, path=self.path, line=place.line, column=place.column, hint=hint)


def shown(text: str) -> str:
    """Text of the file as a message may hold it: quoted, escaped and not too long."""
    return repr(text if len(text) <= LONGEST_GUESS else text[:LONGEST_GUESS] + "...")


def _others(rest: list[Problem]) -> str | None:
    if not rest:
        return None
    places = ", ".join(str(problem.place) for problem in rest[:LISTED])
    more = ", ..." if len(rest) > LISTED else ""
    return f"{len(rest)} more problem{'s' if len(rest) > 1 else ''} in this file, at {places}{more}"
