"""Impressions of seals: uploaded images, and what was chosen about a template.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "impressions",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_impressions")),
    )
    op.create_table(
        "seal_impressions",
        sa.Column("seal_id", sa.String(length=26), nullable=False),
        sa.Column("impression", sa.LargeBinary(), nullable=True),
        sa.Column("width", sa.Float(), nullable=True),
        sa.Column("height", sa.Float(), nullable=True),
        sa.Column("template", sa.Text(), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["impression"], ["impressions.hash"], name=op.f("fk_seal_impressions_impression")
        ),
        sa.ForeignKeyConstraint(
            ["seal_id"], ["seals.id"], name=op.f("fk_seal_impressions_seal_id")
        ),
        sa.PrimaryKeyConstraint("seal_id", name=op.f("pk_seal_impressions")),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("seal_impressions")
    op.drop_table("impressions")
