"""Sharing out the time of a round, so that nobody takes what is another's."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def shares(until: float, parts: int) -> Iterator[float]:
    """Until when each of so many may take: what one leaves of its part is for those after it.

    Args:
        until: when all of them end, by the monotonic clock, seconds.
        parts: how many.
    """
    for left in range(parts, 0, -1):
        now = time.monotonic()
        yield now + max(0.0, until - now) / left
