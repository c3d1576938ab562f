"""What people noted on the map: the bodies of requests, and what answers them."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field, model_validator

from graphmap_api.models import Answer
from graphmap_api.wanted import Long, Wanted


class WantedNote(Wanted):
    """What you note. What is left out stays as it is; null takes the text back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "rebuilt on 12 March, ask ann", "marked": True}]}
    )

    text: Long | None = None
    marked: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> WantedNote:
        if not self.model_fields_set:
            raise ValueError("say something: text or marked")
        return self


class NoteAnswer(Answer):
    """What somebody noted of a node, or of the link from it to another."""

    node: str = Field(examples=["host:db1"])
    target: str | None = Field(description="Where the link arrives; null for a node.", examples=["host:jump1"])
    text: str | None = Field(examples=["rebuilt on 12 March, ask ann"])
    marked: bool
    author: str = Field(examples=["ann"])
    at: datetime


class NotesAnswer(Answer):
    """All that was noted of a node or a link, the last first: the first of them holds."""

    items: list[NoteAnswer]


class NoteList(Answer):
    """What holds of the nodes and links that have a note or a mark, what was noted last first."""

    items: list[NoteAnswer]
    shown: int
    total: int
