"""Outputs: the entries ``[alerts.NAME]`` of ``graphmap.toml``, every key checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Protocol

from graphmap.alerts.entry import Entry
from graphmap.alerts.file import read_file
from graphmap.alerts.http import read_slack, read_webhook
from graphmap.alerts.material import RANK
from graphmap.alerts.quiet import QuietHours, parse_quiet
from graphmap.alerts.smtp import read_email
from graphmap.alerts.syslog import read_syslog
from graphmap.alerts.within import within
from graphmap.config import load_entries, parse_duration, parse_zone
from graphmap.model import Severity

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.alerts.message import Message
    from graphmap.config import Settings
    from graphmap.model import Finding

TIMEOUT = 10
ATTEMPTS = 20
"""The last of them about 15 hours after the first."""
STEPS = 4
"""Steps of a delivery that may take the whole time limit each: connecting, greeting, sending, the answer."""


class Target(Protocol):
    """Where an output leads: one for each kind."""

    @property
    def where(self) -> str:
        """For people; without secrets."""

    @property
    def together(self) -> int:
        """How many findings one message may have."""

    def send(self, message: Message, timeout: float) -> str:
        """Deliver a message and give the receiver's answer, or raise DeliveryError. `timeout` is seconds a step."""


_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

KINDS: dict[str, Callable[[Entry], Target]] = {
    "webhook": read_webhook,
    "slack": read_slack,
    "syslog": read_syslog,
    "email": read_email,
    "file": read_file,
}


@dataclass(frozen=True, slots=True)
class Output:
    """What goes where, and when.

    Parameters
    ----------
    name, kind
        Of the entry.
    target
        Where it leads.
    min_severity, detectors
        Which findings; `detectors` None for all.
    quiet
        When nothing is sent.
    group
        How many findings of a run one message has at most.
    by_story
        Only findings of one story go together.
    evidence
        Whether the text of log lines is sent.
    attempts
        After how many a delivery is dead.
    timeout
        Seconds for each step of a delivery.
    """

    name: str
    kind: str
    target: Target
    min_severity: Severity = Severity.INFO
    detectors: frozenset[str] | None = None
    quiet: QuietHours | None = None
    group: int = 1
    by_story: bool = False
    evidence: bool = True
    attempts: int = ATTEMPTS
    timeout: float = TIMEOUT

    def wants(self, finding: Finding) -> bool:
        """Whether a finding is for this output."""
        chosen = self.detectors is None or finding.detector in self.detectors
        return chosen and RANK[finding.severity] >= RANK[self.min_severity]

    @property
    def longest(self) -> float:
        """Seconds after which a delivery is given up, whatever the receiver does."""
        return STEPS * self.timeout

    def send(self, message: Message) -> str:
        """Deliver a message and give the receiver's answer.

        Raises
        ------
        DeliveryError
            It was not taken, or not in time.
        """
        return within(self.longest, self.target.where, lambda: self.target.send(message, self.timeout))


def read_outputs(settings: Settings) -> dict[str, Output]:
    """Read all outputs, by their names in the order of the file.

    Raises
    ------
    InputError
        A key is wrong; the message names file, entry and key, and no secret.
    """
    return {name: _output(name, entry) for name, entry in load_entries(settings, "alerts", Entry).items()}


def _output(name: str, entry: Entry) -> Output:
    if not _NAME.fullmatch(name):
        entry.wrong("kind", "an output cannot have this name", "use letters, digits, - and _, up to 64")
    entry.needed("kind", f"one of: {', '.join(KINDS)}")
    kind = entry.choice("kind", tuple(KINDS), "")
    detectors = entry.texts("detectors")
    zone = entry.read("quiet_zone", parse_zone)
    quiet = entry.read("quiet", lambda text: parse_quiet(text, zone or UTC))
    if zone is not None and quiet is None:
        entry.wrong("quiet", "is missing", "a zone is of no use without hours")
    timeout = entry.read("timeout", parse_duration)
    output = Output(
        name=name,
        kind=kind,
        target=KINDS[kind](entry),
        min_severity=Severity(entry.choice("min_severity", [severity.value for severity in Severity], "info")),
        detectors=None if detectors is None else frozenset(detectors),
        quiet=quiet,
        group=entry.number("group", 1, 1000),
        by_story=entry.choice("group_by", ("run", "story"), "run") == "story",
        evidence=entry.flag("evidence", default=True),
        attempts=entry.number("attempts", ATTEMPTS, 1000),
        timeout=TIMEOUT if timeout is None else min(timeout.total_seconds(), 600),
    )
    if output.group > output.target.together:
        most = output.target.together
        entry.wrong("group", f"a message of this kind and format has at most {most:,}", f"write {most} or less")
    entry.done()
    return output
