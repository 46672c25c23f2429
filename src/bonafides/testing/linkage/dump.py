"""Everything that lies in a folder, pooled: rows of every SQLite file in the engine's own order, and raw bytes.

Databases are read from copies, write-ahead log included, so that looking changes nothing. The first folder below the
root names the party to which a file belongs.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bonafides.errors import InputError

DATABASE_SUFFIX = ".db"
WAL_SUFFIX = "-wal"
MAX_FILE_BYTES = 1 << 31

Cell = bytes | str | int | float | None


@dataclass(frozen=True)
class Table:
    """One table: columns, rows as the engine gives them without ORDER BY, and their rowids if it has any."""

    party: str
    name: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    rowids: list[int] | None


@dataclass(frozen=True)
class File:
    """One file, whatever it is."""

    party: str
    name: str
    content: bytes

    @property
    def is_database(self) -> bool:
        """Whether this is a database file or its write-ahead log."""
        return self.name.endswith((DATABASE_SUFFIX, DATABASE_SUFFIX + WAL_SUFFIX, DATABASE_SUFFIX + "-shm"))

    @cached_property
    def text(self) -> str:
        """The content as text, if it is one; empty otherwise."""
        if self.is_database or b"\0" in self.content:
            return ""
        return self.content.decode("utf-8", "replace")


@dataclass
class Dump:
    """All tables and files of all parties."""

    tables: list[Table] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    def tables_of(self, party: str) -> list[Table]:
        """The tables of one party."""
        return [each for each in self.tables if each.party == party]

    def files_of(self, party: str) -> list[File]:
        """The files of one party."""
        return [each for each in self.files if each.party == party]

    def cells(self) -> Iterator[Cell]:
        """Every stored value."""
        for table in self.tables:
            for row in table.rows:
                yield from row


def read_dump(root: Path) -> Dump:
    """Return everything below `root`. Raises InputError if there is no database, or one that cannot be read."""
    if not root.is_dir():
        raise InputError("the folder to audit is missing", code="audit_data")
    dump = Dump()
    for path in sorted(each for each in root.rglob("*") if each.is_file() and not each.is_symlink()):
        inside = path.relative_to(root)
        party = inside.parts[0] if len(inside.parts) > 1 else ""
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError("a file is too large to be read whole", code="audit_data")
        dump.files.append(File(party, str(inside), path.read_bytes()))
        if path.suffix == DATABASE_SUFFIX:
            dump.tables += _read_tables(path, party, str(inside))
    if not dump.tables:
        raise InputError("no table lies in the folder to audit", code="audit_data")
    return dump


def _read_tables(path: Path, party: str, name: str) -> list[Table]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(path, copy)
        wal = path.with_name(path.name + WAL_SUFFIX)
        if wal.exists():
            shutil.copyfile(wal, copy.with_name(copy.name + WAL_SUFFIX))
        try:
            with closing(sqlite3.connect(copy)) as connection:
                connection.text_factory = _text
                listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
                names = [str(each[0]) for each in listed.fetchall()]
                return [_read_table(connection, party, f"{name}:{each}", each) for each in names]
        except sqlite3.DatabaseError:
            raise InputError("a database cannot be read", code="audit_data") from None


def _read_table(connection: sqlite3.Connection, party: str, name: str, table: str) -> Table:
    quoted = '"' + table.replace('"', '""') + '"'
    try:
        cursor = connection.execute(f"SELECT rowid, * FROM {quoted}")
    except sqlite3.OperationalError:  # a table without numbers
        cursor = connection.execute(f"SELECT * FROM {quoted}")
        return Table(party, name, _columns(cursor), cursor.fetchall(), None)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return Table(party, name, _columns(cursor)[1:], [each[1:] for each in found], [each[0] for each in found])


def _columns(cursor: sqlite3.Cursor) -> tuple[str, ...]:
    return tuple(str(each[0]) for each in cursor.description)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
