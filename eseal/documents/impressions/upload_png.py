"""Uploaded PNG images: checked, cut to what they show, their white ground made transparent."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

from PIL import Image, ImageChops, ImageMath

from eseal.documents.artwork import Picture
from eseal.documents.impressions.paths import Drawing, Placed
from eseal.errors import InvalidFormatError, TooLargeError

MAX_PNG_BYTES: Final = 5 << 20
MAX_PNG_PIXELS: Final = 12_000_000
"""A seal of 70 mm at 1,200 dpi."""
MIN_PIXELS_PER_MM: Final = 4.0
"""About 100 dpi: coarser images show steps in print."""

_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">8sI4sII")
"""The signature and the start of the IHDR chunk, which comes first (PNG section 5.6)."""
_NEARLY_WHITE: Final = 240
"""The darkest channel of a pixel from which on it counts as paper: scans are not quite white."""
_INK_PERCENTILE: Final = 0.2
"""Of the inked pixels so many are taken for fully inked; the others are their soft edges."""
_NAME: Final = "Im1"


def read_png(data: bytes, width: float) -> Drawing:
    """The drawing an uploaded PNG stands for.

    The white margin is cut off. An image without transparency is taken for ink on white paper: the
    paper becomes transparent, and so, in part, do the edges of the ink.

    Args:
        data: the file.
        width: what is left of it is so wide, millimetres.

    Raises:
        InvalidFormatError: not a PNG, a damaged or animated one, blank, or too coarse.
        TooLargeError: too many bytes or pixels.
    """
    image = _open(data)
    clear = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    rgba = image.convert("RGBA")
    paper = Image.new("RGBA", rgba.size, "white")
    darkest = _darkest(Image.alpha_composite(paper, rgba))
    if not clear or rgba.getchannel("A").getextrema() == (255, 255):
        rgba = _lift_ink(rgba, darkest)
    ink = darkest.point([255] * _NEARLY_WHITE + [0] * (256 - _NEARLY_WHITE))
    box = ink.getbbox()
    if box is None:
        raise InvalidFormatError(
            "image: expected an impression, got nothing but white", field="file"
        )
    cut = rgba.crop(box)
    if cut.width / width < MIN_PIXELS_PER_MM:
        raise InvalidFormatError(
            f"image: expected at least {MIN_PIXELS_PER_MM:g} pixels to the millimetre, got "
            f"{cut.width} on {width:g} mm: scan it finer",
            field="file",
        )
    return Drawing(width, width * cut.height / cut.width, image=_placed(cut))


def restore_png(content: bytes, width: float) -> Drawing:
    """The drawing of an image that :func:`read_png` cleaned before, as it is.

    Raises:
        InvalidFormatError: it is damaged.
    """
    image = _open(content).convert("RGBA")
    return Drawing(width, width * image.height / image.width, image=_placed(image))


def _open(data: bytes) -> Image.Image:
    """The decoded image.

    Raises:
        InvalidFormatError: not a PNG, or a damaged or animated one.
        TooLargeError: too many bytes or pixels; nothing was decoded.
    """
    if len(data) > MAX_PNG_BYTES:
        raise TooLargeError(
            f"image: expected at most {MAX_PNG_BYTES} bytes, got {len(data)}", field="file"
        )
    if len(data) < _HEADER.size or not data.startswith(_MAGIC) or data[12:16] != b"IHDR":
        raise InvalidFormatError("image: expected a PNG, got something else", field="file")
    *_, across, down = _HEADER.unpack_from(data)
    if across * down > MAX_PNG_PIXELS:
        raise TooLargeError(
            f"image: expected at most {MAX_PNG_PIXELS} pixels, got {across} by {down}",
            field="file",
        )
    try:
        image = Image.open(io.BytesIO(data), formats=["PNG"])
        animated = getattr(image, "n_frames", 1) > 1
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise InvalidFormatError(
            f"image: expected a whole PNG, got a damaged one ({error})", field="file"
        ) from None
    if animated:
        raise InvalidFormatError("image: expected one picture, got an animation", field="file")
    if image.mode.startswith(("I", "F")):
        raise InvalidFormatError(
            "image: expected 8 bits to a channel, got a grey image of 16: save it with 8",
            field="file",
        )
    return image


def _darkest(image: Image.Image) -> Image.Image:
    """For every pixel the least of red, green and blue: 255 is white paper."""
    red, green, blue, _ = image.split()
    return ImageChops.darker(red, ImageChops.darker(green, blue))


def _lift_ink(rgba: Image.Image, darkest: Image.Image) -> Image.Image:
    """Take the ink off the paper: what ink and paper mixed to becomes ink of that opacity."""
    counts = darkest.histogram()[:_NEARLY_WHITE]
    wanted, seen, full = sum(counts) * _INK_PERCENTILE, 0, 0
    for full, count in enumerate(counts):  # noqa: B007  # the level it stops at
        seen += count
        if seen >= wanted:
            break
    span = 255 - full
    table = [min(255, (255 - level) * 255 // span) for level in range(_NEARLY_WHITE)]
    alpha = darkest.point(table + [0] * (256 - _NEARLY_WHITE))
    return Image.merge("RGBA", (*(_pure(c, alpha) for c in rgba.split()[:3]), alpha))


def _pure(channel: Image.Image, alpha: Image.Image) -> Image.Image:
    """The channel's value in the ink alone, before it was mixed with white."""
    pure: Image.Image = ImageMath.lambda_eval(
        lambda of: of["convert"](
            of["max"](255 - (255 - of["c"]) * 255 / of["max"](of["a"], 1), 0), "L"
        ),
        c=channel,
        a=alpha,
    )
    return pure


def _placed(image: Image.Image) -> Placed:
    alpha = image.getchannel("A")
    hidden = alpha.point([255] + [0] * 255)
    rgb = image.convert("RGB")
    rgb.paste((255, 255, 255), mask=hidden)  # what does not show is not kept
    clean = Image.merge("RGBA", (*rgb.split(), alpha))
    out = io.BytesIO()
    clean.save(out, "PNG", compress_level=9)
    mask = None if alpha.getextrema() == (255, 255) else alpha.tobytes()
    picture = Picture(_NAME, clean.width, clean.height, rgb.tobytes(), mask)
    return Placed(picture, out.getvalue())
