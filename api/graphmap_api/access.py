"""Who somebody is: by the token of the run, a token that was given out, or the cookie that the page got for one."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from graphmap.model import Role
from graphmap.store.ledger import Ledger, digest_of
from graphmap_api.rights import Caller

if TYPE_CHECKING:
    from pathlib import Path

    from graphmap.model import Token

LOOK_EVERY = 1.0
"""Seconds for which the ledger's tokens are taken as unchanged."""

MOST_SESSIONS = 1_000
"""Cookies that hold at once; the oldest gives way."""


@dataclass(frozen=True, slots=True)
class Access:
    """Whom a server knows without asking, and the names under which it may be asked.

    Parameters
    ----------
    hosts
        Allowed values of the Host header, which keeps other sites from reaching it under a name of theirs (DNS
        rebinding).
    author
        The name of whoever started it: what is done with the token of the run is theirs.
    token
        That of the run, an admin's, in the URL that is printed at the start.
    """

    hosts: frozenset[str]
    author: str = "admin"
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @classmethod
    def on(cls, port: int, author: str = "admin") -> Access:
        """For a server on a port of this machine."""
        return cls(frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")), author)


class Door:
    """Tells who has a token or a cookie.

    Parameters
    ----------
    access
        The token of the run.
    ledger
        The database that knows the others.
    """

    def __init__(self, access: Access, ledger: Path | str) -> None:
        self._ledger = ledger
        self._own = digest_of(access.token)
        self._admin = Caller(access.author, Role.ADMIN)
        self._sessions: dict[str, str] = {}
        self._tokens: dict[str, Token] = {}
        self._looked: float | None = None
        self._lock = threading.Lock()
        self._looking = threading.Lock()

    @property
    def is_stale(self) -> bool:
        """Whether the ledger was looked at longer ago than LOOK_EVERY."""
        return self._looked is None or time.monotonic() - self._looked > LOOK_EVERY

    def look(self) -> None:
        """Read the tokens that were given out, unless somebody else just did."""
        with self._looking:
            if not self.is_stale:
                return
            if isinstance(self._ledger, str) or self._ledger.exists():
                with Ledger(self._ledger) as ledger:
                    self._tokens = ledger.tokens()
            self._looked = time.monotonic()

    def of_token(self, text: str) -> Caller | None:
        """Who has a token; None where it opens nothing."""
        return self._of_digest(digest_of(text))

    def of_session(self, text: str) -> Caller | None:
        """Who has a cookie. It holds as long as the token that it was given for."""
        digest = self._sessions.get(digest_of(text))
        return None if digest is None else self._of_digest(digest)

    def begin_session(self, token: str) -> str | None:
        """What a cookie is to hold for a token, which is in no cookie itself; None where it opens nothing."""
        if self.of_token(token) is None:
            return None
        text = secrets.token_urlsafe(32)
        with self._lock:
            while len(self._sessions) >= MOST_SESSIONS:
                self._sessions.pop(next(iter(self._sessions)))
            self._sessions[digest_of(text)] = digest_of(token)
        return text

    def _of_digest(self, digest: str) -> Caller | None:
        """Digests are looked up, not compared in constant time: what a guess has in common with one tells nothing."""
        if digest == self._own:
            return self._admin
        found = self._tokens.get(digest)
        if found is None or not found.is_active(datetime.now(UTC)):
            return None
        return Caller(found.name, found.role)
