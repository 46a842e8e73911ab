"""What is told about a sealed PDF by looking into it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import pikepdf

from eseal.documents import cms
from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf import read
from eseal.model.statement import Statement


@dataclass(frozen=True)
class Place:
    """A signature field.

    Attributes:
        name: of the field.
        page: from 0.
        box: left, bottom, width and height in whole millimetres, as the page is stored.
        filled: whether a signature is in it.
    """

    name: str
    page: int
    box: tuple[int, int, int, int]
    filled: bool


def source_of(pdf: bytes) -> bytes:
    """The digest of the file that was handed in, as the first seal's statement tells it."""
    statement = cms.decode(read(pdf).seals[0].cms).statement
    source = Statement.parse(statement).source
    assert source is not None, "it does not say what was handed in"
    return source


def places_of(pdf: bytes) -> list[Place]:
    """The signature fields of a PDF, in the order in which they stand in it."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = [page.objgen for page in opened.pages]
        fields = [field for field in opened.Root.AcroForm.Fields if field.FT == "/Sig"]
        return [
            Place(str(field.T), pages.index(field.P.objgen), _box(field.Rect), "/V" in field)
            for field in fields
        ]


def _box(rectangle) -> tuple[int, int, int, int]:
    left, bottom, right, top = (float(side) / POINTS_PER_MM for side in rectangle)
    return tuple(map(round, (left, bottom, right - left, top - bottom)))
