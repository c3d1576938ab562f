"""The page: static files of web/, and plotly.js out of the installed plotly package."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from graphmap.figures.script import plotly_script
from graphmap.resources import web
from graphmap_api.problems import problem

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request

VIEWS = (
    "explorer", "findings", "findings/{id}", "stories/{id}", "rare", "coverage", "jobs", "data", "suppressions", "help",
    "profile", "hosts/{id:path}", "users/{id:path}", "sources/{id:path}", "keys/{id:path}",
)  # fmt: skip
"""Addresses that the page's own router shows."""

_GUARDED = re.compile(r'getElementById\("([0-9a-f]{64})"\)')


def mount_page(app: FastAPI) -> None:
    """Serve the page at its addresses."""
    for view in ("", *VIEWS):
        app.router.routes.append(Route(f"/{view}", _index))
    app.router.routes.append(Route("/plotly.js", _plotly))
    app.router.routes.append(Route("/api/{rest:path}", _nothing))
    app.mount("/static", StaticFiles(directory=web()))


async def _index(_request: Request) -> Response:
    return Response(_index_text(), media_type="text/html", headers={"cache-control": "no-cache"})


async def _plotly(_request: Request) -> Response:
    return FileResponse(
        plotly_script(), media_type="text/javascript", headers={"cache-control": "private, max-age=86400"}
    )


async def _nothing(request: Request) -> Response:
    return problem(
        HTTPStatus.NOT_FOUND,
        f"there is no {request.url.path[:200]!r} here",
        hint="/api/v1/openapi.json lists what there is",
    )


@cache
def _index_text() -> str:
    """index.html, with an element of the id by which plotly.js sees that its map styles are there already.

    It would else write them into a style element, which the Content-Security-Policy refuses.
    """
    text = Path(web() / "index.html").read_text(encoding="utf-8")
    found = _GUARDED.search(plotly_script().read_text(encoding="utf-8"))
    guard = f'<span id="{found[1]}" hidden></span>' if found else ""
    return text.replace("<!-- plotly-guard -->", guard)
