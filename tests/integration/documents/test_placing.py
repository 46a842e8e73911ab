"""Impressions through two engines, poppler and PDFium: where they stand, and how large."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import zxingcpp
from PIL import Image, ImageChops

from eseal.documents.impressions.drawing.fonts import Fonts
from eseal.documents.impressions.templates.caption import with_words
from eseal.documents.pdf import (
    At,
    AtKeyword,
    Automatic,
    CrossPage,
    InField,
    Occurrence,
    PageRanges,
    Placing,
    QrCode,
    VisibleSeal,
    prepare,
)
from eseal.documents.pdf.sealing.options import PLAIN
from eseal.documents.qr import qr_artwork
from tests.artwork import MM_PER_INCH, by_pdfium, by_poppler, chinese_pdf, red, ring, seen

TOLERANCE_MM = 0.5
DPI = 150
URL = "https://seals.example.org/u/" + "abcdefghijklmnopqrstuvwxy2"
CODE = with_words(qr_artwork(URL), "seals.example.org", Fonts())
BOXES = {
    "plain": b"",
    "shifted": b"/MediaBox [-200 75 395 917]",
    "cropped": b"/MediaBox [0 0 800 1000] /CropBox [100 120 700 900]",
    "crop beyond": b"/MediaBox [10 20 610 820] /CropBox [0 120 620 830]",
    "backwards": b"/MediaBox [595 842 0 0]",
}
TURNS = (0, 90, 180, 270)
ENGINES = ("poppler", "pdfium")


@pytest.fixture
def shown(tmp_path):
    def show(engine, pdf, page=0, dpi=DPI):
        if engine == "poppler":
            return by_poppler(pdf, tmp_path, page, dpi)
        return by_pdfium(pdf, page, dpi)

    return show


@pytest.fixture
def seal(p256, options):
    def put(pdf, placing, *, code=None, art=None, mode=PLAIN):
        visible = VisibleSeal(placing, art or ring(), code)
        prepared = prepare(pdf, replace(options, visible=visible, mode=mode))
        return prepared.embed(p256.seal(prepared.digest))

    return put


@pytest.fixture
def pages(pdfs):
    """A document with a page of every kind: boxes and turns."""
    kinds = [(box, turn) for box in BOXES.values() for turn in TURNS]
    numbers = range(3, 3 + len(kinds))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [%b] /Count %d /MediaBox [0 0 595 842] >>"
        % (b" ".join(b"%d 0 R" % number for number in numbers), len(kinds)),
    }
    for number, (box, turn) in zip(numbers, kinds, strict=True):
        objects[number] = b"<< /Type /Page /Parent 2 0 R %b /Rotate %d >>" % (box, turn)
    return pdfs.hand_made(objects), len(kinds)


def upright(image: Image.Image) -> bool:
    """Whether the ring's mark is at its upper right."""
    mask = red(image)
    left, top, right, bottom = mask.getbbox()
    middle = ((left + right) // 2, (top + bottom) // 2)
    inset = (right - left) // 6
    corner = (middle[0], top + inset, right - inset, middle[1])
    filled = mask.crop(corner).histogram()[255]
    return filled > 0.2 * (corner[2] - corner[0]) * (corner[3] - corner[1])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("box", BOXES)
def test_a_field_is_where_it_was_asked_for(pdfs, seal, shown, engine, box, turn):
    pdf = pdfs.hand_made(pdfs.objects(page=BOXES[box] + b" /Rotate %d" % turn))
    image = shown(engine, seal(pdf, Placing(At(0, 63.5, 41.2))))
    assert seen(image) == pytest.approx((63.5, 41.2, 40, 40), abs=TOLERANCE_MM)
    assert upright(image)


@pytest.mark.parametrize("engine", ENGINES)
def test_so_it_is_on_further_pages(pages, seal, shown, engine):
    pdf, count = pages
    sealed = seal(pdf, Placing(At(0, 63.5, 41.2), PageRanges.parse("all")))
    for page in range(count):
        image = shown(engine, sealed, page)
        assert seen(image) == pytest.approx((63.5, 41.2, 40, 40), abs=TOLERANCE_MM), page
        assert upright(image), page


@pytest.mark.parametrize("engine", ENGINES)
def test_a_page_loses_the_unit_of_its_own(pdfs, seal, shown, engine):
    # Neither engine knows units, others do: they would show it in two sizes.
    entries = b"/UserUnit 2 /MediaBox [0 0 297.5 421] /Rotate 90"
    sealed = seal(pdfs.hand_made(pdfs.objects(page=entries)), Placing(At(0, 60, 40)))
    assert b"/UserUnit" not in sealed
    assert seen(shown(engine, sealed)) == pytest.approx((60, 40, 40, 40), abs=TOLERANCE_MM)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("crossing", [CrossPage(first=1.5), CrossPage(double_sided=True)])
def test_slices_laid_side_by_side_are_the_impression(pages, seal, shown, engine, crossing):
    pdf, _ = pages
    crossing = replace(crossing, pages=PageRanges.parse("1-4"), height=100)
    sealed = seal(pdf, Placing(At(5, 20, 20), cross_page=crossing))
    whole = red(shown(engine, sealed, 5))
    whole = whole.crop(whole.getbbox())
    faces = {True: [], False: []}
    for page in range(4):
        image = shown(engine, sealed, page)
        left, _, right, _ = red(image).getbbox()
        at_right = right >= image.width - 2
        assert at_right or left <= 1, "a slice lies at the edge"
        middle = image.height - round(100 * DPI / MM_PER_INCH)
        half = round(21 * DPI / MM_PER_INCH)
        # Of a slice's blank beginning nothing is seen: all of it is up to the width it must have.
        faces[at_right].append(red(image).crop((0, middle - half, image.width, middle + half)))
    for at_right, strips in faces.items():
        if not strips:
            continue
        first = crossing.first
        unit = 40 / (len(strips) - 1 + first)
        widths = [unit * first] + [unit] * (len(strips) - 1)
        joined = Image.new("L", (whole.width + 8, strips[0].height))
        place = 0.0
        for strip, width in zip(strips, widths, strict=True):
            pixels = round(width * DPI / MM_PER_INCH)
            start = strip.width - pixels if at_right else 0
            joined.paste(strip.crop((start, 0, start + pixels, strip.height)), (round(place), 0))
            place += width * DPI / MM_PER_INCH
        box = joined.getbbox()
        assert (box[2] - box[0], box[3] - box[1]) == pytest.approx(whole.size, abs=3)
        joined = joined.crop(box).resize(whole.size)
        differing = ImageChops.difference(joined, whole).histogram()[255]
        assert differing < 0.2 * whole.histogram()[255], "the strips adjoin"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("mode", [QrCode.BESIDE, QrCode.INSIDE])
@pytest.mark.parametrize("turn", [0, 90])
def test_the_code_can_be_scanned(pdfs, seal, shown, engine, mode, turn):
    pdf = pdfs.hand_made(pdfs.objects(page=b"/Rotate %d" % turn))
    sealed = seal(pdf, Placing(At(0, 80, 60), qr=mode), code=CODE)
    found = zxingcpp.read_barcodes(shown(engine, sealed))
    assert [code.text for code in found] == [URL]


def test_a_free_area_and_a_keyword_through_poppler(seal, shown):
    pdf = chinese_pdf([("乙方盖章处", 300, 300)], Rotate=180)
    x, y, width, height = seen(shown("poppler", seal(pdf, Placing(AtKeyword("盖章处")))))
    middle = ((x + width / 2), (y + height / 2))
    mm = MM_PER_INCH / 72
    expected = ((595 - 300 - 3.5 * 12) * mm, (842 - 300 - 4.5) * mm)
    assert middle == pytest.approx(expected, abs=1)
    x, y, width, _ = seen(shown("poppler", seal(pdf, Placing(Automatic()))))
    assert x + width > 190
    assert y < 20


def field_pdf(pdfs) -> bytes:
    objects = pdfs.objects(
        page=b"/Annots [4 0 R] /Rotate 90", root=b"/AcroForm << /Fields [4 0 R] /SigFlags 1 >>"
    )
    objects[4] = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Buyer) /F 4 /Rect [100 200 260 360] "
        b"/P 3 0 R /Lock << /Type /SigFieldLock /Action /All >> >>"
    )
    return pdfs.hand_made(objects)


PLACINGS = {
    "point and code": Placing(At(-1, 20, 20)),
    "keyword": Placing(AtKeyword("agree", Occurrence.LAST)),
    "free area, all pages": Placing(Automatic(), PageRanges.parse("all")),
    "across": Placing(cross_page=CrossPage()),
    "everything": Placing(At(0, 20, 20), PageRanges.parse("2"), CrossPage(double_sided=True)),
}


@pytest.mark.parametrize("name", [*PLACINGS, "field"])
def test_pdfsig_and_qpdf_accept_it(pdfs, seal, run, tmp_path, name):
    if name == "field":
        sealed = seal(field_pdf(pdfs), Placing(InField("Buyer")))
    else:
        sealed = seal(pdfs.fpdf(4), PLACINGS[name], code=CODE)
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    checked = run("qpdf", "--check", path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "WARNING" not in checked.stdout + checked.stderr
    output = run("pdfsig", "-nocert", path).stdout
    assert "Signature Validation: Signature is Valid." in output
    assert "Total document signed" in output


def test_objects_in_streams_and_hybrid_files_take_an_impression(pdfs, seal, run, tmp_path):
    for build in (pdfs.object_streams, pdfs.hybrid, pdfs.pyhanko):
        sealed = seal(build(), Placing(At(0, 20, 20)))
        path = tmp_path / "sealed.pdf"
        path.write_bytes(sealed)
        assert run("qpdf", "--check", path).returncode == 0
        assert seen(by_poppler(sealed, tmp_path))[2:] == pytest.approx((40, 40), abs=0.5)
        assert len(re.findall(rb"/BBox", sealed)) == 2
