"""What is said when something was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from eseal.errors import UnsafeDocumentError
from eseal.words import Language

if TYPE_CHECKING:
    from eseal.words import Words


OPTIONS: Final = {"flatten": "--flatten"}
"""What the catalogue leaves to whoever tells of a refusal: how to ask for something here."""


def reasons_of(error: Exception) -> tuple[str, ...]:
    """The codes of what a document was refused for, if it was."""
    return error.reasons if isinstance(error, UnsafeDocumentError) else ()


def refusal(words: Words, code: str, detail: str, reasons: tuple[str, ...] = ()) -> list[str]:
    """The lines that tell of a refusal.

    In English that is the detail, which says what is the matter, where, and what to do. In other
    languages the sentence comes first, with the detail behind it; then what to do, for each reason
    for which a document was refused, or once.

    Args:
        words: the catalogue.
        code: of the error.
        detail: its message, in English.
        reasons: codes of what the document was refused for.
    """
    sentence = words.find(f"refusals.{code}.sentence")
    if words.language is Language.EN or sentence is None:
        return [detail]
    lines = [
        f"{reason}: {words(f'hazards.{reason}.sentence')} {words(f'hazards.{reason}.advice')}"
        for reason in dict.fromkeys(reasons)
    ]
    advice = f"{words('report.what_to_do')}: {words(f'refusals.{code}.advice', **OPTIONS)}"
    return [f"{sentence} [{detail}]", *(lines or [advice])]
