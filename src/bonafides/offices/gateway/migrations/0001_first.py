"""Make the tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEYED = {"sqlite_with_rowid": False}


def upgrade() -> None:
    _sign_ins_and_accounts()
    _remedies()
    _issuers()


def _sign_ins_and_accounts() -> None:
    op.create_table(
        "signin",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("device", sa.String(5), nullable=False),
        sa.Column("cookie_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("nonce", sa.String(22), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("required", sa.String(100), nullable=False),
        sa.Column("requested", sa.String(100), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("expires", sa.Integer, nullable=False),
        sa.Column("sub", sa.String(43)),
        sa.Column("shown", sa.Text),
        sa.Column("collect_digest", sa.LargeBinary(32)),
        sa.Column("tries", sa.Integer, nullable=False),
        **KEYED,
    )
    op.create_table(
        "account",
        sa.Column("sub", sa.String(43), primary_key=True),
        sa.Column("epoch_seen", sa.String(8), nullable=False),
        sa.Column("consented", sa.String(100), nullable=False),
        **KEYED,
    )


def _remedies() -> None:
    op.create_table(
        "remedy",
        sa.Column("sub", sa.String(43), sa.ForeignKey("account.sub", name="remedy_account"), primary_key=True),
        sa.Column("issuer", sa.String(255), primary_key=True),
        sa.Column("case_id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("starts", sa.Date, nullable=False),
        sa.Column("ends", sa.Date, nullable=False),
        sa.Column("renewed", sa.Boolean, nullable=False),
        sa.Column("lifted", sa.Boolean, nullable=False),
        **KEYED,
    )
    op.create_table(
        "remedy_message",
        sa.Column("id", sa.String(43), primary_key=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("expires", sa.Date, nullable=False),
        **KEYED,
    )


def _issuers() -> None:
    op.create_table(
        "issuer_pin",
        sa.Column("issuer_id", sa.String(255), primary_key=True),
        sa.Column("country", sa.String(3), nullable=False),
        sa.UniqueConstraint("country", name="issuer_pin_country"),
        **KEYED,
    )
    op.create_table(
        "issuer_key",
        sa.Column("issuer_id", sa.String(255), primary_key=True),
        sa.Column("epoch", sa.String(8), primary_key=True),
        sa.Column("type", sa.String(8), primary_key=True),
        sa.Column("header", sa.LargeBinary(512), nullable=False),
        sa.Column("public_key", sa.LargeBinary(96), nullable=False),
        **KEYED,
    )
    op.create_table(
        "compromised_key",
        sa.Column("issuer_id", sa.String(255), primary_key=True),
        sa.Column("key_id", sa.String(64), primary_key=True),
        **KEYED,
    )
