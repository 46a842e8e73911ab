"""Checks that need nothing but the document and its seal signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.documents import asic, cms
from eseal.documents.cms import unsigned
from eseal.documents.media import PDF
from eseal.documents.pdf import Form
from eseal.errors import InvalidFormatError, ProofError
from eseal.model.statement import read_statement
from eseal.verify.checks.dictionary_checks import check_dictionary
from eseal.verify.checks.record_checks import parse_receipt
from eseal.verify.checks.stamp_checks import check_stamped_revisions, check_stamps_inside
from eseal.verify.inputs.certificates import root_of, title_of
from eseal.verify.locating.signatures import read_signature
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.report import Basis
from eseal.verify.verdict.vocabulary import Finding, SubIndication

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from eseal.documents.asic import CoveredFiles
    from eseal.documents.cms import SealSignature
    from eseal.documents.evidence import Evidence
    from eseal.model.statement import Statement
    from eseal.verify.inputs.case import Candidate, Sources

_SHOWN_FILES = 5
"""Files named in one sentence."""


def check_seal(candidate: Candidate) -> Passed[SealSignature]:
    """Read the seal signature (RFC 5652).

    Rests on nothing signed: whoever can write the file can spoil it. So it is no accusation.

    Raises:
        FindingError: ``not_understood``; there is a place for one, but nothing that can be read.
        InvalidFormatError: it is not a CMS a seal can be.
    """
    if not candidate.cms:
        raise FindingError(
            Finding.NOT_UNDERSTOOD, f"The seal cannot be read: {candidate.detail or 'it is empty'}."
        )
    signature = read_signature(candidate.cms)
    return Passed(signature, f"A seal signature was found and read ({signature.scheme}).")


def check_document(signature: SealSignature, digest: bytes, *, elsewhere: bool) -> Passed[None]:
    """Check that the bytes at hand are those that were sealed.

    Rests on the digest in the signed attributes: only the holder of the seal's key can fake it.

    Args:
        signature: the seal signature.
        digest: SHA-256 of the bytes at hand, 32 bytes.
        elsewhere: whether nothing shows that they ever were the sealed document: only an evidence
            file ties the seal to them, or it lies in a file that is another seal's.

    Raises:
        FindingError: ``document_altered``; ``transplanted`` if elsewhere. HASH_FAILURE both.
    """
    if signature.message_digest != digest:
        raise FindingError(
            Finding.TRANSPLANTED if elsewhere else Finding.DOCUMENT_ALTERED,
            f"Expected a document with SHA-256 {signature.message_digest.hex()}, "
            f"got {digest.hex()}.",
            sub_indication=SubIndication.HASH_FAILURE,
            rests_on=Basis(digest=digest),
        )
    return Passed(None, "The document is, byte for byte, what was sealed.", Basis(digest=digest))


def check_revisions(candidate: Candidate, sources: Sources) -> Passed[None]:
    """Check the form of the PDF a seal stands in, and what follows what was sealed.

    That viewers show something else than was sealed rests on the sealed bytes and on those viewers;
    that something was added, on nobody's signature: anybody can add to a genuine file.

    Raises:
        FindingError: ``altered_after_sealing``, ``added_after_sealing``, ``not_understood`` or
            ``time_stamp_untrusted``.
    """
    detail = f": {candidate.detail}" if candidate.detail else ""
    match candidate.form:
        case Form.CANONICAL:
            _check_stamps(candidate, sources)
            return Passed(
                None, f"The file is as it was sealed, and nothing foreign follows the seal{detail}."
            )
        case Form.ADDED:
            raise FindingError(
                Finding.ADDED_AFTER_SEALING,
                f"The sealed revision is unchanged; another program added something to the file "
                f"behind it{detail}.",
            )
        case Form.ALTERED:
            raise FindingError(
                Finding.ALTERED_AFTER_SEALING,
                f"The file was changed after it had been sealed{detail}.",
            )
        case _:
            raise FindingError(
                Finding.NOT_UNDERSTOOD,
                f"The PDF is not in the form in which documents are sealed{detail}.",
            )


def _check_stamps(candidate: Candidate, sources: Sources) -> None:
    try:
        check_stamped_revisions(candidate, sources.trust.roots, sources.stamps)
    except FindingError:
        raise
    except (ProofError, InvalidFormatError) as error:
        raise FindingError(
            Finding.ADDED_AFTER_SEALING,
            "The sealed revision is unchanged; what was added to the file behind it as a "
            f"time-stamp is none of an authority: {error}.",
        ) from None


def check_content(candidate: Candidate) -> Passed[None]:
    """Check that a sealed PDF was not prepared to show something else elsewhere or later.

    It rests on signed bytes, but on today's idea of what may be sealed, too: a genuine document of
    an earlier examination must not be accused.

    Raises:
        FindingError: ``hidden_content``; says what was found. ``not_understood``: nothing was, as
            it could not be looked at.
    """
    if candidate.unseen:
        raise FindingError(
            Finding.NOT_UNDERSTOOD,
            f"What the sealed document holds could not be looked through: {candidate.unseen}.",
        )
    if candidate.hidden:
        raise FindingError(
            Finding.HIDDEN_CONTENT,
            f"The sealed document cannot be trusted to show what it is: "
            f"{'; '.join(candidate.hidden)}.",
        )
    return Passed(None, "The sealed document holds nothing that could change what it shows.")


def check_files(files: CoveredFiles, *, elsewhere: bool = False) -> Passed[None]:
    """Check the files of a container against the manifest a seal covers.

    The manifest is signed, so a file that differs from it accuses. In a container that another
    program packed, a file may be missing because that program spells its name otherwise: that does
    not. What the seal does not cover was put there by somebody else, who need not be a forger.

    Args:
        files: what it covers.
        elsewhere: whether another seal covers what is there, so that this one is of another
            container.

    Raises:
        FindingError: ``document_altered``, or ``transplanted`` if elsewhere, both HASH_FAILURE;
            ``not_understood``, another form; ``added_after_sealing``. Names the files.
    """
    altered = [f"{name!r} is not what was sealed" for name in files.altered]
    if altered or files.problem is None:
        altered += [f"{name!r} was sealed and is missing" for name in files.missing]
    if altered:
        raise FindingError(
            Finding.TRANSPLANTED if elsewhere else Finding.DOCUMENT_ALTERED,
            f"The container is not the one that was sealed: {_shown(altered)}.",
            sub_indication=SubIndication.HASH_FAILURE,
        )
    if files.problem is not None:
        raise FindingError(
            Finding.NOT_UNDERSTOOD,
            "The container is not in the form in which it was sealed, so other programs may find "
            f"other files in it: {files.problem}.",
        )
    added = [f"{name!r} is not covered by this seal" for name in files.unlisted]
    added += [f"{name!r} is no seal over what is in the container" for name in files.beside]
    if added:
        raise FindingError(
            Finding.ADDED_AFTER_SEALING, f"Something was added to the container: {_shown(added)}."
        )
    count = len(files.names)
    return Passed(None, f"The seal covers {count} file{'s' if count > 1 else ''}, all unchanged.")


def _shown(sentences: Sequence[str]) -> str:
    left = len(sentences) - _SHOWN_FILES
    return "; ".join(sentences[:_SHOWN_FILES]) + (f"; and {left} more" if left > 0 else "")


def check_signature(signature: SealSignature) -> Passed[bool]:
    """Verify the seal signature under the certificate it names.

    Raises:
        InvalidSignatureError: it does not verify.
        InvalidFormatError: it cannot be verified: the certificate is gone, or an identifier beside
            the signature names another algorithm; nobody signs either.
    """
    cms.verify_signature(signature)
    return Passed(True, f"The signature verifies under its certificate ({signature.scheme}).")


def check_unsigned(
    candidate: Candidate, signature: SealSignature, sources: Sources
) -> Passed[None]:
    """Check that a seal signature holds nothing but what the seal needs, as we write it.

    Rests on nothing signed: anybody can put something beside what is signed, and it hides there. So
    it is no accusation. What was cut out is for other checks to miss. It looks at what stands in
    the file, even where the signature on record takes its place.

    Raises:
        FindingError: ``added_after_sealing``; says what. ``time_stamp_untrusted``.
    """
    stamps = sources.stamps
    try:
        _check_receipt(unsigned.check_unsigned(candidate.in_file, signature, stamps.effort))
        check_stamps_inside(candidate.in_file, sources.trust.roots, stamps)
    except FindingError:
        raise
    except (ProofError, InvalidFormatError) as error:
        raise FindingError(
            Finding.ADDED_AFTER_SEALING,
            f"What was signed is unchanged; beside it, the file holds what the seal does not need: "
            f"{error}.",
        ) from None
    return Passed(None, "The seal signature holds nothing that the seal does not need.")


def _check_receipt(receipt: bytes | None) -> None:
    """What has the place of the receipt is one, with nothing in it that no log of ours writes."""
    if receipt is None:
        return
    parsed = parse_receipt(receipt)
    head = parsed.checkpoint
    if parsed.extra or head.text != head.checkpoint.body():
        raise InvalidFormatError("a receipt with more than a proof")


def check_chain(
    signature: SealSignature, evidence: Evidence | None, roots: tuple[bytes, ...], moment: datetime
) -> Passed[bytes]:
    """Check that the certificate is for sealing and leads to a root the verifier trusts.

    RFC 5280 section 6.1. Certificates of the evidence may stand between as well as the seal's own.
    Rests on the keys of the issuers; without a root of the verifier's, anybody makes certificates.

    Returns:
        The root it leads to, DER.

    Raises:
        ProofError: it is not, or does not.
        InvalidInputError: a certificate cannot be read, or there are too many.
    """
    others = dict.fromkeys((*signature.chain, *(() if evidence is None else evidence.chain)))
    root = root_of(signature.signer, tuple(others), roots, moment)
    return Passed(root, f"The certificate leads to a root you trust: {title_of(root)}.")


def check_statement(signature: SealSignature, candidate: Candidate) -> Passed[Statement]:
    """Read the signed statement and check that it speaks of this document.

    Which seal it names, the ledger is asked about (:func:`record_checks.check_registration`).

    It is compared with the digest under the signature, which is the document's unless the document
    was altered: that is for :func:`check_document` to say.

    Rests on the signed attributes: only the holder of the seal's key can fake it.

    Raises:
        FindingError: ``record_missing``, no statement, so no use that could be on record;
            ``transplanted``, one of another document, or of none that is a container;
            ``not_understood``, of another kind of document, or a PDF tells another reason;
            ``status_uncertain``, a PDF tells another time.
        InvalidFormatError: it is not a statement of a version that is known here.
    """
    if signature.statement is None:
        raise FindingError(
            Finding.RECORD_MISSING, "The seal signature carries no statement of its use."
        )
    statement = read_statement(signature.statement)
    if statement.digest != signature.message_digest:
        raise FindingError(
            Finding.TRANSPLANTED,
            "The statement speaks of another digest: expected "
            f"{signature.message_digest.hex()}, got {statement.digest.hex()}.",
        )
    _check_kind(statement, candidate)
    if candidate.dictionary is not None:
        check_dictionary(candidate.dictionary, statement)
    return Passed(statement, "The statement describes this document.")


def _check_kind(statement: Statement, candidate: Candidate) -> None:
    """A digest is of one thing, and the statement says of which.

    Of a PDF that holds its seal: the bytes around that, where ``source`` names the file handed in.
    Of a container: a manifest. Else of a file as a whole. So neither a sealed PDF without its seal,
    nor a manifest by itself, is what was sealed; nor do they become what holds a seal.
    """
    stated, inside = statement.media_type, statement.source is not None
    if candidate.files is not None:
        expected, fits = f"{asic.MEDIA_TYPE}", stated == asic.MEDIA_TYPE and not inside
    elif candidate.dictionary is not None:
        expected, fits = f"{PDF} that was written anew", stated == PDF and inside
    elif candidate.is_pdf is not None:
        fits = not inside and stated != asic.MEDIA_TYPE and (candidate.is_pdf or stated != PDF)
        expected = f"a file as a whole, {'a' if candidate.is_pdf else 'no'} PDF"
    else:
        return
    if not fits:
        raise FindingError(
            Finding.NOT_UNDERSTOOD if candidate.files is None else Finding.TRANSPLANTED,
            f"The statement speaks of another kind of document: expected {expected}, got {stated}"
            f"{' that was written anew, with its seal in it' if inside else ''}.",
        )


def is_evidence_for(candidate: Candidate, evidence: Evidence) -> bool:
    """Whether the evidence holds this seal signature. Decides nothing but where to try it.

    Unsigned parts may differ: the evidence's receipt is often newer. Of a seal signature that is
    spoilt so that it cannot be read, the signature value is looked for.
    """
    if evidence.cms == candidate.cms:
        return True
    try:
        held = read_signature(evidence.cms)
    except InvalidFormatError:
        return False
    try:
        signature = read_signature(candidate.cms)
    except InvalidFormatError:
        return held.signature in candidate.cms
    return (held.signed_attributes, held.signature) == (
        signature.signed_attributes,
        signature.signature,
    )
