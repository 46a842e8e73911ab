"""The first schema: the tables as they stand.

Nothing runs on an older one. The first change after a release freezes what stands here, written
out, and comes as 0002.

Revision ID: 0001
Revises: none
"""

from __future__ import annotations

from alembic import op

from eseal.store.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Drop all tables."""
    metadata.drop_all(op.get_bind())
