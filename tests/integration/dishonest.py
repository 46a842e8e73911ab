"""A dishonest operator: the worst forger there is, with the keys of log, CA, seals and books.

What he seals stands in the issuer's one log, under heads that the ledger has accepted.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from eseal.documents import cms
from eseal.documents.evidence import Evidence, EvidenceAnchor
from eseal.ledger.facts import Head, NewSeal
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.setup.administration import Administration
from eseal.ledger.wire.finality import Finality
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.model.book import Book, VolumeTree, new_book_key, tag
from eseal.model.commitment import Kind, commitment, normalised
from eseal.model.seal import SealType, seal_handle
from eseal.model.statement import BlockReference, Statement
from eseal.pki.ca import Authority, CertificateAuthority
from eseal.pki.names import SealSubject, seal_common_name
from eseal.service.instance.ledger import account_of, opened
from eseal.store.repositories.log import LogRepository
from eseal.suites import KeyAlgorithm
from eseal.verify.inputs.trust import Trust

DEPTH = 4
DOCUMENT = b"The parties agree to agree."
BESIDE = bytes(32)
"""Under a head that the forger anchors, other leaves stand beside his."""


@dataclass(frozen=True)
class Seal:
    """A seal whose keys the forger holds."""

    certificate: bytes
    chain: tuple[bytes, ...]
    proof: bytes
    handle: bytes
    book: Book
    sign: Callable[[bytes], bytes]


class Tiles:
    """The forger's own copy of the log: ``TileReader``."""

    def __init__(self, reader, size):
        self.size = size
        self.made = {}
        self._reader = reader

    def tile(self, level, index, width):
        known = self.made.get((level, index))
        return self._reader.tile(level, index, width) if known is None else known[: width * 32]

    def append(self, *leaves):
        grown = tree.append(self, self.size, leaves)
        self.made |= grown.tiles
        self.size = grown.size
        return grown.root


class Operator:
    """A dishonest operator of an opened world: appends what he likes, and the ledger accepts it."""

    def __init__(self, world, opened_here):
        context = self.context = world.service.context
        self.company = world.company
        log = LogRepository(opened_here.enter_context(context.database.read()))
        self.tiles = Tiles(log, log.checkpoint().size)
        instance = context.instance
        self.ca = CertificateAuthority(
            context.keys,
            Authority(instance.root_certificate, instance.root_key_id),
            Authority(instance.issuing_certificate, instance.issuing_key_id),
        )
        # The service's own account signs nothing that is not in the database: not so a thief's.
        deployment = Trust.parse(world.settings.trust_path.read_bytes()).deployment
        w3 = opened_here.enter_context(opened(world.settings))
        account = account_of(context.keys, instance.operator_key_id)
        self.ledger = Web3Ledger(w3, deployment, Finality(), account)
        admin = account_of(context.keys, instance.admin_key_id)
        self.office = Administration(w3, deployment, Finality(), admin)
        self.epoch, self.anchored = 0, self.tiles.size

    def own(self, seal):
        """A genuine seal of the service, its key stolen."""
        signer = self.context.signer(seal.id)
        return Seal(
            seal.certificate, seal.chain, seal.subject_proof, seal.handle, signer.book, signer.sign
        )

    def register(
        self, ca, company, *, proof=None, name=None, publish=True, algorithm=KeyAlgorithm.P256
    ):
        """A seal that the service knows nothing of, on the ledger for ``company``."""
        context = self.context
        key = context.keys.generate(algorithm)
        told = name or company.name
        kind = SealSubject(
            told, company.identifier, company.country, seal_common_name(SealType.CONTRACT, told)
        )
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
        certificate = ca.issue_seal(context.keys.public_key(key), kind, start)
        handle = seal_handle(context.issuer_id, certificate)
        book = Book(new_book_key(), DEPTH)
        if publish:
            seconds = int(start.timestamp())
            new = NewSeal(
                sha256(certificate).digest(), company.subject, seconds, seconds + 10**7, DEPTH,
                VolumeTree(book, 0).root, None,
            )  # fmt: skip
            self.ledger.register_seals(context.issuer_id, [new])
        return Seal(
            certificate, ca.chain, proof or company.subject_proof, handle, book,
            lambda message: context.keys.sign(key, message),
        )  # fmt: skip

    def another_ca(self):
        """A CA of the same names, under a root of its own."""
        organization = "Trial Issuer"
        now = datetime.now(UTC) - timedelta(hours=1)
        return CertificateAuthority.create(
            self.context.keys, organization=organization, country="CN", now=now
        )

    def statement(self, seal, /, **changes):
        final = self.ledger.final_block()
        members = {
            "id": "emr6iml5rwfu4vrrbldg64db2q",
            "seal": seal.handle,
            "ticket": seal.book.ticket(3),
            "digest": sha256(DOCUMENT).digest(),
            "media_type": "text/plain",
            "authorization": bytes(32),
            "not_before": BlockReference(
                self.ledger.chain_id,
                final.number,
                final.hash,
                bytes.fromhex(self.ledger.seal_registry[2:]),
            ),
            "sealed_at": datetime.fromtimestamp(final.timestamp, UTC),
            "nonce": secrets.token_bytes(32),
        }
        return Statement(**(members | changes))

    def use(self, seal, /, *, path=None, published=True, **changes):
        """Seal, append and anchor, or only promise to; the evidence."""
        statement = self.statement(seal, **changes)
        encoded = statement.encode()
        if path is None:
            path = VolumeTree(seal.book, statement.ticket.volume).path(statement.ticket.position)
        maker = cms.SealCms(seal.certificate, seal.chain, seal.proof)
        attributes = maker.signed_attributes(encoded, statement.digest, path)
        signature = seal.sign(attributes)
        committed = commitment(Kind.USE, encoded, normalised(signature, maker.algorithm))
        index = self.tiles.size + 1
        leaf = Leaf(index, committed, tag(statement.seal, statement.ticket))
        receipt, anchor = self.anchor(leaf) if published else self.promise(leaf)
        return Evidence(
            statement=statement,
            cms=maker.encode(attributes, signature, receipt),
            chain=seal.chain,
            issuer=self.context.issuer_id,
            receipt=receipt,
            origin=self.context.instance.origin,
            public_key=self.context.log_public_key,
            anchor=anchor,
        )

    def promise(self, leaf):
        """A receipt under a head that the log signs and keeps from the ledger."""
        return self._receipt(Tiles(self.tiles, self.tiles.size), leaf), None

    def _receipt(self, tiles, leaf):
        context = self.context
        root = tiles.append(Leaf(tiles.size, BESIDE, BESIDE).hash(), leaf.hash())
        head = Checkpoint(context.instance.origin, tiles.size, root)
        note = sign_checkpoint(head, context.sign_head, context.log_public_key)
        proof = tree.Prover(tiles, tiles.size).inclusion(leaf.index)
        return Receipt(leaf.index, proof, parse_checkpoint(note)).encode()

    def anchor(self, leaf):
        """A receipt under a head that the ledger accepts, and the anchor."""
        old, log = self.anchored, self.context.instance.log_id
        receipt = self._receipt(self.tiles, leaf)
        size = self.anchored = self.tiles.size
        root = tree.root(self.tiles, size)
        proof = tree.Prover(self.tiles, size).consistency(old)
        sent = self.ledger.advance(log, old, Head(size, root), proof)
        return receipt, EvidenceAnchor(
            chain_id=self.ledger.chain_id,
            contract=self.ledger.usage_ledger,
            log_id=log,
            epoch=self.epoch,
            size=size,
            root=root,
            block_number=sent.block.number,
            block_hash=sent.block.hash,
            block_timestamp=sent.block.timestamp,
            transaction=sent.transaction,
        )

    def take_back(self, size):
        """What the administrator, who is honest, does about heads beyond ``size``."""
        self.office.disown(self.context.instance.log_id, size)
        self.tiles, self.anchored = Tiles(self.tiles, size), size
        self.epoch += 1
