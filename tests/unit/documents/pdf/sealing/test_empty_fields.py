"""Empty signature fields that a document brings: the first seal's own, or places of others."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest

from eseal.documents.pdf import (
    At,
    CrossPage,
    InField,
    PageRanges,
    PartyPlace,
    Placing,
    SealingMode,
    VisibleSeal,
)
from eseal.documents.pdf.seals.judging import judge
from eseal.errors import AlreadySealedError, InvalidInputError, UnsupportedDocumentError
from tests.artwork import by_pdfium, ring, seen
from tests.unit.documents.pdf.seals.forging import party
from tests.unit.documents.pdf.workshop import prepared, sealed

MM = 72 / 25.4
RECT = b"/Rect [100 200 %g %g]" % (100 + 60 * MM, 200 + 50 * MM)
WIDGET = b"/Type /Annot /Subtype /Widget /F 4 "


@pytest.fixture
def form(pdfs):
    """A page with an empty signature field."""

    def build(field=b"", *, page=b"", more=None):
        objects = pdfs.objects(
            page=b"/Annots [4 0 R] %b" % page, root=b"/AcroForm << /Fields [4 0 R] >>"
        )
        rectangle = b"" if b"/Rect" in field else RECT
        flags = WIDGET.replace(b"/F 4 ", b"") if b"/F " in field else WIDGET
        objects[4] = b"<< %b /FT /Sig /T (Buyer) %b %b >>" % (flags, rectangle, field)
        return pdfs.hand_made({**objects, **(more or {})})

    return build


@pytest.fixture
def into(options):
    """Seals in a field."""

    def seal(pdf, name="Buyer", **more):
        visible = VisibleSeal(Placing(InField(name)), ring())
        return sealed(pdf, replace(options, visible=visible, **more))

    return seal


def test_what_lies_beneath_is_told_as_of_other_places(form, options):
    drawn = {5: b"<< /Length 27 >>\nstream\n0 .5 0 rg 99 199 9 9 re f  \nendstream"}
    made = prepared(form(page=b"/Contents 5 0 R", more=drawn), options)
    assert made.notes == ("the place of 'Buyer' on page 1 lies over what is drawn there",)
    assert prepared(form(), options).notes == ()
    over_the_edge = form(b"/Rect [-50 -50 100 20]")
    assert prepared(over_the_edge, options).notes == ()


@pytest.mark.parametrize("rectangle", [b"[100 200 200 260]", b"[-100 150 200 260]"])
def test_where_a_seal_would_cover_it_a_field_must_be_empty(pdfs, options, rectangle):
    """In PDF/A-1 no ink shines through, and who brings the field may be the one to fill it."""
    xmp = b"<x:xmpmeta><pdfaid:part>1</pdfaid:part></x:xmpmeta>"
    objects = pdfs.objects(
        page=b"/Annots [4 0 R] /Contents 5 0 R",
        root=b"/AcroForm << /Fields [4 0 R] >> /Metadata 6 0 R",
    )
    objects[4] = b"<< %b /FT /Sig /T (Buyer) /Rect %b >>" % (WIDGET, rectangle)
    objects[5] = b"<< /Length 27 >>\nstream\n0 .5 0 rg 99 199 9 9 re f  \nendstream"
    objects[6] = b"<< /Type /Metadata /Length %d >>\nstream\n%b\nendstream" % (len(xmp), xmp)
    with pytest.raises(UnsupportedDocumentError, match="a seal would cover it"):
        prepared(pdfs.hand_made(objects), options)


class TestOwn:
    def test_the_impression_stands_in_its_middle_in_its_own_size(self, form, into):
        data = into(form())
        judged = judge(data)
        assert judged.level == 1
        assert [seal.field for seal in judged.seals] == ["Buyer"]
        assert len(judged.places()) == 1
        x, y = 100 / MM + 10, 200 / MM + 5
        assert seen(by_pdfium(data)) == pytest.approx((x, y, 40, 40), abs=0.3)

    @pytest.mark.parametrize("rotation", [90, 180, 270])
    def test_on_a_turned_page_it_stands_upright(self, form, into, rotation):
        data = into(form(page=b"/Rotate %d" % rotation))
        assert seen(by_pdfium(data))[2:] == pytest.approx((40, 40), abs=0.3)

    def test_it_is_smaller_only_where_it_does_not_fit(self, form, into):
        small = b"/Rect [100 200 %g %g]" % (100 + 30 * MM, 200 + 20 * MM)
        assert seen(by_pdfium(into(form(small))))[2:] == pytest.approx((20, 20), abs=0.3)

    def test_text_fills_it(self, form, options):
        visible = VisibleSeal(Placing(InField("Buyer")))
        data = prepared(form(), replace(options, visible=visible)).data
        assert b"/BaseFont /Helvetica" in data

    def test_one_without_size_shows_nothing(self, form, into):
        data = into(form(b"/Rect [0 0 0 0]"))
        assert [seal.field for seal in judge(data).seals] == ["Buyer"]

    def test_a_widget_of_its_own_becomes_one_with_its_field(self, pdfs, into):
        objects = pdfs.objects(page=b"/Annots [6 0 R]", root=b"/AcroForm << /Fields [4 0 R] >>")
        objects[4] = b"<< /T (Parties) /Kids [5 0 R] >>"
        objects[5] = b"<< /FT /Sig /T (Buyer) /Parent 4 0 R /Kids [6 0 R] >>"
        objects[6] = b"<< %b /Parent 5 0 R %b >>" % (WIDGET, RECT)
        data = into(pdfs.hand_made(objects), "Parties.Buyer")
        assert [seal.field for seal in judge(data).seals] == ["Parties.Buyer"]
        assert seen(by_pdfium(data))[2:] == pytest.approx((40, 40), abs=0.3)
        with pikepdf.open(BytesIO(data)) as made:
            (field,) = made.Root.AcroForm.Fields[0].Kids
            assert "/Kids" not in field
            assert [item.objgen for item in made.pages[0].Annots] == [field.objgen]

    def test_the_page_is_found_where_the_field_does_not_name_it_or_lies(self, form, into):
        for page in (b"", b"/P 1 0 R", b"/P 3 0 R", b"/P (x)"):
            assert seen(by_pdfium(into(form(page))))[2] == pytest.approx(40, abs=0.3)

    @pytest.mark.parametrize(
        "demand",
        ["/SubFilter [/adbe.pkcs7.detached] /Ff 2", "/Filter /Other /Ff 1", "/Ff 64",
         "/Reasons [(Approval)] /Ff 8"],
    )  # fmt: skip
    def test_demands_are_not_met_and_so_refused(self, form, into, demand):
        with pytest.raises(UnsupportedDocumentError, match="seed value") as caught:
            into(form(b"/SV << /Type /SV %b >>" % demand.encode()), reason="Sale")
        assert caught.value.field == "field"

    def test_wishes_are_no_demands(self, form, into):
        assert judge(into(form(b"/SV << /Type /SV /Reasons [(Lease)] >>"))).is_whole

    def test_no_such_field_names_those_there_are(self, form, into):
        with pytest.raises(InvalidInputError, match=r"no empty signature field 'Seller'.*'Buyer'"):
            into(form(), "Seller")

    def test_a_place_has_one_page_and_no_slices(self, form, options):
        for more in ({"pages": PageRanges.parse("all")}, {"cross_page": CrossPage()}):
            visible = VisibleSeal(Placing(InField("Buyer"), **more), ring())
            with pytest.raises(InvalidInputError, match="shows there alone"):
                prepared(form(), replace(options, visible=visible))

    def test_once_filled_nobody_seals_again(self, form, into):
        with pytest.raises(AlreadySealedError):
            into(into(form()))


class TestOfOthers:
    def test_it_is_a_place_that_its_party_fills(self, form, options):
        data = sealed(form(), options)
        judged = judge(data)
        assert judged.level == 2
        assert [(place.name, place.shows) for place in judged.places()] == [
            ("Buyer", True), ("Seal1", False)
        ]  # fmt: skip
        filled = party(data, "Buyer")
        assert judge(filled).is_whole
        assert seen(by_pdfium(filled))[2:] == pytest.approx((30, 30), abs=0.3)

    def test_it_gets_a_blank_look_so_that_nobody_draws_one(self, form, options):
        data = sealed(form(b"/MK << /BC [1 0 0] >> /AS /On"), options)
        with pikepdf.open(BytesIO(data)) as made:
            field = next(each for each in made.Root.AcroForm.Fields if each.T == "Buyer")
            assert field.AP.N.read_bytes() == b""
            assert [float(n) for n in field.AP.N.BBox] == pytest.approx(
                [0, 0, 60 * MM, 50 * MM], abs=0.01
            )
            assert "/AS" not in field
            assert field.P.objgen == made.pages[0].objgen

    def test_a_value_of_null_is_none(self, form, options):
        data = sealed(form(b"/V 5 0 R", more={5: b"null"}), options)
        assert [seal.field for seal in judge(data).seals] == ["Seal1"]

    def test_no_new_place_lies_over_it(self, form, options):
        mode = SealingMode(parties=(PartyPlace("Bank", At(0, 40, 80)),))
        with pytest.raises(InvalidInputError, match="lies over no other seal's"):
            prepared(form(), replace(options, mode=mode))

    def test_nor_a_party_of_its_name(self, form, options):
        with pytest.raises(UnsupportedDocumentError, match="already has a field 'Buyer'"):
            prepared(form(), replace(options, mode=SealingMode(parties=(PartyPlace("Buyer"),))))


REFUSED = {
    "hidden": ({"field": b"/F 2"}, "hidden"),
    "not on screen": ({"field": b"/F 36"}, "hidden"),
    "no rectangle": ({"field": b"/Rect [0 0 1]"}, "stands nowhere"),
    "on no page": ({"page": b"/Annots []"}, "on no page"),
    "two widgets": (
        {
            "field": b"/Kids [5 0 R 6 0 R]",
            "more": {
                5: b"<< %b %b /Parent 4 0 R >>" % (WIDGET, RECT),
                6: b"<< %b %b /Parent 4 0 R >>" % (WIDGET, RECT),
            },
        },
        "2 widgets",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_field_that_cannot_be_a_place_is_refused(form, options, name):
    changes, named = REFUSED[name]
    pdf = form(**changes)
    if name == "on no page":
        pdf = pdf.replace(b"/Annots [4 0 R] ", b" " * 16)
    with pytest.raises(UnsupportedDocumentError, match=named):
        prepared(pdf, options)
