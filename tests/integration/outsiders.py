"""Evidence for a stranger's verifier: genuine, and forged by those who hold keys of ours.

The forger is the worst there is: a dishonest operator with the keys of log, CA, seals and books.
What he seals stands in the issuer's one log, under heads that the ledger has accepted. So most
forgeries have one thing wrong with them, and only the check made for that thing can find it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from eseal.authority import vrf
from eseal.authority.attestation import attest
from eseal.documents import cms
from eseal.documents.evidence import Evidence, EvidenceAnchor
from eseal.keys.protocol import KeyAlgorithm
from eseal.ledger.administration import Administration
from eseal.ledger.finality import Finality
from eseal.ledger.protocol import Head, NewSeal
from eseal.ledger.web3_ledger import Web3Ledger
from eseal.log import tree
from eseal.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.model.book import Book, VolumeTree, new_book_key, tag
from eseal.model.commitment import Kind, commitment, normalised
from eseal.model.seal import Reason, SealType, seal_handle
from eseal.model.statement import BlockReference, Statement
from eseal.pki.ca import Authority, CertificateAuthority
from eseal.pki.names import SealSubject, seal_common_name
from eseal.service.ledger import account_of, opened
from eseal.store.log import LogRepository
from eseal.verify import Finding
from eseal.verify.trust import Trust

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
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


@dataclass(frozen=True)
class Case:
    """An evidence file, what a verifier must say of it and a digest, and by which checks."""

    evidence: Evidence
    finding: Finding
    indication: str
    checks: str = ""
    digest: bytes = sha256(DOCUMENT).digest()


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
        self.epoch = 0

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
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
        certificate = ca.issue_seal(context.keys.public_key(key), kind, start)
        handle = seal_handle(context.issuer_id, certificate)
        book = Book(new_book_key(), DEPTH)
        if publish:
            seconds = int(start.timestamp())
            new = NewSeal(
                handle, company.subject, seconds, seconds + 10**7, DEPTH,
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
            "not_before": BlockReference(self.ledger.chain_id, final.number, final.hash),
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
        old, log = self.tiles.size, self.context.instance.log_id
        receipt = self._receipt(self.tiles, leaf)
        size, root = self.tiles.size, tree.root(self.tiles, self.tiles.size)
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
        self.tiles = Tiles(self.tiles, size)
        self.epoch += 1


def cases(world, other_company) -> dict[str, Case]:
    """Every case but one by its name: what a verifier is shown, and what it must find."""
    with ExitStack() as opened_here:
        return _cases(world, other_company, Operator(world, opened_here))


def administered(world) -> dict[str, Case]:
    """What is left when the administrator takes back heads, a root and the log's key."""
    amber, green = "INDETERMINATE", "TOTAL_PASSED"
    with ExitStack() as opened_here:
        operator = Operator(world, opened_here)
        seal = operator.own(world.contract)
        before = operator.use(seal)
        stands = operator.tiles.size
        disowned, *_, further = [operator.use(seal) for _ in range(6)]
        operator.take_back(stands)
        again, promised = operator.use(seal), operator.use(seal, published=False)
        operator.use(seal)
        instance = operator.context.instance
        operator.office.end_root(instance.issuer_id, sha256(instance.root_certificate).digest())
        rootless = operator.use(seal)
        operator.office.succeed(instance.log_id, secrets.token_bytes(32))
        late = operator.use(seal)
        return {
            "head that stands": Case(before, Finding.AUTHENTIC, green),
            "disowned head": Case(disowned, Finding.HEAD_DISOWNED, amber, "anchor"),
            "disowned head of a size not reached again": Case(
                further, Finding.HEAD_DISOWNED, amber, "anchor"
            ),
            "head of the next epoch": Case(again, Finding.AUTHENTIC, green),
            "head that the ledger does not hold, after others were disowned": Case(
                promised, Finding.HEAD_DISOWNED, amber, "anchor"
            ),
            "root that had ended": Case(rootless, Finding.UNTRUSTED_ISSUER, amber, "root"),
            "key that was replaced": Case(late, MISSING, amber, "checkpoint evidence"),
        }


def _cases(world, other, operator) -> dict[str, Case]:
    red, amber = "TOTAL_FAILED", "INDETERMINATE"
    seal, company = operator.own(world.contract), operator.company
    genuine = operator.use(seal)
    ticket = seal.book.ticket(4)
    elsewhere = VolumeTree(seal.book, 0).path(seal.book.ticket(5).position)
    made_up = ticket._replace(value=secrets.token_bytes(32))
    not_open = Book(bytes(32), seal.book.depth).ticket(1 << (seal.book.depth + 4))
    twin = operator.register(operator.another_ca(), company)
    namesake = operator.register(operator.ca, other, name=company.name)
    borrowed = operator.register(operator.ca, company, proof=other.subject_proof)
    self_made = operator.register(operator.ca, company, proof=_self_made(company))
    unknown = operator.register(operator.ca, company, publish=False)
    stopped = operator.register(operator.ca, company)
    operator.ledger.suspend(stopped.handle, Reason.LOSS)
    ended = operator.register(operator.ca, company)
    ended_use = operator.use(ended)
    operator.ledger.revoke(ended.handle, Reason.KEY_COMPROMISE)
    strong = operator.register(operator.ca, company, algorithm=KeyAlgorithm.RSA3072)
    promised = operator.use(seal, published=False)
    green = "TOTAL_PASSED"
    return {
        "genuine": Case(genuine, Finding.AUTHENTIC, green),
        "the other ECDSA value": Case(_malleated(genuine), Finding.AUTHENTIC, green),
        "RSA": Case(operator.use(strong), Finding.AUTHENTIC, green),
        "revoked later": Case(ended_use, Finding.AUTHENTIC, green),
        "used after it was revoked": Case(
            operator.use(ended), Finding.SEAL_NOT_ACTIVE, red, "status"
        ),
        "used while it was stopped": Case(
            operator.use(stopped), Finding.SEAL_NOT_ACTIVE, red, "status"
        ),
        "head that the ledger does not hold": Case(
            promised, Finding.RECORD_MISMATCH, red, "anchor"
        ),
        "altered digest": Case(
            genuine, Finding.TRANSPLANTED, red, "document", sha256(b"another").digest()
        ),
        "altered signature": Case(_spoilt(genuine), Finding.SIGNATURE_INVALID, red, "signature"),
        "twin certificate": Case(operator.use(twin), Finding.UNTRUSTED_ISSUER, amber, "chain"),
        "seal of another company": Case(
            operator.use(namesake), Finding.NAME_UNPROVEN, amber, "subject"
        ),
        "subject proof of another company": Case(
            operator.use(borrowed), Finding.NAME_UNPROVEN, amber, "subject"
        ),
        "subject proof of nobody's": Case(
            operator.use(self_made), Finding.NAME_UNPROVEN, amber, "subject"
        ),
        "unregistered seal": Case(
            operator.use(unknown), Finding.UNREGISTERED_SEAL, red, "registration"
        ),
        "statement of another seal": Case(
            operator.use(twin, seal=seal.handle), Finding.TRANSPLANTED, red, "chain registration"
        ),
        "other ticket": Case(
            operator.use(seal, ticket=made_up), Finding.TICKET_UNKNOWN, red, "book"
        ),
        "other path": Case(
            operator.use(seal, ticket=ticket, path=elsewhere), Finding.TICKET_UNKNOWN, red, "book"
        ),
        "volume that is not open": Case(
            operator.use(seal, ticket=not_open), Finding.TICKET_UNKNOWN, amber, "book"
        ),
        "foreign log": Case(
            _of_log(genuine, "shadow.example/log", operator), MISSING, amber, "log"
        ),
        "checkpoint by another key": Case(
            _by_another_key(genuine), MISSING, amber, "checkpoint evidence"
        ),
        "cut receipt": Case(_cut(genuine), MISSING, amber, "receipt"),
        "another leaf's receipt": Case(
            replace(genuine, receipt=operator.use(seal).receipt), MISSING, amber, "receipt"
        ),
        "another issuer": Case(replace(genuine, issuer=bytes(32)), MISSING, amber, "evidence"),
        "another anchor": Case(
            _anchored_at(genuine, transaction=bytes(32)), MISSING, amber, "evidence"
        ),
        "sealed after it was recorded": Case(
            operator.use(seal, sealed_at=datetime.now(UTC) + timedelta(hours=1)),
            Finding.BACKDATED,
            red,
            "time",
        ),
        "block that never was": Case(
            operator.use(seal, not_before=replace(genuine.statement.not_before, hash=bytes(32))),
            Finding.BACKDATED,
            red,
            "time",
        ),
        # last: the next head on the ledger would have its size
        "head that is not there yet": Case(
            operator.use(seal, published=False), Finding.ANCHOR_PENDING, amber, "anchor"
        ),
    }


MISSING = Finding.RECORD_MISSING


def _spoilt(evidence):
    return _with_signature(evidence, lambda value: value[:-1] + bytes((value[-1] ^ 1,)))


def _malleated(evidence):
    """Both s and n - s verify; a receipt holds for either."""

    def other(value):
        r, s = decode_dss_signature(value)
        return encode_dss_signature(r, P256_ORDER - s)

    return _with_signature(evidence, other)


def _with_signature(evidence, change):
    seal = cms.decode(evidence.cms)
    maker = cms.SealCms(seal.signer, seal.chain, seal.subject_proof)
    changed = maker.encode(seal.signed_attributes, change(seal.signature), seal.receipt)
    return replace(evidence, cms=changed)


def _self_made(company) -> bytes:
    """A proof by an authority that anybody can be: id and name are right, the keys nobody's."""
    return attest(
        company.identifier, company.name, None,
        vrf_secret=secrets.token_bytes(vrf.SECRET_BYTES),
        sign=Ed25519PrivateKey.generate().sign,
        now=datetime.now(UTC),
    ).encode()  # fmt: skip


def _of_log(evidence, origin, operator):
    """The head of a shadow log, signed with the key of the true one."""
    receipt = Receipt.parse(evidence.receipt)
    head = replace(receipt.checkpoint.checkpoint, origin=origin)
    context = operator.context
    note = sign_checkpoint(head, context.sign_head, context.log_public_key)
    text = replace(receipt, checkpoint=parse_checkpoint(note)).encode()
    return replace(evidence, receipt=text, origin=origin, anchor=None)


def _by_another_key(evidence):
    receipt, key = Receipt.parse(evidence.receipt), Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    note = sign_checkpoint(receipt.checkpoint.checkpoint, key.sign, public)
    text = replace(receipt, checkpoint=parse_checkpoint(note)).encode()
    return replace(evidence, receipt=text, public_key=public)


def _cut(evidence):
    receipt = Receipt.parse(evidence.receipt)
    return replace(evidence, receipt=replace(receipt, proof=receipt.proof[:-1]).encode())


def _anchored_at(evidence, **changes):
    return replace(evidence, anchor=replace(evidence.anchor, **changes))
