"""What sshd and PAM write about logons, as OpenSSH 9.2 on Debian does (docs/formats.md, SSH events)."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

import polars as pl

from graphmap.simulate.moves import JUMP, NO_KEY, SFTP, SHELL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphmap.simulate.company import Ids

VERBOSE, NO_KEYS = 1, 2
"""Values of `level`; 0 is INFO."""
MILLISECOND = 1_000
MOST_TRIES = 3


def fingerprints(keys: Ids, seed: int) -> pl.Series:
    """How sshd writes keys: type and SHA-256 fingerprint; null for NO_KEY."""
    known = {
        key: f"{'RSA' if key % 5 == 1 else 'ED25519'} SHA256:"
        + b64encode(hashlib.sha256(f"{seed}/{key}".encode()).digest()).decode().rstrip("=")
        for key in set(keys.tolist()) - {NO_KEY}
    }
    return pl.Series([known.get(key) for key in keys.tolist()], dtype=pl.String)


def lines(told: pl.DataFrame) -> pl.DataFrame:
    """The lines of logons on Unix hosts.

    Parameters
    ----------
    told
        MOVES with `host`, `time` (by the clock of the host), `user`, `uid`, `peer` ("ADDRESS port N"), `address`,
        `fingerprint`, `level`, `pid`, `wait` (what authentication took, in us), `ended`, `unknown` (no such account).

    Returns
    -------
    `file`, `time`, `attack`, `step` and `text`: program and message, in no order.
    """
    return pl.concat(list(_lines(told)))


def _line(told: pl.DataFrame, later: pl.Expr | int, pid: pl.Expr, text: pl.Expr) -> pl.DataFrame:
    offset = pl.lit(later) if isinstance(later, int) else later
    return told.select(
        file="dst",
        time=pl.col("time") + offset.cast(pl.Int64),
        attack="attack",
        step="step",
        text=pl.concat_str(pl.lit("sshd["), pid, pl.lit("]: "), text),
    )


def _lines(told: pl.DataFrame) -> Iterator[pl.DataFrame]:
    pid, child = pl.col("pid"), pl.col("pid") + pl.col("uid") % 5 + 2
    yield from _tries(told, pid)
    accepted = told.filter("accepted")
    verbose = pl.col("level") == VERBOSE
    keyed = pl.col("fingerprint").is_not_null()
    method = pl.when(keyed).then(pl.lit("publickey")).otherwise(pl.lit("password"))
    shown = (
        pl.when(keyed & (pl.col("level") != NO_KEYS))
        .then(pl.concat_str(pl.lit(": "), "fingerprint"))
        .otherwise(pl.lit(""))
    )
    yield _line(
        accepted,
        0,
        pid,
        pl.concat_str(pl.lit("Accepted "), method, pl.format(" for {} from {} ssh2", "user", "peer"), shown),
    )
    opened = pl.format("pam_unix(sshd:session): session opened for user {}(uid={}) by (uid=0)", "user", "uid")
    yield _line(accepted, 2 * MILLISECOND, pid, opened)
    much = accepted.filter(verbose)
    found = pl.format("Accepted key {} found at /home/{}/.ssh/authorized_keys:1", "fingerprint", "user")
    yield _line(much.filter(keyed), -9 * MILLISECOND, pid, found)
    yield _line(
        much.filter(keyed),
        -7 * MILLISECOND,
        pid,
        pl.format("Postponed publickey for {} from {} ssh2 [preauth]", "user", "peer"),
    )
    yield _line(much, 3 * MILLISECOND, pid, pl.format("User child is on pid {}", child))
    what = (
        pl.when(pl.col("kind") == SHELL).then(pl.format("shell on pts/{}", pl.col("uid") % 7))
        .when(pl.col("kind") == SFTP).then(pl.lit("subsystem 'sftp'"))
        .otherwise(pl.lit("command"))
    )  # fmt: skip
    started = much.filter(pl.col("kind") != JUMP)
    yield _line(
        started,
        40 * MILLISECOND,
        child,
        pl.concat_str(pl.lit("Starting session: "), what, pl.format(" for {} from {} id 0", "user", "peer")),
    )
    ended = accepted.filter("ended")
    end = pl.col("length") + 50 * MILLISECOND
    yield _line(
        started.filter("ended"),
        end - 2 * MILLISECOND,
        child,
        pl.format("Close session: user {} from {} id 0", "user", "peer"),
    )
    yield _line(ended, end, child, pl.format("Received disconnect from {}:11: disconnected by user", "peer"))
    yield _line(ended, end + 100, child, pl.format("Disconnected from user {} {}", "user", "peer"))
    yield _line(ended, end + MILLISECOND, pid, pl.format("pam_unix(sshd:session): session closed for user {}", "user"))


def _tries(told: pl.DataFrame, pid: pl.Expr) -> Iterator[pl.DataFrame]:
    """The beginning of connections, and what was refused in them."""
    greeted = told.filter(pl.col("level") == VERBOSE)
    tries_took = pl.col("refused").cast(pl.Int64) * 4_000_000
    first = -pl.col("wait") - tries_took
    yield _line(greeted, first, pid, pl.format('Connection from {} on {} port 22 rdomain ""', "peer", "own_address"))
    unknown = told.filter("unknown", pl.col("refused") > 0)
    yield _line(unknown, first + 1, pid, pl.format("Invalid user {} from {}", "user", "peer"))
    who = pl.concat_str(pl.when("unknown").then(pl.lit("invalid user ")).otherwise(pl.lit("")), "user")
    for number in range(MOST_TRIES):
        tried = told.filter(pl.col("refused") > number)
        moment = first + number * 4_000_000 + pl.col("wait") // 2
        blame = pl.when("unknown").then(pl.lit("")).otherwise(pl.concat_str(pl.lit("  user="), "user"))
        if number == 0:
            failure = pl.format(
                "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={}{}",
                "address",
                blame,
            )
            yield _line(tried, moment - 2_000_000, pid, failure)
        yield _line(tried, moment, pid, pl.format("Failed password for {} from {} ssh2", who, "peer"))
    gave_up = told.filter(~pl.col("accepted"))
    who = pl.when("unknown").then(pl.lit("invalid")).otherwise(pl.lit("authenticating"))
    closed = pl.format("Connection closed by {} user {} {} [preauth]", who, "user", "peer")
    yield _line(gave_up, pl.col("length"), pid, closed)
