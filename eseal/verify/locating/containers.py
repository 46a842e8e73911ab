"""Locating the seals in a container, and what each of them says of its files.

Anybody can put a signature into a container: a copy of a seal of another one, or one of their own.
So those that cover what is there are told apart from those that do not. The latter are told, and
accuse nobody; but a container into which something was put is not the one that was sealed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from eseal.documents import asic, cms, confined
from eseal.documents.cms.confined import try_strangers
from eseal.errors import InvalidFormatError, InvalidInputError, InvalidSignatureError
from eseal.verify.inputs.case import Candidate, Contents, Stranger
from eseal.verify.locating.signatures import hashes_of, is_seal, read_signature
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.vocabulary import Finding


def find_container_seals(data: bytes) -> Passed[Contents]:
    """Find the seals of an ASiC-E container, in their order.

    In a container that is not in the form in which it was sealed they are looked for as well: not
    to pass, but to say which files differ from what they cover.

    Raises:
        FindingError: ``not_understood``; it is in another form, or holds more than is read, and no
            seal of ours is found in it.
        InvalidFormatError: its signatures take too much to be read.
    """
    try:
        container = asic.read(data)
    except InvalidInputError as error:
        return _in_another_form(data, str(error))
    seals = _seals(container)
    strangers = {
        seal.name: Stranger(seal.cms, hashes_of(seal.covers.encode()))
        for seal in container.seals
        if seal.name not in seals
    }
    beside = f" and {len(strangers)} other signatures" if strangers else ""
    return Passed(
        Contents(_told_apart(seals, tuple(strangers)), tuple(strangers.values())),
        f"The container can be read and holds {len(seals)} seals{beside}.",
    )


def strange_signatures(container: asic.Container) -> tuple[str, ...]:
    """The names of signatures in a container that are no seals over what is in it."""
    seals = _seals(container)
    names = (seal.name for seal in container.seals)
    return tuple(
        name
        for name in names
        if name not in seals or _is_of_another(seals[name]) or not _holds(seals[name])
    )


def _seals(container: asic.Container) -> dict[str, Candidate]:
    """The seals of a container by the names of their signatures.

    Raises:
        InvalidFormatError: its signatures take too much to be read.
    """
    try_strangers([seal.cms for seal in container.seals])
    digests = container.digests()
    return {
        seal.name: Candidate(
            cms=seal.cms,
            digest=seal.digest,
            files=asic.CoveredFiles.of(seal.covers, digests),
            where=seal.name,
        )
        for seal in container.seals
        if is_seal(seal.cms)
    }


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
    names = [f"{number}: {one['name']}" for number, one in enumerate(found)]
    seals = {name: _found(one, problem, name) for name, one in zip(names, found, strict=True)}
    try_strangers([seal.cms for seal in seals.values()])
    return Passed(
        Contents(_told_apart(seals)),
        f"The container was packed again; {len(seals)} seals were found in it.",
    )


def _found(one: dict[str, Any], problem: str, where: str) -> Candidate:
    """A seal of a container of another form."""
    names = {member: tuple(names) for member, names in one["files"].items()}
    return Candidate(
        cms=bytes.fromhex(one["cms"]),
        digest=bytes.fromhex(one["digest"]),
        files=asic.CoveredFiles(**names, problem=problem),
        where=where,
    )


def _told_apart(
    seals: dict[str, Candidate], strangers: tuple[str, ...] = ()
) -> tuple[Candidate, ...]:
    """The seals of a container, those marked that were made for another one.

    Where none holds what is there, none is marked: then the container was changed, and each says
    so.

    Args:
        seals: by the names of their signatures.
        strangers: names of the signatures that are no seals.
    """
    apart = [name for name, seal in seals.items() if _is_of_another(seal)]
    if not any(_holds(seal) for name, seal in seals.items() if name not in apart):
        return tuple(seals.values())
    beside = (*apart, *strangers)
    return tuple(
        replace(seal, outside=True)
        if name in apart
        else replace(seal, files=seal.files and replace(seal.files, beside=beside))
        for name, seal in seals.items()
    )


def _is_of_another(seal: Candidate) -> bool:
    """Whether a seal says, as far as it can be read, that it was made for other content."""
    files = seal.files
    if files is None or files.altered or (files.missing and files.problem is None):
        return True
    try:
        return read_signature(seal.cms).message_digest != seal.digest
    except InvalidFormatError:
        return False


def _holds(seal: Candidate) -> bool:
    """Whether a seal that is of this container verifies: the files are what its key signed.

    Whose key that is, the verdict on it says; whoever has none cannot make another seal outside.
    """
    try:
        cms.verify_signature(read_signature(seal.cms))
    except (InvalidFormatError, InvalidSignatureError):
        return False
    return True
