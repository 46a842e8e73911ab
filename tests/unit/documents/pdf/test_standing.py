from __future__ import annotations

from dataclasses import replace

import pytest

from eseal.documents.pdf import Manner, PartyField, SealBox, prepare, read
from eseal.errors import AlreadySealedError, InvalidInputError, UnsupportedDocumentError

BOX = SealBox(page=0, x=20, y=20, width=60, height=25)
SOME_DER = b"\x30\x03\x02\x01\x05"


@pytest.fixture
def seal(options):
    def make(pdf: bytes, field: str, visible=None, **manner) -> bytes:
        asked = replace(options, field_name=field, visible=visible, manner=Manner(**manner))
        return prepare(pdf, asked).embed(SOME_DER)

    return make


def levels(pdf: bytes) -> dict[str, int | None]:
    return {seal.field: seal.docmdp for seal in read(pdf).seals}


def test_one_seal_allows_no_changes(pdfs, seal):
    pdf = seal(pdfs.fpdf(), "A")
    assert levels(pdf) == {"A": 1}
    with pytest.raises(AlreadySealedError, match="in field 'A', that allows no changes"):
        seal(pdf, "B")


def test_the_first_of_several_allows_forms_and_the_others_approve(pdfs, seal):
    pdf = seal(seal(seal(pdfs.fpdf(), "A", further_seals=True), "B"), "C")
    assert levels(pdf) == {"A": 2, "B": None, "C": None}


def test_the_last_locks(pdfs, seal):
    pdf = seal(seal(pdfs.fpdf(), "A", further_seals=True), "B", lock=True)
    assert b"/SigFieldLock" in pdf
    assert b"/FieldMDP" in pdf
    with pytest.raises(AlreadySealedError, match="in field 'B'"):
        seal(pdf, "C")


def test_a_lock_on_the_only_seal_is_what_it_does_anyway(pdfs, seal):
    assert levels(seal(pdfs.fpdf(), "A", lock=True)) == {"A": 1}


def test_parties_get_their_fields(pdfs, seal):
    parties = (PartyField("Buyer", -1, (120, 20, 40, 40)), PartyField("Bank"))
    pdf = seal(pdfs.fpdf(), "A", visible=BOX, parties=parties)
    assert b"(Buyer)" in pdf
    assert levels(pdf) == {"A": 2}
    with pytest.raises(UnsupportedDocumentError, match=r"empty fields \('Buyer', 'Bank'\)"):
        seal(pdf, "B", visible=BOX)
    assert levels(seal(pdf, "B")) == {"A": 2, "B": None}


def test_without_fields_only_an_invisible_seal_may_follow(pdfs, seal):
    pdf = seal(pdfs.fpdf(), "A", further_seals=True)
    with pytest.raises(UnsupportedDocumentError, match="seal it invisibly"):
        seal(pdf, "B", visible=BOX)


@pytest.mark.parametrize(
    "manner",
    [
        {"further_seals": True, "lock": True},
        {"parties": (PartyField("B"),), "lock": True},
        {"parties": (PartyField("B"), PartyField("B"))},
        {"parties": (PartyField("A"),)},
        {"parties": (PartyField("a.b"),)},
        {"parties": (PartyField(""),)},
        {"parties": tuple(PartyField(f"P{n}") for n in range(32))},
        {"parties": (PartyField("B", 7, (1, 1, 9, 9)),)},
        {"parties": (PartyField("B", 0, (200, 1, 99, 9)),)},
    ],
)
def test_a_manner_that_cannot_be_is_refused(pdfs, seal, manner):
    with pytest.raises(InvalidInputError):
        seal(pdfs.fpdf(), "A", **manner)


def signed(pdfs, reference: bytes, root: bytes = b"") -> bytes:
    objects = pdfs.objects(root=b"/AcroForm << /Fields [4 0 R] >> " + root)
    objects |= {
        4: b"<< /FT /Sig /T (Other) /V 5 0 R >>",
        5: b"<< /Type /Sig /Contents <00> /Reference [%b] >>" % reference,
    }
    return pdfs.hand_made(objects)


@pytest.mark.parametrize(
    "reference",
    [
        b"",
        b"<< /TransformMethod /DocMDP /TransformParams << /P 2 >> >>",
        b"<< /TransformMethod /DocMDP >>",
        b"<< /TransformMethod /FieldMDP /TransformParams << /Action /Include /Fields [(A)] >> >>",
    ],
)
def test_a_seal_goes_on_top_of_a_signature_that_allows_it(pdfs, seal, reference):
    assert levels(seal(signed(pdfs, reference), "A"))["A"] is None


@pytest.mark.parametrize(
    "reference",
    [
        b"<< /TransformMethod /DocMDP /TransformParams << /P 1 >> >>",
        b"<< /TransformMethod /FieldMDP /TransformParams << /Action /All >> >>",
        b"<< /TransformMethod /FieldMDP /TransformParams << /Action /Exclude /Fields [] >> >>",
        b"<< /TransformMethod /FieldMDP /TransformParams << /Action /Include /P 1 >> >>",
    ],
)
def test_no_seal_goes_on_top_of_a_signature_that_forbids_it(pdfs, seal, reference):
    with pytest.raises(AlreadySealedError, match="'Other'"):
        seal(signed(pdfs, reference), "A")


def test_usage_rights_and_empty_certifications_are_refused(pdfs, seal):
    with pytest.raises(AlreadySealedError, match="usage rights"):
        seal(signed(pdfs, b"", b"/Perms << /UR3 5 0 R >>"), "A")
    bare = pdfs.hand_made(pdfs.objects(root=b"/Perms << /DocMDP 3 0 R >>"))
    with pytest.raises(AlreadySealedError, match="holds no signature"):
        seal(bare, "A")
