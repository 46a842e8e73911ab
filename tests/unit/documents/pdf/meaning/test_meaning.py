from __future__ import annotations

import random
import shutil
import subprocess
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image, ImageChops

from eseal.documents.pdf.meaning import put_in_order
from eseal.errors import ESealError
from tests.unit.documents.pdf.meaning.made import BOX, document, saved

FILES = sorted((Path(__file__).parents[4] / "data" / "pdf").glob("*.pdf"))
PLAIN = [file for file in FILES if "signed" not in file.name and "form" not in file.name]
"""What producers make; fields have nothing to do with them."""

TIDIED = {
    "brackets": b"q 1 0 0 rg " + BOX + b" % and no end",
    "numbers": b"20. +60 060 40.000 re 0.0 0 1. rg f",
    "text": b"BT /F1 40 Tf 20 60 Td (1(2)3\\64) Tj ET",
    "quote": b'BT /F1 40 Tf 20 60 Td 40 TL 3 2 (12) " ET',
    "compatibility": b"BX 1 0 0 rg " + BOX + b" EX",
    "ends": b"ET h 1 0 0 rg " + BOX + b" 9 9",
    "inline image": b"q 60 0 0 40 20 60 cm BI /W 2 /H 2 /BPC 8 /CS /G ID \0\x80\xff\0EI Q",
    "path left open": b"1 0 0 rg " + BOX + b" 0 0 m 99 99 l",
}
HELVETICA = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"


def pictures(pdf: bytes) -> list[Image.Image]:
    """The pages as PDFium draws them."""
    with pypdfium2.PdfDocument(pdf) as opened:
        return [page.render(scale=1).to_pil().convert("RGB") for page in opened]


def by_program(pdf: bytes, folder: Path, *command: str) -> Image.Image:
    file, out = folder / "file.pdf", folder / "page.png"
    file.write_bytes(pdf)
    places = {"IN": str(file), "OUT": str(out), "STEM": str(out.with_suffix(""))}
    subprocess.run(
        [places.get(part, part) for part in command], check=True, capture_output=True, timeout=60
    )
    with Image.open(out) as picture:
        return picture.convert("RGB")


def differ(first: Image.Image, second: Image.Image) -> bool:
    return ImageChops.difference(first, second).getbbox() is not None


@pytest.mark.parametrize("file", PLAIN, ids=lambda file: file.name)
def test_what_producers_make_is_plain_and_keeps_its_look(file):
    before = file.read_bytes()
    pdf = pikepdf.open(BytesIO(before))
    found = put_in_order(pdf)
    assert not found.hazards
    assert not found.touched
    for old, new in zip(pictures(before), pictures(saved(pdf)), strict=True):
        assert not differ(old, new)


@pytest.mark.parametrize("case", TIDIED)
def test_contents_put_in_order_look_as_before_in_three_readers(case, tmp_path):
    pdf = document(TIDIED[case], resources=HELVETICA)
    before = saved(pdf)
    assert put_in_order(pdf).touched == {0}
    after = saved(pdf)
    assert not differ(pictures(before)[0], pictures(after)[0])
    assert differ(pictures(after)[0], pictures(saved(document(b"")))[0])
    programs = (
        ("pdftoppm", "-r", "72", "-png", "-singlefile", "IN", "STEM"),
        ("mutool", "draw", "-r", "72", "-o", "OUT", "IN"),
    )
    for command in programs:
        if shutil.which(command[0]):
            old, new = (by_program(each, tmp_path, *command) for each in (before, after))
            assert not differ(old, new), command[0]


def test_what_is_in_order_stays_as_it_is():
    pdf = document(TIDIED["brackets"])
    put_in_order(pdf)
    once = saved(pdf)
    again = pikepdf.open(BytesIO(once))
    assert not put_in_order(again).touched
    assert again.pages[0].obj.Contents.read_bytes() == pdf.pages[0].obj.Contents.read_bytes()


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_are_judged_or_refused(seed):
    chance = random.Random(seed)
    file = bytearray(chance.choice(FILES).read_bytes())
    for _ in range(chance.randint(1, 40)):
        place = chance.randrange(len(file))
        file[place : place + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    try:
        pdf = pikepdf.open(BytesIO(bytes(file)), suppress_warnings=True)
        len(pdf.pages)
    except (pikepdf.PdfError, RuntimeError, ValueError):
        return  # qpdf cannot open it
    with suppress(ESealError):
        assert all(hazard.where for hazard in put_in_order(pdf).hazards)
