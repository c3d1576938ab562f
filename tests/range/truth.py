"""What was done, written down by who did it and by exit codes. Nothing here is read from a log."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def iso(seconds: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC, microseconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Hop:
    """One successful authentication to one sshd.

    Parameters
    ----------
    src, dst
        Host names.
    user
        The account logged in as.
    as_user
        The account on `src` whose process connected.
    method
        publickey, password or keyboard-interactive; a certificate is publickey with a `cert_id`.
    t, until
        When the client was started and when it was gone, RFC 3339; the authentication lies between.
    how
        command, shell, scp, scp-legacy, sftp, jump (a forward, no session), master (several sessions).
    key
        Fingerprint of the key that was used; None for a password.
    cert_id
        Key id of the certificate; None without one.
    sessions
        Sessions opened on the connection; 0 for a forward alone.
    """

    src: str
    dst: str
    user: str
    as_user: str
    method: str
    t: str
    until: str
    how: str
    key: str | None
    cert_id: str | None
    sessions: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Hops that were nested: each was made from within the one before.

    Parameters
    ----------
    name
        What it was.
    attack
        False for legitimate work that goes over several hosts.
    t0
        When its first client was started, RFC 3339.
    hosts, users
        `hosts` has one more element than `users`.
    beside
        Sessions of other accounts, (src, dst, user), that were held open on a host in the middle meanwhile: by the
        open sessions alone they could have been the origin as well. Empty in all other chains, where nothing could.
    """

    name: str
    attack: bool
    t0: str
    hosts: tuple[str, ...]
    users: tuple[str, ...]
    beside: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """One wrong password (or keyboard-interactive answer) that an sshd refused. `valid`: the account exists."""

    src: str
    dst: str
    user: str
    as_user: str
    method: str
    valid: bool
    t: str
    until: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A connection on which only a key was offered, and refused. At LogLevel INFO the log does not name it."""

    src: str
    dst: str
    user: str
    as_user: str
    key: str
    t: str


@dataclass(frozen=True, slots=True)
class Fanout:
    """One account going from one host to many; `n` counts the successes."""

    src: str
    user: str
    n: int
    t0: str


@dataclass(slots=True)
class Truth:
    """Everything that was done in one recording. Safe to fill from several threads."""

    seed: int
    hops: list[Hop] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    fanout: Fanout | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *done: Hop | Chain | Failure | Refusal) -> None:
        """Write down what was done."""
        with self._lock:
            for item in done:
                match item:
                    case Hop():
                        self.hops.append(item)
                    case Chain():
                        self.chains.append(item)
                    case Failure():
                        self.failed.append(item)
                    case Refusal():
                        self.refused.append(item)

    def write(self, path: Path) -> None:
        """Write the truth as JSON, everything in order of time. `failures` is the number of `failed`."""
        document = {
            "seed": self.seed,
            "hops": [asdict(hop) for hop in sorted(self.hops, key=lambda hop: hop.t)],
            "chains": [asdict(chain) for chain in sorted(self.chains, key=lambda chain: chain.t0)],
            "failures": len(self.failed),
            "failed": [asdict(failure) for failure in sorted(self.failed, key=lambda failure: failure.t)],
            "refused": [asdict(refusal) for refusal in sorted(self.refused, key=lambda refusal: refusal.t)],
            "fanout": asdict(self.fanout) if self.fanout else None,
        }
        path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
