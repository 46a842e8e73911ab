"""Drawing a seal into a PDF: its impression, its code, its slices on the edges of pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.placing.artist import PageArtist
from eseal.documents.pdf.placing.canvas import Canvas
from eseal.documents.pdf.placing.cross_page import slices
from eseal.documents.pdf.placing.free_areas import FreeMap
from eseal.documents.pdf.placing.geometry import annotation_boxes, check_on_page, on_page
from eseal.documents.pdf.placing.keywords import Place, chosen, own_place
from eseal.documents.pdf.placing.layout import Box, Layout, beside, in_frame
from eseal.documents.pdf.placing.options import (
    At,
    AtKeyword,
    Automatic,
    CrossPage,
    Edge,
    InField,
    QrCode,
    SealBox,
    VisibleSeal,
)
from eseal.documents.pdf.placing.stamps import Drawing, Stamp, add_artwork
from eseal.documents.pdf.placing.text import Frame, add_text
from eseal.errors import InvalidInputError, UnsupportedDocumentError
from eseal.excerpts import excerpt

TEXT_MM: Final = (60.0, 25.0)
"""Size of a seal of text where no box says it."""
_ROOM: Final = 48 * POINTS_PER_MM
"""Side of the area that a further party's seal may need: its place, and its words' brackets."""
_WORD: Final = SealBox(0, 0, 0, 0, 0).text


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the impression and its field stand: on one page, in points as shown.

    Attributes:
        index: of the page, from 0.
        layout: the area of the field, and what is drawn in it.
    """

    index: int
    layout: Layout


def show(
    canvas: Canvas, visible: VisibleSeal, lines: Sequence[str], own: tuple[str, ...]
) -> Shown | None:
    """Draw a seal wherever it shows, all but its signature field.

    Args:
        canvas: the document.
        visible: what shows, and where; not in a field that is there (:func:`in_place`).
        lines: what a seal of text says below its word.
        own: names by which the document may call the one who seals.

    Returns:
        Where the field stands, and what it shows; ``None`` if only slices show.

    Raises:
        InvalidInputError: a place that is not there, or options that contradict one another.
        UnsupportedDocumentError: the document has no room, or cannot be looked at.
    """
    return _Show(canvas, visible, lines, own).shown()


def in_place(canvas: Canvas, visible: VisibleSeal, lines: Sequence[str], frame: Box) -> Layout:
    """What stands in a place of the document that is given.

    Args:
        canvas: the document.
        visible: what shows.
        lines: what a seal of text says below its word.
        frame: x, y, width and height of the place, in points as shown.

    Raises:
        InvalidInputError: more is asked for than the place alone.
        UnsupportedDocumentError: text does not fit.
    """
    if visible.placing.pages is not None or visible.placing.cross_page is not None:
        raise InvalidInputError(
            "pages: a seal in a field of the document shows there alone; for further pages or "
            "slices name a place on the page",
            field="pages",
        )
    return _Show(canvas, visible, lines, ()).framed(frame, _WORD)


class _Show:
    """One seal in one document."""

    def __init__(
        self,
        canvas: Canvas,
        visible: VisibleSeal,
        lines: Sequence[str],
        own: tuple[str, ...],
    ) -> None:
        self._canvas = canvas
        self._visible = visible
        self._placing = visible.placing
        self._lines = lines
        self._own = own
        self._further: dict[int, list[Drawing]] = {}

    def shown(self) -> Shown | None:
        placing = self._placing
        if placing.spot is None and placing.cross_page is None:
            raise InvalidInputError(
                "placement: expected a place, a keyword, a field, or a cross-page seal",
                field="placement",
            )
        if placing.spot is None and placing.pages is not None:
            raise InvalidInputError(
                "pages: expected a place that is the same on these pages, too", field="pages"
            )
        self._check_qr()
        stamp = self._stamp()
        place = self._place(stamp)
        if place is not None:
            self._repeat(place)
        if placing.cross_page is not None:
            self._cut(placing.cross_page, stamp)
        artist = PageArtist(self._canvas)
        for index, drawings in sorted(self._further.items()):
            artist.draw(index, drawings)
        return place

    def framed(self, frame: Box, word: str) -> Layout:
        """What stands in a box that is given."""
        self._check_qr()
        stamp = self._stamp()
        if stamp is None:
            lines = [word, *self._lines]
            stamp = add_text(self._canvas.draft, Frame(frame[2], frame[3]), lines)
            return Layout(*frame, (Drawing(stamp, 0, 0),))
        return in_frame(stamp, self._qr(text=False), frame, self._placing.qr)

    def _stamp(self) -> Stamp | None:
        artwork = self._visible.artwork
        return None if artwork is None else add_artwork(self._canvas.draft, artwork)

    def _check_qr(self) -> None:
        if self._placing.qr in {QrCode.OFF, QrCode.AUTOMATIC}:
            return
        if self._visible.qr is None:
            raise InvalidInputError(
                "QR code: the service does not know its public address: set ESEAL_PUBLIC_URL, or "
                "do without",
                field="qr",
            )
        if self._placing.spot is None:
            raise InvalidInputError(
                "QR code: it stands with an impression, and none but slices was asked for",
                field="qr",
            )

    def _qr(self, *, text: bool) -> Stamp | None:
        """The QR code, unless there is to be none."""
        mode, qr = self._placing.qr, self._visible.qr
        if mode is QrCode.OFF or qr is None or (mode is QrCode.AUTOMATIC and text):
            return None
        return add_artwork(self._canvas.draft, qr, once=True)

    def _place(self, stamp: Stamp | None) -> Shown | None:
        match self._placing.spot:
            case None:
                return None
            case SealBox() as box:
                index = self._canvas.index(box.page, option="visible")
                x, y, width, height = (
                    side * POINTS_PER_MM for side in (box.x, box.y, box.width, box.height)
                )
                check_on_page(self._canvas.geometry(index), x, y, width, height, option="visible")
                return Shown(index, self.framed((x, y, width, height), box.text))
            case At() as at:
                stamp, text = stamp or self._text(), stamp is None
                index = self._canvas.index(at.page, option="at")
                x, y = at.x * POINTS_PER_MM, at.y * POINTS_PER_MM
                if at.centred:
                    x, y = x - stamp.width / 2, y - stamp.height / 2
                return self._standing(index, stamp, (x, y), text=text, option="at")
            case AtKeyword() as keyword:
                stamp, text = stamp or self._text(), stamp is None
                return self._over_keyword(keyword, stamp, text=text)
            case Automatic():
                return self._automatic(stamp or self._text(), text=stamp is None)
            case InField(name):
                raise InvalidInputError(
                    f"field: the PDF has no empty signature field {excerpt(name, 64)}",
                    field="field",
                )

    def _text(self) -> Stamp:
        width, height = (side * POINTS_PER_MM for side in TEXT_MM)
        return add_text(self._canvas.draft, Frame(width, height), [_WORD, *self._lines])

    def _standing(  # noqa: PLR0913  # each by name
        self,
        index: int,
        stamp: Stamp,
        corner: tuple[float, float],
        *,
        text: bool,
        look: bool = False,
        option: str = "placement",
    ) -> Shown:
        """An impression at a point; its code beside it, where nothing stands if we may look."""
        page = self._canvas.geometry(index)
        check_on_page(page, *corner, stamp.width, stamp.height, option=option)
        qr = self._qr(text=text)
        is_free: Callable[[Box], bool] = partial(on_page, page)
        if look and qr is not None and self._placing.qr is not QrCode.INSIDE:
            is_free = free_map(self._canvas, index).is_free
        return Shown(index, beside(stamp, qr, corner, is_free, self._placing.qr))

    def _over_keyword(self, keyword: AtKeyword, stamp: Stamp, *, text: bool) -> Shown:
        found = chosen(self._canvas, keyword, self._own)
        places = [(each.index, self._centred_on(each.index, each.box, stamp)) for each in found]
        for index, (x, y) in places[:-1]:
            self._further.setdefault(index, []).append(Drawing(stamp, x, y))
        index, corner = places[-1]
        return self._standing(index, stamp, corner, text=text, look=True)

    def _centred_on(self, index: int, box: Box, stamp: Stamp) -> tuple[float, float]:
        """The stamp's corner over a box's middle; moved onto the page where it would stand off."""
        return centred_on(self._canvas, index, box, (stamp.width, stamp.height))

    def _automatic(self, stamp: Stamp, *, text: bool) -> Shown:
        """Where the document asks for the seal; else, with its code, in a free area."""
        # Without ink that lets shine through, the words themselves would be covered.
        found = None
        if self._canvas.blend and not text:
            found = own_place(self._canvas, self._own)
        if found is None:
            shown = self._in_free_area(stamp, text=text)
            self._canvas.notes.append(
                "the seal is in a free area of the last page: no words plainly ask this company "
                "for it"
                if self._canvas.blend and not text
                else "the seal is in a free area of the last page"
            )
            return shown
        place, others = found
        corner = self._clear_of(others, self._centred_on(place.index, place.box, stamp), stamp)
        return self._standing(place.index, stamp, corner, text=text, look=True)

    def _clear_of(
        self, others: Sequence[Place], corner: tuple[float, float], stamp: Stamp
    ) -> tuple[float, float]:
        """A corner, moved along its line where the seal would cover what others are asked for."""
        x, y = corner
        areas = [
            (middle - _ROOM / 2, middle + _ROOM / 2)
            for middle, height in (other.middle for other in others)
            if abs(height - y - stamp.height / 2) < (_ROOM + stamp.height) / 2
        ]
        most = max((self._canvas.geometry(each.index).shown_size[0] for each in others), default=0)
        ends = [x, *(left - stamp.width for left, _ in areas), *(right for _, right in areas)]
        free = [
            end
            for end in ends
            if 0 <= end <= most - stamp.width
            and all(end + stamp.width <= left or right <= end for left, right in areas)
        ]
        return min(free, key=lambda end: abs(end - x), default=x), y

    def _in_free_area(self, stamp: Stamp, *, text: bool) -> Shown:
        """An impression with its code in a free area; without it if that has room and it may."""
        index = self._canvas.index(-1)
        free, mode = free_map(self._canvas, index), self._placing.qr
        qr = self._qr(text=text)
        codes = [qr, None] if mode is QrCode.AUTOMATIC and qr is not None else [qr]
        for code in codes:
            layout = beside(stamp, code, (0, 0), _anywhere, mode)
            corner = free.lower_right((layout.width, layout.height))
            if corner is not None:
                return Shown(index, replace(layout, x=corner[0], y=corner[1]))
        raise UnsupportedDocumentError(
            f"the last page has no free area of {layout.width / POINTS_PER_MM:.0f} x "
            f"{layout.height / POINTS_PER_MM:.0f} mm for the impression; name a place, a keyword "
            "or a field",
            field="document",
        )

    def _repeat(self, place: Shown) -> None:
        """Show the impression at the same place of further pages."""
        if self._placing.pages is None:
            return
        first = place.layout.drawings[0]
        corner = place.layout.x + first.x, place.layout.y + first.y
        for index in self._placing.pages.of(len(self._canvas.pages)):
            if index == place.index:
                continue
            page = self._canvas.geometry(index)
            width, height = first.stamp.width * first.scale, first.stamp.height * first.scale
            check_on_page(page, *corner, width, height, option="pages")
            drawing = Drawing(first.stamp, *corner, first.scale)
            self._further.setdefault(index, []).append(drawing)

    def _cut(self, options: CrossPage, stamp: Stamp | None) -> None:
        """Show the slices of a cross-page seal."""
        if stamp is None:
            raise InvalidInputError(
                "cross-page seal: this seal has no impression to cut", field="cross_page"
            )
        pages = options.pages.of(len(self._canvas.pages), field="cross_page")
        for part in slices(pages, stamp.width / POINTS_PER_MM, options):
            page = self._canvas.geometry(part.page)
            shown_width, shown_height = page.shown_size
            y = options.share * (shown_height - stamp.height)
            if options.height is not None:
                y = options.height * POINTS_PER_MM - stamp.height / 2
            start, end = part.start * POINTS_PER_MM, part.end * POINTS_PER_MM
            left = shown_width - (end - start) if part.edge is Edge.RIGHT else 0.0
            check_on_page(page, left, y, end - start, stamp.height, option="cross_page")
            clip = (left, left + end - start)
            drawing = Drawing(stamp, left - start, y, clip=clip)
            self._further.setdefault(part.page, []).append(drawing)


def centred_on(
    canvas: Canvas, index: int, box: Box, size: tuple[float, float]
) -> tuple[float, float]:
    """The corner of an area over a box's middle; moved onto the page where it would stand off.

    Raises:
        InvalidInputError: the area is larger than the page.
    """
    page = canvas.geometry(index)
    x, y, width, height = box
    corner = x + (width - size[0]) / 2, y + (height - size[1]) / 2
    most = page.shown_size[0] - size[0], page.shown_size[1] - size[1]
    at_x, at_y = (max(0.0, min(place, end)) for place, end in zip(corner, most, strict=True))
    check_on_page(page, at_x, at_y, *size)
    return at_x, at_y


def free_map(canvas: Canvas, index: int, taken: Sequence[Box] = ()) -> FreeMap:
    """Which parts of a page are free.

    Args:
        canvas: the document.
        index: of the page, from 0.
        taken: boxes that are not, beside what shows and the page's annotations.
    """
    page = canvas.geometry(index)
    boxes = [page.shown(*box) for box in annotation_boxes(canvas.draft, canvas.pages[index])]
    return FreeMap(canvas.data, len(canvas.pages), index, [*boxes, *taken], page.shown_size)


def _anywhere(_box: Box) -> bool:
    return True
