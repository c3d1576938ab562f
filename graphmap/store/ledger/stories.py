"""Under which id each finding's story was told, so that it keeps that id when logs come in late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from graphmap.store.ledger.database import METADATA, Database, insert

if TYPE_CHECKING:
    from collections.abc import Mapping

_STORIES = sa.Table(
    "stories",
    METADATA,
    sa.Column("finding", sa.String, primary_key=True),
    sa.Column("story", sa.String, nullable=False),
)


class Stories(Database):
    """The part of the ledger that knows which story a finding is a part of."""

    def stories(self) -> dict[str, str]:
        """The id of the story that each finding was a part of last, by the finding's id."""
        with self.transaction() as connection:
            return {row.finding: row.story for row in connection.execute(sa.select(_STORIES))}

    def save_stories(self, parts: Mapping[str, str]) -> None:
        """Keep the story of findings, by their ids; what is known of others stays."""
        if not parts:
            return
        rows = [{"finding": finding, "story": story} for finding, story in parts.items()]
        with self.transaction(write=True) as connection:
            statement = insert(connection, _STORIES)
            latest = {"story": statement.excluded.story}
            connection.execute(statement.on_conflict_do_update(index_elements=[_STORIES.c.finding], set_=latest), rows)
