"""Evidence for a stranger's verifier: genuine, and forged by those who hold keys of ours.

Most forgeries have one thing wrong with them, so that only the check made for it can find them.
"""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.x509.oid import NameOID

from eseal.authority.word import vrf
from eseal.authority.word.attestation import attest
from eseal.authority.word.keys import AuthorityKeys
from eseal.authority.word.messages import Ask
from eseal.authority.word.registration import Registry
from eseal.documents import cms
from eseal.documents.evidence import Evidence
from eseal.log.checkpoint import parse_checkpoint, sign_checkpoint
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt
from eseal.model.book import Book, VolumeTree
from eseal.model.seal import Reason
from eseal.pki import ca
from eseal.suites import KeyAlgorithm
from eseal.verify import Finding, Indication
from tests.integration.dishonest import BESIDE, DOCUMENT, Operator

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Case:
    """An evidence file, what a verifier must say of it and a digest, and by which checks.

    Attributes:
        evidence: what verifiers are shown.
        finding: what they must find.
        checks: names of the checks that fail; no other does.
        digest: of the document they have, SHA-256.
        open: whether the finding accuses nobody here, though elsewhere it may.
    """

    evidence: Evidence
    finding: Finding
    checks: str = ""
    digest: bytes = sha256(DOCUMENT).digest()
    open: bool = False

    @property
    def indication(self) -> Indication:
        """The standard's word."""
        return Indication.INDETERMINATE if self.open else self.finding.meaning.indication


def cases(world, other) -> dict[str, Case]:
    """What an operator can make, by name; ``other`` is another company than the seals'."""
    with ExitStack() as opened_here:
        operator = Operator(world, opened_here)
        seal = operator.own(world.contract)
        genuine = operator.use(seal)
        return (
            _unsigned(operator, seal, genuine)
            | _of_seals(operator, operator.company)
            | _of_twins(operator, operator.company, other, seal)
            | _of_tickets(operator, seal)
            | _of_times(operator, seal)
        )


def administered(world) -> dict[str, Case]:
    """What is left when the administrator takes back heads, a root and the log's key."""
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
        "head that stands": Case(before, Finding.AUTHENTIC),
        "disowned head": Case(disowned, Finding.HEAD_DISOWNED, "anchor"),
        "disowned head of a size that no other has": Case(further, Finding.HEAD_DISOWNED, "anchor"),
        "head of the next epoch": Case(again, Finding.AUTHENTIC),
        "head that the ledger does not hold, after others were disowned": Case(
            promised, Finding.HEAD_DISOWNED, "anchor"
        ),
        "root that had ended": Case(rootless, Finding.UNTRUSTED_ISSUER, "root"),
        "key that was replaced": Case(late, Finding.RECORD_MISSING, "checkpoint evidence"),
    }


def _unsigned(operator, seal, genuine) -> dict[str, Case]:
    """Genuine evidence, and what anybody can make of it."""
    another, missing = sha256(b"another").digest(), Finding.RECORD_MISSING
    shadow = _of_log(genuine, "shadow.example/log", operator)
    neighbour = replace(genuine, receipt=operator.use(seal).receipt)
    twice = (*genuine.chain, genuine.chain[-1])
    elsewhere = replace(genuine, anchor=replace(genuine.anchor, transaction=bytes(32)))
    return {
        "genuine": Case(genuine, Finding.AUTHENTIC),
        "the other ECDSA value": Case(_malleated(genuine), Finding.AUTHENTIC),
        "altered digest": Case(genuine, Finding.TRANSPLANTED, "document", another),
        "altered signature": Case(_spoilt(genuine), Finding.SIGNATURE_INVALID, "signature"),
        "foreign log": Case(shadow, missing, "log"),
        "checkpoint by another key": Case(_by_another_key(genuine), missing, "checkpoint evidence"),
        "cut receipt": Case(_cut(genuine), missing, "receipt"),
        "another leaf's receipt": Case(neighbour, missing, "receipt"),
        "another issuer": Case(replace(genuine, issuer=bytes(32)), missing, "evidence"),
        "another anchor": Case(elsewhere, missing, "evidence"),
        "no chain": Case(replace(genuine, chain=()), missing, "chain evidence"),
        "root twice": Case(replace(genuine, chain=twice), missing, "chain evidence"),
    }


def _of_seals(operator, company) -> dict[str, Case]:
    """Seals of a kind, and at a time."""
    strong = operator.register(operator.ca, company, algorithm=KeyAlgorithm.RSA3072)
    stopped, ended = (operator.register(operator.ca, company) for _ in range(2))
    operator.ledger.suspend(stopped.handle, Reason.LOSS)
    before = operator.use(ended)
    operator.ledger.revoke(ended.handle, Reason.KEY_COMPROMISE)
    after, meanwhile = operator.use(ended), operator.use(stopped)
    return {
        "RSA": Case(operator.use(strong), Finding.AUTHENTIC),
        "revoked later": Case(before, Finding.AUTHENTIC),
        "used after it was revoked": Case(after, Finding.SEAL_NOT_ACTIVE, "status"),
        "used while it was stopped": Case(meanwhile, Finding.SEAL_NOT_ACTIVE, "status"),
    }


def _of_twins(operator, company, other, seal) -> dict[str, Case]:
    """Seals of the company's name that are not the company's."""
    twin = operator.register(operator.another_ca(), company)
    namesake = operator.register(operator.ca, other, name=company.name)
    borrowed = operator.register(operator.ca, company, proof=other.subject_proof)
    self_made = operator.register(operator.ca, company, proof=_self_made(company))
    unknown = operator.register(operator.ca, company, publish=False)
    unproven = Finding.NAME_UNPROVEN, "subject"
    unnamed = _nameless(operator, company)
    later = operator.register(operator.ca, company, proof=_vouched_later(operator, company))
    block = operator.statement(seal).not_before
    there = operator.use(seal, not_before=replace(block, chain_id=block.chain_id + 1))
    aside = operator.use(seal, not_before=replace(block, registry=bytes(20)))
    nobodys = operator.register(operator.another_ca(), company, publish=False)
    return {
        "twin certificate": Case(operator.use(twin), Finding.UNTRUSTED_ISSUER, "chain"),
        "seal of another company": Case(operator.use(namesake), *unproven),
        "subject proof of another company": Case(operator.use(borrowed), *unproven),
        "subject proof of nobody's": Case(operator.use(self_made), *unproven),
        "name in the commonName alone": Case(operator.use(unnamed), *unproven),
        "name that is vouched for later": Case(operator.use(later), *unproven),
        "unregistered seal": Case(operator.use(unknown), Finding.UNREGISTERED_SEAL, "registration"),
        "neither registered nor of a trusted root": Case(
            operator.use(nobodys), Finding.UNREGISTERED_SEAL, "chain registration"
        ),
        "made for another ledger": Case(there, Finding.LEDGER_UNREACHABLE, "registration"),
        "made for other contracts": Case(aside, Finding.LEDGER_UNREACHABLE, "registration"),
        "statement of another seal": Case(
            operator.use(twin, seal=seal.handle), Finding.TRANSPLANTED, "chain registration"
        ),
    }


def _of_tickets(operator, seal) -> dict[str, Case]:
    """What a thief of the seal's key makes without the book."""
    ticket = seal.book.ticket(4)
    elsewhere = VolumeTree(seal.book, 0).path(seal.book.ticket(5).position)
    made_up = ticket._replace(value=secrets.token_bytes(32))
    not_open = Book(bytes(32), seal.book.depth).ticket(1 << (seal.book.depth + 4))
    unknown = Finding.TICKET_UNKNOWN, "book"
    return {
        "other ticket": Case(operator.use(seal, ticket=made_up), *unknown),
        "other path": Case(operator.use(seal, ticket=ticket, path=elsewhere), *unknown),
        "volume that is not open": Case(operator.use(seal, ticket=not_open), *unknown, open=True),
    }


def _of_times(operator, seal) -> dict[str, Case]:
    """Times that are not true, and heads that are not on the ledger."""
    promised = operator.use(seal, published=False)
    ahead = operator.use(seal, sealed_at=datetime.now(UTC) + timedelta(hours=1))
    block = replace(operator.statement(seal).not_before, hash=bytes(32))
    elsewhere = operator.use(seal, not_before=block)
    unseen = operator.use(seal, not_before=replace(block, number=block.number + 10**6))
    pending = operator.use(seal, published=False)  # last: the next head would have its size
    unreached = Finding.LEDGER_UNREACHABLE, "registration"
    return {
        "head that the ledger does not hold": Case(promised, Finding.RECORD_MISMATCH, "anchor"),
        "sealed after it was recorded": Case(ahead, Finding.BACKDATED, "time"),
        "block of another ledger": Case(elsewhere, *unreached),
        "block that is not there yet": Case(unseen, *unreached),
        "head that is not there yet": Case(pending, Finding.ANCHOR_PENDING, "anchor"),
    }


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


def _nameless(operator, company):
    """A certificate with the company's name as its commonName, and no organizationName."""

    def name(subject):
        return x509.Name(
            x509.NameAttribute(kind, text)
            for kind, text in (
                (NameOID.COUNTRY_NAME, subject.country),
                (NameOID.ORGANIZATION_IDENTIFIER, subject.organization_identifier),
                (NameOID.COMMON_NAME, company.name),
            )
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ca, "to_name", name)
        return operator.register(operator.ca, company)


def _vouched_later(operator, company) -> bytes:
    """The authority's own word, from an hour after the use on."""
    context = operator.context
    keys = AuthorityKeys(context.keys, context.instance.authority_keys)
    ask = Ask(company.identifier, company.name)
    now = datetime.now(UTC) + timedelta(hours=1)
    where = Registry(operator.ledger.chain_id, operator.ledger.seal_registry)
    return keys.answer(ask, where, now).proof.encode()


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
