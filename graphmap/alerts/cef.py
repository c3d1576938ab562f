"""Common Event Format, version 0: a header of fields between bars, and an extension of ``key=value``.

Source: "Implementing ArcSight Common Event Format (CEF)", version 25: in the header a bar and a backslash are
escaped with a backslash, in the extension an equals sign and a backslash; no line ends in either. Lengths are those of
its dictionary.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from graphmap.documents import some_of, visible
from graphmap.model import Severity

if TYPE_CHECKING:
    from datetime import datetime

    from graphmap.alerts.message import Item, Message

SEVERITY = {Severity.INFO: 1, Severity.LOW: 3, Severity.MEDIUM: 5, Severity.HIGH: 8, Severity.CRITICAL: 10}
"""From 0 to 10; the standard calls 0 to 3 low, 4 to 6 medium, 7 and 8 high, 9 and 10 very high."""

NAMED = 20
NAME, LONG, CUSTOM = 512, 1023, 4000
"""Characters of the name, of ordinary fields, and of custom strings, before escapes."""


def cef_line(item: Item, message: Message) -> str:
    """One line without its end. `cs1` is the idempotency key of the message."""
    finding = item.finding
    last = finding.hops[-1] if finding.hops else None
    header = (
        "graphmap",
        "graphmap",
        version("graphmap"),
        finding.detector,
        finding.title[:NAME],
        str(SEVERITY[finding.severity]),
    )
    values: dict[str, str | None] = {
        "rt": _milliseconds(message.created),
        "externalId": finding.id,
        "act": "test" if message.test else item.change,
        "start": None if finding.first is None else _milliseconds(finding.first),
        "end": None if finding.last is None else _milliseconds(finding.last),
        "shost": None if last is None else last.src,
        "dhost": None if last is None else last.dst,
        "duser": None if last is None else last.user,
        "app": None if last is None else last.service,
        "cs1Label": "idempotencyKey",
        "cs1": message.key,
        "cs2Label": "technique",
        "cs2": finding.technique,
        "cs3Label": "hosts",
        "cs3": some_of(finding.hosts, NAMED),
        "cs4Label": "users",
        "cs4": some_of(finding.users, NAMED),
        "cs5Label": "lines",
        "cs5": some_of([f"{line.file}:{line.line}" for line in finding.lines], NAMED),
        "msg": "; ".join([*item.news, *finding.why]),
    }
    extension = " ".join(f"{key}={_value(key, value)}" for key, value in values.items() if value)
    return "|".join(["CEF:0", *map(_header, header), extension])


def _header(text: str) -> str:
    return visible(text).replace("\\", "\\\\").replace("|", "\\|")


def _value(key: str, text: str) -> str:
    shown = visible(text)[: CUSTOM if key.startswith("cs") else LONG]
    return shown.replace("\\", "\\\\").replace("=", "\\=")


def _milliseconds(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1000))
