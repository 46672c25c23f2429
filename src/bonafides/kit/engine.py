"""Open SQLAlchemy engines with the settings on which the promises about storage rest."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bonafides.errors import ConfigError

# The execution option that says how a transaction begins; see `_begin`.
MODE = "bonafides_mode"
READ, WRITE, MIGRATE, NO_TRANSACTION = "read", "write", "migrate", "none"


def parse_database_url(url: str) -> URL:
    """Return the URL with the driver we use; ConfigError for any other database or a database in memory."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("The database URL cannot be read: write sqlite:///path or postgresql://host/name.") from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        if parsed.database in (None, "", ":memory:") or str(parsed.database).startswith("file:"):
            raise ConfigError("The database must be a file: write sqlite:///path.")
        return parsed.set(drivername="sqlite+pysqlite", query={})
    if parsed.drivername in ("postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    raise ConfigError("The database is of a kind we do not use: write sqlite:///path or postgresql://host/name.")


def create_database_engine(url: URL) -> Engine:
    """Make an engine for a parsed URL; nothing is opened yet, except that a missing folder is noticed."""
    if url.get_backend_name() == "sqlite":
        return _create_sqlite_engine(url)
    return create_engine(
        url,
        isolation_level="SERIALIZABLE",
        pool_pre_ping=True,
        # Parameters are tags and keys of pseudonyms; an exception text must not quote them.
        hide_parameters=True,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC -c idle_in_transaction_session_timeout=60000"},
    )


def _create_sqlite_engine(url: URL) -> Engine:
    folder = Path(str(url.database)).absolute().parent
    if not folder.is_dir():
        raise ConfigError(f"The folder of the database {url.database} is missing: create it, or correct the URL.")
    engine = create_engine(
        url,
        hide_parameters=True,
        # The driver would begin transactions late and deferred, and commit around DDL; `_begin` does it instead.
        connect_args={"isolation_level": None},
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA busy_timeout=5000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        # Deleted rows are overwritten with zeros; otherwise they stay readable in free pages and inside live ones.
        cursor.execute("PRAGMA secure_delete=ON")
        # Sorting and VACUUM would otherwise spill rows into files outside the database's folder.
        cursor.execute("PRAGMA temp_store=MEMORY")
        # A schema must not be able to call functions with effects: the file may come from a backup.
        cursor.execute("PRAGMA trusted_schema=OFF")
    finally:
        cursor.close()


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get(MODE, WRITE)
    # Both pragmas belong to the connection, not the transaction, so every transaction sets them for itself.
    # A migration that rebuilds a table would otherwise delete the rows that refer to it; `migrate` checks at the end.
    connection.exec_driver_sql(f"PRAGMA foreign_keys={'OFF' if mode == MIGRATE else 'ON'}")
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if mode == READ else 'OFF'}")
    if mode == READ:
        connection.exec_driver_sql("BEGIN")
    elif mode != NO_TRANSACTION:
        # Taking the write lock at once means: wait here, never fail half-way for having read an older state.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
