from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta, timezone
from functools import partial

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from eseal.errors import ConflictError, InvalidFormatError, InvalidInputError, NotFoundError
from eseal.log.leaf import Leaf
from eseal.model.book import tag
from eseal.model.commitment import Kind, SignatureAlgorithm, commitment, normalised
from eseal.model.ids import new_id
from eseal.model.records import Declaration, Span, Word, signed_message
from eseal.model.seal import Reason, SealType
from eseal.service.record import batch
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.store.repositories.books import BookRepository
from eseal.store.repositories.log import LogRepository
from eseal.verify import Finding, Indication
from tests.actors import acting


def declaring(world):
    return partial(world.service.declarations.declare, actor=acting())


def seal(world, which=None):
    order = DigestOrder(hashlib.sha256(b"a").digest())
    (sealed,) = world.service.sealing.seal_digests(
        (which or world.contract).id, [order], actor=acting("a")
    )
    return sealed.use


def test_a_declaration_is_signed_by_the_seal_and_stands_on_the_log(world):
    use = seal(world)
    made = world.service.declarations.declare(
        world.contract.id, use.id, Word.VOID, reason="合同已解除", actor=acting()
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
    about_use = declarations.declare(world.contract.id, use.id, Word.RESCINDED, actor=acting())
    about_span = declarations.declare(
        world.contract.id, Span(world.contract.not_before), Word.DISPUTED, actor=acting()
    )
    declarations.declare(
        world.finance.id, Span(world.finance.not_before), Word.DISPUTED, actor=acting()
    )
    assert declarations.about_use(use.id) == [about_use]
    assert declarations.of_seal(world.contract.id) == [about_use, about_span]
    after = about_use.log_index + 1
    assert declarations.of_seal(world.contract.id, after=after) == [about_span]


def test_the_owner_of_a_stopped_seal_may_speak(world):
    world.service.lifecycle.revoke(
        world.contract.id, reason=Reason.KEY_COMPROMISE, actor=acting("a")
    )
    made = world.service.declarations.declare(
        world.contract.id, Span(world.contract.not_before), Word.DISPUTED, actor=acting()
    )
    assert made.log_index == 0


def test_nobody_speaks_about_what_is_not_his(world):
    use = seal(world, world.finance)
    declarations = world.service.declarations
    with pytest.raises(InvalidInputError, match="not one of seal"):
        declarations.declare(world.contract.id, use.id, Word.VOID, actor=acting())
    with pytest.raises(NotFoundError):
        declarations.declare(world.contract.id, new_id(), Word.VOID, actor=acting())
    with pytest.raises(NotFoundError):
        declarations.declare(new_id(), Span(world.contract.not_before), Word.VOID, actor=acting())


def test_what_cannot_be_said_is_refused_and_tears_no_ticket(world):
    declare, now = declaring(world), world.service.context.now()
    begins, minute = world.contract.not_before, timedelta(minutes=1)
    for span, said in (
        (Span(now, now - timedelta(seconds=1)), "until: expected an end not before"),
        (Span(begins - timedelta(seconds=1)), "since: expected a time in the seal's life"),
        (Span(now + minute), "since: expected a time up to now"),
        (Span(begins, now + minute), "until: expected a time up to now"),
        (Span(begins.replace(tzinfo=None)), "since: expected a time with its zone"),
    ):
        with pytest.raises(InvalidInputError, match=said):
            declare(world.contract.id, span, Word.DISPUTED)
    with pytest.raises(InvalidFormatError, match="reason"):
        declare(world.contract.id, Span(begins), Word.VOID, reason="a\nb")
    assert world.service.audit.run().leaves == 0


def test_times_are_said_in_whole_seconds_utc(world):
    china = timezone(timedelta(hours=8))
    since = world.contract.not_before.astimezone(china) + timedelta(microseconds=7)
    made = world.service.declarations.declare(
        world.contract.id, Span(since), Word.DISPUTED, actor=acting()
    )
    about = Declaration.parse(made.content).about
    assert about == Span(world.contract.not_before.replace(microsecond=0))


def test_the_same_is_said_once(world):
    use = seal(world)
    declare = declaring(world)
    span = Span(world.contract.not_before)
    for about in (use.id, span):
        declare(world.contract.id, about, Word.DISPUTED)
        with pytest.raises(ConflictError, match="the same was declared before"):
            declare(world.contract.id, about, Word.DISPUTED, reason="once more")
        declare(world.contract.id, about, Word.VOID)
    assert len(world.service.declarations.of_seal(world.contract.id)) == 4


def test_many_who_say_the_same_at_once_say_it_once(world):
    use = seal(world)

    def declare(_):
        try:
            return world.service.declarations.declare(
                world.contract.id, use.id, Word.VOID, actor=acting()
            )
        except ConflictError:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = [one for one in pool.map(declare, range(24)) if one is not None]
    assert len(made) == 1
    assert world.service.audit.run().disagreements == ()


def test_a_seal_has_so_many_disputed_times_and_no_more(world, monkeypatch):
    monkeypatch.setattr(batch, "MAX_SPANS", 2)
    declare, begins = declaring(world), world.contract.not_before
    for word in (Word.VOID, Word.DISPUTED):
        declare(world.contract.id, Span(begins), word)
    with pytest.raises(ConflictError, match="2 declarations about times already"):
        declare(world.contract.id, Span(begins), Word.RESCINDED)
    use = seal(world)
    declare(world.contract.id, use.id, Word.VOID)


def renewed(world):
    """The contract seal ended, and the next one of its line."""
    world.service.lifecycle.revoke(
        world.contract.id, reason=Reason.KEY_COMPROMISE, actor=acting("a")
    )
    order = SealOrder(SealType.CONTRACT)
    (made,) = world.service.onboarding.issue(world.company, [order], actor=acting("a"))
    return made


def test_the_standing_seal_of_its_line_speaks_for_one_that_has_ended(world):
    use = seal(world)
    following = renewed(world)
    declare = declaring(world)
    about_use = declare(world.contract.id, use.id, Word.VOID)
    span = Span(world.contract.not_before)
    about_span = declare(world.contract.id, span, Word.DISPUTED)
    for made in (about_use, about_span):
        assert made.seal_id == world.contract.id
        assert Declaration.parse(made.content).seal == following.handle
    assert Declaration.parse(about_span.content).about == replace(span, seal=world.contract.handle)
    assert world.service.declarations.of_seal(world.contract.id) == [about_use, about_span]
    assert world.service.declarations.about_times(world.contract.id) == [about_span]
    assert world.service.declarations.of_seal(following.id) == []
    with pytest.raises(ConflictError, match="the same was declared before"):
        declare(world.contract.id, span, Word.DISPUTED)
    assert world.service.audit.run().disagreements == ()


def test_another_seal_of_the_company_does_not(world):
    world.service.lifecycle.revoke(world.contract.id, reason=Reason.LOSS, actor=acting("a"))
    span = Span(world.contract.not_before)
    made = world.service.declarations.declare(
        world.contract.id, span, Word.DISPUTED, actor=acting()
    )
    assert Declaration.parse(made.content).seal == world.contract.handle


def test_an_ended_seal_with_a_used_up_book_needs_one_that_stands(world):
    world.service.lifecycle.revoke(world.contract.id, reason=Reason.LOSS, actor=acting("a"))
    with world.service.context.database.write() as connection:
        books = BookRepository(connection)
        (book,) = books.lock([world.contract.id]).values()
        books.go_on({world.contract.id: 99 << book.depth})
    with pytest.raises(ConflictError, match="no seal stands in its line"):
        world.service.declarations.declare(
            world.contract.id, Span(world.contract.not_before), Word.DISPUTED, actor=acting()
        )


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log_records SET seal_id = (SELECT id FROM seals WHERE id != seal_id)",
        "UPDATE log_records SET use_id = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' WHERE use_id IS NOT NULL",
        "UPDATE log_records SET use_id = 'aaaaaaaaaaaaaaaaaaaaaaaaaa' WHERE use_id IS NULL",
    ],
)
def test_a_declaration_moved_elsewhere_is_found_by_the_audit(world, change):
    use = seal(world)
    declare = declaring(world)
    declare(world.contract.id, use.id, Word.VOID)
    declare(world.contract.id, Span(world.contract.not_before), Word.DISPUTED)
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql(change)
    found = world.service.audit.run().disagreements
    assert {one.kind for one in found} == {"record_differs"}


def test_verifiers_hear_the_line_of_an_ended_seal(world):
    use = seal(world)
    world.service.anchoring.anchor()
    p7s = world.service.context.cms_of(use, None)
    renewed(world)
    verify = world.service.verification.document
    assert verify(b"a", signature=p7s).finding is Finding.AUTHENTIC
    declare = declaring(world)
    declare(world.contract.id, Span(world.contract.not_before), Word.DISPUTED)
    assert verify(b"a", signature=p7s).finding is Finding.DISPUTED
    declare(world.contract.id, use.id, Word.VOID, reason="stolen")
    report = verify(b"a", signature=p7s)
    assert (report.finding, report.indication) == (
        Finding.DECLARED_VOID,
        Indication.INDETERMINATE,
    )
    assert [each.reason for each in report.seals[0].facts.objections] == [None, "stolen"]
