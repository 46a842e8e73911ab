"""Uses are looked up by segment of the log.

Ids and digests are indexed by segment, so that an append costs the same
however long the log is; idempotency outcomes name uses by their place in the log.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SEGMENT = sa.text("(log_index / 65536)")
_PLACE = sa.text("SELECT log_index FROM uses WHERE id = :id")
_ID = sa.text("SELECT id FROM uses WHERE log_index = :log_index")


def upgrade() -> None:
    """Rename what outcomes name, then change the indexes."""
    _rewrite_outcomes(_PLACE, "id")
    with op.batch_alter_table("documents") as documents:
        documents.drop_constraint("fk_documents_use_id", type_="foreignkey")
    with op.batch_alter_table("uses") as uses:
        uses.drop_index("ix_uses_digest")
        uses.drop_constraint("uq_uses_id", type_="unique")
    op.create_index("ix_uses_segment_id", "uses", [_SEGMENT, "id"], unique=True)
    op.create_index("ix_uses_segment_digest", "uses", [_SEGMENT, "digest"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_uses_segment_digest", table_name="uses")
    op.drop_index("ix_uses_segment_id", table_name="uses")
    with op.batch_alter_table("uses") as uses:
        uses.create_unique_constraint("uq_uses_id", ["id"])
        uses.create_index("ix_uses_digest", ["digest"])
    with op.batch_alter_table("documents") as documents:
        documents.create_foreign_key("fk_documents_use_id", "uses", ["use_id"], ["id"])
    _rewrite_outcomes(_ID, "log_index")


def _rewrite_outcomes(found: sa.TextClause, parameter: str) -> None:
    connection = op.get_bind()
    kept = sa.table("idempotency", sa.column("principal"), sa.column("key"), sa.column("outcome"))
    for row in connection.execute(sa.select(kept)).all():
        entries = json.loads(row.outcome)
        for entry in entries:
            if "use" in entry:
                entry["use"] = connection.execute(found, {parameter: entry["use"]}).scalar_one()
        changed = sa.update(kept).where(kept.c.principal == row.principal, kept.c.key == row.key)
        connection.execute(changed.values(outcome=json.dumps(entries)))
