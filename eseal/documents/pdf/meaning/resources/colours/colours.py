"""Colour spaces, functions and graphics states that readers turn into the same colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pikepdf import Array, Name, String

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.streams import DamagedStreamError
from eseal.documents.pdf.meaning.desk.values import (
    array,
    dictionary,
    is_stream,
    name,
    numbers,
    whole,
)
from eseal.documents.pdf.meaning.resources.colours.functions import outputs

DEVICE: Final = {"DeviceGray": 1, "DeviceRGB": 3, "DeviceCMYK": 4, "G": 1, "RGB": 3, "CMYK": 4}
_PLAIN: Final = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}
_CALIBRATED: Final = {"CalGray": 1, "CalRGB": 3, "Lab": 3}
_PROFILES: Final = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4, b"Lab ": 3}
_MAX_DEPTH: Final = 4
_MAX_COLORANTS: Final = 32
_PROCESS: Final = {"Cyan": 0, "Magenta": 1, "Yellow": 2, "Black": 3}
_GAMMAS: Final = (1.0, 3.0)
_WHITE: Final = (0.7, 1.4)
_PRIMARIES: Final = [0.41, 0.21, 0.02, 0.36, 0.72, 0.12, 0.18, 0.07, 0.95]
"""Red, green and blue of sRGB; those of other screens and cameras are no further than this."""
_NEAR: Final = 0.35
_ICC_HEADER: Final = 128
_LAST_INDEX: Final = 255


def components(desk: Desk, space: Any, resources: Any, depth: int = 0) -> int:
    """How many components a colour space has; 0 if it is none that readers agree on.

    What is wrong with it is put down.
    """
    if depth > _MAX_DEPTH:
        return 0
    if isinstance(space, Name):
        named = dictionary(dictionary(resources).get("/ColorSpace")).get(space)
        return DEVICE.get(name(space)) or components(desk, named, None, depth + 1)
    parts = array(space)
    kind = name(parts[0]) if parts else ""
    if len(parts) == 1:
        return DEVICE.get(kind, 0)
    if kind in _CALIBRATED:
        return _CALIBRATED[kind] if _is_calibrated(dictionary(parts[1])) else 0
    read = _KINDS.get((kind, len(parts)))
    return read(desk, space, resources, depth) if read else 0


def _is_calibrated(given: Any) -> bool:
    """Whether a calibrated space is near what readers take all colours for (section 8.6.5)."""
    white = numbers(given.get("/WhitePoint")) or []
    gamma = given.get("/Gamma", 1)
    gammas = numbers(gamma if isinstance(gamma, Array) else Array([gamma])) or [0.0]
    usual = all(_GAMMAS[0] <= each <= _GAMMAS[1] for each in gammas)
    matrix = numbers(given.get("/Matrix")) or _PRIMARIES
    near = len(matrix) == len(_PRIMARIES) and all(
        abs(one - other) <= _NEAR for one, other in zip(matrix, _PRIMARIES, strict=True)
    )
    known = len(white) == 3 and white[1] == 1.0 and all(_WHITE[0] < x < _WHITE[1] for x in white)  # noqa: PLR2004
    return usual and near and known


def instead(desk: Desk, resources: Any) -> None:
    """Spaces that some readers put in the place of the devices' own (section 8.6.5.6)."""
    held = dictionary(dictionary(resources).get("/ColorSpace"))
    for kind, count in (("Gray", 1), ("RGB", 3), ("CMYK", 4)):
        value = held.get("/Default" + kind)
        if value is None or name(value) == "Device" + kind:
            continue
        parts = array(value)
        if not parts or name(parts[0]) != "ICCBased" or components(desk, value, None) != count:
            desk.report(HazardCode.UNCLEAR_COLOUR, f"another colour space instead of Device{kind}")


def space(desk: Desk, value: Any, resources: Any, what: str) -> None:
    """Look at a colour space that is used."""
    if name(value) == "Pattern":
        return
    parts = array(value)
    if parts and name(parts[0]) == "Pattern":
        if len(parts) == 1:
            return
        value = parts[1]
    if components(desk, value, resources) == 0:
        desk.report(HazardCode.UNCLEAR_COLOUR, f"{what} is not known")


def palette(value: Any, resources: Any) -> int | None:
    """The last index of a palette (section 8.6.6.3); ``None`` for another space."""
    if isinstance(value, Name):
        value = dictionary(dictionary(resources).get("/ColorSpace")).get(value)
    parts = array(value)
    if len(parts) != 4 or name(parts[0]) not in {"Indexed", "I"}:  # noqa: PLR2004
        return None
    return whole(parts[2])


def _profile(desk: Desk, parts: Any, _resources: Any, _depth: int) -> int:
    """An ICC profile whose header says what the document says (section 8.6.5.5)."""
    stream = parts[1]
    count = whole(dictionary(stream).get("/N"))
    if not is_stream(stream) or count not in {1, 3, 4}:
        return 0
    if not desk.first(parts):
        return count
    try:
        data = desk.streams.decoded(stream)
    except DamagedStreamError:
        data = b""
    good = (
        len(data) > _ICC_HEADER
        and data[36:40] == b"acsp"
        and _PROFILES.get(data[16:20]) == count
        and int.from_bytes(data[:4], "big") <= len(data)
    )
    if not good:
        desk.settle(HazardCode.UNCLEAR_COLOUR, "a colour profile is broken or of other colours")
        parts[0] = _PLAIN[count]  # as readers do
        del parts[1]
    return count


def _indexed(desk: Desk, parts: Any, resources: Any, depth: int) -> int:
    base = components(desk, parts[1], resources, depth + 1)
    last = whole(parts[2])
    if base == 0 or last is None or not 0 <= last <= _LAST_INDEX:
        return 0
    table = parts[3]
    if isinstance(table, String):
        size = len(bytes(table))
    elif is_stream(table):
        size = len(desk.decoded(table, "a palette") or b"")
    else:
        return 0
    if size < (last + 1) * base:
        desk.report(HazardCode.UNCLEAR_COLOUR, f"a palette is too short: {size} bytes")
    return 1


def _separation(desk: Desk, parts: Any, resources: Any, depth: int) -> int:
    colorant = name(parts[1])
    alternate = components(desk, parts[2], resources, depth + 1)
    if alternate == 0:
        return 0
    if colorant == "None":
        desk.report(HazardCode.UNCLEAR_COLOUR, "the colour None, which some readers show")
    if outputs(desk, parts[3], 1) != alternate:
        desk.report(HazardCode.UNCLEAR_COLOUR, f"the colour {colorant} has no proper function")
    elif colorant in _PROCESS and not _is_process(colorant, parts):
        desk.report(HazardCode.UNCLEAR_COLOUR, f"the colour {colorant} is made of others")
    return 1


def _is_process(colorant: str, parts: Any) -> bool:
    """Whether a process colour is made of itself alone, as readers take it for granted."""
    tint = parts[3]
    if name(parts[2]) != "DeviceCMYK" or whole(dictionary(tint).get("/FunctionType")) != 2:  # noqa: PLR2004
        return True
    full = [float(index == _PROCESS[colorant]) for index in range(4)]
    return numbers(tint.get("/C1")) == full and not any(numbers(tint.get("/C0")) or [0])


def _device_n(desk: Desk, parts: Any, resources: Any, depth: int) -> int:
    names = array(parts[1])
    if not 0 < len(names) <= _MAX_COLORANTS or not all(map(name, names)):
        return 0
    alternate = components(desk, parts[2], resources, depth + 1)
    if alternate == 0:
        return 0
    if outputs(desk, parts[3], len(names)) != alternate or "None" in map(name, names):
        desk.report(HazardCode.UNCLEAR_COLOUR, "a mixed colour has no proper function")
    return len(names)


_KINDS: Final[dict[tuple[str, int], Callable[[Desk, Any, Any, int], int]]] = {
    ("ICCBased", 2): _profile,
    ("Indexed", 4): _indexed,
    ("I", 4): _indexed,
    ("Separation", 4): _separation,
    ("DeviceN", 4): _device_n,
    ("DeviceN", 5): _device_n,
}
"""By name and count of parts (table 62)."""
