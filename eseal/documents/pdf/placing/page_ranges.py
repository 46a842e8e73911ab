"""Which pages: ``1-3,5,-1``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.excerpts import excerpt

MAX_PAGE_NUMBER: Final = 100_000
"""Pages; far beyond what is ever sealed, so that no number is absurd."""
_MAX_PARTS: Final = 1000
_MAX_CHARS: Final = 8 * _MAX_PARTS
_PART: Final = re.compile(r"(-?[1-9][0-9]{0,5})(?:-(-?[1-9][0-9]{0,5}))?")
_WORDS: Final = ("all", "odd", "even")


@dataclass(frozen=True, slots=True)
class PageRanges:
    """Pages of a document whose length is not known yet.

    Attributes:
        text: as it was written.
        parts: first and last page of each range, from 1, negative from the end; or a word.
    """

    text: str
    parts: tuple[tuple[int, int] | str, ...]

    @classmethod
    def parse(cls, text: str, *, field: str = "pages") -> PageRanges:
        """Read ``1-3,5,-1``: pages from 1, from -1 for the last; also ``all``, ``odd``, ``even``.

        Raises:
            InvalidFormatError: anything else.
        """
        parts: list[tuple[int, int] | str] = []
        written = text[:_MAX_CHARS].split(",")
        for part in written[:_MAX_PARTS]:
            word = part.strip().lower()
            if word in _WORDS:
                parts.append(word)
                continue
            match = _PART.fullmatch(word)
            if match is None:
                break
            first = int(match[1])
            parts.append((first, first if match[2] is None else int(match[2])))
        if len(text) > _MAX_CHARS or len(parts) != len(written):
            raise InvalidFormatError(
                f"{field}: expected pages such as 1-3,5,-1 or all, odd, even, got {excerpt(text)}",
                field=field,
            )
        return cls(text, tuple(parts))

    def of(self, count: int, *, field: str = "pages") -> tuple[int, ...]:
        """The pages of a document with ``count`` pages: from 0, in order, each once.

        Raises:
            InvalidInputError: a page is not there, or a range runs backwards.
        """
        found: set[int] = set()
        for part in self.parts:
            match part:
                case "all":
                    found.update(range(count))
                case "odd" | "even":
                    found.update(range(part == "even", count, 2))
                case (int(first), int(last)):
                    start, end = _index(first, count, field), _index(last, count, field)
                    if start > end:
                        raise InvalidInputError(
                            f"{field}: expected a range that runs forwards, got {first}-{last} "
                            f"in a document of {count} pages",
                            field=field,
                        )
                    found.update(range(start, end + 1))
        return tuple(sorted(found))


ALL_PAGES: Final = PageRanges("all", ("all",))


def _index(page: int, count: int, field: str) -> int:
    if not 1 <= abs(page) <= count:
        raise InvalidInputError(
            f"{field}: expected pages from 1 to {count}, or from -1 for the last, got {page}",
            field=field,
        )
    return page - 1 if page > 0 else count + page
