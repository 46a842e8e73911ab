"""From what is asked for to what is drawn: the places on the pages of one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.appearance import Frame, add_text
from eseal.documents.pdf.contents import PageArtist
from eseal.documents.pdf.cross_page import slices
from eseal.documents.pdf.empty_fields import EmptyField, empty_field
from eseal.documents.pdf.fields import form_fields
from eseal.documents.pdf.layout import Layout, beside, in_frame
from eseal.documents.pdf.objects import entry, items, resolve
from eseal.documents.pdf.opening import PdfLimits
from eseal.documents.pdf.pages import (
    PageGeometry,
    check_on_page,
    geometry,
    page_references,
)
from eseal.documents.pdf.placing import (
    At,
    AtKeyword,
    Automatic,
    CrossPage,
    Edge,
    InField,
    Occurrence,
    QrCode,
    SealBox,
    VisibleSeal,
)
from eseal.documents.pdf.shown import Shown
from eseal.documents.pdf.stamps import Drawing, Stamp, add_artwork, appearance_of, may_blend
from eseal.documents.qr import qr_artwork
from eseal.errors import AlreadySealedError, InvalidInputError, UnsupportedDocumentError

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
    writer: IncrementalPdfFileWriter,
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
        writer: IncrementalPdfFileWriter,
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
        self._references: list[generic.IndirectObject] | None = None
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
                reference = self._pages()[index]
                artist.draw(reference, _geometry(reference), drawings)
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
        return add_artwork(self._writer, qr_artwork(url))

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
        self, index: int, stamp: Stamp, corner: tuple[float, float], *, text: bool
    ) -> _Place:
        reference, page = self._page(index)
        check_on_page(page, *corner, stamp.width, stamp.height)
        qr = self._qr(text=text)
        return _Place(index, reference, page, beside(stamp, qr, corner, page, self._placing.qr))

    def _in_field(self, stamp: Stamp | None, name: str) -> _Place:
        found = empty_field(self._writer, name)
        page = _geometry(found.page)
        frame = page.shown(*found.rectangle)
        if not (frame[2] > 0 and frame[3] > 0):
            raise UnsupportedDocumentError(
                f"the signature field {name!r} has no size to show an impression in",
                field="field",
            )
        layout = self._framed(stamp, frame, _WORD)
        index = 0
        if self._placing.pages is not None:  # else nobody asks which page it is
            index = [each.reference for each in self._pages()].index(found.page.reference)
        return _Place(index, found.page, page, layout, found)

    def _over_keyword(self, keyword: AtKeyword, stamp: Stamp, *, text: bool) -> _Place:
        found = _search(self._pdf, keyword)
        places = [(index, self._centred_on(index, box, stamp)) for index, box in found]
        for index, (x, y) in places[:-1]:
            self._further.setdefault(index, []).append(Drawing(stamp, x, y))
        index, corner = places[-1]
        return self._standing(index, stamp, corner, text=text)

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
        from eseal.documents.pdf.looking import free_area

        index = self._index(-1)
        reference, page = self._page(index)
        taken = [page.shown(*box) for box in _annotations(reference)]
        qr = self._qr(text=text)
        tries = [None] if qr is None or self._placing.qr is QrCode.INSIDE else [qr, None]
        if self._placing.qr is QrCode.BESIDE:
            tries = [qr]
        for extra in tries:
            wide = beside(stamp, extra, (0, 0), None, self._placing.qr)
            size = wide.width, wide.height
            corner = free_area(self._pdf, index, taken, size, page.shown_size)
            if corner is not None:
                with_qr = qr if self._placing.qr is QrCode.INSIDE else extra
                at = corner[0] - wide.x, corner[1] - wide.y
                layout = beside(stamp, with_qr, at, None, self._placing.qr)
                return _Place(index, reference, page, layout)
        raise UnsupportedDocumentError(
            f"the last page has no free area of {stamp.width / POINTS_PER_MM:.0f} x "
            f"{stamp.height / POINTS_PER_MM:.0f} mm for the impression; name a place, a keyword or "
            "a field",
            field="document",
        )

    def _repeat(self, place: _Place) -> None:
        """Show the impression at the same place of further pages."""
        if self._placing.pages is None:
            return
        first = place.layout.drawings[0]
        corner = place.layout.x + first.x, place.layout.y + first.y
        for index in self._placing.pages.of(len(self._pages())):
            if index == place.index:
                continue
            page = _geometry(self._pages()[index])
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
        count = len(self._pages())
        pages = options.pages.of(count, field="cross_page")
        for part in slices(pages, stamp.width / POINTS_PER_MM, options):
            page = _geometry(self._pages()[part.page])
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
        count: object = self._writer.root["/Pages"]["/Count"]
        if not isinstance(count, int) or not -count <= page < count:
            raise InvalidInputError(
                f"visible: expected a page from 1 to {count}, or from -1 for the last, got "
                f"{page + 1 if page >= 0 else page}",
                field="visible",
            )
        return page % count

    def _page(self, index: int) -> tuple[generic.IndirectObject, PageGeometry]:
        reference = self._writer.find_page_for_modification(index)[0]  # type: ignore[no-untyped-call]
        return reference, _geometry(reference)

    def _pages(self) -> list[generic.IndirectObject]:
        if self._references is None:
            self._references = page_references(self._writer)
        return self._references


_WORD: Final = SealBox(0, 0, 0, 0, 0).text


def _geometry(reference: generic.IndirectObject) -> PageGeometry:
    dictionary = resolve(reference)
    if not isinstance(dictionary, generic.DictionaryObject):
        raise PdfReadError("a page is no dictionary")
    return geometry(dictionary)


def _annotations(reference: generic.IndirectObject) -> list[tuple[float, float, float, float]]:
    """The rectangles of a page's annotations, in its own units: fields may look like paper."""
    dictionary = resolve(reference)
    found = []
    if isinstance(dictionary, generic.DictionaryObject):
        for item in items(dictionary, "/Annots"):
            annotation = resolve(item)
            if not isinstance(annotation, generic.DictionaryObject):
                continue
            corners = entry(annotation, "/Rect")
            if isinstance(corners, generic.ArrayObject) and len(corners) == 4:  # noqa: PLR2004
                x1, y1, x2, y2 = (float(corners[index]) for index in range(4))
                found.append((x1, y1, x2, y2))
    return found


def _search(pdf: bytes, keyword: AtKeyword) -> list[tuple[int, tuple[float, float, float, float]]]:
    """Pages and boxes of the places a keyword was asked for at; at least one."""
    from eseal.documents.pdf.looking import find_keyword

    text, which = keyword.text, keyword.occurrence
    if isinstance(which, int) and which < 1:
        raise InvalidInputError(
            f"occurrence: expected a number from 1, got {which}", field="occurrence"
        )
    last = which is Occurrence.LAST
    found: dict[int, tuple[float, float, float, float]] = {}
    number = 0
    order = (lambda count: range(count - 1, -1, -1)) if last else range
    for place in find_keyword(pdf, text, order):
        if last and place.page not in found and found:
            break
        found[place.page] = place.box
        number += 1
        if number == which or which is Occurrence.FIRST:
            return [(place.page, place.box)]
    if not found:
        raise InvalidInputError(
            f"keyword: {text!r} stands nowhere in the PDF (a scanned page has no text)",
            field="keyword",
        )
    if isinstance(which, int):
        raise InvalidInputError(
            f"keyword: expected {text!r} to stand in the PDF at least {which} times, "
            f"found {number}",
            field="keyword",
        )
    return sorted(found.items())
