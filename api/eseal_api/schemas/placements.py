"""Where a seal shows in a PDF, and where there is room for those who seal later."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from eseal.documents.pdf import (
    At,
    AtKeyword,
    Automatic,
    Beside,
    CrossPage,
    Edge,
    InField,
    Occurrence,
    PageRanges,
    PartyPlace,
    Placing,
    QrCode,
    SealBox,
)
from eseal.documents.pdf.placing.options import MAX_MILLIMETRES, MIN_SLICE_MM, Spot
from eseal.documents.pdf.placing.page_ranges import MAX_PAGE_NUMBER
from eseal.documents.pdf.sealing.options import PLACE_MM, PartySpot
from eseal.errors import InvalidFormatError
from eseal_api.schemas.reading import LEFT_OUT, WRITTEN, Asked, LeftOut, called, expected

MAX_RATIO = 100.0
"""Of the first slice to the others; wider, and they cannot be seen."""
MIN_PLACE_MM = 10.0
"""A smaller place has no room for any seal that can be read."""
_USUAL = CrossPage()


def _from_zero(number: int) -> int:
    if number == 0:
        raise ValueError("expected a page number from 1, or from -1 for the last")
    return number - 1 if number > 0 else number


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("expected a string that is not blank")
    return text


def _pages(field: str) -> PlainValidator:
    """Pages such as ``1-3,5,-1``, called ``field`` in errors."""

    def parse(value: object) -> PageRanges:
        if not isinstance(value, str):
            raise ValueError("expected a string that is not blank")  # noqa: TRY004  what pydantic takes
        return PageRanges.parse(_not_blank(value), field=field)

    return PlainValidator(parse, json_schema_input_type=str)


def _one_of(given: set[str], names: tuple[str, ...]) -> None:
    if len(found := [name for name in names if name in given]) > 1:
        raise ValueError(f"expected one of {', '.join(names)}, got {' and '.join(found)}")


PageNumber = Annotated[
    int,
    Field(ge=-MAX_PAGE_NUMBER, le=MAX_PAGE_NUMBER, description="From 1; -1 is the last."),
    AfterValidator(_from_zero),
]
"""Read, it counts from 0."""
Millimetres = Annotated[float, Field(ge=0, le=MAX_MILLIMETRES)]
NotBlank = Annotated[str, Field(min_length=1), AfterValidator(_not_blank)]
PlaceSide = Annotated[float, Field(ge=MIN_PLACE_MM, le=MAX_MILLIMETRES)]


class BoxIn(Asked):
    """A box on a page: millimetres from its left and bottom edge."""

    page: PageNumber
    x: Millimetres
    y: Millimetres
    width: Millimetres
    height: Millimetres

    @model_validator(mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        names = cls.__pydantic_fields__.keys()
        if not isinstance(value, dict) or value.keys() != names:
            what = f"visible: expected a JSON object with {', '.join(sorted(names))}"
            raise InvalidFormatError(what, field="visible")
        return value

    def box(self) -> SealBox:
        """What the use case takes."""
        return SealBox(self.page, self.x, self.y, self.width, self.height)


class AtIn(Asked):
    """A point on a page: millimetres from its left and bottom edge."""

    page: PageNumber
    x: Millimetres
    y: Millimetres
    centred: bool = False

    def spot(self) -> At:
        """What the use case takes."""
        return At(self.page, self.x, self.y, self.centred)


class KeywordIn(Asked):
    """Over a word of the text."""

    text: NotBlank
    occurrence: Annotated[
        Annotated[Occurrence, WRITTEN] | Annotated[int, Field(ge=1)] | None,
        expected(f"{', '.join(one.value for one in Occurrence)} or a number from 1"),
    ] = None

    def spot(self) -> AtKeyword:
        """What the use case takes."""
        return AtKeyword(self.text, self.occurrence)


class CrossPageIn(Asked):
    """The impression, cut across pages."""

    pages: Annotated[PageRanges, _pages("placement.cross_page.pages")] = Field(
        default_factory=lambda: _USUAL.pages
    )
    edge: Annotated[Edge, WRITTEN] = _USUAL.edge
    height: LeftOut[Millimetres] = LEFT_OUT
    share: Annotated[float, Field(ge=0, le=1)] = _USUAL.share
    double_sided: bool = False
    first: Annotated[float, Field(ge=1, le=MAX_RATIO)] = _USUAL.first
    group: LeftOut[Annotated[int, Field(ge=2, le=MAX_PAGE_NUMBER)]] = LEFT_OUT
    min_slice: Annotated[float, Field(ge=MIN_SLICE_MM / 10, le=MAX_MILLIMETRES)] = MIN_SLICE_MM

    @model_validator(mode="after")
    def _one_height(self) -> Self:
        _one_of(self.model_fields_set, ("height", "share"))
        return self

    def slices(self) -> CrossPage:
        """What the use case takes."""
        return CrossPage(**{name: getattr(self, name) for name in type(self).model_fields})


_At = Annotated[AtIn, called("placement.at")]
_Keyword = Annotated[KeywordIn, called("placement.keyword")]


class PlacementIn(Asked):
    """Where a PDF shows the seal: JSON.

    One of `at` {page, x, y, centred?} (page from 1, -1 is the last; millimetres from the left and
    bottom edge), `keyword` {text, occurrence?: first, last, every-page or a number}, `field` (the
    name of an empty signature field) or `auto` (true: a place beside the company's name where
    words ask for its seal, else a free area of the last page). `pages` (such as 1-3,5,-1) repeats
    it at the same place. `cross_page` {pages?, edge?, height?, share?, double_sided?, first?,
    group?, min_slice?} cuts the impression across pages. `qr`: true, false or inside.
    """

    at: LeftOut[_At] = LEFT_OUT
    keyword: LeftOut[_Keyword] = LEFT_OUT
    field: LeftOut[NotBlank] = LEFT_OUT
    auto: LeftOut[bool] = LEFT_OUT
    pages: LeftOut[Annotated[PageRanges, _pages("placement.pages")]] = LEFT_OUT
    cross_page: LeftOut[CrossPageIn] = LEFT_OUT
    qr: Annotated[bool | Literal["inside"] | None, expected("true, false or inside")] = None

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        _one_of(self.model_fields_set, ("at", "keyword", "field", "auto"))
        if self._spot() is None and self.cross_page is None:
            raise ValueError("expected at, keyword, field, auto or cross_page")
        return self

    def placing(self) -> Placing:
        """What the use case takes."""
        cross_page = None if self.cross_page is None else self.cross_page.slices()
        return Placing(self._spot(), self.pages, cross_page, _QR[self.qr])

    def _spot(self) -> Spot | None:
        if self.field is not None:
            return InField(self.field)
        if self.auto:
            return Automatic()
        asked = self.at or self.keyword
        return None if asked is None else asked.spot()


_QR = {
    None: QrCode.AUTOMATIC,
    True: QrCode.BESIDE,
    False: QrCode.OFF,
    "inside": QrCode.INSIDE,
}


class PartyIn(Asked):
    """A place for one who seals later."""

    label: str
    at: LeftOut[_At] = LEFT_OUT
    keyword: LeftOut[_Keyword] = LEFT_OUT
    invisible: LeftOut[bool] = LEFT_OUT
    width: PlaceSide = PLACE_MM[0]
    height: PlaceSide = PLACE_MM[1]

    @model_validator(mode="after")
    def _one_spot(self) -> Self:
        _one_of(self.model_fields_set, ("at", "keyword", "invisible"))
        return self

    def place(self) -> PartyPlace:
        """What the use case takes."""
        return PartyPlace(self.label, self._spot(), (self.width, self.height))

    def _spot(self) -> PartySpot:
        if self.invisible:
            return None
        asked = self.at or self.keyword
        return Beside() if asked is None else asked.spot()
