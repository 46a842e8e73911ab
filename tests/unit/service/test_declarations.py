from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from eseal.errors import InvalidFormatError, InvalidInputError, NotFoundError
from eseal.log.leaf import Leaf
from eseal.model.book import tag
from eseal.model.commitment import Kind, SignatureAlgorithm, commitment, normalised
from eseal.model.ids import new_id
from eseal.model.records import Declaration, Span, Word, signed_message
from eseal.model.seal import Party, Reason
from eseal.service.sealing import DigestOrder
from eseal.store.log import LogRepository

SINCE = datetime(2026, 11, 1, tzinfo=UTC)


def seal(world, which=None):
    order = DigestOrder(hashlib.sha256(b"a").digest())
    (sealed,) = world.service.sealing.seal_digests((which or world.contract).id, [order], actor="a")
    return sealed.use


def test_a_declaration_is_signed_by_the_seal_and_stands_on_the_log(world):
    use = seal(world)
    made = world.service.declarations.declare(
        world.contract.id, use.id, Word.VOID, reason="合同已解除"
    )
    said = Declaration.parse(made.content)
    assert (said.about, said.word, said.reason) == (use.id, Word.VOID, "合同已解除")
    assert said.ticket == world.service.context.books.book(world.contract.id).ticket(1)

    key = x509.load_der_x509_certificate(world.contract.certificate).public_key()
    message = signed_message(Kind.DECLARATION, made.content)
    key.verify(made.signature, message, ec.ECDSA(hashes.SHA256()))
    with world.service.context.database.read() as connection:
        leaf = Leaf.decode(LogRepository(connection).leaves(1, 2)[0])
    value = normalised(made.signature, SignatureAlgorithm.ECDSA_P256_SHA256)
    assert leaf.commitment == commitment(Kind.DECLARATION, made.content, value)
    assert leaf.tag == tag(world.contract.handle, said.ticket)
    assert world.service.audit.run().disagreements == ()


def test_declarations_are_found_by_use_and_by_seal(world):
    use = seal(world)
    declarations = world.service.declarations
    about_use = declarations.declare(world.contract.id, use.id, Word.RESCINDED)
    about_span = declarations.declare(world.contract.id, Span(SINCE), Word.DISPUTED)
    declarations.declare(world.finance.id, Span(SINCE), Word.DISPUTED)
    assert declarations.about_use(use.id) == [about_use]
    assert declarations.of_seal(world.contract.id) == [about_use, about_span]
    after = about_use.log_index + 1
    assert declarations.of_seal(world.contract.id, after=after) == [about_span]


def test_the_owner_of_a_stopped_seal_may_speak(world):
    world.service.lifecycle.revoke(
        world.contract.id, reason=Reason.KEY_COMPROMISE, party=Party.ISSUER, actor="a"
    )
    made = world.service.declarations.declare(world.contract.id, Span(SINCE), Word.DISPUTED)
    assert made.log_index == 0


def test_nobody_speaks_about_what_is_not_his(world):
    use = seal(world, world.finance)
    declarations = world.service.declarations
    with pytest.raises(InvalidInputError, match="not one of seal"):
        declarations.declare(world.contract.id, use.id, Word.VOID)
    with pytest.raises(NotFoundError):
        declarations.declare(world.contract.id, new_id(), Word.VOID)
    with pytest.raises(NotFoundError):
        declarations.declare(new_id(), Span(SINCE), Word.VOID)


def test_what_cannot_be_said_is_refused_and_tears_no_ticket(world):
    declarations = world.service.declarations
    with pytest.raises(InvalidInputError, match="not before the beginning"):
        declarations.declare(
            world.contract.id, Span(SINCE, SINCE - timedelta(days=1)), Word.DISPUTED
        )
    with pytest.raises(InvalidFormatError, match="reason"):
        declarations.declare(world.contract.id, Span(SINCE), Word.VOID, reason="a\nb")
    assert world.service.audit.run().leaves == 0
