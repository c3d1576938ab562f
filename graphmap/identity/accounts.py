"""User names as logged become accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from graphmap.identity.inventory import Inventory


class Accounts:
    r"""The accounts of an inventory by name and alias. Case counts, as it does for Unix accounts (passwd(5)).

    A name that is not listed as it stands, but has a realm (`anna@CORP.EXAMPLE`) or a domain (`CORP\anna`), is
    taken for the account that is listed without them. Which realm it is does not matter.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._accounts = {name: one.name for one in inventory.accounts for name in (one.name, *one.aliases)}
        self._services = frozenset(one.name for one in inventory.accounts if one.service)

    def canonical(self, column: str | pl.Expr) -> pl.Expr:
        """The account of each user name; the name itself where none is listed; null where it is null."""
        user = pl.col(column) if isinstance(column, str) else column
        if not self._accounts:
            return user
        bare = user.str.replace(r"@[^@]*$", "").str.replace(r"^[^\\]*\\", "")
        table = {"old": list(self._accounts), "new": list(self._accounts.values())}
        return pl.coalesce(
            user.replace_strict(**table, default=None, return_dtype=pl.String),
            bare.replace_strict(**table, default=None, return_dtype=pl.String),
            user,
        )

    def is_service(self, account: str) -> bool:
        """Tell whether a canonical account belongs to a service."""
        return account in self._services
