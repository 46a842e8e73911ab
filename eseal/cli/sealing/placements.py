"""Where ``eseal apply`` shows the seal in a PDF: its options, read into a placement."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from eseal.documents.pdf import At, CrossPage, Edge, Occurrence, Placing, QrCode
    from eseal.documents.pdf.placing.options import Spot

_NUMBER: Final = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,4})?")
_PAGE: Final = re.compile(r"-?[1-9][0-9]{0,5}")
VISIBLE_MM: Final = (20.0, 20.0, 60.0, 25.0)
"""Where ``--visible`` stands on the last page: left, bottom, width, height."""

_Value = TypeVar("_Value")

Visible = Annotated[
    bool,
    typer.Option(
        "--visible",
        help="In a box at the lower left of the last page.",
    ),
]
AtPoint = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="PAGE,X,Y",
        help="Lower left corner in mm from the page's; page from 1, -1 is the last.",
    ),
]
Keyword = Annotated[
    str | None,
    typer.Option(
        "--keyword",
        metavar="TEXT",
        help="Over this word of the text.",
    ),
]
Which = Annotated[
    str | None,
    typer.Option(
        "--occurrence",
        metavar="first|last|every-page|N",
        help="Which of the keyword's places; default: the only one, or that beside the company's "
        "name.",
    ),
]
Field = Annotated[
    str | None,
    typer.Option(
        "--field",
        metavar="NAME",
        help="In this empty signature field of the document.",
    ),
]
Auto = Annotated[
    bool,
    typer.Option(
        "--auto",
        help="Where the document asks for it beside the company's name, else in a free area of the "
        "last page; of a sealed document in the place made for the company.",
    ),
]
Pages = Annotated[
    str | None,
    typer.Option(
        "--pages",
        metavar="PAGES",
        help="Also at the same place of these: 1-3,5,-1, all, odd, even.",
    ),
]
Qr = Annotated[
    bool | None,
    typer.Option(
        "--qr/--no-qr",
        help="A QR code to the page of this use; default: if there is room and ESEAL_PUBLIC_URL.",
    ),
]
QrInside = Annotated[
    bool,
    typer.Option("--qr-inside", help="The QR code inside the impression."),
]
CrossPages = Annotated[
    str | None,
    typer.Option(
        "--cross-page",
        metavar="PAGES",
        help="A slice of the impression on each of these: all, 1-10, odd.",
    ),
]
CrossEdge = Annotated[
    str | None,
    typer.Option(
        "--cross-edge",
        metavar="right|left",
        help="Default: right.",
    ),
]
CrossHeight = Annotated[
    str | None,
    typer.Option(
        "--cross-height",
        metavar="MM|N%",
        help="The middle in mm from the bottom, or a share of the room; default: 50%.",
    ),
]
CrossFirst = Annotated[
    str | None,
    typer.Option(
        "--cross-first",
        metavar="TIMES",
        help="How many times as wide the first slice is; default: 1.",
    ),
]
CrossGroup = Annotated[
    int | None,
    typer.Option(
        "--cross-group",
        metavar="N",
        help="Most pages that share one impression; default: slices of 2 mm or more.",
    ),
]
DoubleSided = Annotated[
    bool,
    typer.Option(
        "--double-sided",
        help="For both sides of a sheet: odd pages at the edge, even ones at the other.",
    ),
]


def spot_of(  # noqa: PLR0913  # what the command line says
    *,
    visible: bool,
    at: str | None,
    keyword: str | None,
    occurrence: str | None,
    field: str | None,
    auto: bool,
) -> Spot | None:
    """The one place that was named, or ``None``.

    Raises:
        InvalidInputError: more than one, or one that cannot be read.
    """
    from eseal.documents.pdf import AtKeyword, Automatic, InField, SealBox

    if occurrence is not None and keyword is None:
        raise InvalidInputError("--occurrence: expected --keyword beside it")
    named: dict[str, Spot | None] = {
        "--visible": SealBox(-1, *VISIBLE_MM) if visible else None,
        "--at": _given(_at, at),
        "--field": _given(InField, field),
        "--auto": Automatic() if auto else None,
    }
    if keyword is not None:
        which = None if occurrence is None else _occurrence(occurrence)
        named["--keyword"] = AtKeyword(keyword, which)
    found = {name: spot for name, spot in named.items() if spot is not None}
    if len(found) > 1:
        raise InvalidInputError(f"expected one place, got {' and '.join(sorted(found))}")
    return next(iter(found.values()), None)


def cross_page_of(  # noqa: PLR0913  # what the command line says
    *,
    pages: str | None,
    edge: str | None,
    height: str | None,
    first: str | None,
    group: int | None,
    double_sided: bool,
) -> CrossPage | None:
    """The cross-page seal that was asked for, or ``None``.

    Raises:
        InvalidInputError: options that cannot be read, or without ``--cross-page``.
    """
    from eseal.documents.pdf import CrossPage, PageRanges

    default = CrossPage()
    if pages is None:
        if double_sided or any(one is not None for one in (edge, height, first, group)):
            raise InvalidInputError(
                "expected --cross-page PAGES beside the options of a cross-page seal"
            )
        return None
    middle, share = None, default.share
    if height is not None and height.endswith("%"):
        share = _number("--cross-height", height.removesuffix("%")) / 100
    elif height is not None:
        middle = _number("--cross-height", height)
    return CrossPage(
        pages=PageRanges.parse(pages, field="--cross-page"),
        edge=default.edge if edge is None else _edge(edge),
        height=middle,
        share=share,
        double_sided=double_sided,
        first=default.first if first is None else _number("--cross-first", first),
        group=group,
    )


def placing_of(
    spot: Spot | None,
    cross_page: CrossPage | None,
    *,
    pages: str | None,
    qr: bool | None,
    qr_inside: bool,
) -> Placing | None:
    """All that was said about where the seal shows; ``None`` for an invisible one.

    Raises:
        InvalidInputError: it says too little, or contradicts itself.
    """
    from eseal.documents.pdf import PageRanges, Placing

    mode = _qr(qr, inside=qr_inside)
    if spot is None and (pages is not None or qr or qr_inside):
        raise InvalidInputError(
            "--pages and --qr: expected a place beside them (--at, --keyword, --field, --auto)"
        )
    if spot is None and cross_page is None:
        return None
    ranges = None if pages is None else PageRanges.parse(pages, field="--pages")
    return Placing(spot, ranges, cross_page, mode)


def _qr(qr: bool | None, *, inside: bool) -> QrCode:
    from eseal.documents.pdf import QrCode

    if inside:
        if qr is False:
            raise InvalidInputError("expected --no-qr or --qr-inside, got both")
        return QrCode.INSIDE
    if qr is None:
        return QrCode.AUTOMATIC
    return QrCode.BESIDE if qr else QrCode.OFF


def _given(read: Callable[[str], _Value], text: str | None) -> _Value | None:
    return None if text is None else read(text)


def _at(text: str) -> Spot:
    return point_of("--at", text)


def point_of(option: str, text: str) -> At:
    """A point that was named as PAGE,X,Y.

    Raises:
        InvalidInputError: it cannot be read.
    """
    from eseal.documents.pdf import At

    parts = text.split(",")
    if len(parts) != 3 or not _PAGE.fullmatch(parts[0].strip()):  # noqa: PLR2004  page, x, y
        raise InvalidInputError(
            f"{option}: expected PAGE,X,Y such as -1,120,40, got {excerpt(text)}"
        )
    page = int(parts[0])
    x, y = (_number(option, part.strip()) for part in parts[1:])
    return At(page - 1 if page > 0 else page, x, y)


def _occurrence(text: str) -> Occurrence | int:
    from eseal.documents.pdf import Occurrence

    if _PAGE.fullmatch(text) and not text.startswith("-"):
        return int(text)
    try:
        return Occurrence(text)
    except ValueError:
        raise InvalidInputError(
            f"--occurrence: expected first, last, every-page or a number from 1, "
            f"got {excerpt(text)}"
        ) from None


def _edge(text: str) -> Edge:
    from eseal.documents.pdf import Edge

    try:
        return Edge(text)
    except ValueError:
        raise InvalidInputError(
            f"--cross-edge: expected right or left, got {excerpt(text)}"
        ) from None


def _number(name: str, text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise InvalidInputError(f"{name}: expected a number such as 12.5, got {excerpt(text)}")
    return float(text)
