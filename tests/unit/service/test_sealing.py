from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event

import pytest

from eseal.documents import cms
from eseal.errors import (
    AlreadySealedError,
    IdempotencyConflictError,
    InvalidInputError,
    NotFoundError,
    SealNotActiveError,
    TooLargeError,
)
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt, verify_receipt
from eseal.model.book import tag, verify_path
from eseal.model.commitment import Kind, commitment, normalised
from eseal.model.ids import new_id
from eseal.model.seal import Reason
from eseal.model.statement import Statement
from eseal.service.record.sequencer import Idempotency, Recorded
from eseal.service.sealing.applying import DigestOrder
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.tokens import IdempotencyRepository
from tests.actors import acting

TIMEOUT = 60


def orders(count: int, start: int = 0) -> list[DigestOrder]:
    return [
        DigestOrder(hashlib.sha256(b"%d" % n).digest(), "text/plain", f"purpose {n}")
        for n in range(start, start + count)
    ]


def tickets(sealed) -> list[tuple[int, int]]:
    return [Statement.parse(one.use.statement).ticket[:2] for one in sealed]


def test_each_use_tears_a_ticket_of_its_own(world):
    sealed = world.service.sealing.seal_digests(world.contract.id, orders(5), actor=acting("a"))
    sealed += world.service.sealing.seal_digests(world.contract.id, orders(3, 5), actor=acting("a"))
    book = world.service.context.books.book(world.contract.id)
    for number, one in enumerate(sealed):
        statement = Statement.parse(one.use.statement)
        assert statement.ticket == book.ticket(number)
        assert statement.seal == world.contract.handle
        assert statement.purpose == f"purpose {number}"
    assert len(set(tickets(sealed))) == 8
    assert tickets(sealed) != sorted(tickets(sealed))


def test_each_seal_has_a_book_of_its_own(world):
    first = world.service.sealing.seal_digests(world.contract.id, orders(2), actor=acting("a"))
    other = world.service.sealing.seal_digests(world.finance.id, orders(1), actor=acting("a"))
    assert tickets(first)[0] != tickets(other)[0]
    assert [one.use.log_index for one in first + other] == [0, 1, 2]


def test_signature_ticket_and_receipt_hold_outside_the_service(world):
    (sealed,) = world.service.sealing.seal_digests(world.contract.id, orders(1), actor=acting("a"))
    signature = cms.decode(sealed.cms)
    cms.verify_signature(signature)
    assert signature.message_digest == hashlib.sha256(b"0").digest()
    assert signature.statement == sealed.use.statement
    assert signature.subject_proof == world.contract.subject_proof
    ledger = world.service.context.ledger
    ticket = Statement.parse(signature.statement).ticket
    registered, volume = ledger.seal(world.contract.handle), ledger.volume(world.contract.handle, 0)
    assert verify_path(ticket, signature.book_path, volume.root, registered.depth)
    receipt = Receipt.parse(signature.receipt)
    value = normalised(signature.signature, cms.SignatureAlgorithm.ECDSA_P256_SHA256)
    committed = commitment(Kind.USE, signature.statement, value)
    leaf = Leaf(0, committed, tag(world.contract.handle, ticket))
    verify_receipt(receipt, leaf.hash(), world.service.context.log_public_key)
    log = ledger.log(world.service.context.instance.log_id)
    assert log.public_key == world.service.context.log_public_key


def test_statement_names_the_approval_record_and_a_block_of_the_ledger(world):
    (sealed,) = world.service.sealing.seal_digests(
        world.contract.id, orders(1), actor=acting("clerk")
    )
    statement = Statement.parse(sealed.use.statement)
    assert hashlib.sha256(sealed.use.authorization).digest() == statement.authorization
    assert b'"actor":"clerk"' in sealed.use.authorization
    block = world.service.context.ledger.block(statement.not_before.number)
    assert block.hash == statement.not_before.hash


def test_concurrent_requests_tear_the_tickets_in_turn(world):
    def seal(n: int):
        return world.service.sealing.seal_digests(
            world.contract.id, orders(3, n), actor=acting("a")
        )

    with ThreadPoolExecutor(16) as pool:
        results = [one for found in pool.map(seal, range(40)) for one in found]
    book = world.service.context.books.book(world.contract.id)
    assert set(tickets(results)) == {book.ticket(number)[:2] for number in range(120)}
    assert sorted(one.use.log_index for one in results) == list(range(120))
    assert world.service.audit.run().disagreements == ()


def test_a_bad_item_in_a_batch_leaves_no_gap(world):
    world.service.lifecycle.suspend(world.finance.id, reason=Reason.LOSS, actor=acting("a"))
    with pytest.raises(SealNotActiveError, match="suspended, not active"):
        raise world.service.sealing.seal_digests(world.finance.id, orders(1), actor=acting("a"))[0]
    (sealed,) = world.service.sealing.seal_digests(world.contract.id, orders(1), actor=acting("a"))
    book = world.service.context.books.book(world.contract.id)
    assert (tickets([sealed]), sealed.use.log_index) == ([book.ticket(0)[:2]], 0)


def test_unknown_seal(world):
    (outcome,) = world.service.sealing.seal_digests(new_id(), orders(1), actor=acting("a"))
    assert isinstance(outcome, NotFoundError)
    with pytest.raises(NotFoundError):
        world.service.sealing.seal_document(
            new_id(), b"%PDF-1.7 x", filename="a.pdf", actor=acting("a")
        )


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (DigestOrder(b"short"), "digest"),
        (DigestOrder(bytes(33)), "digest"),
        (DigestOrder(bytes(32), "Text/HTML; charset=x"), "media_type"),
        (DigestOrder(bytes(32), purpose=""), "purpose"),
        (DigestOrder(bytes(32), purpose="a\nb"), "purpose"),
        (DigestOrder(bytes(32), purpose="x" * 501), "purpose"),
    ],
)
def test_refused_orders_record_nothing(world, order, field):
    with pytest.raises(InvalidInputError) as caught:
        world.service.sealing.seal_digests(world.contract.id, [order], actor=acting("a"))
    assert caught.value.field == field
    assert world.service.audit.run().leaves == 0


def test_a_file_gets_a_signature_beside_it(world):
    sealed = world.service.sealing.seal_document(
        world.contract.id, b"hello", filename="a.txt", actor=acting("a"), purpose="trial"
    )
    assert sealed.suffix == ".p7s"
    assert cms.decode(sealed.data).message_digest == hashlib.sha256(b"hello").digest()
    again = world.service.sealing.document(sealed.use.id)
    assert cms.decode(again.data).signature == cms.decode(sealed.data).signature


def test_a_pdf_can_be_fetched_again_until_it_is_delivered(world, sample_pdf):
    sealing = world.service.sealing
    sealed = sealing.seal_document(
        world.contract.id, sample_pdf, filename="a.pdf", actor=acting("a")
    )
    statement = Statement.parse(sealed.use.statement)
    assert statement.source == hashlib.sha256(sample_pdf).digest()
    assert sealing.document(sealed.use.id).data == sealed.data
    with world.service.context.database.read() as connection:
        kept = connection.exec_driver_sql("SELECT ciphertext FROM documents").scalar_one()
    assert sample_pdf[:200] not in kept
    sealing.delivered(sealed.use.id)
    with pytest.raises(NotFoundError, match="not kept"):
        sealing.document(sealed.use.id)


def test_kept_documents_expire(data_dir, sample_pdf, open_world):
    world = open_world(data_dir, document_retention_hours=0)
    sealed = world.service.sealing.seal_document(
        world.contract.id, sample_pdf, filename="a.pdf", actor=acting("a")
    )
    assert world.service.sealing.forget_expired() == 1
    with pytest.raises(NotFoundError):
        world.service.sealing.document(sealed.use.id)


def test_a_sealed_pdf_is_not_sealed_again(world, sample_pdf):
    sealed = world.service.sealing.seal_document(
        world.contract.id, sample_pdf, filename="a.pdf", actor=acting("a")
    )
    with pytest.raises(AlreadySealedError):
        world.service.sealing.seal_document(
            world.contract.id, sealed.data, filename="a.pdf", actor=acting("a")
        )
    assert world.service.audit.run().leaves == 1


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 broken", b"no pdf at all"])
def test_what_is_called_pdf_and_is_not_records_nothing(world, data):
    with pytest.raises(InvalidInputError):
        world.service.sealing.seal_document(
            world.contract.id, data, filename="a.pdf", actor=acting("a")
        )
    assert world.service.audit.run().leaves == 0


def test_size_limit(data_dir, open_world):
    world = open_world(data_dir, max_upload_bytes=10)
    with pytest.raises(TooLargeError, match="at most 10 bytes, got 11"):
        world.service.sealing.seal_document(
            world.contract.id, b"x" * 11, filename="a", actor=acting("a")
        )


@contextmanager
def shared_commit(service):
    """What is asked for meanwhile waits, and is then one commit."""
    blocks, going, held = service.context.blocks, Event(), Event()
    refresh = blocks.refresh

    def wait() -> None:
        held.set()
        assert going.wait(TIMEOUT)
        refresh()

    blocks.refresh = wait
    (seal,) = service.directory.seals(limit=1)
    first = service.sealing.submit_digests(seal.id, orders(1), actor=acting("a"))
    assert held.wait(TIMEOUT)
    blocks.refresh = refresh
    yield
    going.set()
    first.result(TIMEOUT)


def idempotency(key: str = "k", body: bytes = b"body") -> Idempotency:
    return Idempotency("me", key, hashlib.sha256(body).digest())


def test_a_replayed_key_gives_the_same_uses(world):
    sealing = world.service.sealing
    first = sealing.seal_digests(
        world.contract.id, orders(2), actor=acting("a"), idempotency=idempotency()
    )
    again = sealing.seal_digests(
        world.contract.id, orders(2), actor=acting("a"), idempotency=idempotency()
    )
    assert [one.use for one in again] == [one.use for one in first]
    assert world.service.audit.run().leaves == 2


def test_a_key_with_another_body_is_refused(world):
    sealing = world.service.sealing
    sealing.seal_digests(world.contract.id, orders(1), actor=acting("a"), idempotency=idempotency())
    with pytest.raises(IdempotencyConflictError, match="'k' was used before"):
        sealing.seal_digests(
            world.contract.id, orders(1), actor=acting("a"), idempotency=idempotency(body=b"other")
        )
    assert world.service.audit.run().leaves == 1


@pytest.mark.parametrize("outcome", ["", '{"id":"a"}', "[7]"])
def test_a_key_of_another_kind_of_write_is_refused_and_its_commit_goes_on(world, outcome):
    with world.service.context.database.write() as connection:
        keys = IdempotencyRepository(connection)
        keys.add("me", "k", bytes(32), outcome, world.service.context.now())
    with shared_commit(world.service):
        asked, innocent = (
            world.service.sealing.submit_digests(
                seal.id, orders(1), actor=acting("a"), idempotency=key
            )
            for seal, key in ((world.contract, idempotency()), (world.finance, None))
        )
    with pytest.raises(IdempotencyConflictError, match="'k' was used before"):
        asked.result(TIMEOUT)
    assert isinstance(innocent.result(TIMEOUT)[0], Recorded)


def test_who_gives_up_while_waiting_leaves_the_others_their_commit(world):
    with shared_commit(world.service):
        given_up, innocent = (
            world.service.sealing.submit_digests(seal.id, orders(1), actor=acting("a"))
            for seal in (world.contract, world.finance)
        )
        assert given_up.cancel()
    assert isinstance(innocent.result(TIMEOUT)[0], Recorded)
    assert world.service.audit.run().leaves == 2, "that, and the one whose commit they waited for"


def test_the_same_key_many_times_at_once_seals_once(world):
    def seal(_: int):
        (one,) = world.service.sealing.seal_digests(
            world.contract.id, orders(1), actor=acting("a"), idempotency=idempotency()
        )
        return one.use.id

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(seal, range(32)))) == 1
    assert world.service.audit.run().leaves == 1


def test_a_replayed_pdf_is_the_same_document(world, sample_pdf):
    def seal():
        return world.service.sealing.seal_document(
            world.contract.id,
            sample_pdf,
            filename="a.pdf",
            actor=acting("a"),
            idempotency=idempotency(),
        )

    first, again = seal(), seal()
    assert again.use == first.use
    assert again.data == first.data


def test_a_commit_that_is_undone_takes_no_number_and_leaves_no_leaf(world, monkeypatch):
    service = world.service

    def killed(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:  # between numbering and commit
        patch.setattr(LogRepository, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            service.sealing.seal_digests(world.contract.id, orders(3), actor=acting("a"))
    assert service.context.released.head() is None
    sealed = service.sealing.seal_digests(world.contract.id, orders(2), actor=acting("a"))
    book = service.context.books.book(world.contract.id)
    assert tickets(sealed) == [book.ticket(number)[:2] for number in range(2)]
    assert service.audit.run().disagreements == ()


def test_what_is_rebuilt_later_is_what_was_signed(world):
    """Only statement and signature are stored: path, proof and the rest come back to the byte."""
    sealed = world.service.sealing.seal_digests(world.contract.id, orders(20), actor=acting("a"))
    context = world.service.context
    context.books._trees.clear()
    for one in sealed:
        rebuilt = context.cms_of(one.use, one.receipt)
        assert rebuilt == one.cms
