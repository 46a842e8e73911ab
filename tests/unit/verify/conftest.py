"""A small world to verify in: an issuer with its CA and log, seals, uses, and a ledger.

Everything in it is real (keys, certificates, CMS, tree, receipts) but, by default, the ledger: an
in-memory :class:`LedgerReader`, so that a hundred cases run in a second. ``test_embedded.py`` tells
the main stories on the real one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from eseal.documents.cms import SealCms
from eseal.documents.evidence import Evidence, EvidenceAnchor
from eseal.errors import InvalidFormatError, InvalidInputError, NotFoundError
from eseal.keys.software import SoftwareKeyStore
from eseal.ledger.facts import Head, NewSeal
from eseal.log.checkpoint import Checkpoint, log_id, parse_checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.log.tree import Prover, append, root
from eseal.model.book import Book, VolumeTree, new_book_key, tag
from eseal.model.commitment import Kind, commitment, normalised
from eseal.model.ids import new_id
from eseal.model.seal import seal_handle
from eseal.model.statement import BlockReference, Statement, new_nonce
from eseal.model.subject import SubjectProof
from eseal.pki.ca import CertificateAuthority
from eseal.pki.names import SealSubject
from eseal.suites import KeyAlgorithm
from tests.unit.verify.asking import AUTHORITY, issuing_ca, key_store, proof_of
from tests.unit.verify.memory_ledger import ISSUER, START, YEAR, MemoryLedger
from tests.unit.verify.sealed_pdfs import COMPANY, SEALED_AT

ORIGIN = "log.example/one"
CONTRACT = b"The parties agree to agree."
ID = "NTRCN-91330106MA2GLYQ19H"
DEPTH = 6


def at(timestamp):
    return datetime.fromtimestamp(timestamp, UTC)


class MemoryTiles:
    """``TileReader`` over a dict."""

    def __init__(self, tiles=()):
        self.tiles = dict(tiles)

    def tile(self, level, index, width):
        hashes = self.tiles.get((level, index), b"")
        if len(hashes) < width * 32:
            raise NotFoundError(f"no tile {level}/{index} of width {width}")
        return hashes[: width * 32]


class Logs:
    """``LogSource`` over a dict."""

    def __init__(self, tiles):
        self.by_origin = tiles

    def tiles(self, origin):
        return self.by_origin.get(origin)


@dataclass(frozen=True)
class SealKit:
    """A seal of the tests: certificate, chain, proof, book, and the means to sign."""

    key_id: str
    certificate: bytes
    chain: tuple[bytes, ...]
    keys: SoftwareKeyStore
    issuer: bytes
    proof: SubjectProof
    book: Book
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def handle(self):
        return seal_handle(self.issuer, self.certificate)

    @property
    def cms(self):
        return SealCms(self.certificate, self.chain, self.proof.encode())

    def volume(self, number):
        return VolumeTree(self.book, number)

    def registration(self):
        """What the issuer's operator puts on the ledger."""
        root = self.volume(0).root
        return NewSeal(
            hashlib.sha256(self.certificate).digest(), self.proof.subject,
            START - YEAR, START + YEAR, self.book.depth, root, None,
        )  # fmt: skip

    def path(self, statement):
        """The path of the statement's ticket; of some ticket where there is no statement."""
        try:
            ticket = Statement.parse(statement).ticket
            return self.volume(ticket.volume).path(ticket.position)
        except (InvalidFormatError, InvalidInputError):
            return self.volume(0).path(0)

    def sign(self, statement, digest, path=None):
        """The two parts of a signature: signed attributes and signature value."""
        signed = self.cms.signed_attributes(statement, digest, path or self.path(statement))
        return signed, self.keys.sign(self.key_id, signed)

    def encode(self, signed, signature, receipt=None):
        return self.cms.encode(signed, signature, receipt)


@dataclass(frozen=True)
class Use:
    """One use of the tests."""

    seal: SealKit
    statement: Statement
    signed: bytes
    signature: bytes
    index: int | None
    receipt: bytes | None

    @property
    def p7s(self):
        return self.seal.encode(self.signed, self.signature, self.receipt)

    def with_receipt(self, receipt):
        return replace(self, receipt=receipt)


@dataclass
class World:
    """One issuer, its log, and the ledger it is on."""

    ledger: object
    keys: SoftwareKeyStore
    authority: CertificateAuthority
    log_key: str
    origin: str = ORIGIN
    issuer: bytes = ISSUER
    size: int = 0
    anchored: int = 0
    tiles: MemoryTiles = field(default_factory=MemoryTiles)

    @property
    def public_key(self):
        return self.keys.public_key(self.log_key)[-32:]

    @property
    def logs(self):
        return Logs({self.origin: self.tiles})

    @property
    def name(self):
        return log_id(self.issuer, self.origin)

    def new_seal(
        self, name=COMPANY, *, register=True, common_name=None, proof=None, identifier=ID, ca=None
    ):
        """A seal of a company: on the ledger, or made by anybody.

        Args:
            proof: another than the authority's on this name and id.
            ca: that issues the certificate; ours by default.
        """
        key_id = self.keys.generate(KeyAlgorithm.P256)
        ca = ca or self.authority
        subject = SealSubject(name, identifier, "GB", common_name or name)
        certificate = ca.issue_seal(self.keys.public_key(key_id), subject, at(START - 3600))
        seal = SealKit(
            key_id, certificate, ca.chain, self.keys, self.issuer,
            proof or proof_of(identifier, name), Book(new_book_key(), DEPTH),
        )  # fmt: skip
        if register:
            self.ledger.found(seal.proof)
            self.ledger.register_seals(self.issuer, [seal.registration()])
        return seal

    def block_reference(self, **changes):
        """The newest block as a statement names it, but for ``changes``."""
        block, registry = self.ledger.final_block(), bytes.fromhex(self.ledger.seal_registry[2:])
        ours = BlockReference(self.ledger.chain_id, block.number, block.hash, registry)
        return replace(ours, **changes)

    def statement(self, seal, digest, /, **changes):
        block = self.ledger.final_block()
        fields = {
            "id": new_id(),
            "seal": seal.handle,
            "ticket": seal.book.ticket(next(seal.numbers)),
            "digest": digest,
            "media_type": "text/plain",
            "authorization": bytes(32),
            "not_before": self.block_reference(),
            "sealed_at": at(block.timestamp + 2),
            "nonce": new_nonce(),
            "purpose": "a test",
        }
        return Statement(**(fields | changes))

    def use(self, seal, /, data=CONTRACT, *, digest=None, record=True, **changes):
        """Seal a document; ``record=False`` is a thief who bypasses the service."""
        digest = hashlib.sha256(data).digest() if digest is None else digest
        statement = self.statement(seal, digest, **changes)
        signed, signature = seal.sign(statement.encode(), digest)
        if not record:
            return Use(seal, statement, signed, signature, None, None)
        index = self.record(seal, statement, signature)
        return Use(seal, statement, signed, signature, index, self.receipt(index))

    def record(self, seal, statement, signature):
        """Append the leaf of a use; its index."""
        value = normalised(signature, seal.cms.algorithm)
        committed = commitment(Kind.USE, statement.encode(), value)
        return self.append(committed, tag(statement.seal, statement.ticket))

    def append(self, committed, shown=None):
        index = self.size
        leaf = Leaf(index, committed, shown or new_nonce())
        grown = append(self.tiles, index, [leaf.hash()])
        self.tiles.tiles.update(grown.tiles)
        self.size = grown.size
        return index

    def fill(self, count):
        for _ in range(count):
            self.append(new_nonce())

    def evidence_anchor(self, anchor):
        block, ledger = anchor.block, self.ledger
        return EvidenceAnchor(
            chain_id=ledger.chain_id,
            contract=ledger.usage_ledger,
            log_id=anchor.log_id,
            epoch=anchor.epoch,
            size=anchor.head.size,
            root=anchor.head.root,
            block_number=block.number,
            block_hash=block.hash,
            block_timestamp=block.timestamp,
            transaction=anchor.transaction,
        )

    def head_of(self, receipt):
        return Receipt.parse(receipt).checkpoint.checkpoint

    def forget_tiles(self):
        """As after the loss of the log: a source that has none of its tiles."""
        return Logs({self.origin: MemoryTiles()})

    def rewrite(self, index):
        """What a dishonest operator does: the tiles with another leaf at ``index``."""
        rewritten = MemoryTiles()
        leaves = [self.tiles.tile(0, i // 256, i % 256 + 1)[-32:] for i in range(self.size)]
        leaves[index] = hashlib.sha256(b"another leaf").digest()
        rewritten.tiles.update(append(rewritten, 0, leaves).tiles)
        return rewritten

    def checkpoint(self, size=None, root_hash=None):
        size = self.size if size is None else size
        head = Checkpoint(self.origin, size, root_hash or root(self.tiles, size))
        note = sign_checkpoint(head, lambda t: self.keys.sign(self.log_key, t), self.public_key)
        return parse_checkpoint(note)

    def receipt(self, index, size=None):
        signed = self.checkpoint(size)
        proof = Prover(self.tiles, signed.checkpoint.size).inclusion(index)
        return Receipt(index, proof, signed).encode()

    def anchor(self):
        head = Head(self.size, root(self.tiles, self.size))
        proof = Prover(self.tiles, self.size).consistency(self.anchored)
        self.ledger.advance(self.name, self.anchored, head, proof)
        self.anchored = self.size
        return self.ledger.anchor_at(self.name, self.size)

    def evidence(self, use, **changes):
        """Evidence at the first anchor above the use, or at its receipt while there is none."""
        anchor = self.ledger.anchor_covering(self.name, use.index)
        fields = {
            "statement": use.statement,
            "cms": use.p7s,
            "chain": use.seal.chain,
            "issuer": self.issuer,
            "receipt": use.receipt if anchor is None else self.receipt(use.index, anchor.head.size),
            "origin": self.origin,
            "public_key": self.public_key,
            "anchor": None if anchor is None else self.evidence_anchor(anchor),
        }
        return Evidence(**(fields | changes))


@pytest.fixture(scope="session")
def keys():
    return key_store()


@pytest.fixture(scope="session")
def authority():
    return issuing_ca()


@pytest.fixture(scope="session")
def log_key(keys):
    return keys.generate(KeyAlgorithm.ED25519)


@pytest.fixture
def ledger():
    made = MemoryLedger()
    made.appoint(AUTHORITY.vrf_key, AUTHORITY.attest_key, AUTHORITY.schemes)
    return made


@pytest.fixture
def make_world(keys, authority, log_key):
    """Makes a world on a ledger; its log is not opened there yet."""

    def make(ledger, **changes):
        return World(ledger, keys, authority, log_key, **changes)

    return make


@pytest.fixture
def world(ledger, make_world):
    made = make_world(ledger)
    ledger.add_root(ISSUER, made.authority.root.certificate)
    ledger.open_log(made.origin, made.public_key)
    made.fill(3)
    made.anchor()
    return made


@pytest.fixture
def seal(world):
    return world.new_seal()


@pytest.fixture(scope="module")
def somebody():
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Somebody GmbH")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(7)
        .public_key(key.public_key()).not_valid_before(SEALED_AT)
        .not_valid_after(SEALED_AT + timedelta(days=9)).sign(key, hashes.SHA256())
    )  # fmt: skip
    return key, certificate
