"""Of each host and day whether its logs speak, and what cannot be detected where."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query

from graphmap.detect import DETECTORS
from graphmap.detect.needs import WHY, needs_of
from graphmap.pipeline.coverage import Unseen, Young, covered, unseen, young
from graphmap.pipeline.days import DayState, host_days
from graphmap_api.freshness import FreshWorkspace
from graphmap_api.models import Blindness, DayMatrix, HostDays
from graphmap_api.queries import Limit
from graphmap_api.rights import READ

router = APIRouter(tags=["service"], prefix="/coverage", dependencies=[READ])

NAMED = 50
"""Most hosts that an answer names for a detector."""


@router.get("/days")
def coverage_days(
    workspace: FreshWorkspace,
    last: Annotated[int, Query(ge=1, le=366, description="Days of the answer, the last that the logs cover.")] = 31,
    limit: Limit = 100,
) -> DayMatrix:
    """Hosts by day: seen, silent, tampered, not evaluable; and which detectors cannot look where."""
    estate = workspace.estate
    seen = workspace.ground.days
    days, found = host_days(seen, estate.identity.hosts(), (case.finding for case in workspace.shown), last=last)
    told = covered(estate, seen)
    counted = Counter(state for one in found for state in one.states)
    return DayMatrix(
        days=days,
        items=[
            HostDays(
                host=one.host,
                segment=estate.identity.segment(one.host),
                states=list(one.states),
                events=list(one.events),
            )
            for one in found[:limit]
        ],
        shown=min(limit, len(found)),
        total=len(found),
        all_days=seen["day"].n_unique(),
        states={state: counted[state] for state in DayState},
        blind=[
            *map(_blindness, unseen(told, DETECTORS)),
            *map(_youth, young(told, DETECTORS)),
        ],
    )


def _youth(one: Young) -> Blindness:
    return Blindness(
        detectors=[one.detector],
        hosts=list(one.hosts[:NAMED]),
        all_hosts=len(one.hosts),
        of=one.of,
        why=[f"too little to compare with yet: it needs {one.learns}"],
    )


def _blindness(one: Unseen) -> Blindness:
    needs = [needs_of(detector) for detector in DETECTORS if detector.name in one.detectors]
    asked = dict.fromkeys(question for sets in needs for alternatives in sets for question in sorted(alternatives))
    return Blindness(
        detectors=list(one.detectors),
        hosts=list(one.hosts[:NAMED]),
        all_hosts=len(one.hosts),
        of=one.of,
        why=[WHY[question] for question in asked],
    )
