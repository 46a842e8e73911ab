"""Every reason for a refusal with a file that gives it, and what may be allowed."""

from __future__ import annotations

import json
import re
from dataclasses import astuple

import pytest
from PIL import Image

from eseal.documents.pdf.examination.examining import check, examine
from eseal.documents.pdf.examination.hazards import CLAUSES, ContentPolicy, Hazard, HazardCode
from eseal.documents.pdf.opening.opening import open_document
from eseal.errors import UnsafeDocumentError
from tests.unit.documents.pdf.examination.dangers import (
    ACTION,
    clickable,
    embedded,
    field,
    look,
    with_objects,
)
from tests.unit.documents.pdf.examination.hazards import HAZARDS
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


@pytest.mark.parametrize("name", HAZARDS)
def test_what_must_not_be_sealed_is_found_and_refused(name, pdfs):
    build, code = HAZARDS[name]
    found = look(build(pdfs))
    assert code in {hazard.code for hazard in found}
    assert CLAUSES[code] in str(found[[hazard.code for hazard in found].index(code)])
    with pytest.raises(UnsafeDocumentError, match="cannot be sealed as it is") as caught:
        check(found)
    assert code.value in caught.value.reasons


def test_every_code_has_a_file_and_a_sentence():
    assert {code for _, code in HAZARDS.values()} == set(HazardCode) - OF_CONTENTS
    assert set(CLAUSES) == set(HazardCode)


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
