"""Every reason for a refusal with a file that gives it, and what may be allowed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from PIL import Image

from eseal.documents.pdf import ContentPolicy, HazardCode, Manner, examine, prepare
from eseal.documents.pdf.examination import SENTENCES
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
    packed_stray,
    renamed,
    stream,
    two_fields,
    unlisted,
    untyped_page,
    with_fonts,
    with_objects,
    with_text,
)
from tests.unit.documents.pdf.pictures import ALL, PRICE, over, page_with

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
    "layer that is off": (
        lambda p: layer(p, b"/OFF [4 0 R]"),
        HazardCode.HIDDEN_LAYER,
    ),
    "all layers off": (lambda p: layer(p, b"/BaseState /OFF"), HazardCode.HIDDEN_LAYER),
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
    "object no table lists": (unlisted, HazardCode.UNLISTED_OBJECT),
    "object twice": (
        lambda p: unlisted(p, b"3 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n"),
        HazardCode.UNLISTED_OBJECT,
    ),
    "object that never ends": (
        lambda p: unlisted(p, b"7 0 obj\n<< /Shadow (true >>\n"),
        HazardCode.UNLISTED_OBJECT,
    ),
    "object under another's number": (
        lambda p: renamed(p, b"3 0 obj"),
        HazardCode.UNLISTED_OBJECT,
    ),
    "object of another generation": (
        lambda p: renamed(p, b"4 1 obj"),
        HazardCode.UNLISTED_OBJECT,
    ),
    "object in an object stream that no table lists": (
        lambda _: packed_stray(),
        HazardCode.UNLISTED_OBJECT,
    ),
    "second catalog": (
        lambda p: with_objects(p, {4: b"<< /Type /Catalog /Pages 2 0 R >>"}),
        HazardCode.UNREACHABLE_PAGE,
    ),
    "second page tree": (
        lambda p: with_objects(p, {4: b"<< /Type /Pages /Kids [] /Count 0 >>"}),
        HazardCode.UNREACHABLE_PAGE,
    ),
    "page in waiting": (
        lambda p: with_objects(p, {4: b"<< /Type /P#61ge /Parent 2 0 R >>"}),
        HazardCode.UNREACHABLE_PAGE,
    ),
    "page in waiting beside one without a type": (
        untyped_page,
        HazardCode.UNREACHABLE_PAGE,
    ),
    "page in waiting behind a comment": (
        lambda p: with_objects(p, {4: b"<< /Type% is\n/Page /Parent 2 0 R >>"}),
        HazardCode.UNREACHABLE_PAGE,
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
def test_what_must_not_be_sealed_is_found_and_refused(name, pdfs, options):
    build, code = HAZARDS[name]
    pdf = build(pdfs)
    found = examine(pdf)
    assert code in {hazard.code for hazard in found}
    assert SENTENCES[code] in str(found[[hazard.code for hazard in found].index(code)])
    with pytest.raises(UnsafeDocumentError, match="cannot be sealed as it is") as caught:
        prepare(pdf, options)
    assert code.value in caught.value.reasons


def test_every_code_has_a_file_and_a_sentence():
    assert {code for _, code in HAZARDS.values()} == set(HazardCode) == set(SENTENCES)


def test_attachments_may_be_allowed(pdfs, options):
    allowing = ContentPolicy(embedded_files=True)
    assert examine(embedded(pdfs), policy=allowing) == ()
    prepare(embedded(pdfs), replace(options, manner=Manner(content=allowing)))


def test_pictures_over_text_may_be_allowed(pdfs, options):
    allowing = ContentPolicy(covered_text=True)
    pdf = page_with(pdfs, PRICE + over(ALL), Image.new("L", (1, 1), 255))
    assert examine(pdf, policy=allowing) == ()
    prepare(pdf, replace(options, manner=Manner(content=allowing)))


def test_an_earlier_revision_is_no_hazard(pdfs):
    """What an update replaced stays in the file and is listed by its own table."""
    pdf = pdfs.hand_made(pdfs.objects())
    page = b"3 0 obj\n<< /Type /Page /Parent 2 0 R /Rotate 90 >>\nendobj\n"
    at = len(pdf) + len(page)
    start = int(re.search(rb"startxref\n(\d+)", pdf)[1])
    update = page + (
        b"xref\n3 1\n%010d 00000 n \ntrailer\n<< /Size 4 /Root 1 0 R /Prev %d >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(pdf), start, at)
    )
    assert examine(pdf + update) == ()


def test_the_first_reasons_are_named_and_the_others_counted(pdfs, options):
    pdf = with_objects(
        pdfs,
        {
            4: ACTION % (b"JavaScript", b"/JS (x)"),
            5: ACTION % (b"Launch", b""),
            6: ACTION % (b"Hide", b""),
            7: ACTION % (b"Sound", b""),
        },
    )
    with pytest.raises(UnsafeDocumentError, match="and 1 more reason") as caught:
        prepare(pdf, options)
    assert caught.value.reasons == ("javascript", "launch_action", "display_action", "multimedia")


def test_a_page_with_thousands_of_dangers_lists_a_hundred(pdfs):
    pdf = with_objects(pdfs, dict.fromkeys(range(4, 300), ACTION % (b"Launch", b"")))
    assert len(examine(pdf)) == 100
