"""Who may ask the API: tokens that were given out. Only their SHA-256 is kept.

A token is 256 random bits, so a plain digest of it cannot be turned back; salts and slow hashes are for passwords.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from graphmap.errors import QueryError
from graphmap.model import Role, Token
from graphmap.store.ledger.database import METADATA, Database, Time, Words

if TYPE_CHECKING:
    from typing import Any

PREFIX = "graphmap_"
"""What every token begins with: programs that look for secrets in files know it by this."""

_TOKENS = sa.Table(
    "tokens",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String, nullable=False, unique=True),
    sa.Column("name", Words, nullable=False),
    sa.Column("role", sa.String, nullable=False),
    sa.Column("created", Time, nullable=False),
    sa.Column("created_by", Words, nullable=False),
    sa.Column("expires", Time),
    sa.Column("ended", Time),
    sa.Column("ended_by", Words),
    sqlite_autoincrement=True,
)
_SHOWN = [column for column in _TOKENS.c if column.name != "digest"]


class NewToken(NamedTuple):
    """A token at the only moment when its text is known."""

    token: Token
    text: str


def digest_of(text: str) -> str:
    """What is kept of a token: SHA-256 in hexadecimal digits. Any text has one."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Access(Database):
    """The part of the ledger that knows who may ask."""

    def add_token(
        self, name: str, role: Role, *, author: str, expires: datetime | None, now: datetime | None = None
    ) -> NewToken:
        """Make a token for whom `name` names. `now` is the moment to note, None the present one."""
        text = PREFIX + secrets.token_urlsafe(32)
        made = Token(0, name, role, now or datetime.now(UTC), author, expires)
        row = {
            "digest": digest_of(text),
            "name": name,
            "role": str(role),
            "created": made.created,
            "created_by": author,
            "expires": expires,
        }
        with self.transaction(write=True) as connection:
            number = connection.scalar(sa.insert(_TOKENS).values(row).returning(_TOKENS.c.id))
        return NewToken(replace(made, id=int(number or 0)), text)

    def tokens(self) -> dict[str, Token]:
        """All that were ever given out by their digests (`digest_of`), the first first."""
        with self.transaction() as connection:
            rows = connection.execute(sa.select(_TOKENS).order_by(_TOKENS.c.id)).all()
        return {row.digest: _token(row) for row in rows}

    def end_token(self, number: int, *, author: str, now: datetime | None = None) -> Token:
        """Let a token open nothing from now on; who had it is kept.

        Raises
        ------
        QueryError
            There is none of that number, or it has been ended before.
        """
        same = _TOKENS.c.id == number
        with self.transaction(write=True) as connection:
            row = connection.execute(sa.select(*_SHOWN).where(same)).first()
            if row is None:
                raise QueryError(f"no token {number}", hint="graphmap token list shows them")
            if row.ended is not None:
                raise QueryError(f"token {number} was ended by {row.ended_by} before")
            ended = replace(_token(row), ended=now or datetime.now(UTC), ended_by=author)
            connection.execute(sa.update(_TOKENS).where(same).values(ended=ended.ended, ended_by=author))
        return ended


def _token(row: Any) -> Token:
    values = {column.name: getattr(row, column.name) for column in _SHOWN}
    return Token(**values | {"role": Role(values["role"])})
