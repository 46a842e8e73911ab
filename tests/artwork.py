"""A simple impression, pages of every kind to put it on, and where it is seen on a rendering."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2
from fpdf import FPDF
from PIL import Image, ImageChops

from eseal.documents.artwork import POINTS_PER_MM, Artwork, Picture

if TYPE_CHECKING:
    from pathlib import Path

MM_PER_INCH = 25.4
RING_MM = 40.0
URL = "https://seals.example.org/u/" + "a" * 26
"""Where the page of a use would be."""
FIELD = re.compile(rb"/Rect \[([^\]]*)\]")
"""Where a signature field stands, in points."""
_KAPPA = 0.5522847498
"""Distance of the control points of a quarter circle in Bézier curves, over its radius."""


def ring(size: float = RING_MM, border: float = 1.2) -> Artwork:
    """A red ring with a mark at its upper right, so that a turn or a mirror shows."""
    middle = size * POINTS_PER_MM / 2
    inner = middle - border * POINTS_PER_MM
    mark = 0.6 * middle
    content = (
        f"0.85 0.1 0.1 rg {_circle(middle, middle)} {_circle(middle, inner)} f* "
        f"{middle + 4:.3f} {middle + 4:.3f} {mark:.3f} {mark / 2:.3f} re f"
    )
    return Artwork(size, size, content.encode("ascii"))


def picture(size: float = 20.0) -> Artwork:
    """An uploaded picture: a red disc on a transparent ground, 40 pixels wide."""
    pixels = range(40)
    inside = [(x - 19.5) ** 2 + (y - 19.5) ** 2 <= 400 for y in pixels for x in pixels]
    alpha = bytes(255 * one for one in inside)
    image = Picture("Im1", 40, 40, b"\xd8\x1a\x1a" * 1600, alpha)
    side = size * POINTS_PER_MM
    return Artwork(size, size, f"q {side:.3f} 0 0 {side:.3f} 0 0 cm /Im1 Do Q".encode(), (image,))


def _circle(middle: float, radius: float) -> str:
    control = _KAPPA * radius
    low, high = middle - radius, middle + radius
    near, far = middle - control, middle + control
    return (
        f"{high:.3f} {middle:.3f} m "
        f"{high:.3f} {far:.3f} {far:.3f} {high:.3f} {middle:.3f} {high:.3f} c "
        f"{near:.3f} {high:.3f} {low:.3f} {far:.3f} {low:.3f} {middle:.3f} c "
        f"{low:.3f} {near:.3f} {near:.3f} {low:.3f} {middle:.3f} {low:.3f} c "
        f"{far:.3f} {low:.3f} {high:.3f} {near:.3f} {high:.3f} {middle:.3f} c h"
    )


def by_pdfium(pdf: bytes, page: int = 0, dpi: int = 150) -> Image.Image:
    """A page as PDFium shows it."""
    with pypdfium2.PdfDocument(pdf) as document:
        document.init_forms()
        return document[page].render(scale=dpi / 72, may_draw_forms=True).to_pil().convert("RGB")


def by_poppler(pdf: bytes, directory: Path, page: int = 0, dpi: int = 150) -> Image.Image:
    """A page as poppler shows it."""
    path = directory / "shown.pdf"
    path.write_bytes(pdf)
    number = str(page + 1)
    done = subprocess.run(
        ["pdftoppm", "-cropbox", "-r", str(dpi), "-f", number, "-l", number, "-png", str(path)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    return Image.open(BytesIO(done.stdout)).convert("RGB")


def red(image: Image.Image) -> Image.Image:
    """Where a page shows red: a mask of the same size."""
    r, g, _ = image.split()
    return ImageChops.subtract(r, g).point([255 * (value > 100) for value in range(256)])


def seen(image: Image.Image, dpi: int = 150) -> tuple[float, float, float, float]:
    """What is red on a page: x, y, width, height in millimetres, from the lower left."""
    box = red(image).getbbox()
    assert box is not None, "nothing red is seen"
    left, top, right, bottom = (side * MM_PER_INCH / dpi for side in box)
    return left, image.height * MM_PER_INCH / dpi - bottom, right - left, bottom - top


def chinese_pdf(words: list[tuple[str, float, float]], **entries: object) -> bytes:
    """A page of 595 x 842 points with words at points, which brings the letters it needs.

    Args:
        words: each with x and y of its start.
        entries: of the page.
    """
    pdf = FPDF(unit="pt", format=(595, 842))
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    pdf.add_font("chinese", fname=files("pylopdf_fonts_zh_cn") / "NotoSerifSC-Regular.otf")
    pdf.add_page()
    pdf.set_font("chinese", size=12)
    for word, x, y in words:
        pdf.text(x, 842 - y, word)
    out = BytesIO()
    with pikepdf.open(BytesIO(bytes(pdf.output()))) as opened:
        for key, value in entries.items():
            opened.pages[0].obj[f"/{key}"] = value
        opened.save(out, static_id=True)
    return out.getvalue()


def field_mm(data: bytes) -> tuple[float, ...]:
    """Width and height of the newest signature field."""
    x1, y1, x2, y2 = (float(one) for one in FIELD.findall(data)[-1].split())
    return (x2 - x1) / POINTS_PER_MM, (y2 - y1) / POINTS_PER_MM
