"""The form fields of a use that say in which manner a PDF is sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from eseal.documents.pdf import Manner, PartyField
from eseal.errors import InvalidFormatError

if TYPE_CHECKING:
    from api.bodies import Fields


_FLAGS = ("flatten", "further_seals", "lock")
_TRUTH = {"true": True, "false": False}
_SIDES = ("x", "y", "width", "height")
_SHOWN_CHARS = 80

MANNER: dict[str, Any] = {
    "flatten": {
        "type": "boolean",
        "description": "Seal a flattened copy: what the PDF shows, and nothing else.",
    },
    "further_seals": {
        "type": "boolean",
        "description": "Others will seal this PDF after this seal.",
    },
    "lock": {
        "type": "boolean",
        "description": "This is the last of several seals; no more may follow.",
    },
    "parties": {
        "type": "string",
        "description": "Empty fields for those who seal later: JSON list of {name, page, x, y, "
        "width, height}, page from 1 (-1 is the last), millimetres; without a place the seal "
        "will not show.",
        "examples": ['[{"name": "Buyer", "page": 1, "x": 9, "y": 9, "width": 40, "height": 40}]'],
    },
}
"""The fields, as the API's description lists them."""


def parse_manner(parts: Fields) -> Manner:
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
    return Manner(
        flatten=flags["flatten"],
        further_seals=flags["further_seals"],
        lock=flags["lock"],
        parties=() if parties is None else _parties(parties),
    )


def _parties(text: str) -> tuple[PartyField, ...]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, list):
        raise _wrong("parties", "a JSON list of objects", text)
    return tuple(map(_party, value))


def _party(value: object) -> PartyField:
    whole = {"name", "page", *_SIDES}
    if not isinstance(value, dict) or value.keys() not in ({"name"}, whole):
        raise _wrong("parties", "objects with a name, alone or with a page and a place", value)
    if type(value["name"]) is not str:
        raise _wrong("parties.name", "a string", value["name"])
    if len(value) == 1:
        return PartyField(value["name"])
    page = value["page"]
    if type(page) is not int or page == 0:
        raise _wrong("parties.page", "a page number from 1, or from -1 for the last", page)
    sides = [value[side] for side in _SIDES]
    for side in sides:
        if type(side) not in {int, float}:
            raise _wrong("parties", "millimetres", side)
    x, y, width, height = map(float, sides)
    return PartyField(value["name"], page - 1 if page > 0 else page, (x, y, width, height))


def _wrong(field: str, expected: str, got: object) -> InvalidFormatError:
    return InvalidFormatError(
        f"{field}: expected {expected}, got {str(got)[:_SHOWN_CHARS]!r}", field=field
    )
