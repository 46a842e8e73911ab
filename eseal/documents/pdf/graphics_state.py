"""What a page's contents leave open: ``q`` without ``Q``, or the reverse.

ISO 32000-1 section 8.4.2 asks for balance, viewers do not, and some producers give none. What is
drawn behind such contents would stand wherever they left the coordinates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"  # strings, to one nested pair of brackets
    rb"|%[^\r\n]*"
    rb"|(?<!\S)ID\s.*?\sEI(?!\S)"  # the bytes of an inline image
    rb"|(?<![^\s\[\]<>(){}])([qQ])(?![^\s\[\]<>(){}/%])",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Imbalance:
    """What brackets around contents need, beyond one ``q`` and one ``Q``.

    Attributes:
        before: so many ``q``, for each ``Q`` that closes what was never opened.
        after: so many ``Q``, for each ``q`` that is left open.
    """

    before: int = 0
    after: int = 0


BALANCED: Final = Imbalance()


def imbalance(contents: Iterable[bytes]) -> Imbalance:
    """What content streams, which count as one, leave open."""
    whole = b"\n".join(contents)
    tokens = whole.split()
    if tokens.count(b"q") == tokens.count(b"Q"):
        return BALANCED  # nearly every page, and ten times as fast as to look closely
    depth = lowest = 0
    for match in _TOKEN.finditer(whole):
        if match[1] is not None:
            depth += 1 if match[1] == b"q" else -1
            lowest = min(lowest, depth)
    return Imbalance(before=-lowest, after=depth - lowest)
