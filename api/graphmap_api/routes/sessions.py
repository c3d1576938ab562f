"""Sessions, refused attempts, and the log lines behind anything."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import polars as pl
from fastapi import HTTPException, Query

from graphmap.model import Line, NodeKind, Outcome
from graphmap.pipeline.lines import quote
from graphmap.pipeline.movement import Filters
from graphmap.pipeline.profiles import SEGMENT
from graphmap_api.freshness import AnyWorkspace, FreshWorkspace
from graphmap_api.models import Event, Session
from graphmap_api.paging import Page, begin_of, page
from graphmap_api.queries import NAME, Cursor, Limit, Moment, MovementFilters
from graphmap_api.rights import READ
from graphmap_api.routing import Router
from graphmap_api.workspace import Workspace

router = Router(tags=["sessions"], dependencies=[READ])

SESSION = tuple(Session.model_fields)
EVENT = tuple(name for name in Event.model_fields if name not in {"text", "problem"})

COLUMNS = {NodeKind.HOST: ("host", "src"), NodeKind.SOURCE: ("src",), NodeKind.USER: ("user",), NodeKind.KEY: ("key",)}
"""Where a node stands in a session."""


@router.get("/sessions")
def sessions(
    workspace: FreshWorkspace,
    filters: MovementFilters,
    node: Annotated[
        list[Annotated[str, Query(max_length=NAME)]] | None,
        Query(max_length=4, description="Ids that a session must touch, all of them, such as user:bob or segment:dmz."),
    ] = None,
    src: Annotated[
        str | None, Query(max_length=NAME, description="Id of the host, source or segment it came from.")
    ] = None,
    dst: Annotated[str | None, Query(max_length=NAME, description="Id of the host or segment it arrived at.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[Session]:
    """Logon sessions and refused attempts, the latest first.

    The filters are those of the graph; `min` does not apply, and `cert` only where accepted logons with a source are
    asked for.
    """
    begin = begin_of(cursor, workspace)
    kept = pl.lit(value=True)
    for each in node or ():
        kept &= touches(workspace, each, COLUMNS)
    if src is not None:
        kept &= touches(workspace, src, {NodeKind.HOST: ("src",), NodeKind.SOURCE: ("src",)})
    if dst is not None:
        kept &= touches(workspace, dst, {NodeKind.HOST: ("host",)})
    wanted = attempts(workspace, filters).filter(kept)
    latest = wanted.sort("start", "host", "src", "user", "src_port", descending=[True, False, False, False, False])
    found, total = pl.collect_all([latest.slice(begin, limit), wanted.select(pl.len())])
    items = [Session(**row) for row in found.select(SESSION).iter_rows(named=True)]
    return page(items, int(total.item()), begin, workspace)


def attempts(workspace: Workspace, filters: Filters) -> pl.LazyFrame:
    """Sessions and refused attempts in one table, the columns of SESSION."""
    accepted = filters.sessions(workspace.estate).with_columns(outcome=pl.lit(str(Outcome.SUCCESS)))
    refused = filters.all_failures(workspace.estate).rename({"time": "start"})
    refused = refused.with_columns(outcome=pl.lit(str(Outcome.FAILURE)), lines=pl.concat_list("line"), **_UNTOLD)
    parts = {Outcome.SUCCESS: accepted, Outcome.FAILURE: refused}
    chosen = parts.values() if filters.outcome is None else [parts[filters.outcome]]
    columns = [*SESSION, "src_known"]
    return pl.concat(
        [
            part.match_to_schema(_SHAPE, missing_columns="insert", extra_columns="ignore").select(columns)
            for part in chosen
        ]
    )


_UNTOLD = {name: pl.lit([], pl.List(pl.String)) for name in ("witnesses", "missing")}
_LINE = pl.Struct({"file": pl.String, "line": pl.Int64})
_SHAPE = pl.Schema(
    {
        "start": pl.Datetime("us", "UTC"),
        "end": pl.Datetime("us", "UTC"),
        "outcome": pl.String(),
        "host": pl.String(),
        "src": pl.String(),
        "src_known": pl.Boolean(),
        "src_port": pl.Int32(),
        "user": pl.String(),
        "service": pl.String(),
        "method": pl.String(),
        "key": pl.String(),
        "command": pl.String(),
        "witnesses": pl.List(pl.String),
        "missing": pl.List(pl.String),
        "lines": pl.List(_LINE),
    }
)


def touches(workspace: Workspace, node: str, columns: dict[NodeKind, tuple[str, ...]]) -> pl.Expr:
    """Whether an attempt touches a node or a segment, by the columns in which each kind of node may stand.

    Raises
    ------
    HTTPException
        422: no node of such a kind can stand there.
    """
    kind, _, name = node.partition(":")
    if kind == SEGMENT and NodeKind.HOST in columns:
        inside = workspace.nodes.filter(pl.col("segment") == name)["name"].implode()
        return pl.any_horizontal(pl.col(column).is_in(inside) for column in columns[NodeKind.HOST]).fill_null(
            value=False
        )
    if kind not in columns:
        allowed = " or ".join(f"{each}:" for each in (*columns, SEGMENT))
        raise HTTPException(422, f"{node!r} is no id here: it begins with {allowed}")
    known = {NodeKind.HOST: pl.col("src_known"), NodeKind.SOURCE: ~pl.col("src_known")}
    found = pl.lit(value=False)
    for column in columns[NodeKind(kind)]:
        same = pl.col(column) == name
        found |= same & known[NodeKind(kind)] if column == "src" else same
    return found.fill_null(value=False)


@router.get("/events")
def events(
    workspace: AnyWorkspace,
    at: Annotated[
        list[Annotated[str, Query(max_length=5000)]] | None,
        Query(max_length=200, description="Places FILE:LINE, as the lines of sessions, hops and findings name them."),
    ] = None,
    host: Annotated[str | None, Query(max_length=NAME, description="The host that logged it, as logged.")] = None,
    user: Annotated[str | None, Query(max_length=NAME)] = None,
    src_ip: Annotated[str | None, Query(max_length=NAME)] = None,
    since: Annotated[Moment | None, Query(alias="from")] = None,
    until: Annotated[Moment | None, Query(alias="to")] = None,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[Event]:
    """Events in order of time, each with its line as it stands in its file.

    A line is quoted only where it is one of an event, and still holds what was read from it.
    """
    begin = begin_of(cursor, workspace)
    wanted = workspace.lake.scan(EVENT, since=since, until=until, hosts=None if host is None else [host])
    for column, value in (("user", user), ("src_ip", src_ip)):
        if value is not None:
            wanted = wanted.filter(pl.col(column) == value)
    if at is not None:
        places = pl.LazyFrame([_place(each) for each in at], schema={"file": pl.String, "line": pl.Int64}, orient="row")
        wanted = wanted.join(places, on=["file", "line"], how="semi")
    ordered = wanted.sort("time", "file", "line", "kind").slice(begin, limit)
    found, total = pl.collect_all([ordered, wanted.select(pl.len())])
    rows = list(found.iter_rows(named=True))
    quoted = quote([Line(row["file"], row["line"]) for row in rows], workspace.lake)
    items = [Event(**row, **asdict(quoted[Line(row["file"], row["line"])])) for row in rows]
    return page(items, int(total.item()), begin, workspace)


def _place(text: str) -> tuple[str, int]:
    file, _, number = text.rpartition(":")
    if not file or not number.isascii() or not number.isdigit() or len(number) > 15:  # noqa: PLR2004 - fits 64 bits
        raise HTTPException(422, f"{text!r} is no place: write FILE:LINE")
    return file, int(number)
