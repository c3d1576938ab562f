"""Findings and stories as lists show them, made once for each version of what is stored."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

from graphmap.detect.stories.choosing import told_at
from graphmap_api.cases import StorySummary
from graphmap_api.facets import Looks
from graphmap_api.models import FindingSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from graphmap.model import Story, Triage
    from graphmap.pipeline.cases import Case

    SegmentOf = Callable[[str], str | None]

NAMED = 50
"""Most hosts and users that a list names of one story."""

FINDINGS = Looks[FindingSummary](
    facets={
        "severity": lambda one: (str(one.severity),),
        "detector": lambda one: (one.detector,),
        "state": lambda one: (str(one.state),),
        "assignee": lambda one: (one.assignee or "",),
        "segment": lambda one: one.segments,
        "marked": lambda one: (flag(one.marked),),
    },
    time=lambda one: (one.first, one.last),
    names=lambda one: (one.id, one.title, *one.hosts, *one.users),
)
"""By what findings are chosen."""

STORIES = Looks[StorySummary](
    facets={
        "severity": lambda one: (str(one.severity),),
        "detector": lambda one: one.detectors,
        "technique": lambda one: one.techniques,
        "segment": lambda one: one.segments,
        "state": lambda one: tuple(one.states),
        "marked": lambda one: (flag(one.marked),),
        "day": lambda one: () if one.day is None else (str(one.day),),
    },
    time=lambda one: (one.first, one.last),
    names=lambda one: (one.id, one.title, *one.hosts, *one.users),
)
"""By what stories are chosen."""


def flag(value: bool) -> str:  # noqa: FBT001 - it is what is written
    """As a parameter of the query has it."""
    return "true" if value else "false"


def finding_summaries(cases: Iterable[Case], stories: Iterable[Story], segment: SegmentOf) -> list[FindingSummary]:
    """Findings in their order; `segment` tells that of a host."""
    told_in = {part.id: story.id for story in stories for part in story.parts}
    known = cache(segment)
    return [
        FindingSummary(
            id=found.id,
            detector=found.detector,
            technique=found.technique,
            severity=found.severity,
            score=found.score,
            title=found.title,
            hosts=list(found.hosts),
            users=list(found.users),
            segments=_segments(found.hosts, known),
            first=found.first,
            last=found.last,
            state=triage.state,
            assignee=triage.assignee,
            marked=triage.marked,
            story=told_in.get(found.id),
        )
        for found, triage, _ in cases
    ]


def story_summaries(stories: Iterable[Story], triage: Mapping[str, Triage], segment: SegmentOf) -> list[StorySummary]:
    """Stories in their order; `triage` holds of each finding by its id."""
    known = cache(segment)
    return [_story(story, [triage[part.id] for part in story.parts], known) for story in stories]


def _story(story: Story, said: Sequence[Triage], segment: SegmentOf) -> StorySummary:
    moments = [story.first, story.last, *(hop.start for hop in story.hops)]
    return StorySummary(
        id=story.id,
        severity=story.severity,
        score=story.score,
        past=story.past,
        p_value=story.p_value,
        title=story.title,
        techniques=list(story.techniques),
        detectors=sorted({part.detector for part in story.parts}),
        hosts=list(story.hosts[:NAMED]),
        all_hosts=len(story.hosts),
        users=list(story.users[:NAMED]),
        all_users=len(story.users),
        segments=_segments(story.hosts, segment),
        first=story.first,
        last=story.last,
        day=None if story.last is None else told_at(story).date(),
        days=len({moment.date() for moment in moments if moment is not None}),
        all_parts=len(story.parts),
        all_hops=len(story.hops),
        states=dict(Counter(str(one.state) for one in said)),
        marked=any(one.marked for one in said),
        continues=story.continues,
    )


def _segments(hosts: Iterable[str], segment: SegmentOf) -> list[str]:
    return sorted({name for host in hosts if (name := segment(host)) is not None})
