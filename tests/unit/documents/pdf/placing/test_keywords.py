"""Which of the places of a word a seal goes to."""

from __future__ import annotations

import threading

import pytest

from eseal.documents.pdf import AtKeyword, Occurrence
from eseal.documents.pdf.placing.keywords import Place, chosen
from eseal.errors import InvalidInputError, UnsupportedDocumentError
from tests.artwork import chinese_pdf
from tests.unit.documents.pdf.workshop import canvas_of


def places(pdf: bytes, text: str, which: Occurrence | int | None = None, *own: str) -> list[Place]:
    return chosen(canvas_of(pdf), AtKeyword(text, which), own)


def test_chinese_whatever_the_blanks_and_width():
    pdf = chinese_pdf([("甲方:", 60, 300), ("盖 章 处(公章)", 100, 200)])
    (place,) = places(pdf, "盖章处\uff08公章\uff09")
    x, y, width, height = place.box
    assert place.index == 0
    assert 100 <= x < x + width <= 100 + 10 * 12
    assert 195 <= y < y + height <= 215


def test_which_one(pdfs):
    pdf = pdfs.fpdf(3)
    assert [place.index for place in places(pdf, "PARTIES", Occurrence.LAST)] == [2]
    assert [place.index for place in places(pdf, "parties", Occurrence.FIRST)] == [0]
    every = places(pdf, "parties agree", Occurrence.EVERY_PAGE)
    assert [place.index for place in every] == [0, 1, 2]
    heights = [place.middle[1] for place in every]
    assert max(heights) - min(heights) < 1  # the last line of each
    (place,) = places(pdf, "parties", 21)
    assert (place.index, place.box[1] > 700) == (1, True)


def test_the_only_one_need_not_be_named():
    (place,) = places(chinese_pdf([("盖章处", 100, 200)]), "盖章处")
    assert place.middle == pytest.approx((118, 205), abs=2)


def test_of_several_the_one_beside_the_own_name_is_taken_and_that_is_said():
    words = [("甲方 云章公司", 60, 500), ("盖章处", 60, 470),
             ("乙方 Trial Ltd", 300, 500), ("盖章处", 300, 470)]  # fmt: skip
    canvas = canvas_of(chinese_pdf(words))
    (place,) = chosen(canvas, AtKeyword("盖章处"), ("trial  LTD",))
    assert place.box[0] > 290
    (note,) = canvas.notes
    assert "'盖章处' stands at 2 places (page 1 at 28, 1" in note
    assert "beside the company's own name: page 1 at 11" in note
    (place,) = places(chinese_pdf(words), "盖章处", None, "", "Nobody", "云章公司")
    assert place.box[0] < 100


@pytest.mark.parametrize("own", [(), ("",), ("Nobody",), ("Far Away Ltd",)])
def test_of_several_nothing_is_guessed(own):
    words = [("Far Away Ltd", 60, 60), ("盖章处", 60, 770), ("盖章处", 300, 770)]
    with pytest.raises(InvalidInputError, match=r"at 2 places \(page 1.*say which") as caught:
        places(chinese_pdf(words), "盖章处", None, *own)
    assert caught.value.field == "keyword"


def test_a_word_that_goes_on_in_the_next_line_is_where_it_begins():
    (place,) = places(chinese_pdf([("请在此处盖", 400, 300), ("章", 60, 280)]), "盖章")
    assert place.box[0] > 430
    assert place.box[3] < 20


def test_what_is_not_there_is_named(pdfs):
    with pytest.raises(InvalidInputError, match="'Siegel' stands nowhere") as caught:
        places(pdfs.fpdf(), "Siegel")
    assert caught.value.field == "keyword"
    with pytest.raises(InvalidInputError, match="at least 41 times, found 40"):
        places(pdfs.fpdf(2), "agree", 41)


VISIBLE = b"BT /F1 12 Tf 50 700 Td (SEAL HERE) Tj ET"
HIDDEN = {
    "invisible": b"BT 3 Tr /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET",
    "white": b"BT 1 1 1 rg /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET",
    "nearly white": b"BT .97 1 .96 rg /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET",
    "as its ground": b"0 0 1 rg 40 390 200 40 re f BT /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET",
    "tiny": b"BT /F1 .1 Tf 50 400 Td (SEAL HERE) Tj ET",
    "too small to read": b"BT /F1 1.5 Tf 50 400 Td (SEAL HERE) Tj ET",
    "made tiny": b"q .01 0 0 .01 50 400 cm BT /F1 12 Tf (SEAL HERE) Tj ET Q",
    "cut off": b"q 50 300 9 9 re W n BT /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET Q",
    "under white": b"BT /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET 1 g 40 390 200 40 re f",
    "above the page": b"BT /F1 12 Tf 50 1600 Td (SEAL HERE) Tj ET",
    "over the edge": b"BT /F1 12 Tf 580 400 Td (SEAL HERE) Tj ET",
}


def page_of(pdfs, *contents: bytes) -> bytes:
    """A page that draws this."""
    font = (
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    )
    objects = pdfs.objects(page=b"/Contents 4 0 R " + font)
    drawn = b"\n".join(b"q " + each + b" Q" for each in contents)
    objects[4] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn)
    return pdfs.hand_made(objects)


@pytest.mark.parametrize("way", HIDDEN)
def test_a_word_that_no_reader_sees_is_no_place(pdfs, way):
    with pytest.raises(InvalidInputError, match="only where no reader sees it") as caught:
        places(page_of(pdfs, HIDDEN[way]), "SEAL HERE")
    assert caught.value.field == "keyword"
    for which in (None, Occurrence.FIRST, Occurrence.LAST, Occurrence.EVERY_PAGE, 1):
        (place,) = places(page_of(pdfs, HIDDEN[way], VISIBLE), "SEAL HERE", which)
        assert place.middle[1] == pytest.approx(704, abs=3)
    with pytest.raises(InvalidInputError, match="at least 2 times, found 1"):
        places(page_of(pdfs, HIDDEN[way], VISIBLE), "SEAL HERE", 2)


@pytest.mark.parametrize("way", HIDDEN)
def test_a_name_that_no_reader_sees_decides_nothing(pdfs, way):
    two = (VISIBLE, b"BT /F1 12 Tf 50 430 Td (SEAL HERE) Tj ET")
    name = HIDDEN[way].replace(b"SEAL HERE", b"Bolt GmbH")
    with pytest.raises(InvalidInputError, match="none of them plainly beside the company's name"):
        places(page_of(pdfs, *two, name), "SEAL HERE", None, "Bolt GmbH")


SEEN = {
    "on a dark ground": b"0 g 40 390 200 40 re f 1 g BT /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET",
    "red on green": b"0 .6 0 rg 9 390 200 40 re f 1 0 0 rg BT /F1 9 Tf 50 400 Td (SEAL HERE) Tj ET",
    "outlined": b"BT 1 Tr /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET",
    "small print": b"BT /F1 4 Tf 50 400 Td (SEAL HERE) Tj ET",
    "grey": b"BT .8 g /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET",
    "upright": b"BT 0 12 -12 0 50 400 Tm /F1 1 Tf (SEAL HERE) Tj ET",
    "in two colours": b"BT /F1 12 Tf 50 400 Td (SEAL) Tj 1 0 0 rg ( HERE) Tj ET",
    "behind a scan": b"0 g 50 400 80 3 re f BT 3 Tr /F1 12 Tf 50 400 Td (SEAL HERE) Tj ET",
}


@pytest.mark.parametrize("way", SEEN)
def test_a_word_that_readers_see_is_one(pdfs, way):
    (place,) = places(page_of(pdfs, SEEN[way]), "SEAL HERE")
    assert 395 <= place.box[1] <= 410


def test_pieces_far_from_one_another_are_no_word(pdfs):
    apart = b"BT /F1 12 Tf 50 400 Td (SEAL) Tj 300 0 Td (HERE) Tj ET"
    with pytest.raises(InvalidInputError, match="stands nowhere"):
        places(page_of(pdfs, apart), "SEAL HERE")
    near = b"BT /F1 12 Tf 50 400 Td (SEAL) Tj 80 0 Td (HERE) Tj ET"
    assert len(places(page_of(pdfs, near), "SEAL HERE")) == 1


@pytest.mark.parametrize("keyword", [" ", "", "\u200b", "x" * 101])
def test_a_keyword_that_is_none_is_refused(pdfs, keyword):
    with pytest.raises(InvalidInputError, match="1 to 100 characters"):
        places(pdfs.fpdf(), keyword)


@pytest.mark.parametrize("number", [0, -1])
def test_a_number_below_one_is_refused(pdfs, number):
    with pytest.raises(InvalidInputError, match=f"from 1, got {number}") as caught:
        places(pdfs.fpdf(), "agree", number)
    assert caught.value.field == "occurrence"


def test_a_page_tree_that_lies_is_refused(pdfs):
    canvas = canvas_of(pdfs.fpdf(2))
    object.__setattr__(canvas, "pages", (*canvas.pages, canvas.pages[0]))
    with pytest.raises(UnsupportedDocumentError, match="has 3 pages, and shows 2"):
        chosen(canvas, AtKeyword("agree"), ())


def test_several_threads_take_turns(pdfs):
    canvas, found = canvas_of(pdfs.fpdf(2)), []
    keyword = AtKeyword("agree", Occurrence.LAST)
    threads = [
        threading.Thread(target=lambda: found.extend(chosen(canvas, keyword, ()))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 4
    assert len(set(found)) == 1
