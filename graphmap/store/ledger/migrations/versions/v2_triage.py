"""What people say of findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Add `triage` and `suppressions`."""
    op.create_table(
        "triage",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("finding", sa.String, nullable=False, index=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("assignee", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("marked", sa.Boolean, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
        *(sa.Column(name, sa.Text) for name in ("finding", "detector", "src", "dst", "user")),
        sa.Column("ended", sa.BigInteger),
        sa.Column("ended_by", sa.Text),
        sqlite_autoincrement=True,
    )
