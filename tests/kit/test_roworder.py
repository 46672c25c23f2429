"""What the files of a database say about the order in which its rows came: nothing, after a rewrite."""

from pathlib import Path

import pytest
from sqlalchemy import Column, Index, MetaData, Table, Text, delete, insert, select, text

from bonafides.errors import DependencyError
from bonafides.kit import roworder
from bonafides.kit.roworder import rewrite_all, rewrite_in_key_order, tables_with_row_order
from bonafides.kit.storage import Database, open_database

metadata = MetaData()
keys = Table("keys", metadata, Column("key", Text, primary_key=True), Column("epoch", Text), sqlite_with_rowid=False)
Index("keys_epoch", keys.c.epoch)
sessions = Table("sessions", metadata, Column("id", Text, primary_key=True))

# Scattered by a multiplication, long enough to fill many pages.
ROWS = [{"key": f"{index * 7919 % 10007:05}-{'x' * 40}", "epoch": f"2026-W{index % 50:02}"} for index in range(2000)]
GONE = "99999-this-row-was-deleted"


def fill(database: Database, rows: list[dict[str, str]]) -> None:
    with database.transaction() as connection:
        metadata.create_all(connection)
    for start in range(0, len(rows), 100):
        with database.transaction() as connection:
            connection.execute(insert(keys), rows[start : start + 100])
            connection.execute(insert(sessions).values(id=rows[start]["key"]))
    with database.transaction() as connection:
        connection.execute(insert(keys).values(key=GONE, epoch="2026-W01"))
    with database.transaction() as connection:
        connection.execute(delete(keys).where(keys.c.key == GONE))


def pages(path: Path) -> bytes:
    """Return the file without its header, which counts changes but no rows."""
    return path.read_bytes()[100:]


def test_sqlite_files_of_the_same_rows_are_equal_after_a_rewrite(tmp_path: Path) -> None:
    one, other = tmp_path / "one.db", tmp_path / "other.db"
    after = []
    for path, rows in ((one, ROWS), (other, ROWS[1000:] + ROWS[:1000])):
        with open_database(f"sqlite:///{path}") as database:
            fill(database, rows)
            with database.transaction() as connection:  # these say who came first in each batch, and are not alike
                connection.execute(delete(sessions))
            files = b"".join(each.read_bytes() for each in tmp_path.glob(path.name + "*"))
            assert GONE.encode() in files, "the write-ahead log keeps what was deleted"
            rewrite_all(database)
            assert (tmp_path / (path.name + "-wal")).stat().st_size == 0
            assert GONE.encode() not in path.read_bytes()
            after.append(pages(path))
    assert after[0] == after[1]


def test_sqlite_files_differ_without_a_rewrite(tmp_path: Path) -> None:
    found = []
    for name, rows in (("one", ROWS), ("other", ROWS[::-1])):
        with open_database(f"sqlite:///{tmp_path}/{name}") as database:
            fill(database, rows)
        found.append(pages(tmp_path / name))
    assert found[0] != found[1]


def test_a_reader_in_the_way_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roworder, "CHECKPOINT_ATTEMPTS", 1)
    with open_database(f"sqlite:///{tmp_path}/x.db") as database:
        fill(database, ROWS[:100])
        database.engine.dispose()
        with database.read() as connection:
            connection.execute(select(keys.c.key)).first()
            monkeypatch.setattr(roworder, "_vacuum_sqlite", impatient_vacuum)
            with pytest.raises(DependencyError) as caught:
                rewrite_all(database)
        assert caught.value.code == "database_busy"
        monkeypatch.undo()
        rewrite_all(database)


def impatient_vacuum(database: Database) -> None:
    from sqlalchemy import event

    event.listen(database.engine, "begin", lambda each: each.exec_driver_sql("PRAGMA busy_timeout=0"))
    vacuum_sqlite(database)


vacuum_sqlite = roworder._vacuum_sqlite


@pytest.mark.pg
def test_postgresql_forgets_order_transactions_and_deleted_rows(pg_url: str) -> None:
    with open_database(pg_url) as database:
        fill(database, ROWS)
        in_place = text("SELECT key FROM keys ORDER BY ctid")
        numbers = text("SELECT DISTINCT xmin::text FROM keys")
        with database.read() as connection:
            found = list(connection.execute(in_place).scalars())
            assert found == [row["key"] for row in ROWS], "rows lie in order of writing"
            assert len(connection.execute(numbers).all()) == 20, "rows of one transaction are joined"
        assert GONE.encode() in heap_file(database)
        rewrite_all(database)
        with database.read() as connection:
            found = list(connection.execute(in_place).scalars())
            assert found == sorted(found)
            assert set(found) == {row["key"] for row in ROWS}
            assert len(connection.execute(numbers).all()) == 1
            assert len(connection.execute(text("SELECT DISTINCT xmin::text FROM sessions")).all()) == 1
        assert GONE.encode() not in heap_file(database)


def heap_file(database: Database) -> bytes:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        found = connection.exec_driver_sql("SELECT pg_read_binary_file(pg_relation_filepath('keys'))").scalar_one()
    return bytes(found)


@pytest.mark.pg
def test_cluster_alone_would_keep_the_transactions(pg_url: str) -> None:
    """The reason for the update before: this fails when PostgreSQL changes its mind."""
    with open_database(pg_url) as database:
        fill(database, ROWS)
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CLUSTER keys USING keys_pkey")
            connection.exec_driver_sql("VACUUM FREEZE keys")
        with database.read() as connection:
            assert len(connection.execute(text("SELECT DISTINCT xmin::text FROM keys")).all()) == 20


def test_one_table_alone(database: Database) -> None:
    fill(database, ROWS[:100])
    if database.is_postgresql:
        rewrite_in_key_order(database, keys)
    else:
        with pytest.raises(ValueError, match="rewrite_all"):
            rewrite_in_key_order(database, keys)


def test_tables_that_sqlite_numbers_are_found() -> None:
    assert tables_with_row_order(metadata) == {"sessions"}
