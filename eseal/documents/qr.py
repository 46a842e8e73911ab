"""QR codes (ISO/IEC 18004) as art, in a size that prints and scans."""

from __future__ import annotations

from typing import Final

import segno

from eseal.documents.artwork import POINTS_PER_MM, Artwork
from eseal.errors import InvalidInputError

MODULE_MM: Final = 0.4
"""Side of a module: five dots of a 300 dpi printer, and what a phone's camera resolves."""
MIN_SIDE_MM: Final = 12.0
_QUIET_MODULES: Final = 4
"""Empty modules around (ISO/IEC 18004 section 9.1)."""
_MASK: Final = 4
"""Of the eight patterns any may be used; weighing them against each other takes six times as long
as all the rest."""
_MAX_CHARS: Final = 200


def qr_artwork(url: str) -> Artwork:
    """A QR code, black, with its quiet zone; the paper is its ground, so nothing is hidden by it.

    Args:
        url: what it says.

    Raises:
        InvalidInputError: it is too long for a code that scans well in this size.
    """
    if len(url) > _MAX_CHARS:
        raise InvalidInputError(
            f"QR code: expected an address of at most {_MAX_CHARS} characters, got {len(url)}"
        )
    code = segno.make(url, error="m", micro=False, boost_error=False, mask=_MASK)
    modules = [bytes(row) for row in code.matrix]
    count = len(modules) + 2 * _QUIET_MODULES
    side = max(MIN_SIDE_MM, count * MODULE_MM)
    scale = side * POINTS_PER_MM / count
    parts = ["0 g"]
    for row, line in enumerate(modules):
        y = count - _QUIET_MODULES - 1 - row
        parts += [f"{_QUIET_MODULES + start} {y} {length} 1 re" for start, length in _runs(line)]
    content = f"{scale:.6f} 0 0 {scale:.6f} 0 0 cm\n" + "\n".join(parts) + "\nf"
    return Artwork(side, side, content.encode("ascii"))


def _runs(line: bytes) -> list[tuple[int, int]]:
    """Start and length of each run of dark modules: hairlines would show between single ones."""
    found, start = [], 0
    for index, dark in enumerate([*line, 0]):
        if not dark:
            if index > start:
                found.append((start, index - start))
            start = index + 1
    return found
