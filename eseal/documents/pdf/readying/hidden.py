"""What a sealed document holds that must not be sealed: looked for as before sealing.

Whoever sealed it may have written it with another program: a company can have the digest of any
file sealed, and make the form by itself.
"""

from __future__ import annotations

import re
import time
from typing import Any, Final

import pikepdf

from eseal.documents.pdf.examination.examining import check, examine
from eseal.documents.pdf.examination.hazards import SEALED, Hazard, HazardCode
from eseal.documents.pdf.file.revision import Revision
from eseal.documents.pdf.file.writing import is_quiet
from eseal.documents.pdf.meaning import put_in_order
from eseal.documents.pdf.opening.limits import DEFAULT_LIMITS
from eseal.documents.pdf.opening.opening import open_document
from eseal.documents.pdf.placing.geometry import pages_of
from eseal.documents.pdf.seals.fields import SignatureField, signature_fields
from eseal.documents.pdf.seals.judging import judge
from eseal.documents.pdf.seals.party import shines_through
from eseal.documents.unpacking import unpack
from eseal.documents.viewer.visible import beneath
from eseal.errors import InvalidFormatError, InvalidInputError, UnsupportedDocumentError

VERIFIABLE: Final = 0.5
"""Of a verifier's budget, what a document may take here to be sealed: his machine may have half the
speed, and there is a CMS to come."""
_NAMED: Final = 5
"""Hazards that are named."""
_MAX_PLACES: Final = 64
"""In PDF/A-1: each of them is looked at."""
_PACKINGS: Final = ("/FlateDecode", "/ASCIIHexDecode")
_DIGITS: Final = re.compile(rb"[0-9a-f]*+>")


def hazards_of(pdf: bytes) -> list[str]:
    """What a sealed document holds that must not be sealed, in words.

    Args:
        pdf: a sealed document in our form.

    Raises:
        InvalidInputError: it takes too much to find out.
    """
    return [*map(str, hazards_left(pdf)), *_covering(pdf)][:_NAMED]


def hazards_left(pdf: bytes) -> tuple[Hazard, ...]:
    """The same in short, but for places that cover something.

    In what we write nothing is left to be put in order. Where something is, readers may differ.
    """
    with open_document(pdf, signed=True) as opened:
        found = examine(opened, SEALED)
        _unwrap(opened)
        before = _spelt(opened)
        meaning = put_in_order(opened)
        found = (*found, *meaning.hazards, *meaning.settled)
        if not found and (meaning.touched or meaning.programs or _spelt(opened) != before):
            where = "it lacks what this service puts in order before it seals"
            return (Hazard(HazardCode.UNCLEAR_CONTENTS, where),)
        return found


def _unwrap(opened: pikepdf.Pdf) -> None:
    """Take off what our writer packs data into that hold a word of the file's frame."""
    for each in opened.objects:
        if not isinstance(each, pikepdf.Stream) or not isinstance(
            each.get("/Filter"), pikepdf.Array
        ):
            continue
        outer, *filters = [str(name) for name in each.Filter]
        inner = _inside(each.read_raw_bytes(), outer) if outer in _PACKINGS and filters else None
        if inner is not None and not is_quiet(inner):
            parameters = [*each.get("/DecodeParms", ())][1:]
            each.write(
                inner,
                filter=_one_or_more([pikepdf.Name(name) for name in filters]),
                decode_parms=_one_or_more(parameters),
            )


def _one_or_more(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else pikepdf.Array(items) if items else None


def _inside(data: bytes, packing: str) -> bytes | None:
    """What is packed once, as our writer does it; ``None`` if it is not."""
    if packing == "/ASCIIHexDecode" and not _DIGITS.fullmatch(data):
        return None
    try:
        return unpack(data, packing.removeprefix("/"), DEFAULT_LIMITS.max_stream_bytes)
    except InvalidFormatError:
        return None


def _spelt(opened: pikepdf.Pdf) -> list[bytes]:
    """All objects that have parts, but for the data of streams."""
    return [
        (each.stream_dict if isinstance(each, pikepdf.Stream) else each).unparse(resolved=True)
        for each in opened.objects
        if isinstance(each, pikepdf.Object)
    ]


def check_verifiable(pdf: bytes, seconds: float) -> None:
    """Refuse to seal what would never be green: read it as a verifier will.

    Args:
        pdf: a document in our form whose last seal may lack its CMS.
        seconds: processor time that this may take.

    Raises:
        UnsupportedDocumentError: it takes more.
        UnsafeDocumentError: it holds what must not be sealed.
    """
    begun = time.process_time()
    judge(pdf, unsigned=True)
    found = hazards_left(pdf)
    spent = time.process_time() - begun
    if spent > seconds:
        raise UnsupportedDocumentError(
            "the PDF has so many parts that nobody could verify its seal: expected at most "
            f"{seconds:.1f} seconds of processor time to look through it, got {spent:.1f}. Split "
            "it, seal a flattened copy (--flatten; flatten=true), or seal it as a container",
            field="document",
        )
    check(found)


def _covering(pdf: bytes) -> list[str]:
    """Places over something that a party's ink covers: PDF/A-1 has no transparency."""
    first = Revision.first(pdf)
    if shines_through(first):
        return []
    places = [each for each in signature_fields(first) if each.value is None and each.shows]
    if len(places) > _MAX_PLACES:
        return ["more places for seals than are looked at"]
    printed = [(place.name[:60], printed_beneath(first, place)[1]) for place in places]
    return [
        f"the place {name!r} covers {text!r}" if text else f"the place {name!r} covers a drawing"
        for name, text in printed
        if text is not None
    ]


def printed_beneath(revision: Revision, place: SignatureField) -> tuple[int, str | None]:
    """The page of a place, and the beginning of the text in it; ``None`` if nothing is seen there.

    The label of a place is drawn, and no text.

    Raises:
        InvalidInputError: it is on no page.
    """
    pages = pages_of(revision)
    if place.page not in pages:
        raise InvalidInputError("expected places on the pages of the document", field="document")
    index = pages.index(place.page)
    data = revision.data[: revision.end]
    return index, beneath(data, pages=len(pages), index=index, box=place.rectangle)
