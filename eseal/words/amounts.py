"""Amounts as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eseal.words.catalogue import Words


def size_in_words(count: int, words: Words) -> str:
    """A number of bytes as people read it."""
    kilo, mega = 1000, 1_000_000
    if count < kilo:
        return words("report.units.bytes", count=count)
    if count < mega:
        return words("report.units.kilobytes", count=f"{count / kilo:.1f}")
    return words("report.units.megabytes", count=f"{count / mega:.1f}")


def age_in_words(seconds: int, words: Words) -> str:
    """A length of time as people read it."""
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return words(f"report.units.{unit}", count=round(seconds / length))
    return words("report.units.seconds", count=seconds)
