"""Graphics states and shadings (ISO 32000-1 sections 8.4.5 and 8.7.4) that all readers show."""

from __future__ import annotations

from typing import Any, Final

from pikepdf import Array, Dictionary, Name

from eseal.documents.pdf.examination.hazards import HazardCode
from eseal.documents.pdf.meaning.desk.desk import Desk
from eseal.documents.pdf.meaning.desk.values import (
    array,
    dictionary,
    is_stream,
    name,
    number,
    numbers,
    whole,
)
from eseal.documents.pdf.meaning.resources.colours.colours import components, palette
from eseal.documents.pdf.meaning.resources.colours.functions import together

_PLAIN_TRANSFER: Final = {"Identity", "Default"}
_TRANSFERS: Final = ("/TR", "/TR2", "/BG", "/BG2", "/UCR", "/UCR2")
_LIMITS: Final[dict[str, tuple[float, float]]] = {
    "/ca": (0, 1),
    "/CA": (0, 1),
    "/LW": (0, 1e6),
    "/LC": (0, 2),
    "/LJ": (0, 2),
    "/ML": (1, 1e6),
}
"""Numbers that readers take alike only between these."""
_BLENDS: Final = {
    *("Normal", "Compatible", "Multiply", "Screen", "Overlay", "Darken", "Lighten"),
    *("ColorDodge", "ColorBurn", "HardLight", "SoftLight", "Difference", "Exclusion"),
    *("Hue", "Saturation", "Color", "Luminosity"),
}


_UNLIKE: Final = {"ColorBurn", "Difference", "Exclusion"}
"""Ways to blend that turn white into black in one reader, or in the colours of print."""


def graphics_state(desk: Desk, state: Any, what: str) -> None:
    """Look at a graphics state (section 8.4.5): nothing that only printers do, or some readers."""
    _numbers(desk, dictionary(state), what)
    if "/Font" in dictionary(state):
        desk.report(HazardCode.UNCLEAR_FONT, f"{what} sets a font, which some readers do not do")
    for key in _TRANSFERS:
        value = dictionary(state).get(key)
        if value is not None and name(value) not in _PLAIN_TRANSFER:
            desk.settle(HazardCode.UNCLEAR_COLOUR, f"{what} changes colours by {key}")
            del state[key]
    mask = dictionary(state).get("/SMask")
    if isinstance(mask, Dictionary):
        transfer = mask.get("/TR")
        if transfer is not None and name(transfer) != "Identity":
            desk.settle(HazardCode.UNCLEAR_COLOUR, f"{what} has a mask that a function changes")
            del mask["/TR"]
        if not is_stream(mask.get("/G")) or name(mask.get("/S")) not in {"Alpha", "Luminosity"}:
            desk.report(HazardCode.UNCLEAR_COLOUR, f"{what} has a mask without drawing")
        elif (
            "/CS" not in dictionary(dictionary(mask.get("/G")).get("/Group"))
            and name(mask.get("/S")) == "Luminosity"
        ):
            desk.report(HazardCode.UNCLEAR_COLOUR, f"{what} has a mask of no colours")


def _numbers(desk: Desk, state: Any, what: str) -> None:
    for key, (low, high) in _LIMITS.items():
        if key in state and not low <= (number(state.get(key)) or 0.0 * low) <= high:
            desk.report(HazardCode.UNCLEAR_COLOUR, f"{what} has a {key} that means nothing")
    dash = array(state.get("/D"))
    if dash and (len(dash) != 2 or min(numbers(dash[0]) or [0]) < 0):  # noqa: PLR2004
        desk.report(HazardCode.UNCLEAR_COLOUR, f"{what} has a dash that means nothing")
    blend = state.get("/BM")
    if isinstance(blend, Array):  # the first that a reader knows
        known = [name(item) for item in array(blend) if name(item) in _BLENDS]
        state.BM = Name("/" + known[0]) if known else Name.Normal
    if name(state.get("/BM")) in _UNLIKE:
        desk.report(HazardCode.UNCLEAR_COLOUR, f"{what} blends by {name(state.get('/BM'))}")


_SHADINGS: Final = {1: 2, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1}
"""Kinds of shadings, with the count of values that go into their functions (table 78)."""
_MESHES: Final = 4
_COORDINATES: Final = {2: 4, 3: 6}


def shading(desk: Desk, value: Any, resources: Any, what: str) -> None:
    """Look at a shading (section 8.7.4.3)."""
    if not desk.first(value):
        return
    entries = dictionary(value)
    kind = whole(entries.get("/ShadingType")) or 0
    count = components(desk, entries.get("/ColorSpace"), resources)
    odd = kind not in _SHADINGS or count == 0
    if not odd and (kind < _MESHES or "/Function" in entries):
        odd = together(desk, entries.get("/Function"), _SHADINGS[kind]) != count
    if not odd and kind in _COORDINATES:
        places = numbers(entries.get("/Coords")) or []
        half = _COORDINATES[kind] // 2
        odd = len(places) != 2 * half or places[:half] == places[half:]
        odd = odd or (kind == 3 and min(places[2], places[5]) < 0)  # noqa: PLR2004
    if not odd and ("/Background" in entries and "/BBox" in entries):
        odd = True
    if not odd and "/Function" in entries and palette(entries.get("/ColorSpace"), resources):
        odd = True
    if not odd and kind >= _MESHES:
        odd = not is_stream(value) or desk.decoded(value, what) is None
    if odd:
        desk.report(HazardCode.UNCLEAR_COLOUR, f"{what} is not made as the standard asks")
