"""A digest is of one kind of document: no seal over one kind becomes a seal over another."""

from __future__ import annotations

import hashlib

import pytest

from eseal.documents import asic
from eseal.verify import CheckName, CheckStatus, Finding
from tests.unit.verify.asking import verify_digest, verify_document
from tests.unit.verify.conftest import CONTRACT
from tests.unit.verify.sealed_pdfs import plain_pdf, sealed


@pytest.fixture(scope="module")
def pdf():
    return plain_pdf()


def test_a_sealed_pdf_without_its_seal_beside_its_evidence_is_not_green(world, seal, pdf):
    """What is left when the signature is cut out has the digest that was signed."""
    use, file = sealed(world, seal, pdf)
    world.anchor()
    start = file.index(b"/Contents <") + len(b"/Contents ")
    bare = file[:start] + file[file.index(b">", start) + 1 :]
    for given_as in ({"signature": use.p7s}, {"evidence": world.evidence(use)}):
        report = verify_document(bare, ledger=world.ledger, **given_as)
        assert report.finding is Finding.NOT_UNDERSTOOD
        assert report.check(CheckName.DOCUMENT).status is CheckStatus.VALID
        assert "with its seal in it" in report.check(CheckName.STATEMENT).detail
    digest = hashlib.sha256(bare).digest()
    report = verify_digest(digest, evidence=world.evidence(use), ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC  # of the bytes under the seal, as is asked for


def test_text_that_was_sealed_as_a_pdf_is_not_green(world, seal):
    use = world.use(seal, media_type="application/pdf")
    world.anchor()
    for given_as in ({"signature": use.p7s}, {"evidence": world.evidence(use)}):
        report = verify_document(CONTRACT, ledger=world.ledger, **given_as)
        assert report.finding is Finding.NOT_UNDERSTOOD
        assert "no PDF" in report.check(CheckName.STATEMENT).detail


@pytest.mark.parametrize("stated", [{"media_type": "text/plain"}, {"source": None}])
def test_a_seal_in_a_pdf_was_made_for_a_pdf_that_holds_it(world, seal, pdf, stated):
    _, file = sealed(world, seal, pdf, **stated)
    world.anchor()
    report = verify_document(file, ledger=world.ledger)
    assert report.finding is Finding.NOT_UNDERSTOOD
    assert "written anew" in report.check(CheckName.STATEMENT).detail


def test_the_manifest_of_a_container_is_not_what_was_sealed(world, seal):
    """Its digest is the one that was signed; but it is no document."""
    prepared = asic.prepare([("contract.txt", CONTRACT)])
    use = world.use(seal, digest=prepared.digest, media_type=asic.MEDIA_TYPE)
    world.anchor()
    manifest = prepared.container.seals[0].covers.encode()
    for given_as in ({"signature": use.p7s}, {"evidence": world.evidence(use)}):
        report = verify_document(manifest, ledger=world.ledger, **given_as)
        assert report.finding is Finding.NOT_UNDERSTOOD


def test_a_file_sealed_as_such_does_not_become_a_container(world, seal):
    prepared = asic.prepare([("contract.txt", CONTRACT)])
    use = world.use(seal, digest=prepared.digest, media_type="text/xml")
    world.anchor()
    report = verify_document(prepared.embed(use.p7s), ledger=world.ledger)
    assert report.finding is Finding.TRANSPLANTED
