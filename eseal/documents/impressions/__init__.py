"""Impressions: what a seal looks like on a page, as vector art in true millimetres.

From a template (:class:`ImpressionSpec`, :func:`compose`) or from an upload (:func:`read_png`,
:func:`read_svg`) to a :class:`Drawing`, and from there to art for a PDF, to SVG, PDF or PNG.
"""

from eseal.documents.impressions.compose import Composition, compose
from eseal.documents.impressions.fonts import Fonts, Language, language_of
from eseal.documents.impressions.output import artwork, pdf, png, svg
from eseal.documents.impressions.paths import Colour, Drawing
from eseal.documents.impressions.spec import PROFILES, USUAL, ImpressionSpec, Outline, Profile
from eseal.documents.impressions.upload_png import read_png, restore_png
from eseal.documents.impressions.upload_svg import read_svg

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
    "read_png",
    "read_svg",
    "restore_png",
    "svg",
]
