"""Where a seal shows in a PDF, read strictly from the JSON of a form field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from eseal.documents.pdf import (
    At,
    AtKeyword,
    Automatic,
    CrossPage,
    Edge,
    InField,
    Occurrence,
    PageRanges,
    Placing,
    QrCode,
)
from eseal.documents.pdf.placing.options import MIN_SLICE_MM
from eseal.documents.pdf.placing.page_ranges import MAX_PAGE_NUMBER
from eseal.errors import InvalidFormatError
from eseal_api.requests.bodies import only

if TYPE_CHECKING:
    from collections.abc import Callable

    from eseal.documents.pdf.placing.options import Spot

MAX_MILLIMETRES = 10_000.0
"""Pages larger than ten metres are refused by every viewer (ISO 32000-1 annex C: 5 m)."""
MAX_RATIO = 100.0
_FIELD = "placement"
_SHOWN_CHARS = 80
_SPOTS = ("at", "keyword", "field", "auto")
_PLACEMENT = frozenset({*_SPOTS, "pages", "cross_page", "qr"})
_AT = frozenset({"page", "x", "y", "centred"})
_KEYWORD = frozenset({"text", "occurrence"})
_CROSS = frozenset(
    {"pages", "edge", "height", "share", "double_sided", "first", "group", "min_slice"}
)
_EXAMPLE = '{"keyword": {"text": "Seal:"}, "cross_page": {"pages": "all"}}'
DESCRIPTION = (
    "Where a PDF shows the seal: JSON. One of `at` {page, x, y, centred?} (page from 1, -1 is the "
    "last; millimetres from the left and bottom edge), `keyword` {text, occurrence?: first, last, "
    "every-page or a number}, `field` (the name of an empty signature field) or `auto` (true: a "
    "place beside the company's name where words ask for its seal, else a free area of the last "
    "page). `pages` (such as 1-3,5,-1) repeats it at the same place. "
    "`cross_page` {pages?, edge?, height?, share?, double_sided?, first?, group?, min_slice?} cuts "
    "the impression across pages. `qr`: true, false or inside."
)
SCHEMA: dict[str, Any] = {"type": "string", "description": DESCRIPTION, "examples": [_EXAMPLE]}


def parse_placement(text: str) -> Placing:
    """Read a placement; :data:`DESCRIPTION` says what it may hold.

    Raises:
        InvalidFormatError: anything else; names the member.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise _wrong("", f"a JSON object such as {_EXAMPLE}", text)
    only(value, _PLACEMENT, _FIELD)
    given = [name for name in _SPOTS if name in value]
    if len(given) > 1:
        raise _wrong("", "one of at, keyword, field and auto", " and ".join(given))
    spot = _READERS[given[0]](value[given[0]]) if given else None
    if spot is None and "cross_page" not in value:
        raise _wrong("", "at, keyword, field, auto or cross_page", text)
    cross = _cross_page(value["cross_page"]) if "cross_page" in value else None
    pages = _pages("pages", value["pages"]) if "pages" in value else None
    return Placing(spot, pages, cross, _qr(value.get("qr")))


def parse_at(value: object) -> At:
    """Read the member ``at``.

    Raises:
        InvalidFormatError: it is something else; names the member.
    """
    members = _object("at", value, _AT)
    page = members.get("page")
    if type(page) is not int or not 1 <= abs(page) <= MAX_PAGE_NUMBER:
        raise _wrong("at.page", "a page number from 1, or from -1 for the last", page)
    x, y = (_number(f"at.{side}", members.get(side), 0, MAX_MILLIMETRES) for side in ("x", "y"))
    centred = _flag("at.centred", members.get("centred", False))
    return At(page - 1 if page > 0 else page, x, y, centred)


def parse_keyword(value: object) -> AtKeyword:
    """Read the member ``keyword``.

    Raises:
        InvalidFormatError: it is something else; names the member.
    """
    members = _object("keyword", value, _KEYWORD)
    text = _text("keyword.text", members.get("text"))
    which = members.get("occurrence")
    if which is None:
        return AtKeyword(text)
    if type(which) is int and which >= 1:
        return AtKeyword(text, which)
    try:
        return AtKeyword(text, Occurrence(which))
    except ValueError:
        words = ", ".join(one.value for one in Occurrence)
        raise _wrong("keyword.occurrence", f"{words} or a number from 1", which) from None


def _in_field(value: object) -> InField:
    return InField(_text("field", value))


def _auto(value: object) -> Automatic | None:
    return Automatic() if _flag("auto", value) else None


_READERS: dict[str, Callable[[object], Spot | None]] = {
    "at": parse_at,
    "keyword": parse_keyword,
    "field": _in_field,
    "auto": _auto,
}


def _cross_page(value: object) -> CrossPage:
    members = _object("cross_page", value, _CROSS)
    default = CrossPage()
    edge = members.get("edge", default.edge.value)
    if edge not in {one.value for one in Edge}:
        raise _wrong("cross_page.edge", "right or left", edge)
    if "height" in members and "share" in members:
        raise _wrong("cross_page", "height or share", "both")
    height, group = None, None
    if "height" in members:
        height = _number("cross_page.height", members["height"], 0, MAX_MILLIMETRES)
    if "group" in members:
        group = members["group"]
        if type(group) is not int or not 2 <= group <= MAX_PAGE_NUMBER:  # noqa: PLR2004  a pair
            raise _wrong("cross_page.group", "a number of pages from 2", group)
    return CrossPage(
        pages=_pages("cross_page.pages", members.get("pages", default.pages.text)),
        edge=Edge(edge),
        height=height,
        share=_number("cross_page.share", members.get("share", default.share), 0, 1),
        double_sided=_flag("cross_page.double_sided", members.get("double_sided", False)),
        first=_number("cross_page.first", members.get("first", default.first), 1, MAX_RATIO),
        group=group,
        min_slice=_number(
            "cross_page.min_slice",
            members.get("min_slice", MIN_SLICE_MM),
            MIN_SLICE_MM / 10,
            MAX_MILLIMETRES,
        ),
    )


def _qr(value: object) -> QrCode:
    match value:
        case None:
            return QrCode.AUTOMATIC
        case True:
            return QrCode.BESIDE
        case False:
            return QrCode.OFF
        case QrCode.INSIDE.value:
            return QrCode.INSIDE
    raise _wrong("qr", "true, false or inside", value)


def _pages(name: str, value: object) -> PageRanges:
    return PageRanges.parse(_text(name, value), field=f"{_FIELD}.{name}")


def _object(name: str, value: object, allowed: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(name, f"an object with {', '.join(sorted(allowed))}", value)
    only(value, allowed, f"{_FIELD}.{name}")
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong(name, "a string that is not blank", value)
    return value


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "true or false", value)
    return value


def _number(name: str, value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise _wrong(name, f"a number from {least:g} to {most:g}", value)
    return float(value)


def _wrong(name: str, expected: str, got: object) -> InvalidFormatError:
    field = f"{_FIELD}.{name}" if name else _FIELD
    return InvalidFormatError(
        f"{field}: expected {expected}, got {repr(got)[:_SHOWN_CHARS]}", field=field
    )
