"""Views of the page that people keep: what they looked at, under a name or as a short link."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from graphmap.errors import InputError, QueryError
from graphmap.store.ledger.database import METADATA, Database, Time, Words, insert

if TYPE_CHECKING:
    from collections.abc import Callable

NAMED = 1_000
"""Most views with a name."""

NAMELESS = 10_000
"""Most views without one; the oldest give way."""

_STATES = sa.Table(
    "view_states",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("state", Words, nullable=False),
    sa.Column("author", Words, nullable=False),
    sa.Column("created", Time, nullable=False),
)

_NAMES = sa.Table(
    "view_names",
    METADATA,
    sa.Column("name", Words, primary_key=True),
    sa.Column("view", sa.String, nullable=False),
    sa.Column("owner", Words, nullable=False),
    sa.Column("updated", Time, nullable=False),
)

_NAMELESS = sa.select(
    _STATES.c.id,
    sa.null().label("name"),
    _STATES.c.author.label("owner"),
    _STATES.c.created.label("updated"),
    _STATES.c.state,
)
_JOINED = sa.select(_STATES.c.id, _NAMES.c.name, _NAMES.c.owner, _NAMES.c.updated, _STATES.c.state).join_from(
    _NAMES, _STATES, _NAMES.c.view == _STATES.c.id
)


@dataclass(frozen=True, slots=True)
class View:
    """What the page showed.

    Parameters
    ----------
    id
        Depends on `state` alone, so what a link with it shows never changes.
    name
        Under which it is kept; None where it has none.
    owner, updated
        Who gave it the name, or kept it first where it has none, and when.
    state
        As the page wrote it.
    """

    id: str
    name: str | None
    owner: str
    updated: datetime
    state: Mapping[str, Any]


def view_id(state: Mapping[str, Any]) -> str:
    """What a state is called: equal ones have the same id, whatever the order of their keys."""
    return "v-" + blake2b(_text(state).encode("utf-8", "backslashreplace"), digest_size=6).hexdigest()


class Views(Database):
    """The part of the ledger that keeps views."""

    def keep_view(self, state: Mapping[str, Any], *, author: str, now: datetime | None = None) -> View:
        """Keep a state for a link. One that is kept already stays as it is."""
        at = now or datetime.now(UTC)
        with self.transaction(write=True) as connection:
            kept = _keep(connection, state, author, at)
            nameless = sa.select(_STATES.c.id).where(_STATES.c.id.not_in(sa.select(_NAMES.c.view)))
            over = nameless.order_by(_STATES.c.created.desc(), _STATES.c.id).offset(NAMELESS)
            old = list(connection.scalars(over.limit(NAMELESS)))
            connection.execute(sa.delete(_STATES).where(_STATES.c.id.in_(old)))
            return _view(connection.execute(_NAMELESS.where(_STATES.c.id == kept)).one())

    def name_view(
        self,
        name: str,
        state: Mapping[str, Any],
        *,
        author: str,
        check: Callable[[View | None], None] = lambda _: None,
        now: datetime | None = None,
    ) -> View:
        """Keep a state under a name, in place of what had the name before; links to that go on.

        Parameters
        ----------
        check
            Is told what has the name now, None where nothing has; where it raises, nothing is changed.

        Raises
        ------
        InputError
            There are NAMED names already.
        """
        at = now or datetime.now(UTC)
        with self.transaction(write=True) as connection:
            before = _named(connection, name)
            check(before)
            count = connection.scalar(sa.select(sa.func.count()).select_from(_NAMES)) or 0
            if before is None and count >= NAMED:
                raise InputError(f"{NAMED:,} views have names already", hint="delete one that nobody needs")
            kept = _keep(connection, state, author, at)
            row = insert(connection, _NAMES).values(name=name, view=kept, owner=author, updated=at)
            changed = {column: row.excluded[column] for column in ("view", "owner", "updated")}
            connection.execute(row.on_conflict_do_update(index_elements=[_NAMES.c.name], set_=changed))
        return View(kept, name, author, at, dict(state))

    def view(self, view_id: str) -> View:
        """The view of an id.

        Raises
        ------
        QueryError
            There is none.
        """
        with self.transaction() as connection:
            row = connection.execute(_NAMELESS.where(_STATES.c.id == view_id)).first()
        if row is None:
            raise QueryError(f"no view {view_id!r}", hint="links without a name give way when there are too many")
        return _view(row)

    def view_named(self, name: str) -> View:
        """The view of a name.

        Raises
        ------
        QueryError
            There is none.
        """
        with self.transaction() as connection:
            return _found(_named(connection, name), name)

    def views(self) -> list[View]:
        """All that have a name, the one that was kept last first."""
        with self.transaction() as connection:
            rows = connection.execute(_JOINED.order_by(_NAMES.c.updated.desc(), _NAMES.c.name)).all()
        return [_view(row) for row in rows]

    def forget_view(self, name: str, *, check: Callable[[View], None] = lambda _: None) -> View:
        """Take a name back; links to what it named go on.

        Parameters
        ----------
        check
            Is told what has the name; where it raises, nothing is changed.

        Raises
        ------
        QueryError
            There is no such name.
        """
        with self.transaction(write=True) as connection:
            found = _found(_named(connection, name), name)
            check(found)
            connection.execute(sa.delete(_NAMES).where(_NAMES.c.name == name))
        return found


def _text(state: Mapping[str, Any]) -> str:
    return json.dumps(state, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _keep(connection: sa.Connection, state: Mapping[str, Any], author: str, at: datetime) -> str:
    kept = view_id(state)
    row = insert(connection, _STATES).values(id=kept, state=_text(state), author=author, created=at)
    connection.execute(row.on_conflict_do_nothing(index_elements=[_STATES.c.id]))
    return kept


def _named(connection: sa.Connection, name: str) -> View | None:
    row = connection.execute(_JOINED.where(_NAMES.c.name == name)).first()
    return None if row is None else _view(row)


def _found(view: View | None, name: str) -> View:
    if view is None:
        raise QueryError(f"no view is called {name!r}", hint="/views lists those that have a name")
    return view


def _view(row: Any) -> View:
    return View(row.id, row.name, row.owner, row.updated, json.loads(row.state))
