"""The words a verdict is made of: the standard's, and our findings.

The indications and sub-indications are those of ETSI EN 319 102-1 (clauses 5.1.2 and 5.1.3), their
URIs those of ETSI TS 119 102-2 (clauses 4.3.4.2 and 4.3.4.3). Findings are our own namespace
(docs/verdicts.md): a name is never re-used for another meaning. Some are named before anything can
find them.

Two laws: nothing forged is TOTAL_PASSED, and nothing genuine is TOTAL_FAILED. An accusation rests
on something signed or on the ledger's word, never on something that is absent or that anybody could
have cut, spoilt or swapped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Indication(StrEnum):
    """The main status indication (EN 319 102-1 clause 5.1.2)."""

    TOTAL_PASSED = "TOTAL_PASSED"
    INDETERMINATE = "INDETERMINATE"
    TOTAL_FAILED = "TOTAL_FAILED"

    @property
    def uri(self) -> str:
        """The URI of TS 119 102-2 clause 4.3.4.2."""
        return f"urn:etsi:019102:mainindication:{self.value.lower().replace('_', '-')}"


class SubIndication(StrEnum):
    """The 25 sub-indications of EN 319 102-1 clause 5.1.3."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    HASH_FAILURE = "HASH_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"

    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    NO_CERTIFICATE_CHAIN_FOUND_NO_POE = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"
    REVOKED_NO_POE = "REVOKED_NO_POE"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    REVOCATION_OUT_OF_BOUNDS_NO_POE = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    NO_POE = "NO_POE"
    TRY_LATER = "TRY_LATER"
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"

    @property
    def uri(self) -> str:
        """The URI of TS 119 102-2 clause 4.3.4.3."""
        return f"urn:etsi:019102:subindication:{self.value}"

    @property
    def indication(self) -> Indication:
        """The main indication this word may stand under."""
        return Indication.TOTAL_FAILED if self in _FAILED else Indication.INDETERMINATE


_FAILED = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.REVOKED,
        SubIndication.EXPIRED,
        SubIndication.NOT_YET_VALID,
    }
)


class CheckStatus(StrEnum):
    """How one check came out."""

    VALID = "VALID"
    INVALID = "INVALID"
    SKIPPED = "SKIPPED"
    """Not done, and the check says why. Never counts in the document's favour."""
    ERROR = "ERROR"
    """Could not be done: something that should have answered did not."""


class CheckName(StrEnum):
    """The checks, in the order in which they are done."""

    FILE = "file"
    """The PDF or container can be read. Listed only when there is no seal to report on."""
    SEAL = "seal"
    """There is a seal signature, and it can be read."""
    DOCUMENT = "document"
    """The bytes under the seal are those that were sealed."""
    REVISIONS = "revisions"
    """A PDF is in the form in which it was sealed, and nothing follows the seal but further seals,
    validation data and time-stamps in that form."""
    CONTENT = "content"
    """The sealed PDF holds nothing that could change what it shows."""
    FILES = "files"
    """Every file in the container is covered and is what was sealed. Made only on containers."""
    SIGNATURE = "signature"
    """The seal signature verifies under the seal's certificate."""
    NAME = "name"
    """The name that viewers show for the seal is the one in its certificate. Made only where a PDF
    names somebody."""
    UNSIGNED = "unsigned"
    """What stands unsigned in the seal signature is what the seal needs, and as we write it."""
    CHAIN = "chain"
    """The certificate was issued under a root the verifier trusts."""
    STATEMENT = "statement"
    """The signed statement is there and speaks of this document."""
    EVIDENCE = "evidence"
    """The evidence was made for this seal signature, and contradicts neither itself nor the ledger.
    Beside a document that proves itself it may fail: then it is set aside."""
    RECEIPT = "receipt"
    """There is a proof of record, and it can be read."""
    INCLUSION = "inclusion"
    """The receipt leads from this use to the head it names."""
    REGISTRATION = "registration"
    """The ledger knows the seal that the statement names, and it is the one that signed."""
    SUBJECT = "subject"
    """An authority the verifier trusts gave the company its subject and vouches for the name and
    number in the certificate."""
    BOOK = "book"
    """The ticket of the statement stands in a volume of the seal's book that was open by then."""
    LOG = "log"
    """The receipt's log is the one log of the seal's issuer."""
    CHECKPOINT = "checkpoint"
    """The head in the receipt is signed by that log, with a key in force for its size."""
    WITNESSES = "witnesses"
    """So many of the verifier's witnesses cosigned that head. Made only where a policy asks."""
    ANCHOR = "anchor"
    """The head was accepted by the contract."""
    TIME_STAMP = "time_stamp"
    """A time-stamp authority says when the seal was there by. Made only where there is one; where
    it does not hold, it counts for nothing (EN 319 102-1 clause 5.5.4)."""
    TIME = "time"
    """The claimed time fits the ledger's blocks on both sides."""
    ROOT = "root"
    """The ledger lists the root of the certificate for the seal's issuer, in force when the seal
    was registered and when it was used."""
    STATUS = "status"
    """The seal was active throughout the proven time."""
    UNIQUE = "unique"
    """The ticket was torn once only. Only who can look through the log can say so."""
    DECLARATIONS = "declarations"
    """The seal's owner has declared nothing against this use. Only who holds the log's records can
    say so."""


class Finding(StrEnum):
    """What happened to the document: one word per verdict, the gravest first.

    Of those that leave a verdict open, what undermines the proof comes before what was merely added
    to a document that is proven, and that before what the owner says of a genuine use.
    """

    SIGNATURE_INVALID = "signature_invalid"
    DOCUMENT_ALTERED = "document_altered"
    LOOKALIKE_SEAL = "lookalike_seal"
    UNREGISTERED_SEAL = "unregistered_seal"
    ALTERED_AFTER_SEALING = "altered_after_sealing"
    TICKET_UNKNOWN = "ticket_unknown"
    TRANSPLANTED = "transplanted"
    RECORD_MISMATCH = "record_mismatch"
    HISTORY_FORKED = "history_forked"
    BACKDATED = "backdated"
    SEAL_NOT_ACTIVE = "seal_not_active"

    NOT_UNDERSTOOD = "not_understood"
    HEAD_DISOWNED = "head_disowned"
    RECORD_MISSING = "record_missing"
    STATUS_UNCERTAIN = "status_uncertain"
    NAME_UNPROVEN = "name_unproven"
    UNTRUSTED_ISSUER = "untrusted_issuer"
    LEDGER_UNREACHABLE = "ledger_unreachable"
    ANCHOR_PENDING = "anchor_pending"
    WITNESSES_MISSING = "witnesses_missing"
    HIDDEN_CONTENT = "hidden_content"
    ADDED_AFTER_SEALING = "added_after_sealing"
    TIME_STAMP_UNTRUSTED = "time_stamp_untrusted"
    DECLARED_VOID = "declared_void"
    DISPUTED = "disputed"
    SEAL_PICTURE_ONLY = "seal_picture_only"
    NO_SEAL = "no_seal"

    AUTHENTIC = "authentic"

    @property
    def meaning(self) -> Meaning:
        """Its row in the table of findings."""
        return MEANINGS[self]

    @property
    def rank(self) -> int:
        """Which of several findings decides: the lowest rank does."""
        return _RANKS[self]


class NoteCode(StrEnum):
    """What a reader should know beside a verdict; it decides nothing."""

    SEAL_ENDED_LATER = "seal_ended_later"
    """The seal was stopped, cancelled or ran out after it had been used."""
    COMPANY_RENAMED = "company_renamed"
    """The company has another name now."""
    FOUNDERS_BY_OPERATOR = "founders_by_operator"
    """No authority vouches for who may act for the company: only the sealing service does."""
    BUILT_IN_AUTHORITY = "built_in_authority"
    """The authority that vouches for the name is the seal's issuer itself: a trial set-up."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A row of the table of findings.

    Attributes:
        indication: the standard's main indication. Two accuse only what was seen to the end, and
            come with a sub-indication of the other kind while it was not: ``ticket_unknown`` and
            ``history_forked``.
        sub_indication: the standard's word for the cause, or ``None`` where it has none that would
            be true: it knows neither seal registries nor logs of use.
        alarm: whether the seal's owner must be told.
    """

    indication: Indication
    sub_indication: SubIndication | None
    alarm: bool = False


def _failed(sub: SubIndication | None = None, *, alarm: bool = False) -> Meaning:
    return Meaning(Indication.TOTAL_FAILED, sub, alarm)


def _open(sub: SubIndication, *, alarm: bool = False) -> Meaning:
    return Meaning(Indication.INDETERMINATE, sub, alarm)


MEANINGS: dict[Finding, Meaning] = {
    Finding.SIGNATURE_INVALID: _failed(SubIndication.SIG_CRYPTO_FAILURE),
    Finding.DOCUMENT_ALTERED: _failed(SubIndication.HASH_FAILURE),
    Finding.LOOKALIKE_SEAL: _failed(),
    Finding.UNREGISTERED_SEAL: _failed(),
    Finding.ALTERED_AFTER_SEALING: _failed(),
    Finding.TICKET_UNKNOWN: _failed(alarm=True),
    Finding.TRANSPLANTED: _failed(),
    Finding.RECORD_MISMATCH: _failed(alarm=True),
    Finding.HISTORY_FORKED: _failed(alarm=True),
    Finding.BACKDATED: _failed(),
    Finding.SEAL_NOT_ACTIVE: _failed(SubIndication.REVOKED),
    Finding.NOT_UNDERSTOOD: _open(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Finding.HEAD_DISOWNED: _open(SubIndication.NO_POE),
    Finding.RECORD_MISSING: _open(SubIndication.NO_POE, alarm=True),
    Finding.STATUS_UNCERTAIN: _open(SubIndication.REVOKED_NO_POE),
    Finding.NAME_UNPROVEN: _open(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Finding.UNTRUSTED_ISSUER: _open(SubIndication.NO_CERTIFICATE_CHAIN_FOUND),
    Finding.LEDGER_UNREACHABLE: _open(SubIndication.TRY_LATER),
    Finding.ANCHOR_PENDING: _open(SubIndication.TRY_LATER),
    Finding.WITNESSES_MISSING: _open(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Finding.HIDDEN_CONTENT: _open(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Finding.ADDED_AFTER_SEALING: _open(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Finding.TIME_STAMP_UNTRUSTED: _open(SubIndication.NO_CERTIFICATE_CHAIN_FOUND),
    Finding.DECLARED_VOID: _open(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Finding.DISPUTED: _open(SubIndication.SIG_CONSTRAINTS_FAILURE),
    Finding.SEAL_PICTURE_ONLY: _open(SubIndication.SIGNED_DATA_NOT_FOUND),
    Finding.NO_SEAL: _open(SubIndication.SIGNED_DATA_NOT_FOUND),
    Finding.AUTHENTIC: Meaning(Indication.TOTAL_PASSED, None),
}
"""One row per finding; what to say of it stands in the catalogue (``eseal.words``)."""

_RANKS = {finding: rank for rank, finding in enumerate(Finding)}
