"""Stories of the stored findings, with what suppressions leave of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.detect.stories import stories
from graphmap.detect.stories.words import words_of
from graphmap.documents import Document, story_document
from graphmap.errors import QueryError
from graphmap.pipeline.cases import cases_of
from graphmap.store.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from graphmap.model import Story
    from graphmap.pipeline.cases import Case


def stories_of(cases: Sequence[Case], ledger: Ledger) -> list[Story]:
    """Tell all findings as stories, the first to read first; what is suppressed is no part of any.

    Ids are those under which the ledger knows the stories.
    """
    hidden = [case.finding.id for case in cases if case.hidden_by is not None]
    return stories([case.finding for case in cases], known=ledger.stories(), hidden=hidden)


def keep_stories(told: Sequence[Story], ledger: Ledger) -> None:
    """Let stories keep their ids."""
    ledger.save_stories({part.id: story.id for story in told for part in story.parts})


def load_stories(ledger_place: Path | str) -> list[Story]:
    """The stories of all stored findings, the first to read first."""
    with Ledger(ledger_place) as ledger:
        return stories_of(cases_of(ledger.findings(), ledger), ledger)


def story_named(told: Sequence[Story], prefix: str) -> Story:
    """The story whose id, or the id of one of whose parts, starts with a text.

    Raises
    ------
    QueryError
        No story, or more than one, has such an id.
    """
    found = [
        story for story in told if any(name.startswith(prefix) for name in (story.id, *(p.id for p in story.parts)))
    ]
    exact = [story for story in found if prefix in {story.id, *(part.id for part in story.parts)}] or found
    if not exact or not prefix:
        raise QueryError(f"no story {prefix!r}", hint="graphmap stories list shows them")
    if len(exact) > 1:
        shown = ", ".join(story.id for story in exact[:5])
        raise QueryError(f"{len(exact)} stories start with {prefix!r}: {shown}", hint="give more of the id")
    return exact[0]


def described(story: Story) -> Document:
    """The story's document, then ``words``: what it says in plain words, a field for each thing (`words_of`)."""
    words = words_of(story)._asdict()
    return story_document(story) | {
        "words": {name: list(said) if isinstance(said, tuple) else said for name, said in words.items()}
    }
