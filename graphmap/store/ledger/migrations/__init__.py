"""Steps from each schema of the ledger to the next, by Alembic. A new ledger is made whole, without them.

A step is a file in `versions`: its `revision` is the number of the schema that it leads to. Nothing leads back.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    import sqlalchemy as sa


def upgrade(connection: sa.Connection, version: str) -> None:
    """Take all steps from a version on, within the connection's transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.stamp(config, version)
    command.upgrade(config, "head")
