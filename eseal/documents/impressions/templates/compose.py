"""From what an impression shows to its drawing."""

from __future__ import annotations

from dataclasses import dataclass

from eseal.documents.impressions.drawing.fonts import Fonts
from eseal.documents.impressions.drawing.paths import Drawing, Matrix
from eseal.documents.impressions.drawing.text import Mark
from eseal.documents.impressions.templates.ringed import compose_ringed
from eseal.documents.impressions.templates.spec import ImpressionSpec, Outline
from eseal.documents.impressions.templates.squared import compose_squared


@dataclass(frozen=True, slots=True)
class Composition:
    """A drawing, and where its characters stand.

    Attributes:
        drawing: the art, its lower left corner at (0, 0).
        marks: the characters; there the seal's middle is (0, 0).
    """

    drawing: Drawing
    marks: tuple[Mark, ...]


def compose(spec: ImpressionSpec, fonts: Fonts) -> Composition:
    """Draw an impression.

    Raises:
        InvalidInputError: a text does not fit legibly, or no font has one of its characters.
        ConfigurationError: no font can be had.
    """
    square = spec.profile.outline is Outline.SQUARE
    shapes, marks = (compose_squared if square else compose_ringed)(spec, fonts)
    shapes += [mark.shape(spec.colour) for mark in marks]
    profile = spec.profile
    to_corner: Matrix = (1, 0, 0, 1, profile.width / 2, profile.height / 2)
    placed = tuple(shape.transformed(to_corner) for shape in shapes)
    return Composition(Drawing(profile.width, profile.height, placed), tuple(marks))
