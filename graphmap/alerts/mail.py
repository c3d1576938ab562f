"""An e-mail: text, and the same as HTML. Attackers' text is escaped in both, and no line of it ends a header."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from graphmap.alerts.fields import Template, fields_of
from graphmap.documents import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphmap.alerts.message import Item, Message

SUBJECT = 200
"""Characters of a subject, at most."""


class Form(NamedTuple):
    """Who writes to whom, and what the user wants it to say."""

    sender: str
    to: Sequence[str]
    subject: Template | None = None
    template: Template | None = None


class _Part(NamedTuple):
    """A finding as a heading and lines below it, hidden characters as escapes."""

    title: str
    lines: list[str]


def mail_of(message: Message, form: Form) -> EmailMessage:
    """The mail of a message, the same to the byte each time: its Message-ID is made of the idempotency key."""
    parts = [_part(item, message, form.template) for item in message.items]
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = _subject(message, form.subject)
    mail["From"] = form.sender
    mail["To"] = ", ".join(form.to)
    mail["Date"] = format_datetime(message.created)
    mail["Message-ID"] = f"<{message.key}.{message.output}@{form.sender.rpartition('@')[2].rstrip('>')}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notice comes back
    mail["X-Graphmap-Idempotency-Key"] = message.key
    mail.set_content(_text(message, parts), cte="base64")
    mail.add_alternative(_html(message, parts), subtype="html", cte="base64")
    mail.set_boundary(f"=_{message.key}")  # nothing in base64 looks like it
    return mail


def _subject(message: Message, template: Template | None) -> str:
    """One line of ASCII and letters: header injection ends as escapes."""
    if template is not None:
        return visible(template.fill(message.items[0], message, visible))[:SUBJECT]
    return visible(f"{'graphmap TEST' if message.test else 'graphmap'} {message.summary}")[:SUBJECT]


def _part(item: Item, message: Message, template: Template | None) -> _Part:
    if template is not None:
        filled = template.fill(item, message, visible)
        first, *others = filled.splitlines() or [""]
        return _Part(first, others)
    finding, told = item.finding, fields_of(item, message)
    lines = [
        f"{finding.id}  {finding.detector}  {finding.technique}  score {told['score']}",
        f"{told['first']} to {told['last']}" if told["first"] else "",
        *(f"+ {news}" for news in item.news),
        *(f"- {reason}" for reason in finding.why),
        *(f"{quoted.file}:{quoted.line}  {quoted.text or quoted.problem}" for quoted in item.evidence),
    ]
    return _Part(visible(f"[{finding.severity}] {finding.title}"), [visible(line) for line in lines if line])


def _foot(message: Message) -> str:
    test = "This is a test: nothing happened. " if message.test else ""
    return f"{test}Sent by graphmap as {message.key}; graphmap findings show ID tells all of a finding."


def _text(message: Message, parts: Iterable[_Part]) -> str:
    blocks = ["\n".join([part.title, *(f"  {line}" for line in part.lines)]) for part in parts]
    return "\n\n".join([*blocks, _foot(message)]) + "\n"


def _html(message: Message, parts: Iterable[_Part]) -> str:
    blocks = (f"<h3>{escape(part.title)}</h3>\n<pre>{escape(chr(10).join(part.lines))}</pre>" for part in parts)
    return "\n".join(["<!doctype html>", *blocks, f"<p>{escape(_foot(message))}</p>", ""])
