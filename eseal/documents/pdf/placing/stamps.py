"""Art as form XObjects (ISO 32000-1 section 8.10): written once, drawn by reference anywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from eseal.documents.artwork import POINTS_PER_MM, Artwork
from eseal.documents.pdf.file.objects import Draft
from eseal.documents.pdf.file.values import Name, Ref, Stream
from eseal.documents.pdf.file.writing import packed

_KEPT: Final = 64
"""Impressions of paths kept compressed: each some ten kilobytes."""
_PICTURES_KEPT: Final = 4
"""The same of uploaded pictures, which take megabytes."""
_FULL: Final = 1.0
_PDF_A_1: Final = re.compile(rb"pdfaid:part(?:>|=[\"'])1")
"""ISO 19005-1 section 6.7.11: how a file says that it is PDF/A-1."""
_TURNS: Final = {
    0: (1, 0, 0, 1, 0, 0),
    90: (0, 1, -1, 0, 0, 0),
    180: (-1, 0, 0, -1, 0, 0),
    270: (0, -1, 1, 0, 0, 0),
}
"""Form matrices that keep a box upright on a page shown turned clockwise by so many degrees."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Something that can be drawn.

    Attributes:
        form: reference to its form XObject, which is upright and starts at (0, 0).
        width: points.
        height: points.
        ink: whether what lies under it shines through, as with ink on paper.
    """

    form: Ref
    width: float
    height: float
    ink: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """A stamp, or a vertical slice of it, at a place.

    Attributes:
        stamp: what is drawn.
        x: points from the left of the area it is drawn on, as shown, to the whole stamp.
        y: points from the bottom.
        scale: of the stamp.
        clip: left and right side of the slice, in points on the area, or ``None`` for all of it.
        hole: x, y, width and height of what is left out, in points on the area, or ``None``.
    """

    stamp: Stamp
    x: float
    y: float
    scale: float = _FULL
    clip: tuple[float, float] | None = None
    hole: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Raster:
    """A raster image, one byte for each part of a pixel.

    Attributes:
        width: pixels.
        height: pixels.
        packed: its data, with nothing but its filter.
    """

    width: int
    height: int
    packed: Stream


@dataclass(frozen=True, slots=True)
class Art:
    """An artwork as it stands in a file.

    Attributes:
        width: points.
        height: points.
        content: its operators, with nothing but their filter.
        pictures: the raster images it draws: name, colours, and opacity or ``None``.
    """

    width: float
    height: float
    content: Stream
    pictures: tuple[tuple[str, Raster, Raster | None], ...]


def add_artwork(draft: Draft, artwork: Artwork, *, ink: bool = True, once: bool = False) -> Stamp:
    """Add art to a file.

    Args:
        draft: the file.
        artwork: the art.
        ink: whether what lies under it shines through.
        once: whether it is not worth keeping compressed: no other document will have it.
    """
    art = packed_art(artwork, once=once)
    return Stamp(add_art(draft, art), art.width, art.height, ink)


def packed_art(artwork: Artwork, *, once: bool = False) -> Art:
    """Art as it will stand in a file; see :func:`add_artwork`."""
    if once:
        return _pack(artwork)
    return (_pack_picture if artwork.pictures else _pack_paths)(artwork)


def add_art(draft: Draft, art: Art) -> Ref:
    """Add art as a form XObject: the pictures it shows, each behind its mask, then the form."""
    named = {}
    for name, picture, mask in art.pictures:
        entries = _image_entries(picture, "DeviceRGB")
        if mask is not None:
            entries["SMask"] = draft.add(_stream(_image_entries(mask, "DeviceGray"), mask.packed))
        named[name] = draft.add(_stream(entries, picture.packed))
    entries = form_entries((art.width, art.height), {"XObject": named} if named else {})
    return draft.add(_stream(entries, art.content))


def resources_of(
    drawings: Sequence[Drawing], *, prefix: str, blend: bool
) -> dict[str, dict[str, Any]]:
    """The resources that :func:`operators` calls by name, by category and name."""
    blend = blend and any(drawing.stamp.ink for drawing in drawings)
    return resources_of_art(
        [drawing.stamp.form for drawing in drawings], prefix=prefix, blend=blend
    )


def resources_of_art(
    forms: Sequence[Ref], *, prefix: str = "", blend: bool
) -> dict[str, dict[str, Any]]:
    """The same for art alone: ``Art0``, ``Art1`` …, and what lets it shine through."""
    found: dict[str, dict[str, Any]] = {}
    if forms:
        found["XObject"] = {f"{prefix}Art{index}": form for index, form in enumerate(forms)}
    if blend:
        found["ExtGState"] = {f"{prefix}Ink": {"Type": Name("ExtGState"), "BM": Name("Multiply")}}
    return found


def operators(drawings: Sequence[Drawing], *, prefix: str, blend: bool) -> bytes:
    """Content stream operators that draw; the area's lower left is (0, 0), its unit a point."""
    return b"\n".join(
        _draw(drawing, prefix, index, blend=blend) for index, drawing in enumerate(drawings)
    )


def add_appearance(
    draft: Draft,
    drawings: Sequence[Drawing],
    size: tuple[float, float],
    rotation: int,
    *,
    blend: bool,
) -> Ref:
    """Add an appearance stream (ISO 32000-1 section 12.5.5) with drawings, or an empty one.

    Args:
        draft: the file.
        drawings: placed from the lower left corner of the annotation as shown.
        size: of the annotation as shown, in points.
        rotation: of the page.
        blend: whether ink may let shine through; PDF/A-1 forbids it.
    """
    content = packed({}, operators(drawings, prefix="", blend=blend))
    resources = resources_of(drawings, prefix="", blend=blend)
    return draft.add(_stream(look_entries(size, rotation, resources), content))


def look_entries(
    size: tuple[float, float], rotation: int, resources: dict[str, Any]
) -> dict[str, Any]:
    """The entries of an appearance stream: upright on a page shown turned."""
    entries = form_entries(size, resources)
    if rotation:
        entries["Matrix"] = list(_TURNS[rotation])
    if "ExtGState" in resources:
        entries["Group"] = {"S": Name("Transparency")}
    return entries


def is_pdf_a_1(metadata: bytes) -> bool:
    """Whether a file says that it is PDF/A-1, which has no transparency (ISO 19005-1 section 6.4).

    Args:
        metadata: its XMP metadata, decoded.
    """
    return _PDF_A_1.search(metadata) is not None


def number(value: float) -> bytes:
    """A number as content streams take it: without exponent, six digits behind the point."""
    return b"%b" % (f"{value:.6f}".rstrip("0").rstrip(".") or "0").encode("ascii")


def _draw(drawing: Drawing, prefix: str, index: int, *, blend: bool) -> bytes:
    stamp, scale = drawing.stamp, drawing.scale
    parts = [b"q"]
    if drawing.clip is not None:
        left, right = drawing.clip
        clip = (left, drawing.y, right - left, stamp.height * scale)
        parts += [*map(number, clip), b"re W n"]
    if drawing.hole is not None:
        whole = (drawing.x, drawing.y, stamp.width * scale, stamp.height * scale)
        parts += [*map(number, whole), b"re", *map(number, drawing.hole), b"re W* n"]
    if blend and stamp.ink:
        parts.append(b"/%bInk gs" % prefix.encode("ascii"))
    parts += [*map(number, (scale, 0, 0, scale, drawing.x, drawing.y)), b"cm"]
    parts.append(b"/%bArt%d Do Q" % (prefix.encode("ascii"), index))
    return b" ".join(parts)


def _pack(artwork: Artwork) -> Art:
    pictures = tuple(
        (
            picture.name,
            Raster(picture.width, picture.height, packed({}, picture.rgb)),
            None
            if picture.alpha is None
            else Raster(picture.width, picture.height, packed({}, picture.alpha)),
        )
        for picture in artwork.pictures
    )
    width, height = artwork.width * POINTS_PER_MM, artwork.height * POINTS_PER_MM
    return Art(width, height, packed({}, artwork.content), pictures)


_pack_paths: Final = lru_cache(maxsize=_KEPT)(_pack)
_pack_picture: Final = lru_cache(maxsize=_PICTURES_KEPT)(_pack)


def form_entries(size: tuple[float, float], resources: dict[str, Any]) -> dict[str, Any]:
    """The entries of a form XObject (ISO 32000-1 table 95) of this size, in points."""
    return {
        "Type": Name("XObject"),
        "Subtype": Name("Form"),
        "BBox": [0, 0, *(round(side, 4) for side in size)],
        "Resources": resources,
    }


def _stream(entries: dict[str, Any], packed_data: Stream) -> Stream:
    return Stream(entries | packed_data.entries, packed_data.data)


def _image_entries(raster: Raster, colours: str) -> dict[str, Any]:
    return {
        "Type": Name("XObject"),
        "Subtype": Name("Image"),
        "Width": raster.width,
        "Height": raster.height,
        "ColorSpace": Name(colours),
        "BitsPerComponent": 8,
    }
