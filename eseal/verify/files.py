"""Finding the seals in a file."""

from __future__ import annotations

import hashlib
from typing import NoReturn

from eseal.documents import asic
from eseal.errors import InvalidFormatError
from eseal.verify.case import CoveredFiles, Subject
from eseal.verify.verdict import FindingError, Passed
from eseal.verify.vocabulary import Finding, SubIndication


def find_seals(pdf: bytes) -> Passed[tuple[Subject, ...]]:
    """Find the seals of a PDF, in the order in which they stand in it.

    Raises:
        InvalidFormatError: the PDF cannot be read.
        TooLargeError: it is beyond the limits of what is read.
    """
    from eseal.documents.pdf import TIME_STAMP, read  # pyHanko takes half a second to import

    found = read(pdf).seals
    stamps = [each for each in found if each.subfilter == TIME_STAMP]
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
            stamps=tuple(
                (stamp.cms, stamp.digest)
                for stamp in stamps
                if stamp.signed_length >= seal.signed_length
            ),
        )
        for seal in found
        if seal.subfilter != TIME_STAMP
    )
    return Passed(seals, f"The PDF can be read and holds {len(seals)} seals.")


def find_container_seals(data: bytes) -> Passed[tuple[Subject, ...]]:
    """Find the seals of an ASiC-E container, in the order of their names.

    Raises:
        FindingError: ``document_altered``, FORMAT_FAILURE; the container breaks the rules by which
            everybody sees the same files in it.
        TooLargeError: it is beyond the limits of what is read.
    """
    try:
        container = asic.read(data)
    except InvalidFormatError as error:
        raise FindingError(
            Finding.DOCUMENT_ALTERED,
            f"The container is not as it was sealed: {error}.",
            sub_indication=SubIndication.FORMAT_FAILURE,
        ) from None
    digests, unlisted = _Digests(container.content()), container.unlisted()
    seals = tuple(
        Subject(cms=seal.cms, digest=seal.digest, files=_covered(seal, digests, unlisted))
        for seal in container.seals
    )
    return Passed(seals, f"The container can be read and holds {len(seals)} seals.")


class _Digests:
    """The digests of a container's files, each made once however many seals name it."""

    def __init__(self, content: dict[str, asic.Content]) -> None:
        self._content = content
        self._made: dict[tuple[str, str], bytes] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._content

    def fits(self, reference: asic.Reference) -> bool:
        key = reference.name, reference.method
        if key not in self._made:
            made = hashlib.new(reference.method, self._content[reference.name])
            self._made[key] = made.digest()
        return self._made[key] == reference.digest


def _covered(
    seal: asic.ContainerSeal, digests: _Digests, unlisted: tuple[str, ...]
) -> CoveredFiles:
    there = [one for one in seal.covers.references if one.name in digests]
    return CoveredFiles(
        names=tuple(one.name for one in seal.covers.references),
        altered=tuple(one.name for one in there if not digests.fits(one)),
        missing=tuple(one.name for one in seal.covers.references if one.name not in digests),
        unlisted=unlisted,
    )


def no_seal() -> NoReturn:
    """Say that there is nothing to check.

    Raises:
        FindingError: ``no_seal``.
    """
    raise FindingError(
        Finding.NO_SEAL,
        "There is neither a seal in the document nor a signature or evidence file beside it.",
    )
