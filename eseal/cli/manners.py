"""The options of ``eseal apply`` on several parties and on flattened copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from eseal.documents.pdf import Manner

Flatten = Annotated[
    bool,
    typer.Option(
        "--flatten", help="Seal a copy with forms, notes and everything hidden drawn in or removed."
    ),
]
MoreToCome = Annotated[
    bool, typer.Option("--more-to-come", help="Others will seal this PDF after this seal.")
]
Lock = Annotated[
    bool, typer.Option("--lock", help="This is the last of several seals: allow no more.")
]
Parties = Annotated[
    int,
    typer.Option(
        "--parties", min=0, max=4, help="Make so many empty seal fields for those who seal later."
    ),
]
_FIRST_MM = 20.0
_BELOW_MM = 50.0
_SIDE_MM = 40.0
_STEP_MM = 43.0
"""Empty fields stand in a row on the last page, above the plain visible seal."""


def manner_of(*, flatten: bool, more_to_come: bool, lock: bool, parties: int) -> Manner:
    """How the options ask for a PDF to be sealed."""
    from eseal.documents.pdf import Manner, PartyField

    fields = tuple(
        PartyField(
            f"Party-{number + 2}",
            box=(_FIRST_MM + number * _STEP_MM, _BELOW_MM, _SIDE_MM, _SIDE_MM),
        )
        for number in range(parties)
    )
    return Manner(flatten=flatten, further_seals=more_to_come, lock=lock, parties=fields)
