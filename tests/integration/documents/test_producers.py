"""PDFs of real producers, sealed: what others say of them, and what they look like."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageChops
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm

from eseal.documents import asic
from eseal.documents.cms import decode, verify_signature
from eseal.documents.pdf import At, Form, Placing, SealBox, VisibleSeal, prepare, read
from eseal.errors import AlreadySealedError
from tests.artwork import ring
from tests.unhinted import unhinted

CORPUS = Path(__file__).parents[2] / "data" / "pdf"
SIGNED = "pyhanko-signed.pdf"
"""Signed by somebody else already."""
PRODUCERS = sorted(path.name for path in CORPUS.glob("*.pdf") if path.name != SIGNED)
BOX = SealBox(page=-1, x=20, y=20, width=60, height=30)
AT = SealBox(page=-1, x=20, y=20, width=40, height=40)
"""What the impression below takes up."""
WAYS = {
    "invisible": (None, None),
    "text": (BOX, BOX),
    "impression": (VisibleSeal(Placing(At(-1, 20, 20)), ring()), AT),
}
"""What shows, as an option of ``prepare``, and where it is then seen, by a name for the test."""
DPI = 72
PIXELS_PER_MM = DPI / 25.4


def seal(document: bytes, identity, options) -> bytes:
    prepared = prepare(document, options)
    return prepared.embed(identity.seal(prepared.digest))


@pytest.fixture(scope="module", params=PRODUCERS)
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def original(name) -> bytes:
    return (CORPUS / name).read_bytes()


@pytest.fixture(scope="module", params=WAYS)
def way(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def sealed_file(original, way, p256, options, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("sealed") / "sealed.pdf"
    path.write_bytes(seal(original, p256, replace(options, visible=WAYS[way][0])))
    return path


def test_there_are_producers_enough():
    assert len({name.split("-")[0].removesuffix(".pdf") for name in PRODUCERS}) >= 8


def test_the_seal_reads_back(sealed_file, p256):
    sealed = sealed_file.read_bytes()
    reading = read(sealed)
    assert (reading.form, reading.end, reading.hidden) == (Form.CANONICAL, len(sealed), ())
    (found,) = reading.seals
    assert found.end == len(sealed)
    assert PdfFileReader(BytesIO(sealed)).embedded_signatures[0].docmdp_level == MDPPerm.NO_CHANGES
    signature = decode(found.cms)
    verify_signature(signature)
    assert signature.message_digest == found.digest
    assert signature.certificate == p256.certificate


def test_pdfsig_accepts_it(run, sealed_file):
    output = run("pdfsig", "-nocert", sealed_file).stdout
    assert "Signature Validation: Signature is Valid." in output
    assert "Total document signed" in output


def test_mutool_accepts_it(run, sealed_file):
    ran = run("mutool", "sign", "-v", sealed_file)
    assert "The document is unchanged since signing." in ran.stdout + ran.stderr


def test_qpdf_finds_nothing_to_complain_of(run, sealed_file):
    ran = run("qpdf", "--check", sealed_file)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("engine", ["poppler", "pdfium"])
def test_it_looks_as_before_but_for_the_seal(run, original, sealed_file, way, engine, tmp_path):
    original_file = tmp_path / "original.pdf"
    # PDFium fits small text to a grid, as instructions say that sealing takes out.
    original_file.write_bytes(unhinted(original) if engine == "pdfium" else original)
    draw = {"poppler": lambda path: poppler(run, path, tmp_path), "pdfium": pdfium}[engine]
    before, after = draw(original_file), draw(sealed_file)
    changes = [changed(*pages) for pages in zip(before, after, strict=True)]
    expected = [None] * len(before)
    if box := WAYS[way][1]:
        expected[box.page] = pytest.approx(place(box, before[box.page]), abs=1.5)
    assert changes == expected


def poppler(run, path: Path, directory: Path) -> list[Image.Image]:
    """The pages as poppler draws them."""
    ran = run("pdftoppm", "-cropbox", "-r", DPI, path, directory / path.stem)
    assert ran.returncode == 0, ran.stderr
    return [Image.open(page) for page in sorted(directory.glob(f"{path.stem}-*.ppm"))]


def pdfium(path: Path) -> list[Image.Image]:
    """The pages as PDFium draws them, forms and all."""
    with pypdfium2.PdfDocument(path) as document:
        document.init_forms()
        return [page.render(scale=DPI / 72).to_pil() for page in document]


def changed(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int] | None:
    """The box around all pixels that differ: left, top, right, bottom."""
    return ImageChops.difference(before, after).convert("L").getbbox()


def place(box: SealBox, page: Image.Image) -> tuple[float, float, float, float]:
    """Where a box is, in pixels of a page."""
    return (
        box.x * PIXELS_PER_MM,
        page.height - (box.y + box.height) * PIXELS_PER_MM,
        (box.x + box.width) * PIXELS_PER_MM,
        page.height - box.y * PIXELS_PER_MM,
    )


def test_it_says_what_it_said(run, original, sealed_file, way, tmp_path):
    """Its text, its outline, its links and its attachments: what others read out of it."""
    original_file = tmp_path / "original.pdf"
    original_file.write_bytes(original)
    before, after = (told(run, path) for path in (original_file, sealed_file))
    if way == "text":  # the seal itself says something
        del before["text"], after["text"]
    assert after == before


def told(run, path: Path) -> dict[str, str]:
    """What poppler and MuPDF read out of a file, beside its signatures."""
    return {
        "text": run("pdftotext", path, "-").stdout,
        "outline": run("mutool", "show", path, "outline").stdout,
        "links": run("pdfinfo", "-url", path).stdout,
        "attachments": run("pdfdetach", "-list", path).stdout,
    }


def test_one_that_somebody_else_has_signed_is_for_a_container(options, p256):
    signed = (CORPUS / SIGNED).read_bytes()
    with pytest.raises(AlreadySealedError, match="container") as refused:
        prepare(signed, options)
    assert "'Buyer'" in str(refused.value), "and says whose signature would be lost"
    container = asic.prepare([(SIGNED, signed)])
    sealed = container.embed(p256.seal(container.digest))
    (file,) = asic.read(sealed).files
    assert (file.name, bytes(file.content)) == (SIGNED, signed)
