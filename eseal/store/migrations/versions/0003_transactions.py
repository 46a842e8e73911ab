"""Transactions are on record before they are sent.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NONCE = ["chain_id", "account", "nonce"]
_LIVE = sa.text("state IN ('prepared', 'sent', 'mined')")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "transactions",
        sa.Column("id", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("destination", sa.String(length=42), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.LargeBinary(), nullable=True),
        sa.Column("gas_used", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
    )
    op.create_index("ix_transactions_nonce", "transactions", _NONCE, unique=False)
    op.create_index(
        "uq_transactions_live",
        "transactions",
        _NONCE,
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_table(
        "transaction_attempts",
        sa.Column("transaction_id", _ROW_NUMBER, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("tip", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["transactions.id"],
            name=op.f("fk_transaction_attempts_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("transaction_id", "hash", name=op.f("pk_transaction_attempts")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("transaction_attempts")
    op.drop_index("uq_transactions_live", table_name="transactions")
    op.drop_index("ix_transactions_nonce", table_name="transactions")
    op.drop_table("transactions")
