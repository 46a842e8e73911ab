"""Uploaded PNG images: read in a process of their own, checked here."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Final

from PIL import Image

from eseal.documents import confined
from eseal.documents.artwork import Picture
from eseal.documents.confined import DRAWING, PICTURES, Budget
from eseal.documents.impressions.drawing.paths import Drawing, Placed
from eseal.documents.impressions.uploads import png_reading
from eseal.errors import InvalidFormatError, TooLargeError

MAX_PNG_BYTES: Final = 5 << 20
_NAME: Final = "Im1"
_PIXEL: Final = 4
"""Bytes: red, green, blue, opacity."""
_COMPRESSION: Final = 6


def read_png(data: bytes, width: float) -> Drawing:
    """The drawing an uploaded PNG stands for: its ink, without margin and paper.

    Args:
        data: the file.
        width: what is left of it is so wide, millimetres.

    Raises:
        InvalidFormatError: not a PNG, a damaged or animated one, blank, or too coarse.
        TooLargeError: too many bytes or pixels.
        UnsupportedDocumentError: it cannot be read, or only at too great a cost.
    """
    if len(data) > MAX_PNG_BYTES:
        raise TooLargeError(
            f"image: expected at most {MAX_PNG_BYTES} bytes, got {len(data)}", field="file"
        )
    return _drawing(_pixels_of(png_reading.cleaned, data, PICTURES, width=width), width)


def restore_png(content: bytes, width: float) -> Drawing:
    """The drawing of an image that :func:`read_png` cleaned before, as it is.

    Raises:
        InvalidInputError: as :func:`read_png`.
    """
    return _drawing(_pixels_of(png_reading.unchanged, content, DRAWING), width)


def _pixels_of(
    task: Callable[..., Any], data: bytes, budget: Budget, **arguments: Any
) -> Image.Image:
    """The pixels of an image, as many as are said to be there."""
    match confined.ask(task, data, budget=budget, **arguments):
        case [[int(across), int(down), bool(clear)], bytes(pixels)] if (
            min(across, down) > 0 and len(pixels) == across * down * _PIXEL
        ):
            image = Image.frombytes("RGBA", (across, down), pixels)
            return image if clear else image.convert("RGB")
        case _:
            raise InvalidFormatError("image: expected a picture, got something else", field="file")


def _drawing(image: Image.Image, width: float) -> Drawing:
    out = io.BytesIO()
    image.convert("RGBA").save(out, "PNG", compress_level=_COMPRESSION)
    mask = image.getchannel("A").tobytes() if image.mode == "RGBA" else None
    picture = Picture(_NAME, *image.size, image.convert("RGB").tobytes(), mask)
    height = width * image.height / image.width
    return Drawing(width, height, image=Placed(picture, out.getvalue()))
