"""Finding the seals in a file."""

from __future__ import annotations

from typing import NoReturn

from eseal.verify.case import Subject
from eseal.verify.verdict import FindingError, Passed
from eseal.verify.vocabulary import Finding


def find_seals(pdf: bytes) -> Passed[tuple[Subject, ...]]:
    """Find the seals of a PDF, in the order in which they stand in it.

    Raises:
        InvalidFormatError: the PDF cannot be read.
        TooLargeError: it is beyond the limits of what is read.
    """
    from eseal.documents.pdf import TIME_STAMP, read  # pyHanko takes half a second to import

    seals = tuple(
        Subject(
            cms=seal.cms,
            digest=seal.digest,
            field=seal.field,
            covers_file=seal.covers_file,
            problem=seal.problem,
            alterations=seal.alterations,
            additions=seal.additions,
            hidden=seal.hidden,
        )
        for seal in read(pdf).seals
        if seal.subfilter != TIME_STAMP
    )
    return Passed(seals, f"The PDF can be read and holds {len(seals)} seals.")


def no_seal() -> NoReturn:
    """Say that there is nothing to check.

    Raises:
        FindingError: ``no_seal``.
    """
    raise FindingError(
        Finding.NO_SEAL,
        "There is neither a seal in the document nor a signature or evidence file beside it.",
    )
