"""Every error eseal raises on purpose.

::

    ESealError
    ├── InvalidInputError (ValueError)    what was given cannot be used; names expected and got
    │   ├── InvalidFormatError            wire text or bytes that break their format
    │   │   ├── UnsupportedAlgorithmError a signature made in a way that is not checked here
    │   │   └── MissingCertificateError   a signature without the certificate of its signer
    │   ├── TooLargeError                 larger than the configured limit
    │   └── UnsupportedDocumentError      a document that cannot be sealed, and why
    │       ├── AlreadySealedError        a PDF whose seals allow no further one
    │       ├── TooCostlyError            a document that takes too much time or memory to be read
    │       └── UnsafeDocumentError       a PDF that holds what must not be sealed; names reasons
    ├── BusyError                         too much is being done at once; worth trying again
    │   ├── NoVolumeError                 the seal's book has no open volume left; worth it, too
    │   └── QuotaError                    what is done for strangers is spent; says for how long
    ├── NotFoundError (LookupError)       no such company, seal, use, …
    ├── ConflictError                     the request contradicts what is on record
    │   ├── SealNotActiveError            the seal is pending, suspended, revoked or expired
    │   └── IdempotencyConflictError      the key was used with another body
    ├── UnauthenticatedError              no token, or not a valid one
    ├── ForbiddenError (PermissionError)  a valid token without this right
    ├── ConfigurationError                the operator must change something before we can run
    │   ├── NotInitialisedError           the data directory holds no instance
    │   ├── DatabaseUnreachableError      the database does not answer, or cannot write
    │   ├── ClockError                    this machine's clock contradicts the ledger
    │   ├── UnsafeReplicationError        a standby that takes over would lack commits
    │   ├── NotAdmittedError              the consortium has not admitted this issuer
    │   ├── WrongKeyError                 the key-encryption key does not open the stored keys
    │   └── LedgerLockedError             another process holds the embedded ledger
    ├── ProofError                        something offered as proof does not prove
    │   ├── InvalidProofError             a Merkle proof does not lead to the root
    │   ├── InvalidCheckpointError        a checkpoint is not signed by its log
    │   ├── InvalidSignatureError         a seal signature does not verify
    │   ├── InvalidChainError             a certificate does not stand under its issuers
    │   │   └── UntrustedChainError       … or leads to no trusted root
    │   └── InvalidSubjectProofError      id, name and subject are not the authority's word
    ├── AuthorityError                    the authority for subjects said no, or nothing
    │   ├── AuthorityUnreachableError     could not ask; worth trying again
    │   ├── AuthorityRefusedError         it will not prove this, and says why
    │   └── AuthorityAnswerError          what it answered proves nothing
    ├── LedgerError                       the ledger said no, or nothing
    │   ├── LedgerUnreachableError        could not ask; worth trying again
    │   │   ├── LedgerBehindError         the node has less history than this instance knows of
    │   │   └── TransactionPendingError   sent, and not final in time; it is carried on later
    │   │   └── LedgerDisagreementError   endpoints asked contradict one another
    │   └── LedgerRejectedError           the contract reverted, with its error's name
    │       └── StaleHeadError            the head on the ledger is not the one we extended
    ├── AnchorDueError                    a use is on record and not yet on the ledger; try again
    ├── ValidationDataError               what long-term proof needs could not be had; try again
    │   ├── TimeStampUnavailableError     no time-stamp authority answered as it must
    │   └── RevocationUnavailableError    nobody said whether a certificate is revoked
    └── CorruptionError                   fatal: stored state contradicts itself; stop and audit
        ├── HaltedError                   another process found what was released lacking
        └── ForeignRowError               a row that this instance did not write there
            └── RolledBackError           an older state of the database than was seen

Each class carries ``code``, a slug that never changes its meaning: problem documents,
``--json`` output and logs use it. A message names what was expected and what came.
"""

from __future__ import annotations

from typing import ClassVar


class ESealError(Exception):
    """Root of all errors raised on purpose."""

    code: ClassVar[str] = "error"


class InvalidInputError(ESealError, ValueError):
    """What was given cannot be used.

    Attributes:
        field: the name of the offending input field, if one can be named.
    """

    code = "invalid_input"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidFormatError(InvalidInputError):
    """What was given has another form than expected."""

    code = "invalid_format"


def invalid_format(
    what: str, expected: str, got: str, *, field: str | None = None
) -> InvalidFormatError:
    """The error to raise about a text or a document that breaks its format.

    Args:
        what: the kind of document.
        expected: what should have stood there.
        got: what did; of a stranger's text no more than an excerpt.
        field: the offending input field, if one can be named.
    """
    return InvalidFormatError(f"{what}: expected {expected}, got {got}", field=field)


class UnsupportedAlgorithmError(InvalidFormatError):
    """A signature was made with an algorithm, or a key, that is not checked here."""

    code = "unsupported_algorithm"


class MissingCertificateError(InvalidFormatError):
    """A signature does not carry the certificate of its signer; nobody signs what it carries."""

    code = "missing_certificate"


class TooLargeError(InvalidInputError):
    """The input is larger than the configured limit."""

    code = "too_large"


class UnsupportedDocumentError(InvalidInputError):
    """The document cannot be sealed as it is."""

    code = "unsupported_document"


class AlreadySealedError(UnsupportedDocumentError):
    """The PDF already carries a signature that allows no further one."""

    code = "already_sealed"


class TooCostlyError(UnsupportedDocumentError):
    """The document takes more time or memory to be read than anybody may take."""

    code = "too_costly"


class UnsafeDocumentError(UnsupportedDocumentError):
    """The PDF holds something that must not be sealed: what you see is what is sealed.

    Attributes:
        reasons: the stable code of each reason (docs/examination.md).
    """

    code = "unsafe_document"

    def __init__(self, message: str, *, reasons: tuple[str, ...]) -> None:
        super().__init__(message, field="document")
        self.reasons = reasons


class BusyError(ESealError):
    """Too much is being done at once; worth trying again in a moment."""

    code = "busy"


class QuotaError(BusyError):
    """What the service does for strangers at its own cost is spent for now; other ways are open.

    Attributes:
        seconds: after which it is worth trying again.
    """

    code = "quota_spent"

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class NoVolumeError(BusyError):
    """The seal's book has no ticket left until the ledger has its next volume."""

    code = "no_volume"


class NotFoundError(ESealError, LookupError):
    """No such thing on record."""

    code = "not_found"


class ConflictError(ESealError):
    """The request contradicts what is on record."""

    code = "conflict"


class SealNotActiveError(ConflictError):
    """The seal cannot be used now: it is pending, suspended, revoked or expired."""

    code = "seal_not_active"


class IdempotencyConflictError(ConflictError):
    """The Idempotency-Key was used before with another body."""

    code = "idempotency_conflict"


class UnauthenticatedError(ESealError):
    """No bearer token, or one that is not valid."""

    code = "unauthenticated"


class ForbiddenError(ESealError, PermissionError):
    """The token is valid but does not carry this right."""

    code = "forbidden"


class ConfigurationError(ESealError):
    """The operator must change something before the program can run."""

    code = "configuration"


class NotInitialisedError(ConfigurationError):
    """The data directory holds no instance yet."""

    code = "not_initialised"


class DatabaseUnreachableError(ConfigurationError):
    """The database does not answer, or cannot write; worth trying again once it can."""

    code = "database_unreachable"


class ClockError(ConfigurationError):
    """This machine's clock contradicts the ledger."""

    code = "clock"


class UnsafeReplicationError(ConfigurationError):
    """A commit could be lost that was reported as durable. Nothing is sealed until then."""

    code = "unsafe_replication"


class NotAdmittedError(ConfigurationError):
    """The administrator of the consortium's registry has not admitted this issuer yet."""

    code = "not_admitted"


class WrongKeyError(ConfigurationError):
    """The key-encryption key does not open the stored keys."""

    code = "wrong_key"


class LedgerLockedError(ConfigurationError):
    """Another process holds the embedded ledger."""

    code = "ledger_locked"


class ProofError(ESealError):
    """Something offered as proof does not prove what it should."""

    code = "proof"


class InvalidProofError(ProofError):
    """A Merkle proof does not lead to the expected root."""

    code = "invalid_proof"


class InvalidCheckpointError(ProofError):
    """A checkpoint is not signed by the log it names."""

    code = "invalid_checkpoint"


class InvalidSignatureError(ProofError):
    """A seal signature does not verify under its certificate."""

    code = "invalid_signature"


class InvalidChainError(ProofError):
    """A certificate, or one above it, was not good at the time: out of its validity, no CA, …."""

    code = "invalid_chain"


class UntrustedChainError(InvalidChainError):
    """No path of issuers leads from a certificate to a trusted root."""

    code = "untrusted_chain"


class InvalidSubjectProofError(ProofError):
    """A subject proof is not the authority's word: VRF proof, signature or subject is wrong."""

    code = "invalid_subject_proof"


class AuthorityError(ESealError):
    """The authority that proves subjects refused, or could not be asked."""

    code = "authority"


class AuthorityUnreachableError(AuthorityError):
    """The authority could not be asked, or has not answered yet; worth trying again."""

    code = "authority_unreachable"


class AuthorityRefusedError(AuthorityError):
    """The authority does not prove what was asked; the message says why."""

    code = "authority_refused"


class AuthorityAnswerError(AuthorityError):
    """What the authority answered does not prove what was asked: it lies, or is broken."""

    code = "authority_answer"


class LedgerError(ESealError):
    """The ledger refused, or could not be asked."""

    code = "ledger"


class LedgerUnreachableError(LedgerError):
    """The ledger could not be asked; worth trying again."""

    code = "ledger_unreachable"


class LedgerBehindError(LedgerUnreachableError):
    """The node has less history than this instance has seen already. Nothing is done until then."""

    code = "ledger_behind"


class TransactionPendingError(LedgerUnreachableError):
    """A transaction is on its way and not final in time. It is on record, and carried on later."""

    code = "transaction_pending"


class LedgerDisagreementError(LedgerUnreachableError):
    """The endpoints asked contradict one another: at least one is wrong, and we cannot say which.

    Attributes:
        endpoints: ``host:port`` of those that answered.
    """

    code = "ledger_disagreement"

    def __init__(self, message: str, *, endpoints: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.endpoints = endpoints


class LedgerRejectedError(LedgerError):
    """The contract reverted.

    Attributes:
        error_name: the Solidity custom error's name, or ``""`` if it gave none.
    """

    code = "ledger_rejected"

    def __init__(self, message: str, *, error_name: str = "") -> None:
        super().__init__(message)
        self.error_name = error_name


class StaleHeadError(LedgerRejectedError):
    """The head on the ledger is not the one that was extended.

    Attributes:
        size: the size of the head the contract holds, in leaves.
        root: the root of that head, 32 bytes.
    """

    code = "stale_head"

    def __init__(self, size: int, root: bytes) -> None:
        super().__init__(f"the ledger's head is at size {size}", error_name="StaleHead")
        self.size = size
        self.root = root


class AnchorDueError(ESealError):
    """A use is on record, and the proof that it is on the ledger is due; worth trying again."""

    code = "anchor_due"


class ValidationDataError(ESealError):
    """What a long-term level needs could not be had now; worth trying again."""

    code = "validation_data_unavailable"


class TimeStampUnavailableError(ValidationDataError):
    """No time-stamp authority gave a time-stamp that could be used."""

    code = "time_stamp_unavailable"


class RevocationUnavailableError(ValidationDataError):
    """Neither responder nor list said whether a certificate is revoked."""

    code = "revocation_unavailable"


class CorruptionError(ESealError):
    """Stored state contradicts itself. Fatal: stop and run eseal audit."""

    code = "corruption"


class ForeignRowError(CorruptionError):
    """The database holds a row that this instance did not write there, or lacks one that it did."""

    code = "foreign_row"


class RolledBackError(ForeignRowError):
    """An older state of the database was put in the place of the newest."""

    code = "rolled_back"


class HaltedError(CorruptionError):
    """Another process on this database has found that it lacks what was released."""

    code = "halted"
