"""Errors as RFC 9457 problem details (application/problem+json)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from graphmap.errors import GraphmapError, InputError, OutdatedError, QueryError
from graphmap_api.headers import HEADERS
from graphmap_api.uploads import TooLargeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """What was wrong with a request, or with answering it (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": "no host or source named 'db9'",
                "hint": "did you mean db1?",
            }
        }
    )

    type: str = Field(description="Always about:blank: `status` and `title` say the kind.")
    title: str = Field(description="The HTTP status in words.")
    status: int
    detail: str = Field(description="What was wrong, in a sentence.")
    hint: str | None = Field(default=None, description="What to do about it.")
    errors: list[dict[str, str]] | None = Field(
        default=None, description="For 422: each parameter (`where`) and what is wrong with it (`message`)."
    )


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    hint: str | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A response that says what was wrong."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        "hint": hint,
        "errors": errors,
    }
    return JSONResponse(content, status.value, dict(headers or {}), media_type=MEDIA_TYPE)


def register(app: FastAPI) -> None:
    """Let an application answer every error as a problem."""
    app.add_exception_handler(GraphmapError, _of_graphmap)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _of_bug)


async def _of_graphmap(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GraphmapError)  # noqa: S101 - what it is registered for
    match error:
        case QueryError():
            status = HTTPStatus.NOT_FOUND
        case InputError():
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        case TooLargeError():
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        case OutdatedError():
            status = HTTPStatus.PRECONDITION_FAILED
        case _:
            status = HTTPStatus.SERVICE_UNAVAILABLE
    return problem(status, error.message, hint=error.hint)


async def _of_http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    return problem(HTTPStatus(error.status_code), str(error.detail), headers=error.headers)


async def _of_validation(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    errors = [{"where": ".".join(map(str, e["loc"])), "message": str(e["msg"])} for e in error.errors()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "the request has parameters that cannot be used", errors=errors)


async def _of_bug(_request: Request, _error: Exception) -> JSONResponse:
    """It is answered outside of all middleware, and uvicorn prints the trace."""
    detail = "this is a bug; what graphmap serve prints shows where"
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, headers=HEADERS)
