import threading

import pytest

from eseal.documents.pdf import AtKeyword, Occurrence
from eseal.documents.pdf.keywords import search
from eseal.documents.pdf.looking import FreeMap
from eseal.errors import InvalidInputError, UnsupportedDocumentError
from tests.artwork import chinese_pdf

A4 = (595.28, 841.89)


def middles(places):
    return [(page, (x1 + x2) / 2, (y1 + y2) / 2) for page, (x1, y1, x2, y2) in places]


class TestKeyword:
    def test_chinese_whatever_the_blanks_and_width(self, pdfs):
        pdf = chinese_pdf(pdfs.hand_made, [("甲方:", 60, 300), ("盖 章 处(公章)", 100, 200)])
        ((page, box),) = search(pdf, 1, AtKeyword("盖章处\uff08公章\uff09"))
        assert page == 0
        assert 100 <= box[0] < box[2] <= 100 + 10 * 12
        assert 195 <= box[1] < box[3] <= 215

    def test_which_one(self, pdfs):
        pdf = pdfs.fpdf(3)
        assert [page for page, _ in search(pdf, 3, AtKeyword("PARTIES"))] == [2]
        assert [page for page, _ in search(pdf, 3, AtKeyword("parties", Occurrence.FIRST))] == [0]
        every = search(pdf, 3, AtKeyword("parties agree", Occurrence.EVERY_PAGE))
        assert [page for page, _ in every] == [0, 1, 2]
        heights = [y for _, _, y in middles(every)]
        assert max(heights) - min(heights) < 1  # the last line of each
        ((page, box),) = search(pdf, 3, AtKeyword("parties", 21))
        assert (page, box[1] > 700) == (1, True)

    def test_a_word_that_goes_on_in_the_next_line_is_where_it_begins(self, pdfs):
        pdf = chinese_pdf(pdfs.hand_made, [("请在此处盖", 400, 300), ("章", 60, 280)])
        ((_, box),) = search(pdf, 1, AtKeyword("盖章"))
        assert box[0] > 430
        assert box[3] - box[1] < 20

    def test_what_is_not_there_is_named(self, pdfs):
        with pytest.raises(InvalidInputError, match="'Siegel' stands nowhere") as caught:
            search(pdfs.fpdf(), 2, AtKeyword("Siegel"))
        assert caught.value.field == "keyword"
        with pytest.raises(InvalidInputError, match="at least 41 times, found 40"):
            search(pdfs.fpdf(2), 2, AtKeyword("agree", 41))

    @pytest.mark.parametrize("keyword", [" ", "", "\u200b", "x" * 101])
    def test_a_keyword_that_is_none_is_refused(self, pdfs, keyword):
        with pytest.raises(InvalidInputError, match="1 to 100 characters"):
            search(pdfs.fpdf(), 2, AtKeyword(keyword))

    def test_a_number_below_one_is_refused(self, pdfs):
        with pytest.raises(InvalidInputError, match="from 1, got 0"):
            search(pdfs.fpdf(), 2, AtKeyword("agree", 0))

    def test_what_cannot_be_shown_is_refused(self):
        with pytest.raises(UnsupportedDocumentError, match="cannot be shown"):
            search(b"%PDF-1.7 nothing", 1, AtKeyword("agree"))

    def test_a_page_tree_that_lies_is_refused(self, pdfs):
        with pytest.raises(UnsupportedDocumentError, match="has 3 pages, and shows 2"):
            search(pdfs.fpdf(2), 3, AtKeyword("agree"))

    def test_several_threads_take_turns(self, pdfs):
        pdf, found = pdfs.fpdf(2), []

        def look():
            found.extend(search(pdf, 2, AtKeyword("agree")))

        threads = [threading.Thread(target=look) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert len(found) == 4
        assert len(set(found)) == 1


class TestFreeArea:
    def test_the_lower_right_of_an_empty_page(self, pdfs):
        x, y = FreeMap(pdfs.hand_made(pdfs.objects()), 1, 0, [], (595, 842)).lower_right((113, 113))
        assert 595 - x - 113 == pytest.approx(30, abs=6)
        assert y == pytest.approx(30, abs=6)

    def test_it_keeps_clear_of_what_stands_there(self, pdfs):
        square = b"0.9 g 400 20 150 150 re f"
        objects = pdfs.objects(page=b"/Contents 4 0 R")
        objects[4] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(square), square)
        free = FreeMap(pdfs.hand_made(objects), 1, 0, [], (595, 842))
        assert not free.is_free((395, 15, 10, 10))
        assert free.is_free((300, 100, 90, 90))
        x, y = free.lower_right((113, 113))
        assert x + 113 < 400 or y > 170

    def test_on_paper_of_a_colour(self, pdfs):
        paint = b"0.9 0.9 0.7 rg 0 0 595 842 re f 1 g 300 0 295 300 re f"
        objects = pdfs.objects(page=b"/Contents 4 0 R")
        objects[4] = b"<< /Length %d >>\nstream\n%b\nendstream" % (len(paint), paint)
        x, y = FreeMap(pdfs.hand_made(objects), 1, 0, [], (595, 842)).lower_right((113, 113))
        assert x + 113 < 300 or y > 300

    def test_annotations_are_not_free(self, pdfs):
        free = FreeMap(pdfs.hand_made(pdfs.objects()), 1, 0, [(300, 0, 295, 400)], (595, 842))
        assert not free.is_free((310, 10, 5, 5))
        x, y = free.lower_right((113, 113))
        assert x + 113 <= 300 or y >= 400

    def test_a_full_page_has_none(self, pdfs):
        assert FreeMap(pdfs.fpdf(1), 1, 0, [(0, 0, 600, 900)], A4).lower_right((113, 113)) is None
        assert FreeMap(pdfs.fpdf(1), 1, 0, [], A4).lower_right((700, 113)) is None

    def test_off_the_page_nothing_is_free(self, pdfs):
        free = FreeMap(pdfs.fpdf(1), 1, 0, [], A4)
        assert not free.is_free((-1, 10, 5, 5))
        assert not free.is_free((590, 10, 50, 5))

    def test_a_page_of_many_metres_is_not_drawn(self, pdfs):
        with pytest.raises(UnsupportedDocumentError, match="too large"):
            FreeMap(pdfs.fpdf(1), 1, 0, [], (14400, 14400))
