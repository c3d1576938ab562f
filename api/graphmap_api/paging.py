"""Lists in pages: a cursor that says where the next one begins, and of which version of the data."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Generic, TypeVar

from fastapi import HTTPException
from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from graphmap_api.workspace import Workspace

T = TypeVar("T")

FARTHEST = 10**12
"""Largest offset of a cursor: past any list, and small enough for every table library."""


class Page(BaseModel, Generic[T]):
    """A part of a list: "showing `shown` of `total`"."""

    items: list[T]
    shown: int = Field(description="How many items this page has.")
    total: int = Field(description="How many there are in all pages.")
    next: str | None = Field(description="Give it as `cursor` for the next page; null on the last one.")


def begin_of(cursor: str | None, workspace: Workspace) -> int:
    """Where a page begins: 0 without a cursor.

    Raises
    ------
    HTTPException
        400: it is no cursor of ours. 410: the data changed since, so pages would not fit each other.
    """
    if cursor is None:
        return 0
    try:
        version, offset = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        version, offset = None, None
    if not isinstance(version, str) or type(offset) is not int or not 0 <= offset <= FARTHEST:
        raise HTTPException(400, "this is no cursor: leave it out to begin at the first page")
    if version != workspace.version:
        raise HTTPException(410, "the data changed since this cursor was made: begin again at the first page")
    return offset


def page(items: list[T], total: int, begin: int, workspace: Workspace) -> Page[T]:
    """The items of a page that begins at some offset."""
    end = begin + len(items)
    more = json.dumps([workspace.version, end]).encode() if items and end < total else None
    return Page(
        items=items,
        shown=len(items),
        total=total,
        next=None if more is None else base64.urlsafe_b64encode(more).decode(),
    )
