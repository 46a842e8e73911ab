"""The first seal of a plain document, where nothing of it shows.

Most documents have one revision, no form and no annotation on their first page. What a seal adds
to these is known beforehand: a form, a field, a signature (ISO 32000-1 sections 12.7 and 12.8),
and an entry or two in the catalog and on the page, whose own text stays as it is. It is written
here in one piece; pyHanko, which is made for all that can be in a document, builds and visits some
hundred objects for it. Where anything is otherwise the answer is ``None``, and pyHanko writes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC
from itertools import groupby
from typing import TYPE_CHECKING, Final

from pyhanko.pdf_utils import generic

from eseal.documents.pdf.assembling import PreparedPdf, cover
from eseal.documents.pdf.objects import entry
from eseal.documents.pdf.syntax import Ref
from eseal.documents.pdf.values import read_with_place

if TYPE_CHECKING:
    from eseal.documents.pdf.preparing import PdfSealOptions
    from eseal.documents.pdf.reader import BoundedReader
    from eseal.documents.pdf.structure import Structure

_VERSION: Final = (1, 7)
"""Of ISO 32000-1, in whose extensions our kind of signature stands."""
_IN_THE_WAY: Final = frozenset({"/AcroForm", "/Perms", "/Version", "/Extensions", "/Metadata"})
"""What a seal would change in a catalog, not only add; and what a document says it is PDF/A with,
where a field must have an appearance."""
_TRAILER: Final = frozenset({"/Size", "/Root", "/Info", "/ID"})
_LITERAL: Final = re.compile(r"[ !-'*-\[\]-~]*")
"""ASCII without parentheses and backslash."""
_ID_BYTES: Final = 16
_RANGE: Final = b"[".ljust(60)
"""Room for the four numbers of a byte range."""


def plain_update(structure: Structure, page: Ref, options: PdfSealOptions) -> PreparedPdf | None:
    """Seal a document of one revision that has no form, alone and so that nothing shows.

    Args:
        structure: the document, examined.
        page: its first page.
        options: how it is sealed.

    Returns:
        What pyHanko would make of it; ``None`` if pyHanko must.
    """
    if options.visible is not None or options.manner.parties:
        return None
    reader, root = structure.reader, structure.root
    kept = _kept(reader)
    catalog = _opened(structure, root, _IN_THE_WAY)
    shown = _opened(structure, page, {"/Annots"})
    if kept is None or catalog is None or shown is None or root.number == page.number:
        return None
    last: int = reader.trailer["/Size"]
    form, field, signature = range(last + 1, last + 4)
    if reader.header_version < _VERSION:
        catalog += b"/Version /%d.%d\n" % _VERSION
    bodies = {
        root.number: b"%b/AcroForm %d 0 R\n/Perms <<\n/DocMDP %d 0 R\n>>\n>>"
        % (catalog, form, signature),
        page.number: b"%b/Annots [ %d 0 R ]\n>>" % (shown, field),
        form: b"<<\n/Fields [ %d 0 R ]\n/SigFlags 3\n>>" % field,
        field: b"<<\n/FT /Sig\n/T %b\n/Type /Annot\n/Subtype /Widget\n/F 132\n/Rect [ 0 0 0 0 ]\n"
        b"/P %d 0 R\n/V %d 0 R\n>>" % (_text(options.field_name), page.number, signature),
    }
    before = b"" if structure.data.endswith(b"\n") else b"\n"
    start, offsets = len(structure.data), {}
    for number, body in sorted(bodies.items()):
        offsets[number] = start + len(before)
        before += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    offsets[signature] = start + len(before)
    before += b"%d 0 obj\n<<\n/Contents " % signature
    contents = b"<%b>" % (b"00" * options.contents_bytes)
    opened = start + len(before)
    closed = opened + len(contents)
    behind = b"\n/ByteRange %b%b" % (_RANGE, _entries(options))
    table = closed + len(behind)
    behind += b"xref\n%btrailer\n<<\n/Size %d\n%b>>\nstartxref\n%d\n%%%%EOF\n" % (
        _table(offsets), signature + 1, kept, table
    )  # fmt: skip
    covered = b"[0 %d %d %d]" % (opened, closed, len(behind))
    behind = behind.replace(_RANGE, covered.ljust(len(_RANGE)), 1)
    return cover(structure.data, before + contents + behind, opened, closed)


def _opened(structure: Structure, ref: Ref, without: AbstractSet[str]) -> bytes | None:
    """The text of a dictionary up to its end: more entries can follow.

    Returns:
        ``None`` if it is no object of its own that every reader reads the same, or has one of the
        entries it is to be without.
    """
    place, data = structure.places.get(ref.number), structure.data
    if not isinstance(place, int) or ref.generation:
        return None
    read = read_with_place(data, place, generic.Reference(*ref, structure.reader))
    if read is None or not isinstance(read[0], dict) or read[0].keys() & without:
        return None
    text = data[read[1] : read[2]]
    if b"\0" in text:  # no white space to pyHanko
        return None
    return text.strip().removesuffix(b">>").rstrip(b" ") + b"\n"


def _kept(reader: BoundedReader) -> bytes | None:
    """What goes on from the one trailer (section 7.5.5); ``None`` if it is not the only one."""
    trailer = reader.trailer.flatten()
    if reader.total_revisions != 1 or reader.has_xref_stream or not trailer.keys() <= _TRAILER:
        return None
    # Section 14.4: the first identifier stays, the second is that of this revision.
    ids = entry(trailer, "/ID")
    first: bytes | None = os.urandom(_ID_BYTES)
    if ids is not None:
        first = getattr(ids[0], "original_bytes", None) if isinstance(ids, list) and ids else None
    if first is None or reader.last_startxref is None:
        return None
    kept = b"/ID [ <%b> <%b> ]\n/Prev %d\n" % (
        _hex(first),
        _hex(os.urandom(_ID_BYTES)),
        reader.last_startxref,
    )
    for key in ("/Info", "/Root"):
        if key in trailer:
            reference = trailer.raw_get(key)
            if not isinstance(reference, generic.IndirectObject):
                return None
            kept = b"%b %d %d R\n%b" % (
                key.encode("ascii"), reference.idnum, reference.generation, kept
            )  # fmt: skip
    return kept


def _entries(options: PdfSealOptions) -> bytes:
    """The signature dictionary (table 252) behind its byte range."""
    reason = b"" if options.reason is None else b"/Reason %b\n" % _text(options.reason)
    return (
        b"\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n"
        b"/M (%b)\n/Name %b\n%b"
        b"/Reference [ <<\n/Type /SigRef\n/TransformMethod /DocMDP\n/TransformParams <<\n"
        b"/Type /TransformParams\n/V /1.2\n/P %d\n>>\n>> ]\n>>\nendobj\n"
    ) % (
        options.sealed_at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ").encode("ascii"),
        _text(options.signer_name),
        reason,
        options.manner.allowed.value,
    )


def _text(text: str) -> bytes:
    """A text string (section 7.9.2.2)."""
    if _LITERAL.fullmatch(text):
        return b"(%b)" % text.encode("ascii")
    return b"<FEFF%b>" % _hex(text.encode("utf-16-be"))


def _hex(data: bytes) -> bytes:
    return data.hex().encode("ascii")


def _table(offsets: Mapping[int, int]) -> bytes:
    """The lines of a cross-reference table (section 7.5.4), numbers in their order."""
    lines = b"0 1\n0000000000 65535 f \n"
    # Numbers that follow each other differ from their places by the same.
    for _, run in groupby(enumerate(offsets), lambda item: item[1] - item[0]):
        numbers = [number for _, number in run]
        lines += b"%d %d\n" % (numbers[0], len(numbers))
        lines += b"".join(b"%010d 00000 n \n" % offsets[number] for number in numbers)
    return lines
