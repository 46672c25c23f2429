"""Transactions: all or nothing, repeated when in each other's way, and errors that say what to do."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from bonafides.errors import ConfigError, DependencyError
from bonafides.kit.storage import Database, open_database
from tests.postgres import PostgresServer

metadata = MetaData()
duty = Table(
    "duty", metadata, Column("who", Text, primary_key=True), Column("on_call", Integer), sqlite_with_rowid=False
)


@pytest.fixture
def filled(database: Database) -> Database:
    with database.transaction() as connection:
        metadata.create_all(connection)
        connection.execute(insert(duty), [{"who": "a", "on_call": 1}, {"who": "b", "on_call": 1}])
    return database


def on_call(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {row.who: row.on_call for row in connection.execute(select(duty))}


def test_sqlite_settings(tmp_path: Path) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "secure_delete": 1,
        "temp_store": 2,
        "trusted_schema": 0,
    }
    with open_database(f"sqlite:///{tmp_path}/x.db") as database:
        for block in (database.read, database.transaction):
            with block() as connection:
                found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
            assert found == wanted


@pytest.mark.pg
def test_postgresql_is_serializable(pg_url: str) -> None:
    with open_database(pg_url) as database, database.transaction() as connection:
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar_one() == "serializable"
        assert connection.exec_driver_sql("SHOW timezone").scalar_one() == "UTC"


def test_an_exception_undoes_everything(filled: Database) -> None:
    def work(connection: Connection) -> None:
        connection.execute(update(duty).values(on_call=0))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        filled.run(work)
    with pytest.raises(RuntimeError), filled.transaction() as connection:
        work(connection)
    assert on_call(filled) == {"a": 1, "b": 1}


def test_schema_changes_are_undone_too(filled: Database) -> None:
    def work(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE other (id text)")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        filled.run(work)
    with filled.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE other (id text)")


def test_a_killed_process_leaves_what_it_committed_and_no_more(filled: Database, url: str) -> None:
    program = """
import os, sys
from bonafides.kit.storage import open_database
database = open_database(sys.argv[1])
with database.transaction() as connection:
    connection.exec_driver_sql("INSERT INTO duty VALUES ('committed', 1)")
with database.transaction() as connection:
    connection.exec_driver_sql("INSERT INTO duty VALUES ('lost', 1)")
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", program, url], check=False).returncode == 9
    assert on_call(filled).keys() == {"a", "b", "committed"}


def test_reading_cannot_write(filled: Database) -> None:
    with pytest.raises(DBAPIError), filled.read() as connection:
        connection.execute(update(duty).values(on_call=0))
    assert on_call(filled) == {"a": 1, "b": 1}
    filled.run(lambda connection: connection.execute(update(duty).values(on_call=2)))
    assert on_call(filled) == {"a": 2, "b": 2}


def test_reading_sees_one_state(filled: Database) -> None:
    with filled.read() as connection:
        before = connection.execute(select(duty.c.on_call)).all()
        filled.run(lambda other: other.execute(update(duty).values(on_call=7)))
        assert connection.execute(select(duty.c.on_call)).all() == before


def test_write_skew_is_prevented_by_repeating(filled: Database) -> None:
    """Each of two may leave only while the other stays; both at once must not."""
    both_have_read = threading.Barrier(2, timeout=10)
    attempts: list[str] = []

    def leave(who: str) -> None:
        def work(connection: Connection) -> None:
            attempts.append(who)
            others = connection.execute(select(duty.c.who).where(duty.c.who != who, duty.c.on_call == 1)).all()
            if filled.is_postgresql and attempts.count(who) == 1:  # on SQLite the second waits before it reads
                both_have_read.wait()
            if others:
                connection.execute(update(duty).where(duty.c.who == who).values(on_call=0))

        filled.run(work)

    threads = [threading.Thread(target=leave, args=(who,)) for who in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(on_call(filled).values()) == 1
    assert len(attempts) == (3 if filled.is_postgresql else 2)


def impatient(url: str, pauses: list[float]) -> Database:
    """Open SQLite so that a held lock is an error at once and pauses are noted instead of made."""
    database = open_database(url)
    database.engine.dispose()
    event.listen(database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout=0").close())
    return Database(database.engine, pause=pauses.append)


def test_a_locked_file_is_tried_again_and_then_given_up(tmp_path: Path) -> None:
    pauses: list[float] = []
    url = f"sqlite:///{tmp_path}/x.db"
    with open_database(url) as holder, impatient(url, pauses) as database:
        with holder.transaction():
            with pytest.raises(DependencyError) as caught:
                database.run(lambda connection: connection.execute(text("SELECT 1")), attempts=4)
            assert caught.value.code == "database_busy"
            assert caught.value.__cause__ is None
            assert len(pauses) == 3
            assert all(0 < pause < 1 for pause in pauses)
            with pytest.raises(DependencyError), database.transaction():
                pass
        assert database.run(lambda connection: connection.execute(text("SELECT 1")).scalar_one()) == 1


def test_a_lock_let_go_in_time_costs_only_a_repetition(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    pauses: list[float] = []
    with open_database(url) as holder, impatient(url, pauses) as database:
        connection = holder.engine.connect()
        transaction = connection.begin()

        def let_go(seconds: float) -> None:
            pauses.append(seconds)
            transaction.rollback()

        database._pause = let_go
        assert database.run(lambda each: each.execute(text("SELECT 5")).scalar_one()) == 5
        assert len(pauses) == 1
        connection.close()


def test_our_own_mistakes_are_not_called_unavailability(filled: Database) -> None:
    with pytest.raises(DBAPIError), filled.read() as connection:
        connection.exec_driver_sql("SELECT * FROM missing")
    with pytest.raises(IntegrityError) as caught:
        filled.run(lambda connection: connection.execute(insert(duty).values(who="a", on_call=4711)))
    assert "4711" not in str(caught.value), "parameters are hidden"


@pytest.mark.pg
def test_a_database_that_goes_away_is_a_dependency_error(pg_url: str, postgres_server: PostgresServer) -> None:
    with open_database(pg_url) as database:
        name = str(database.engine.url.database)

        def work(connection: Connection) -> None:
            connection.exec_driver_sql("SELECT 1")
            postgres_server.drop_database(name)
            connection.exec_driver_sql("SELECT 1")

        with pytest.raises(DependencyError) as caught:
            database.run(work)
        assert caught.value.code == "database_unavailable"
        with pytest.raises(DependencyError), database.read():
            pass
        with pytest.raises(DependencyError):
            database.run(lambda connection: None)


def test_a_file_that_breaks_is_a_dependency_error(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with open_database(f"sqlite:///{path}") as database:
        with database.transaction() as connection:
            metadata.create_all(connection)
        database.engine.dispose()
        path.write_bytes(b"garbage" * 1000)
        with pytest.raises(DependencyError):
            on_call(database)


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "mysql://localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "postgresql://nobody:pass-word@127.0.0.1:1/x",
        "sqlite:////nowhere/at/all/x.db",
    ],
)
def test_unusable_urls_are_refused_in_one_sentence(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_database(url)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert ":" in sentence
    assert "\n" not in sentence
    assert "pass-word" not in sentence
    assert caught.value.__cause__ is None


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is not a database, and longer than a header" * 100)
    with pytest.raises(ConfigError, match="cannot be used: check that"):
        open_database(f"sqlite:///{tmp_path}/x.db")
    with pytest.raises(ConfigError, match="cannot be used: check that"):
        open_database(f"sqlite:///{tmp_path}")


@pytest.mark.pg
def test_a_server_that_keeps_commit_times_is_refused(monkeypatch: pytest.MonkeyPatch, pg_url: str) -> None:
    """The setting needs another start of the server, so its answer is faked."""
    from bonafides.kit import storage

    def check(connection: Connection) -> None:
        connection.exec_driver_sql("SET ROLE postgres")
        real = connection.exec_driver_sql

        def fake(statement: str) -> object:
            return real(statement.replace("SHOW track_commit_timestamp", "SELECT 'on'"))

        monkeypatch.setattr(connection, "exec_driver_sql", fake)
        original(connection)

    original = storage._check
    monkeypatch.setattr(storage, "_check", check)
    with pytest.raises(ConfigError, match="set track_commit_timestamp to off"):
        open_database(pg_url)
