"""The keystore as it began: wrapped keys, apart from what they open."""

import sqlalchemy as sa
from alembic import op

revision = "keystore_0001"
down_revision: str | None = None


def upgrade() -> None:
    """Take the step, inside the transaction of whoever asked for it."""
    _keys()
    _epochs()
    _secrets()
    _sealed_keys()
    _copies()


def _keys() -> None:
    op.create_table(
        "keys",
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.String(length=256), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("subject", "kept", name="keys_pkey"),
        sqlite_with_rowid=False,
    )


def _epochs() -> None:
    op.create_table(
        "epochs",
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch"),
    )


def _secrets() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _sealed_keys() -> None:
    op.create_table(
        "sealed_keys",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _copies() -> None:
    op.create_table(
        "copies",
        sa.Column("copy", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("oldest", sa.Integer(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("copy"),
    )
