"""Bring an office's schema up to date, and test that its tables are what its migrations make."""

import threading
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import CheckConstraint, Connection, MetaData, inspect
from sqlalchemy.exc import NoSuchTableError

from bonafides.errors import ConfigError
from bonafides.kit.engine import MIGRATE, MODE
from bonafides.kit.storage import Database, as_dependency_error

VERSION_TABLE = "schema_version"
# Any number will do as long as all processes use the same: "bonafide" read as an integer.
_LOCK_NUMBER = int.from_bytes(b"bonafide", "big")
# Alembic hands the running migration to its scripts through a module-level proxy: one migration a process at a time.
_one_at_a_time = threading.Lock()


def upgrade(database: Database, *, package: str) -> None:
    """Apply what is missing of `package`/migrations/*.py, all or nothing; safe when two processes start at once."""
    with as_file(files(package).joinpath("migrations")) as folder, _one_at_a_time:
        if not folder.is_dir():
            raise ConfigError(f"The package {package} has no migrations folder: install the complete distribution.")
        options: dict[str, Any] = {MODE: MIGRATE}
        if database.is_postgresql:
            # Not SERIALIZABLE: its snapshot would be taken before the lock is, and show the state before the other
            # process's migration.
            options["isolation_level"] = "READ COMMITTED"
        with as_dependency_error(), database.engine.execution_options(**options).connect() as connection:
            # Not given back to the pool: SQLite's foreign keys are off on it.
            connection.detach()
            with connection.begin():
                if database.is_postgresql:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})")
                _run_scripts(connection, folder)
                if not database.is_postgresql and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise ConfigError(f"The migrations of {package} leave rows that refer to nothing: report this.")


def _run_scripts(connection: Connection, folder: Path) -> None:
    scripts = ScriptDirectory(folder, version_locations=[folder])

    def steps(revision: Any, _context: MigrationContext) -> Any:
        return scripts._upgrade_revs("heads", revision)

    context = MigrationContext.configure(
        connection, opts={"fn": steps, "version_table": VERSION_TABLE, "script": scripts}
    )
    try:
        with Operations.context(context):
            context.run_migrations()
    except CommandError:
        raise ConfigError(
            "The database was made by a newer version of Bonafides: install that version, or restore an older backup."
        ) from None


def schema_differences(database: Database, metadata: MetaData) -> list[str]:
    """Return what differs between the migrated database and the declared tables, a line each."""
    with database.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True},
        )
        found = [repr(difference) for difference in compare_metadata(context, metadata)]
        return found + _uncompared_differences(connection, metadata)


def assert_schema_matches(database: Database, metadata: MetaData) -> None:
    """Fail with the list of differences unless the migrations make exactly the declared tables."""
    found = schema_differences(database, metadata)
    if found:
        raise AssertionError("migrations and tables differ:\n" + "\n".join(found))


def _uncompared_differences(connection: Connection, metadata: MetaData) -> list[str]:
    """Compare what Alembic does not: primary keys, named checks, and SQLite's WITHOUT ROWID and STRICT."""
    inspector = inspect(connection)
    found: list[str] = []
    for table in metadata.sorted_tables:
        try:
            key = inspector.get_pk_constraint(table.name)["constrained_columns"]
            checks = {str(check["name"]) for check in inspector.get_check_constraints(table.name)}
        except NoSuchTableError:
            continue  # the table is missing, which Alembic has said
        declared = [column.name for column in table.primary_key.columns]
        if key != declared:
            found.append(f"{table.name}: primary key {key} in the database, {declared} declared")
        named = {str(each.name) for each in table.constraints if isinstance(each, CheckConstraint) and each.name}
        if checks != named:
            found.append(f"{table.name}: checks {sorted(checks)} in the database, {sorted(named)} declared")
        if connection.dialect.name == "sqlite":
            found += _sqlite_table_kind_differences(connection, table.name, dict(table.dialect_options["sqlite"]))
    return found


def _sqlite_table_kind_differences(connection: Connection, name: str, options: dict[str, Any]) -> list[str]:
    row = connection.exec_driver_sql("SELECT wr, strict FROM pragma_table_list WHERE name = ?", (name,)).one()
    found = []
    if bool(row[0]) == bool(options["with_rowid"]):
        found.append(f"{name}: WITHOUT ROWID is {bool(row[0])} in the database, {not options['with_rowid']} declared")
    if bool(row[1]) != bool(options["strict"]):
        found.append(f"{name}: STRICT is {bool(row[1])} in the database, {bool(options['strict'])} declared")
    return found
