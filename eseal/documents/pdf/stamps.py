"""Art as form XObjects (ISO 32000-1 section 8.10): written once, drawn by reference anywhere."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from eseal.documents.artwork import POINTS_PER_MM, Artwork
from eseal.documents.pdf.objects import build, entry, numbers, whole

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

    form: generic.IndirectObject
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
class _Image:
    name: str
    width: int
    height: int
    rgb: bytes
    alpha: bytes | None


@dataclass(frozen=True, slots=True)
class _Packed:
    """An artwork, compressed."""

    content: bytes
    images: tuple[_Image, ...]


def add_artwork(
    writer: BasePdfFileWriter, artwork: Artwork, *, ink: bool = True, once: bool = False
) -> Stamp:
    """Add art to a file.

    Args:
        writer: the file.
        artwork: the art.
        ink: whether what lies under it shines through.
        once: whether it is not worth keeping compressed: no other document will have it.
    """
    kept = _pack_picture if artwork.pictures else _pack_paths
    packed = _pack(artwork) if once else kept(artwork)
    images = {f"/{image.name}": _add_image(writer, image) for image in packed.images}
    resources = build({"/XObject": build(images)} if images else {})
    width, height = artwork.width * POINTS_PER_MM, artwork.height * POINTS_PER_MM
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _array(0, 0, width, height),
            pdf_name("/Resources"): resources,
            pdf_name("/Filter"): pdf_name("/FlateDecode"),
        },
        encoded_data=packed.content,
    )
    return Stamp(writer.add_object(form), width, height, ink)


def resources_of(
    drawings: list[Drawing], *, prefix: str, blend: bool
) -> dict[str, dict[str, generic.PdfObject]]:
    """The resources that :func:`operators` calls by name, by category and name."""
    found: dict[str, dict[str, generic.PdfObject]] = {"/XObject": {}}
    for drawing in drawings:
        found["/XObject"][_name(prefix, drawing.stamp)] = drawing.stamp.form
        if blend and drawing.stamp.ink:
            found["/ExtGState"] = {
                f"/{prefix}Ink": build({"/Type": "/ExtGState", "/BM": "/Multiply"})
            }
    return found


def operators(drawings: list[Drawing], *, prefix: str, blend: bool) -> bytes:
    """Content stream operators that draw; the area's lower left is (0, 0), its unit a point."""
    return b"\n".join(_draw(drawing, prefix, blend=blend) for drawing in drawings)


def appearance_of(
    writer: BasePdfFileWriter,
    drawings: list[Drawing],
    size: tuple[float, float],
    rotation: int,
    *,
    blend: bool,
) -> generic.IndirectObject:
    """Add an appearance stream (ISO 32000-1 section 12.5.5) with drawings.

    Args:
        writer: the file.
        drawings: placed from the lower left corner of the annotation as shown.
        size: of the annotation as shown, in points.
        rotation: of the page.
        blend: whether ink may let shine through; PDF/A-1 forbids it.
    """
    named = resources_of(drawings, prefix="", blend=blend)
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): _array(0, 0, *size),
            pdf_name("/Matrix"): numbers(_TURNS[rotation]),
            pdf_name("/Resources"): build({key: build(value) for key, value in named.items()}),
        },
        stream_data=operators(drawings, prefix="", blend=blend),
    )
    if "/ExtGState" in named:
        form[pdf_name("/Group")] = build({"/S": "/Transparency"})
    return writer.add_object(form)


def may_blend(root: generic.DictionaryObject) -> bool:
    """Whether transparency is allowed: in all but PDF/A-1 (ISO 19005-1 section 6.4)."""
    metadata = entry(root, "/Metadata")
    if not isinstance(metadata, generic.StreamObject):
        return True
    return _PDF_A_1.search(metadata.data) is None


def number(value: float) -> bytes:
    """A number as content streams take it: without exponent, six digits behind the point."""
    return b"%b" % (f"{value:.6f}".rstrip("0").rstrip(".") or "0").encode("ascii")


def _draw(drawing: Drawing, prefix: str, *, blend: bool) -> bytes:
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
    parts += [_name(prefix, stamp).encode("ascii"), b"Do Q"]
    return b" ".join(parts)


def _name(prefix: str, stamp: Stamp) -> str:
    return f"/{prefix}Art{stamp.form.idnum}"


def _pack(artwork: Artwork) -> _Packed:
    images = tuple(
        _Image(
            picture.name,
            picture.width,
            picture.height,
            zlib.compress(picture.rgb),
            None if picture.alpha is None else zlib.compress(picture.alpha),
        )
        for picture in artwork.pictures
    )
    return _Packed(zlib.compress(artwork.content), images)


_pack_paths: Final = lru_cache(maxsize=_KEPT)(_pack)
_pack_picture: Final = lru_cache(maxsize=_PICTURES_KEPT)(_pack)


def _add_image(writer: BasePdfFileWriter, image: _Image) -> generic.IndirectObject:
    entries = _image_entries(image, "/DeviceRGB")
    if image.alpha is not None:
        mask = _image_entries(image, "/DeviceGray")
        stream = generic.StreamObject(mask, encoded_data=image.alpha)
        entries[pdf_name("/SMask")] = writer.add_object(stream)
    return writer.add_object(generic.StreamObject(entries, encoded_data=image.rgb))


def _image_entries(image: _Image, colours: str) -> dict[generic.NameObject, generic.PdfObject]:
    return {
        pdf_name("/Type"): pdf_name("/XObject"),
        pdf_name("/Subtype"): pdf_name("/Image"),
        pdf_name("/Width"): whole(image.width),
        pdf_name("/Height"): whole(image.height),
        pdf_name("/ColorSpace"): pdf_name(colours),
        pdf_name("/BitsPerComponent"): whole(8),
        pdf_name("/Filter"): pdf_name("/FlateDecode"),
    }


def _array(*values: float) -> generic.ArrayObject:
    return generic.ArrayObject(generic.FloatObject(f"{value:.4f}") for value in values)  # type: ignore[no-untyped-call]
