"""JSON documents from lines of text: one object a line, or an array of them over many lines or in one."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from graphmap.readers.records import NOBODY

Document = dict[str, Any]
Documents = list[Document]

NOT_JSON = "not a JSON object"
_DECODER = json.JSONDecoder(parse_float=str, parse_constant=str)
_LARGEST = 10**30  # beyond any number of a log; to write out a longer one takes time
_BRACKETS = frozenset({"[", "]", "],"})


def documents(line: str) -> Documents | str | None:
    """The objects of a line; why it holds none; None for a line that only opens or closes an array.

    ``osqueryi --json`` and ``jq .`` write ``[``, an object a line with commas between them, ``]``. Numbers with a
    fraction are text, as they were written: a floating-point number would round a time in microseconds.
    """
    text = line.strip().removesuffix(",")
    if text in _BRACKETS:
        return None
    try:
        found = _DECODER.decode(text)
    except (ValueError, RecursionError):
        return NOT_JSON
    items = found if isinstance(found, list) else [found]
    return items if all(isinstance(item, dict) for item in items) else NOT_JSON


@lru_cache(maxsize=4)
def first_documents(head: bytes) -> tuple[Document, ...]:
    """The objects of the first bytes of a source, for `Reader.sniff`; none where its first line holds none."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return ()
    lines = head.decode("utf-8", "backslashreplace").removeprefix("\ufeff").splitlines()
    whole = lines if len(lines) == 1 or head.endswith(b"\n") else lines[:-1]
    found: Documents = []
    for line in filter(str.strip, whole[:50]):
        parsed = documents(line)
        if isinstance(parsed, str):
            found += _first_of_array(line)
            break
        found += parsed or []
    return tuple(found)


def _first_of_array(line: str) -> Documents:
    """The first object of an array of which only the beginning is there."""
    if not line.lstrip().startswith("["):
        return []
    try:
        item, _ = _DECODER.raw_decode(line.lstrip()[1:].lstrip())
    except (ValueError, RecursionError):
        return []
    return [item] if isinstance(item, dict) else []


def pick(document: Document, path: str) -> Any:
    """The value of a path such as ``source.ip``, be it one key or nested; None where there is none."""
    found = document.get(path)
    if found is not None:
        return found
    for head, rest in _ways(path):
        inner = document.get(head)
        if isinstance(inner, dict) and (found := pick(inner, rest)) is not None:
            return found
    return None


@lru_cache(maxsize=4096)
def _ways(path: str) -> tuple[tuple[str, str], ...]:
    """Every parting of a path at one of its dots."""
    return tuple((path[:dot], path[dot + 1 :]) for dot, character in enumerate(path) if character == ".")


def text(document: Document, *paths: str) -> str | None:
    """The text of the first path that has any; numbers and booleans as JSON writes them, of a list the first item."""
    for path in paths:
        value = pick(document, path)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str):
            if value not in NOBODY:
                return value
        elif isinstance(value, bool):
            return "true" if value else "false"
        elif isinstance(value, int) and abs(value) < _LARGEST:
            return str(value)
    return None


def whole(document: Document, *paths: str) -> int | None:
    """The whole number of the first path that has one, as a number or as its digits."""
    for path in paths:
        digits = text(document, path)
        if digits is not None and digits.isascii() and digits.isdigit() and len(digits) < 19:  # noqa: PLR2004 - int64
            return int(digits)
    return None
