"""The options of ``eseal apply`` on several parties and on flattened copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from eseal.cli.sealing.placements import point_of
from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt

if TYPE_CHECKING:
    from eseal.documents.pdf import PartyPlace, SealingMode

Flatten = Annotated[
    bool,
    typer.Option(
        "--flatten", help="Seal a copy with forms, notes and everything hidden drawn in or removed."
    ),
]
Lock = Annotated[
    bool, typer.Option("--lock", help="This is the last of several seals: allow no more.")
]
Parties = Annotated[
    list[str] | None,
    typer.Option(
        "--party",
        metavar="LABEL[@PLACE]",
        help="Make a place for a party that seals later; again for each. PLACE is PAGE,X,Y in mm, "
        "keyword:TEXT or invisible; default: beside the party's name, at the words that ask for "
        "its seal.",
    ),
]
_KEYWORD: Final = "keyword:"
_INVISIBLE: Final = "invisible"


def mode_of(
    *, flatten: bool = False, lock: bool = False, parties: list[str] | None = None
) -> SealingMode:
    """How the options ask for a PDF to be sealed.

    Raises:
        InvalidInputError: a place cannot be read.
    """
    from eseal.documents.pdf import SealingMode

    places = tuple(map(_party, parties or ()))
    return SealingMode(flatten=flatten, lock=lock, parties=places)


def _party(text: str) -> PartyPlace:
    from eseal.documents.pdf import AtKeyword, Beside, PartyPlace

    label, at, where = text.rpartition("@")
    if not at:
        return PartyPlace(text.strip(), Beside())
    label, where = label.strip(), where.strip()
    if not label:
        raise InvalidInputError(f"--party: expected LABEL@PLACE, got {excerpt(text)}")
    if where == _INVISIBLE:
        return PartyPlace(label)
    if where.startswith(_KEYWORD):
        return PartyPlace(label, AtKeyword(where.removeprefix(_KEYWORD)))
    return PartyPlace(label, point_of("--party", where))
