"""Migrations: complete or not at all, once however many processes start, and equal to the declared tables."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, Column, MetaData, Table, Text, inspect, text
from sqlalchemy.exc import DBAPIError

from bonafides.errors import ConfigError
from bonafides.kit.migrate import assert_schema_matches, schema_differences, upgrade
from bonafides.kit.storage import Database, open_database
from tests.kit.sample.tables import metadata

SAMPLE = "tests.kit.sample"
ROOT = Path(__file__).resolve().parents[2]


def version(database: Database) -> str:
    with database.read() as connection:
        return str(connection.execute(text("SELECT version_num FROM schema_version")).scalar_one())


def test_opening_brings_the_schema_up_to_date(url: str) -> None:
    for _ in range(2):
        with open_database(url, migrations=SAMPLE) as database:
            assert version(database) == "0002"
            assert_schema_matches(database, metadata)


def test_rebuilding_a_table_keeps_the_rows_that_refer_to_it(url: str) -> None:
    with open_database(url, migrations=SAMPLE) as database:
        with database.read() as connection:
            assert connection.execute(text("SELECT id FROM notes")).scalars().all() == ["n"]
        with pytest.raises(DBAPIError), database.transaction() as connection:
            connection.execute(text("INSERT INTO notes VALUES ('m', 'missing', 1)"))


def test_three_processes_at_once_migrate_once(url: str) -> None:
    program = "import sys; from bonafides.kit.storage import open_database; sys.stdin.readline();"
    program += f"open_database(sys.argv[1], migrations={SAMPLE!r}).close()"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, url], stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True
        )
        for _ in range(3)
    ]
    for process in started:  # all have imported what they need before the first may go
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    with open_database(url) as database:
        assert version(database) == "0002"


@pytest.fixture
def make_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    def make(name: str, *scripts: str) -> str:
        folder = tmp_path / name / "migrations"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").touch()
        for number, script in enumerate(scripts, 1):
            before = f"'{number - 1}'" if number > 1 else None
            head = f"import sqlalchemy as sa\nfrom alembic import op\nrevision = '{number}'\ndown_revision = {before}\n"
            (folder / f"{number}_step.py").write_text(head + f"def upgrade():\n    {script}\n")
        monkeypatch.syspath_prepend(tmp_path)
        return name

    return make


def test_a_failing_migration_leaves_nothing(url: str, make_office: Callable[..., str]) -> None:
    broken = make_office("broken_office", "op.create_table('one', sa.Column('id', sa.Text))", "op.execute('nonsense')")
    with pytest.raises(DBAPIError):
        open_database(url, migrations=broken)
    with open_database(url) as database, database.read() as connection:
        assert inspect(connection).get_table_names() == []


def test_dangling_rows_are_refused(tmp_path: Path, make_office: Callable[..., str]) -> None:
    careless = make_office(
        "careless_office",
        "op.create_table('a', sa.Column('id', sa.Text, primary_key=True));"
        "op.create_table('b', sa.Column('id', sa.Text, sa.ForeignKey('a.id')));"
        "op.execute(\"INSERT INTO b VALUES ('x')\")",
    )
    with pytest.raises(ConfigError, match="refer to nothing"):
        open_database(f"sqlite:///{tmp_path}/x.db", migrations=careless)


def test_a_database_of_a_newer_version_is_refused(url: str) -> None:
    with open_database(url, migrations=SAMPLE) as database:
        with database.transaction() as connection:
            connection.execute(text("UPDATE schema_version SET version_num = '0099'"))
        with pytest.raises(ConfigError, match="newer version"):
            upgrade(database, package=SAMPLE)


def test_a_package_without_migrations_is_refused(database: Database) -> None:
    with pytest.raises(ConfigError, match="no migrations folder"):
        upgrade(database, package="bonafides.kit")


def test_each_difference_is_found(url: str) -> None:
    other = MetaData()
    Table(
        "keys",
        other,
        Column("key", Text),
        Column("epoch", Text, primary_key=True),
        Column("added", Text),
        CheckConstraint("epoch > ''", name="epoch_not_empty"),
    )
    with open_database(url, migrations=SAMPLE) as database:
        found = "\n".join(schema_differences(database, other))
        with pytest.raises(AssertionError, match="differ"):
            assert_schema_matches(database, other)
    for part in ("remove_table", "added", "primary key", "epoch_not_empty"):
        assert part in found
    if url.startswith("sqlite"):
        assert "WITHOUT ROWID is True" in found
        assert "STRICT is True" in found
