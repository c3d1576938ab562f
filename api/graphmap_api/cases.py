"""What the API answers of findings and of the stories that they tell."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

from pydantic import Field

from graphmap.model import Severity, TriageState
from graphmap_api.models import Answer, FindingSummary, Hop, QuotedLine
from graphmap_api.paging import Page

T = TypeVar("T")

COUNTS = Field(
    description="By parameter of the query how many there are of each value, whatever is asked of that parameter "
    "itself; the most frequent first, at most 200.",
    examples=[{"severity": {"high": 3, "medium": 1}}],
)


class FacetedPage(Page[T]):
    """A part of a list that can be narrowed down."""

    facets: dict[str, dict[str, int]] = COUNTS


class FindingPage(FacetedPage[T]):
    """A part of the list of findings."""

    hidden: int = Field(description="How many findings suppressions keep out of the list, whatever is asked for.")


class StoryPage(FacetedPage[T]):
    """A part of the list of stories."""

    least_bits: float = Field(description="From which score on stories were told.")
    faint: int = Field(description="How many weigh less and are not told, whatever else is asked for.")


class Judgement(Answer):
    """What somebody said of a finding, and what held from then on."""

    state: TriageState
    assignee: str | None
    note: str | None
    marked: bool
    author: str
    at: datetime


class CurrentTriage(Answer):
    """What holds of a finding; `author` and `at` are null while nobody said anything of it."""

    state: TriageState
    assignee: str | None = Field(examples=["ann"])
    note: str | None = Field(examples=["a restore test"])
    marked: bool
    author: str | None = Field(examples=["ann"])
    at: datetime | None


class Judged(Answer):
    """What became of one finding of several: `triage` holds of it from now on; null where there is none of that id."""

    id: str = Field(examples=["f-1a2b3c4d5e6f"])
    triage: CurrentTriage | None
    problem: str | None = Field(description="Why nothing was said of it.")


class JudgedFindings(Answer):
    """What became of each finding, in the order in which they were named."""

    items: list[Judged]
    changed: int
    unknown: int


class FindingDetail(FindingSummary):
    """A finding whole: why, the hops, the lines that prove it, and what people said of it."""

    judgements: list[Judgement] = Field(description="The first first; the last one holds.")
    hidden_by: int | None = Field(description="Number of the suppression that keeps it out of lists.")
    why: list[str]
    hops: list[Hop]
    lines: list[QuotedLine] = Field(description="At most 500.")
    all_lines: int


class StorySummary(Answer):
    """What all detectors found about one path, as a list shows it."""

    id: str = Field(examples=["s-2b9a8b5a586e"])
    severity: Severity
    score: float = Field(description="Bits: stories of all detectors compare by it.")
    past: int = Field(description="Whole days before it that its score was compared with, at most 30.")
    p_value: float | None = Field(description="Null where no part of it has one.")
    title: str
    techniques: list[str]
    detectors: list[str]
    hosts: list[str] = Field(description="At most 50.")
    all_hosts: int
    users: list[str] = Field(description="At most 50.")
    all_users: int
    segments: list[str] = Field(description="Those that its hosts lie in, where the inventory says.")
    first: datetime | None
    last: datetime | None
    day: date | None = Field(description="UTC, of its last logon: then it could be told whole.")
    days: int = Field(description="UTC days on which something of it happened.")
    all_parts: int = Field(description="Findings that it joins.")
    all_hops: int
    states: dict[str, int] = Field(description="How many of its parts are in which state.", examples=[{"open": 6}])
    marked: bool = Field(description="Whether some part is.")
    continues: str | None = Field(description="The story that it goes on with, which was as long as stories get.")


class StoryWords(Answer):
    """A story in plain words."""

    who: str = Field(examples=["anna, adm-anna and root"])
    origin: str = Field(examples=["198.51.100.7"])
    way: str = Field(examples=["198.51.100.7 -> ws1 -> jump -> app1 -> vault"])
    credentials: list[str] = Field(examples=[["jump as anna by password"]])
    unusual: list[str] = Field(description="What each part says.")
    benign: list[str] = Field(description="What would make it harmless.")
    next: list[str] = Field(description="What to look at next.")
    command: str | None = Field(description="Asks graphmap for the path; null where no host is named.")


class StoryDetail(StorySummary):
    """A story whole."""

    words: StoryWords
    route: list[Hop] = Field(description="The longest way over its hops, in order of time.")
    hops: list[Hop] = Field(description="In order of time, at most 500.")
    parts: list[FindingSummary] = Field(description="In order of time, at most 500. They are what is judged.")
    lines: list[QuotedLine] = Field(description="At most 500.")
    all_lines: int
    continued_by: str | None = Field(description="The story that goes on with this one.")
