"""Impressions seen by programs that are not ours: poppler, MuPDF and Chromium."""

from __future__ import annotations

import io
import shutil
import subprocess

import pytest
from PIL import Image, ImageChops, ImageFilter

from eseal.documents.impressions import (
    PROFILES,
    Fonts,
    ImpressionSpec,
    artwork,
    compose,
    pdf,
    png,
    svg,
)

PIXELS_PER_MM = 10
HALF_MILLIMETRE = 5
"""In pixels."""
NAMES = {
    "official-42": "云栖茶业有限公司",
    "invoice": "株式会社さくら商事",
    "finance-25": "Acme Ltd",
}


@pytest.fixture(scope="module", params=NAMES)
def drawing(request):
    spec = ImpressionSpec(PROFILES[request.param], NAMES[request.param], lines=("专用章",))
    return compose(spec, Fonts()).drawing


@pytest.fixture(scope="module")
def ours(drawing):
    image = Image.open(io.BytesIO(png(artwork(drawing), round(PIXELS_PER_MM * 25.4))))
    return ink(image)


def ink(image):
    """Where an image is painted on white paper."""
    paper = Image.new("RGBA", image.size, "white")
    flat = Image.alpha_composite(paper, image.convert("RGBA")).convert("RGB")
    return flat.getchannel("G").point(lambda level: 255 if level < 128 else 0)


def assert_same(one, other):
    """No painted point of either is half a millimetre away from the other's paint."""
    box = (0, 0, max(one.width, other.width), max(one.height, other.height))
    one, other = one.crop(box), other.crop(box)
    near = ImageFilter.MaxFilter(2 * (HALF_MILLIMETRE - 3) + 1)
    assert ImageChops.subtract(one, other.filter(near)).getbbox() is None
    assert ImageChops.subtract(other, one.filter(near)).getbbox() is None
    left, top, right, bottom = one.getbbox()
    assert other.getbbox() == pytest.approx((left, top, right, bottom), abs=2)


@pytest.mark.parametrize(
    "command",
    [
        ("pdftocairo", "-png", "-singlefile", "-r", "254", "IN", "OUT"),
        ("mutool", "draw", "-q", "-r", "254", "-o", "OUT.png", "IN"),
    ],
    ids=lambda command: command[0],
)
def test_the_pdf_in_other_engines(drawing, ours, tmp_path, command):
    assert shutil.which(command[0]), f"these tests want {command[0]}"
    source = tmp_path / "seal.pdf"
    source.write_bytes(pdf(artwork(drawing)))
    names = {"IN": str(source), "OUT": str(tmp_path / "out"), "OUT.png": str(tmp_path / "out.png")}
    subprocess.run([names.get(word, word) for word in command], check=True, capture_output=True)
    with Image.open(tmp_path / "out.png") as image:
        assert_same(ours, ink(image))


def test_the_svg_in_chromium(drawing, ours):
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    assert chromium, "these tests drive Chromium: apt-get install -y chromium"
    scale = PIXELS_PER_MM * 25.4 / 96
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_context(device_scale_factor=scale).new_page()
        page.set_content(f"<body style='margin:0'>{svg(drawing).decode()}</body>")
        clip = {"x": 0, "y": 0, "width": drawing.width * 96 / 25.4 + 1,
                "height": drawing.height * 96 / 25.4 + 1}  # fmt: skip
        shot = page.screenshot(clip=clip)
        browser.close()
    assert_same(ours, ink(Image.open(io.BytesIO(shot))))


def test_the_pdf_is_sound(drawing, tmp_path):
    source = tmp_path / "seal.pdf"
    source.write_bytes(pdf(artwork(drawing)))
    subprocess.run(["qpdf", "--check", source], check=True, capture_output=True)
    fonts = subprocess.run(["pdffonts", source], check=True, capture_output=True, text=True)
    assert len(fonts.stdout.splitlines()) == 2, "a heading and a rule, and no font"
