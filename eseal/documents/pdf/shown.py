"""What a seal shows, ready to be put into its signature field."""

from __future__ import annotations

from dataclasses import dataclass

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec

from eseal.documents.pdf.empty_fields import EmptyField
from eseal.documents.pdf.objects import build, entry, whole

_PRINT = 0b100
"""ISO 32000-1 table 165: what shows is printed, too."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A seal's signature field: one to be made, or one that is there. Invisible by default.

    Attributes:
        page: of the field to make, from 0.
        rectangle: of the field to make, in the page's own units, or ``None`` if it does not show.
        appearance: reference to the appearance stream, or ``None`` if there is none.
        existing: the field to fill instead, or ``None``.
    """

    page: int = 0
    rectangle: tuple[float, float, float, float] | None = None
    appearance: generic.IndirectObject | None = None
    existing: EmptyField | None = None

    def spec(self, name: str) -> SigFieldSpec | None:
        """The field to make, under this name; ``None`` if one is to be filled."""
        if self.existing is not None:
            return None
        # pyHanko says "int", and means any number.
        return SigFieldSpec(name, on_page=self.page, box=self.rectangle)  # type: ignore[arg-type]

    def dress(self, writer: IncrementalPdfFileWriter, field: generic.DictionaryObject) -> None:
        """Give the field's widget its appearance.

        Args:
            writer: the file.
            field: the field as it was made or found.
        """
        if self.appearance is None:
            return
        widget = field
        if self.existing is not None:
            widget = self.existing.widget
            flags = entry(widget, "/F")
            held = flags if isinstance(flags, int) else 0
            widget[pdf_name("/F")] = whole(held | _PRINT)
            writer.mark_update(self.existing.widget_reference)
        widget[pdf_name("/AP")] = build({"/N": self.appearance})
