"""What is done with a PDF in a confined process: plain values and files, in and out."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from eseal.documents.pdf.opening.limits import DEFAULT_LIMITS

_REHEARSED: Final = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 99 99]>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
    b"4 0 obj<</Length 31>>stream\nBT /F 9 Tf 9 9 Td (Seal) Tj ET \nendstream endobj\n"
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
    b"trailer<</Root 1 0 R/Size 6>>\n%%EOF\n"
)
"""A page of ours."""
_ROUNDS: Final = 3
"""After which the interpreter knows most of what it is to do by heart."""


def warm() -> None:
    """Load what every document needs, by preparing and reading one of ours.

    What is loaded, compiled and remembered then need not be in each child, where every page of
    memory that is written to costs a copy.
    """
    from eseal.documents.pdf.readying import flattening
    from eseal.documents.pdf.sealing.options import PdfSealOptions

    del flattening
    options = PdfSealOptions("Seal", "Seal", datetime(2026, 1, 1, tzinfo=UTC))
    for _ in range(_ROUNDS):
        _, pieces = prepare(_REHEARSED, pickle.dumps(options))
        for step in read(b"".join(pieces).replace(b"<00000000", b"<30020500")):
            step()


def prepare(data: bytes, options: bytes) -> tuple[dict[str, Any], tuple[bytes | memoryview, ...]]:
    """See :func:`eseal.documents.pdf.sealing.preparing.prepare_pieces`.

    Args:
        data: the document.
        options: a pickled :class:`~eseal.documents.pdf.sealing.options.PdfSealOptions`, from the
            process that asks.

    Returns:
        ``start``, the offset at which what was written begins: 0 for a whole file; ``notes``; and
        the pieces of what was written.
    """
    from eseal.documents.pdf.sealing.preparing import prepare_pieces

    asked = pickle.loads(options)  # noqa: S301  our own process sends it, none else can
    written, notes = prepare_pieces(data, asked)
    start = written.end - sum(map(len, written.pieces))
    return {"start": start, "notes": list(notes)}, written.pieces


def examine(data: bytes, *, embedded_files: bool, covered_text: bool) -> list[dict[str, Any]]:
    """What a document holds that must not be sealed: the members of its hazards."""
    from eseal.documents.pdf.examination.hazards import ContentPolicy
    from eseal.documents.pdf.sealing.preparing import hazards_before_sealing

    policy = ContentPolicy(embedded_files=embedded_files, covered_text=covered_text)
    return [
        {"code": hazard.code.value, "where": hazard.where, "page": hazard.page}
        for hazard in hazards_before_sealing(data, policy, DEFAULT_LIMITS)
    ]


def flatten(data: bytes) -> bytes:
    """See :func:`eseal.documents.pdf.readying.flattening.flatten`."""
    from eseal.documents.pdf.readying.flattening import flatten as flattened

    return flattened(data, DEFAULT_LIMITS)


def read(data: bytes) -> Iterator[Callable[[], Any]]:
    """All that is asked about a PDF to be verified; see :mod:`eseal.documents.pdf.reading`.

    Yields:
        ``forms``. Then ``hazards_of`` what is in our form, if it is more than nothing; ``search``
        for what is not; and, unless the file is only cut off, ``compare_looks``.
    """
    from eseal.documents.pdf import reading
    from eseal.documents.pdf.readying import hidden

    form: dict[str, Any] = {}
    for form in reading.forms(data):
        yield partial(dict, form)
    end = form["end"]
    if end:
        yield lambda: hidden.hazards_of(data[:end])
    if not form["canonical"]:
        yield lambda: reading.search(data, start=end)
    if end and not form["canonical"] and not form["cut"]:
        yield lambda: reading.compare_looks(data, end=end)


def draw_pages(data: bytes, *, width: int, most: int) -> Iterator[Callable[[], Any]]:
    """Pictures of the first pages, so many pixels wide.

    Yields:
        How many; then :func:`eseal.documents.viewer.drawn.page_as_png` for each.
    """
    from eseal.documents.viewer.copies import count_pages
    from eseal.documents.viewer.drawn import page_as_png

    count = min(count_pages(data), most)
    yield lambda: count
    for index in range(count):
        yield partial(page_as_png, data, page=index, width=width)
