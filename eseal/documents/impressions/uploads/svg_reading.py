"""The part of an SVG that only draws; a task of the file's own process.

Paths and basic shapes with plain colours and transforms are understood. Whatever else is in the
file is refused by its name: scripts, styles, text, images, references, entities, effects. So
nothing in it stands for more than itself; what remains to be counted are its parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat  # documents with a DTD or entities are refused

from eseal.documents.impressions.drawing.paths import Box, Colour, Matrix, Shape, then, union
from eseal.documents.impressions.uploads.svg_paint import (
    MAX_COORDINATE,
    Paint,
    inherit,
    paint_shape,
    refuse,
)
from eseal.documents.impressions.uploads.svg_shapes import (
    SHAPES,
    outline,
    parse_numbers,
    parse_transform,
)
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError

MAX_ELEMENTS: Final = 20_000
MAX_DEPTH: Final = 64
MAX_SEGMENTS: Final = 20_000
"""Lines and curves; of a finely traced seal there are some thousands."""
MAX_COMPARED: Final = 2_000_000
"""Pairs of a white shape and another that may lie below it."""
MIN_SIDE: Final = 1e-3
"""Of all that is drawn, in units: what is smaller would become a seal only by a magnification in
which nothing of it is exact."""
_DIGITS: Final = 6
"""Behind the point of a millimetre, in what is answered."""

_SVG: Final = "http://www.w3.org/2000/svg"
_TOOLS: Final = ("http://www.inkscape.org/", "http://sodipodi.sourceforge.net/")
"""Names drawing programs keep their notes under: they draw nothing."""
_GROUPS: Final = frozenset({"svg", "g"})
_SILENT: Final = frozenset({"title", "desc", "metadata", "defs"})
"""Elements that draw nothing by themselves. ``defs`` must be empty: what it defines is not used."""
_HARMLESS: Final = frozenset({"id", "class", "version", "baseProfile", "role", "lang", "tabindex"})
_VIEW: Final = frozenset({"viewBox", "width", "height", "x", "y", "preserveAspectRatio"})
_WHITE: Final = 250
_ROOM: Final = 0.01
"""Share of the page's size by which art may reach beyond it: what viewers cut off is refused."""
_SHOWN: Final = re.compile(r"[^\x20-\x7e]")


@dataclass(slots=True)
class _Reader:
    """What was read so far."""

    shapes: list[tuple[Shape, Box]] = field(default_factory=list)
    states: list[tuple[Paint, Matrix]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    page: Box | None = None
    elements: int = 0
    segments: int = 0
    compared: int = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MAX_ELEMENTS or len(self.names) >= MAX_DEPTH:
            raise TooLargeError(
                f"SVG: expected at most {MAX_ELEMENTS} elements, {MAX_DEPTH} deep, got more",
                field="file",
            )
        local = _local(name)
        self.names.append(local)
        if not self.states:
            if local != "svg":
                raise InvalidFormatError(
                    f"SVG: expected <svg> as the outermost element, got <{_shown(local)}>",
                    field="file",
                )
            self._open_page(attributes)
        elif local == "svg":
            raise refuse("an <svg> inside the <svg>")
        parent, matrix = self.states[-1] if self.states else (Paint(), (1, 0, 0, -1, 0, 0))
        if self._silent(name, local):
            self.states.append((parent, matrix))
            return
        if local not in _GROUPS and local not in SHAPES:
            raise refuse(f"the element <{_shown(local)}>")
        geometry = dict[str, str]()
        paint = inherit(parent, _plain(attributes, local, geometry))
        if "transform" in geometry:
            matrix = then(parse_transform(geometry.pop("transform")), matrix)
        self.states.append((paint, matrix))
        if local in SHAPES:
            self._draw(local, geometry, paint, matrix)

    def end(self, _name: str) -> None:
        self.names.pop()
        self.states.pop()

    def text(self, data: str) -> None:
        if data.strip() and not _SILENT & set(self.names):
            raise refuse("text outside of a title or description")

    def _silent(self, name: str, local: str) -> bool:
        if "defs" in self.names[:-1] and local not in _SILENT:
            raise refuse(f"a definition (<{_shown(local)}> in <defs>)")
        if name.startswith(_TOOLS) or local in _SILENT:
            return True
        return bool({"metadata", "title", "desc"} & set(self.names[:-1]))

    def _open_page(self, attributes: dict[str, str]) -> None:
        if "viewBox" in attributes:
            numbers = parse_numbers(attributes["viewBox"], "viewBox")
            if len(numbers) != 4 or min(numbers[2:]) <= 0:  # noqa: PLR2004  # x, y, width, height
                raise InvalidFormatError(
                    "SVG: viewBox: expected x, y, width and height", field="file"
                )
            x, y, width, height = numbers
            self.page = (x, -y - height, x + width, -y)
        if attributes.get("preserveAspectRatio", "").strip() == "none":
            raise refuse('preserveAspectRatio="none"')

    def _draw(self, local: str, geometry: dict[str, str], paint: Paint, matrix: Matrix) -> None:
        path = outline(local, geometry, MAX_SEGMENTS - self.segments)
        self.segments += len(path.segments)
        shape = paint_shape(path, paint, matrix)
        box = None if shape is None else shape.bounds()
        if shape is None or box is None:
            return
        if not all(abs(value) <= MAX_COORDINATE for value in box):
            raise InvalidFormatError(
                f"SVG: expected coordinates up to {MAX_COORDINATE:g}, got larger ones",
                field="file",
            )
        if not _is_paper(shape) or self._lies_on_another(box):
            self.shapes.append((shape, box))

    def _lies_on_another(self, box: Box) -> bool:
        for _, other in self.shapes:
            self.compared += 1
            if _meet(box, other):
                return True
        if self.compared > MAX_COMPARED:
            raise TooLargeError("SVG: expected fewer white shapes beside others", field="file")
        return False


def shapes_of(data: bytes, *, width: float) -> dict[str, Any]:
    """What an SVG draws, cut to what it shows; white ground is left out.

    Args:
        data: the file.
        width: what is left of it is so wide, millimetres.

    Returns:
        ``height`` in millimetres, and ``shapes``, each a list: the operators of its outline in one
        word, the numbers of its points, fill (red, green, blue, or ``None``), whether "inside" is
        told by even and odd, stroke, width of the line, cap, join, and limit of its mitres.

    Raises:
        InvalidFormatError: not an SVG, or it holds what is not understood; names it.
        TooLargeError: too many elements or lines.
    """
    reader = _Reader()
    _parse(data, reader)
    box = union(box for _, box in reader.shapes)
    if box is None or not min(box[2] - box[0], box[3] - box[1]) >= MIN_SIDE:
        raise InvalidFormatError("SVG: expected an impression, got nothing drawn", field="file")
    if reader.page is not None:
        _check_page(box, reader.page)
    scale = width / (box[2] - box[0])
    to_size: Matrix = (scale, 0, 0, scale, -box[0] * scale, -box[1] * scale)
    return {
        "height": (box[3] - box[1]) * scale,
        "shapes": [_plain_shape(shape.transformed(to_size)) for shape, _ in reader.shapes],
    }


def _plain_shape(shape: Shape) -> list[Any]:
    segments = shape.path.segments
    return [
        "".join(operator for operator, _ in segments),
        [round(value, _DIGITS) for _, points in segments for point in points for value in point],
        _plain_colour(shape.fill),
        shape.even_odd,
        _plain_colour(shape.stroke),
        round(shape.width, _DIGITS),
        shape.cap,
        shape.join,
        shape.miter,
    ]


def _plain_colour(colour: Colour | None) -> list[int] | None:
    return None if colour is None else [colour.red, colour.green, colour.blue]


def _parse(data: bytes, reader: _Reader) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.EntityDeclHandler = _no_doctype
    parser.ProcessingInstructionHandler = _no_instruction
    try:
        parser.Parse(data, True)  # the end of it
    except InvalidInputError:
        raise
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter: its encoding
        raise InvalidFormatError(
            f"SVG: expected well-formed XML, got something else ({error})", field="file"
        ) from None


def _no_doctype(*_: object) -> None:
    raise refuse("a DOCTYPE or entity")


def _no_instruction(target: str, _data: str) -> None:
    raise refuse(f"the processing instruction <?{_shown(target)}?>")


def _plain(attributes: dict[str, str], local: str, geometry: dict[str, str]) -> dict[str, str]:
    """Sort an element's attributes: the geometry's go into ``geometry``, the rest is returned.

    Raises:
        InvalidFormatError: one is not understood.
    """
    rest = {}
    wanted = {"transform", *SHAPES.get(local, ())}
    for name, value in attributes.items():
        if " " in name:
            if name.startswith(_TOOLS) or name.endswith(" space"):
                continue
            raise refuse(f"the attribute {_shown(name.rpartition(' ')[2])}")
        if name in wanted:
            geometry[name] = value
        elif not _says_nothing(name, local):
            rest[name] = value
    return rest


def _says_nothing(name: str, local: str) -> bool:
    named = name in _HARMLESS or name.startswith(("data-", "aria-"))
    return named or (local == "svg" and name in _VIEW)


def _check_page(box: Box, page: Box) -> None:
    slack = _ROOM * max(page[2] - page[0], page[3] - page[1])
    inside = box[0] >= page[0] - slack and box[1] >= page[1] - slack
    if not (inside and box[2] <= page[2] + slack and box[3] <= page[3] + slack):
        raise InvalidFormatError(
            "SVG: expected all shapes inside the viewBox, got some outside, which viewers cut "
            "off: fit the page to the drawing",
            field="file",
        )


def _is_paper(shape: Shape) -> bool:
    colours = [colour for colour in (shape.fill, shape.stroke) if colour is not None]
    return all(min(c.red, c.green, c.blue) >= _WHITE for c in colours)


def _meet(one: Box, other: Box) -> bool:
    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    return not apart


def _local(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    if namespace in {_SVG, ""} or namespace.startswith(_TOOLS):
        return local
    return name if namespace else local


def _shown(text: str) -> str:
    return _SHOWN.sub("?", text[-60:])
