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
        structure: its objects.
        pages: references to its pages, in order.
        standing: the seals it carries.
    """

    structure: Structure
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
    structure = Structure(reader, pdf)
    _check_numbering(structure)
    seen = look(structure, limits, options.manner.content)
    has_form = "AcroForm" in structure.catalog
    fields = list(form_fields(reader, limits.max_fields)) if has_form else []
    for field in fields:
        if field.name == options.field_name:
            raise UnsupportedDocumentError(
                f"the PDF's form already has a field {field.name!r}", field="document"
            )
    there = standing(structure, fields)
    there.check()
    check(seen.hazards)
    return Checked(structure, seen.tree.pages, there)


def _check_numbering(structure: Structure) -> None:
    """New objects are numbered from ``/Size``: where it lies, they would replace old ones.

    And a table that is a stream is an object itself, with a number of its own: a file in which it
    seems to be replaced is one that readers refuse.
    """
    reader = structure.reader
    highest = max(highest_in(section.xref_data) for section in reader.sections)
    tables = {section.meta_info.start_location for section in reader.sections}
    size: object = reader.trailer["/Size"]
    if not isinstance(size, int) or size <= highest:
        raise UnsupportedDocumentError(
            f"the PDF is broken: expected a /Size above {highest}, got {size}", field="document"
        )
    for table in reader.xrefs.xref_stream_refs:
        if structure.places.get(table.idnum, -1) not in {-1, *tables}:
            raise UnsupportedDocumentError(
                f"the PDF is broken: object {table.idnum} is a cross-reference stream and also "
                "something else",
                field="document",
            )
