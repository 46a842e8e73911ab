"""Empty signature fields for the parties that seal after the first.

A certified document in which forms may be filled takes further signatures, but no further fields
that show (Attacks on PDF Certification, S&P 2021; viewers refuse them). So the first seal, which
certifies, makes the fields of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from eseal.documents.artwork import POINTS_PER_MM
from eseal.documents.pdf.pages import check_on_page
from eseal.documents.pdf.writing import Writer
from eseal.errors import InvalidInputError

MAX_PARTIES = 31
"""So many seals a verifier reads in one document beside the first."""


@dataclass(frozen=True, slots=True)
class PartyField:
    """A field for one party.

    Attributes:
        name: of the field, without a dot.
        page: from 0; negative counts from the last page.
        box: x, y, width, height in millimetres from the lower left of the page as shown; ``None``
            for a seal that does not show.
    """

    name: str
    page: int = -1
    box: tuple[float, float, float, float] | None = None


def check_parties(parties: Sequence[PartyField], own: str) -> None:
    """Check what can be checked without the document.

    Raises:
        InvalidInputError: too many, or a name that cannot be used.
    """
    names = [own, *(party.name for party in parties)]
    if len(parties) > MAX_PARTIES or len(set(names)) != len(names):
        raise InvalidInputError(
            f"parties: expected at most {MAX_PARTIES} fields of different names, got "
            f"{', '.join(name[:64] for name in names[1:5])}",
            field="parties",
        )
    for name in names:
        if not name or "." in name or not name.isprintable():
            raise InvalidInputError(
                f"field name: expected a name without a dot, got {name[:64]!r}", field="parties"
            )


def add_fields(writer: Writer, parties: Sequence[PartyField]) -> None:
    """Add the empty fields.

    Raises:
        InvalidInputError: a field is on no page, or off its page.
    """
    pages = len(writer.page_refs)
    for party in parties:
        rectangle = None
        if party.box is not None:
            if not -pages <= party.page < pages:
                raise InvalidInputError(
                    f"parties: expected a page from {-pages} to {pages - 1}, got {party.page}",
                    field="parties",
                )
            page = writer.geometry(party.page)
            x, y, width, height = (side * POINTS_PER_MM for side in party.box)
            check_on_page(page, x, y, width, height)
            rectangle = page.rectangle(x, y, width, height)
        spec = SigFieldSpec(party.name, on_page=party.page, box=rectangle)  # type: ignore[arg-type]
        append_signature_field(writer, spec)
