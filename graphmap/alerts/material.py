"""When a finding that was sent is worth sending again (docs/decisions/0014-alerts.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from graphmap.documents import some_of
from graphmap.model import Severity

if TYPE_CHECKING:
    from graphmap.model import Finding

RANK = {severity: rank for rank, severity in enumerate(Severity)}
"""0 for info, the higher the graver."""

NAMED = 5
"""How many names a sentence has at most."""

Way = tuple[str, str, str, str]
"""Source, account, destination, service of a hop: without its moment, so that the same again is nothing new."""


@dataclass(frozen=True, slots=True)
class Gist:
    """All that was ever told of a finding, as far as it matters: the highest severity, every host, account and way."""

    severity: Severity
    hosts: frozenset[str] = field(default_factory=frozenset)
    users: frozenset[str] = field(default_factory=frozenset)
    ways: frozenset[Way] = field(default_factory=frozenset)

    def __or__(self, other: Self) -> Gist:
        """What both tell."""
        return Gist(
            max(self.severity, other.severity, key=RANK.__getitem__),
            self.hosts | other.hosts,
            self.users | other.users,
            self.ways | other.ways,
        )

    def text(self) -> str:
        """Write it as JSON, the same for the same gist."""
        hosts, users, ways = sorted(self.hosts), sorted(self.users), sorted(self.ways)
        return json.dumps({"severity": self.severity, "hosts": hosts, "users": users, "ways": ways})


def gist_from_text(text: str) -> Gist:
    """Read what `Gist.text` wrote."""
    held = json.loads(text)
    ways = frozenset((src, user, dst, service) for src, user, dst, service in held["ways"])
    return Gist(Severity(held["severity"]), frozenset(held["hosts"]), frozenset(held["users"]), ways)


def gist_of(finding: Finding) -> Gist:
    """What matters of a finding."""
    return Gist(
        finding.severity,
        frozenset(finding.hosts),
        frozenset(finding.users),
        frozenset((hop.src, hop.user, hop.dst, hop.service) for hop in finding.hops),
    )


def news(before: Gist, finding: Finding) -> tuple[str, ...]:
    """Say what a finding has that was not told before; nothing where it is no material change.

    A higher severity, a host, an account or a way that was not in it. Not: another score, title or reason, the same
    way at another time, more lines or witnesses, and never that there is less of something.
    """
    now = gist_of(finding)
    ways = [f"{src} -> {dst} as {user} ({service})" for src, user, dst, service in sorted(now.ways - before.ways)]
    raised = RANK[now.severity] > RANK[before.severity]
    added = {"hosts": sorted(now.hosts - before.hosts), "accounts": sorted(now.users - before.users), "ways": ways}
    return (
        *((f"severity raised from {before.severity} to {now.severity}",) if raised else ()),
        *(f"new {noun}: {some_of(names, NAMED)}" for noun, names in added.items() if names),
    )
