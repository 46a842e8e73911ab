"""Functions (ISO 32000-1 section 7.10) that every reader can compute."""

from __future__ import annotations

from typing import Any, Final

from pikepdf import Array, Dictionary

from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import array, is_stream, numbers, whole
from eseal.documents.pdf.meaning.resources.colours.calculator import results

_MAX_DEPTH: Final = 4
_DEPTHS: Final = {1, 2, 4, 8, 12, 16, 24, 32}
_MAX_OUTPUTS: Final = 32


def outputs(desk: Desk, value: Any, inputs: int, depth: int = 0) -> int:
    """How many values come out of a function; 0 if it is none that readers compute alike.

    Args:
        desk: where its data come from.
        value: the function.
        inputs: how many values go in.
        depth: of functions made of functions.
    """
    if depth > _MAX_DEPTH or (not isinstance(value, Dictionary) and not is_stream(value)):
        return 0
    domain = numbers(value.get("/Domain")) or []
    ranges = numbers(value.get("/Range")) or [] if "/Range" in value else []
    if not _intervals(domain, inputs) or not _intervals(ranges, len(ranges) // 2):
        return 0
    kind = whole(value.get("/FunctionType"))
    if kind in {0, 4}:
        made = _sampled(desk, value, inputs, ranges) if kind == 0 else _written(desk, value, inputs)
        return made if ranges and made == len(ranges) // 2 else 0
    if inputs != 1 or kind not in {2, 3}:
        return 0
    made = _power(value, domain) if kind == 2 else _stitched(desk, value, domain, depth)  # noqa: PLR2004  table 94
    return made if not ranges or made == len(ranges) // 2 else 0


def together(desk: Desk, value: Any, inputs: int) -> int:
    """How many values come out of one function, or of several with one each."""
    if not isinstance(value, Array):
        return outputs(desk, value, inputs)
    parts = array(value)
    fine = len(parts) <= _MAX_OUTPUTS and all(outputs(desk, part, inputs) == 1 for part in parts)
    return len(parts) if fine else 0


def _intervals(limits: list[float], count: int) -> bool:
    return len(limits) == 2 * count and all(
        low <= high for low, high in zip(limits[::2], limits[1::2], strict=True)
    )


def _sampled(desk: Desk, value: Any, inputs: int, ranges: list[float]) -> int:
    """Type 0."""
    sizes = numbers(value.get("/Size")) or []
    depth = whole(value.get("/BitsPerSample")) or 0
    if len(sizes) != inputs or depth not in _DEPTHS or min(sizes) < 1 or not is_stream(value):
        return 0
    count = len(ranges) // 2
    samples = float(count)
    for size in sizes:
        samples *= size
    data = desk.decoded(value, "a function")
    return count if data is not None and len(data) * 8 >= samples * depth else 0


def _power(value: Any, domain: list[float]) -> int:
    """Type 2: to a power that every value of the domain has."""
    first, last = numbers(value.get("/C0", Array([0]))), numbers(value.get("/C1", Array([1])))
    exponent = numbers(Array([value.get("/N")]))
    if not first or not last or not exponent or len(first) != len(last):
        return 0
    return len(first) if exponent[0] > 0 and domain[0] >= 0 else 0


def _stitched(desk: Desk, value: Any, domain: list[float], depth: int) -> int:
    """Type 3."""
    parts = array(value.get("/Functions"))
    bounds = numbers(value.get("/Bounds"))
    encode = numbers(value.get("/Encode"))
    if not parts or bounds is None or encode is None:
        return 0
    inside = [domain[0], *bounds, domain[1]]
    counts = {outputs(desk, part, 1, depth + 1) for part in parts}
    fine = (
        len(bounds) == len(parts) - 1
        and len(encode) == 2 * len(parts)
        and inside == sorted(inside)
        and len(counts) == 1
    )
    return counts.pop() if fine else 0


def _written(desk: Desk, value: Any, inputs: int) -> int:
    """Type 4: a program."""
    data = desk.decoded(value, "a function") if is_stream(value) else None
    return results(data, inputs) if data is not None else 0
