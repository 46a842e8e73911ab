"""Finding the seals in a container, and what each of them says of its files."""

from __future__ import annotations

from eseal.documents import asic, confined
from eseal.errors import InvalidInputError
from eseal.verify.case import Contents, Stranger, Subject
from eseal.verify.signatures import hashes_of, is_seal
from eseal.verify.verdict import FindingError, Passed
from eseal.verify.vocabulary import Finding


def find_container_seals(data: bytes) -> Passed[Contents]:
    """Find the seals of an ASiC-E container, in their order.

    In a container that is not in the form in which it was sealed they are looked for as well: not
    to pass, but to say which files differ from what they cover.

    Raises:
        FindingError: ``not_understood``; it is in another form, or holds more than is read, and no
            seal of ours is found in it.
    """
    try:
        container = asic.read(data)
    except InvalidInputError as error:
        return _in_another_form(data, str(error))
    digests = container.digests()
    seals = tuple(
        Subject(cms=seal.cms, digest=seal.digest, files=asic.CoveredFiles.of(seal.covers, digests))
        for seal in container.seals
        if is_seal(seal.cms)
    )
    strangers = tuple(
        Stranger(seal.cms, hashes_of(seal.covers.encode()))
        for seal in container.seals
        if not is_seal(seal.cms)
    )
    beside = f" and {len(strangers)} other signatures" if strangers else ""
    return Passed(
        Contents(seals, strangers),
        f"The container can be read and holds {len(seals)} seals{beside}.",
    )


def _in_another_form(data: bytes, problem: str) -> Passed[Contents]:
    try:
        found = confined.ask(asic.survey, data, budget=confined.VERIFYING)
    except InvalidInputError:
        found = []
    if not found:
        raise FindingError(
            Finding.NOT_UNDERSTOOD,
            f"The container is not in the form in which one is sealed here: {problem}.",
        )
    seals = tuple(
        Subject(
            cms=bytes.fromhex(one["cms"]),
            digest=bytes.fromhex(one["digest"]),
            files=asic.CoveredFiles(
                **{member: tuple(names) for member, names in one["files"].items()},
                problem=problem,
            ),
        )
        for one in found
    )
    return Passed(
        Contents(seals), f"The container was packed again; {len(seals)} seals were found in it."
    )
