"""What a service point's sessions deliver, for minutes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "delivery",
        sa.Column("session", sa.String(43), primary_key=True),
        sa.Column("jwe", sa.Text, nullable=False),
        sa.Column("expires", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
