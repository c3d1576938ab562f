"""M1018, user account management: accounts that may log on and never do, and the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from graphmap.detect.reports.base import ACCEPTED, Cell, Section

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def unused_accounts(edges: pl.DataFrame, listed: Iterable[str], account_of: Callable[[str], str]) -> Section:
    """Accounts of the inventory that never log on, and accounts that log on and are not in it.

    Parameters
    ----------
    edges
        EDGES.
    listed
        Canonical names of the accounts of the inventory.
    account_of
        The canonical account of a user name.

    Returns
    -------
    Section, the listed ones first, then by name. `last` is null for an account that never logged on.
    """
    users = edges.filter(ACCEPTED & (pl.col("user") != ""))
    names = {user: account_of(user) for user in users["user"].unique()}
    seen = (
        users.with_columns(account=pl.col("user").replace_strict(names, return_dtype=pl.String))
        .group_by("account")
        .agg(pl.col("count").sum(), hosts=pl.col("dst").n_unique(), last=pl.col("last").max())
        .sort("account")
    )
    known = set(listed)

    def rows() -> Iterator[tuple[Cell, ...]]:
        for name in sorted(known - set(seen["account"])):
            yield name, "in the inventory, never logged on", 0, 0, None
        for name, *rest in seen.iter_rows():
            if name not in known:
                yield name, "logs on, not in the inventory", *rest

    return Section(
        name="unused_accounts",
        title="Accounts that never log on, and accounts that nobody listed",
        mitigation="M1018",
        says="Lock the first; find an owner for the others, or lock them, too.",
        columns=("account", "finding", "logons", "hosts", "last"),
        rows=tuple(rows()) if known else (),
        missing=None if known else "the inventory lists no accounts",
    )
