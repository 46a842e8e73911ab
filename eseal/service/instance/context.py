"""What every use case works with: one opened instance."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from eseal import clock_watch
from eseal.clock_watch import ClockWatch
from eseal.documents.cms import SealCms
from eseal.errors import CorruptionError, InvalidFormatError
from eseal.ledger.reading.caching import CachingReader
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, sign_checkpoint
from eseal.model.commitment import commitment, normalised
from eseal.model.statement import Statement
from eseal.pki.der import load_certificate
from eseal.service.instance.blocks import FinalBlock
from eseal.service.instance.books import Books
from eseal.service.instance.ledger import raw_public_key
from eseal.service.instance.receipts import receipt_at
from eseal.service.instance.released_head import ReleasedHead
from eseal.service.instance.roots import Roots
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.seals import SealRepository

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from eseal.config import Settings
    from eseal.keys.software import SoftwareKeyStore
    from eseal.keys.vault import Vault
    from eseal.ledger.facts import Head
    from eseal.ledger.protocol import Ledger
    from eseal.model.commitment import Kind
    from eseal.model.seal import Seal
    from eseal.model.use import Use
    from eseal.service.instance.ledger import LedgerConnection
    from eseal.store.database import Database
    from eseal.store.repositories.instance import Instance

PDF = "application/pdf"
SIGNERS_KEPT = 4096
"""Prepared seals in memory; each is a few kilobytes."""


class Clock(Protocol):
    """Where the time comes from."""

    def __call__(self) -> datetime:
        """Now, in UTC."""
        ...


def system_clock() -> datetime:
    """The machine's clock, UTC."""
    return datetime.now(UTC)


class SealSigner:
    """A seal made ready to sign: its key's name and the parts of its CMS that never change."""

    def __init__(self, seal: Seal, sign: Callable[[str, bytes], bytes], books: Books) -> None:
        self.handle = seal.handle
        self.not_after = seal.not_after
        self.parts = seal.certificate, seal.chain, seal.subject_proof
        above = [load_certificate(each).not_valid_after_utc for each in seal.chain]
        self.chain_until = min(above, default=seal.not_after)
        self.root = sha256(seal.chain[-1]).digest() if seal.chain else None
        self.cms = SealCms(*self.parts)
        self.book = books.book(seal.id)
        self._seal_id = seal.id
        self._key_id = seal.key_id
        self._sign = sign
        self._books = books

    def attributes(self, statement: Statement, encoded: bytes) -> bytes:
        """The signed attributes (DER) of a statement and its canonical JSON.

        A signature beside a file carries the signing time as an attribute (ETSI EN 319 122-1
        clause 6.3), one inside a PDF must not (EN 319 142-1 clause 6.3).

        Raises:
            InvalidInputError: the statement's ticket is not in the seal's book.
        """
        inside = statement.media_type == PDF
        signing_time = None if inside else statement.sealed_at
        path = self._books.path(self._seal_id, statement.ticket)
        return self.cms.signed_attributes(
            encoded, statement.digest, path, signing_time=signing_time
        )

    def commitment(self, kind: Kind, content: bytes, signature: bytes) -> bytes:
        """What a leaf holds of something this seal signed, 32 bytes.

        Raises:
            InvalidFormatError: the signature has a form no key of this kind makes.
        """
        return commitment(kind, content, normalised(signature, self.cms.algorithm))

    def sign(self, message: bytes) -> bytes:
        """The signature value over signed attributes, or over what stands for a declaration."""
        return self._sign(self._key_id, message)


class Context:
    """An opened instance: settings, database, keys, ledger. Safe to use from several threads."""

    def __init__(  # noqa: PLR0913, PLR0917  # the parts of an instance
        self,
        settings: Settings,
        database: Database,
        keys: SoftwareKeyStore,
        vault: Vault,
        instance: Instance,
        connection: LedgerConnection,
        clock: Clock = system_clock,
    ) -> None:
        self.settings = settings
        self.database = database
        self.keys = keys
        self.vault = vault
        self.instance = instance
        self.connection = connection
        self.ledger: Ledger = connection.ledger
        self.books = Books(database, vault)
        self.released = ReleasedHead(settings.released_path)
        self.reader = CachingReader(connection.reader)
        watch = ClockWatch(settings.data_dir / clock_watch.FILE)
        self.blocks = FinalBlock(
            connection.reader,
            watch,
            settings.ledger_silence_limit,
            lambda: database.clock_ahead(self.now()),
        )
        self.roots = Roots(self.reader, instance.issuer_id)
        self.log_public_key = raw_public_key(keys.public_key(instance.log_key_id))
        self.ledger_writes = threading.Lock()
        self.now = clock
        self.signer = lru_cache(maxsize=SIGNERS_KEPT)(self._load_signer)

    def sign_head(self, text: bytes) -> bytes:
        """Sign a checkpoint's text, or a record of the log's own, with its Ed25519 key."""
        return self.keys.sign(self.instance.log_key_id, text)

    @property
    def issuer_id(self) -> bytes:
        """This issuer's opaque id on the ledger, 32 bytes."""
        return self.instance.issuer_id

    def statement_of(self, use: Use) -> Statement:
        """A recorded use's statement.

        Raises:
            CorruptionError: what is stored is not a statement.
        """
        try:
            return Statement.parse(use.statement)
        except InvalidFormatError as error:
            raise CorruptionError(f"use {use.id}: {error}") from error

    def cms_of(self, use: Use, receipt: bytes | None, attributes: bytes | None = None) -> bytes:
        """The seal signature of a recorded use, DER, rebuilt from statement and signature.

        Args:
            use: what is on record.
            receipt: what to put inside, or ``None``.
            attributes: its signed attributes where they are at hand; made again otherwise.
        """
        if attributes is None:
            attributes = self.attributes_of(use)
        return self.signer(use.seal_id).cms.encode(attributes, use.signature, receipt)

    def attributes_of(self, use: Use) -> bytes:
        """The signed attributes (DER) of a recorded use, made again."""
        statement = self.statement_of(use)
        return self.signer(use.seal_id).attributes(statement, use.statement)

    def receipt_of(self, connection: Connection, use: Use) -> bytes:
        """The best receipt there is now: at the earliest anchored head, else at the newest."""
        log = LogRepository(connection)
        anchor = log.anchor_covering(use.log_index)
        note = anchor.note if anchor else log.checkpoint().note
        return receipt_at(log, note, use.log_index)

    def note_at(self, head: Head) -> bytes:
        """Sign the checkpoint of a head that is on the ledger and in this log.

        Raises:
            CorruptionError: this log has another root at that size.
        """
        with self.database.read() as connection:
            ours = tree.root(LogRepository(connection), head.size)
        if ours != head.root:
            raise CorruptionError(
                f"the ledger's head at {head.size} leaves has another root than this log; "
                "run: eseal audit"
            )
        checkpoint = Checkpoint(self.instance.origin, head.size, head.root)
        return sign_checkpoint(checkpoint, self.sign_head, self.log_public_key)

    def close(self) -> None:
        """Give everything back."""
        self.connection.close()
        self.database.close()

    def _load_signer(self, seal_id: str) -> SealSigner:
        with self.database.read() as connection:
            seal = SealRepository(connection).get(seal_id)
        return SealSigner(seal, self.keys.sign, self.books)
