"""Several seals in one PDF against poppler, qpdf and pyHanko, after each of them."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import KeyUsageConstraints, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from eseal.documents.pdf import Manner, PartyField, SealBox, flatten, prepare, read

BOX = SealBox(page=0, x=20, y=20, width=60, height=25)
PARTIES = (PartyField("Buyer", 0, (90, 20, 40, 40)), PartyField("Bank", -1, (140, 20, 40, 40)))


@pytest.fixture
def one_after_another(pdfs, p256, options):
    """The file after the first seal, the second, and the third, which locks."""
    pdf, found = pdfs.fpdf(), []
    for field, manner in (
        ("A", Manner(parties=PARTIES)),
        ("B", Manner()),
        ("C", Manner(lock=True)),
    ):
        visible = BOX if field == "A" else None
        asked = replace(options, field_name=field, visible=visible, manner=manner)
        prepared = prepare(pdf, asked)
        pdf = prepared.embed(p256.seal(prepared.digest))
        found.append(pdf)
    return found


def test_every_seal_stays_good_after_each_next_one(one_after_another, run, tmp_path):
    for count, pdf in enumerate(one_after_another, 1):
        path = tmp_path / "sealed.pdf"
        path.write_bytes(pdf)
        told = run("pdfsig", "-nocert", path).stdout
        assert told.count("Signature is Valid.") == count
        assert told.count("Not total document signed") == count - 1
        assert run("qpdf", "--check", path).returncode == 0
        assert not any(seal.alterations or seal.hidden for seal in read(pdf).seals)


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
