"""Make the files of a database forget in which order, and together with what, its rows were written.

A tag, a handle and the key of a pseudonym are safe only as long as nobody can say "these two were written in the same
second". A table's content does not say so, but its files do:

- SQLite numbers the rows of a table as they come (the rowid), so tables of keys are declared
  `sqlite_with_rowid=False`: their tree is ordered by the random primary key. Even then a page is filled from its end
  in order of arrival, page numbers grow with time, free pages and the write-ahead log keep old images. VACUUM writes
  the tree anew in key order; a truncating checkpoint empties the log. (`secure_delete` has zeroed deleted rows
  already, but where the gap lies still tells.)
- PostgreSQL puts a row where there is room (ctid), and beside each row the number of the transaction that wrote it
  (xmin), which orders all rows and joins those of different tables written together. CLUSTER sorts rows by key, but
  copies xmin, even of frozen rows; so every row is first updated in one transaction, which gives all the same xmin.
  Commit times (`track_commit_timestamp`) would turn xmin into a clock: `open_database` refuses them.

What was written since the last rewrite stays visible, so it runs often (hourly, `rewrite_every_s`). Backups, archived
logs, replicas, file-system snapshots and the flash cells of a disk are outside its reach: keep the first two no longer
than the period between two rewrites, and encrypt the disk. Values too large for a row (PostgreSQL: about 2 kB) are
stored with growing numbers of their own; keep them out of tables of keys.
"""

import time

from sqlalchemy import Table, column, inspect, table, update
from sqlalchemy.engine import Engine
from sqlalchemy.schema import MetaData

from bonafides.errors import DependencyError
from bonafides.kit.engine import MODE, NO_TRANSACTION
from bonafides.kit.storage import Database, as_dependency_error

CHECKPOINT_ATTEMPTS = 20


def tables_with_row_order(metadata: MetaData) -> set[str]:
    """Return the tables that SQLite would number in order of writing: none of them may hold a tag, handle or key."""
    return {name for name, each in metadata.tables.items() if each.dialect_options["sqlite"]["with_rowid"]}


def rewrite_all(database: Database) -> None:
    """Rewrite every table in key order and leave no trace of deleted rows; writers wait meanwhile.

    All tables, not only those of keys: a session row and a key row of one transaction would still carry one number.
    DependencyError `database_busy` if a long reader is in the way; run it again later.
    """
    if database.is_postgresql:
        with database.read() as connection:
            names = inspect(connection).get_table_names()
        for name in sorted(names):
            rewrite_in_key_order(database, name)
    else:
        _vacuum_sqlite(database)


def rewrite_in_key_order(database: Database, name: str | Table) -> None:
    """On PostgreSQL, write one table anew in the order of its primary key, all rows as of one transaction.

    Two transactions, since the second drops what the first replaced; a stop between them loses nothing. On SQLite only
    the whole file can be rewritten: use `rewrite_all`.
    """
    if not database.is_postgresql:
        raise ValueError("SQLite rewrites all tables together: use rewrite_all")
    name = name.name if isinstance(name, Table) else name
    with database.read() as connection:
        key = inspect(connection).get_pk_constraint(name)
    if not key["constrained_columns"] or not key["name"]:
        return  # a table without a key has no order to hide behind; the schema tests forbid it
    first = key["constrained_columns"][0]
    target = table(name, column(first))
    quote = database.engine.dialect.identifier_preparer.quote
    # Not SERIALIZABLE: with the lock held there is nothing to serialise, and this must not abort the sign-ins that
    # read the table. The lock comes before the snapshot, so that the update misses no row.
    locked = _with_isolation(database, "READ COMMITTED")
    with as_dependency_error(), locked.begin() as connection:
        connection.exec_driver_sql(f"LOCK TABLE {quote(name)} IN SHARE ROW EXCLUSIVE MODE")
        connection.execute(update(target).values({first: target.c[first]}))
    with as_dependency_error(), _with_isolation(database, "AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(f"CLUSTER {quote(name)} USING {quote(key['name'])}")


def _with_isolation(database: Database, level: str) -> Engine:
    return database.engine.execution_options(isolation_level=level)


def _vacuum_sqlite(database: Database) -> None:
    engine = database.engine.execution_options(**{MODE: NO_TRANSACTION})
    with as_dependency_error(), engine.connect() as connection:
        connection.exec_driver_sql("VACUUM")
        for attempt in range(CHECKPOINT_ATTEMPTS):
            if attempt:
                time.sleep(0.05)
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
            if not busy:
                return
    raise DependencyError("a reader keeps the write-ahead log in use; try again", code="database_busy")
