"""What a document must be before it is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.documents.pdf.examination import check, look
from eseal.documents.pdf.fields import form_fields
from eseal.documents.pdf.standing import Standing, standing
from eseal.documents.pdf.structure import Structure
from eseal.documents.pdf.syntax import Ref
from eseal.documents.pdf.tables import highest_in
from eseal.errors import UnsupportedDocumentError

if TYPE_CHECKING:
    from eseal.documents.pdf.opening import PdfLimits
    from eseal.documents.pdf.preparing import PdfSealOptions
    from eseal.documents.pdf.reader import BoundedReader


@dataclass(frozen=True, slots=True)
class Checked:
    """A document that may be sealed.

    Attributes:
        pages: references to its pages, in order.
        standing: the seals it carries.
    """

    pages: tuple[Ref, ...]
    standing: Standing


def check_document(
    reader: BoundedReader, pdf: bytes, limits: PdfLimits, options: PdfSealOptions
) -> Checked:
    """Refuse what must not be sealed, before anything is written or recorded.

    Raises:
        AlreadySealedError: its seals allow no further one.
        UnsafeDocumentError: it holds what must not be sealed.
        TooLargeError: it has too many pages or objects.
        UnsupportedDocumentError: it is broken, or has a field of this name.
        Exception: whatever pyHanko throws on a broken file.
    """
    _check_numbering(reader)
    structure = Structure(reader, pdf)
    seen = look(structure, limits, allow_embedded_files=options.manner.allow_embedded_files)
    fields = list(form_fields(reader, limits.max_fields))
    for field in fields:
        if field.name == options.field_name:
            raise UnsupportedDocumentError(
                f"the PDF's form already has a field {field.name!r}", field="document"
            )
    there = standing(structure, fields)
    there.check()
    check(seen.hazards)
    return Checked(seen.tree.pages, there)


def _check_numbering(reader: BoundedReader) -> None:
    """New objects are numbered from ``/Size``: where it lies, they would replace old ones."""
    highest = 0
    for revision in range(reader.total_revisions):
        data = reader.xrefs.get_xref_data(revision)
        parts = [data, data.hybrid.xref_data] if data.hybrid is not None else [data]
        highest = max(highest, *map(highest_in, parts))
    size: object = reader.trailer["/Size"]
    if not isinstance(size, int) or size <= highest:
        raise UnsupportedDocumentError(
            f"the PDF is broken: expected a /Size above {highest}, got {size}", field="document"
        )
