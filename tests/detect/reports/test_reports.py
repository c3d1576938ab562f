"""What a report says of an estate, whole sections compared."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from graphmap.detect.reports import (
    Section,
    password_accounts,
    passwords_into_restricted,
    unused_accounts,
    unused_servers,
)
from graphmap.tables import EDGES


def at(day: int) -> datetime:
    return datetime(2026, 3, day, tzinfo=UTC)


def edges(*ways: str) -> pl.DataFrame:
    """Edges ``SRC>DST USER METHOD COUNT FAILURES``, the last of them on the day of its number; METHOD ``-`` is none."""
    rows: list[dict[str, Any]] = []
    for day, way in enumerate(ways, 1):
        hosts, user, method, count, failures = way.split()
        src, dst = hosts.split(">")
        rows.append(
            {
                "src": src, "src_known": True, "user": user, "dst": dst, "service": "rdp" if method == "rdp" else "ssh",
                "method": None if method in {"-", "rdp"} else method, "count": int(count), "failures": int(failures),
                "first": at(1), "last": at(day), "days": 1,
            }
        )  # fmt: skip
    return pl.DataFrame(rows, schema=EDGES)


def test_servers_that_nobody_needs() -> None:
    found = edges(
        "a>busy bob publickey 3 0", "b>busy bob publickey 1 0",
        "a>once bob publickey 2 0", "a>once root password 1 4", "b>once root password 0 7",
        "a>closed bob password 0 2",
        "a>desktop bob rdp 5 0",
    )  # fmt: skip
    assert unused_servers(found, ["once", "busy", "silent", "closed", "desktop", "once"]) == Section(
        "unused_servers",
        "SSH servers that nobody uses, or only from one place",
        "M1042",
        "Switch the server off where nobody needs it; else let it listen to that one source only.",
        ("host", "source", "logons", "refused", "last"),
        (
            ("closed", None, 0, 2, None),
            ("desktop", None, 0, 0, None),
            ("silent", None, 0, 0, None),
            ("once", "a", 3, 11, at(4)),
        ),
    )
    assert unused_servers(found, []).missing == "no log of an SSH server was read"


def test_passwords_into_restricted_segments() -> None:
    found = edges(
        "a>db bob password 2 0", "b>db bob password 3 0", "a>db bob publickey 9 0", "a>web eve password 9 0",
        "a>db2 ann password 5 0", "a>db eve password 0 5", "a>db root rdp 1 0",
    )  # fmt: skip
    section = passwords_into_restricted(found, lambda host: "core" if host.startswith("db") else None)
    assert section.columns == ("account", "host", "segment", "logons", "sources", "last")
    assert section.rows == (("ann", "db2", "core", 5, 1, at(5)), ("bob", "db", "core", 5, 2, at(2)))
    assert passwords_into_restricted(edges(), lambda _: "core").rows == ()


def test_accounts_that_only_have_a_password() -> None:
    found = edges(
        "a>x bob password 2 0", "a>y bob password 1 0", "a>x bob - 1 0", "a>x eve password 5 0", "a>x eve publickey 1 0",
        "a>x ann keyboard-interactive 4 0", "a>x ann password 4 0", "a>x tim password 0 4", "a>x sam - 4 0",
    )  # fmt: skip
    section = password_accounts(found)
    assert (section.mitigation, section.columns) == ("M1032", ("account", "logons", "hosts", "last"))
    assert section.rows == (("bob", 3, 2, at(2)),)


def test_accounts_that_nobody_uses_or_listed() -> None:
    found = edges("a>x adm-bob publickey 2 0", "a>y bob publickey 1 0", "a>x eve password 0 3", "a>x mallory - 1 0")
    section = unused_accounts(found, ["bob", "eve", "ann"], lambda user: user.removeprefix("adm-"))
    assert section.rows == (
        ("ann", "in the inventory, never logged on", 0, 0, None),
        ("eve", "in the inventory, never logged on", 0, 0, None),
        ("mallory", "logs on, not in the inventory", 1, 1, at(4)),
    )
    assert section.missing is None
    nothing = unused_accounts(found, [], str)
    assert (nothing.rows, nothing.missing) == ((), "the inventory lists no accounts")
    assert unused_accounts(edges(), ["ann"], str).rows == (("ann", "in the inventory, never logged on", 0, 0, None),)
