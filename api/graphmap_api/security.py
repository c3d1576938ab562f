"""Who may ask: the token, the cookie that the page gets for it, the Host header, and what browsers are told.

The page itself holds no data and is served to anybody on this machine; everything under /api needs the token. So a
link to a view works from a ticket or a chat too, from where a browser does not send a cookie that is SameSite=Strict.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse

from graphmap_api.headers import HEADERS
from graphmap_api.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN = frozenset({"/api/v1/health"})
"""What needs no token: it tells that something answers, and nothing else."""


@dataclass(frozen=True, slots=True)
class Access:
    """The secrets of one run and the names under which it may be asked.

    Parameters
    ----------
    hosts
        Allowed values of the Host header, which keeps other sites from reaching it under a name of theirs (DNS
        rebinding).
    token
        For programs, and in the URL that is printed at the start.
    session
        What the page's cookie holds: the token itself is in no cookie.
    """

    hosts: frozenset[str]
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @classmethod
    def on(cls, port: int) -> Access:
        """For a server on a port of this machine."""
        return cls(frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")))

    def cookie(self, host: str) -> str:
        """The cookie's name: browsers keep cookies by host whatever the port, and there may be several servers."""
        return f"graphmap-{host.rpartition(':')[2]}"


class Guard:
    """Middleware that lets through who may ask and puts HEADERS on every answer."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await (self._refusal(scope) or self._app)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers, access = Headers(scope=scope), self._access
        host = headers.get("host", "")
        if host not in access.hosts:
            return problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "this server does not go by the name in the Host header",
                hint=f"use one of: {', '.join(sorted(access.hosts))}",
            )
        path: str = scope["path"]
        if path.startswith("/api"):
            return None if path in OPEN or self._known(headers, host) else _unknown()
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in asked if name == "token"]
        return self._exchange(scope, asked, given[0], host) if given else None

    def _exchange(self, scope: Scope, asked: list[tuple[str, str]], token: str, host: str) -> ASGIApp:
        """The cookie for the token, and on to the same address without it."""
        rest = urlencode([(name, value) for name, value in asked if name != "token"])
        place = "/" + scope["path"].lstrip("/")  # "//elsewhere/" would lead to another host
        answer = RedirectResponse(f"{place}?{rest}" if rest else place, HTTPStatus.SEE_OTHER)
        if _same(token, self._access.token):
            name = self._access.cookie(host)
            answer.set_cookie(name, self._access.session, httponly=True, samesite="strict", path="/")
        return answer

    def _known(self, headers: Headers, host: str) -> bool:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return _same(token.strip(), self._access.token)
        # a page of another port of this machine is the same site to a cookie; browsers tell it apart here
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        held = cookie_parser(headers.get("cookie", "")).get(self._access.cookie(host), "")
        return _same(held, self._access.session)


def _same(one: str, other: str) -> bool:
    return secrets.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode())


def _unknown() -> ASGIApp:
    return problem(
        HTTPStatus.UNAUTHORIZED,
        "no token, or not the one of this run",
        hint="open the URL that graphmap serve printed; programs send 'Authorization: Bearer TOKEN'",
        headers={"www-authenticate": 'Bearer realm="graphmap"'},
    )
