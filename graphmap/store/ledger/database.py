"""The database of the ledger, SQLite or PostgreSQL: how it is opened, and what a transaction is.

Both keep the same promise: one writer at a time, and readers that see one state. SQLite has one writer anyhow; on
PostgreSQL writers take an advisory lock, which costs nothing at the rate at which a ledger is written.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from graphmap.config import PRIVATE
from graphmap.errors import InputError, StoreError
from graphmap.store.closing import Closing

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA_VERSION = 3
"""2 added `triage` and `suppressions`; 3 what runs by itself, what was sent where, and who may ask."""
BUSY_SECONDS = 60
"""How long a process waits for another one that is writing."""
CONNECT_SECONDS = 10
"""How long a server may take to answer at all."""
_LOCK = int.from_bytes(b"graphmap")
"""The number of the advisory lock of whoever writes to a ledger on PostgreSQL."""

METADATA = sa.MetaData()
"""Every table of the ledger; each room of this package adds its own."""


class Time(sa.types.TypeDecorator[datetime]):
    """UTC microseconds since 1970 as an integer: it sorts, and SQLite has no zones."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> int | None:  # noqa: ARG002, D102 - SQLAlchemy asks for it
        if value is None:
            return None
        delta = value - datetime.fromtimestamp(0, UTC)
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002, D102 - SQLAlchemy asks for it
        if value is None:
            return None
        return datetime.fromtimestamp(value // 1_000_000, UTC).replace(microsecond=value % 1_000_000)


class Words(sa.types.TypeDecorator[str]):
    """Text of logs and people. What has no place in UTF-8, or in PostgreSQL (NUL), is written as a backslash escape."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002, D102 - SQLAlchemy asks for it
        if value is None:
            return None
        return value.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


_VERSION = sa.Table("alembic_version", METADATA, sa.Column("version_num", sa.String(32), primary_key=True))
"""The table in which Alembic keeps the number of the schema."""

_FORMER = sa.table("meta", sa.column("key"), sa.column("value"))
"""Where it was before schema 3."""


class Database(Closing):
    """An open database; close it, or use it in a ``with`` statement.

    Parameters
    ----------
    where
        The SQLite file, which is made with its folder where it is missing; or the address of a PostgreSQL database,
        ``postgresql://USER@HOST/NAME``, which has to exist. What an address leaves out, libpq finds (its environment
        variables, ``~/.pgpass``).

    Raises
    ------
    InputError
        There is no driver for PostgreSQL.
    StoreError
        The database is no ledger, is damaged, cannot be reached or written, or is of a newer graphmap.
    """

    def __init__(self, where: Path | str) -> None:
        self._engine = _sqlite(where) if isinstance(where, Path) else _postgresql(where)
        self.name = str(where) if isinstance(where, Path) else str(self._engine.url.set(drivername="postgresql"))
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the file back."""
        self._engine.dispose()

    def copy_to(self, path: Path) -> None:
        """Write a copy of a SQLite ledger as it is now, while others may write.

        Raises
        ------
        InputError
            The ledger is on PostgreSQL, whose own tools copy it.
        """
        if self._engine.dialect.name != "sqlite":
            raise InputError(f"{self.name} is not copied by graphmap", hint="pg_dump does it")
        connection = self._engine.raw_connection()
        try:
            with closing(sqlite3.connect(path)) as target:
                cast("sqlite3.Connection", connection.driver_connection).backup(target)
        except sqlite3.Error as error:
            raise StoreError(f"{self.name}: {error}", hint=_hint(str(error))) from error
        finally:
            connection.close()

    def _prepare(self) -> None:
        """Make the tables where they are missing, and refuse what is no ledger."""
        version = self._version()
        if version is None or (version.isdigit() and int(version) < SCHEMA_VERSION):
            with self.transaction(write=True) as connection:
                version = _version(connection)  # another process may have been quicker
                if version is None:
                    METADATA.create_all(connection)
                    connection.execute(sa.insert(_VERSION).values(version_num=str(SCHEMA_VERSION)))
                elif int(version) < SCHEMA_VERSION:
                    from graphmap.store.ledger.migrations import upgrade  # noqa: PLC0415 - half a second, once

                    upgrade(connection, version)
            version = self._version()
        if version is None or not version.isdigit():
            raise StoreError(f"{self.name} is no ledger of graphmap", hint="choose another --home or database")
        if int(version) > SCHEMA_VERSION:
            raise StoreError(f"{self.name} was made by a newer graphmap (schema {version})", hint="upgrade graphmap")

    def _version(self) -> str | None:
        with self.transaction() as connection:
            return _version(connection)

    @contextmanager
    def transaction(self, *, write: bool = False) -> Iterator[sa.Connection]:
        """All or nothing; to `write`, it waits for whoever writes.

        Raises
        ------
        StoreError
            The database cannot be read or written.
        """
        try:
            with self._engine.execution_options(write=write).begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            message = str(error.orig).strip().replace("\n", " ")
            raise StoreError(f"{self.name}: {message}", hint=_hint(message)) from error


def _version(connection: sa.Connection) -> str | None:
    """The schema version as written; None in an empty database, and empty in that of another program."""
    tables = set(sa.inspect(connection).get_table_names())
    if not tables:
        return None
    if {_VERSION.name, "files", "findings"} <= tables:
        return connection.scalar(sa.select(_VERSION.c.version_num)) or ""
    if {_FORMER.name, "files", "findings"} <= tables:
        return connection.scalar(sa.select(_FORMER.c.value).where(_FORMER.c.key == "schema")) or ""
    return ""


def insert(connection: sa.Connection, table: sa.Table) -> Any:
    """An INSERT that knows ``on_conflict_do_update`` and ``on_conflict_do_nothing``, as both databases write them."""
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name](table)


def _sqlite(path: Path) -> sa.Engine:
    try:
        path.parent.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent} cannot be made: {error.strerror}", hint="choose another --home") from error
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS})

    def configure(connection: Any, _record: object) -> None:
        """WAL, durable commits, and transactions begun by SQLAlchemy instead of the driver."""
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    def begin(connection: sa.Connection) -> None:
        """To write, take the lock at once: a transaction that reads and then writes would fail, not wait."""
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")

    sa.event.listen(engine, "connect", configure)
    sa.event.listen(engine, "begin", begin)
    return engine


def _postgresql(address: str) -> sa.Engine:
    try:
        engine = sa.create_engine(
            sa.make_url(address).set(drivername="postgresql+psycopg"),
            connect_args={"connect_timeout": CONNECT_SECONDS, "options": f"-c lock_timeout={BUSY_SECONDS * 1000}"},
        )
    except ModuleNotFoundError as error:
        raise InputError(
            "the driver of PostgreSQL is not installed", hint="pip install 'graphmap[postgres]'"
        ) from error
    except (sa.exc.ArgumentError, ValueError) as error:
        raise InputError(
            "the address of the ledger cannot be read", hint="write postgresql://USER@HOST/NAME"
        ) from error

    def begin(connection: sa.Connection) -> None:
        """Readers see one state. Writers come one by one, and each sees what the one before has written."""
        if _writes(connection):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    sa.event.listen(engine, "begin", begin)
    return engine


def _writes(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get("write", False))


def _hint(message: str) -> str:
    if "not a database" in message or "malformed" in message:
        return (
            "the file is damaged: move it away; the next ingest adds no event twice, and hunt finds the findings again"
        )
    if "locked" in message or "lock timeout" in message:
        return "another process has been writing for long; try again when it is done"
    if "full" in message:
        return "free some space on that disk, then run the same command again"
    if any(
        words in message for words in ("connection to server", "connection failed", "could not translate", "password")
    ):
        return "is the server up, and are address, user and password right? (docs/operations.md)"
    return "check the permissions of that folder, or choose another --home"
