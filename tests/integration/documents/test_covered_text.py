"""The hide attack (NDSS 2021): a few bytes behind a seal take a picture away (decision 023)."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from PIL import Image, ImageChops, ImageDraw

from eseal.documents.pdf import ContentPolicy, Form, SealingMode, prepare, read
from eseal.errors import UnsafeDocumentError
from tests.artwork import by_pdfium, by_poppler
from tests.unit.documents.pdf.pictures import PRICE, over, page_with

PLACE = (90.0, 690.0, 250.0, 30.0)


@pytest.fixture
def hiding(pdfs):
    """A contract over 900 euros that says 100."""
    shown = Image.new("L", (500, 60), 255)
    ImageDraw.Draw(shown).text((20, 10), "The price is 100 euros", fill=0, font_size=24)
    return page_with(pdfs, PRICE.replace(b"100 euros", b"900 euros") + over(PLACE), shown)


def without_picture(sealed: bytes) -> bytes:
    """The file with an update in which the picture is nothing."""
    with pikepdf.open(BytesIO(sealed)) as opened:
        number = opened.pages[0].Resources.XObject.Pic.objgen[0]
    size = int(re.findall(rb"/Size (\d+)", sealed)[-1])
    start = re.findall(rb"startxref\n(\d+)", sealed)[-1]
    body = sealed + b"%d 0 obj\nnull\nendobj\n" % number
    return body + (
        b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root 1 0 R /Prev %b >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (number, len(sealed), size, start, len(body))
    )


@pytest.mark.parametrize("engine", ["poppler", "pdfium"])
def test_the_picture_is_refused_and_its_removal_is_an_alteration(
    hiding, options, p256, tmp_path, engine
):
    with pytest.raises(UnsafeDocumentError) as refused:
        prepare(hiding, options)
    assert refused.value.reasons == ("covered_text",)

    allowing = SealingMode(content=ContentPolicy(covered_text=True))
    prepared = prepare(hiding, replace(options, mode=allowing))
    sealed = prepared.embed(p256.seal(prepared.digest))
    forged = without_picture(sealed)
    draw = {"poppler": lambda pdf: by_poppler(pdf, tmp_path), "pdfium": by_pdfium}[engine]
    before, after = (draw(pdf).convert("L") for pdf in (sealed, forged))
    assert sum(ImageChops.difference(before, after).histogram()[128:]) > 500

    good, bad = read(sealed), read(forged)
    assert (good.form, good.hidden) == (Form.CANONICAL, ())
    assert bad.form is Form.ALTERED
    assert "page 1" in bad.detail
