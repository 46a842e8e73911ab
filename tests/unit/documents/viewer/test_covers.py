"""Which letters are called covered, and which are not."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from eseal.documents.viewer.covers import covered_by_annotations, covered_by_pictures
from tests.unit.documents.pdf.examination.dangers import COVER, with_text
from tests.unit.documents.pdf.pictures import ALL, PRICE, over, page_with

WHITE = Image.new("L", (1, 1), 255)


def words(text: str, size: tuple[int, int] = (400, 60)) -> Image.Image:
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).text((10, 5), text, fill=0, font_size=24)
    return image


def clear(size: tuple[int, int], draw) -> Image.Image:
    image = Image.new("LA", size, (0, 0))
    draw(ImageDraw.Draw(image))
    return image


COVERED = {
    "all of it": (PRICE + over(ALL), WHITE),
    "a number": (PRICE + over((160, 695, 30, 20)), WHITE),
    "a digit": (PRICE + over((163.5, 690, 10, 30)), WHITE),
    "under other words": (PRICE + over(ALL), words("The price is 900 euros")),
    "under a photograph": (PRICE + over(ALL), Image.effect_noise((200, 30), 80)),
    "on a page full of text, under one spot of a large clear picture": (
        b"".join(PRICE.replace(b"700", b"%d" % height) for height in range(40, 800, 14))
        + over((0, 0, 600, 840)),
        clear((600, 840), lambda d: d.rectangle((158, 120, 190, 140), fill=(255, 255))),
    ),
    "white on black": (
        b"0 g 80 690 300 40 re f 1 g " + PRICE + over(ALL), Image.new("L", (1, 1), 0)
    ),
    "all in a form that is turned": (b"q 0.7 0.7 -0.7 0.7 600 0 cm /All Do Q", WHITE),
    "text in a form, the picture not": (
        b"q 1 0 0 1 20 -300 cm /Text Do Q " + over((100, 385, 200, 30)), WHITE
    ),
    "by strips": (PRICE + b"".join(over((90, 690 + y / 2, 200, 0.5)) for y in range(60)), WHITE),
    "by a form that paints": (PRICE + b"q 1 0 0 1 90 690 cm /Paint Do Q", WHITE),
    "by forms in forms": (PRICE + b"q 1 0 0 1 90 690 cm /Deep Do Q", WHITE),
}  # fmt: skip
SEEN = {
    "behind the text": (over(ALL) + PRICE, WHITE),
    "beside it": (PRICE + over((300, 690, 50, 30)), WHITE),
    "at its edge": (PRICE + over((90, 720, 200, 30)) + over((90, 680, 200, 19)), WHITE),
    "written again on top": (PRICE + over(ALL) + PRICE, WHITE),
    "a ring over it": (
        PRICE + over((90, 640, 120, 120)),
        clear((240, 240), lambda d: d.ellipse((5, 5, 235, 235), outline=(90, 255), width=8)),
    ),
    "a tint over it": (PRICE + over(ALL), Image.new("LA", (1, 1), (255, 128))),
    "text that nobody sees": (PRICE.replace(b"BT", b"BT 3 Tr") + over(ALL), WHITE),
    "a line to write on": (
        PRICE.replace(b"The price is 100 euros", b"Seal: ________") + over((132, 680, 80, 40)),
        WHITE,
    ),
    "painted by the page itself": (PRICE + b"1 g 90 690 200 30 re f /Nothing Do", WHITE),
    "a line through it": (PRICE + over((90, 704, 200, 0.1)), WHITE),
    "only off the page": (PRICE + over((90, 2000, 200, 30)), WHITE),
}  # fmt: skip


@pytest.mark.parametrize("name", COVERED)
@pytest.mark.parametrize("page", [b"", b"/Rotate 90", b"/MediaBox [-50 -30 545 812]"])
def test_letters_under_a_picture_are_covered(pdfs, name, page):
    assert covered_by_pictures(page_with(pdfs, *COVERED[name], page=page), pages=[(0, False)]) == [
        0
    ]


@pytest.mark.parametrize("name", SEEN)
def test_letters_that_are_seen_are_not(pdfs, name):
    assert covered_by_pictures(page_with(pdfs, *SEEN[name]), pages=[(0, False)]) == []


@pytest.mark.parametrize(
    "paint", ["/Pattern cs /Pat scn 90 690 200 30 re f", "q 90 690 200 30 re W n /Sh sh Q"]
)
def test_patterns_and_shadings_cover_too(pdfs, paint):
    pdf = page_with(pdfs, PRICE + paint.encode(), WHITE)
    assert covered_by_pictures(pdf, pages=[(0, True)]) == [0]
    assert covered_by_pictures(pdf, pages=[(0, False)]) == ([0] if "/Sh" in paint else [])


def test_a_page_of_many_metres_is_looked_at(pdfs):
    pdf = page_with(pdfs, PRICE + over(ALL), WHITE, page=b"/MediaBox [0 0 14400 14400]")
    assert covered_by_pictures(pdf, pages=[(0, False)]) == [0]


def test_boxes_that_are_none(pdfs):
    pdf = page_with(pdfs, PRICE, WHITE)
    boxes = [(300.0, 700.0, 290.0, 690.0), (0.0, 0.0, 1.0, 1.0)]
    assert covered_by_annotations(pdf, drawn=[(0, boxes)], undrawn=[]) == []


def test_annotations_cover_as_pictures_do(pdfs):
    pdf = with_text(pdfs, COVER % b"Stamp", b"1 g 0 0 200 30 re f")
    box = (90.0, 690.0, 290.0, 720.0)
    assert covered_by_annotations(pdf, drawn=[(0, [box])], undrawn=[]) == [0]
    assert covered_by_annotations(pdf, drawn=[], undrawn=[(0, [box])]) == [0]
    assert covered_by_annotations(pdf, drawn=[(0, [(300.0, 0.0, 400.0, 9.0)])], undrawn=[]) == []


def test_no_pages(pdfs):
    assert covered_by_pictures(page_with(pdfs, PRICE, WHITE), pages=[]) == []
