"""What whoever asks may do: every endpoint names the right that it takes, and roles have rights."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.routing import APIRoute

from graphmap.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi.dependencies.models import Dependant

OPEN = frozenset({"/health", "/ready"})
"""What needs no token: it tells that something answers, or what keeps it from that, and nothing else."""


class Right(StrEnum):
    """What an endpoint takes."""

    READ = "read"
    JUDGE = "judge"
    """Say something of findings, and hide them."""
    SEND = "send"
    """Bring logs in."""
    RULE = "rule"
    """Change what others go by, and see what they did."""


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.READER: frozenset({Right.READ}),
    Role.ANALYST: frozenset({Right.READ, Right.JUDGE}),
    Role.INGEST: frozenset({Right.SEND}),
    Role.ADMIN: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a name that stands beside all that they do, and a role."""

    name: str
    role: Role


class Needs:
    """A dependency that lets through whose role has one of some rights.

    Parameters
    ----------
    rights
        Any one of them is enough.
    """

    def __init__(self, *rights: Right) -> None:
        self.roles = frozenset(role for role, held in RIGHTS.items() if held & set(rights))

    async def __call__(self, request: Request) -> None:
        """Refuse with 403.

        Raises
        ------
        HTTPException
            The caller's role has none.
        """
        role = caller_of(request).role
        if role not in self.roles:
            able = ", ".join(sorted(self.roles))
            raise HTTPException(HTTPStatus.FORBIDDEN, f"this token is of the role {role}; it takes one of: {able}")


READ, JUDGE, SEND, RULE = (Depends(Needs(right)) for right in Right)
SEND_OR_READ = Depends(Needs(Right.SEND, Right.READ))
ANYBODY = Depends(Needs(*Right))
"""Whoever has a token."""


def caller_of(request: Request) -> Caller:
    """Who asks, as `graphmap_api.security.Guard` found out."""
    caller: Caller = request.scope["graphmap.caller"]
    return caller


async def _caller(request: Request) -> Caller:
    return caller_of(request)


AnyCaller = Annotated[Caller, Depends(_caller)]


def declared(router: APIRouter) -> dict[str, frozenset[Role]]:
    """The roles that may ask each operation of a router, by its id; none for those that are OPEN.

    Raises
    ------
    LookupError
        An operation does not say it and is not open to everybody: nobody thought of who may ask it.
    """
    found = {}
    for route in router.routes:
        assert isinstance(route, APIRoute)  # noqa: S101 - our routers hold no other
        needs = [call.roles for call in _calls(route.dependant) if isinstance(call, Needs)]
        if not needs and route.path not in OPEN:
            raise LookupError(f"{route.path} does not say who may ask it")
        found[route.name] = frozenset(Role).intersection(*needs) if needs else frozenset()
    return found


def _calls(dependant: Dependant) -> Iterator[Any]:
    for one in dependant.dependencies:
        yield one.call
        yield from _calls(one)
