"""Vector art as PDF draws it: what an impression or a QR code is made into before it is placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

POINTS_PER_MM: Final = 72 / 25.4
"""ISO 32000-1 section 8.3.2.3: a user space unit is 1/72 inch."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster image that art draws.

    Attributes:
        name: the name its content calls it by, without the slash (``Im1``).
        width: pixels.
        height: pixels.
        rgb: the colours, 3 bytes a pixel, row by row from the top.
        alpha: the opacity, 1 byte a pixel (0 is transparent), or ``None`` where all is opaque.
    """

    name: str
    width: int
    height: int
    rgb: bytes
    alpha: bytes | None = None


@dataclass(frozen=True, slots=True)
class Artwork:
    """Art that can become a form XObject (ISO 32000-1 section 8.10) of any PDF.

    Attributes:
        width: millimetres.
        height: millimetres.
        content: content stream operators in points, from (0, 0) at the lower left to width and
            height; paths, colours, ``q Q cm`` and ``Do`` of the pictures only: no fonts, so it
            looks the same in every viewer.
        pictures: the raster images it draws.
    """

    width: float
    height: float
    content: bytes
    pictures: tuple[Picture, ...] = ()
