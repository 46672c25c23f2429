"""The tables of the issuer's first release."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEYED: dict[str, Any] = {"sqlite_with_rowid": False}


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "person",
        sa.Column("tag", sa.LargeBinary(32), primary_key=True),
        sa.Column("tag_key", sa.String(16), nullable=False),
        sa.Column("handle", sa.LargeBinary(48)),
        sa.Column("assurance", sa.String(32)),
        sa.Column("settles", sa.String(7)),
        sa.Column("reenrolled", sa.String(7)),
        sa.Column("reenrolments", sa.Integer, nullable=False),
        sa.Column("frozen_until", sa.String(8)),
        sa.Column("returnable", sa.LargeBinary, nullable=False),
        **_KEYED,
    )
    op.create_index("person_by_handle", "person", ["handle"])
    op.create_table(
        "used_handle",
        sa.Column("handle_mac", sa.LargeBinary(32), primary_key=True),
        sa.Column("mac_key", sa.String(16), nullable=False),
        sa.Column("tag_handle_mac", sa.LargeBinary(32), nullable=False),
        sa.Column("settles", sa.String(7)),
        **_KEYED,
    )
    op.create_table(
        "device",
        sa.Column("tag", sa.LargeBinary(32), primary_key=True),
        sa.Column("device_key", sa.LargeBinary(65), primary_key=True),
        sa.Column("standing", sa.String(8), nullable=False),
        sa.Column("due", sa.Date),
        **_KEYED,
    )
    op.create_table(
        "pending",
        sa.Column("tag", sa.LargeBinary(32), primary_key=True),
        sa.Column("ref", sa.String(22), nullable=False),
        sa.Column("handle", sa.LargeBinary(48), nullable=False),
        sa.Column("device_key", sa.LargeBinary(65), nullable=False),
        sa.Column("assurance", sa.String(32), nullable=False),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("needs_officer", sa.Boolean, nullable=False),
        sa.Column("waived", sa.Boolean, nullable=False),
        **_KEYED,
    )
    op.create_table(
        "dispute",
        sa.Column("tag", sa.LargeBinary(32), primary_key=True),
        sa.Column("ref", sa.String(22), nullable=False),
        **_KEYED,
    )
    op.create_table(
        "settling_group",
        sa.Column("due", sa.String(7), primary_key=True),
        sa.Column("opens", sa.String(7), nullable=False),
        **_KEYED,
    )
    op.create_table(
        "nonce",
        sa.Column("value", sa.String(22), primary_key=True),
        sa.Column("expires", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        **_KEYED,
    )
    op.create_table(
        "spent",
        sa.Column("value", sa.String(43), primary_key=True),
        sa.Column("expires", sa.Integer, nullable=False),
        **_KEYED,
    )
    op.create_table(
        "epoch_key",
        sa.Column("epoch", sa.String(8), primary_key=True),
        sa.Column("key_id", sa.String(16), nullable=False),
        **_KEYED,
    )
    op.create_table("compromised_key", sa.Column("key_id", sa.String(16), primary_key=True), **_KEYED)
    op.create_table(
        "tally",
        sa.Column("epoch", sa.String(8), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        **_KEYED,
    )
