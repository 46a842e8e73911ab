"""Evidence for a stranger's verifier: genuine, and forged by those who hold keys of ours.

Most forgeries have one thing wrong with them, so that only the check made for it can find them.
"""

from __future__ import annotations

import secrets
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
from eseal.documents.evidence import Evidence
from eseal.keys.protocol import KeyAlgorithm
from eseal.log.checkpoint import parse_checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.model.book import Book, VolumeTree
from eseal.model.seal import Reason
from eseal.verify import Finding
from tests.integration.dishonest import BESIDE, DOCUMENT, Operator

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Case:
    """An evidence file, what a verifier must say of it and a digest, and by which checks."""

    evidence: Evidence
    finding: Finding
    indication: str
    checks: str = ""
    digest: bytes = sha256(DOCUMENT).digest()


def cases(world, other_company) -> dict[str, Case]:
    """What an operator can make, by name, and what verifiers must find."""
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
        disowned, further = operator.use(seal), operator.use(seal)
        operator.take_back(stands)
        again = operator.use(seal)
        operator.tiles.append(Leaf(operator.tiles.size, BESIDE, BESIDE).hash())
        promised = operator.use(seal, published=False)
        operator.use(seal)
        instance = operator.context.instance
        operator.office.end_root(instance.issuer_id, sha256(instance.root_certificate).digest())
        rootless = operator.use(seal)
        operator.office.succeed(instance.log_id, secrets.token_bytes(32))
        late = operator.use(seal)
        return {
            "head that stands": Case(before, Finding.AUTHENTIC, green),
            "disowned head": Case(disowned, Finding.HEAD_DISOWNED, amber, "anchor"),
            "disowned head of a size that no other has": Case(
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
