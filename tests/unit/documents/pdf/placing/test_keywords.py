"""Which of the places of a word a seal goes to."""

from __future__ import annotations

import threading

import pytest

from eseal.documents.pdf import AtKeyword, Occurrence
from eseal.documents.pdf.placing.keywords import Place, chosen, nearest
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


def test_the_nearest_is_on_the_same_page():
    here, there = Place(0, (0, 0, 10, 10)), Place(1, (0, 0, 10, 10))
    near, far = Place(0, (20, 0, 10, 10)), Place(0, (300, 300, 10, 10))
    assert nearest([far, near, there], [here]) == near
    assert nearest([there], [here]) is None
    assert nearest([near], []) is nearest([], [near]) is None
    assert nearest([Place(0, (0, 400, 10, 10))], [here]) is None


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
