"""Whose seal some words ask for: what forms look like, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest

from eseal.documents.pdf import AtKeyword
from eseal.documents.pdf.placing.keywords import beside, chosen, own_place
from eseal.errors import InvalidInputError
from tests.artwork import chinese_pdf
from tests.unit.documents.pdf.workshop import canvas_of

FORMS_FILE = Path(__file__).parents[4] / "data" / "forms.txt"
OWN = ("杭州云章科技有限公司", "Buyer Limited", "日本電子株式会社", "Bolt GmbH")


def forms():
    """Each form by its name: where the company is asked, or ``None``, and its lines."""
    _, *blocks = FORMS_FILE.read_text().split("\n# ")
    for block in blocks:
        heading, *lines = block.strip().splitlines()
        name, _, where = heading.rpartition(": ")
        asked = None if where == "nobody" else tuple(map(int, where.split()))
        yield name, (asked, [line.split(" ", 2) for line in lines])


FORMS = dict(forms())


def canvas(lines, **entries):
    """A page on which these stand: x and y in points, text."""
    return canvas_of(chinese_pdf([(text, int(x), int(y)) for x, y, text in lines], **entries))


@pytest.mark.parametrize("name", FORMS)
def test_only_words_that_plainly_ask_the_company_are_its_own(name):
    asked, lines = FORMS[name]
    page = canvas(lines)
    found = own_place(page, OWN)
    if asked is None:
        assert (found, page.notes) == (None, [])
    else:
        assert found[0].middle == pytest.approx(asked, abs=16)
        assert "beside the company's own name" in page.notes[0]


def test_as_many_are_refused_as_are_found():
    asked = [where is not None for where, _ in FORMS.values()]
    assert min(asked.count(True), asked.count(False)) > 25


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_what_stands_on_end_or_on_its_head_says_nothing_plainly(turn):
    assert own_place(canvas(FORMS["two columns"][1], Rotate=turn), OWN) is None


def test_a_page_that_is_turned_is_read_as_it_is_shown(pdfs):
    drawn = b"BT /F1 12 Tf 0 1 -1 0 %d 60 Tm (%b) Tj ET\n"
    lines = drawn % (200, b"Buyer: Buyer Limited") + drawn % (230, b"Seal:")
    lines += drawn % (260, b"Seller: Big Buyer Limited") + drawn % (290, b"Seal:")
    font = b"<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    objects = pdfs.objects(page=b"/Rotate 90 /Contents 4 0 R /Resources << /Font %b >>" % font)
    objects[4] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(lines), lines)
    place, others = own_place(canvas_of(pdfs.hand_made(objects)), OWN)
    (other,) = others
    assert place.box[1] > other.box[1]


@pytest.mark.parametrize(
    "name",
    [
        "another between",
        "a longer name that begins in the line above",
        "a longer name that ends in the line below",
    ],
)
def test_of_several_words_of_a_keyword_none_is_guessed(name):
    _, lines = FORMS[name]
    with pytest.raises(InvalidInputError, match="say which"):
        chosen(canvas([*lines, (60, 100, "(Seal)")]), AtKeyword("(Seal)"), OWN)


def test_a_keyword_of_any_kind_is_taken_in_the_companys_block():
    lines = [(60, 300, "Buyer: Buyer Limited"), (60, 280, "Signatory:"),
             (300, 300, "Seller: Big Buyer Limited"), (300, 280, "Signatory:")]  # fmt: skip
    (place,) = chosen(canvas(lines), AtKeyword("signatory"), OWN)
    assert place.box[0] < 100


def test_a_party_is_called_by_its_role():
    lines = [(60, 300, "Buyer: Any Limited"), (60, 280, "Seal:"),
             (300, 300, "The Buyer's Bank: Other Corp"), (300, 280, "Seal:")]  # fmt: skip
    assert beside(canvas(lines), "Buyer", ("Seal:",)).box[0] < 100
    assert beside(canvas(lines), "Bank", ("Seal:",)) is None


def test_a_page_of_nothing_but_words_that_ask_is_no_form():
    lines = [(x, y, "(Seal)") for x in range(20, 560, 45) for y in range(20, 790, 16)]
    lines += [(60, 810, "Buyer Limited (Seal)"), (60, 825, "印" * 40 + "/" * 800)]
    assert own_place(canvas(lines), OWN) is None
