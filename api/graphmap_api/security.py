"""What a request has to show before anything is done for it, and what browsers are told with every answer.

The page itself holds no data and is served to anybody on this machine; everything under /api needs a token. So a link
to a view works from a ticket or a chat too, from where a browser does not send a cookie that is SameSite=Strict.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse

from graphmap_api.access import Door
from graphmap_api.audit import Trails, address_of
from graphmap_api.headers import HEADERS
from graphmap_api.problems import problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from graphmap.config import Settings
    from graphmap_api.access import Access
    from graphmap_api.rights import Caller

PROBES = frozenset({"/api/v1/health", "/api/v1/ready"})
"""Need no token and leave no trace."""

CLOSED = 499
"""What stands in the audit trail for a request whose client went before the answer; nobody is sent it."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110, section 9.2.1)."""

_HEADERS = tuple((name.encode(), value.encode()) for name, value in HEADERS.items())

OTHERS = frozenset({"cross-site", "same-site"})
"""What a browser says in Sec-Fetch-Site when another page than ours asks."""


class Guard:
    """Middleware that lets through who may ask, notes what they asked, and puts HEADERS on every answer.

    Parameters
    ----------
    access
        The token of the run, and the server's names.
    settings
        Where the tokens that were given out are, and where the audit trail goes.
    """

    def __init__(self, app: ASGIApp, access: Access, settings: Settings) -> None:
        self._app = app
        self._access = access
        self._door = Door(access, settings.ledger)
        self._trails = Trails.of(settings.home)
        self._looking = CapacityLimiter(1)  # not one of the threads that may all be at work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, noted = Headers(scope=scope), is_noted(str(scope["path"]))
        answered = False

        async def with_headers(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                MutableHeaders(scope=message).setdefault("cache-control", "no-store")
                message["headers"].extend(_HEADERS)
                if noted:
                    self._note(scope, message["status"])
            await send(message)

        refusal = self._misdirected(headers) or await self._unless_known(scope, headers, noted=noted)
        await (refusal or self._app)(scope, receive, with_headers)
        if noted and not answered:
            self._note(scope, CLOSED)

    async def _unless_known(self, scope: Scope, headers: Headers, *, noted: bool) -> ASGIApp | None:
        """What is answered to whom nobody knows, and to the page that brings a token; None where all is well."""
        if self._door.is_stale and scope["path"] not in PROBES:
            await to_thread.run_sync(self._door.look, limiter=self._looking)
        if not noted:
            return self._exchange(scope, headers)
        caller = scope["graphmap.caller"] = self._caller(scope["method"], headers)
        return None if caller else _unknown()

    def _note(self, scope: Scope, status: int) -> None:
        """It is a line at the end of a file: a trip to a thread would take longer."""
        address = address_of(scope["path"], scope["query_string"].decode("latin-1"))
        self._trails.note(scope.get("graphmap.caller"), scope["method"], address, status)

    def _misdirected(self, headers: Headers) -> ASGIApp | None:
        if headers.get("host", "") in self._access.hosts:
            return None
        return problem(
            HTTPStatus.MISDIRECTED_REQUEST,
            "this server does not go by the name in the Host header",
            hint=f"use one of: {', '.join(sorted(self._access.hosts))}",
        )

    def _exchange(self, scope: Scope, headers: Headers) -> ASGIApp | None:
        """The cookie for a token in the address, and on to the same address without it; None where there is none."""
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in asked if name == "token"]
        if not given:
            return None
        rest = urlencode([(name, value) for name, value in asked if name != "token"])
        place = "/" + scope["path"].lstrip("/")  # "//elsewhere/" would lead to another host
        answer = RedirectResponse(f"{place}?{rest}" if rest else place, HTTPStatus.SEE_OTHER)
        if session := self._door.begin_session(given[0]):
            answer.set_cookie(_cookie(headers), session, httponly=True, samesite="strict", path="/")
        return answer

    def _caller(self, method: str, headers: Headers) -> Caller | None:
        if headers.get("sec-fetch-site") in OTHERS:  # also with a token: a proxy may add one to whatever comes
            return None
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._door.of_token(token.strip())
        if method not in SAFE and not _own_page(headers):
            return None
        return self._door.of_session(cookie_parser(headers.get("cookie", "")).get(_cookie(headers), ""))


def is_noted(path: str) -> bool:
    """Whether requests of a path need a token and leave a trace."""
    return path.startswith("/api") and path not in PROBES


def _cookie(headers: Headers) -> str:
    """The cookie's name: browsers keep cookies by host whatever the port, and there may be several servers."""
    return f"graphmap-{headers.get('host', '').rpartition(':')[2]}"


def _own_page(headers: Headers) -> bool:
    """Whether a browser says that the page of this very server wants to change something.

    A page of another port of this machine is the same site to a cookie; browsers tell it apart by Sec-Fetch-Site
    (https://www.w3.org/TR/fetch-metadata/), older ones by Origin (RFC 6454).
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(headers.get("origin", "")).netloc == headers.get("host")


def _unknown() -> ASGIApp:
    return problem(
        HTTPStatus.UNAUTHORIZED,
        "no token, or one that holds no more",
        hint="open the URL that graphmap serve printed; programs send 'Authorization: Bearer TOKEN'",
        headers={"www-authenticate": 'Bearer realm="graphmap"'},
    )
