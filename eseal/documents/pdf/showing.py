"""From what is asked for to what is drawn: the places on the pages of one document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.appearance import Frame, add_text
from eseal.documents.pdf.contents import PageArtist
from eseal.documents.pdf.cross_page import slices
from eseal.documents.pdf.empty_fields import EmptyField, empty_field
from eseal.documents.pdf.fields import form_fields
from eseal.documents.pdf.keywords import search
from eseal.documents.pdf.layout import Box, Layout, beside, in_frame
from eseal.documents.pdf.opening import PdfLimits
from eseal.documents.pdf.pages import (
    PageGeometry,
    annotation_boxes,
    check_on_page,
    geometry,
    on_page,
)
from eseal.documents.pdf.placing import (
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
from eseal.documents.pdf.shown import Shown
from eseal.documents.pdf.stamps import Drawing, Stamp, add_artwork, appearance_of, may_blend
from eseal.documents.pdf.syntax import Ref
from eseal.documents.pdf.writing import Writer
from eseal.documents.qr import qr_artwork
from eseal.errors import AlreadySealedError, InvalidInputError, UnsupportedDocumentError

if TYPE_CHECKING:
    from eseal.documents.pdf.looking import FreeMap

TEXT_MM: Final = (60.0, 25.0)
"""Size of a seal of text where no box says it."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the impression and its field stand: on one page, in points as shown."""

    index: int
    reference: generic.IndirectObject
    page: PageGeometry
    layout: Layout
    existing: EmptyField | None = None


def show(
    writer: Writer,
    pdf: bytes,
    visible: VisibleSeal,
    lines: Sequence[str],
    limits: PdfLimits,
) -> Shown:
    """Draw a seal wherever it shows, all but its signature field, which is returned.

    Args:
        writer: the document, checked and opened for its new revision.
        pdf: the same as bytes.
        visible: what shows, and where.
        lines: what a seal of text says below its word.
        limits: what it may cost.

    Raises:
        InvalidInputError: a place that is not there, or options that contradict one another.
        UnsupportedDocumentError: the document has no room, or cannot be looked at.
        AlreadySealedError: further pages would change what an earlier seal covers.
        PdfReadError: the document is not what the standard asks for.
    """
    return _Show(writer, pdf, visible, lines, limits).shown()


def check_further_pages(reader: PdfFileReader, limits: PdfLimits) -> None:
    """Check that no seal covers the pages yet: drawing on them would break it.

    Raises:
        AlreadySealedError: one does.
    """
    for field in form_fields(reader, limits.max_fields):
        if field.is_filled_signature:
            raise AlreadySealedError(
                f"the PDF carries a signature in field {field.name!r}: a seal across pages or on "
                "further pages changes what that signature covers, so it must come first",
                field="document",
            )


class _Show:
    """One seal in one document."""

    def __init__(
        self,
        writer: Writer,
        pdf: bytes,
        visible: VisibleSeal,
        lines: Sequence[str],
        limits: PdfLimits,
    ) -> None:
        self._writer = writer
        self._pdf = pdf
        self._visible = visible
        self._placing = visible.placing
        self._lines = lines
        self._limits = limits
        self._further: dict[int, list[Drawing]] = {}

    def shown(self) -> Shown:
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
        blend = may_blend(self._writer.root)
        stamp = None
        if self._visible.artwork is not None:
            stamp = add_artwork(self._writer, self._visible.artwork)
        place = self._place(stamp)
        if place is not None:
            self._repeat(place)
        if placing.cross_page is not None:
            self._cut(placing.cross_page, stamp)
        if self._further:
            check_further_pages(self._writer.prev, self._limits)
            artist = PageArtist(self._writer, blend=blend)
            for index, drawings in sorted(self._further.items()):
                artist.draw(self._writer.pages[index], self._writer.geometry(index), drawings)
        if place is None:
            return Shown()
        layout = place.layout
        return Shown(
            page=place.index,
            rectangle=place.page.rectangle(layout.x, layout.y, layout.width, layout.height),
            appearance=appearance_of(
                self._writer,
                list(layout.drawings),
                (layout.width, layout.height),
                place.page.rotation,
                blend=blend,
            ),
            existing=place.existing,
        )

    def _check_qr(self) -> None:
        if self._placing.qr in {QrCode.OFF, QrCode.AUTOMATIC}:
            return
        if self._visible.qr_url is None:
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
        mode, url = self._placing.qr, self._visible.qr_url
        if mode is QrCode.OFF or url is None or (mode is QrCode.AUTOMATIC and text):
            return None
        return add_artwork(self._writer, qr_artwork(url), once=True)

    def _place(self, stamp: Stamp | None) -> _Place | None:
        match self._placing.spot:
            case None:
                return None
            case SealBox() as box:
                index = self._index(box.page)
                x, y, width, height = (
                    side * POINTS_PER_MM for side in (box.x, box.y, box.width, box.height)
                )
                reference, page = self._page(index)
                check_on_page(page, x, y, width, height)
                frame = (x, y, width, height)
                return _Place(index, reference, page, self._framed(stamp, frame, box.text))
            case InField(name):
                return self._in_field(stamp, name)
            case At() as at:
                stamp, text = stamp or self._text(), stamp is None
                index = self._index(at.page)
                x, y = at.x * POINTS_PER_MM, at.y * POINTS_PER_MM
                if at.centred:
                    x, y = x - stamp.width / 2, y - stamp.height / 2
                return self._standing(index, stamp, (x, y), text=text)
            case AtKeyword() as keyword:
                stamp, text = stamp or self._text(), stamp is None
                return self._over_keyword(keyword, stamp, text=text)
            case Automatic():
                return self._automatic(stamp or self._text(), text=stamp is None)

    def _framed(
        self, stamp: Stamp | None, frame: tuple[float, float, float, float], word: str
    ) -> Layout:
        """What stands in a box that is given."""
        if stamp is None:
            stamp = add_text(self._writer, Frame(frame[2], frame[3]), [word, *self._lines])
            return Layout(*frame, (Drawing(stamp, 0, 0),))
        return in_frame(stamp, self._qr(text=False), frame, self._placing.qr)

    def _text(self) -> Stamp:
        width, height = (side * POINTS_PER_MM for side in TEXT_MM)
        return add_text(self._writer, Frame(width, height), [_WORD, *self._lines])

    def _standing(
        self,
        index: int,
        stamp: Stamp,
        corner: tuple[float, float],
        *,
        text: bool,
        look: bool = False,
    ) -> _Place:
        """An impression at a point; its code beside it, where nothing stands if we may look."""
        reference, page = self._page(index)
        check_on_page(page, *corner, stamp.width, stamp.height)
        qr = self._qr(text=text)
        is_free: Callable[[Box], bool] = partial(on_page, page)
        if look and qr is not None and self._placing.qr is not QrCode.INSIDE:
            is_free = self._free_map(index).is_free
        layout = beside(stamp, qr, corner, is_free, self._placing.qr)
        return _Place(index, reference, page, layout)

    def _free_map(self, index: int) -> FreeMap:
        from eseal.documents.pdf.looking import FreeMap

        reference, page = self._page(index)
        taken = [page.shown(*box) for box in annotation_boxes(reference)]
        return FreeMap(self._pdf, self._count(), index, taken, page.shown_size)

    def _in_field(self, stamp: Stamp | None, name: str) -> _Place:
        found = empty_field(self._writer, name)
        number = Ref(found.page.idnum, found.page.generation)
        page = geometry(self._writer.structure, number)
        frame = page.shown(*found.rectangle)
        if not (frame[2] > 0 and frame[3] > 0):
            raise UnsupportedDocumentError(
                f"the signature field {name!r} has no size to show an impression in",
                field="field",
            )
        layout = self._framed(stamp, frame, _WORD)
        index = 0
        if self._placing.pages is not None:  # else nobody asks which page it is
            index = list(self._writer.page_refs).index(number)
        return _Place(index, found.page, page, layout, found)

    def _over_keyword(self, keyword: AtKeyword, stamp: Stamp, *, text: bool) -> _Place:
        found = search(self._pdf, self._count(), keyword)
        places = [(index, self._centred_on(index, box, stamp)) for index, box in found]
        for index, (x, y) in places[:-1]:
            self._further.setdefault(index, []).append(Drawing(stamp, x, y))
        index, corner = places[-1]
        return self._standing(index, stamp, corner, text=text, look=True)

    def _centred_on(
        self, index: int, box: tuple[float, float, float, float], stamp: Stamp
    ) -> tuple[float, float]:
        """The stamp's corner over a box's middle; moved onto the page where it would stand off."""
        _, page = self._page(index)
        x, y, width, height = page.shown(*box)
        corner = x + (width - stamp.width) / 2, y + (height - stamp.height) / 2
        most = page.shown_size[0] - stamp.width, page.shown_size[1] - stamp.height
        at_x, at_y = (max(0.0, min(place, end)) for place, end in zip(corner, most, strict=True))
        check_on_page(page, at_x, at_y, stamp.width, stamp.height)
        return at_x, at_y

    def _automatic(self, stamp: Stamp, *, text: bool) -> _Place:
        """An impression with its code in a free area; without it if that has room and it may."""
        index = self._index(-1)
        reference, page = self._page(index)
        free, mode = self._free_map(index), self._placing.qr
        qr = self._qr(text=text)
        codes = [qr, None] if mode is QrCode.AUTOMATIC and qr is not None else [qr]
        for code in codes:
            layout = beside(stamp, code, (0, 0), _anywhere, mode)
            corner = free.lower_right((layout.width, layout.height))
            if corner is not None:
                moved = replace(layout, x=corner[0], y=corner[1])
                return _Place(index, reference, page, moved)
        raise UnsupportedDocumentError(
            f"the last page has no free area of {layout.width / POINTS_PER_MM:.0f} x "
            f"{layout.height / POINTS_PER_MM:.0f} mm for the impression; name a place, a keyword "
            "or a field",
            field="document",
        )

    def _repeat(self, place: _Place) -> None:
        """Show the impression at the same place of further pages."""
        if self._placing.pages is None:
            return
        first = place.layout.drawings[0]
        corner = place.layout.x + first.x, place.layout.y + first.y
        for index in self._placing.pages.of(self._count()):
            if index == place.index:
                continue
            page = self._writer.geometry(index)
            width, height = first.stamp.width * first.scale, first.stamp.height * first.scale
            check_on_page(page, *corner, width, height)
            drawing = Drawing(first.stamp, *corner, first.scale)
            self._further.setdefault(index, []).append(drawing)

    def _cut(self, options: CrossPage, stamp: Stamp | None) -> None:
        """Show the slices of a cross-page seal."""
        if stamp is None:
            raise InvalidInputError(
                "cross-page seal: this seal has no impression to cut", field="cross_page"
            )
        count = self._count()
        pages = options.pages.of(count, field="cross_page")
        for part in slices(pages, stamp.width / POINTS_PER_MM, options):
            page = self._writer.geometry(part.page)
            shown_width, shown_height = page.shown_size
            y = options.share * (shown_height - stamp.height)
            if options.height is not None:
                y = options.height * POINTS_PER_MM - stamp.height / 2
            start, end = part.start * POINTS_PER_MM, part.end * POINTS_PER_MM
            left = shown_width - (end - start) if part.edge is Edge.RIGHT else 0.0
            check_on_page(page, left, y, end - start, stamp.height)
            clip = (left, left + end - start)
            drawing = Drawing(stamp, left - start, y, clip=clip)
            self._further.setdefault(part.page, []).append(drawing)

    def _index(self, page: int) -> int:
        """A page from 0, given from 0 or from the end."""
        count = self._count()
        if not -count <= page < count:
            raise InvalidInputError(
                f"visible: expected a page from 1 to {count}, or from -1 for the last, got "
                f"{page + 1 if page >= 0 else page}",
                field="visible",
            )
        return page % count

    def _count(self) -> int:
        return len(self._writer.page_refs)

    def _page(self, index: int) -> tuple[generic.IndirectObject, PageGeometry]:
        reference = self._writer.find_page_for_modification(index)[0]
        return reference, self._writer.geometry(index)


def _anywhere(_box: Box) -> bool:
    return True


_WORD: Final = SealBox(0, 0, 0, 0, 0).text
