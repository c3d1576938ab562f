"""The application: everything under /api/v1, and the page."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette_compress import CompressMiddleware

from graphmap.pipeline.readiness import Readiness
from graphmap_api import problems
from graphmap_api.audit import Trails
from graphmap_api.bodies import Bodies
from graphmap_api.freshness import NotModifiedError, not_modified
from graphmap_api.jobs import Jobs
from graphmap_api.page import mount_page
from graphmap_api.patience import LONGEST, Patience
from graphmap_api.problems import MEDIA_TYPE, Problem
from graphmap_api.rights import declared
from graphmap_api.routes import (
    audit,
    chains,
    coverage,
    exports,
    figures,
    findings,
    graph,
    habits,
    ingest,
    network,
    nodes,
    notes,
    pivots,
    policy,
    rare,
    schedule,
    search,
    segments,
    service,
    sessions,
    stories,
    suppressions,
    tokens,
    triage,
    updates,
    views,
)
from graphmap_api.runs import Recent, Runs
from graphmap_api.security import Guard
from graphmap_api.workspace import Workspaces

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from graphmap.config import Settings
    from graphmap_api.access import Access

PREFIX = "/api/v1"

ROUTERS = (
    pivots,
    exports,
    updates,
    ingest,
    service,
    coverage,
    audit,
    search,
    nodes,
    notes,
    segments,
    habits,
    sessions,
    graph,
    chains,
    rare,
    stories,
    findings,
    triage,
    suppressions,
    tokens,
    views,
    policy,
    schedule,
    figures,
    network,
)
"""Looked through in this order, which takes its time: what programs ask most comes first."""

PACKED_FROM = 1_000
"""Bytes of an answer from which it is worth the time."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "model": Problem, "content": {MEDIA_TYPE: {}}}
    for status, text in (
        (400, "The cursor is none."),
        (401, "No token, or one that holds no more."),
        (403, "The token's role does not allow it."),
        (404, "A name that the data does not hold."),
        (409, "It stands in the way of what goes on already."),
        (410, "The data changed since the cursor was made."),
        (412, "Somebody else changed it since it was read."),
        (413, "The body is too large."),
        (421, "A Host header that is not this server's."),
        (422, "A parameter that cannot be used."),
        (503, "The stores cannot be read now."),
        (504, "No answer within the time limit."),
    )
}


def create_app(settings: Settings, access: Access, *, patience: float = LONGEST) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings
        Where the stores are.
    access
        Who may ask.
    patience
        Seconds until a request is given up.
    """
    app = FastAPI(
        title="graphmap",
        version=version("graphmap"),
        summary="Lateral movement: sessions, hops, chains and findings of your logs",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.workspaces = Workspaces(settings)
    app.state.trails = Trails.of(settings.home)
    app.state.jobs = Jobs()
    app.state.runs = Runs()
    app.state.recent = Recent(settings.ledger)
    app.state.readiness = Readiness(settings)
    app.state.listeners = 0
    app.state.stopping = lambda: False  # graphmap_api.server knows
    problems.register(app)
    app.add_exception_handler(NotModifiedError, not_modified)
    for module in ROUTERS:
        app.include_router(module.router, prefix=PREFIX, responses=PROBLEMS)
    app.openapi = _document_of(app)  # type: ignore[method-assign]  # the way that FastAPI's documentation gives
    mount_page(app)
    app.add_middleware(CompressMiddleware, minimum_size=PACKED_FROM)
    app.add_middleware(Patience, seconds=patience)
    app.add_middleware(Bodies)
    app.add_middleware(Guard, access=access, settings=settings)
    return app


def _operation_id(route: APIRoute) -> str:
    """The name of the function: what a generated client calls it."""
    return route.name


def _document_of(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """The OpenAPI document with who may ask what: `x-roles` of an operation are the roles that may."""
    roles = {name: able for module in ROUTERS for name, able in declared(module.router).items()}
    written = app.openapi

    def document() -> dict[str, Any]:
        found = written()
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for methods in found["paths"].values():
            for operation in methods.values():
                able = roles[operation["operationId"]]
                operation["security"] = [{"token": []}] if able else []
                operation["x-roles"] = sorted(able)
        return found

    return document
