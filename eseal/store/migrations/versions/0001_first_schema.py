"""First schema.

Revision ID: 0001
Revises: none
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TABLES = (
    "anchors",
    "companies",
    "documents",
    "former_roots",
    "halts",
    "idempotency",
    "impressions",
    "instance",
    "keys",
    "log_checkpoint",
    "log_cosigned",
    "log_leaves",
    "log_records",
    "log_tiles",
    "responders",
    "row_binding",
    "row_sums",
    "stored_documents",
    "transactions",
    "use_keys",
    "certificate_requests",
    "seals",
    "tokens",
    "transaction_attempts",
    "books",
    "seal_changes",
    "seal_impressions",
    "uses",
    "volumes",
)


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "anchors",
        sa.Column("size", _ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("transaction", sa.LargeBinary(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(), nullable=False),
        sa.Column("block_time", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        *_bound(),
        sa.PrimaryKeyConstraint("size", name="pk_anchors"),
    )
    op.create_table(
        "companies",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("scheme", sa.String(16), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("identifier", sa.String(80), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("subject_proof", sa.LargeBinary(), nullable=False),
        sa.Column("founders_account", sa.String(42)),
        sa.Column("registration", sa.LargeBinary(), nullable=False),
        sa.Column("registered_block", sa.BigInteger()),
        *_bound(),
        sa.PrimaryKeyConstraint("id", name="pk_companies"),
        sa.UniqueConstraint("identifier", name="uq_companies_identifier"),
        sa.UniqueConstraint("subject", name="uq_companies_subject"),
    )
    op.create_table(
        "documents",
        sa.Column("use_id", sa.String(26), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("use_id", name="pk_documents"),
    )
    op.create_index("ix_documents_expires_at", "documents", ["expires_at"])
    op.create_table(
        "former_roots",
        sa.Column("id", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("key_id", sa.String(26), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        *_bound(),
        sa.PrimaryKeyConstraint("id", name="pk_former_roots"),
    )
    op.create_table(
        "halts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("halted_at", sa.BigInteger(), nullable=False),
        *_bound(),
        sa.PrimaryKeyConstraint("id", name="pk_halts"),
    )
    op.create_table(
        "idempotency",
        sa.Column("principal", sa.String(80), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        *_bound(),
        sa.PrimaryKeyConstraint("principal", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])
    op.create_table(
        "impressions",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_impressions"),
    )
    op.create_table(
        "instance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("log_key_id", sa.String(26), nullable=False),
        sa.Column("operator_key_id", sa.String(26), nullable=False),
        sa.Column("admin_key_id", sa.String(26), nullable=False),
        sa.Column("regulator_key_id", sa.String(26), nullable=False),
        sa.Column("authority_vrf_key_id", sa.String(26), nullable=False),
        sa.Column("authority_attest_key_id", sa.String(26), nullable=False),
        sa.Column("authority_account_key_id", sa.String(26), nullable=False),
        sa.Column("root_key_id", sa.String(26), nullable=False),
        sa.Column("root_certificate", sa.LargeBinary(), nullable=False),
        sa.Column("issuing_key_id", sa.String(26), nullable=False),
        sa.Column("issuing_certificate", sa.LargeBinary(), nullable=False),
        sa.Column("deployment", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_log_key_id", sa.String(26)),
        sa.Column("next_operator_key_id", sa.String(26)),
        sa.Column("next_root_key_id", sa.String(26)),
        sa.Column("next_root_certificate", sa.LargeBinary()),
        *_bound(),
        sa.PrimaryKeyConstraint("id", name="pk_instance"),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("algorithm", sa.String(16), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        *_bound(),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_checkpoint"),
    )
    op.create_table(
        "log_cosigned",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("cosigned_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_log_cosigned"),
    )
    op.create_table(
        "log_leaves",
        sa.Column("log_index", _ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log_index", name="pk_log_leaves"),
    )
    op.create_table(
        "log_records",
        sa.Column("log_index", _ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("company_id", sa.String(26)),
        sa.Column("seal_id", sa.String(26)),
        sa.Column("use_id", sa.String(26)),
        sa.PrimaryKeyConstraint("log_index", name="pk_log_records"),
    )
    op.create_index(
        "ix_log_records_company_id_log_index", "log_records", ["company_id", "log_index"]
    )
    op.create_index("ix_log_records_seal_id_log_index", "log_records", ["seal_id", "log_index"])
    op.create_index("ix_log_records_use_id", "log_records", ["use_id"])
    op.create_table(
        "log_tiles",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tile_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "tile_index", name="pk_log_tiles"),
    )
    op.create_table(
        "responders",
        sa.Column("id", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("key_id", sa.String(26), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        *_bound(),
        sa.PrimaryKeyConstraint("id", name="pk_responders"),
    )
    op.create_table(
        "row_binding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("instance", sa.LargeBinary(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary()),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_row_binding"),
    )
    op.create_table(
        "row_sums",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.LargeBinary(), nullable=False),
        sa.Column("log_size", sa.BigInteger()),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_row_sums"),
    )
    op.create_table(
        "stored_documents",
        sa.Column("use_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("file", sa.String(26), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("contents_offset", sa.BigInteger()),
        sa.Column("contents_length", sa.BigInteger()),
        sa.Column("covered", sa.BigInteger()),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        *_bound(),
        sa.PrimaryKeyConstraint("use_id", "kind", name="pk_stored_documents"),
        sa.UniqueConstraint("file", name="uq_stored_documents_file"),
    )
    op.create_index("ix_stored_documents_expires_at", "stored_documents", ["expires_at"])
    op.create_table(
        "transactions",
        sa.Column("id", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(42), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("destination", sa.String(42)),
        sa.Column("data", sa.LargeBinary()),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("block_number", sa.BigInteger()),
        sa.Column("block_hash", sa.LargeBinary()),
        sa.Column("gas_used", sa.BigInteger()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        *_bound(),
        sa.PrimaryKeyConstraint("id", name="pk_transactions"),
    )
    op.create_index("ix_transactions_nonce", "transactions", ["chain_id", "account", "nonce"])
    op.create_index(
        "uq_transactions_live",
        "transactions",
        ["chain_id", "account", "nonce"],
        unique=True,
        sqlite_where=sa.text("state IN ('prepared', 'sent', 'mined')"),
        postgresql_where=sa.text("state IN ('prepared', 'sent', 'mined')"),
    )
    op.create_table(
        "use_keys",
        sa.Column("segment", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("log_index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("segment", "key", "log_index", name="pk_use_keys"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "certificate_requests",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("company_id", sa.String(26), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("physical_code", sa.String(32)),
        sa.Column("key_id", sa.String(26), nullable=False),
        sa.Column("csr", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("depth", sa.Integer()),
        sa.Column("stop_hash", sa.LargeBinary()),
        *_bound(),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name="fk_certificate_requests_company_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_requests"),
    )
    op.create_table(
        "seals",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("company_id", sa.String(26), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("physical_code", sa.String(32)),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("serial", sa.LargeBinary()),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("subject_proof", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(26), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Integer(), nullable=False),
        sa.Column("status_block", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("stop_hash", sa.LargeBinary()),
        *_bound(),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name="fk_seals_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_seals"),
        sa.UniqueConstraint("handle", name="uq_seals_handle"),
    )
    op.create_index("ix_seals_company_id", "seals", ["company_id"])
    op.create_index("ix_seals_serial", "seals", ["serial"])
    op.create_index(
        "uq_seals_standing",
        "seals",
        ["company_id", "type", "label"],
        unique=True,
        sqlite_where=sa.text("state IN ('pending', 'active', 'suspended')"),
        postgresql_where=sa.text("state IN ('pending', 'active', 'suspended')"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("company_id", sa.String(26)),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.Column("order_number", sa.String(200)),
        sa.Column("notice_after", sa.BigInteger()),
        *_bound(),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name="fk_tokens_company_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
    )
    op.create_table(
        "transaction_attempts",
        sa.Column("transaction_id", _ROW_NUMBER, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("tip", sa.BigInteger()),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        *_bound(),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name="fk_transaction_attempts_transaction_id"
        ),
        sa.PrimaryKeyConstraint("transaction_id", "hash", name="pk_transaction_attempts"),
    )
    op.create_table(
        "books",
        sa.Column("seal_id", sa.String(26), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        *_bound(),
        sa.ForeignKeyConstraint(["seal_id"], ["seals.id"], name="fk_books_seal_id"),
        sa.PrimaryKeyConstraint("seal_id", name="pk_books"),
    )
    op.create_table(
        "seal_changes",
        sa.Column("id", _ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("seal_id", sa.String(26), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Integer(), nullable=False),
        sa.Column("party", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("transaction", sa.LargeBinary()),
        sa.Column("block_number", sa.BigInteger()),
        *_bound(),
        sa.ForeignKeyConstraint(["seal_id"], ["seals.id"], name="fk_seal_changes_seal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_seal_changes"),
    )
    op.create_index("ix_seal_changes_seal_id", "seal_changes", ["seal_id"])
    op.create_table(
        "seal_impressions",
        sa.Column("seal_id", sa.String(26), nullable=False),
        sa.Column("impression", sa.LargeBinary()),
        sa.Column("width", sa.Float()),
        sa.Column("height", sa.Float()),
        sa.Column("template", sa.Text()),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        *_bound(),
        sa.ForeignKeyConstraint(
            ["impression"], ["impressions.hash"], name="fk_seal_impressions_impression"
        ),
        sa.ForeignKeyConstraint(["seal_id"], ["seals.id"], name="fk_seal_impressions_seal_id"),
        sa.PrimaryKeyConstraint("seal_id", name="pk_seal_impressions"),
    )
    op.create_table(
        "uses",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("seal_id", sa.String(26), nullable=False),
        sa.Column("log_index", _ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("authorization", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["seal_id"], ["seals.id"], name="fk_uses_seal_id"),
        sa.PrimaryKeyConstraint("log_index", name="pk_uses"),
    )
    op.create_index("ix_uses_seal_id_log_index", "uses", ["seal_id", "log_index"])
    op.create_table(
        "volumes",
        sa.Column("seal_id", sa.String(26), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("block_number", sa.BigInteger()),
        *_bound(),
        sa.ForeignKeyConstraint(["seal_id"], ["books.seal_id"], name="fk_volumes_seal_id"),
        sa.PrimaryKeyConstraint("seal_id", "number", name="pk_volumes"),
    )


def downgrade() -> None:
    """Drop all tables."""
    for name in reversed(_TABLES):
        op.drop_table(name)


def _bound() -> tuple[sa.Column[int], sa.Column[bytes]]:
    """What every bound row carries."""
    return (
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
    )
