"""How long a seal signature can be proven: ETSI EN 319 122-1 and 319 142-1."""

from __future__ import annotations

from enum import StrEnum

from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt


class Level(StrEnum):
    """A level; each holds all that stands before it."""

    B_B = "b-b"
    """The signature alone."""
    B_T = "b-t"
    """And a time-stamp: it was there by then."""
    B_LT = "b-lt"
    """And certificates and revocation data: nobody has to be asked."""
    B_LTA = "b-lta"
    """And an archive time-stamp over all of it, which can be renewed."""

    @property
    def rank(self) -> int:
        """From 0; a higher level has a higher rank."""
        return list(Level).index(self)

    def reaches(self, other: Level) -> bool:
        """Whether this level holds all that ``other`` asks for."""
        return self.rank >= other.rank

    @classmethod
    def parse(cls, text: str) -> Level:
        """The level of this name.

        Raises:
            InvalidInputError: there is none.
        """
        try:
            return cls(text)
        except ValueError:
            raise InvalidInputError(
                f"level: expected one of {', '.join(cls)}, got {excerpt(text, 32)}", field="level"
            ) from None
