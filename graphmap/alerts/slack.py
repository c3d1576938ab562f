"""Slack's shape, which Mattermost and others take too.

Source: docs.slack.dev, "Formatting message text" (``&``, ``<`` and ``>`` are control characters and are written as
entities) and "Block Kit" (a header has 150 characters, a text of a section 3,000, a message 50 blocks).

Attackers' text stands in blocks of plain text, in which nothing is markup, and in the short text for notifications,
which Mattermost shows, between backticks. An ``@`` is followed by a space of no width: Mattermost would mention.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphmap.alerts.fields import Template, fields_of
from graphmap.documents import Document, number_of, visible

if TYPE_CHECKING:
    from graphmap.alerts.message import Item, Message

MOST_FINDINGS = 20
"""Two blocks each."""
HEADER, SECTION, NOTICE = 150, 3000, 300
"""Characters of a header, of a section, and of a title in the short text."""

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@\u200b"})


def slack_document(message: Message, template: Template | None = None) -> Document:
    """``text`` for notifications and ``blocks``; of each finding what `template` says, else title, reasons, lines."""
    head = _head(message)
    titles = (f"[{item.finding.severity}] `{_code(item.finding.title)}`" for item in message.items)
    sections = (block for item in message.items for block in _blocks(item, message, template))
    header = {"type": "header", "text": _plain(head, HEADER)}
    return {"text": "\n".join([head, *titles]), "blocks": [header, *sections]}


def slack_text(text: str) -> str:
    """Attackers' text for Slack: hidden characters as escapes, its control characters as entities, no mention."""
    return visible(text).translate(_ENTITIES)


def _head(message: Message) -> str:
    if message.test:
        return "graphmap: TEST, nothing happened"
    changed = sum(bool(item.news) for item in message.items)
    what = f"{changed:,} of them known, with something new" if changed else "new"
    one = "changed" if changed else "new"
    many = len(message.items)
    return f"graphmap: {number_of(many, 'finding')}, {one if many == 1 else what}, severity {message.severity}"


def _blocks(item: Item, message: Message, template: Template | None) -> list[Document]:
    if template is not None:
        return [_section(template.fill(item, message, slack_text))]
    finding, told = item.finding, fields_of(item, message)
    lines = [
        f"[{finding.severity}] {finding.title}",
        *(f"+ {news}" for news in item.news),
        *(f"• {reason}" for reason in finding.why),
        *(f"{quoted.file}:{quoted.line}  {quoted.text or quoted.problem}" for quoted in item.evidence),
    ]
    foot = f"{finding.id}  {finding.detector}  {finding.technique}  {told['first']} to {told['last']}  {message.key}"
    context = {"type": "context", "elements": [_plain(slack_text(foot), SECTION)]}
    return [_section("\n".join(map(slack_text, lines))), context]


def _section(text: str) -> Document:
    return {"type": "section", "text": _plain(text, SECTION)}


def _plain(text: str, most: int) -> Document:
    return {"type": "plain_text", "text": _cut(text, most), "emoji": False}


def _cut(text: str, most: int) -> str:
    """The beginning of a text that has entities, none of which is cut in two."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    start = kept.rfind("&")
    return (kept[:start] if start >= 0 and ";" not in kept[start:] else kept) + "…"


def _code(text: str) -> str:
    """Text between backticks, which it has none of itself."""
    return slack_text(_cut(text, NOTICE)).replace("`", "'")
