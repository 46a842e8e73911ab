"""``eseal apply --preview``: pictures, and no use."""

from __future__ import annotations

from io import BytesIO

import pytest
from fpdf import FPDF
from PIL import Image

from tests.artwork import by_pdfium, red, seen


@pytest.fixture
def preview(eseal, seals, tmp_path):
    """Ask for a preview beside the document; the command's answer."""

    def ask(*files, **more):
        options = more.get("options", ("--auto",))
        return eseal(
            *("apply", *files, "--seal", seals["contract"], *options),
            *("--preview", more.get("out", tmp_path / "shown.png")),
        )

    return ask


@pytest.fixture
def pdf(tmp_path, sample_pdf):
    path = tmp_path / "contract.pdf"
    path.write_bytes(sample_pdf)
    return path


def picture(path):
    with Image.open(BytesIO(path.read_bytes())) as image:
        assert image.format == "PNG"
        return image.convert("RGB")


def test_every_page_is_shown_and_no_use_is_spent(preview, eseal, seals, pdf, tmp_path):
    shown = preview(pdf, options=("--at", "-1,30,40"))
    assert shown.code == 0, shown.err
    assert "nothing was sealed" in shown.out
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["shown-1.png", "shown-2.png"]
    assert red(picture(tmp_path / "shown-1.png")).getbbox() is None
    page = picture(tmp_path / "shown-2.png")
    dots = page.width / 210 * 25.4
    assert seen(page, round(dots))[:2] == pytest.approx((30, 40), abs=1)
    assert eseal("history", "--seal", seals["contract"], "--json").json == []
    assert not pdf.with_name("contract.sealed.pdf").exists()

    assert eseal("apply", pdf, "--seal", seals["contract"], "--at", "-1,30,40").code == 0
    sealed = by_pdfium(pdf.with_name("contract.sealed.pdf").read_bytes(), page=1)
    assert seen(sealed) == pytest.approx(seen(page, round(dots)), abs=1), "and so it then looks"


def test_one_page_is_one_picture_with_its_notes(preview, tmp_path):
    pdf = FPDF()
    pdf.add_page()
    path = tmp_path / "one.pdf"
    path.write_bytes(bytes(pdf.output()))
    shown = preview(path, options=("--auto", "--party", "Buyer"))
    assert shown.code == 0, shown.err
    first, second, *_ = shown.out.splitlines()
    assert first.startswith("note: the seal is in a free area of the last page")
    assert second.startswith("note: the place of 'Buyer' is in a free area")
    assert (tmp_path / "shown.png").is_file()


def test_a_second_seal_is_shown_in_its_place(preview, eseal, seals, pdf, tmp_path):
    assert eseal("apply", pdf, "--seal", seals["finance"], "--party", "B@-1,30,40").code == 0
    sealed = pdf.with_name("contract.sealed.pdf")
    shown = preview(sealed, options=("--field", "B"))
    assert shown.code == 0, shown.err
    page = picture(tmp_path / "shown-2.png")
    left, bottom, width, height = seen(page, round(page.width / 210 * 25.4))
    assert left >= 30
    assert bottom >= 40
    assert left + width <= 75
    assert bottom + height <= 85


def test_what_cannot_be_is_told_before(preview, pdf, tmp_path):
    for files, options, said in (
        ((pdf, pdf), ("--auto",), "expected one PDF"),
        ((pdf,), ("--at", "9,1,1"), "a page from 1 to 2"),
        ((pdf,), ("--field", "nowhere"), "nowhere"),
    ):
        shown = preview(*files, options=options)
        assert shown.code != 0
        assert said in shown.err
    shown = preview(pdf, out=tmp_path / "shown.jpg")
    assert (shown.code, "ends in .png, got 'shown.jpg'" in shown.err) == (2, True)
    text = tmp_path / "note.txt"
    text.write_text("tea")
    shown = preview(text)
    assert shown.code != 0
    assert "PDF" in shown.err
    assert list(tmp_path.glob("*.png")) == []


def test_a_picture_that_is_there_is_kept(preview, pdf, tmp_path):
    (tmp_path / "shown-2.png").write_bytes(b"mine")
    shown = preview(pdf)
    assert shown.code != 0
    assert "--force" in shown.err
    assert (tmp_path / "shown-2.png").read_bytes() == b"mine"
    assert not (tmp_path / "shown-1.png").exists()
