"""Places for further parties: where they stand, and that they look like paper."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import ImageChops

from eseal.documents.artwork import POINTS_PER_MM, Artwork
from eseal.documents.pdf import (
    At,
    AtKeyword,
    Beside,
    Occurrence,
    PartyPlace,
    Placing,
    SealingMode,
    VisibleSeal,
)
from eseal.documents.pdf.readying.hidden import hazards_of
from eseal.documents.pdf.sealing import party_places as places
from eseal.documents.pdf.seals.judging import judge
from eseal.errors import InvalidInputError, UnsupportedDocumentError
from tests.artwork import by_pdfium, chinese_pdf, red, ring, seen
from tests.unit.documents.pdf.workshop import prepared, sealed

DATA = Path(__file__).parents[4] / "data" / "pdf"
CAPTION = Artwork(40, 6, b"1 0 0 rg 0 0 113.4 17 re f")
"""A red bar in the place of words."""


def with_parties(pdf, options, *parties: PartyPlace, **more):
    return prepared(pdf, replace(options, mode=SealingMode(parties=parties), **more))


def boxes(data: bytes) -> dict[str, tuple[int, list[float]]]:
    """Page and box in millimetres of each field."""
    with pikepdf.open(BytesIO(data)) as made:
        pages = [page.obj.objgen for page in made.pages]
        return {
            str(field.T): (
                pages.index(field.P.objgen),
                [float(n) / POINTS_PER_MM for n in field.Rect],
            )
            for field in made.Root.AcroForm.Fields
        }


def test_at_a_point_by_its_corner_or_its_middle(pdfs, options):
    made = with_parties(
        pdfs.fpdf(2),
        options,
        PartyPlace("A", At(0, 20, 30), size=(50, 40)),
        PartyPlace("B", At(-1, 100, 100, centred=True)),
    )
    found = boxes(made.data)
    assert found["A"] == (0, pytest.approx([20, 30, 70, 70], abs=0.01))
    assert found["B"] == (1, pytest.approx([77.5, 77.5, 122.5, 122.5], abs=0.01))


def test_over_a_word(options):
    pdf = chinese_pdf([("甲方 盖章", 100, 400), ("乙方", 300, 400), ("盖章", 340, 400)])
    words = AtKeyword("盖章", Occurrence.LAST)
    _, box = boxes(with_parties(pdf, options, PartyPlace("乙方", words)).data)["乙方"]
    middle = (box[0] + box[2]) / 2 * POINTS_PER_MM, (box[1] + box[3]) / 2 * POINTS_PER_MM
    assert middle == pytest.approx((352, 404), abs=3)


def test_a_word_that_stands_twice_means_the_one_beside_the_partys_name(options):
    pdf = chinese_pdf([("Trial Buyer", 60, 400), ("盖章", 60, 380),
                       ("Trial Seller", 360, 400), ("盖章", 360, 380)])  # fmt: skip
    made = with_parties(pdf, options, PartyPlace("Trial Buyer", AtKeyword("盖章")))
    _, box = boxes(made.data)["Trial Buyer"]
    assert box[2] < 60
    assert "stands at 2 places" in made.notes[0]
    with pytest.raises(InvalidInputError, match="say which"):
        with_parties(pdf, options, PartyPlace("Bank", AtKeyword("盖章")))


@pytest.mark.parametrize("word", ["盖章", "蓋章", "(Seal)", "Seal:", "印"])
def test_found_beside_the_words_that_ask_for_a_seal(options, word):
    pdf = chinese_pdf([("Buyer", 60, 400), (word, 60, 380), ("Bank", 360, 400), (word, 360, 380)])
    made = with_parties(pdf, options, PartyPlace("Bank", Beside()), PartyPlace("Buyer", Beside()))
    found = boxes(made.data)
    assert found["Bank"][1][0] > 100
    assert found["Buyer"][1][2] < 60
    assert all("beside the words that ask for it" in note for note in made.notes[::2])
    assert all(word in note and "lies over what is printed" in note for note in made.notes[1::2])


def test_where_no_words_ask_for_it_it_is_in_a_free_area_of_the_last_page(pdfs, options):
    made = with_parties(pdfs.fpdf(2), options, PartyPlace("A", Beside()), PartyPlace("B", Beside()))
    found = boxes(made.data)
    assert found["A"][0] == found["B"][0] == 1
    one, other = found["A"][1], found["B"][1]
    assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]
    assert "free area of the last page" in made.notes[0]


def test_a_last_page_that_is_full_is_said(pdfs, options):
    objects = pdfs.objects(page=b"/Annots [4 0 R]")
    objects[4] = b"<< /Type /Annot /Subtype /Link /Rect [0 0 595 842] >>"
    with pytest.raises(UnsupportedDocumentError, match="no free area for 'A'"):
        with_parties(pdfs.hand_made(objects), options, PartyPlace("A", Beside()))


def test_a_party_may_seal_invisibly(pdfs, options):
    made = with_parties(pdfs.fpdf(1), options, PartyPlace("A"))
    assert boxes(made.data)["A"] == (0, [0, 0, 0, 0])


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_an_empty_place_looks_like_paper_but_for_its_label(pdfs, options, turn):
    pdf = pdfs.hand_made(pdfs.objects(page=b"/Rotate %d" % turn))
    bare = with_parties(pdf, options, PartyPlace("A", At(0, 20, 30)))
    assert ImageChops.difference(by_pdfium(pdf), by_pdfium(bare.data)).getbbox() is None
    captioned = with_parties(pdf, options, PartyPlace("A", At(0, 20, 30), caption=CAPTION))
    assert seen(by_pdfium(captioned.data)) == pytest.approx((20, 30, 40, 6), abs=0.3)
    assert judge(captioned.data, unsigned=True).is_whole


@pytest.mark.parametrize("corner", [(20, 20), (64, 20), (20, 64.9), (45, 45), (65.2, 20)])
def test_places_do_not_overlap_nor_touch(pdfs, options, corner):
    parties = (PartyPlace("A", At(0, 20, 20)), PartyPlace("B", At(0, *corner)))
    with pytest.raises(InvalidInputError, match="'B' that lies over no other seal's") as caught:
        with_parties(pdfs.fpdf(1), options, *parties)
    assert caught.value.field == "parties"


def test_places_beside_one_another_and_on_other_pages_are_fine(pdfs, options):
    parties = (
        PartyPlace("A", At(0, 20, 20)),
        PartyPlace("B", At(0, 66, 20)),
        PartyPlace("C", At(1, 20, 20)),
    )
    assert len(boxes(with_parties(pdfs.fpdf(2), options, *parties).data)) == 4


def test_no_place_lies_over_the_first_seal(pdfs, options):
    visible = VisibleSeal(Placing(At(0, 20, 20)), ring())
    with pytest.raises(InvalidInputError, match="lies over no other seal's"):
        with_parties(pdfs.fpdf(1), options, PartyPlace("A", At(0, 50, 50)), visible=visible)
    made = with_parties(pdfs.fpdf(1), options, PartyPlace("A", At(0, 70, 20)), visible=visible)
    assert red(by_pdfium(made.data)).getbbox()


@pytest.mark.parametrize("spot", [At(0, 180, 20), At(0, -1, 20), At(0, 20, 280)])
def test_a_place_off_the_page_is_refused(pdfs, options, spot):
    with pytest.raises(InvalidInputError, match="a box on the page"):
        with_parties(pdfs.fpdf(1), options, PartyPlace("A", spot))


def test_a_page_that_is_not_there_is_refused(pdfs, options):
    with pytest.raises(InvalidInputError, match="parties: expected a page from 1 to 1"):
        with_parties(pdfs.fpdf(1), options, PartyPlace("A", At(3, 20, 20)))


def test_what_is_printed_beneath_is_said(options):
    pdf = chinese_pdf([("云章公司 2026年1月1日", 60, 100)])
    made = with_parties(
        pdf, options, PartyPlace("A", At(0, 20, 20)), PartyPlace("B", At(0, 90, 90))
    )
    assert made.notes == (
        "the place of 'A' on page 1 lies over what is printed there: '云章公司 2026年1月1日'",
    )


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_so_is_what_is_only_drawn(pdfs, options, turn):
    objects = pdfs.objects(page=b"/Contents 4 0 R /Rotate %d" % turn)
    objects[4] = b"<< /Length 27 >>\nstream\n0 .5 0 rg 60 500 9 9 re f  \nendstream"
    x, y = {0: (60, 500), 90: (500, 535), 180: (535, 342), 270: (342, 60)}[turn]
    at = At(0, x / POINTS_PER_MM, y / POINTS_PER_MM, centred=True)
    places = (PartyPlace("A", at, size=(20, 20)), PartyPlace("B", At(0, 80, 10), size=(20, 20)))
    made = with_parties(pdfs.hand_made(objects), options, *places)
    assert made.notes == ("the place of 'A' on page 1 lies over what is drawn there",)


def test_where_a_seal_would_cover_it_the_place_must_be_empty(options):
    """In PDF/A-1 no ink shines through."""
    pdf = (DATA / "libreoffice-pdfa-1a.pdf").read_bytes()
    for spot in (At(0, 10, 230), AtKeyword("Green tea", Occurrence.FIRST)):
        with pytest.raises(UnsupportedDocumentError, match="PDF/A-1 a seal would cover it"):
            with_parties(pdf, options, PartyPlace("Item", spot))
    made = with_parties(pdf, options, PartyPlace("Item", Beside(("Pay",))))
    assert made.notes == ("the place of 'Item' is in a free area of the last page",)
    with_parties(pdf, options, PartyPlace("Item", At(0, 10, 10)))


def test_a_place_over_text_that_was_made_by_hand_is_found_out(options, monkeypatch):
    """Whoever fills it later could write another contract over this one."""
    pdf = (DATA / "libreoffice-pdfa-1a.pdf").read_bytes()
    monkeypatch.setattr(places, "tell_beneath", lambda *_, **__: None)
    two = (PartyPlace("Buyer", At(0, 10, 10)), PartyPlace("Us", At(0, 10, 230)))
    mode = SealingMode(parties=two)
    opened = sealed(pdf, replace(options, mode=mode))
    assert "the place 'Us' covers" in hazards_of(opened)[0]
    further = replace(options, signer_name="Buyer", visible=None)
    with pytest.raises(UnsupportedDocumentError, match="whose places are empty"):
        prepared(opened, further)
    mode = SealingMode(parties=two[:1])
    assert hazards_of(sealed(pdf, replace(options, mode=mode))) == []
