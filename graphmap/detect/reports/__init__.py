"""Reports: each answers one question about an estate, from tables alone (docs/reports.md)."""

from graphmap.detect.reports.base import Cell, Section
from graphmap.detect.reports.single_factor import password_accounts, passwords_into_restricted
from graphmap.detect.reports.unused_accounts import unused_accounts
from graphmap.detect.reports.unused_servers import unused_servers

__all__ = ["Cell", "Section", "password_accounts", "passwords_into_restricted", "unused_accounts", "unused_servers"]
