"""Add the epoch; on SQLite the table is built anew, which must not delete the notes that refer to it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    options = {"sqlite_with_rowid": False, "sqlite_strict": True}
    with op.batch_alter_table("keys", recreate="auto", table_kwargs=options) as batch:
        batch.add_column(sa.Column("epoch", sa.Text, nullable=False, server_default="2026-W01"))
    with op.batch_alter_table("keys", table_kwargs=options) as batch:
        batch.alter_column("epoch", server_default=None)
