"""Which account an audit user id is, as far as the log itself tells."""

from __future__ import annotations

from graphmap.readers.auditd.grammar import UNSET, plain

_REMEMBERED = 65_536
_SUPERUSER = "0"


class Names:
    """Accounts by user id, learned from logins: raw records have numbers only, enriched ones have names beside them."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str | None, str], str] = {}

    def learn(self, node: str | None, fields: dict[str, str], account: str | None) -> None:
        """Take the account of a login: from now on its audit user id means that account."""
        auid = fields.get("auid", "")
        if account and auid and auid not in UNSET:
            if len(self._accounts) >= _REMEMBERED:
                self._accounts.clear()
            self._accounts[node, auid] = account

    def of(self, node: str | None, fields: dict[str, str], *ids: str) -> str | None:
        """Give the account of the first of `ids` (such as ``auid``, ``uid``) that is set and known by name."""
        for name in ids:
            value = fields.get(name)
            if value is None or value in UNSET:
                continue
            enriched = plain(fields, name.upper())
            if enriched and not enriched.startswith("unknown("):
                return enriched
            return self._accounts.get((node, value)) or ("root" if value == _SUPERUSER else None)
        return None
