"""The fields that a template may have."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphmap.documents import some_of, time_text
from graphmap.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmap.alerts.message import Item, Message

NAMED = 20
"""How many hosts, accounts or lines a field names at most."""

FIELDS = (
    "id",
    "key",
    "output",
    "change",
    "news",
    "detector",
    "technique",
    "severity",
    "score",
    "title",
    "why",
    "hosts",
    "users",
    "first",
    "last",
    "lines",
)
"""Their names; docs/alerts.md says what each is."""


def fields_of(item: Item, message: Message) -> dict[str, str]:
    """The values of `FIELDS` for a finding: attackers' text is in them, not escaped for any medium."""
    finding = item.finding
    return {
        "id": finding.id,
        "key": message.key,
        "output": message.output,
        "change": "test" if message.test else item.change,
        "news": "; ".join(item.news),
        "detector": finding.detector,
        "technique": finding.technique,
        "severity": finding.severity.value,
        "score": f"{finding.score:.2f}",
        "title": finding.title,
        "why": "; ".join(finding.why),
        "hosts": some_of(finding.hosts, NAMED),
        "users": some_of(finding.users, NAMED),
        "first": "" if finding.first is None else time_text(finding.first),
        "last": "" if finding.last is None else time_text(finding.last),
        "lines": some_of([f"{line.file}:{line.line}" for line in finding.lines], NAMED),
    }


@dataclass(frozen=True, slots=True)
class Template:
    """Text with ``$field`` or ``${field}`` in it; ``$$`` is a dollar sign."""

    text: str

    def fill(self, item: Item, message: Message, escape: Callable[[str], str]) -> str:
        """The text for a finding; every value goes through `escape`, the text itself does not."""
        values = {name: escape(value) for name, value in fields_of(item, message).items()}
        return string.Template(self.text).substitute(values)


def parse_template(text: str) -> Template:
    """Read a template.

    Raises
    ------
    InputError
        It has a field that there is not, or a ``$`` of its own.
    """
    template = string.Template(text)
    if not template.is_valid():
        raise InputError("has a $ that begins no field", hint="write $$ for a dollar sign")
    unknown = [name for name in template.get_identifiers() if name not in FIELDS]
    if unknown:
        raise InputError(f"there is no field ${unknown[0]}", hint=f"one of: {', '.join(FIELDS)}")
    return Template(text)
