"""Several seals in one PDF against poppler, qpdf, MuPDF and pyHanko, after each of them."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import KeyUsageConstraints, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from eseal.documents.pdf import (
    At,
    Form,
    InField,
    PartyPlace,
    Placing,
    SealingMode,
    VisibleSeal,
    flatten,
    prepare,
    read,
)
from tests.artwork import ring
from tests.sealed import places_of

PARTIES = (PartyPlace("Buyer", At(0, 90, 20), (45.0, 45.0)), PartyPlace("Bank", At(-1, 140, 20)))


@pytest.fixture
def one_after_another(pdfs, p256, options):
    """The file after the first seal, the second, and the third, which locks."""
    pdf, found = pdfs.fpdf(), []
    for spot, mode in (
        (At(0, 20, 20), SealingMode(parties=PARTIES)),
        (InField("Bank"), SealingMode()),
        (InField("Buyer"), SealingMode(lock=True)),
    ):
        visible = VisibleSeal(Placing(spot), ring())
        prepared = prepare(pdf, replace(options, visible=visible, mode=mode))
        pdf = prepared.embed(p256.seal(prepared.digest))
        found.append(pdf)
    return found


def test_each_is_appended_to_the_one_before_in_our_form(one_after_another):
    for count, pdf in enumerate(one_after_another, 1):
        reading = read(pdf)
        assert (reading.form, reading.filled, reading.total) == (Form.CANONICAL, count, 3)
        assert reading.hidden == ()
        assert len(reading.seals) == count
        assert pdf.startswith(one_after_another[max(count - 2, 0)])
    assert [seal.field for seal in reading.seals] == ["Seal1", "Bank", "Buyer"]
    assert [place.filled for place in places_of(pdf)] == [True, True, True]


def test_every_seal_stays_good_after_each_next_one(one_after_another, run, tmp_path):
    for count, pdf in enumerate(one_after_another, 1):
        path = tmp_path / "sealed.pdf"
        path.write_bytes(pdf)
        told = run("pdfsig", "-nocert", path).stdout
        assert told.count("Signature is Valid.") == count
        assert told.count("Not total document signed") == count - 1
        assert run("qpdf", "--check", path).returncode == 0
        told = run("mutool", "sign", "-v", path)
        assert (told.stdout + told.stderr).count("since signing") >= count


def test_pyhanko_accepts_every_one(one_after_another, p256, sealed_at):
    for pdf in one_after_another:
        for signature in PdfFileReader(BytesIO(pdf)).embedded_regular_signatures:
            context = ValidationContext(
                trust_roots=[x509.Certificate.load(p256.root)],
                moment=sealed_at,
                allow_fetching=False,
            )
            status = validate_pdf_signature(
                signature, context, key_usage_settings=KeyUsageConstraints({"non_repudiation"})
            )
            assert status.bottom_line
            assert status.docmdp_ok


def test_qpdf_finds_nothing_to_complain_of_in_a_flattened_copy(pdfs, run, tmp_path):
    path = tmp_path / "flat.pdf"
    path.write_bytes(flatten(pdfs.fpdf()))
    assert run("qpdf", "--check", path).returncode == 0
