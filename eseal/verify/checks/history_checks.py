"""Checks on what happened beside a use: its ticket torn again, the owner's word against it.

Only who holds the log's records can be asked; an evidence file knows nothing after its anchor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.documents import cms
from eseal.documents.cms import algorithms
from eseal.documents.cms.algorithms import algorithm_of
from eseal.errors import ESealError, InvalidFormatError, InvalidSignatureError
from eseal.model.commitment import Kind, commitment, normalised
from eseal.model.records import Declaration, Span, Word, signed_message
from eseal.model.seal import seal_handle
from eseal.model.statement import Statement, format_time
from eseal.verify.locating.signatures import read_signature
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.report import Objection
from eseal.verify.verdict.vocabulary import Finding, SubIndication

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.documents.cms import SealSignature
    from eseal.ledger.facts import SealRegistration
    from eseal.ledger.protocol import LedgerReader
    from eseal.verify.inputs.case import Declared, Torn
    from eseal.verify.verdict.report import Window

MOST_LOOKED_AT = 64
"""Leaves of one tag, and declarations on one use, that are looked at: a source may send any."""


def commitment_of(signature: SealSignature) -> bytes:
    """What the leaf of this use commits to, 32 bytes.

    Raises:
        InvalidFormatError: the signature has a form no key of this kind makes.
    """
    value = normalised(signature.signature, algorithm_of(signature.signer))
    return commitment(Kind.USE, signature.statement or b"", value)


def check_unique(
    signature: SealSignature, statement: Statement, torn: Sequence[Torn]
) -> Passed[None]:
    """Check that no other leaf shows the tag of this use's ticket.

    The same commitment twice is a copy of one use. Another one is another use of the same ticket:
    an accusation once it is opened and the seal's own key has signed it, too; until then only a
    doubt, for whoever keeps the log can write any leaf.

    Raises:
        FindingError: ``history_forked``.
    """
    ours = commitment_of(signature)
    others = [each for each in torn if each.commitment != ours][:MOST_LOOKED_AT]
    for other in others:
        if _is_signed_too(other, signature, statement):
            raise FindingError(
                Finding.HISTORY_FORKED,
                "The seal signed two uses with one ticket: the other one is leaf "
                f"{other.log_index}.",
            )
    if others:
        raise FindingError(
            Finding.HISTORY_FORKED,
            f"Leaf {others[0].log_index} shows the tag of this use and commits to something else, "
            "which nobody has opened.",
            sub_indication=SubIndication.SIG_CONSTRAINTS_FAILURE,
        )
    return Passed(None, "No other leaf of the log shows the tag of this use.")


def _is_signed_too(other: Torn, ours: SealSignature, statement: Statement) -> bool:
    """Whether the other leaf is of a use with this ticket that the seal's own key has signed."""
    if other.open is None:
        return False
    try:
        signature = read_signature(other.open())
        cms.verify_signature(signature)
        opened = Statement.parse(signature.statement or b"")
        committed = commitment_of(signature)
    except ESealError:
        return False
    same_seal = signature.signer == ours.signer and opened.seal == statement.seal
    return same_seal and opened.ticket == statement.ticket and committed == other.commitment


def objections_of(  # noqa: PLR0913, PLR0917  # what a declaration is held against
    signature: SealSignature,
    registration: SealRegistration,
    statement: Statement,
    window: Window | None,
    declared: Sequence[Declared],
    ledger: LedgerReader,
) -> tuple[Objection, ...]:
    """What the owner declared about this use, the oldest first.

    Rests on the signature under each: of the seal's own key, or, since that may have ended, of
    another seal that the ledger knows as the same issuer's and the same company's. What does not
    verify says nothing.

    Args:
        signature: the seal signature.
        registration: of its seal.
        statement: of this use.
        window: when it was made, if that is proven; a span that touches it speaks of it.
        declared: what was found; may come from anybody.
        ledger: asked about seals that speak for this one.

    Raises:
        LedgerUnreachableError: the ledger cannot be asked.
    """
    found: list[Objection] = []
    for one in declared[:MOST_LOOKED_AT]:
        said = _read(one)
        if said is None or not _speaks_of(said, statement, window):
            continue
        speaker = signature.signer
        if said.seal != statement.seal:
            speaker = one.certificate or b""
            if not _is_owners(said.seal, speaker, registration, ledger):
                continue
        if _is_signed(one, speaker):
            found.append(Objection(said.word, said.declared_at, said.reason))
    return tuple(found)


def check_objections(objections: tuple[Objection, ...]) -> Passed[None]:
    """Check that the owner has declared nothing against a use; the gravest word decides.

    Raises:
        FindingError: ``declared_void`` or ``disputed``, with date and words.
    """
    for one in objections:
        if one.word is not Word.DISPUTED:
            raise FindingError(Finding.DECLARED_VOID, _told(one))
    for one in objections:
        raise FindingError(Finding.DISPUTED, _told(one))
    return Passed(None, "The seal's owner has declared nothing against this use.")


def _told(one: Objection) -> str:
    why = "" if one.reason is None else f": {one.reason!r}"
    return (
        f"The seal's owner declared this use {one.word.value} at "
        f"{format_time(one.declared_at)}{why}."
    )


def _read(one: Declared) -> Declaration | None:
    try:
        return Declaration.parse(one.content)
    except InvalidFormatError:
        return None


def _is_owners(
    handle: bytes, certificate: bytes, registration: SealRegistration, ledger: LedgerReader
) -> bool:
    """Whether a certificate is that of a seal of the same company, by the same issuer."""
    if handle != seal_handle(registration.issuer, certificate):
        return False
    other = ledger.seal(handle)
    owner = (registration.issuer, registration.subject)
    return other is not None and (other.issuer, other.subject) == owner


def _is_signed(one: Declared, certificate: bytes) -> bool:
    message = signed_message(Kind.DECLARATION, one.content)
    try:
        key = algorithms.public_key(certificate)
        algorithms.verify(key, algorithms.seal_scheme(key), one.signature, message)
    except (InvalidFormatError, InvalidSignatureError):
        return False
    return True


def _speaks_of(declaration: Declaration, statement: Statement, window: Window | None) -> bool:
    about = declaration.about
    if not isinstance(about, Span):
        return about == statement.id
    if (about.seal or declaration.seal) != statement.seal:
        return False
    first, last = statement.sealed_at, statement.sealed_at
    if window is not None:
        first, last = window.not_before, window.not_after or about.since
    return about.since <= last and (about.until is None or first <= about.until)
