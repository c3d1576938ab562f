"""What the last hunts found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Path, Query

from graphmap.model import Severity, TriageState
from graphmap.pipeline.cases import cases_of
from graphmap.pipeline.lines import quote
from graphmap.store.ledger import Ledger
from graphmap_api.cases import FindingDetail, FindingPage, Judgement
from graphmap_api.facets import Counts
from graphmap_api.freshness import AnyWorkspace, FreshWorkspace
from graphmap_api.models import FindingSummary, Hop, QuotedLine
from graphmap_api.paging import begin_of, page
from graphmap_api.queries import NAME, Cursor, Limit, Moment, Name
from graphmap_api.rights import READ
from graphmap_api.routing import Router
from graphmap_api.summaries import finding_summaries, flag
from graphmap_api.workspace import Workspace

if TYPE_CHECKING:
    from graphmap.model import Line

router = Router(tags=["findings"], dependencies=[READ])

LINES = 500
"""Most lines that are quoted."""

RANK = {severity: rank for rank, severity in enumerate(Severity)}
"""The lowest has 0."""

FindingId = Annotated[str, Path(max_length=100, pattern="^f-[0-9a-f]+$", description="The beginning is enough.")]
Order = Annotated[Literal["asc", "desc"], Query(description="The least or the greatest first.")]
Containing = Annotated[str, Query(max_length=NAME, description="Only those whose title or some name holds this text.")]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which findings are asked for: `wanted` are values of facets."""

    wanted: dict[str, tuple[str, ...]]
    since: datetime | None
    until: datetime | None
    text: str


async def _asked(
    detector: Annotated[list[Name] | None, Query(description="Only of these detectors.")] = None,
    severity: Annotated[list[Severity] | None, Query(description="Only of these.")] = None,
    state: Annotated[list[TriageState] | None, Query(description="Only those of which people think so.")] = None,
    assignee: Annotated[list[Name] | None, Query(description="Only theirs; an empty text means nobody's.")] = None,
    segment: Annotated[list[Name] | None, Query(description="Only those with a host in one of these.")] = None,
    marked: Annotated[bool | None, Query(description="Only those that somebody marked, or nobody.")] = None,
    since: Annotated[Moment | None, Query(alias="from", description="Only with evidence at or after this.")] = None,
    until: Annotated[Moment | None, Query(alias="to", description="Only with evidence before this.")] = None,
    q: Containing = "",
) -> Asked:
    wanted: dict[str, Sequence[Any]] = {
        "detector": detector or (),
        "severity": severity or (),
        "state": state or (),
        "assignee": assignee or (),
        "segment": segment or (),
        "marked": () if marked is None else (flag(marked),),
    }
    texts = {name: tuple(map(str, values)) for name, values in wanted.items()}
    return Asked(texts, since, until, q)


AskedFindings = Annotated[Asked, Depends(_asked)]


@router.get("/findings")
def findings(
    workspace: FreshWorkspace,
    asked: AskedFindings,
    sort: Literal["score", "severity", "first", "last", "title"] = "score",
    order: Order = "desc",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> FindingPage[FindingSummary]:
    """What the last hunts found, the highest score first, but for what suppressions hide.

    A finding of which nobody knows when is of every time, and last in an order by time.
    """
    begin = begin_of(cursor, workspace)
    found, facets = chosen(workspace, asked)
    if (sort, order) != ("score", "desc"):
        found = in_order(found, _KEYS[sort], reverse=order == "desc")
    listed = page(found[begin : begin + limit], len(found), begin, workspace)
    return FindingPage(**dict(listed), facets=facets, hidden=len(workspace.cases) - len(workspace.shown))


@router.get("/findings/{id}")
def finding(workspace: AnyWorkspace, finding_id: Annotated[FindingId, Path(alias="id")]) -> FindingDetail:
    """A finding whole, hidden or not: why, the hops, its lines as they stand in their files, what people said of it."""
    with Ledger(workspace.settings.ledger) as ledger:
        (case,) = cases_of([ledger.finding(finding_id)], ledger)
        said = ledger.judgements(case.finding.id)
    found = case.finding
    (summary,) = finding_summaries([case], workspace.stories, workspace.estate.identity.segment)
    return FindingDetail(
        **dict(summary),
        judgements=[Judgement.model_validate(one) for one in said],
        hidden_by=case.hidden_by,
        why=list(found.why),
        hops=[Hop.model_validate(hop) for hop in found.hops],
        lines=quoted(found.lines[:LINES], workspace),
        all_lines=len(found.lines),
    )


def chosen(workspace: Workspace, asked: Asked) -> tuple[list[FindingSummary], Counts]:
    """The findings that are asked for and no suppression hides, the highest score first, and the facets."""
    return workspace.finding_board.choose(asked.wanted, since=asked.since, until=asked.until, text=asked.text)


def in_order(found: Sequence[Any], key: Callable[[Any], Any], *, reverse: bool) -> list[Any]:
    """Sort by a key; where it is None, last. Of equals the first stays first."""
    known = [one for one in found if key(one) is not None]
    return [*sorted(known, key=key, reverse=reverse), *(one for one in found if key(one) is None)]


def quoted(lines: Sequence[Line], workspace: Workspace) -> list[QuotedLine]:
    """Lines with their text."""
    texts = quote(lines, workspace.lake)
    return [QuotedLine(file=line.file, line=line.line, **asdict(texts[line])) for line in lines]


_KEYS: dict[str, Callable[[FindingSummary], Any]] = {
    "score": lambda one: one.score,
    "severity": lambda one: RANK[one.severity],
    "first": lambda one: one.first,
    "last": lambda one: one.last,
    "title": lambda one: one.title,
}
