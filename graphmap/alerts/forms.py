"""The shapes by their names."""

from __future__ import annotations

import json
import string
from typing import TYPE_CHECKING, NamedTuple

from graphmap.alerts.cef import cef_line
from graphmap.alerts.ecs import ecs_document
from graphmap.alerts.fields import FIELDS, Template
from graphmap.alerts.ocsf import ocsf_document
from graphmap.alerts.payload import alert_document, json_text
from graphmap.alerts.slack import slack_document
from graphmap.errors import InputError

if TYPE_CHECKING:
    from graphmap.alerts.message import Message

JSON = "json"
LINES = (JSON, "ecs", "ocsf", "cef")
"""Those that are one line for a finding."""
FORMATS = (*LINES, "slack")


class Body(NamedTuple):
    """Bytes, and their Content-Type."""

    content: bytes
    kind: str


def line_of(form: str, message: Message) -> str:
    """A message as one line without its end; of all formats but json it has one finding."""
    if form == JSON:
        return json_text(alert_document(message))
    (item,) = message.items
    if form == "cef":
        return cef_line(item, message)
    return json_text({"ecs": ecs_document, "ocsf": ocsf_document}[form](item, message))


def body_of(form: str, message: Message, template: Template | None) -> Body:
    """The body of a POST."""
    if form == "slack":
        return Body(json_text(slack_document(message, template)).encode(), "application/json")
    if form == "template" and template is not None:
        (item,) = message.items
        return Body(template.fill(item, message, _in_json).encode(), "application/json")
    line = line_of(form, message)
    return Body(line.encode(), "text/plain; charset=utf-8" if form == "cef" else "application/json")


def check_json_template(template: Template) -> None:
    """Check that a template is JSON whatever its fields hold.

    Raises
    ------
    InputError
        It is none, or a field stands outside of quotes.
    """
    sample = dict.fromkeys(FIELDS, 'x "y')
    try:
        json.loads(string.Template(template.text).substitute({k: _in_json(v) for k, v in sample.items()}))
    except json.JSONDecodeError as error:
        raise InputError(
            f"is no JSON once its fields are filled in: {error.msg} at {error.pos}",
            hint='write each field between double quotes: {"text": "$title"}',
        ) from error


def _in_json(text: str) -> str:
    """A text as it stands between the quotes of JSON."""
    return json_text(text)[1:-1]
