"""Documents kept beyond delivery.

Revision ID: 0007
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "stored_documents",
        sa.Column("use_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("file", sa.String(26), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("contents_offset", sa.BigInteger(), nullable=True),
        sa.Column("contents_length", sa.BigInteger(), nullable=True),
        sa.Column("covered", sa.BigInteger(), nullable=True),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("use_id", "kind", name=op.f("pk_stored_documents")),
        sa.UniqueConstraint("file", name=op.f("uq_stored_documents_file")),
    )
    op.create_index(
        op.f("ix_stored_documents_expires_at"), "stored_documents", ["expires_at"], unique=False
    )


def downgrade() -> None:
    """Undo. The files are not touched; without their keys nobody can read them."""
    op.drop_table("stored_documents")
