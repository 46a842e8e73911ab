"""A canonical file as it stood after one of its sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eseal.documents.pdf.file.objects import Objects
from eseal.documents.pdf.file.scanner import Place, Section, scan_base, scan_increment
from eseal.documents.pdf.file.values import Stream, parse
from eseal.errors import InvalidFormatError

MAX_SECTIONS = 65
"""A first revision and what may be appended: 31 parties, and time-stamps for decades."""


@dataclass(frozen=True)
class Revision(Objects):
    """The objects of a canonical file after some of its sections.

    Attributes:
        data: the file's bytes; what follows the last of ``sections`` does not count.
        sections: the sections that count, at least one.
        places: where each object stands, by number.
    """

    data: bytes
    sections: tuple[Section, ...]
    places: dict[int, Place]

    @classmethod
    def first(cls, data: bytes) -> Revision:
        """The first revision of a canonical file.

        Raises:
            InvalidFormatError: it is not in canonical form.
        """
        section = scan_base(data)
        return cls(data, (section,), section.objects)

    def following(self) -> Revision:
        """The revision after the next section.

        Raises:
            InvalidFormatError: what follows is no section in canonical form, or one too many.
        """
        if len(self.sections) >= MAX_SECTIONS:
            raise InvalidFormatError(f"expected at most {MAX_SECTIONS - 1} increments, got more")
        section = scan_increment(self.data, self.sections[-1])
        return Revision(self.data, (*self.sections, section), {**self.places, **section.objects})

    @property
    def end(self) -> int:
        """Length of the file after the last section, in bytes."""
        return self.sections[-1].end

    @property
    def size(self) -> int:
        """One more than the highest number of an object."""
        return self.sections[-1].size

    @property
    def trailer(self) -> dict[str, Any]:
        """The trailer of the last section."""
        return self.sections[-1].trailer

    def load(self, number: int) -> Any:
        """The value of an object; see :class:`Objects`."""
        place = self.places.get(number)
        if place is None:
            raise InvalidFormatError(f"expected object {number}")
        value = parse(self.data[slice(*place.head)])
        if place.data is None:
            return value
        del value["Length"]
        return Stream(value, memoryview(self.data)[slice(*place.data)])
