"""One database per office: SQLite or PostgreSQL through SQLAlchemy Core, explicit transactions, bounded retry."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import randbelow
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bonafides.errors import ConfigError, DependencyError
from bonafides.kit.dberror import is_conflict, is_unavailable
from bonafides.kit.engine import MODE, READ, create_database_engine, parse_database_url

T = TypeVar("T")

ATTEMPTS = 6
FIRST_PAUSE_MS = 10


class Database:
    """The database of one office."""

    def __init__(self, engine: Engine, *, pause: Callable[[float], None] = time.sleep) -> None:
        self.engine = engine
        self._pause = pause
        options: dict[str, Any] = {MODE: READ}
        if self.is_postgresql:
            # One snapshot for the whole reading, which PostgreSQL never has to abort.
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = engine.execution_options(**options)

    @property
    def is_postgresql(self) -> bool:
        """Tell whether this is PostgreSQL; where SQL differs, both are written out."""
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database and can write nothing."""
        with as_dependency_error(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection whose writes are all kept, or none if an exception leaves the block.

        A block cannot be repeated: where another transaction may be in the way, use `run`.
        """
        with as_dependency_error(), self.engine.begin() as connection:
            yield connection

    def run(self, work: Callable[[Connection], T], *, attempts: int = ATTEMPTS) -> T:
        """Run `work(connection)` in one transaction, again from its beginning if another one was in the way.

        So `work` must have no effect but through the connection: no mail, no counter, no clock read twice. After
        `attempts` it gives up with DependencyError `database_busy`.
        """
        for attempt in range(attempts):
            if attempt:
                # Jitter, since two that met once would meet again after equal pauses.
                self._pause((FIRST_PAUSE_MS * 2 ** (attempt - 1) + randbelow(FIRST_PAUSE_MS * 2**attempt)) / 1000)
            try:
                with as_dependency_error(conflicts=False), self.engine.begin() as connection:
                    return work(connection)
            except DBAPIError as error:
                if not is_conflict(error):
                    raise
        raise DependencyError("the database is busy; try again", code="database_busy")

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_database(url: str, *, migrations: str | None = None) -> Database:
    """Open the database at `url` and look whether it answers; ConfigError says what to do if it does not.

    With `migrations`, an office's package such as "bonafides.offices.issuer", bring its schema up to date first.
    """
    parsed = parse_database_url(url)
    engine = create_database_engine(parsed)
    shown = parsed.render_as_string(hide_password=True)
    try:
        with engine.begin() as connection:
            _check(connection)
    except SQLAlchemyError:
        engine.dispose()
        if engine.dialect.name == "sqlite":
            advice = "check that it is our database file, writable for this account and not locked by another program"
        else:
            advice = "start it, or correct the URL, name and password"
        raise ConfigError(f"The database {shown} cannot be used: {advice}.") from None
    except BaseException:
        engine.dispose()
        raise
    database = Database(engine)
    if migrations is not None:
        from bonafides.kit.migrate import upgrade

        try:
            upgrade(database, package=migrations)
        except BaseException:
            database.close()
            raise
    return database


def _check(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
    elif connection.exec_driver_sql("SHOW track_commit_timestamp").scalar_one() != "off":
        # The number of the writing transaction stays with every row; with this setting it turns into a time.
        raise ConfigError("PostgreSQL keeps the time of every row: set track_commit_timestamp to off and restart it.")


@contextmanager
def as_dependency_error(*, conflicts: bool = True) -> Iterator[None]:
    """Turn "the database is away" into DependencyError; other database errors pass, since they are ours to mend.

    The cause is cut off: a driver's text quotes values.
    """
    try:
        yield
    except PoolTimeoutError:
        raise DependencyError("no database connection is free; try again", code="database_busy") from None
    except DBAPIError as error:
        if conflicts and is_conflict(error):
            raise DependencyError("the database is busy; try again", code="database_busy") from None
        if not is_conflict(error) and is_unavailable(error):
            raise DependencyError("the database cannot be reached", code="database_unavailable") from None
        raise
