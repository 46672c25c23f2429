"""The tables that the sample's migrations make."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, MetaData, Table, Text

metadata = MetaData()

keys = Table(
    "keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("epoch", Text, nullable=False),
    sqlite_with_rowid=False,
    sqlite_strict=True,
)
notes = Table(
    "notes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("key", Text, ForeignKey("keys.key", ondelete="CASCADE"), nullable=False),
    Column("size", Integer, nullable=False),
    CheckConstraint("size >= 0", name="size_not_negative"),
    sqlite_with_rowid=False,
)
