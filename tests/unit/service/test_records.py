from __future__ import annotations

import hashlib

import pytest

from eseal.documents.evidence import Evidence
from eseal.errors import InvalidInputError, NotFoundError
from eseal.log.leaf import Leaf
from eseal.log.receipt import Receipt, verify_receipt
from eseal.model.book import tag
from eseal.model.commitment import Kind
from eseal.model.ids import new_id
from eseal.model.records import Span, Word
from eseal.model.statement import Statement
from eseal.service.sealing.applying import DigestOrder
from eseal.verify import Finding
from tests.actors import acting


def seal(world, count: int = 1, seal_id: str | None = None):
    orders = [DigestOrder(hashlib.sha256(b"%d" % n).digest()) for n in range(count)]
    return world.service.sealing.seal_digests(
        seal_id or world.contract.id, orders, actor=acting("a")
    )


def test_history_of_a_seal_with_proofs(world):
    seal(world, 5)
    world.service.anchoring.anchor()
    seal(world, 2)
    history = world.service.records.history(seal_id=world.contract.id)
    assert [entry.use.log_index for entry in history] == list(range(7))
    assert [entry.anchor is None for entry in history] == [False] * 5 + [True] * 2
    for entry in history:
        use, signer = entry.use, world.service.context.signer(world.contract.id)
        committed = signer.commitment(Kind.USE, use.statement, use.signature)
        leaf = Leaf(use.log_index, committed, tag(signer.handle, entry.statement.ticket))
        receipt = Receipt.parse(entry.receipt)
        verify_receipt(receipt, leaf.hash(), world.service.context.log_public_key)
        assert receipt.checkpoint.checkpoint.size == (5 if entry.anchor else 7)
    page = world.service.records.history(seal_id=world.contract.id, after=2, limit=3)
    assert [entry.use.log_index for entry in page] == [2, 3, 4]


def test_history_of_a_company_joins_its_seals(world):
    seal(world, 2)
    seal(world, 2, world.finance.id)
    history = world.service.records.history(company_id=world.company.id)
    assert [entry.use.log_index for entry in history] == [0, 1, 2, 3]
    assert {entry.company_id for entry in history} == {world.company.id}
    page = world.service.records.history(company_id=world.company.id, after=2)
    assert [entry.use.log_index for entry in page] == [2, 3]


def test_unknown_names(world):
    records = world.service.records
    for call in (
        lambda: records.history(seal_id=new_id()),
        lambda: records.history(company_id=new_id()),
        records.history,
        lambda: records.use(new_id()),
        lambda: records.evidence(new_id()),
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(InvalidInputError):
        records.use("no id")


def test_evidence_grows_from_pending_to_anchored(world):
    (sealed,) = seal(world)
    pending = world.service.records.evidence(sealed.use.id)
    assert pending.anchor is None
    assert world.service.verification.evidence(pending).finding is Finding.ANCHOR_PENDING
    world.service.anchoring.anchor()
    final = world.service.records.evidence(sealed.use.id)
    assert final.anchor.size == 1
    assert Evidence.parse(final.encode()) == final
    assert world.service.verification.evidence(final).finding is Finding.AUTHENTIC


def test_a_bare_digest_is_looked_up(world):
    seal(world, 2)
    world.service.anchoring.anchor()
    verification = world.service.verification
    assert verification.digest(hashlib.sha256(b"1").digest()).finding is Finding.AUTHENTIC
    assert verification.digest(hashlib.sha256(b"9").digest()).finding is Finding.NO_SEAL


def test_a_bare_digest_is_on_record_since_it_was_sealed_first(world):
    digest = hashlib.sha256(b"1").digest()
    verification = world.service.verification
    assert verification.on_record(digest) is None
    seal(world, 2)
    pending = verification.on_record(digest)
    assert pending.not_after is None
    assert (pending.not_before.hour, pending.not_before.minute) == (0, 0)
    world.service.anchoring.anchor()
    found = verification.on_record(digest)
    assert found.not_before <= found.not_after
    seal(world, 2)
    world.service.anchoring.anchor()
    assert verification.on_record(digest) == found


def test_a_declared_use_is_told_with_its_words(world):
    (sealed,) = seal(world)
    world.service.anchoring.anchor()
    declare = world.service.declarations.declare
    p7s = world.service.context.cms_of(sealed.use, None)
    declare(world.contract.id, sealed.use.id, Word.DISPUTED, actor=acting(), reason="not ours")
    report = world.service.verification.document(b"0", signature=p7s)
    assert report.finding is Finding.DISPUTED
    (said,) = report.seals[0].facts.objections
    assert (said.word, said.reason) == (Word.DISPUTED, "not ours")
    declare(world.contract.id, Span(world.contract.not_before), Word.VOID, actor=acting())
    report = world.service.verification.document(b"0", signature=p7s)
    assert report.finding is Finding.DECLARED_VOID
    assert len(report.seals[0].facts.objections) == 2


def test_a_sealed_pdf_becomes_authentic(world, sample_pdf):
    sealed = world.service.sealing.seal_document(
        world.contract.id, sample_pdf, filename="a.pdf", actor=acting("a")
    )
    verify = world.service.verification.document
    assert verify(sealed.data).finding is Finding.ANCHOR_PENDING
    world.service.anchoring.anchor()
    assert verify(sealed.data).finding is Finding.AUTHENTIC
    altered = bytearray(sealed.data)
    altered[sealed.data.index(b"/MediaBox") + 11] ^= 1
    assert verify(bytes(altered)).finding is Finding.DOCUMENT_ALTERED
    assert verify(sample_pdf).finding is Finding.NO_SEAL


def test_a_seal_whose_receipt_was_cut_out_is_found_on_record(world):
    (sealed,) = seal(world)
    world.service.anchoring.anchor()
    bare = world.service.context.cms_of(sealed.use, None)
    assert world.service.verification.document(b"0", signature=bare).finding is Finding.AUTHENTIC


def test_a_stolen_key_raises_an_alarm(world, capsys):
    (sealed,) = seal(world)
    signer = world.service.context.signer(world.contract.id)
    stolen = Statement.parse(sealed.use.statement)._replace(
        id=new_id(), ticket=signer.book.ticket(1)
    )
    attributes = signer.attributes(stolen, stolen.encode())
    cms = signer.cms.encode(attributes, signer.sign(attributes))
    report = world.service.verification.document(b"0", signature=cms)
    assert (report.finding, report.alarm) == (Finding.RECORD_MISSING, True)
    written = capsys.readouterr()
    assert world.contract.handle.hex() in written.out + written.err
