"""The first seal of a document: where its field stands, and what it is."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest

from eseal.documents.pdf import InField, PartyPlace, Placing, SealBox, SealingMode, VisibleSeal
from eseal.documents.pdf.seals.judging import judge
from eseal.errors import InvalidInputError, UnsupportedDocumentError
from tests.artwork import ring
from tests.unit.documents.pdf.workshop import prepared

BOX = SealBox(page=0, x=120, y=20, width=60, height=30)


def rectangle(data: bytes) -> list[float]:
    """Where the newest field stands, in the page's units."""
    return [float(n) for n in re.findall(rb"/Rect \[([^\]]*)\]", data)[-1].split()]


def test_an_invisible_seal_has_a_field_and_an_empty_look(pdfs, options):
    with pikepdf.open(BytesIO(prepared(pdfs.fpdf(), options).data)) as made:
        (field,) = made.Root.AcroForm.Fields
        assert made.Root.AcroForm.SigFlags == 3
        assert field.T == "Seal1"
        assert [*field.Rect] == [0, 0, 0, 0]
        assert field.F == 132
        assert field.AP.N.read_bytes() == b""
        assert field.TU == "Trial Company Ltd"
        assert field.objgen in [item.objgen for item in made.pages[0].Annots]
        assert made.Root.Perms.DocMDP.objgen == field.V.objgen


def test_a_form_is_no_longer_drawn_by_viewers(pdfs, options):
    objects = pdfs.objects(root=b"/AcroForm << /Fields [] /NeedAppearances true >>")
    with pikepdf.open(BytesIO(prepared(pdfs.hand_made(objects), options).data)) as made:
        assert "/NeedAppearances" not in made.Root.AcroForm


def test_the_box_is_where_it_was_asked_for(pdfs, options):
    data = prepared(pdfs.fpdf(), replace(options, visible=BOX)).data
    assert rectangle(data) == pytest.approx([mm * 72 / 25.4 for mm in (120, 20, 180, 50)], abs=0.01)


@pytest.mark.parametrize(
    ("rotation", "expected"),
    [
        (0, [10, 20, 110, 60]),
        (90, [535, 10, 575, 110]),
        (180, [485, 782, 585, 822]),
        (270, [20, 732, 60, 832]),
        (-90, [20, 732, 60, 832]),
        (450, [535, 10, 575, 110]),
    ],
)
def test_on_a_turned_page_it_stands_upright_at_the_same_place(pdfs, options, rotation, expected):
    mm = 25.4 / 72
    box = SealBox(page=0, x=10 * mm, y=20 * mm, width=100 * mm, height=40 * mm)
    pdf = pdfs.hand_made(pdfs.objects(page=b"/Rotate %d" % rotation))
    data = prepared(pdf, replace(options, visible=box)).data
    assert rectangle(data) == pytest.approx(expected, abs=0.01)


def test_it_goes_on_the_page_asked_for(pdfs, options):
    original = pdfs.fpdf(3)
    for page, expected in ((-1, 2), (2, 2), (0, 0), (-3, 0)):
        data = prepared(original, replace(options, visible=replace(BOX, page=page))).data
        with pikepdf.open(BytesIO(data)) as made:
            (field,) = made.Root.AcroForm.Fields
            assert field.P.objgen == made.pages[expected].objgen


@pytest.mark.parametrize(("page", "called"), [(1, 2), (-2, -2), (7, 8)])
def test_a_page_that_is_not_there_is_refused(pdfs, options, page, called):
    with pytest.raises(InvalidInputError, match=f"got {called}"):
        prepared(pdfs.fpdf(1), replace(options, visible=replace(BOX, page=page)))


@pytest.mark.parametrize(
    "change", [{"x": -1}, {"x": 200}, {"y": 280}, {"width": 0}, {"height": -5}, {"y": -0.1}]
)
def test_a_box_off_the_page_is_refused(pdfs, options, change):
    with pytest.raises(InvalidInputError, match="page of 210 x 297 mm"):
        prepared(pdfs.fpdf(), replace(options, visible=replace(BOX, **change)))


def test_a_box_too_small_to_read_is_refused(pdfs, options):
    small = replace(BOX, width=8, height=4)
    with pytest.raises(UnsupportedDocumentError, match="too small"):
        prepared(pdfs.fpdf(), replace(options, visible=small))


@pytest.mark.parametrize(
    ("name", "named"), [("Müller 公司", r"'公' \(U\+516C\)"), ("a\u2028b", "printable")]
)
def test_a_character_the_font_lacks_is_named(pdfs, options, name, named):
    with pytest.raises(InvalidInputError, match=named):
        prepared(pdfs.fpdf(), replace(options, signer_name=name, visible=BOX))


@pytest.mark.parametrize("labels", [("Seal1",), ("Buyer", "Buyer"), ("",), ("a" * 61,), ("a\nb",)])
def test_labels_that_cannot_be_used_are_refused(pdfs, options, labels):
    mode = SealingMode(parties=tuple(map(PartyPlace, labels)))
    with pytest.raises(InvalidInputError) as caught:
        prepared(pdfs.fpdf(), replace(options, mode=mode))
    assert caught.value.field == "parties"


def test_so_many_parties_there_may_be(pdfs, options):
    labels = [f"Party {number}" for number in range(32)]
    mode = SealingMode(parties=tuple(map(PartyPlace, labels[:31])))
    data = prepared(pdfs.fpdf(), replace(options, mode=mode)).data
    assert len(judge(data, unsigned=True).places()) == 32
    with pytest.raises(InvalidInputError, match="at most 31"):
        prepared(
            pdfs.fpdf(), replace(options, mode=SealingMode(parties=tuple(map(PartyPlace, labels))))
        )


def test_places_and_a_lock_contradict_each_other(pdfs, options):
    mode = SealingMode(parties=(PartyPlace("Buyer"),), lock=True)
    with pytest.raises(InvalidInputError, match="got both"):
        prepared(pdfs.fpdf(), replace(options, mode=mode))


def test_a_field_that_is_not_there_is_refused(pdfs, options):
    visible = VisibleSeal(Placing(InField("Buyer")), ring())
    with pytest.raises(InvalidInputError, match="it has none at all") as caught:
        prepared(pdfs.fpdf(), replace(options, visible=visible))
    assert caught.value.field == "field"
