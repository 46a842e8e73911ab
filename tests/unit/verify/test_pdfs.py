"""Seals inside PDFs."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from eseal.documents import confined
from eseal.documents.pdf import PdfSealOptions, prepare
from eseal.documents.pdf.longterm import prepare_time_stamp
from eseal.documents.pdf.reading import read_form
from eseal.documents.pdf.sealing.first_seal import write_first
from eseal.documents.pdf.sealing.prepared import covered
from eseal.documents.pdf.sealing.rewriting import Rewritten, written_by_qpdf
from eseal.errors import TooCostlyError
from eseal.verify import (
    CheckName,
    CheckStatus,
    Finding,
    Form,
    OtherSignature,
    OtherState,
    SubIndication,
)
from eseal.verify.inputs.case import Sources
from eseal.verify.inputs.policy import NO_POLICY
from eseal.verify.judge import judge
from eseal.verify.locating.pdfs import find_seals
from eseal.verify.verdict.report import moment
from eseal.words import Language, speak
from eseal.words.reporting import tell
from tests.unit.verify.asking import trusting, verify_document
from tests.unit.verify.sealed_pdfs import (
    SEALED_AT,
    again,
    another_drawing,
    entry_of_no_use,
    plain_pdf,
    sealed,
    updated,
)


@pytest.fixture(scope="module")
def pdf():
    return plain_pdf()


def sources(world):
    return Sources(None, world.ledger, None, None, None, trusting(), SEALED_AT, NO_POLICY)


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
    altered = file.replace(b"/MediaBox [ 0 0 300 300 ]", b"/MediaBox [ 0 0 900 300 ]")
    assert altered != file
    report = verify_document(altered, ledger=world.ledger)
    assert (report.finding, report.sub_indication) == (
        Finding.DOCUMENT_ALTERED,
        SubIndication.HASH_FAILURE,
    )


def test_what_another_program_adds_leaves_what_was_sealed_genuine(world, seal, pdf):
    use, file = sealed(world, seal, pdf)
    world.anchor()
    for added in (updated(file, entry_of_no_use), file + b"\n"):
        report = verify_document(added, ledger=world.ledger)
        assert (report.finding, report.sub_indication) == (
            Finding.ADDED_AFTER_SEALING,
            SubIndication.SIG_CONSTRAINTS_FAILURE,
        )
        assert report.check(CheckName.DOCUMENT).status is CheckStatus.VALID
        assert report.seals[0].facts.statement == use.statement
        assert report.to_dict()["extractable"] is True
    assert verify_document(added).finding is Finding.LEDGER_UNREACHABLE  # nobody can say more


def test_what_shows_otherwise_since_it_was_sealed_is_altered(world, seal, pdf):
    _, file = sealed(world, seal, pdf)
    world.anchor()
    altered = updated(file, another_drawing)
    for ledger in (world.ledger, None):
        report = verify_document(altered, ledger=ledger)
        assert report.finding is Finding.ALTERED_AFTER_SEALING
        assert report.check(CheckName.DOCUMENT).status is CheckStatus.VALID
        assert report.check(CheckName.REVISIONS).status is CheckStatus.INVALID
        assert "page 1" in report.check(CheckName.REVISIONS).detail


def test_a_seal_that_another_program_put_behind_is_read_and_not_green(world, seal, pdf):
    _, file = sealed(world, seal, pdf)
    _, file = again(world, seal, file)
    world.anchor()
    report = verify_document(file, ledger=world.ledger, logs=world.logs)
    assert [each.facts.field for each in report.seals] == ["Seal1", "Seal2"]
    assert {each.finding for each in report.seals} == {Finding.ADDED_AFTER_SEALING}


def test_a_copy_of_a_seal_put_behind_accuses_nobody(world, seal, pdf):
    use, file = sealed(world, seal, pdf)
    _, file = again(world, seal, file, cms=use.p7s)
    world.anchor()
    report = verify_document(file, ledger=world.ledger, logs=world.logs)
    assert [each.finding for each in report.seals] == [
        Finding.ADDED_AFTER_SEALING,
        Finding.TRANSPLANTED,
    ]
    assert report.finding is Finding.ADDED_AFTER_SEALING


@pytest.mark.parametrize(
    ("form", "finding"),
    [
        (Form.CANONICAL, Finding.AUTHENTIC),
        (Form.ADDED, Finding.ADDED_AFTER_SEALING),
        (Form.ALTERED, Finding.ALTERED_AFTER_SEALING),
        (Form.NOT_UNDERSTOOD, Finding.NOT_UNDERSTOOD),
        (Form.NONE, Finding.NOT_UNDERSTOOD),
    ],
)
def test_each_form_of_a_pdf_has_its_finding(world, seal, pdf, form, finding):
    _, file = sealed(world, seal, pdf)
    world.anchor()
    (subject,) = find_seals(file).value.seals
    verdict = judge(replace(subject, form=form, detail="as it is"), sources(world))
    assert verdict.finding is finding
    check = next(each for each in verdict.checks if each.name is CheckName.REVISIONS)
    assert "as it is" in check.detail


def stranger_of(certified_key, content):
    key, certificate = certified_key
    return (
        PKCS7SignatureBuilder()
        .set_data(content)
        .add_signer(certificate, key, hashes.SHA512())
        .sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    )


def signed_by(somebody, pdf, field="Theirs", spoil=bytes):
    """Signed by somebody else, over SHA-512."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    steps = PdfCMSEmbedder(new_field_spec=SigFieldSpec(field)).write_cms(field, writer)
    next(steps)
    steps.send(SigObjSetup(sig_placeholder=SignatureObject(bytes_reserved=16384)))
    digest, out = steps.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    data = out.getvalue()
    start, end = digest.reserved_region_start, digest.reserved_region_end
    steps.send(spoil(stranger_of(somebody, data[:start] + data[end:])))
    return out.getvalue()


def test_signatures_of_strangers_are_listed_and_decide_nothing(world, seal, pdf, somebody):
    file = signed_by(somebody, pdf)
    alone = verify_document(file, ledger=world.ledger)
    assert (alone.finding, alone.seals) == (Finding.NO_SEAL, ())
    expected = OtherSignature(
        OtherState.INTACT,
        "Not a company seal: RSA 2048, SHA-512, intact.",
        "Somebody GmbH",
        "RSA 2048, SHA-512",
        "Theirs",
    )
    assert alone.others == (expected,)
    _, both = again(world, seal, file)
    world.anchor()
    report = verify_document(both, ledger=world.ledger)
    assert report.others == (expected,)
    assert [one.facts.field for one in report.seals] == ["Seal2"]
    assert report.finding is report.seals[0].finding
    assert report.to_dict()["others"][0]["state"] == "intact"


def test_a_stranger_s_signature_that_is_broken_may_have_been_a_seal(world, pdf, somebody):
    def spoil(der):
        return der[:-1] + bytes([der[-1] ^ 1])

    report = verify_document(signed_by(somebody, pdf, spoil=spoil), ledger=world.ledger)
    assert report.finding is Finding.NOT_UNDERSTOOD
    assert report.others[0].state is OtherState.DOES_NOT_VERIFY
    report = verify_document(signed_by(somebody, pdf, spoil=lambda _: b"\x30\x00"))
    assert report.finding is Finding.NOT_UNDERSTOOD
    assert report.others[0].state is OtherState.NOT_SUPPORTED


def test_evidence_of_no_seal_in_the_pdf_is_set_aside(world, seal, pdf):
    other = world.use(seal, b"something else")
    _, file = sealed(world, seal, pdf)
    world.anchor()
    for evidence in (world.evidence(other), world.evidence(other, cms=b"garbage")):
        report = verify_document(file, evidence=evidence, ledger=world.ledger)
        assert report.finding is Finding.AUTHENTIC
        assert report.check(CheckName.EVIDENCE).status is CheckStatus.INVALID
        assert "another document" in report.check(CheckName.EVIDENCE).detail


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


def test_a_seal_that_was_overwritten_in_its_pdf_is_not_understood(world, seal, pdf):
    """Somebody's signature stood there: nobody knows whose."""
    _, file = sealed(world, seal, pdf)
    start = file.index(b"/Contents <") + len(b"/Contents <")
    end = file.index(b">", start)
    for filler in (b"0" * (end - start), b"3000" + b"0" * (end - start - 4)):
        report = verify_document(file[:start] + filler + file[end:], ledger=world.ledger)
        assert report.finding is Finding.NOT_UNDERSTOOD


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
    use = world.use(seal, odd)
    world.anchor()
    report = verify_document(odd, evidence=world.evidence(use), ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_pdf_is_a_verdict(keep, world, seal, pdf):
    _, file = sealed(world, seal, pdf)
    report = verify_document(file[: int(len(file) * keep)], ledger=world.ledger)
    assert (report.finding, report.sub_indication) == (
        Finding.NOT_UNDERSTOOD,
        SubIndication.SIGNED_DATA_NOT_FOUND,
    )


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
    if bytes(damaged) != file:
        assert report.finding is not Finding.NO_SEAL or b"/Sig" not in damaged


def sealed_unexamined(world, seal, change):
    """Sealed in our form by somebody who does not look at what he seals."""
    with pikepdf.open(BytesIO(plain_pdf())) as opened:
        change(opened)
        source = Rewritten(written_by_qpdf(opened))
    at = moment(world.ledger.final_block().timestamp)
    options = PdfSealOptions("Seal1", "Acme Trading Ltd", at, reason="a test")
    written, _ = write_first(source, b"", options, blend=True)
    prepared = covered(b"".join(written.pieces), written.gap)
    stated = {"media_type": "application/pdf", "source": bytes(32)}
    use = world.use(seal, digest=prepared.digest, **stated)
    world.anchor()
    return prepared.embed(use.p7s)


@pytest.mark.parametrize("looks", [0, 1])
def test_a_look_that_takes_too_long_finds_nothing(world, seal, monkeypatch, looks):
    """What a reader cannot finish is nobody's doing: it must not read like a puzzle."""
    file = sealed_unexamined(world, seal, lambda _: None)
    added = file + b"\n% added\n" if looks else file
    costly = TooCostlyError("it takes more than 2 seconds", field="document")
    came = [read_form(added), []][: 1 + looks]
    monkeypatch.setattr(confined, "ask_in_steps", lambda *_, **__: confined.Steps(came, costly))
    report = verify_document(added, ledger=world.ledger)
    if looks:
        assert report.finding is Finding.ADDED_AFTER_SEALING
        assert report.extractable
    else:
        assert report.finding is Finding.NOT_UNDERSTOOD
        assert "2 seconds" in report.check(CheckName.CONTENT).detail


def test_a_document_prepared_to_change_is_hidden_content(world, seal):
    def open_with_a_program(opened):
        program = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="this.getField('Price')")
        opened.Root.OpenAction = program

    file = sealed_unexamined(world, seal, open_with_a_program)
    report = verify_document(file, ledger=world.ledger)
    assert report.finding is Finding.HIDDEN_CONTENT
    assert report.check(CheckName.CONTENT).status is CheckStatus.INVALID
    assert "JavaScript" in report.check(CheckName.CONTENT).detail
    assert report.check(CheckName.REVISIONS).status is CheckStatus.VALID


def test_what_only_has_the_form_of_a_time_stamp_was_added(world, seal, pdf):
    _, file = sealed(world, seal, pdf)
    world.anchor()
    for token in (b"\x30\x03\x02\x01\x05", b"\x30\x82\x08\x00" + b"PK\x03\x04" * 512):
        stamped = prepare_time_stamp(file).embed(token)
        report = verify_document(stamped, ledger=world.ledger)
        assert report.finding is Finding.ADDED_AFTER_SEALING
        assert "time-stamp" in report.check(CheckName.REVISIONS).detail
        assert report.check(CheckName.DOCUMENT).status is CheckStatus.VALID


@pytest.mark.parametrize("place", ["Bolt GmbH", "Buyer"])
def test_who_seals_in_a_place_is_told_beside_its_label(world, seal, pdf, place):
    _, opened = sealed(world, seal, pdf, parties=[place])
    other = world.new_seal("Mallory Ltd")
    _, file = sealed(world, other, opened, said="Mallory Ltd")
    world.anchor()
    report = verify_document(file, ledger=world.ledger, logs=world.logs)
    assert report.finding is Finding.AUTHENTIC
    assert [(each.facts.party, each.facts.name) for each in report.seals] == [
        (None, "Acme Trading Ltd"),
        (place, "Mallory Ltd"),
    ]
    told = tell(report.to_dict(), speak(Language.EN), str)
    assert told.verdict.headline.endswith(f"seal of Mallory Ltd, in the place labelled “{place}”")
    (fact,) = [fact for fact in told.seals[1].facts if fact.name == "party"]
    assert fact.text == f"“{place}” — sealed by Mallory Ltd"
