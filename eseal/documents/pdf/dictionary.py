"""Reading a signature dictionary (ISO 32000-1 table 252) off the bytes of the file."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import read_object_header

from eseal.documents.pdf.fields import FormField
from eseal.errors import InvalidFormatError

_CONTENTS: Final = re.compile(rb"/Contents[\x00\t\n\f\r ]*(<(?:[0-9A-Fa-f]{2})*>)")
_MAX_AROUND: Final = 64 * 1024
"""Bytes a signature dictionary may have on either side of ``/Contents``."""
_MARK_BYTES: Final = 16
"""Nobody guesses the mark, so no string in the file can pass for it."""


@dataclass(frozen=True, slots=True)
class SignatureDictionary:
    """A signature dictionary and where it stands.

    Attributes:
        entries: its entries; ``/Contents`` holds a stand-in.
        start: offset of its object in the file.
        end: offset behind it.
        contents: offsets of the value of ``/Contents``, from its ``<`` to behind its ``>``.
    """

    entries: generic.DictionaryObject
    start: int
    end: int
    contents: tuple[int, int]


def signature_dictionary(
    reader: PdfFileReader, pdf: bytes, field: FormField
) -> SignatureDictionary:
    """Read the value of a filled signature field.

    pyHanko tells what ``/Contents`` is, but not where. So a random mark is put in place of the
    hexadecimal string that looks like it: if the parser then finds the mark under ``/Contents``
    (strict mode allows a key once), that string is the one, and nothing else is. It also spares
    reading kilobytes of digits one by one, which takes longer than all the rest.

    Args:
        reader: the file, opened.
        pdf: its bytes.
        field: a filled signature field.

    Raises:
        InvalidFormatError: it is no dictionary of its own with a hexadecimal ``/Contents``.
        Exception: whatever pyHanko throws on a broken file.
    """
    start = None
    if isinstance(field.value, generic.IndirectObject):
        start = reader.xrefs[field.value.reference]
    if not isinstance(start, int):
        raise InvalidFormatError("the signature dictionary is not an object of its own")
    found = _CONTENTS.search(pdf, start, _end_of_search(pdf, start))
    if found is None:
        raise InvalidFormatError("the signature has no /Contents in hexadecimal digits")
    contents = found.span(1)
    mark = secrets.token_bytes(_MARK_BYTES)
    before = pdf[start : contents[0]] + b"<" + mark.hex().encode("ascii") + b">"
    stream = BytesIO(before + pdf[contents[1] : contents[1] + _MAX_AROUND])
    number, generation = read_object_header(stream, strict=True)  # type: ignore[no-untyped-call]
    entries = generic.read_object(stream, generic.Reference(number, generation, reader))
    if not isinstance(entries, generic.DictionaryObject):
        raise InvalidFormatError("the signature field's value is not a dictionary")
    stand_in = entries.get("/Contents")
    if not isinstance(stand_in, generic.ByteStringObject | generic.TextStringObject) or (
        stand_in.original_bytes != mark
    ):
        raise InvalidFormatError("the signature dictionary hides its /Contents")
    end = stream.tell() - len(before) + contents[1]
    return SignatureDictionary(entries=entries, start=start, end=end, contents=contents)


def _end_of_search(pdf: bytes, start: int) -> int:
    """How far to look: the key must stand near, the digits behind it may be many."""
    key = pdf.find(b"/Contents", start, start + _MAX_AROUND)
    closing = pdf.find(b">", key) if key >= 0 else -1
    return closing + 1 if closing >= 0 else start
