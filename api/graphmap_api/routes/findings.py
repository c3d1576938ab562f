"""What the last hunts found."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query

from graphmap.model import Finding, Severity
from graphmap.pipeline.cases import cases_of
from graphmap.pipeline.lines import quote
from graphmap.store.ledger import Ledger
from graphmap_api.freshness import AnyWorkspace, FreshWorkspace
from graphmap_api.models import FindingDetail, FindingSummary, Hop, Judgement, QuotedLine
from graphmap_api.paging import FindingPage, begin_of, page
from graphmap_api.queries import NAME, Cursor, Limit, Moment
from graphmap_api.rights import READ
from graphmap_api.workspace import Workspace

router = APIRouter(tags=["findings"], dependencies=[READ])

LINES = 500
"""Most lines that are quoted."""

FindingId = Annotated[str, Path(max_length=100, pattern="^f-[0-9a-f]+$", description="The beginning is enough.")]


@router.get("/findings")
def findings(
    workspace: FreshWorkspace,
    detector: Annotated[str | None, Query(max_length=NAME)] = None,
    severity: Severity | None = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> FindingPage[FindingSummary]:
    """What the last hunts found, the highest score first, but for what suppressions hide."""
    begin = begin_of(cursor, workspace)
    found = summaries(workspace, detector, severity, since, until)
    listed = page(found[begin : begin + limit], len(found), begin, workspace)
    return FindingPage(**dict(listed), hidden=len(workspace.cases) - len(workspace.findings))


@router.get("/findings/{id}")
def finding(workspace: AnyWorkspace, finding_id: Annotated[FindingId, Path(alias="id")]) -> FindingDetail:
    """A finding whole, hidden or not: why, the hops, its lines as they stand in their files, what people said of it."""
    with Ledger(workspace.settings.ledger) as ledger:
        (case,) = cases_of([ledger.finding(finding_id)], ledger)
        said = ledger.judgements(case.finding.id)
    found = case.finding
    lines = found.lines[:LINES]
    quoted = quote(lines, workspace.lake)
    return FindingDetail(
        **dict(summary_of(found)),
        judgements=[Judgement.model_validate(one) for one in said],
        hidden_by=case.hidden_by,
        why=list(found.why),
        hops=[Hop.model_validate(hop) for hop in found.hops],
        lines=[QuotedLine(file=line.file, line=line.line, **asdict(quoted[line])) for line in lines],
        all_lines=len(found.lines),
    )


def summaries(
    workspace: Workspace,
    detector: str | None,
    severity: Severity | None,
    since: datetime | None,
    until: datetime | None,
) -> list[FindingSummary]:
    """The findings that are asked for and no suppression hides; one without times is always among them."""

    def asked(one: FindingSummary) -> bool:
        return (
            (detector is None or one.detector == detector)
            and (severity is None or one.severity == severity)
            and (since is None or one.last is None or one.last >= since)
            and (until is None or one.first is None or one.first < until)
        )

    return list(filter(asked, map(summary_of, workspace.findings)))


def summary_of(found: Finding) -> FindingSummary:
    """What a list shows of a finding; its time is from its first hop to the end of its last."""
    return FindingSummary(
        id=found.id,
        detector=found.detector,
        technique=found.technique,
        severity=found.severity,
        score=found.score,
        title=found.title,
        hosts=list(found.hosts),
        users=list(found.users),
        first=found.first,
        last=found.last,
    )
