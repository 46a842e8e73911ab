"""PNG images: checked, cut to what they show, their white ground made transparent.

Tasks of the file's own process.
"""

from __future__ import annotations

import io
import struct
import zlib
from typing import Final

from PIL import Image, ImageChops

from eseal.errors import InvalidFormatError, TooLargeError

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


Pixels = tuple[tuple[int, int, bool], bytes]
"""Width, height, whether some pixels are not opaque; and all pixels: red, green, blue, opacity."""


def cleaned(data: bytes, *, width: float) -> Pixels:
    """The ink of an image.

    The white margin is cut off. An image without transparency is taken for ink on white paper: the
    paper becomes transparent, and so, in part, do the edges of the ink.

    Args:
        data: the file.
        width: what is left of it is so wide, millimetres.

    Raises:
        InvalidFormatError: not a PNG, a damaged or animated one, blank, or too coarse.
        TooLargeError: too many pixels.
    """
    image = _open(data)
    clear = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    rgba = image.convert("RGBA")
    darkest = _darkest(Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba))
    box = darkest.point([255] * _NEARLY_WHITE + [0] * (256 - _NEARLY_WHITE)).getbbox()
    if box is None:
        raise InvalidFormatError(
            "image: expected an impression, got nothing but white", field="file"
        )
    if (box[2] - box[0]) / width < MIN_PIXELS_PER_MM:
        raise InvalidFormatError(
            f"image: expected at least {MIN_PIXELS_PER_MM:g} pixels to the millimetre, got "
            f"{box[2] - box[0]} on {width:g} mm: scan it finer",
            field="file",
        )
    if not clear or rgba.getchannel("A").getextrema() == (255, 255):
        return _pixels(_lift_ink(rgba.crop(box), darkest.crop(box)))
    return _pixels(rgba.crop(box))


def unchanged(data: bytes) -> Pixels:
    """An image that was cleaned before, as it is.

    Raises:
        InvalidFormatError: it is damaged.
        TooLargeError: it has too many pixels.
    """
    return _pixels(_open(data).convert("RGBA"))


def warm() -> None:
    """Load the decoders of images."""
    Image.init()


def _open(data: bytes) -> Image.Image:
    """The decoded image.

    Raises:
        InvalidFormatError: not a PNG, or a damaged or animated one.
        TooLargeError: too many pixels; nothing was decoded.
    """
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
    # Ink and white paper mixed, seen in the negative, are ink times opacity, and black.
    negative = ImageChops.invert(rgba.convert("RGB"))
    pure = Image.merge("RGBa", (*negative.split(), alpha)).convert("RGBA").convert("RGB")
    return Image.merge("RGBA", (*ImageChops.invert(pure).split(), alpha))


def _pixels(image: Image.Image) -> Pixels:
    alpha = image.getchannel("A")
    rgb = image.convert("RGB")
    rgb.paste((255, 255, 255), mask=alpha.point([255] + [0] * 255))  # what does not show goes
    clean = Image.merge("RGBA", (*rgb.split(), alpha))
    return (*image.size, alpha.getextrema() != (255, 255)), clean.tobytes()
