"""What the findings of all detectors tell about one path, as one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Path, Query

from graphmap.detect.stories import choose
from graphmap.detect.stories.route import route
from graphmap.detect.stories.words import words_of
from graphmap.model import Severity, TriageState
from graphmap.pipeline.stories import story_named
from graphmap_api.cases import StoryDetail, StoryPage, StorySummary, StoryWords
from graphmap_api.facets import Board
from graphmap_api.freshness import AnyWorkspace, FreshWorkspace
from graphmap_api.models import Hop
from graphmap_api.paging import begin_of, page
from graphmap_api.queries import Cursor, Limit, Moment, Name
from graphmap_api.rights import READ
from graphmap_api.routes.findings import LINES, RANK, Containing, Order, in_order, quoted
from graphmap_api.routing import Router
from graphmap_api.summaries import STORIES, flag

if TYPE_CHECKING:
    from graphmap.detect.stories import Chosen
    from graphmap.model import Story
    from graphmap_api.workspace import Workspace

router = Router(tags=["stories"], dependencies=[READ])

SHOWN = 500
"""Most hops and parts of one answer."""

StoryId = Annotated[
    str,
    Path(
        max_length=100,
        pattern="^[sf]-[0-9a-f]+$",
        description="Of the story or of one of its findings; the beginning is enough.",
    ),
]


@router.get("/stories")
def stories(
    workspace: FreshWorkspace,
    severity: Annotated[list[Severity] | None, Query(description="Only of these.")] = None,
    detector: Annotated[list[Name] | None, Query(description="Only those of which one of these speaks.")] = None,
    technique: Annotated[list[Name] | None, Query(description="Only with one of these, such as T1021.004.")] = None,
    segment: Annotated[list[Name] | None, Query(description="Only those with a host in one of these.")] = None,
    state: Annotated[list[TriageState] | None, Query(description="Only those with a part in such a state.")] = None,
    marked: Annotated[bool | None, Query(description="Only those of which a part is marked, or none.")] = None,
    day: Annotated[list[date] | None, Query(description="Only of these UTC days, such as 2026-03-13.")] = None,
    since: Annotated[Moment | None, Query(alias="from", description="Only with evidence at or after this.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Only with evidence before this.")] = None,
    q: Containing = "",
    per_day: Annotated[int | None, Query(ge=1, le=10**6, description="Only so many of each UTC day, the best.")] = None,
    least_bits: Annotated[
        float | None,
        Query(ge=0, le=1000, description="The least score that is told; 0 for all, that of the settings if not given."),
    ] = None,
    sort: Annotated[
        Literal["rank", "severity", "first", "last"], Query(description="`rank` is by score: what to read first.")
    ] = "rank",
    order: Order = "desc",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> StoryPage[StorySummary]:
    """The stories that the stored findings tell, the first to read first; what is suppressed is no part of any.

    `per_day` counts what `least_bits` lets through; a story with a short past needs no more than its past lets one say.
    """
    begin = begin_of(cursor, workspace)
    wanted: dict[str, Sequence[Any]] = {
        "severity": [str(one) for one in severity or ()],
        "detector": detector or (),
        "technique": technique or (),
        "segment": segment or (),
        "state": [str(one) for one in state or ()],
        "marked": () if marked is None else (flag(marked),),
        "day": [str(one) for one in day or ()],
    }
    least = workspace.settings.least_bits if least_bits is None else least_bits
    told = choose(workspace.stories, least_bits=least, per_day=per_day)
    found, facets = _board(workspace, told).choose(wanted, since=since, until=until, text=q)
    if (sort, order) != ("rank", "desc"):
        found = in_order(found, _KEYS[sort], reverse=order == "desc")
    listed = page(found[begin : begin + limit], len(found), begin, workspace)
    return StoryPage(**dict(listed), facets=facets, least_bits=least, faint=len(told.faint))


@router.get("/stories/{id}")
def story(workspace: AnyWorkspace, story_id: Annotated[StoryId, Path(alias="id")]) -> StoryDetail:
    """A story whole, in plain words, with the findings that are its parts and the lines that prove them."""
    found = story_named(workspace.stories, story_id)
    place = workspace.stories.index(found)
    parts = {part.id for part in found.parts[:SHOWN]}
    summaries = {one.id: one for one in workspace.findings if one.id in parts}
    return StoryDetail(
        **dict(workspace.told[place]),
        words=StoryWords.model_validate(words_of(found)),
        route=[Hop.model_validate(hop) for hop in route(found.hops)[:SHOWN]],
        hops=[Hop.model_validate(hop) for hop in found.hops[:SHOWN]],
        parts=[summaries[part.id] for part in found.parts[:SHOWN]],
        lines=quoted(found.lines[:LINES], workspace),
        all_lines=len(found.lines),
        continued_by=_continued_by(workspace, found),
    )


def _board(workspace: Workspace, chosen: Chosen) -> Board[StorySummary]:
    """The told stories, to be chosen from; all of them are ready."""
    if not (chosen.faint or chosen.surplus):
        return workspace.story_board
    ids = {story.id for story in chosen.every}
    return Board([one for one in workspace.told if one.id in ids], STORIES)


def _continued_by(workspace: Workspace, found: Story) -> str | None:
    return next((other.id for other in workspace.stories if other.continues == found.id), None)


_KEYS: dict[str, Callable[[StorySummary], Any]] = {
    "rank": lambda one: one.score,
    "severity": lambda one: RANK[one.severity],
    "first": lambda one: one.first,
    "last": lambda one: one.last,
}
