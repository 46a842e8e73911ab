"""Where what was found in one document is put down while its pages are walked through."""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pikepdf import Array, Dictionary, Name, Pdf

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.meaning.desk.streams import (
    IMAGE_FILTERS,
    DamagedStreamError,
    Streams,
    last_filter,
)
from eseal.documents.pdf.meaning.desk.values import DIRECT, Box, Key, key_of
from eseal.errors import ESealError, TooLargeError
from eseal.excerpts import printable

if TYPE_CHECKING:
    from eseal.documents.viewer.reach import Outlines

MAX_FOUND: Final = 100
"""So many are listed; one is enough to refuse."""
MAX_NESTING: Final = 24
"""Of forms, patterns and glyphs inside one another; readers stop between 12 and some hundred."""
MAX_REPAIRED: Final = 8 << 20
"""Python reads one or two MB of drawing a second."""
_ANYWAY: Final = 1 << 20
_UNPACKED: Final = 16
"""Bytes of odd drawing that are put in order in any file, and for each byte that drawing takes in
it: real drawing packs to a quarter or a tenth, what is made to cost packs to a thousandth."""
MAX_REMAPPED: Final = 200
"""Fonts, at some 5 ms; of 800 real files one has nine such, no other more than five."""
_MAX_TOLD: Final = 1 << 20
"""Codes and widths of composite fonts, at some microsecond; a font of 30,000 signs has as many."""
_MAX_FOLLOWED: Final = 6_000_000
"""Numbers in glyphs that are followed, a second of them; the largest of 271 real fonts has half."""
MAX_DRAWN: Final = 1 << 26
"""Bytes of drawing on a page, repeated ones counted again: PDFium reads some 20 MB a second."""
_LETTERS: Final = 26
_MAX_WHERE: Final = 200


class EnoughFoundError(ESealError):
    """So much was found that looking on is of no use. Never leaves the room."""


@dataclass(frozen=True)
class Others:
    """All codes of a composite font but some.

    Attributes:
        plain: those for which all readers find the same glyph.
        size: bytes of a code, 1 or 2.
    """

    plain: Container[int]
    size: int = 2

    def __and__(self, codes: AbstractSet[int]) -> frozenset[int]:
        return frozenset(code for code in codes if code not in self.plain)


@dataclass(slots=True)
class Hinted:
    """A program in use that is written anew in the end: without instructions, or PostScript.

    Attributes:
        program: its stream.
        made: the stream that takes its place.
        data: the program, decoded.
        still: what becomes of them.
        glyphs: those that have instructions; none of a Type 1 program, of which all count.
        called: the name of the first font that uses it.
        page: where that is, from 0.
        named: what it says of itself, if it is of Type 1.
        fonts: those that use it, each behind its descendant if it is composite.
        descriptors: those of fonts in which it is.
    """

    program: Any
    made: Any
    data: bytes
    still: bytes
    glyphs: list[int]
    called: str
    page: int | None
    named: Any = None
    fonts: list[list[Any]] = field(default_factory=list)
    descriptors: list[Any] = field(default_factory=list)


class Measured(NamedTuple):
    """A program in use whose glyphs are measured in the end.

    Attributes:
        outlines: the glyphs.
        called: the name of the first font that uses it.
        page: where that is, from 0.
    """

    outlines: Outlines
    called: str
    page: int | None


@dataclass(slots=True)
class Allowance:
    """How much of glyphs may still be read.

    Attributes:
        left: numbers; an operator takes as long as four.
    """

    left: int

    def take(self, count: int) -> None:
        """Put down that so many are read.

        Raises:
            struct.error: they are too many.
        """
        self.left -= count
        if self.left < 0:
            raise struct.error("its glyphs are too long")


@dataclass(slots=True)
class Desk:
    """What is known so far.

    Attributes:
        pdf: the document, which is changed.
        streams: its streams.
        found: what must not be sealed, in order.
        settled: what was put in order as PDFium shows it; it must not be sealed if a page then
            looks different.
        touched: pages, from 0, whose drawing was changed.
        buttons: where PDFium showed a button that is drawn no more, by page from 0.
        page: the page that is being looked at, from 0.
        judged: objects that were looked at.
        weight: how much the last contents draw, bytes, with all that is drawn in them.
        weights: the same of each form.
        open: streams whose drawing is being looked at, the outermost first.
        layered: whether anything is in a layer.
        left_out: objects that are not drawn.
        packed: bytes that drawing takes in the file.
        repaired: bytes of odd drawing that were put in order.
        programs: the program behind each tagged name of a font.
        remapped: so many fonts were given another character map.
        doubtful: codes of fonts whose glyph readers may differ on.
        told: codes and widths that composite fonts tell.
        faxed: pixels of the faxes that were looked at.
        hinted: programs that are written anew, and ``None`` for others that were looked at.
        measured: programs of any kind; of those that are broken why.
        named: what programs whose glyphs have names say, by the key that they stand under.
        pairs: the codes of two bytes that composite fonts with many such glyphs show.
        allowance: how much of glyphs that are followed may still be read.
    """

    pdf: Pdf
    streams: Streams
    found: dict[Hazard, None] = field(default_factory=dict)
    settled: dict[Hazard, None] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    buttons: dict[int, list[Box]] = field(default_factory=dict)
    page: int | None = None
    judged: set[Key] = field(default_factory=set)
    weight: int = 0
    weights: dict[Key, int] = field(default_factory=dict)
    open: list[Key] = field(default_factory=list)
    layered: bool = False
    left_out: set[Key] = field(default_factory=set)
    packed: int = 0
    repaired: int = 0
    programs: dict[str, Key] = field(default_factory=dict)
    remapped: int = 0
    doubtful: dict[Key, frozenset[int] | Others] = field(default_factory=dict)
    told: int = 0
    faxed: int = 0
    hinted: dict[Key, Hinted | None] = field(default_factory=dict)
    measured: dict[Key, Measured | str] = field(default_factory=dict)
    named: dict[tuple[str, Key], Any] = field(default_factory=dict)
    pairs: dict[Key, set[int]] = field(default_factory=dict)
    allowance: Allowance = field(default_factory=lambda: Allowance(_MAX_FOLLOWED))

    def report(self, code: HazardCode, what: str) -> None:
        """Put down something that must not be sealed.

        Raises:
            EnoughFoundError: there is enough of it.
        """
        self.found[self._hazard(code, what)] = None
        if len(self.found) >= MAX_FOUND:
            raise EnoughFoundError

    def settle(self, code: HazardCode, what: str) -> None:
        """Put down something that is put in order as PDFium shows it, if it does."""
        if len(self.settled) < MAX_FOUND:
            self.settled[self._hazard(code, what)] = None
        self.touch()

    def _hazard(self, code: HazardCode, what: str) -> Hazard:
        what = printable(what[:_MAX_WHERE], "?")
        where = what if self.page is None else f"page {self.page + 1}: {what}"
        return Hazard(code, where, self.page)

    @contextmanager
    def leaving_out(self, value: Any) -> Iterator[None]:
        """Look at something that is left out, and not refused, if something is found in it."""
        before, self.found = self.found, {}
        try:
            yield
        finally:
            inside, self.found = self.found, before
            if inside:
                self.left_out.add(key_of(value))
                self.settled.update(inside)
                self.touch()

    def first(self, value: Any) -> bool:
        """Whether an object is looked at for the first time; always of one inside another."""
        key = key_of(value)
        if key == DIRECT:
            return True
        if key in self.judged:
            return False
        self.judged.add(key)
        return True

    def touch(self) -> None:
        """Put down that the drawing of this page was changed."""
        if self.page is not None:
            self.touched.add(self.page)

    def may_repair(self, size: int) -> bool:
        """Whether odd drawing of so many bytes is not too much to be put in order, too."""
        self.repaired += size
        return self.repaired <= min(MAX_REPAIRED, _ANYWAY + _UNPACKED * self.packed)

    def tell(self, count: int) -> None:
        """Put down that a font tells so many codes or widths.

        Raises:
            TooLargeError: fonts tell more than can be read in time.
        """
        self.told += count
        if self.told > _MAX_TOLD:
            raise TooLargeError(
                f"the fonts of the PDF tell more than {_MAX_TOLD} codes and widths",
                field="document",
            )

    def weigh(self, stream: Any) -> None:
        """Put down how much a form or a page draws, as was just found.

        Raises:
            TooLargeError: it is more than readers can draw.
        """
        if self.weight > MAX_DRAWN:
            raise TooLargeError(
                "the PDF draws too much: its drawings are inside one another so often that they "
                f"come to more than {MAX_DRAWN} bytes",
                field="document",
            )
        self.weights[key_of(stream)] = self.weight

    def empty_look(self) -> Any:
        """A form (section 8.10) that draws nothing."""
        return self.pdf.make_stream(
            b"",
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 1, 1]),
            Resources=Dictionary(),
        )

    def saved(self) -> bytes:
        """The document as it is by now, for PDFium to look at."""
        out = BytesIO()
        self.pdf.save(out, encryption=False, fix_metadata_version=False, compress_streams=False)
        return out.getvalue()

    def decoded(self, stream: Any, what: str) -> bytes | None:
        """The data of a stream; ``None`` if they cannot be had, which is put down."""
        try:
            return self.streams.decoded(stream)
        except DamagedStreamError as error:
            self.report(HazardCode.DAMAGED_STREAM, f"{what}: {error}")
            return None

    def contents(self, stream: Any, what: str) -> bytes:
        """The data of a stream that draws; of a damaged one what could be read."""
        self.packed += len(stream.read_raw_bytes())
        try:
            data = self.streams.decoded(stream)
            if last_filter(stream) not in IMAGE_FILTERS:
                return data
            error = DamagedStreamError("drawing packed as an image")
        except DamagedStreamError as damaged:
            error = damaged
        self.settle(HazardCode.DAMAGED_STREAM, f"{what}: {error}")
        self.streams.pack(stream, error.read)
        return error.read

    def font_name(self, given: str) -> Name:
        """A tagged name that no other font of the document has."""
        self.remapped += 1
        number = self.remapped
        tag = "".join(chr(ord("A") + number // _LETTERS**place % _LETTERS) for place in range(6))
        return Name(f"/{tag[::-1]}+{given.rpartition('+')[2] or 'Font'}")

    @contextmanager
    def within(self, stream: Any) -> Iterator[bool]:
        """Look at drawing inside other drawing; false if it is too deep, or inside itself."""
        key = key_of(stream)
        if len(self.open) >= MAX_NESTING or (key != DIRECT and key in self.open):
            yield False
            return
        self.open.append(key)
        try:
            yield True
        finally:
            self.open.pop()
