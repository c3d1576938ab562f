"""The stories of a hunt: what belongs together, what it weighs, and under which id it is known."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from graphmap.detect.stories.merging import Group, Merging, logon
from graphmap.detect.stories.route import hosts_along, route
from graphmap.detect.stories.weighing import RANK, beginning, bonferroni, days_before, joint, weights
from graphmap.documents import number_of, some_of
from graphmap.graph.explain import END_OF_TIME, stable_id
from graphmap.model import Story

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime, timedelta

    from graphmap.detect.stories.merging import Logon
    from graphmap.model import Finding, Hop

NAMED = 3
"""How many accounts a title names."""


def stories(
    findings: Sequence[Finding],
    *,
    known: Mapping[str, str] | None = None,
    hidden: Iterable[str] = (),
    merging: Merging | None = None,
) -> list[Story]:
    """Tell findings as stories, the first to read first.

    Parameters
    ----------
    findings
        All of a hunt, in any order.
    known
        The story in which each finding was before, by ids. Who was told of a story finds it again under its id, also
        where logs came in late from before its beginning.
    hidden
        Ids of findings that nobody is to see. They keep their places, so that ids and weights do not depend on them,
        but they are no parts; a story without any other is not told.
    merging
        How findings are joined; None for the default.

    Returns
    -------
    Stories in the order of `order`. Every finding that is not hidden is a part of exactly one.
    """
    way = merging or Merging()
    groups = way.groups(findings)
    weighed = weights(findings)
    past = _past(beginning(findings), way.lasting)
    ids = _ids(groups, findings, known or {})
    unseen = frozenset(hidden)
    told = []
    for number, group in enumerate(groups):
        shown = [place for place in group.members if findings[place].id not in unseen]
        if shown:
            continues = None if group.continues is None else ids[group.continues]
            parts = [findings[place] for place in shown]
            told.append(_story(ids[number], parts, [weighed[place] for place in shown], past, continues))
    return sorted(told, key=order)


def order(story: Story) -> tuple[float, int, int, datetime, str]:
    """By what stories are sorted: score, severity, the number of detectors that speak of it, the earlier one, id."""
    detectors = len({part.detector for part in story.parts})
    return -story.score, -RANK[story.severity], -detectors, story.first or END_OF_TIME, story.id


def _ids(groups: Sequence[Group], findings: Sequence[Finding], known: Mapping[str, str]) -> list[str]:
    """The id of each group: that of its earliest part which has one that no earlier group took, else a new one."""
    taken: set[str] = set()
    given = []
    for group in groups:
        before = (known.get(findings[place].id) for place in group.members)
        new = stable_id("s", findings[group.members[0]].id)
        one = next((name for name in before if name is not None and name not in taken), new)
        taken.add(one)
        given.append(one)
    return given


def _story(
    name: str,
    parts: Sequence[Finding],
    weighed: Sequence[float],
    past: Callable[[datetime | None, datetime | None], int],
    continues: str | None,
) -> Story:
    hops = _hops(parts)
    strongest = max(parts, key=lambda part: (RANK[part.severity], part.score))
    first = min((part.first for part in parts if part.first is not None), default=None)
    last = max((part.last for part in parts if part.last is not None), default=None)
    return Story(
        id=name,
        severity=strongest.severity,
        score=round(joint(zip((part.detector for part in parts), weighed, strict=True)), 6),
        past=past(first, last),
        p_value=bonferroni([part.p_value for part in parts if part.p_value is not None]),
        title=_title(parts, hops, strongest),
        techniques=tuple(sorted({part.technique for part in parts})),
        hosts=tuple(dict.fromkeys(host for part in parts for host in part.hosts)),
        users=tuple(dict.fromkeys(user for part in parts for user in part.users)),
        first=first,
        last=last,
        hops=hops,
        lines=tuple(dict.fromkeys(chain(*(hop.lines for hop in hops), *(part.lines for part in parts)))),
        parts=tuple(parts),
        continues=continues,
    )


def _past(start: datetime, lasting: timedelta) -> Callable[[datetime | None, datetime | None], int]:
    """Counts the whole days before a story; before its last `lasting` where it goes on for longer."""

    def days(first: datetime | None, last: datetime | None) -> int:
        return 0 if first is None or last is None else days_before(max(first, last - lasting), start)

    return days


def _hops(parts: Iterable[Finding]) -> tuple[Hop, ...]:
    """The hops of all parts in order of time, each as the part shows it that is the surest of its origin."""
    best: dict[Logon, Hop] = {}
    for hop in (hop for part in parts for hop in part.hops):
        other = best.setdefault(logon(hop), hop)
        if hop.certainty > other.certainty:
            best[logon(hop)] = hop
    return tuple(best[key] for key in sorted(best))


def _title(parts: Sequence[Finding], hops: Sequence[Hop], strongest: Finding) -> str:
    if len(parts) == 1 or not hops:
        return strongest.title
    users = some_of(list(dict.fromkeys(hop.user for hop in hops)), NAMED)
    along = route(hops)
    beside = len(hops) - len(along)
    more = f" and {number_of(beside, 'more hop')}" if beside else ""
    return f"{users}: {' -> '.join(hosts_along(along))}{more}"
