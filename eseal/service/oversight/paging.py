"""How much of a list is handed out at once."""

from __future__ import annotations

from typing import Final

MAX_PAGE: Final = 1000
"""Entries of one page: as much as a caller may ask for in one answer."""


def page_size(limit: int) -> int:
    """How many entries a page has where so many were asked for."""
    return min(limit, MAX_PAGE)
