"""Checks on whose seal it is: the company's subject, its name, and the issuer's root."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from eseal.authority.word.attestation import verify_subject_proof
from eseal.errors import InvalidFormatError
from eseal.model.statement import format_time
from eseal.model.subject import SubjectProof
from eseal.verify.checks.time_checks import CLOCK_TOLERANCE
from eseal.verify.inputs.certificates import signer_of, title_of
from eseal.verify.verdict.conclusion import FindingError, Passed
from eseal.verify.verdict.report import moment
from eseal.verify.verdict.vocabulary import Finding

if TYPE_CHECKING:
    from eseal.documents.cms import SealSignature
    from eseal.ledger.facts import AuthorityKey, CompanyRegistration, SealRegistration
    from eseal.model.statement import Statement
    from eseal.verify.inputs.case import Sources
    from eseal.verify.inputs.trust import TrustedAuthority

CLOCKS = timedelta(seconds=CLOCK_TOLERANCE)
"""The authority's clock is not the service's."""
PROOFS_KEPT = 1024
"""Subject proofs that were read and verified, some kilobytes each: a company's stands in each of
its seal signatures, and the curve's arithmetic costs more than the seal's own signature."""

_read_once = lru_cache(maxsize=PROOFS_KEPT)(SubjectProof.parse)


@dataclass(frozen=True, slots=True)
class Vouched:
    """What an authority says of the company.

    Attributes:
        proof: its subject, id and name.
        founders: whether it vouches for who founded the company, too.
        built_in: whether the authority is the seal's issuer itself, as in a trial set-up.
        name: what the trust file calls the authority, or ``None``.
    """

    proof: SubjectProof
    founders: bool
    built_in: bool
    name: str | None = None


def check_subject(
    signature: SealSignature,
    statement: Statement,
    registration: SealRegistration,
    sources: Sources,
) -> Passed[Vouched]:
    """Check that the seal is that of the company its certificate names.

    The signed subject proof must be the word of an authority the verifier trusts for that register,
    under a key that the ledger holds for that authority and that was in force when the company was
    registered; its subject the one whose seal the ledger has; its name and id the certificate's;
    and the name vouched for when the seal was used, by the statement's own word, which the check on
    time holds against the ledger.

    Rests on the authority's two keys and on the ledger. The authority could name anybody; an issuer
    without it cannot. A twin certificate, of another company's name, has no such proof.

    Raises:
        FindingError: ``name_unproven``; says which of it does not hold.
        InvalidSubjectProofError: the proof is not the authority's word.
        InvalidFormatError: it is no subject proof.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    if signature.subject_proof is None:
        raise InvalidFormatError("The seal signature carries no proof of whose seal it is.")
    proof = _read_once(signature.subject_proof)
    authority = _trusted(proof, sources)
    _verify_once(signature.subject_proof, authority.attest_key)
    _check_certificate(signature, proof)
    if proof.valid_from - statement.sealed_at > CLOCKS:  # no sum: either may end the calendar
        raise _unproven(
            "the authority vouches for the name from a later time on than that of the seal",
            f"{format_time(statement.sealed_at)} or before",
            format_time(proof.valid_from),
        )
    if proof.subject != registration.subject:
        raise _unproven(
            "the seal is registered for another company",
            f"subject {registration.subject.hex()}",
            proof.subject.hex(),
        )
    ledger = sources.trusted_ledger()
    company, key = ledger.company(proof.subject), ledger.authority_key(proof.key)
    named = ledger.scheme_authority(proof.scheme)
    if company is None or company.vrf_key != proof.key:
        raise _unproven("the ledger does not know this subject under the authority's key")
    _check_key(key, company, authority, named)
    vouched = Vouched(
        proof,
        founders=proof.founders is not None and company.founders is not None,
        built_in=key is not None and key.authority == registration.issuer,
        name=authority.name,
    )
    return Passed(vouched, _told(vouched), sources.basis_of(ledger.final_block()))


def _told(vouched: Vouched) -> str:
    proof = vouched.proof
    who = "the seal's issuer itself, as in a trial set-up" if vouched.built_in else "an authority"
    founders = "vouches for its founders, too" if vouched.founders else "names no founders"
    return (
        f"{proof.name!r} ({proof.id}) is the company of this seal according to {who}, which has "
        f"the key {proof.key.hex()} and {founders}."
    )


def _trusted(proof: SubjectProof, sources: Sources) -> TrustedAuthority:
    scheme = proof.id.partition("-")[0]
    for authority in sources.trust.authorities:
        if authority.vrf_key == proof.key and scheme in authority.schemes:
            return authority
    raise _unproven(
        f"no authority you trust for ids of {scheme} has given the company its subject",
        "a key of your trust file",
        proof.key.hex(),
    )


@lru_cache(maxsize=PROOFS_KEPT)
def _verify_once(proof: bytes, attest_key: bytes) -> None:
    verify_subject_proof(_read_once(proof), attest_key)


def _check_certificate(signature: SealSignature, proof: SubjectProof) -> None:
    signer = signer_of(signature.signer)
    for what, proven, certified in (
        ("organizationName", proof.name, signer.organization),
        ("organizationIdentifier", proof.id, signer.registration_id),
    ):
        if proven != certified:
            raise _unproven(
                f"the certificate has another {what} than the authority proves",
                repr(proven),
                repr(certified),
            )


def _check_key(
    key: AuthorityKey | None,
    company: CompanyRegistration,
    trusted: TrustedAuthority,
    named: bytes | None,
) -> None:
    """The authority's keys belong together, to the register's authority, and were in force."""
    if key is None or key.attest_key != trusted.attest_key:
        raise _unproven("the ledger does not hold the authority's keys as your trust file does")
    if key.authority != named:
        raise _unproven("the ledger names another authority for this register")
    if not key.period.holds(company.registered_at):
        raise _unproven(
            "the authority's key was not in force when the company was registered, at "
            f"{format_time(moment(company.registered_at))}"
        )


def _unproven(why: str, expected: str = "", got: str = "") -> FindingError:
    compared = f": expected {expected}, got {got}" if expected else ""
    return FindingError(
        Finding.NAME_UNPROVEN, f"Nobody you trust says whose seal this is: {why}{compared}."
    )


def check_root(
    root: bytes, registration: SealRegistration, first: int, last: int, sources: Sources
) -> Passed[None]:
    """Check that the ledger lists the root for the seal's issuer, at the times that count.

    Rests on the ledger: the administrator lists roots and ends them. An issuer whose certificates
    come from another's root, or who registers what its operator made up, is found here.

    Args:
        root: to which the certificate leads, DER.
        registration: the seal on the ledger.
        first: the earliest moment it can have been used, Unix seconds.
        last: the last one.
        sources: the ledger.

    Raises:
        FindingError: ``untrusted_issuer``.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    ledger, issuer = sources.trusted_ledger(), registration.issuer
    period = ledger.issuer_root(issuer, sha256(root).digest())
    if period is None:
        raise FindingError(
            Finding.UNTRUSTED_ISSUER,
            f"The root {title_of(root)} is none of issuer {issuer.hex()}, says the ledger.",
        )
    for time, what in (
        (registration.registered_at, "registered"),
        (first, "used"),
        (last, "used"),
    ):
        if not period.holds(time):
            raise FindingError(
                Finding.UNTRUSTED_ISSUER,
                f"The root {title_of(root)} was not the issuer's at "
                f"{format_time(moment(time))}, when the seal was {what}.",
            )
    return Passed(
        None,
        f"The ledger lists the root {title_of(root)} for the seal's issuer, from "
        f"{format_time(moment(period.start))} on.",
        sources.basis_of(ledger.final_block()),
    )
