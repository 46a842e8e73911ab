"""Certificates of time-stamp authority and OCSP responder; seals by their certificate's number.

Revision ID: 0006
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from cryptography import x509

revision = "0006"
down_revision = "0005"

_SERIAL_BYTES = 20


def upgrade() -> None:
    """Apply. Keys and certificates are made when they are first needed."""
    op.create_table(
        "responders",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("key_id", sa.String(length=26), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responders")),
    )
    # Nullable: SQLite cannot change that of a column without making the table anew.
    op.add_column("seals", sa.Column("serial", sa.LargeBinary(), nullable=True))
    _number_seals()
    op.create_index(op.f("ix_seals_serial"), "seals", ["serial"])


def downgrade() -> None:
    """Undo."""
    op.drop_index(op.f("ix_seals_serial"), table_name="seals")
    op.drop_column("seals", "serial")
    op.drop_table("responders")


def _number_seals() -> None:
    connection = op.get_bind()
    seals = sa.table("seals", sa.column("id"), sa.column("certificate"), sa.column("serial"))
    for row in connection.execute(sa.select(seals.c.id, seals.c.certificate)).all():
        try:
            number = x509.load_der_x509_certificate(row.certificate).serial_number
        except ValueError:  # eseal audit names it
            continue
        serial = number.to_bytes(_SERIAL_BYTES, "big")
        connection.execute(sa.update(seals).where(seals.c.id == row.id).values(serial=serial))
