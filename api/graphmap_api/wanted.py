"""What somebody wants to change: the bodies of requests, and what answers them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from graphmap.config import parse_duration
from graphmap.model import Role, TriageState, Verdict
from graphmap_api.models import Answer
from graphmap_api.queries import NAME, duration_text

NOTE = 10_000
"""Characters of a note or a reason."""

POLICY = 500_000
"""Characters of a policy."""


SEVERAL = 500
"""Findings of one request."""


def storable(text: str) -> str:
    """Fail here: SQLite ends texts at a NUL."""
    if "\0" in text:
        raise ValueError("a text must not hold NUL")
    return text


Words = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(storable)]
Short = Annotated[Words, StringConstraints(max_length=NAME)]
Long = Annotated[Words, StringConstraints(max_length=NOTE)]
FullId = Annotated[str, StringConstraints(max_length=100, pattern="^f-[0-9a-f]+$")]


class Wanted(BaseModel):
    """Base of all bodies: a field that nobody knows is a mistake, not a wish that is passed over."""

    model_config = ConfigDict(extra="forbid")


class WantedTriage(Wanted):
    """What you say of a finding. What is left out stays as it is; null takes a note or an assignee back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"state": "benign", "assignee": "ann", "note": "a restore test"}]}
    )

    state: TriageState | None = None
    assignee: Short | None = None
    note: Long | None = None
    marked: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> WantedTriage:
        if not self.model_fields_set:
            raise ValueError("say something: state, assignee, note or marked")
        return self

    def text(self, name: str) -> str | None:
        """A text as the ledger takes it: None leaves it as it is, an empty one takes it back."""
        return (getattr(self, name) or "") if name in self.model_fields_set else None


class WantedTriages(WantedTriage):
    """What you say of several findings, the same of each. What is left out stays as it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"ids": ["f-1a2b3c4d5e6f", "f-000000000000"], "state": "benign"}]}
    )

    ids: Annotated[list[FullId], Field(min_length=1, max_length=SEVERAL)] = Field(description="Whole ids.")

    @model_validator(mode="after")
    def _says_something(self) -> WantedTriages:
        if self.model_fields_set <= {"ids"}:
            raise ValueError("say something: state, assignee, note or marked")
        return self


class WantedHiding(Wanted):
    """Findings of which every hop is as said; in `src`, `dst` and `user`, * stands for any text, ? for a character."""

    finding: Short | None = Field(default=None, description="This one; the beginning of its id is enough.")
    detector: Short | None = None
    src: Short | None = None
    dst: Short | None = None
    user: Short | None = None

    @model_validator(mode="after")
    def _names_something(self) -> WantedHiding:
        if not any((self.finding, self.detector, self.src, self.dst, self.user)):
            raise ValueError("say what to hide: finding, detector, src, dst or user")
        return self


class Lasting(Wanted):
    """What holds for a time."""

    lasting: Annotated[str, StringConstraints(max_length=30), AfterValidator(duration_text)] | None = Field(
        default="90d", description="How long it holds, such as 30d; null: until somebody ends it."
    )

    @property
    def span(self) -> timedelta | None:
        """How long it holds; None: until somebody ends it."""
        return None if self.lasting is None else parse_duration(self.lasting)


class WantedSuppression(WantedHiding, Lasting):
    """What to hide, why, and for how long."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"user": "backup", "reason": "nightly restore tests", "lasting": "30d"}]}
    )

    reason: Annotated[Long, StringConstraints(min_length=1)] = Field(description="Why nobody needs to see them.")


class Hidden(Answer):
    """What a suppression would hide."""

    hides: int = Field(description="Number of stored findings.")
    titles: list[str] = Field(description="Of the first 20.")


class SuppressionAnswer(Answer):
    """A suppression, and how much it hides now."""

    id: int
    author: str
    reason: str
    created: datetime
    expires: datetime | None = Field(description="Null: until somebody ends it.")
    finding: str | None
    detector: str | None
    src: str | None
    dst: str | None
    user: str | None
    ended: datetime | None
    ended_by: str | None
    hides: int = Field(description="Number of stored findings; 0 where it does not hold any more.")


class WantedToken(Lasting):
    """Whose token it is to be, what it allows, and for how long."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "ann", "role": "analyst", "lasting": "30d"}]})

    name: Annotated[Short, StringConstraints(min_length=1)] = Field(
        description="Whose it is: it stands beside all that is done with it."
    )
    role: Role = Field(default=Role.READER, description="What it allows.")


class TokenAnswer(Answer):
    """A token that was given out."""

    id: int
    name: str
    role: Role
    created: datetime
    created_by: str
    expires: datetime | None = Field(description="Null: until somebody revokes it.")
    ended: datetime | None
    ended_by: str | None


class NewTokenAnswer(TokenAnswer):
    """A token that was given out just now."""

    token: str = Field(description="What to send as `Authorization: Bearer TOKEN`.")


class WantedPolicy(Wanted):
    """A segment policy as it is written (docs/policy.md)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "zones:\n  - name: vault\n    segments: [restricted]\n    closed: true\n"}]
        }
    )

    text: Annotated[str, StringConstraints(max_length=POLICY), AfterValidator(storable)]


class PolicyAnswer(Answer):
    """The policy in force."""

    text: str | None = Field(description="As it was given; null where none is in force.")
    zones: list[str]
    rules: int
    judged: list[str] = Field(description="Zones to which not everybody may log in.")
    remarks: list[str] = Field(description="Names in it that the inventory does not have.")


class PolicyBreach(Answer):
    """Logons of the past that a policy would not have permitted."""

    src_zones: list[str]
    dst_zones: list[str]
    account: str
    verdict: Verdict
    count: int
    first: datetime
    last: datetime
    src: str
    dst: str
    why: str


class PolicyTrial(Answer):
    """What a policy would have said of the past, the most logons first."""

    items: list[PolicyBreach]
    shown: int
    total: int
    logons: int = Field(description="That would not have been permitted.")
    remarks: list[str]
