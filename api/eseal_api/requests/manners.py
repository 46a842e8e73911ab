"""The form fields of a use that say in which manner a PDF is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from eseal.documents.pdf import Beside, PartyPlace, SealingMode
from eseal.documents.pdf.sealing.options import PLACE_MM, PartySpot
from eseal.errors import InvalidFormatError
from eseal_api.requests.bodies import only
from eseal_api.requests.placements import MAX_MILLIMETRES, parse_at, parse_keyword

if TYPE_CHECKING:
    from eseal_api.requests.bodies import Fields


_FLAGS = ("flatten", "lock")
_TRUTH = {"true": True, "false": False}
_SIDES = ("width", "height")
_SPOTS = ("at", "keyword", "invisible")
_PARTY = frozenset({"label", *_SPOTS, *_SIDES})
_LEAST_MM = 10.0
"""A smaller place has no room for any seal that can be read."""
_SHOWN_CHARS = 80

MANNER: dict[str, Any] = {
    "flatten": {
        "type": "boolean",
        "description": "Seal a flattened copy: what the PDF shows, and nothing else.",
    },
    "lock": {
        "type": "boolean",
        "description": "This is the last of several seals; no more may follow.",
    },
    "parties": {
        "type": "string",
        "description": "Places for those who seal later: JSON list of {label, at | keyword | "
        "invisible, width?, height?}: `at` {page, x, y, centred?} and `keyword` {text, "
        "occurrence?} as in `placement`, `invisible` true for a seal that will not show; without "
        "any of them the place is beside the party's name. Width and height in millimetres.",
        "examples": ['[{"label": "Buyer", "at": {"page": -1, "x": 120, "y": 40}}]'],
    },
}
"""The fields, as the API's description lists them."""


def parse_manner(parts: Fields) -> SealingMode:
    """Read them.

    Raises:
        InvalidFormatError: a field holds something else.
    """
    flags: dict[str, bool] = {}
    for name in _FLAGS:
        text = parts.text(name)
        if text is not None and text not in _TRUTH:
            raise _wrong(name, "true or false", text)
        flags[name] = _TRUTH.get(text or "false", False)
    parties = parts.text("parties")
    return SealingMode(
        flatten=flags["flatten"],
        lock=flags["lock"],
        parties=() if parties is None else _parties(parties),
    )


def _parties(text: str) -> tuple[PartyPlace, ...]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, list):
        raise _wrong("parties", "a JSON list of objects", text)
    return tuple(map(_party, value))


def _party(value: object) -> PartyPlace:
    if not isinstance(value, dict):
        raise _wrong("parties", "objects with a label", value)
    only(value, _PARTY, "parties")
    label = value.get("label")
    if not isinstance(label, str):
        raise _wrong("parties.label", "a string", label)
    width, height = (
        _side(name, value.get(name, usual)) for name, usual in zip(_SIDES, PLACE_MM, strict=True)
    )
    return PartyPlace(label, _spot(value), (width, height))


def _spot(value: dict[str, Any]) -> PartySpot:
    given = [name for name in _SPOTS if name in value]
    if len(given) > 1:
        raise _wrong("parties", "one of at, keyword and invisible", " and ".join(given))
    match given:
        case ["at"]:
            return parse_at(value["at"])
        case ["keyword"]:
            return parse_keyword(value["keyword"])
        case ["invisible"]:
            if not isinstance(value["invisible"], bool):
                raise _wrong("parties.invisible", "true or false", value["invisible"])
            return None if value["invisible"] else Beside()
    return Beside()


def _side(name: str, value: object) -> float:
    if type(value) not in {int, float} or not _LEAST_MM <= value <= MAX_MILLIMETRES:  # type: ignore[operator]
        raise _wrong(f"parties.{name}", f"millimetres from {_LEAST_MM:g}", value)
    return float(value)  # type: ignore[arg-type]


def _wrong(field: str, expected: str, got: object) -> InvalidFormatError:
    return InvalidFormatError(
        f"{field}: expected {expected}, got {str(got)[:_SHOWN_CHARS]!r}", field=field
    )
