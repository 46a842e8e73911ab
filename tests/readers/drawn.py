"""What the four readers have in common: how large they draw, how much, and what they tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DPI = 72
"""One pixel a point: a page of A4 has half a million, which every reader draws in 50 ms."""

PAGES = 6
"""How many pages are drawn; the documents of the tests have no more."""


@dataclass(frozen=True)
class Told:
    """What a reader tells beside the pictures; the members are those of ``seen.Seen``."""

    count: int
    texts: tuple[str, ...]
    attachments: tuple[tuple[str, str], ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    marks: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Told:
        """From the answer of a reader's process: the members by name, as JSON has them."""
        return cls(
            answer["count"],
            tuple(answer["texts"]),
            tuple((name, digest) for name, digest in answer["attachments"]),
            tuple((name, value) for name, value in answer["fields"]),
            tuple(answer["marks"]),
        )
