"""A further seal finds its own place, or says why it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eseal.documents.pdf import (
    At,
    AtKeyword,
    Automatic,
    CrossPage,
    InField,
    PageRanges,
    PartyPlace,
    Placing,
    QrCode,
    SealingMode,
    VisibleSeal,
)
from eseal.documents.pdf.sealing.preparing import prepare_pieces
from eseal.documents.pdf.seals.judging import judge
from eseal.documents.qr import qr_artwork
from eseal.errors import AlreadySealedError, InvalidInputError
from tests.artwork import URL, by_pdfium, red, ring, seen
from tests.unit.documents.pdf.seals.forging import party, with_places
from tests.unit.documents.pdf.workshop import prepared, sealed

AUTO = VisibleSeal(Placing(Automatic()), ring(30))
SMALL = PartyPlace("Buyer", At(0, 20, 20), size=(30, 30))


def by(options, name: str, **more):
    """What a company of this name asks for."""
    return replace(options, signer_name=name, **{"visible": AUTO, **more})


@pytest.mark.parametrize(
    "name", ["Buyer", "The BUYER Ltd", "\uff42\uff55\uff59\uff45\uff52", "B u y e r"]
)
def test_by_its_own_name(opened, options, name):
    made = prepared(opened, by(options, name))
    assert judge(made.data, unsigned=True).seals[-1].field == "Buyer"
    assert made.notes[0] == "sealed in the place made for 'Buyer'"
    assert seen(by_pdfium(made.data))[2:] == pytest.approx((30, 30), abs=0.3)


def test_by_another_name_it_is_called(opened, options):
    made = prepared(opened, by(options, "杭州云章", own_names=("Bank",)))
    assert judge(made.data, unsigned=True).seals[-1].field == "Bank"


def test_the_only_one_left(opened, options):
    two = party(party(opened, "Buyer"), "Agent")
    made = prepared(two, by(options, "Nobody GmbH"))
    assert judge(made.data, unsigned=True).seals[-1].field == "Bank"
    assert made.notes == ("sealed in the only place left, 'Bank'",)


def test_nothing_is_guessed(opened, options):
    with pytest.raises(InvalidInputError, match=r"'Buyer', 'Agent', 'Bank'.*say which") as caught:
        prepared(opened, by(options, "Nobody GmbH"))
    assert caught.value.field == "field"
    with pytest.raises(InvalidInputError, match="say which one"):
        prepared(opened, by(options, "Buyer and Bank"))


@pytest.mark.parametrize("name", ["Buy", "Age", "Ban"])
def test_a_label_that_is_longer_is_another_companys(opened, options, name):
    with pytest.raises(InvalidInputError, match="say which one"):
        prepared(opened, by(options, name))


def test_the_whole_name_before_a_part_of_it(pdfs, options):
    labels = "Buyer", "Seller: Big Buyer Limited", "Big Buyer Limited Shanghai Branch"
    places = [PartyPlace(each, At(0, 10 + 60 * x, 20)) for x, each in enumerate(labels)]
    made = prepared(with_places(pdfs.fpdf(1), tuple(places)), by(options, "Big Buyer Limited"))
    assert made.notes[0] == "sealed in the place made for 'Seller: Big Buyer Limited'"


def test_by_its_label(opened, options):
    visible = VisibleSeal(Placing(InField("Bank")), ring(30))
    made = prepared(opened, by(options, "Buyer", visible=visible))
    assert judge(made.data, unsigned=True).seals[-1].field == "Bank"
    for name in ("Seller", "Seal1", ""):
        with pytest.raises(InvalidInputError, match="empty ones are 'Buyer', 'Agent', 'Bank'"):
            prepared(
                opened, by(options, "Buyer", visible=VisibleSeal(Placing(InField(name)), ring()))
            )


def test_invisibly_in_a_place_that_shows(opened, options):
    data = sealed(opened, by(options, "Buyer", visible=None))
    assert judge(data).seals[-1].field == "Buyer"
    assert red(by_pdfium(data)).getbbox() is None


def test_in_a_place_that_does_not_show_nothing_does(opened, options):
    data = sealed(opened, by(options, "Agent"))
    assert judge(data).is_whole
    assert red(by_pdfium(data)).getbbox() is None


def test_only_in_its_place(opened, options):
    with pytest.raises(InvalidInputError, match="made the places for the others") as caught:
        prepared(opened, by(options, "Buyer", visible=VisibleSeal(Placing(At(0, 9, 9)), ring())))
    assert caught.value.field == "placement"
    for more in ({"cross_page": CrossPage()}, {"pages": PageRanges.parse("all")}):
        visible = VisibleSeal(Placing(Automatic(), **more), ring())
        with pytest.raises(AlreadySealedError, match="must come first"):
            prepared(opened, by(options, "Buyer", visible=visible))


def test_with_its_code_where_there_is_room(opened, pdfs, options):
    code = qr_artwork(URL)
    small = with_places(pdfs.fpdf(1), (SMALL,))
    for mode, beside in ((QrCode.AUTOMATIC, True), (QrCode.BESIDE, True), (QrCode.OFF, False)):
        visible = VisibleSeal(Placing(Automatic(), qr=mode), ring(20), code)
        data = sealed(opened, by(options, "Buyer", visible=visible))
        assert judge(data).is_whole
        assert (b"/Art1 " in data) is beside
        if mode is QrCode.BESIDE:
            with pytest.raises(InvalidInputError, match="no room"):
                prepared(small, by(options, "Buyer", visible=visible))
    visible = VisibleSeal(Placing(Automatic()), ring(20), code)
    assert b"/Art1 " not in sealed(small, by(options, "Buyer", visible=visible))


def test_without_an_address_there_is_no_code(opened, options):
    for mode in (QrCode.BESIDE, QrCode.INSIDE):
        visible = VisibleSeal(Placing(Automatic(), qr=mode), ring())
        with pytest.raises(InvalidInputError, match="ESEAL_PUBLIC_URL"):
            prepared(opened, by(options, "Buyer", visible=visible))


def test_text_cannot_show_in_a_place(opened, options):
    with pytest.raises(InvalidInputError, match="without an impression"):
        prepared(opened, by(options, "Buyer", visible=VisibleSeal(Placing(Automatic()))))


def test_an_impression_larger_than_its_place_is_made_smaller(pdfs, options):
    small = with_places(pdfs.fpdf(1), (SMALL,))
    data = sealed(small, by(options, "Buyer", visible=VisibleSeal(Placing(Automatic()), ring(60))))
    assert seen(by_pdfium(data)) == pytest.approx((20, 20, 30, 30), abs=0.4)


def test_it_makes_no_places(opened, options):
    mode = SealingMode(parties=(PartyPlace("Fourth"),))
    with pytest.raises(InvalidInputError, match="made by the first seal"):
        prepared(opened, by(options, "Buyer", mode=mode))


def test_a_lock_closes_the_document(opened, options):
    locked = sealed(opened, by(options, "Buyer", mode=SealingMode(lock=True)))
    assert judge(locked).closed
    with pytest.raises(AlreadySealedError, match="leave no place"):
        prepared(locked, by(options, "Bank"))


def test_it_says_who_when_and_why(opened, options):
    data = sealed(opened, by(options, "Buyer Ltd", reason="Contract 4", verify_at="https://a.b"))
    entries = judge(data).seals[1].entries
    assert entries["Name"] == b"Buyer Ltd"
    assert entries["Reason"] == b"Contract 4"
    assert entries["ContactInfo"] == b"https://a.b"
    assert "Reference" not in entries


def test_only_what_is_new_is_handed_back(opened, options):
    written, _ = prepare_pieces(opened, by(options, "Buyer"))
    assert written.end == len(opened) + sum(map(len, written.pieces))


def test_what_the_next_one_can_still_ink_is_told(pdfs, options):
    """A place beside an amount takes another digit: green, and after this seal."""
    places = (SMALL, PartyPlace("Us", At(0, 20, 60), size=(60, 200)))
    opened = with_places(pdfs.fpdf(1), places)
    made = prepared(opened, by(options, "Buyer"))
    assert "place of 'Us' on page 1, 60 x 200 mm, over" in made.notes[-1]
    locked = prepared(opened, by(options, "Buyer", mode=SealingMode(lock=True)))
    assert not any("can still" in note for note in locked.notes)


def test_of_many_open_places_some_are_told(pdfs, options):
    places = [PartyPlace(f"P{each}", At(0, 25 * each, 20), size=(20, 20)) for each in range(8)]
    opened = with_places(pdfs.fpdf(1), tuple(places))
    made = prepared(opened, by(options, "P0"))
    assert len(made.notes) == 1 + 5 + 1
    assert made.notes[-1] == "the same of 2 more places"


def test_a_place_is_seen_to_be_one(pdfs, options):
    """Its frame stands on the page, and is no edge of the page."""
    with pytest.raises(InvalidInputError, match="at most half of its page"):
        with_places(pdfs.fpdf(1), (PartyPlace("Us", At(0, 10, 10), size=(180, 200)),))
    for rectangle in (b"-20 20 80 80", b"20 20 580 800"):
        objects = pdfs.objects(page=b"/Annots [ 4 0 R ]", root=b"/AcroForm << /Fields [ 4 0 R ] >>")
        objects[4] = (
            b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Buyer) /P 3 0 R /Rect [ %b ] >>"
            % rectangle
        )
        first = with_places(pdfs.hand_made(objects), ())
        asked = by(options, "Buyer", visible=VisibleSeal(Placing(InField("Buyer")), ring(30)))
        with pytest.raises(InvalidInputError, match="no larger than half of it"):
            prepared(first, asked)


@pytest.mark.parametrize("visible", [AUTO, None])
def test_what_lies_beneath_its_own_place_is_told(pdfs, options, visible):
    """Whoever made the place may have laid it over an amount."""
    data = with_places(pdfs.fpdf(1), (PartyPlace("Buyer", AtKeyword("page", 2), size=(60, 30)),))
    told = [
        note
        for note in prepared(data, by(options, "Buyer", visible=visible)).notes
        if "lies over what is printed there" in note
    ]
    assert len(told) == (visible is not None)
    assert all("the place of 'Buyer' on page 1" in note for note in told)
