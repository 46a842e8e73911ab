"""Finding the seals in a file."""

from __future__ import annotations

from typing import NoReturn

from eseal.verify.case import Subject
from eseal.verify.verdict import FindingError, Passed
from eseal.verify.vocabulary import Finding

_TIME_STAMP = "ETSI.RFC3161"
"""ISO 32000-2 section 12.8.5: a document time-stamp, which is no seal."""


def find_seals(pdf: bytes) -> Passed[tuple[Subject, ...]]:
    """Find the seals of a PDF, in the order in which they stand in it.

    Raises:
        InvalidFormatError: the PDF cannot be read.
        TooLargeError: it is beyond the limits of what is read.
    """
    from eseal.documents.pdf import read  # pyHanko takes half a second to import

    found = read(pdf).seals
    stamps = [each for each in found if each.subfilter == _TIME_STAMP]
    seals = tuple(
        Subject(
            cms=seal.cms,
            digest=seal.digest,
            field=seal.field,
            covers_file=seal.covers_file,
            problem=seal.problem,
            stamps=tuple(
                (stamp.cms, stamp.digest)
                for stamp in stamps
                if stamp.signed_length >= seal.signed_length
            ),
        )
        for seal in found
        if seal.subfilter != _TIME_STAMP
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
