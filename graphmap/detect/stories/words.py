"""A story in plain words, part by part, for whoever shows it: terminal, page, mail or report."""

from __future__ import annotations

import shlex
from datetime import timedelta
from ipaddress import ip_address
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from graphmap.detect.base import steps
from graphmap.detect.stories.advice import advice_of
from graphmap.detect.stories.route import hosts_along, route
from graphmap.documents import number_of, some_of, time_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphmap.model import Finding, Hop, Story

NAMED = 10
"""How many names a sentence has."""


class Words(NamedTuple):
    """What a person reads of a story. `command` asks graphmap for the path; None where no host is named."""

    who: str
    origin: str
    way: str
    credentials: tuple[str, ...]
    unusual: tuple[str, ...]
    benign: tuple[str, ...]
    next: tuple[str, ...]
    command: str | None


def words_of(story: Story) -> Words:
    """Say a story in words; names in them are those of the logs, so whoever shows them makes them harmless."""
    along = route(story.hops)
    detectors = dict.fromkeys(part.detector for part in story.parts)
    return Words(
        who=some_of(story.users, NAMED) or "no account is named",
        origin=along[0].src if along else some_of(story.hosts, NAMED) or "no host is named",
        way=_way(story, along),
        credentials=tuple(dict.fromkeys(map(_credential, story.hops))),
        unusual=tuple(_unusual(story.parts)),
        benign=tuple(dict.fromkeys(advice_of(name).benign for name in detectors)),
        next=tuple(dict.fromkeys(advice_of(name).next for name in detectors)),
        command=_command(story, along),
    )


def _way(story: Story, along: Sequence[Hop]) -> str:
    if not along:
        return f"on {some_of(story.hosts, NAMED)}, without a logon" if story.hosts else "without a logon"
    beside = [hop for hop in story.hops if hop not in along]
    others = some_of(list(dict.fromkeys(f"{hop.src} -> {hop.dst}" for hop in beside)), NAMED)
    return " -> ".join(hosts_along(along)) + (f"; beside it {others}" if others else "")


def _credential(hop: Hop) -> str:
    how = " ".join(filter(None, (hop.method, hop.key))) or "a method that was not logged"
    return f"{hop.dst} as {hop.user or 'an account that no log names'} by {how}"


def _unusual(parts: Iterable[Finding]) -> Iterator[str]:
    """What each part says, without the hops, which are told once."""
    said: set[str] = set()
    for part in parts:
        told = set(steps(part.hops))
        reasons = [reason for reason in part.why if reason not in told and reason not in said]
        said.update(reasons)
        yield f"{part.detector}: {'; '.join(reasons) or part.title}"


def _command(story: Story, along: Sequence[Hop]) -> str | None:
    """The call of graphmap that shows the way: the path of its hops, or what was reached from the only host."""
    known = along[1:] if along and _is_address(along[0].src) else along
    if known:
        start, end = known[0].start, known[-1].start
        asked = ["paths", "--from", known[0].src, "--to", known[-1].dst]
    elif story.hosts and story.first is not None:
        start, end = story.first, story.last or story.first
        host = along[-1].dst if along else story.hosts[0]
        asked = ["reach", *(["--"] if host.startswith("-") else []), host]
    else:
        return None
    hours = ceil((end - start) / timedelta(hours=1)) + 1
    moment = time_text(start.replace(microsecond=0))
    return shlex.join(["graphmap", asked[0], "--at", moment, "--window", f"{hours}h", *asked[1:]])


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def part_line(part: Finding) -> str:
    """One part in a line."""
    return f"{part.id}  {part.severity}  {part.detector}: {part.title}"


def summary(story: Story) -> str:
    """How much there is of it: parts, logons, hosts."""
    counts = (len(story.parts), "part"), (len(story.hops), "logon"), (len(story.hosts), "host")
    return ", ".join(number_of(count, noun) for count, noun in counts)
