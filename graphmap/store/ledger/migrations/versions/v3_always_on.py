"""What runs by itself, what was told to whom, who may ask, stories, views and notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Add the tables of schema 3; its number is Alembic's from now on."""
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
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("output", "state")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("summary", "content")),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("ended", sa.BigInteger),
        sa.Column("claimed_by", sa.String),
        sa.Column("claimed_until", sa.BigInteger),
    )
    op.create_index("deliveries_in_turn", "deliveries", ["state", "output", "attempts", "created", "place"])
    op.create_table(
        "told",
        *(sa.Column(name, sa.String, primary_key=True) for name in ("output", "finding")),
        sa.Column("gist", sa.Text, nullable=False),
        sa.Column("delivery", sa.String),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in ("expires", "ended")),
        sa.Column("ended_by", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "stories",
        sa.Column("finding", sa.String, primary_key=True),
        sa.Column("story", sa.String, nullable=False),
    )
    op.create_table(
        "view_states",
        sa.Column("id", sa.String, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("state", "author")),
        sa.Column("created", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "view_names",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("view", sa.String, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("node", "target")),
        sa.Column("text", sa.Text),
        sa.Column("marked", sa.Boolean, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("notes_of", "notes", ["node", "target"])
    op.drop_table("meta")
