"""A canonical file as it stood after one of its sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from eseal.documents.pdf.file.objects import Objects
from eseal.documents.pdf.file.scanner import Place, Section, scan_base, scan_increment
from eseal.documents.pdf.file.values import Stream, parse
from eseal.errors import InvalidFormatError

_Made = TypeVar("_Made")
MAX_SECTIONS = 65
"""A first revision and what may be appended: 31 parties, and time-stamps for decades."""


@dataclass(frozen=True)
class Revision(Objects):
    """The objects of a canonical file after some of its sections.

    What was read of the sections before is remembered for those that follow: whoever goes through a
    file section by section pays for each what is in it.

    Attributes:
        data: the file's bytes; what follows the last of ``sections`` does not count.
        sections: the sections that count, at least one.
        places: where each object stands, by number.
    """

    data: bytes
    sections: tuple[Section, ...]
    places: dict[int, Place]
    _values: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)
    """By the offset of the object."""
    _made: dict[object, tuple[dict[int, Place | None], Any]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """By its key, with the places of the objects that were looked at for it."""

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
        return Revision(
            self.data,
            (*self.sections, section),
            {**self.places, **section.objects},
            self._values,
            self._made,
        )

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
        if place.offset not in self._values:
            self._values[place.offset] = parse(self.data[slice(*place.head)])
        value = self._values[place.offset]
        if isinstance(value, dict | list):
            value = value.copy()
        if place.data is None:
            return value
        del value["Length"]
        return Stream(value, memoryview(self.data)[slice(*place.data)])

    def once(self, key: object, make: Callable[[Objects], _Made]) -> _Made:
        """See :class:`Objects`: made anew where an object has changed that was looked at for it."""
        rests_on, made = self._made.get(key, (None, None))
        if rests_on is None or not rests_on.items() <= self.places.items():
            noting = _Noting(self)
            made = make(noting)
            self._made[key] = (noting.places, made)
        return cast("_Made", made)


class _Noting(Objects):
    """The same objects, and a note of those that were looked at.

    Attributes:
        places: where these stand.
    """

    def __init__(self, revision: Revision) -> None:
        self._revision = revision
        self.places: dict[int, Place | None] = {}

    @property
    def size(self) -> int:
        """See :class:`Objects`."""
        return self._revision.size

    def load(self, number: int) -> Any:
        """See :class:`Objects`."""
        self.places[number] = self._revision.places.get(number)
        return self._revision.load(number)
