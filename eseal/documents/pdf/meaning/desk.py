"""Where what was found in one document is put down while its pages are walked through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from pikepdf import Pdf

from eseal.documents.pdf.examination.hazards import Hazard, HazardCode
from eseal.documents.pdf.meaning.streams import (
    IMAGE_FILTERS,
    DamagedStreamError,
    Streams,
    last_filter,
)
from eseal.documents.pdf.meaning.values import DIRECT, Key, key_of
from eseal.errors import ESealError

MAX_FOUND: Final = 100
"""So many are listed; one is enough to refuse."""
MAX_NESTING: Final = 24
"""Of forms, patterns and glyphs inside one another; readers stop between 12 and some hundred."""
MAX_REPAIRED: Final = 8 << 20
"""Python reads some 4 MB of drawing a second."""
_MAX_WHERE: Final = 200


class EnoughFoundError(ESealError):
    """So much was found that looking on is of no use. Never leaves the room."""


@dataclass(slots=True)
class Desk:
    """What is known so far.

    Attributes:
        pdf: the document, which is changed.
        streams: its streams.
        found: what must not be sealed, in order.
        touched: pages, from 0, whose drawing was changed.
        page: the page that is being looked at, from 0.
        judged: objects that were looked at.
        open: streams whose drawing is being looked at, the outermost first.
        repairable: so many bytes of odd drawing may still be put in order.
        doubtful: codes of fonts whose glyph readers may differ on.
    """

    pdf: Pdf
    streams: Streams
    found: dict[Hazard, None] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)
    page: int | None = None
    judged: set[Key] = field(default_factory=set)
    open: list[Key] = field(default_factory=list)
    repairable: int = MAX_REPAIRED
    doubtful: dict[Key, frozenset[int]] = field(default_factory=dict)

    def report(self, code: HazardCode, what: str) -> None:
        """Put down something that must not be sealed.

        Raises:
            EnoughFoundError: there is enough of it.
        """
        what = "".join(c if c.isprintable() else "?" for c in what)[:_MAX_WHERE]
        where = what if self.page is None else f"page {self.page + 1}: {what}"
        self.found[Hazard(code, where, self.page)] = None
        if len(self.found) >= MAX_FOUND:
            raise EnoughFoundError

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

    def decoded(self, stream: Any, what: str) -> bytes | None:
        """The data of a stream; ``None`` if they cannot be had, which is put down."""
        try:
            return self.streams.decoded(stream)
        except DamagedStreamError as error:
            self.report(HazardCode.DAMAGED_STREAM, f"{what}: {error}")
            return None

    def contents(self, stream: Any, what: str) -> bytes | None:
        """The same of a stream that draws."""
        data = self.decoded(stream, what)
        if data is not None and last_filter(stream) in IMAGE_FILTERS:
            self.report(HazardCode.DAMAGED_STREAM, f"{what}: drawing packed as an image")
            return None
        return data

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
