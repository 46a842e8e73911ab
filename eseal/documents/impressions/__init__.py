"""Impressions: what a seal looks like on a page, as vector art in true millimetres.

From a template (:class:`ImpressionSpec`, :func:`compose`) or from an upload (``upload_png``,
``upload_svg``) to a :class:`Drawing`, and from there to art for a PDF, to SVG, PDF or PNG. Fonts
and images take libraries of many megabytes, which are loaded when they are first used.
"""

from eseal.documents.impressions.drawing.fonts import Fonts, Language, language_of
from eseal.documents.impressions.drawing.output import artwork, pdf, png, svg
from eseal.documents.impressions.drawing.paths import Colour, Drawing
from eseal.documents.impressions.templates.compose import Composition, compose
from eseal.documents.impressions.templates.spec import (
    PROFILES,
    USUAL,
    ImpressionSpec,
    Outline,
    Profile,
)

__all__ = [
    "PROFILES",
    "USUAL",
    "Colour",
    "Composition",
    "Drawing",
    "Fonts",
    "ImpressionSpec",
    "Language",
    "Outline",
    "Profile",
    "artwork",
    "compose",
    "language_of",
    "pdf",
    "png",
    "svg",
]
