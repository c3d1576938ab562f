"""What runs by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Add leases, runs and the schedule; the version of the schema is Alembic's from now on."""
    op.create_table(
        "leases",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("job", sa.String, nullable=False, index=True),
        sa.Column("owner", sa.String, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in ("due", "since")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("until", "started")),
        sa.Column("ended", sa.BigInteger),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("error", "cancelled_by")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "schedule",
        sa.Column("job", sa.String, primary_key=True),
        sa.Column("trigger", sa.String, nullable=False),
        sa.Column("next", sa.BigInteger),
    )
    op.drop_table("meta")
