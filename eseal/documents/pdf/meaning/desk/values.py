"""Values of qpdf's objects, as plain Python or not at all."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from pikepdf import Array, Dictionary, Name, Object, Stream

Key = tuple[int, int]
"""Number and generation of an object; ``(0, 0)`` for one that stands inside another."""
Box = tuple[float, float, float, float]
DIRECT: Final[Key] = (0, 0)
FILES: Final = ("/FontFile", "/FontFile2", "/FontFile3")
"""Where the descriptor of a font has its program (ISO 32000-1 table 122)."""
MAX_PARENTS: Final = 64
"""Fields inside one another: real forms have three or four levels."""


def name(value: Any) -> str:
    """A name without its solidus, e.g. ``DeviceRGB``; empty if it is none, or not in UTF-8."""
    if not isinstance(value, Name):
        return ""
    return bytes(value)[1:].decode("utf-8", "replace")


def number(value: Any) -> float | None:
    """A number; ``None`` if it is none."""
    return float(value) if type(value) in {int, Decimal} else None


def whole(value: Any) -> int | None:
    """A number without fraction, however it is written; ``None`` if it is none."""
    if type(value) is int:
        return value
    return int(value) if type(value) is Decimal and value == int(value) else None


def numbers(value: Any) -> list[float] | None:
    """An array of numbers; ``None`` if it is something else, or holds something else."""
    if not isinstance(value, Array):
        return None
    items = [*value]
    if not {*map(type, items)} <= {int, Decimal}:
        return None
    return [*map(float, items)]


def array(value: Any) -> list[Any]:
    """The items of an array; empty if it is none."""
    return [*value] if isinstance(value, Array) else []


def dictionary(value: Any) -> Any:
    """A dictionary, or that of a stream; an empty one for anything else."""
    return value if isinstance(value, Dictionary | Stream) else Dictionary()


def is_stream(value: Any) -> bool:
    """Whether it is a stream."""
    return isinstance(value, Stream)


def key_of(value: Any) -> Key:
    """Which object it is."""
    return value.objgen if isinstance(value, Object) else DIRECT


def inherited(item: Any, key: str) -> Any:
    """An entry of a field, or of the next above it that has it (section 12.7.3.1)."""
    for _ in range(MAX_PARENTS):
        if not isinstance(item, Dictionary):
            return None
        value = item.get(key)
        if value is not None:
            return value
        item = item.get("/Parent")
    return None


def box(value: Any) -> Box | None:
    """A rectangle (section 7.9.5) with its corners in order; ``None`` if it is none or empty."""
    corners = numbers(value)
    if corners is None or len(corners) != 4:  # noqa: PLR2004
        return None
    x1, y1, x2, y2 = corners
    ordered = min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)
    return ordered if ordered[0] < ordered[2] and ordered[1] < ordered[3] else None
