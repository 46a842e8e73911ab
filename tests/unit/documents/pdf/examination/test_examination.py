"""Every reason for a refusal with a file that gives it, and what may be allowed."""

from __future__ import annotations

import json
import re
from dataclasses import astuple

import pytest
from PIL import Image

from eseal.documents.pdf.examination.examining import check, examine
from eseal.documents.pdf.examination.hazards import SENTENCES, ContentPolicy, Hazard, HazardCode
from eseal.documents.pdf.opening import open_document
from eseal.errors import UnsafeDocumentError
from tests.unit.documents.pdf.examination.dangers import (
    ACTION,
    COVER,
    FILLED,
    FORM,
    SHOWS_100,
    WHITE,
    clickable,
    embedded,
    field,
    image,
    layer,
    look,
    stream,
    ticked,
    two_fields,
    with_fonts,
    with_objects,
    with_text,
)
from tests.unit.documents.pdf.pictures import ALL, PRICE, over, page_with

OF_CONTENTS = {
    HazardCode.UNCLEAR_CONTENTS,
    HazardCode.UNCLEAR_PAGE,
    HazardCode.UNCLEAR_FONT,
    HazardCode.FONT_NOT_EMBEDDED,
    HazardCode.UNCLEAR_IMAGE,
    HazardCode.UNCLEAR_COLOUR,
    HazardCode.UNCLEAR_ANNOTATION,
    HazardCode.DAMAGED_STREAM,
    HazardCode.POSTSCRIPT,
    HazardCode.KEY_TWICE,
}
"""What :mod:`eseal.documents.pdf.meaning` finds."""
HAZARDS = {
    "names tree": (
        lambda p: with_objects(
            p,
            {4: b"<< /Names [(a) 5 0 R] >>", 5: ACTION % (b"JavaScript", b"/JS (app.alert)")},
            root=b"/Names << /JavaScript 4 0 R >>",
        ),
        HazardCode.JAVASCRIPT,
    ),
    "script on opening": (
        lambda p: with_objects(
            p, {4: ACTION % (b"JavaScript", b"/JS (x)")}, root=b"/OpenAction 4 0 R"
        ),
        HazardCode.JAVASCRIPT,
    ),
    "script in a field": (
        lambda p: with_objects(
            p,
            {4: field(b"/AA << /K << /S /JavaScript /JS (x) >> >>")},
            root=b"/AcroForm << /Fields [4 0 R] >>",
        ),
        HazardCode.JAVASCRIPT,
    ),
    "script whose name is spelt oddly": (
        lambda p: clickable(p, b"<< /S /Java#53cript /J#53 (x) >>"),
        HazardCode.JAVASCRIPT,
    ),
    "address on opening": (
        lambda p: with_objects(p, {}, root=b"/OpenAction << /S /URI /URI (https://example.org) >>"),
        HazardCode.AUTOMATIC_ACTION,
    ),
    "something follows the opening": (
        lambda p: with_objects(
            p, {}, root=b"/OpenAction << /S /GoTo /D [3 0 R] /Next << /S /Named /N /Print >> >>"
        ),
        HazardCode.AUTOMATIC_ACTION,
    ),
    "page action": (
        lambda p: with_objects(p, {}, page=b"/AA << /O << /S /Named /N /Print >> >>"),
        HazardCode.AUTOMATIC_ACTION,
    ),
    "launch": (
        lambda p: clickable(p, ACTION % (b"Launch", b"/F (run.exe)")),
        HazardCode.LAUNCH_ACTION,
    ),
    "submit": (
        lambda p: clickable(p, ACTION % (b"SubmitForm", b"/F (https://example.org)")),
        HazardCode.FORM_DATA_ACTION,
    ),
    "import": (
        lambda p: clickable(p, ACTION % (b"ImportData", b"/F (a.fdf)")),
        HazardCode.FORM_DATA_ACTION,
    ),
    "hide": (
        lambda p: clickable(p, ACTION % (b"Hide", b"/T (Price)")),
        HazardCode.DISPLAY_ACTION,
    ),
    "layer switch": (
        lambda p: clickable(p, ACTION % (b"SetOCGState", b"/State [/OFF]")),
        HazardCode.DISPLAY_ACTION,
    ),
    "another file": (
        lambda p: clickable(p, ACTION % (b"GoToR", b"/F (annex.pdf)")),
        HazardCode.OTHER_FILE_ACTION,
    ),
    "an embedded target": (
        lambda p: clickable(p, ACTION % (b"GoToE", b"/T << >>")),
        HazardCode.OTHER_FILE_ACTION,
    ),
    "sound": (
        lambda p: clickable(p, ACTION % (b"Sound", b"")),
        HazardCode.MULTIMEDIA,
    ),
    "three dimensions": (
        lambda p: with_objects(
            p,
            {4: b"<< /Type /Annot /Subtype /3D /Rect [0 0 9 9] >>"},
            page=b"/Annots [4 0 R]",
        ),
        HazardCode.MULTIMEDIA,
    ),
    "attachment": (embedded, HazardCode.EMBEDDED_FILE),
    "attachment of a PDF/A-1": (
        lambda p: embedded(p, b"/AF [4 0 R]", b"1"),
        HazardCode.EMBEDDED_FILE,
    ),
    "attachment on a page": (
        lambda p: with_objects(
            p,
            {4: b"<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] >>"},
            page=b"/Annots [4 0 R]",
        ),
        HazardCode.EMBEDDED_FILE,
    ),
    "stream in another file": (
        lambda p: image(p, b"/F (picture.jpg)"),
        HazardCode.EXTERNAL_CONTENT,
    ),
    "page of another file": (
        lambda p: with_objects(
            p,
            {
                4: stream(
                    b"", b"/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Ref << /F (a.pdf) >>"
                )
            },
            page=b"/Resources << /XObject << /X 4 0 R >> >>",
        ),
        HazardCode.EXTERNAL_CONTENT,
    ),
    "image of another file": (
        lambda p: image(p, b"/OPI << >>"),
        HazardCode.EXTERNAL_CONTENT,
    ),
    "another image on paper": (
        lambda p: image(p, b"/Alternates [<< /Image 4 0 R /DefaultForPrinting true >>]"),
        HazardCode.ALTERNATE_IMAGE,
    ),
    "dynamic form": (
        lambda p: with_objects(p, {}, root=b"/AcroForm << /Fields [] /XFA (form) >>"),
        HazardCode.DYNAMIC_FORM,
    ),
    "hidden field": (
        lambda p: with_objects(
            p,
            {5: field(b"/V (100)").replace(b"/F 4", b"/F 2")},
            page=b"/Annots [5 0 R]",
            root=b"/AcroForm << /Fields [5 0 R] >>",
        ),
        HazardCode.HIDDEN_FIELD,
    ),
    "field without a size": (
        lambda p: with_objects(
            p,
            {5: field(b"/V (100)", b"0 0 0 0")},
            page=b"/Annots [5 0 R]",
            root=b"/AcroForm << /Fields [5 0 R] >>",
        ),
        HazardCode.HIDDEN_FIELD,
    ),
    "field on no page": (
        lambda p: with_objects(
            p, {5: b"<< /FT /Tx /T (A) /V (1) >>"}, root=b"/AcroForm << /Fields [5 0 R] >>"
        ),
        HazardCode.HIDDEN_FIELD,
    ),
    "field over field": (
        lambda p: two_fields(p, b"100 505 280 525"),
        HazardCode.OVERLAPPING_FIELDS,
    ),
    "field that shows another value": (
        lambda p: with_text(p, field(b"/V (999) /AP << /N 6 0 R >>"), SHOWS_100, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "field that holds a name": (
        lambda p: with_text(p, field(b"/V /A100 /AP << /N 6 0 R >>"), SHOWS_100, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "field that holds less": (
        lambda p: with_text(p, field(b"/V (1.00) /AP << /N 6 0 R >>"), SHOWS_100, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "field that holds a debt": (
        lambda p: with_text(p, field(b"/V (-100) /AP << /N 6 0 R >>"), SHOWS_100, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "layer that is off": (
        lambda p: layer(p, b"/OFF [4 0 R]"),
        HazardCode.HIDDEN_LAYER,
    ),
    "all layers off": (lambda p: layer(p, b"/BaseState /OFF"), HazardCode.HIDDEN_LAYER),
    "layers off by what is no name": (
        lambda p: layer(p, b"/BaseState (OFF)"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layer off for the screen by what is no name": (
        lambda p: layer(p, b"", b"/Usage << /View << /ViewState (OFF) >> >>"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layer meant for something else": (
        lambda p: layer(p, b"", b"/Intent [/Design]"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layers meant for something else": (
        lambda p: layer(p, b"/Intent /Design"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layer off in another configuration": (
        lambda p: layer(p, b"", root=b"/Configs [<< /OFF [4 0 R] >>]"),
        HazardCode.HIDDEN_LAYER,
    ),
    "layer for paper only": (
        lambda p: layer(p, b"", b"/Usage << /View << /ViewState /OFF >> >>"),
        HazardCode.HIDDEN_LAYER,
    ),
    "content where layers are off": (
        lambda p: with_objects(
            p,
            {
                4: b"<< /Type /OCG /Name (A) >>",
                5: b"<< /Type /OCMD /OCGs [4 0 R] /P /AllOff >>",
            },
            page=b"/Resources << /Properties << /P 5 0 R >> >>",
            root=b"/OCProperties << /OCGs [4 0 R] /D << >> >>",
        ),
        HazardCode.HIDDEN_LAYER,
    ),
    "hidden stamp": (
        lambda p: with_text(p, (COVER % b"Stamp").replace(b"/F 4", b"/F 34"), WHITE),
        HazardCode.HIDDEN_ANNOTATION,
    ),
    "stamp over text": (
        lambda p: with_text(p, COVER % b"Stamp", WHITE),
        HazardCode.OVERLAY,
    ),
    "empty signature field over text": (
        lambda p: with_text(
            p,
            field(b"/AP << /N 6 0 R >>", b"90 690 290 720").replace(b"/FT /Tx", b"/FT /Sig"),
            WHITE,
            root=FORM,
        ),
        HazardCode.OVERLAY,
    ),
    "stamp over a digit": (
        lambda p: with_text(p, (COVER % b"Stamp").replace(b"90 690 290", b"163 690 173"), WHITE),
        HazardCode.OVERLAY,
    ),
    "a spot in a large clear stamp": (
        lambda p: with_text(p, COVER % b"Stamp", b"1 g 70 0 24 30 re f"),
        HazardCode.OVERLAY,
    ),
    "many colours over text": (
        lambda p: with_text(
            p,
            COVER % b"Stamp",
            b"".join(b"0.%d g %d 0 4 30 re f " % (x % 9 + 1, x * 4) for x in range(50)),
        ),
        HazardCode.OVERLAY,
    ),
    "marked with white": (lambda p: with_text(p, COVER % b"Highlight", WHITE), HazardCode.OVERLAY),
    "link that looks white": (lambda p: with_text(p, COVER % b"Link", WHITE), HazardCode.OVERLAY),
    "square that viewers fill": (
        lambda p: with_text(p, FILLED % b"Square", b""),
        HazardCode.OVERLAY,
    ),
    "polygon that viewers fill": (
        lambda p: with_text(p, FILLED % b"Polygon", b""),
        HazardCode.OVERLAY,
    ),
    "note that viewers fill each in its own way": (
        lambda p: with_text(p, FILLED % b"FreeText", b""),
        HazardCode.OVERLAY,
    ),
    "note that says something else": (
        lambda p: with_text(
            p, COVER % b"FreeText", WHITE + b" 0 g BT /F1 12 Tf 10 10 Td (Free) Tj ET"
        ),
        HazardCode.OVERLAY,
    ),
    "field over text": (
        lambda p: with_text(p, field(b"/AP << /N 6 0 R >>", b"90 690 290 720"), WHITE, root=FORM),
        HazardCode.OVERLAY,
    ),
    "page in waiting": (
        lambda p: with_objects(
            p, {4: b"<< /Type /P#61ge /Parent 2 0 R >>"}, root=b"/PieceInfo << /More 4 0 R >>"
        ),
        HazardCode.UNREACHABLE_PAGE,
    ),
    "page in waiting behind a comment": (
        lambda p: with_objects(
            p, {4: b"<< /Type% is\n/Page /Parent 2 0 R >>"}, page=b"/Annots [<< /Dest [4 0 R] >>]"
        ),
        HazardCode.UNREACHABLE_PAGE,
    ),
    "signature beside the form": (
        lambda p: with_objects(
            p, {4: b"<< /ByteRange [0 1 2 3] /Contents <00> >>"}, root=b"/PieceInfo 4 0 R"
        ),
        HazardCode.STRAY_SIGNATURE,
    ),
    "folder of files": (
        lambda p: embedded(p, b"/AF [4 0 R] /Collection << /View /H /D (a.xml) >>", b"3"),
        HazardCode.PORTFOLIO,
    ),
    "filled field without a look": (
        lambda p: with_text(p, field(b"/V (100)"), WHITE, root=FORM),
        HazardCode.FIELD_NOT_DRAWN,
    ),
    "choice that viewers are to draw anew": (
        lambda p: with_text(
            p,
            field(b"/V (100) /AP << /N 6 0 R >>").replace(b"/FT /Tx", b"/FT /Ch"),
            SHOWS_100,
            root=FORM.replace(b"/Fields", b"/NeedAppearances true /Fields"),
        ),
        HazardCode.FIELD_NOT_DRAWN,
    ),
    "choice that shows another": (
        lambda p: with_text(
            p,
            field(b"/V (100) /Opt [[(100) (900)]] /Ff 131072 /AP << /N 6 0 R >>").replace(
                b"/FT /Tx", b"/FT /Ch"
            ),
            SHOWS_100,
            root=FORM,
        ),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "box that is ticked and holds nothing": (
        lambda p: with_text(p, ticked(b"/AS /Yes"), WHITE, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "box whose state has no look": (
        lambda p: with_text(p, ticked(b"/AS /Perhaps"), WHITE, root=FORM),
        HazardCode.FIELD_VALUE_DIFFERS,
    ),
    "layers by language": (
        lambda p: layer(p, b"/AS [<< /Event /View /OCGs [4 0 R] /Category [/Language] >>]"),
        HazardCode.HIDDEN_LAYER,
    ),
    "content of no layer": (
        lambda p: with_objects(
            p,
            {5: b"<< /Type /OCMD /OCGs [] >>"},
            page=b"/Resources << /Properties << /P 5 0 R >> >>",
        ),
        HazardCode.HIDDEN_LAYER,
    ),
    "strings in strings in strings in strings": (
        lambda p: clickable(p, b"<< /Note (a(b(c(d(e))))) /S /Launch /F (run.exe) >>"),
        HazardCode.LAUNCH_ACTION,
    ),
    "script behind strings in strings": (
        lambda p: clickable(p, b"<< /Note (((((\\)))))) /S /JavaScript /JS (x) >>"),
        HazardCode.JAVASCRIPT,
    ),
    "page in waiting behind strings in strings": (
        lambda p: with_objects(
            p, {4: b"<< /Note ((((())))) /Type /Page >>"}, root=b"/PieceInfo << /More 4 0 R >>"
        ),
        HazardCode.UNREACHABLE_PAGE,
    ),
    "stream whose keyword is followed by a space": (
        lambda p: with_objects(
            p,
            {
                4: stream(b"q Q", b"/More << /S /Launch /F (run.exe) >>").replace(
                    b"stream\nq", b"stream \nq"
                )
            },
            page=b"/Contents 4 0 R",
        ),
        HazardCode.LAUNCH_ACTION,
    ),
    "picture over text": (
        lambda p: page_with(p, PRICE + over(ALL), Image.new("L", (1, 1), 255)),
        HazardCode.COVERED_TEXT,
    ),
    "form over text": (
        lambda p: page_with(
            p, PRICE + b"q 1 0 0 1 90 690 cm /Paint Do Q", Image.new("L", (1, 1), 255)
        ),
        HazardCode.COVERED_TEXT,
    ),
    "font from two sources": (
        lambda p: with_fonts(p, (b"ABCDEF+Serif", b"ABCDEF+Serif")),
        HazardCode.FONT_TWICE,
    ),
}


@pytest.mark.parametrize("name", HAZARDS)
def test_what_must_not_be_sealed_is_found_and_refused(name, pdfs):
    build, code = HAZARDS[name]
    found = look(build(pdfs))
    assert code in {hazard.code for hazard in found}
    assert SENTENCES[code] in str(found[[hazard.code for hazard in found].index(code)])
    with pytest.raises(UnsafeDocumentError, match="cannot be sealed as it is") as caught:
        check(found)
    assert code.value in caught.value.reasons


def test_every_code_has_a_file_and_a_sentence():
    assert {code for _, code in HAZARDS.values()} == set(HazardCode) - OF_CONTENTS
    assert set(SENTENCES) == set(HazardCode)


def test_a_hazard_crosses_a_border_of_processes(pdfs):
    found = look(clickable(pdfs, ACTION % (b"Launch", b"")))
    assert tuple(Hazard.of(*each) for each in json.loads(json.dumps([*map(astuple, found)]))) == (
        found
    )


def test_a_refusal_names_the_page_and_the_thing_and_what_to_do(pdfs):
    script = field(b"/AA << /K << /S /JavaScript /JS (x) >> >>")
    form = b"/AcroForm << /Fields [4 0 R] >>"
    found = look(with_objects(pdfs, {4: script}, page=b"/Annots [4 0 R]", root=form))
    assert {(hazard.where, hazard.page) for hazard in found} == {("field 'Price', page 1", 0)}
    with pytest.raises(UnsafeDocumentError) as caught:
        check(found)
    assert str(caught.value) == (
        "the PDF cannot be sealed as it is: it contains a program (JavaScript) that can change "
        "what it shows (field 'Price', page 1); it does something by itself when it is opened, "
        "printed or closed (field 'Price', page 1). What to do: seal a flattened copy (--flatten; "
        "flatten=true); or ask its author for a plain copy"
    )


@pytest.mark.parametrize(
    ("build", "where"),
    [
        (lambda p: clickable(p, ACTION % (b"Launch", b"")), "link, page 1"),
        (lambda p: with_objects(p, {4: ACTION % (b"Launch", b"")}, page=b"/X 4 0 R"), "page 1"),
        (
            lambda p: with_objects(p, {4: ACTION % (b"Launch", b"")}, root=b"/Outlines 4 0 R"),
            "the document as a whole",
        ),
    ],
)
def test_what_hangs_where(pdfs, build, where):
    assert [hazard.where for hazard in look(build(pdfs))] == [where]


def test_what_two_pages_share_belongs_to_the_first_and_parents_of_fields_to_none_else(pdfs):
    page = b"<< /Type /Page /Parent 2 0 R /Annots [%d 0 R] /X 7 0 R >>"
    widget = b"<< /Subtype /Widget /Rect [0 0 9 9] /Parent 6 0 R /A << /S /%b >> >>"
    pdf = pdfs.hand_made(
        {
            **pdfs.objects(root=b"/AcroForm << /Fields [6 0 R] >>"),
            2: b"<< /Type /Pages /Kids [3 0 R 8 0 R] /Count 2 /MediaBox [0 0 9 9] >>",
            3: page % 4,
            4: widget % b"Hide",
            5: widget % b"Launch",
            6: b"<< /FT /Btn /T (Button) /Kids [4 0 R 5 0 R] >>",
            7: b"<< /S /Sound >>",
            8: page % 5,
        }
    )
    assert {(hazard.code, hazard.where) for hazard in look(pdf)} == {
        (HazardCode.DISPLAY_ACTION, "field 'Button', page 1"),
        (HazardCode.LAUNCH_ACTION, "field 'Button', page 2"),
        (HazardCode.MULTIMEDIA, "page 1"),
    }


def test_attachments_may_be_allowed(pdfs):
    assert look(embedded(pdfs), ContentPolicy(embedded_files=True)) == ()


def test_pictures_over_text_may_be_allowed(pdfs):
    pdf = page_with(pdfs, PRICE + over(ALL), Image.new("L", (1, 1), 255))
    assert look(pdf, ContentPolicy(covered_text=True)) == ()


def test_an_earlier_revision_is_no_hazard(pdfs):
    """What an update replaced is not written anew."""
    pdf = with_objects(pdfs, {4: ACTION % (b"Launch", b"")}, page=b"/X 4 0 R")
    page = b"3 0 obj\n<< /Type /Page /Parent 2 0 R /Rotate 90 >>\nendobj\n"
    at = len(pdf) + len(page)
    start = int(re.search(rb"startxref\n(\d+)", pdf)[1])
    update = page + (
        b"xref\n3 1\n%010d 00000 n \ntrailer\n<< /Size 5 /Root 1 0 R /Prev %d >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(pdf), start, at)
    )
    assert look(pdf) != ()
    assert look(pdf + update) == ()


def test_the_first_reasons_are_named_and_the_others_counted(pdfs):
    actions = b" ".join(ACTION % (kind, b"") for kind in (b"Launch", b"Hide", b"Sound"))
    pdf = with_objects(
        pdfs, {4: ACTION % (b"JavaScript", b"/JS (x)")}, page=b"/X [4 0 R %b]" % actions
    )
    with pytest.raises(UnsafeDocumentError, match="and 1 more reason") as caught:
        check(look(pdf))
    assert {*caught.value.reasons} == {
        "javascript", "launch_action", "display_action", "multimedia"
    }  # fmt: skip


def test_a_page_with_thousands_of_dangers_lists_a_hundred(pdfs):
    links = b"<< /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch >> >>"
    numbers = range(4, 300)
    pages = b" ".join(b"%d 0 R" % number for number in range(300, 596))
    page = b"<< /Type /Page /Parent 2 0 R /Annots [%d 0 R] >>"
    pdf = pdfs.hand_made(
        {
            **pdfs.objects(),
            2: b"<< /Type /Pages /Kids [%b] /Count 296 /MediaBox [0 0 9 9] >>" % pages,
            **dict.fromkeys(numbers, links),
            **{number: page % (number - 296) for number in range(300, 596)},
        }
    )
    assert len(look(pdf)) == 100


def test_what_nothing_leads_to_is_not_written_and_no_hazard(pdfs):
    assert look(with_objects(pdfs, {4: ACTION % (b"Launch", b"")})) == ()


def test_documents_sealed_by_us_can_be_examined(sealed_pdf):
    """A signature in a field of the form is where it belongs."""
    with open_document(sealed_pdf, signed=True) as opened:
        assert examine(opened) == ()
