"""Views of the page that people keep: the bodies of requests, and what answers them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, JsonValue

from graphmap_api.models import Answer
from graphmap_api.wanted import Wanted

STATE = 20_000
"""Characters of a state as JSON."""


def _storable(state: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        text = json.dumps(state, ensure_ascii=False, allow_nan=False)
        size = len(text.encode())
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the state is no JSON: {error}") from error
    if size > STATE:
        raise ValueError(f"a state has at most {STATE:,} bytes, this one has {size:,}")
    return state


class WantedView(Wanted):
    """What the page shows."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"state": {"page": "explorer", "seed": ["host:db1"], "from": "2026-03-13"}}]}
    )

    state: Annotated[dict[str, JsonValue], AfterValidator(_storable)] = Field(
        description="As the page wrote it; at most 20,000 bytes of JSON."
    )


class ViewSummary(Answer):
    """A view that is kept."""

    id: str = Field(description="Of what it shows, whatever its name: for links.", examples=["v-1a2b3c4d5e6f"])
    name: str | None = Field(description="Null where it is a link only.", examples=["ways into the vault"])
    owner: str = Field(description="Who gave it the name, or kept it first.", examples=["ann"])
    updated: datetime


class ViewAnswer(ViewSummary):
    """A view with what it shows."""

    state: dict[str, JsonValue]


class ViewList(Answer):
    """The views that have a name, the one that was kept last first."""

    items: list[ViewSummary]
    shown: int
    total: int
