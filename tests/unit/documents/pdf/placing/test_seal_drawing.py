import contextlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf import (
    At,
    AtKeyword,
    Automatic,
    Beside,
    CrossPage,
    Edge,
    Occurrence,
    PageRanges,
    PartyPlace,
    Placing,
    QrCode,
    SealBox,
    SealingMode,
    VisibleSeal,
)
from eseal.documents.pdf.placing import keywords
from eseal.documents.pdf.seals.judging import judge
from eseal.documents.qr import qr_artwork
from eseal.errors import (
    ESealError,
    InvalidInputError,
    UnsupportedDocumentError,
)
from tests.artwork import FIELD, URL, by_pdfium, chinese_pdf, field_mm, picture, red, ring, seen
from tests.unit.documents.pdf.workshop import prepared

CODE = qr_artwork(URL)
OWN = "云栖茶业有限公司"
AUTO = Placing(Automatic())


def darkest(image) -> int:
    return image.convert("L").getextrema()[0]


class TestAPlace:
    def test_a_corner_or_the_middle(self, pdfs, show):
        corner = show(pdfs.fpdf(2), Placing(At(-1, 120, 30)))
        assert seen(by_pdfium(corner, 1)) == pytest.approx((120, 30, 40, 40), abs=0.3)
        middle = show(pdfs.fpdf(2), Placing(At(1, 140, 50, centred=True)))
        assert seen(by_pdfium(middle, 1)) == seen(by_pdfium(corner, 1))
        assert field_mm(corner) == pytest.approx((40, 40), abs=0.01)

    def test_a_box_has_the_impression_in_its_middle(self, pdfs, show):
        data = show(pdfs.fpdf(1), Placing(SealBox(0, 100, 20, 60, 50)))
        assert seen(by_pdfium(data)) == pytest.approx((110, 25, 40, 40), abs=0.3)
        small = show(pdfs.fpdf(1), Placing(SealBox(0, 100, 20, 60, 20)))
        assert seen(by_pdfium(small)) == pytest.approx((120, 20, 20, 20), abs=0.3)

    def test_an_uploaded_picture_with_its_transparency(self, pdfs, show):
        data = show(pdfs.fpdf(1), Placing(At(0, 20, 230)), picture())
        image = by_pdfium(data)
        assert seen(image) == pytest.approx((20, 230, 20, 20), abs=0.6)
        assert data.count(b"/SMask") == 1
        assert darkest(image.crop((120, 160, 240, 270))) < 60, "what stands under it shines through"

    @pytest.mark.parametrize(
        ("place", "named"),
        [
            (At(0, 175, 20), "page of 210 x 297 mm"),
            (At(0, 20, 260), "page of 210 x 297 mm"),
            (At(0, 10, 100, centred=True), "got 40 x 40 mm at -10, 80"),
            (At(5, 20, 20), "got 6"),
            (At(-3, 20, 20), "got -3"),
        ],
    )
    def test_off_the_page_is_refused(self, pdfs, show, place, named):
        with pytest.raises(InvalidInputError, match=named):
            show(pdfs.fpdf(2), Placing(place))

    def test_a_picture_larger_than_the_page_is_refused(self, pdfs, show):
        with pytest.raises(InvalidInputError, match="page of 210 x 297 mm"):
            show(pdfs.fpdf(1), Placing(AtKeyword("agree", Occurrence.LAST)), ring(220))

    def test_nothing_asked_for_is_refused(self, pdfs, show):
        with pytest.raises(InvalidInputError, match="expected a place"):
            show(pdfs.fpdf(1), Placing())
        with pytest.raises(InvalidInputError, match="the same on these pages"):
            show(pdfs.fpdf(2), Placing(pages=PageRanges.parse("1"), cross_page=CrossPage()))

    def test_art_is_written_once_however_often_it_is_drawn(self, pdfs, show):
        pdf = pdfs.fpdf(6)
        all_pages = Placing(At(0, 20, 20), PageRanges.parse("all"), CrossPage())
        # The appearance is a second form; both call one and the same impression.
        assert show(pdf, all_pages)[len(pdf) :].count(b"/Subtype /Form") == 2

    def test_without_transparency_in_pdf_a_1(self, pdfs, show):
        xmp = b"<x:xmpmeta><pdfaid:part>%b</pdfaid:part></x:xmpmeta>"
        for part, blends in ((b"1", False), (b"2", True)):
            objects = pdfs.objects(root=b"/Metadata 4 0 R")
            body = xmp % part
            objects[4] = b"<< /Type /Metadata /Length %d >>\nstream\n%b\nendstream" % (
                len(body),
                body,
            )
            data = show(pdfs.hand_made(objects), Placing(At(0, 20, 20)))
            assert (b"/Multiply" in data) is blends
            assert (b"/Transparency" in data) is blends
            assert seen(by_pdfium(data))[2:] == pytest.approx((40, 40), abs=0.3)


class TestKeyword:
    def test_the_impression_stands_over_the_word(self, show):
        pdf = chinese_pdf([("甲方盖章处\uff1a", 300, 300)])
        x, y, width, height = seen(by_pdfium(show(pdf, Placing(AtKeyword("盖章处")))))
        left, right, middle = 300 + 2 * 12, 300 + 5 * 12, 300 + 4.5
        assert x + width / 2 == pytest.approx((left + right) / 2 / POINTS_PER_MM, abs=0.5)
        assert y + height / 2 == pytest.approx(middle / POINTS_PER_MM, abs=1.0)

    @pytest.mark.parametrize("extra", [{"Rotate": 90}, {"MediaBox": [-50, -30, 545, 812]}])
    def test_whatever_way_the_page_is_turned(self, show, extra):
        pdf = chinese_pdf([("盖章处", 200, 300)], **extra)
        x, y, width, height = seen(by_pdfium(show(pdf, Placing(AtKeyword("盖章处")))))
        px, py = 200 + 18, 300 + 4.5
        expected = (py, 595 - px) if "Rotate" in extra else (px + 50, py + 30)
        middle = ((x + width / 2) * POINTS_PER_MM, (y + height / 2) * POINTS_PER_MM)
        assert middle == pytest.approx(expected, abs=3)

    def test_near_the_edge_it_stays_on_the_page(self, show):
        pdf = chinese_pdf([("盖章处", 5, 5)])
        assert seen(by_pdfium(show(pdf, Placing(AtKeyword("盖章处")))))[:2] == pytest.approx(
            (0, 0), abs=0.3
        )

    def test_on_every_page_that_has_it(self, pdfs, show):
        data = show(pdfs.fpdf(3), Placing(AtKeyword("agree", Occurrence.EVERY_PAGE)))
        places = [seen(by_pdfium(data, page)) for page in range(3)]
        assert places[0] == pytest.approx(places[2], abs=0.2)
        assert places[1] == pytest.approx(places[2], abs=0.2)

    def test_the_code_stands_where_nothing_else_does(self, show):
        words = [("盖章处", 200, 400), ("日期日期日期日期日期日期", 270, 400)]
        pdf = chinese_pdf(words)
        data = show(pdf, Placing(AtKeyword("盖章处")), code=CODE)
        width, height = field_mm(data)
        assert width > 50
        left = next(float(one) for one in FIELD.findall(data)[-1].split())
        assert left < 150, "to the left of the impression"
        assert height == pytest.approx(40, abs=0.01)


class TestAutomatic:
    def test_that_nothing_asked_for_it_is_told(self, options, pdfs):
        visible = VisibleSeal(AUTO, ring())
        made = prepared(pdfs.fpdf(1), replace(options, visible=visible))
        assert made.notes == (
            "the seal is in a free area of the last page: no words plainly ask this company for it",
        )

    def test_at_the_lower_right_of_the_last_page(self, pdfs, show):
        x, y, width, _ = seen(by_pdfium(show(pdfs.fpdf(2), Placing(Automatic())), 1))
        assert x + width > 190
        assert y < 15

    @pytest.mark.parametrize(
        ("words", "middle"),
        [
            ([(OWN, 60, 300), ("(盖章)", 200, 300)], (77, 107)),
            ([(OWN, 60, 300), ("盖 章：", 60, 260)], (28, 93)),
            ([(OWN, 60, 300), ("Seal: ________", 300, 300)], (111, 107)),
            ([(OWN, 60, 300), ("Stempel", 60, 270)], (29, 97)),
            ([(OWN, 60, 300), ("㊞", 200, 300)], (73, 107)),
            ([(OWN, 60, 300), ("(Seal)", 60, 320), ("(Seal)", 250, 300)], (95, 107)),
            ([(OWN, 60, 300), ("(Seal)", 60, 320), ("(Seal)", 60, 280)], (72, 100)),
            ([(OWN, 60, 300), ("(Seal)", 60, 270), ("(Seal)", 300, 270)], (27, 96)),
            ([(OWN, 60, 700), ("seal it", 200, 700), (OWN, 60, 300), ("Seal", 60, 270)], (26, 96)),
        ],
    )  # fmt: skip
    def test_at_the_words_that_ask_for_it_beside_the_own_name(self, show, words, middle):
        x, y, width, height = seen(by_pdfium(show(chinese_pdf(words), AUTO, signer_name=OWN)))
        assert (x + width / 2, y + height / 2) == pytest.approx(middle, abs=3)

    @pytest.mark.parametrize(
        "words",
        [
            [("Other Ltd", 60, 500), ("(Seal)", 60, 470)],
            [(OWN, 60, 800), ("(Seal)", 60, 300)],
            [(OWN, 60, 500), ("shall seal and deliver the goods", 60, 480)],
            [(OWN, 60, 500), ("本合同打印一式两份,双方盖章后生效", 60, 480)],
        ],
    )
    def test_words_that_ask_others_or_nobody_are_no_place(self, show, words):
        x, y, width, _ = seen(by_pdfium(show(chinese_pdf(words), AUTO, signer_name=OWN)))
        assert x + width > 190
        assert y < 15

    @pytest.mark.parametrize("apart", [30, 60, 90, 140])
    def test_the_words_of_another_party_below_stay_free(self, show, apart):
        words = [(f"{OWN}(盖章)", 60, 400), ("Buyer Ltd (Seal)", 60, 400 - apart)]
        parties = SealingMode(parties=(PartyPlace("Buyer Ltd", Beside()),))
        data = show(chinese_pdf(words), AUTO, signer_name=OWN, mode=parties)
        _, y, _, height = seen(by_pdfium(data))
        assert y + height / 2 == pytest.approx(143, abs=2), "in the own line all the same"

    def test_a_long_document_is_not_searched_unasked(self, show, monkeypatch):
        monkeypatch.setattr(keywords, "_MOST_PAGES", 0)
        words = [(OWN, 60, 300), ("(Seal)", 60, 270)]
        x, *_ = seen(by_pdfium(show(chinese_pdf(words), AUTO, signer_name=OWN)))
        assert x > 100

    def test_the_code_gives_way(self, pdfs, show):
        box = b"<< /Type /Annot /Subtype /Link /Rect [%d %d %d %d] >>"
        objects = pdfs.objects(page=b"/Annots [4 0 R 5 0 R]")
        objects[4] = box % (0, 200, 595, 842)  # a strip is left: too small for both side by side
        objects[5] = box % (180, 0, 595, 842)
        pdf = pdfs.hand_made(objects)
        assert field_mm(show(pdf, Placing(Automatic()), code=CODE)) == pytest.approx((40, 40))
        with pytest.raises(UnsupportedDocumentError, match="no free area of 57 x 40 mm"):
            show(pdf, Placing(Automatic(), qr=QrCode.BESIDE), code=CODE)

    def test_a_full_page_is_refused(self, pdfs, show):
        objects = pdfs.objects(page=b"/Annots [4 0 R]")
        objects[4] = b"<< /Type /Annot /Subtype /Link /Rect [0 0 595 842] >>"
        with pytest.raises(UnsupportedDocumentError, match="no free area of 40 x 40 mm"):
            show(pdfs.hand_made(objects), Placing(Automatic()))


class TestFurtherPages:
    def test_the_same_place_on_those_named(self, pdfs, show):
        data = show(pdfs.fpdf(5), Placing(At(-1, 120, 30), PageRanges.parse("1-2,-1")))
        for page in (0, 1, 4):
            assert seen(by_pdfium(data, page)) == pytest.approx((120, 30, 40, 40), abs=0.3)
        for page in (2, 3):
            assert red(by_pdfium(data, page)).getbbox() is None

    def test_a_page_too_small_for_it_is_refused(self, pdfs, show):
        objects = pdfs.objects()
        objects[2] = b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 595 842] >>"
        objects[4] = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>"
        with pytest.raises(InvalidInputError, match="page of 106 x 106 mm"):
            show(pdfs.hand_made(objects), Placing(At(0, 120, 30), PageRanges.parse("all")))

    def test_text_is_shown_on_them_too(self, pdfs, options):
        visible = VisibleSeal(Placing(At(0, 20, 20), PageRanges.parse("all")))
        data = prepared(pdfs.fpdf(2), replace(options, visible=visible)).data
        assert field_mm(data) == pytest.approx((60, 25), abs=0.01)
        crop = (100, 1500, 480, 1640)
        assert max(darkest(by_pdfium(data, page).crop(crop)) for page in (0, 1)) < 60

    def test_the_seal_covers_them(self, pdfs, show):
        data = show(pdfs.fpdf(3), Placing(At(0, 20, 20), PageRanges.parse("all"), CrossPage()))
        judged = judge(data, unsigned=True)
        assert judged.is_whole
        assert judged.seals[0].end == len(data)


CONTENTS = {
    "none": (b"", {}),
    "null": (b"/Contents null", {}),
    "one": (b"/Contents 5 0 R", {}),
    "several": (b"/Contents [5 0 R 6 0 R]", {}),
    "an array of its own": (b"/Contents 7 0 R", {7: b"[5 0 R 6 0 R]"}),
    "names taken": (
        (
            b"/Contents 5 0 R /Resources << /XObject << /EsealArt1 8 0 R >> "
            b"/ExtGState << /EsealInk << /CA 0.1 >> >> >>"
        ),
        {},
    ),
    "shared resources": (
        b"/Contents 5 0 R /Resources 7 0 R",
        {7: b"<< /XObject 9 0 R >>", 9: b"<< /Mine 8 0 R >>"},
    ),
}


class TestContents:
    @pytest.mark.parametrize("name", CONTENTS)
    def test_whatever_the_page_is_made_of(self, pdfs, show, name):
        entries, more = CONTENTS[name]
        # What is left behind: a scale, a clip, and a colour.
        left = b"0.3 0 0 0.3 100 100 cm 0 0 50 50 re f 10 10 20 20 re W n 0 1 0 rg"
        stream = b"<< /Length %d >>\nstream\n%b\nendstream"
        form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Length 0 >>\nstream\n\nendstream"
        objects = pdfs.objects(page=entries) | {4: b"<< /Type /Page /Parent 2 0 R >>"}
        objects[2] = (
            b"<< /Type /Pages /Kids [4 0 R 3 0 R] /Count 2 /MediaBox [0 0 595 842] "
            b"/Resources << /XObject << /Old 8 0 R >> >> >>"
        )
        objects |= {5: stream % (len(left), left), 6: stream % (5, b"q Q q"), 8: form}
        filled = dict.fromkeys(range(5, 10), b"null") | objects | more
        data = show(pdfs.hand_made(filled), Placing(At(0, 60, 70), PageRanges.parse("all")))
        assert seen(by_pdfium(data, 1)) == pytest.approx((60, 70, 40, 40), abs=0.3)

    @pytest.mark.parametrize("contents", [b"/Contents (text)", b"/Contents 1 0 R"])
    def test_contents_that_are_none_are_left_out(self, pdfs, show, contents):
        objects = pdfs.objects(page=contents)
        objects[2] = b"<< /Type /Pages /Kids [4 0 R 3 0 R] /Count 2 /MediaBox [0 0 595 842] >>"
        objects[4] = b"<< /Type /Page /Parent 2 0 R >>"
        data = show(pdfs.hand_made(objects), Placing(At(0, 60, 70), PageRanges.parse("all")))
        assert seen(by_pdfium(data, 1)) == pytest.approx((60, 70, 40, 40), abs=0.3)

    def test_what_the_page_showed_is_shown_still(self, pdfs, show):
        pdf = pdfs.fpdf(2)
        data = show(pdf, Placing(At(0, 150, 10, centred=False), PageRanges.parse("all")))
        crop = (0, 0, 1240, 1200)
        before, after = (by_pdfium(one, 1).crop(crop) for one in (pdf, data))
        assert before.tobytes() == after.tobytes()


class TestCrossPage:
    def test_slices_at_the_edge_make_up_the_impression(self, pdfs, show):
        data = show(pdfs.fpdf(4), Placing(cross_page=CrossPage(height=150, first=2.0)))
        widths = []
        for page in range(4):
            x, y, width, height = seen(by_pdfium(data, page))
            assert x + width == pytest.approx(210, abs=0.3)
            assert abs(y + height / 2 - 150) < 3
            widths.append(width)
        assert sum(widths) == pytest.approx(40, abs=0.6)
        assert widths[0] == pytest.approx(16, abs=0.3)
        assert field_mm(data) == (0, 0)

    def test_the_share_of_the_height_never_leads_off_the_page(self, pdfs, show):
        for share, bottom in ((0.0, 0.0), (1.0, 257.0)):
            data = show(pdfs.fpdf(2), Placing(cross_page=CrossPage(share=share)))
            assert seen(by_pdfium(data))[1] == pytest.approx(bottom, abs=0.4)

    def test_faces_of_sheets(self, pdfs, show):
        data = show(pdfs.fpdf(4), Placing(cross_page=CrossPage(double_sided=True)))
        places = [seen(by_pdfium(data, page)) for page in range(4)]
        assert [round(x) for x, _, _, _ in places] == [190, 0, 190, 0]

    def test_pages_of_their_own_sizes(self, pdfs, show):
        objects = pdfs.objects(page=b"/Rotate 90")
        objects[2] = b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 595 842] >>"
        objects[4] = b"<< /Type /Page /Parent 2 0 R /MediaBox [10 20 410 620] >>"
        crossing = Placing(cross_page=CrossPage(edge=Edge.LEFT, height=60))
        data = show(pdfs.hand_made(objects), crossing)
        (x1, y1, w1, h1), (x2, y2, w2, h2) = (seen(by_pdfium(data, page)) for page in (0, 1))
        assert (x1, x2) == pytest.approx((0, 0), abs=0.3)
        assert (y1 + h1 / 2, y2 + h2 / 2) == pytest.approx((60, 60), abs=0.4)
        assert w1 + w2 == pytest.approx(40, abs=0.5)

    @pytest.mark.parametrize(
        ("pages", "crossing", "named"),
        [
            (1, CrossPage(), "at least 2 pages"),
            (3, CrossPage(pages=PageRanges.parse("2")), "at least 2 pages"),
            (3, CrossPage(pages=PageRanges.parse("2-4")), "got 4"),
            (3, CrossPage(height=290), "page of 210 x 297"),
        ],
    )
    def test_what_cannot_be_is_refused(self, pdfs, show, pages, crossing, named):
        with pytest.raises(InvalidInputError, match=named):
            show(pdfs.fpdf(pages), Placing(cross_page=crossing))

    def test_text_is_not_cut(self, pdfs, options):
        visible = VisibleSeal(Placing(cross_page=CrossPage()))
        with pytest.raises(InvalidInputError, match="no impression to cut"):
            prepared(pdfs.fpdf(), replace(options, visible=visible))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_mutation_of_a_document_escapes_our_errors(pdfs, options, data):
    """With all that reads further into a document than an invisible seal does."""
    builds = [pdfs.fpdf(2), pdfs.object_streams(), pdfs.hybrid()]
    pdf = bytearray(data.draw(st.sampled_from(builds), label="pdf"))
    for _ in range(data.draw(st.integers(0, 6))):
        index = data.draw(st.integers(0, len(pdf) - 1))
        pdf[index] = data.draw(st.sampled_from(b"0159<>[]()/ \nRfn\x00\xff%"))
    spots = [At(-1, 20, 20), AtKeyword("agree", Occurrence.EVERY_PAGE), Automatic()]
    placing = Placing(
        data.draw(st.sampled_from(spots), label="spot"),
        data.draw(st.none() | st.just(PageRanges.parse("all")), label="pages"),
        data.draw(st.none() | st.just(CrossPage()), label="across"),
    )
    asked = replace(options, visible=VisibleSeal(placing, ring()))
    with contextlib.suppress(ESealError):
        prepared(bytes(pdf), asked)
