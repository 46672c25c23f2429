"""First enrolments by month and by the trust list they were checked by."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "enrolment_count",
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("trust_version", sa.String(64), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
