from dataclasses import replace

import pytest

from eseal.documents.pdf import InField, PageRanges, Placing, VisibleSeal, prepare, read
from eseal.errors import AlreadySealedError, InvalidInputError, UnsupportedDocumentError
from tests.artwork import by_pdfium, ring, seen

MM = 72 / 25.4
SOME_DER = b"\x30\x03\x02\x01\x05"
RECT = b"/Rect [100 200 %g %g]" % (100 + 60 * MM, 200 + 50 * MM)


@pytest.fixture
def form(pdfs):
    def build(field=b"", *, page=b"", more=None):
        objects = pdfs.objects(
            page=b"/Annots [4 0 R] %b" % page, root=b"/AcroForm << /Fields [4 0 R] >>"
        )
        base = b"/Type /Annot /Subtype /Widget /FT /Sig /T (Buyer)"
        rectangle = b"" if b"/Rect" in field else RECT
        objects[4] = b"<< %b %b %b >>" % (base, rectangle, field)
        return pdfs.hand_made({**objects, **(more or {})})

    return build


@pytest.fixture
def into(options):
    def seal(pdf, name="Buyer", **more):
        visible = VisibleSeal(Placing(InField(name)), ring())
        return prepare(pdf, replace(options, visible=visible, **more))

    return seal


def test_the_impression_stands_in_the_middle_of_the_field_in_its_own_size(form, into):
    sealed = into(form()).embed(SOME_DER)
    (seal,) = read(sealed).seals
    assert (seal.field, seal.problem) == ("Buyer", None)
    x, y = 100 / MM + 10, 200 / MM + 5
    assert seen(by_pdfium(sealed)) == pytest.approx((x, y, 40, 40), abs=0.3)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_on_a_turned_page_it_stands_upright_in_its_field(form, into, rotation):
    sealed = into(form(page=b"/Rotate %d" % rotation)).data
    _, _, width, height = seen(by_pdfium(sealed))
    assert (width, height) == pytest.approx((40, 40), abs=0.3)


def test_it_is_smaller_only_where_it_does_not_fit(form, into):
    small = b"/Rect [100 200 %g %g]" % (100 + 30 * MM, 200 + 20 * MM)
    assert seen(by_pdfium(into(form(small)).data))[2:] == pytest.approx((20, 20), abs=0.3)


def test_text_fills_the_field(form, options):
    visible = VisibleSeal(Placing(InField("Buyer")))
    data = prepare(form(), replace(options, visible=visible)).data
    assert b"/BaseFont /Helvetica" in data


def test_it_shows_at_the_same_place_of_further_pages(form, options):
    more = {
        2: b"<< /Type /Pages /Kids [5 0 R 3 0 R] /Count 2 /MediaBox [0 0 595 842] >>",
        5: b"<< /Type /Page /Parent 2 0 R >>",
    }
    placing = Placing(InField("Buyer"), pages=PageRanges.parse("all"))
    visible = VisibleSeal(placing, ring())
    data = prepare(form(more=more), replace(options, visible=visible)).data
    assert seen(by_pdfium(data, 0)) == pytest.approx(seen(by_pdfium(data, 1)), abs=0.2)


def test_a_widget_of_its_own_and_a_field_in_a_field(pdfs, into):
    objects = pdfs.objects(page=b"/Annots [6 0 R]", root=b"/AcroForm << /Fields [4 0 R] >>")
    objects[4] = b"<< /T (Parties) /Kids [5 0 R] >>"
    objects[5] = b"<< /FT /Sig /T (Buyer) /Parent 4 0 R /Kids [6 0 R] >>"
    objects[6] = b"<< /Type /Annot /Subtype /Widget /Parent 5 0 R %b >>" % RECT
    sealed = into(pdfs.hand_made(objects), "Parties.Buyer").embed(SOME_DER)
    assert [seal.field for seal in read(sealed).seals if seal.cms] == ["Parties.Buyer"]
    assert seen(by_pdfium(sealed))[2:] == pytest.approx((40, 40), abs=0.3)


def test_the_page_is_found_where_the_field_does_not_name_it_or_lies(form, into):
    for page in (b"", b"/P 1 0 R", b"/P 3 0 R", b"/P (x)"):
        assert seen(by_pdfium(into(form(page)).data))[2] == pytest.approx(40, abs=0.3)


REFUSED = {
    "no such field": ({}, "Seller", InvalidInputError, "no signature field 'Seller'.*'Buyer'"),
    "hidden": ({"field": b"/F 2"}, "Buyer", UnsupportedDocumentError, "hidden"),
    "no size": ({"field": b"/Rect [0 0 0 0]"}, "Buyer", UnsupportedDocumentError, "no size"),
    "no rectangle": ({"field": b"/Rect [0 0 1]"}, "Buyer", UnsupportedDocumentError, "rectangle"),
    "on no page": (
        {"page": b"/Annots []"},
        "Buyer",
        UnsupportedDocumentError,
        "on no page",
    ),
    "two widgets": (
        {
            "field": b"/Kids [5 0 R 6 0 R]",
            "more": {
                5: b"<< /Subtype /Widget /Parent 4 0 R >>",
                6: b"<< /Subtype /Widget /Parent 4 0 R >>",
            },
        },
        "Buyer",
        UnsupportedDocumentError,
        "2 widgets",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_field_that_cannot_hold_an_impression_is_refused(form, into, name):
    changes, asked, error, named = REFUSED[name]
    pdf = form(**changes)
    if name == "on no page":
        pdf = pdf.replace(b"/Annots [4 0 R] ", b" " * 16)
    with pytest.raises(error, match=named):
        into(pdf, asked)


def test_a_filled_field_is_refused(form, into):
    sealed = into(form()).embed(SOME_DER)
    with pytest.raises(AlreadySealedError):
        into(sealed)


def test_a_document_without_a_form_has_no_field(pdfs, into):
    with pytest.raises(InvalidInputError, match="has no empty one"):
        into(pdfs.fpdf())


def test_what_the_field_locks_is_locked(form, into):
    for action in (b"/Action /All", b"/Action /Include /Fields [(Price)]"):
        data = into(form(b"/Lock << /Type /SigFieldLock %b >>" % action)).data
        added = data[len(form()) - 200 :]
        assert b"/TransformMethod /FieldMDP" in added
        assert b"/TransformMethod /DocMDP" in added


DEMANDS = {
    "/SubFilter [/adbe.pkcs7.detached] /Ff 2": "PAdES",
    "/Filter /Other /Ff 1": "handler",
    "/DigestMethod [(SHA512)] /Ff 64": "sha512",
    "/Reasons [(Approval)] /Ff 8": "'Approval'",
    "/Ff 32 /AddRevInfo true": "revocation",
    "/Ff 256 /AppearanceFilter (Plain)": "appearance",
    "/Ff 16 /LegalAttestation [(x)]": "attestation",
    "/TimeStamp << /URL (http://a) /Ff 1 >>": "time-stamp",
    "/Cert << /Ff 1 /Subject [] >>": "certificate",
    "/MDP << /P 0 >>": "no certification",
    "/MDP << /P 2 >>": "DocMDP 2",
    "/MDP << /P 7 >>": "cannot be read",
}


@pytest.mark.parametrize("demand", DEMANDS)
def test_a_demand_of_the_field_that_is_not_met_is_refused(form, into, demand):
    pdf = form(b"/SV << /Type /SV %b >>" % demand.encode())
    with pytest.raises(UnsupportedDocumentError, match=DEMANDS[demand]) as caught:
        into(pdf, reason="Sale")
    assert caught.value.field == "field"


@pytest.mark.parametrize(
    ("demand", "purpose"),
    [
        (b"/SubFilter [/ETSI.CAdES.detached] /DigestMethod [(SHA256)] /Ff 67", "Sale"),
        (b"/Filter /Adobe.PPKLite /Ff 1 /MDP << /P 1 >>", "Sale"),
        (b"/Reasons [(Sale)] /Ff 8", "Sale"),
        (b"/Reasons [(.)] /Ff 8", None),
        (b"/Reasons [(Lease)]", "Sale"),
        (b"/Cert << /URL (http://a) >>", None),
    ],
)
def test_a_demand_that_is_met_is_none(form, into, demand, purpose):
    into(form(b"/SV << /Type /SV %b >>" % demand), reason=purpose)


def test_a_field_that_wants_no_reason_gets_none(form, into):
    with pytest.raises(UnsupportedDocumentError, match="without a purpose"):
        into(form(b"/SV << /Reasons [(.)] /Ff 8 >>"), reason="Sale")
