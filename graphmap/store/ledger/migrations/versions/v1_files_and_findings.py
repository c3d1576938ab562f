"""The first schema: files and findings."""

from __future__ import annotations

revision = "1"
down_revision = None


def upgrade() -> None:
    """Do nothing: whoever has a ledger has this one, and a new ledger is made whole."""
