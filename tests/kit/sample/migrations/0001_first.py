"""Make the tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table("keys", sa.Column("key", sa.Text, primary_key=True), sqlite_with_rowid=False, sqlite_strict=True)
    op.create_table(
        "notes",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, sa.ForeignKey("keys.key", ondelete="CASCADE"), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.CheckConstraint("size >= 0", name="size_not_negative"),
        sqlite_with_rowid=False,
    )
    op.execute("INSERT INTO keys VALUES ('a')")
    op.execute("INSERT INTO notes VALUES ('n', 'a', 1)")
