"""The tables. What each row means stands in ``eseal.model``; here is only how it rests.

Every table says whether its rows are bound to the key-encryption key, or why not
(``eseal.store.schema.bound``).

Nothing is stored that follows from something else, but for what a look-up needs (``use_keys``,
``uses.log_index``, ``seals.handle``, ``seals.serial``), which ``eseal audit`` compares with the
statements, leaves and certificates they come from.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from eseal.keys.vault import DOCUMENTS, KEY_WRAPPING
from eseal.store.schema.bound import (
    COUNTED,
    STAYING,
    UNCOUNTED,
    WITH_LOG,
    Exempt,
    binding_columns,
    boxed,
    is_bound,
    standing,
)
from eseal.store.schema.types import UtcTime, hold_to_types

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""In SQLite an ``INTEGER PRIMARY KEY`` is the row's own place: it is numbered by itself and needs
no index beside the table. Integers hold 64 bits there all the same."""

instance = Table(
    "instance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("origin", String(200), nullable=False),
    Column("log_key_id", String(26), nullable=False),
    Column("operator_key_id", String(26), nullable=False),
    Column("admin_key_id", String(26), nullable=False),
    Column("regulator_key_id", String(26), nullable=False),
    Column("authority_vrf_key_id", String(26), nullable=False),
    Column("authority_attest_key_id", String(26), nullable=False),
    Column("authority_account_key_id", String(26), nullable=False),
    Column("root_key_id", String(26), nullable=False),
    Column("root_certificate", LargeBinary, nullable=False),
    Column("issuing_key_id", String(26), nullable=False),
    Column("issuing_certificate", LargeBinary, nullable=False),
    Column("deployment", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("next_log_key_id", String(26)),
    Column("next_operator_key_id", String(26)),
    Column("next_root_key_id", String(26)),
    Column("next_root_certificate", LargeBinary),
    *binding_columns(),
    info=standing(STAYING),
)
"""Who this instance is, one row. What is ``next`` was made here and waits until the ledger knows
it (``eseal.service.setup.key_rollover``)."""

former_roots = Table(
    "former_roots",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("key_id", String(26), nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    *binding_columns(),
    info=standing(STAYING),
)
"""Root certificates before the present one: certificates under them still ask for their lists."""

responders = Table(
    "responders",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("role", String(8), nullable=False),
    Column("key_id", String(26), nullable=False),
    Column("certificate", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    *binding_columns(),
    info=standing(STAYING),
)
"""Certificates of the built-in time-stamp authority and OCSP responder, old ones included."""

keys = Table(
    "keys",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("algorithm", String(16), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("wrapped", LargeBinary, nullable=False, info=boxed(KEY_WRAPPING, "{algorithm}:{id}")),
    *binding_columns(),
    info=standing(STAYING),
)

companies = Table(
    "companies",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("scheme", String(16), nullable=False),
    Column("number", String(64), nullable=False),
    Column("identifier", String(80), nullable=False, unique=True),
    Column("country", String(2), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("subject", LargeBinary, nullable=False, unique=True),
    Column("subject_proof", LargeBinary, nullable=False),
    Column("founders_account", String(42)),
    Column("registration", LargeBinary, nullable=False),
    Column("registered_block", BigInteger),
    *binding_columns(),
    info=standing(STAYING),
)

certificate_requests = Table(
    "certificate_requests",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("company_id", ForeignKey("companies.id"), nullable=False),
    Column("type", String(32), nullable=False),
    Column("label", String(64), nullable=False),
    Column("physical_code", String(32)),
    Column("key_id", String(26), nullable=False),
    Column("csr", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("depth", Integer),
    Column("stop_hash", LargeBinary),
    *binding_columns(),
    info=standing(COUNTED),
)

seals = Table(
    "seals",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("company_id", ForeignKey("companies.id"), nullable=False, index=True),
    Column("type", String(32), nullable=False),
    Column("label", String(64), nullable=False),
    Column("physical_code", String(32)),
    Column("handle", LargeBinary, nullable=False, unique=True),
    Column("certificate", LargeBinary, nullable=False),
    Column("serial", LargeBinary, index=True),
    Column("chain", LargeBinary, nullable=False),
    Column("subject_proof", LargeBinary, nullable=False),
    Column("key_id", String(26), nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("not_after", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Integer, nullable=False),
    Column("status_block", BigInteger, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("stop_hash", LargeBinary),
    *binding_columns(),
    info=standing(STAYING),
)

_STANDING = text("state IN ('pending', 'active', 'suspended')")
Index(
    "uq_seals_standing",
    seals.c.company_id,
    seals.c.type,
    seals.c.label,
    unique=True,
    sqlite_where=_STANDING,
    postgresql_where=_STANDING,
)

seal_changes = Table(
    "seal_changes",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("seal_id", ForeignKey("seals.id"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("reason", Integer, nullable=False),
    Column("party", Integer, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("requested_at", UtcTime, nullable=False),
    Column("transaction", LargeBinary),
    Column("block_number", BigInteger),
    *binding_columns(),
    info=standing(COUNTED),
)
"""One row per change of a seal's status; without ``block_number`` it is still on its way."""

impressions = Table(
    "impressions",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("media_type", String(32), nullable=False),
    Column("content", LargeBinary, nullable=False),
    info=standing(Exempt("named by their hash in bound rows of seal_impressions")),
)
"""Uploaded images as they were cleaned, once each; ``hash`` is the SHA-256 of ``content``."""

seal_impressions = Table(
    "seal_impressions",
    metadata,
    Column("seal_id", ForeignKey("seals.id"), primary_key=True),
    Column("impression", ForeignKey("impressions.hash")),
    Column("width", Float),
    Column("height", Float),
    Column("template", Text),
    Column("actor", String(80), nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    *binding_columns(),
    info=standing(COUNTED),
)
"""What was decided about a seal's impression: an upload and its size in millimetres, or what was
chosen about its template (JSON). A seal without a row has the template of its type."""

uses = Table(
    "uses",
    metadata,
    Column("id", String(26), nullable=False),
    Column("seal_id", ForeignKey("seals.id"), nullable=False),
    Column("log_index", _RowNumber, primary_key=True, autoincrement=False),
    Column("statement", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("authorization", LargeBinary, nullable=False),
    Index(None, "seal_id", "log_index"),
    info=standing(Exempt("signed by the seal; leaves under the log's signed head commit to them")),
)

use_keys = Table(
    "use_keys",
    metadata,
    Column("segment", BigInteger, primary_key=True, autoincrement=False),
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("log_index", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    info=standing(Exempt("follows from the uses, whose statements are asked again")),
)
"""By what uses are found (``eseal.store.repositories.use_keys``); all of it follows from them."""

books = Table(
    "books",
    metadata,
    Column("seal_id", ForeignKey("seals.id"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False, info=boxed(DOCUMENTS, "book {seal_id}")),
    Column("depth", Integer, nullable=False),
    Column("next", BigInteger, nullable=False),
    *binding_columns(),
    info=standing(WITH_LOG),
)
"""The book of each seal: its key, encrypted; tickets a volume, as a power of two; and the number of
the next ticket, which is taken in the transaction that writes its leaf."""

volumes = Table(
    "volumes",
    metadata,
    Column("seal_id", ForeignKey("books.seal_id"), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),
    Column("block_number", BigInteger),
    *binding_columns(),
    info=standing(STAYING),
)
"""Volumes that are ``prepared`` here, or ``open`` on the ledger since a final block."""

log_records = Table(
    "log_records",
    metadata,
    Column("log_index", _RowNumber, primary_key=True, autoincrement=False),
    Column("kind", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
    Column("company_id", String(26)),
    Column("seal_id", String(26)),
    Column("use_id", String(26)),
    Index(None, "company_id", "log_index"),
    Index(None, "seal_id", "log_index"),
    Index(None, "use_id"),
    info=standing(Exempt("signed; leaves under the log's signed head commit to them")),
)
"""What has a leaf and is not a use: declarations, roster changes, disclosures and marks
(``eseal.model.records``). The ids say whom or what a record is about; they follow from it."""

log_leaves = Table(
    "log_leaves",
    metadata,
    Column("log_index", _RowNumber, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    info=standing(Exempt("under the log's signed head")),
)

log_tiles = Table(
    "log_tiles",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("tile_index", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
    info=standing(Exempt("under the log's signed head")),
)

log_checkpoint = Table(
    "log_checkpoint",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("signed_at", UtcTime, nullable=False),
    info=standing(Exempt("signed by the log")),
)
"""The newest checkpoint, one row; those of anchored sizes are in ``anchors``."""

halts = Table(
    "halts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("host", String(255), nullable=False),
    Column("halted_at", UtcTime, nullable=False),
    *binding_columns(),
    info=standing(UNCOUNTED),
)
"""Why a process has stopped sealing, one row: the others on this database stop, too."""

log_cosigned = Table(
    "log_cosigned",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("cosigned_at", UtcTime, nullable=False),
    info=standing(Exempt("signed by the log and its witnesses")),
)
"""The newest checkpoint that was shown to witnesses, one row."""

anchors = Table(
    "anchors",
    metadata,
    Column("size", _RowNumber, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", LargeBinary, nullable=False),
    Column("transaction", LargeBinary, nullable=False),
    Column("block_number", BigInteger, nullable=False),
    Column("block_hash", LargeBinary, nullable=False),
    Column("block_time", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    *binding_columns(),
    info=standing(UNCOUNTED),
)

transactions = Table(
    "transactions",
    metadata,
    Column("id", _RowNumber, primary_key=True, autoincrement=True),
    Column("chain_id", BigInteger, nullable=False),
    Column("account", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("destination", String(42)),
    Column("data", LargeBinary),
    Column("gas", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("block_number", BigInteger),
    Column("block_hash", LargeBinary),
    Column("gas_used", BigInteger),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    *binding_columns(),
    info=standing(STAYING),
)
"""What our accounts sent (``eseal.ledger.sending.transactions``); ``data`` is forgotten in time."""

TRANSACTION_IS_LIVE = text("state IN ('prepared', 'sent', 'mined')")
_NONCE = (transactions.c.chain_id, transactions.c.account, transactions.c.nonce)
Index("ix_transactions_nonce", *_NONCE)
Index(
    "uq_transactions_live",
    *_NONCE,
    unique=True,
    sqlite_where=TRANSACTION_IS_LIVE,
    postgresql_where=TRANSACTION_IS_LIVE,
)

transaction_attempts = Table(
    "transaction_attempts",
    metadata,
    Column("transaction_id", ForeignKey("transactions.id"), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("price", BigInteger, nullable=False),
    Column("tip", BigInteger),
    Column("sent_at", UtcTime, nullable=False),
    *binding_columns(),
    info=standing(COUNTED),
)
"""The signed forms a transaction was sent in: the fees, in wei, are all that tells them apart."""

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    Column("scope", String(16), nullable=False),
    Column("company_id", ForeignKey("companies.id")),
    Column("label", String(80), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
    Column("order_number", String(200)),
    Column("notice_after", UtcTime),
    *binding_columns(),
    info=standing(STAYING),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("principal", String(80), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False, index=True),
    *binding_columns(),
    info=standing(UNCOUNTED),
)

documents = Table(
    "documents",
    metadata,
    Column("use_id", String(26), primary_key=True),
    Column("ciphertext", LargeBinary, nullable=False, info=boxed(DOCUMENTS, "{use_id}")),
    Column("expires_at", UtcTime, nullable=False, index=True),
    info=standing(Exempt("encrypted under the key-encryption key with the use's id")),
)

stored_documents = Table(
    "stored_documents",
    metadata,
    Column("use_id", String(26), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("file", String(26), nullable=False, unique=True),
    Column(
        "wrapped",
        LargeBinary,
        nullable=False,
        info=boxed(DOCUMENTS, "document-key:{kind}:{use_id}"),
    ),
    Column("media_type", String(255), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("contents_offset", BigInteger),
    Column("contents_length", BigInteger),
    Column("covered", BigInteger),
    Column("finished", Boolean, nullable=False),
    Column("stored_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
    *binding_columns(),
    info=standing(UNCOUNTED),
)
"""Documents kept beyond delivery, encrypted in files (``eseal.service.archive.documents``);
``wrapped`` is the file's own key, so that without its row a file is noise."""

row_binding = Table(
    "row_binding",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("instance", LargeBinary, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("previous", LargeBinary),
    Column("changes", BigInteger, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    info=standing(Exempt("carries a MAC of its own: it says what the others are bound with")),
)
"""Which key-encryption key binds the rows, one row; ``previous`` only while it is being changed."""

row_sums = Table(
    "row_sums",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("changes", BigInteger, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("masked", LargeBinary, nullable=False),
    Column("log_size", BigInteger),
    Column("mac", LargeBinary, nullable=False),
    info=standing(Exempt("carries a MAC of its own: it is what counted tables are compared with")),
)
"""The sum over all rows of each counted table (``eseal.store.binding.binding``); that of the books
names the size of the log it goes with."""

for _table in metadata.sorted_tables:
    if not is_bound(_table):  # of a bound row its MAC says that every value is what was written
        hold_to_types(_table)
