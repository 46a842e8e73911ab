"""Checks that need nothing but the document and its seal signature."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from eseal.documents import cms
from eseal.errors import InvalidFormatError
from eseal.model.statement import Statement
from eseal.pki.chain import verify_chain, verify_signing_usage
from eseal.verify.report import Basis
from eseal.verify.verdict import FindingError, Passed
from eseal.verify.vocabulary import Finding, SubIndication

if TYPE_CHECKING:
    from datetime import datetime

    from eseal.documents.cms import SealSignature
    from eseal.documents.evidence import Evidence
    from eseal.verify.case import CoveredFiles, Subject

_SHOWN_FILES = 5
"""Files named in one sentence."""


def check_seal(subject: Subject) -> Passed[SealSignature]:
    """Read the seal signature (RFC 5652).

    Raises:
        FindingError: ``signature_invalid``; it does not sit in its PDF as it must.
        InvalidFormatError: it is not a CMS a seal can be.
    """
    if subject.problem is not None:
        raise FindingError(
            Finding.SIGNATURE_INVALID,
            f"The seal does not sit properly in its PDF: {subject.problem}.",
            sub_indication=SubIndication.FORMAT_FAILURE,
        )
    signature = cms.decode(subject.cms)
    return Passed(signature, f"A seal signature was found and read ({signature.algorithm}).")


def check_document(signature: SealSignature, digest: bytes, *, by_evidence: bool) -> Passed[None]:
    """Check that the bytes at hand are those that were sealed.

    Args:
        signature: the seal signature.
        digest: SHA-256 of the bytes at hand, 32 bytes.
        by_evidence: whether only an evidence file ties the seal to them: then nothing shows that
            they ever were the sealed document.

    Raises:
        FindingError: ``document_altered``; ``transplanted`` if by evidence. HASH_FAILURE both.
    """
    if signature.message_digest != digest:
        raise FindingError(
            Finding.TRANSPLANTED if by_evidence else Finding.DOCUMENT_ALTERED,
            f"Expected a document with SHA-256 {signature.message_digest.hex()}, "
            f"got {digest.hex()}.",
            sub_indication=SubIndication.HASH_FAILURE,
            rests_on=Basis(digest=digest),
        )
    return Passed(None, "The document is, byte for byte, what was sealed.", Basis(digest=digest))


def check_revisions(subject: Subject) -> Passed[None]:
    """Check what follows the sealed revision of a PDF.

    Raises:
        FindingError: ``altered_after_sealing``; says what was changed.
    """
    if subject.covers_file:
        return Passed(None, "The seal covers the whole file.")
    if subject.alterations:
        raise FindingError(
            Finding.ALTERED_AFTER_SEALING,
            f"The file was changed after it had been sealed: {'; '.join(subject.alterations)}.",
        )
    if not subject.additions:
        raise FindingError(
            Finding.ALTERED_AFTER_SEALING,
            "The file goes on behind what this seal covers: something was added afterwards.",
        )
    return Passed(
        None,
        f"After this seal nothing was added but {', '.join(subject.additions)}; "
        "what it sealed is unchanged.",
    )


def check_content(subject: Subject) -> Passed[None]:
    """Check that a sealed PDF was not prepared to show something else afterwards.

    Raises:
        FindingError: ``hidden_content``; says what was found.
    """
    if subject.hidden:
        raise FindingError(
            Finding.HIDDEN_CONTENT,
            f"The sealed document cannot be trusted to show what it is: "
            f"{'; '.join(subject.hidden)}.",
        )
    return Passed(None, "The sealed document holds nothing that could change what it shows.")


def check_files(files: CoveredFiles) -> Passed[None]:
    """Check the files of a container against the manifest a seal covers, and against strangers.

    ETSI EN 319 162-1: every file of the container is covered; one that no seal covers was put
    there by somebody else.

    Raises:
        FindingError: ``document_altered``, HASH_FAILURE; names the files.
    """
    wrong = (
        *(f"{name!r} is not what was sealed" for name in files.altered),
        *(f"{name!r} was sealed and is missing" for name in files.missing),
        *(f"{name!r} is covered by no seal" for name in files.unlisted),
    )
    if wrong:
        more = f"; and {len(wrong) - _SHOWN_FILES} more" if len(wrong) > _SHOWN_FILES else ""
        raise FindingError(
            Finding.DOCUMENT_ALTERED,
            f"The container was changed: {'; '.join(wrong[:_SHOWN_FILES])}{more}.",
            sub_indication=SubIndication.HASH_FAILURE,
        )
    count = len(files.names)
    return Passed(None, f"The seal covers {count} file{'s' if count > 1 else ''}, all unchanged.")


def check_signature(signature: SealSignature) -> Passed[bool]:
    """Verify the seal signature under the certificate it carries.

    Raises:
        InvalidSignatureError: it does not verify.
    """
    cms.verify_signature(signature)
    return Passed(True, f"The signature verifies under its certificate ({signature.algorithm}).")


def check_chain(
    signature: SealSignature, evidence: Evidence | None, roots: tuple[bytes, ...], moment: datetime
) -> Passed[None]:
    """Check that the certificate is for sealing and leads to a root the verifier configured.

    RFC 5280 section 6.1. Certificates of the evidence may stand between as well as the seal's own.

    Raises:
        ProofError: it is not, or does not.
        InvalidInputError: a certificate cannot be read, or there are too many.
    """
    others = dict.fromkeys((*signature.chain, *(() if evidence is None else evidence.chain)))
    verify_signing_usage(signature.certificate)
    verify_chain(signature.certificate, tuple(others), roots, moment)
    return Passed(None, "The certificate leads to a root you trust.")


def check_statement(signature: SealSignature, evidence: Evidence | None) -> Passed[Statement]:
    """Read the signed statement and check that it speaks of this seal and this document.

    It is compared with the digest under the signature, which is the document's unless the document
    was altered: that is for :func:`check_document` to say. An evidence file holds the statement
    parsed already; it is used if it encodes to the very bytes that were signed.

    Raises:
        FindingError: ``unrecorded_use``, no statement; ``transplanted``, one of another seal or
            document.
        InvalidFormatError: it is not a statement.
    """
    if signature.statement is None:
        raise FindingError(
            Finding.UNRECORDED_USE, "The seal signature carries no statement of its use."
        )
    if evidence is not None and evidence.statement.encode() == signature.statement:
        statement = evidence.statement
    else:
        statement = Statement.parse(signature.statement)
    handle = hashlib.sha256(signature.certificate).digest()
    for what, stated, actual in (
        ("seal", statement.seal, handle),
        ("digest", statement.digest, signature.message_digest),
    ):
        if stated != actual:
            raise FindingError(
                Finding.TRANSPLANTED,
                f"The statement speaks of another {what}: expected {actual.hex()}, "
                f"got {stated.hex()}.",
            )
    return Passed(statement, f"The statement describes this document as use {statement.seq}.")


def check_evidence(subject: Subject, signature: SealSignature, evidence: Evidence) -> Passed[bool]:
    """Check that an evidence file was made for this seal signature.

    Unsigned attributes may differ: the evidence's receipt is often newer.

    Raises:
        FindingError: ``transplanted``.
        InvalidFormatError: its CMS is none.
    """
    if evidence.cms != subject.cms and _signed(cms.decode(evidence.cms)) != _signed(signature):
        raise FindingError(
            Finding.TRANSPLANTED, "The evidence holds the seal signature of another document."
        )
    if evidence.statement.encode() != signature.statement:
        raise FindingError(Finding.TRANSPLANTED, "The evidence holds the statement of another use.")
    return Passed(True, "The evidence was made for this seal signature.")


def is_evidence_for(subject: Subject, evidence: Evidence) -> bool:
    """Whether the evidence holds this seal signature. Decides nothing but where to try it."""
    try:
        return _signed(cms.decode(evidence.cms)) == _signed(cms.decode(subject.cms))
    except InvalidFormatError:
        return False


def _signed(signature: SealSignature) -> tuple[bytes, bytes, bytes]:
    return signature.certificate, signature.signed_attributes, signature.signature
