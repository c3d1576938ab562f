"""Zeek's JSON lines: their fields as text, whatever the shape in which they are shipped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graphmap.readers.zeek.logs import LOGS, PATHS, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    _Value = str | bool | list["_Value"] | dict[str, "_Value"] | None

_FLAT = {f"id_{end}": f"id.{end}" for end in ("orig_h", "orig_p", "resp_h", "resp_p")}
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_HEAD_LINES = 1000


def read_object(line: str) -> dict[str, str] | None:
    """The fields of a line by Zeek's names, numbers as they are written; None for a line that is no JSON object.

    Fields that are not set (null) are left out, as Zeek itself leaves them out.
    """
    try:
        found = _DECODER.decode(line)
    except (ValueError, RecursionError):
        return None
    return dict(_fields(found)) if isinstance(found, dict) else None


def log_of(fields: dict[str, str], usual: str | None) -> str | None:
    """The path of the log that a line is of; `usual` where nothing in it tells and it has no field of another log."""
    for name in PATHS:
        if name in fields:
            return fields[name]
    if (path := marked(fields)) is not None:
        return path
    return usual if usual in LOGS and LOGS[usual].fields.issuperset(fields) else None


def usual_log(head: bytes) -> str | None:
    """The log that the first line says that says any; Zeek writes a file for each."""
    for line in head.decode("utf-8", "backslashreplace").split("\n")[:_HEAD_LINES]:
        fields = read_object(line)
        if fields and (path := log_of(fields, None)):
            return path
    return None


def _fields(found: dict[str, _Value]) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        if name == "id" and isinstance(value, dict):
            yield from _fields({f"id.{end}": at for end, at in value.items()})
        elif (text := _text(value)) is not None:
            yield _FLAT.get(name, name), text


def _text(value: _Value) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(part for part in map(_text, value) if part is not None)
    return None if isinstance(value, dict) else value
