"""Seals inside PDFs."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from io import BytesIO
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from eseal.documents.pdf import PdfSealOptions, prepare
from eseal.verify import (
    CheckName,
    CheckStatus,
    Finding,
    SubIndication,
    verify_document,
)
from tests.unit.documents.conftest import hand_made_pdf, simple_objects
from tests.unit.documents.pdf.pictures import laughing

SEALED_AT = datetime(2027, 1, 15, 9, tzinfo=UTC)


def plain_pdf(drawing=b"0 0 m 100 100 l S"):
    writer = PdfFileWriter()
    content = generic.StreamObject(stream_data=drawing)
    page = PageObject(
        contents=writer.add_object(content),
        media_box=generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 300, 300)]),
    )
    writer.insert_page(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def pdf():
    return plain_pdf()


def sealed(world, seal, pdf, **options):
    prepared = prepare(pdf, PdfSealOptions("Seal1", "Acme Trading Ltd", SEALED_AT))
    use = world.use(seal, digest=prepared.digest, media_type="application/pdf", **options)
    return use, prepared.embed(use.p7s)


def again(world, seal, pdf, field="Seal2"):
    """A second signature, as another producer's incremental update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(field)).write_cms(field, writer)
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=SignatureObject(bytes_reserved=16384)))
    digest, out = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    use = world.use(seal, digest=digest.document_digest)
    steps.send(use.p7s)
    return use, out.getvalue()


def test_a_sealed_pdf_is_authentic(world, seal, pdf):
    use, file = sealed(world, seal, pdf)
    world.anchor()
    report = verify_document(file, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC
    assert report.seals[0].facts.field == "Seal1"
    assert report.seals[0].facts.statement == use.statement
    assert report.check(CheckName.REVISIONS).status is CheckStatus.VALID


def test_one_changed_byte_is_altered(world, seal, pdf):
    _, file = sealed(world, seal, pdf)
    world.anchor()
    altered = file.replace(b"100 100 l", b"100 900 l")
    report = verify_document(altered, ledger=world.ledger)
    assert (report.finding, report.sub_indication) == (
        Finding.DOCUMENT_ALTERED,
        SubIndication.HASH_FAILURE,
    )


def test_a_later_revision_is_altered_after_sealing(world, seal, pdf):
    _, file = sealed(world, seal, pdf)
    world.anchor()
    writer = IncrementalPdfFileWriter(BytesIO(file))
    writer.root["/Added"] = generic.NameObject("/Later")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    for ledger in (world.ledger, None):
        report = verify_document(out.getvalue(), ledger=ledger)
        assert report.finding is Finding.ALTERED_AFTER_SEALING
        assert report.check(CheckName.DOCUMENT).status is CheckStatus.VALID
        assert report.check(CheckName.REVISIONS).status is CheckStatus.INVALID


def test_a_further_seal_leaves_the_earlier_one_as_it_is(world, seal, pdf):
    first, file = sealed(world, seal, pdf)
    second, file = again(world, seal, file)
    world.anchor()
    for evidence in (None, world.evidence(first), world.evidence(second)):
        report = verify_document(file, evidence=evidence, ledger=world.ledger, logs=world.logs)
        assert [one.finding for one in report.seals] == [Finding.AUTHENTIC, Finding.AUTHENTIC]
        assert "a further seal in field 'Seal2'" in report.seals[0].checks[2].detail


def test_several_seals_are_reported_one_by_one_and_the_worst_decides(world, seal, pdf):
    first, file = sealed(world, seal, pdf)
    writer = IncrementalPdfFileWriter(BytesIO(file))
    writer.root["/Added"] = generic.NameObject("/Later")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    second, file = again(world, seal, out.getvalue())
    world.anchor()
    for evidence in (None, world.evidence(first), world.evidence(second)):
        report = verify_document(file, evidence=evidence, ledger=world.ledger, logs=world.logs)
        assert [one.finding for one in report.seals] == [
            Finding.ALTERED_AFTER_SEALING,
            Finding.AUTHENTIC,
        ]
        assert report.finding is Finding.ALTERED_AFTER_SEALING
        assert report.checks == report.seals[0].checks


def test_evidence_of_no_seal_in_the_pdf_is_transplanted(world, seal, pdf):
    _, file = sealed(world, seal, pdf)
    other = world.use(seal, b"something else")
    world.anchor()
    report = verify_document(file, evidence=world.evidence(other), ledger=world.ledger)
    assert report.finding is Finding.TRANSPLANTED
    assert report.check(CheckName.EVIDENCE).status is CheckStatus.INVALID


def test_broken_evidence_beside_several_seals_is_transplanted(world, seal, pdf):
    use, file = sealed(world, seal, pdf)
    _, file = again(world, seal, file)
    world.anchor()
    broken = world.evidence(use, cms=b"garbage")
    report = verify_document(file, evidence=broken, ledger=world.ledger)
    assert report.seals[1].finding is Finding.TRANSPLANTED


def test_evidence_upgrades_the_receipt_in_a_pdf(world, seal, pdf):
    use, file = sealed(world, seal, pdf)
    world.fill(3)
    world.anchor()
    assert verify_document(file, ledger=world.ledger).finding is Finding.ANCHOR_PENDING
    report = verify_document(file, evidence=world.evidence(use), ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


def test_the_seal_of_another_pdf_in_the_same_place(world, seal, pdf):
    """The CMS of one document put into another: it does not fit the bytes."""
    use, _ = sealed(world, seal, pdf)
    world.anchor()
    other = prepare(plain_pdf(b"9 9 m 9 0 l S"), PdfSealOptions("Seal1", "Acme", SEALED_AT))
    report = verify_document(other.embed(use.p7s), ledger=world.ledger)
    assert report.finding is Finding.DOCUMENT_ALTERED


def test_a_seal_cut_out_of_its_byte_range_is_malformed(world, seal, pdf):
    _, file = sealed(world, seal, pdf)
    head, tail = file.rsplit(b"/ByteRange [0 ", 1)
    report = verify_document(head + b"/ByteRange [1 " + tail, ledger=world.ledger)
    assert (report.finding, report.sub_indication) == (
        Finding.SIGNATURE_INVALID,
        SubIndication.FORMAT_FAILURE,
    )
    assert "byte range" in report.check(CheckName.SEAL).detail


def test_a_pdf_without_a_seal(pdf, world):
    report = verify_document(pdf, ledger=world.ledger)
    assert (report.finding, report.sub_indication) == (
        Finding.NO_SEAL,
        SubIndication.SIGNED_DATA_NOT_FOUND,
    )


def test_a_pdf_sealed_from_outside(world, seal, pdf):
    use = world.use(seal, pdf)
    world.anchor()
    for given_as in ({"signature": use.p7s}, {"evidence": world.evidence(use)}):
        assert verify_document(pdf, ledger=world.ledger, **given_as).finding is (Finding.AUTHENTIC)


def test_a_file_that_only_begins_like_a_pdf(world, seal):
    odd = b"%PDF-1.7 is how a PDF begins."
    report = verify_document(odd, ledger=world.ledger)
    assert report.finding is Finding.NO_SEAL
    assert report.check(CheckName.FILE).status is CheckStatus.INVALID
    use = world.use(seal, odd)
    world.anchor()
    report = verify_document(odd, evidence=world.evidence(use), ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_pdf_is_a_verdict(keep, world, seal, pdf):
    _, file = sealed(world, seal, pdf)
    report = verify_document(file[: int(len(file) * keep)], ledger=world.ledger)
    assert report.finding is Finding.NO_SEAL
    assert "truncated" in report.check(CheckName.FILE).detail


def test_a_pdf_beyond_the_limits_was_not_checked(world, pdf):
    fields = pdf
    for number in range(33):
        writer = IncrementalPdfFileWriter(BytesIO(fields))
        steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(f"S{number}")).write_cms(
            f"S{number}", writer
        )
        next(steps)
        steps.send(SigObjSetup(sig_placeholder=SignatureObject(bytes_reserved=64)))
        _, out = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
        fields = out.getvalue()
    report = verify_document(fields, ledger=world.ledger)
    assert report.finding is Finding.CHECK_FAILED
    assert "at most 32 signatures" in report.check(CheckName.FILE).detail


def test_a_document_time_stamp_is_no_seal(world, pdf):
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec("Stamp")).write_cms("Stamp", writer)
    next(steps)
    stamp = SignatureObject(bytes_reserved=64)
    stamp["/SubFilter"] = generic.NameObject("/ETSI.RFC3161")
    steps.send(SigObjSetup(sig_placeholder=stamp))
    _, out = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    assert verify_document(out.getvalue(), ledger=world.ledger).finding is Finding.NO_SEAL


@pytest.fixture
def file(world, seal, pdf):
    """A sealed and anchored PDF."""
    made = sealed(world, seal, pdf)[1]
    world.anchor()
    return made


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_to_a_pdf_ends_in_anything_but_a_verdict(world, file, data):
    start = file.index(b"/Contents <")
    signature = range(start, file.index(b">", start))  # unsigned parts of the CMS may change
    damaged = bytearray(file)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    report = verify_document(bytes(damaged), ledger=world.ledger)
    if any(damaged[i] != file[i] for i in range(len(file)) if i not in signature):
        assert report.finding is not Finding.AUTHENTIC
    assert report.finding is not Finding.CHECK_FAILED


def signed_by_another(world, seal, pdf):
    """Sealed without an examination, as by a stolen key."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {
            generic.NameObject("/S"): generic.NameObject("/JavaScript"),
            generic.NameObject("/JS"): generic.TextStringObject("this.getField('Price')"),
        }
    )
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return again(world, seal, out.getvalue())


def test_a_document_prepared_to_change_is_hidden_content(world, seal, pdf):
    _, file = signed_by_another(world, seal, pdf)
    world.anchor()
    report = verify_document(file, ledger=world.ledger)
    assert report.finding is Finding.HIDDEN_CONTENT
    assert report.check(CheckName.CONTENT).status is CheckStatus.INVALID
    assert "JavaScript" in report.check(CheckName.CONTENT).detail
    assert report.check(CheckName.REVISIONS).status is CheckStatus.VALID


def test_a_document_that_takes_all_memory_to_show_is_hidden_content(world, seal):
    """And whoever verifies it, for instance a service that holds keys, goes on."""
    parts = SimpleNamespace(hand_made=hand_made_pdf, objects=simple_objects)
    _, file = again(world, seal, laughing(parts))
    world.anchor()
    report = verify_document(file, ledger=world.ledger)
    assert report.finding is Finding.HIDDEN_CONTENT
    assert re.search("too much memory|too long", report.check(CheckName.CONTENT).detail)
