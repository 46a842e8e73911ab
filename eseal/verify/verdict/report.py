"""A verdict: what was found, on which checks it rests, and on what those rest in turn."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from eseal.ledger.facts import Block
from eseal.model.seal import SealType
from eseal.model.statement import Statement, format_time
from eseal.verify.verdict.vocabulary import (
    CheckName,
    CheckStatus,
    Finding,
    Indication,
    NoteCode,
    SubIndication,
)
from eseal.words import Language, speak
from eseal.words.reporting import told_as

if TYPE_CHECKING:
    from eseal.model.records import Word


@dataclass(frozen=True, slots=True)
class Basis:
    """What a check rests on. Whatever does not apply is ``None``.

    Attributes:
        digest: SHA-256 of the bytes compared, 32 bytes.
        log_index: index of the use's leaf, from 0.
        head_size: size of the log's head relied upon, in leaves.
        root: root of that head, 32 bytes.
        transaction: hash of the transaction that anchored it, 32 bytes.
        block: the block relied upon.
        finality: the rule by which the ledger's blocks count as final, e.g. ``depth:12``.
        age: seconds between that block's timestamp and the time of the check, at least 0.
    """

    digest: bytes | None = None
    log_index: int | None = None
    head_size: int | None = None
    root: bytes | None = None
    transaction: bytes | None = None
    block: Block | None = None
    finality: str | None = None
    age: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields that apply, JSON-ready."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in values.items() if value is not None}


NOTHING = Basis()
"""A check that rests on nothing but the input."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    Attributes:
        name: which.
        status: how it came out.
        detail: one sentence that says what was seen.
        rests_on: what the answer depends on.
    """

    name: CheckName
    status: CheckStatus
    detail: str
    rests_on: Basis = NOTHING

    def to_dict(self) -> dict[str, Any]:
        """``name, status, detail, rests_on``, JSON-ready."""
        return {
            "name": self.name.value,
            "status": self.status.value,
            "detail": self.detail,
            "rests_on": self.rests_on.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Window:
    """The proven time of a use: not before one block, not after another.

    Attributes:
        not_before: time of the block the statement names, UTC.
        not_after: time of the block that anchored the use, or of an earlier time-stamp that is
            trusted, UTC; ``None`` while there is neither.
    """

    not_before: datetime
    not_after: datetime | None


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know beside the verdict; it decides nothing.

    Attributes:
        code: what.
        detail: one sentence.
        since: since when, UTC, or ``None`` where that says nothing.
    """

    code: NoteCode
    detail: str
    since: datetime | None = None

    def to_dict(self) -> dict[str, Any]:
        """``code, detail, since``, JSON-ready."""
        return {"code": self.code.value, "detail": self.detail, "since": _plain(self.since)}


@dataclass(frozen=True, slots=True)
class Authority:
    """Who vouches for a company's name and number.

    Attributes:
        key: of its verifiable random function, 32 bytes: which authority it is.
        name: what the verifier's trust file calls it, or ``None``. Nobody else says so.
        built_in: whether it is the seal's issuer itself.
    """

    key: bytes
    name: str | None
    built_in: bool

    def to_dict(self) -> dict[str, Any]:
        """``key, name, built_in``, JSON-ready."""
        return {"key": self.key.hex(), "name": self.name, "built_in": self.built_in}


@dataclass(frozen=True, slots=True)
class Objection:
    """What the seal's owner declared about a use, under the seal's signature.

    Attributes:
        word: ``void``, ``rescinded`` or ``disputed``.
        declared_at: when, by the clock of the service that made it, UTC.
        reason: why, in the owner's words, or ``None``.
    """

    word: Word
    declared_at: datetime
    reason: str | None

    def to_dict(self) -> dict[str, Any]:
        """``word, declared_at, reason``, JSON-ready."""
        return {
            "word": self.word.value,
            "declared_at": _plain(self.declared_at),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class SealFacts:
    """What a seal says about itself. Only as good as the verdict beside it.

    Attributes:
        handle: the seal's name on the ledger, as its statement says, 32 bytes, or ``None``.
        subject: the company's name on the ledger, 32 bytes, or ``None`` if that is not proven.
        name: the company's name in the certificate, or ``None``.
        registration_id: its ``organizationIdentifier`` (ETSI EN 319 412-1), or ``None``.
        seal_type: what the seal is for, as its certificate says, or ``None``.
        issuer: the CA that issued the certificate, as that names it, or ``None``.
        root: the trusted root the certificate leads to; ``None`` if it leads to none.
        vouched_by: who certified name and type, in words, or ``None``.
        authority: who vouches for name and number, or ``None`` if nobody is known to.
        field: the PDF signature field, or ``None`` for a detached seal.
        party: label of the place in the PDF that it fills, or ``None``. Whoever made the place
            wrote it; who sealed there, only the certificate says.
        signed_length: length in bytes of the revision of the PDF it sealed, or ``None``.
        statement: the signed statement, or ``None`` if there is no readable one.
        origin: the log that recorded the use, or ``None``.
        log_index: index of the use's leaf, or ``None``.
        window: the proven time of the use, or ``None``.
        files: the files it covers in a container, or ``None`` outside one.
        objections: what the seal's owner declared about this use, the oldest first.
        notes: what to know beside the verdict.
    """

    handle: bytes | None
    subject: bytes | None = None
    name: str | None = None
    registration_id: str | None = None
    seal_type: SealType | None = None
    issuer: str | None = None
    root: str | None = None
    vouched_by: str | None = None
    authority: Authority | None = None
    field: str | None = None
    party: str | None = None
    signed_length: int | None = None
    statement: Statement | None = None
    origin: str | None = None
    log_index: int | None = None
    window: Window | None = None
    files: tuple[str, ...] | None = None
    objections: tuple[Objection, ...] = ()
    notes: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready, statement included."""
        statement, window = self.statement, self.window
        return {
            "handle": _plain(self.handle),
            "subject": _plain(self.subject),
            "name": self.name,
            "registration_id": self.registration_id,
            "seal_type": None if self.seal_type is None else self.seal_type.value,
            "issuer": self.issuer,
            "root": self.root,
            "vouched_by": self.vouched_by,
            "authority": None if self.authority is None else self.authority.to_dict(),
            "field": self.field,
            "party": self.party,
            "signed_length": self.signed_length,
            "use": None if statement is None else _use(statement),
            "log": None
            if self.origin is None
            else {"origin": self.origin, "index": self.log_index},
            "proven_time": None
            if window is None
            else {"not_before": _plain(window.not_before), "not_after": _plain(window.not_after)},
            "files": None if self.files is None else list(self.files),
            "objections": [objection.to_dict() for objection in self.objections],
            "notes": [note.to_dict() for note in self.notes],
        }


class OtherState(StrEnum):
    """What is known of a signature that is no company seal."""

    INTACT = "intact"
    """It verifies under its certificate, and covers what is there. Who that is, nobody checked."""
    ALTERED = "altered"
    """It verifies, but what it covers has been changed."""
    NOT_COMPARED = "not_compared"
    """It verifies; what it covers was not at hand."""
    DOES_NOT_VERIFY = "does_not_verify"
    """It does not verify under its certificate."""
    NOT_SUPPORTED = "not_supported"
    """It is made in a way, or is of a form, that is not checked here."""


@dataclass(frozen=True, slots=True)
class OtherSignature:
    """A signature beside the seals that is none: listed, and of no weight in the verdict.

    Attributes:
        state: what is known of it.
        detail: one sentence, e.g. ``Not a company seal: RSA 2048, SHA-512, intact.``
        name: the name in its certificate, which nobody checked, or ``None``.
        algorithm: how it was made, e.g. ``RSA 2048, SHA-512``, or ``None``.
        field: the PDF signature field, or ``None`` outside a PDF.
    """

    state: OtherState
    detail: str
    name: str | None = None
    algorithm: str | None = None
    field: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "state": self.state.value,
            "detail": self.detail,
            "name": self.name,
            "algorithm": self.algorithm,
            "field": self.field,
        }


@dataclass(frozen=True, slots=True)
class SealVerdict:
    """The verdict on one seal.

    Attributes:
        finding: what happened.
        sub_indication: the standard's word for it, where it has one.
        checks: every check, in order.
        facts: what the seal says about itself, or ``None`` if it cannot be read.
        alarm: whether any of what was found must be told to the seal's owner.
    """

    finding: Finding
    sub_indication: SubIndication | None
    checks: tuple[Check, ...]
    facts: SealFacts | None
    alarm: bool = False

    @property
    def indication(self) -> Indication:
        """The standard's main indication: that of its word for the cause, where there is one."""
        sub = self.sub_indication
        return self.finding.meaning.indication if sub is None else sub.indication

    @property
    def message(self) -> str:
        """One plain sentence, in English; a second one if the document was not at hand."""
        outcomes = {check.name.value: check.status.value for check in self.checks}
        code = told_as(self.finding.value, self.indication.value, outcomes)
        return speak(Language.EN)(f"findings.{code}.sentence")

    def to_dict(self) -> dict[str, Any]:
        """The verdict, the facts and the checks, JSON-ready."""
        facts = {} if self.facts is None else self.facts.to_dict()
        return _words(self) | facts | {"checks": [check.to_dict() for check in self.checks]}


@dataclass(frozen=True, slots=True)
class Places:
    """The places for seals that a sealed PDF has, and how many of them are filled."""

    filled: int
    total: int


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on a document: that of its worst seal.

    Attributes:
        finding: what happened.
        sub_indication: the standard's word for it, where it has one.
        message: one plain sentence for a clerk.
        seals: a verdict per seal, in the order in which they stand in the document.
        checks: the checks that decided: those of the worst seal, or, without a seal, those made on
            the file.
        others: the signatures in it that are no company seals; what they say decides nothing.
        places: the places for seals that a sealed PDF has, or ``None``.
        extractable: whether the file begins with a PDF as it was sealed, and goes on behind it.
    """

    finding: Finding
    sub_indication: SubIndication | None
    message: str
    seals: tuple[SealVerdict, ...]
    checks: tuple[Check, ...]
    others: tuple[OtherSignature, ...] = ()
    places: Places | None = None
    extractable: bool = False

    @property
    def indication(self) -> Indication:
        """The standard's main indication: that of its word for the cause, where there is one."""
        sub = self.sub_indication
        return self.finding.meaning.indication if sub is None else sub.indication

    @property
    def alarm(self) -> bool:
        """Whether the owner of one of the seals must be told."""
        return any(seal.alarm for seal in self.seals)

    def check(self, name: CheckName) -> Check | None:
        """The deciding check of this name, or ``None`` if it was not reached."""
        return next((check for check in self.checks if check.name is name), None)

    def to_dict(self) -> dict[str, Any]:
        """All of it, with the URIs of the indications.

        All in it is a ``dict``, ``list``, ``str``, ``int``, ``bool`` or ``None``.
        """
        return _words(self) | {
            "alarm": self.alarm,
            "seals": [seal.to_dict() for seal in self.seals],
            "others": [other.to_dict() for other in self.others],
            "places": None
            if self.places is None
            else {"filled": self.places.filled, "total": self.places.total},
            "extractable": self.extractable,
            "checks": [check.to_dict() for check in self.checks],
        }


def moment(timestamp: int) -> datetime:
    """Unix seconds as UTC.

    Raises:
        OverflowError, ValueError: no calendar goes that far.
    """
    return datetime.fromtimestamp(timestamp, UTC)


def _words(verdict: SealVerdict | Report) -> dict[str, Any]:
    sub = verdict.sub_indication
    return {
        "indication": verdict.indication.value,
        "indication_uri": verdict.indication.uri,
        "sub_indication": None if sub is None else sub.value,
        "sub_indication_uri": None if sub is None else sub.uri,
        "finding": verdict.finding.value,
        "message": verdict.message,
    }


def _use(statement: Statement) -> dict[str, Any]:
    return {
        "id": statement.id,
        "ticket": {"volume": statement.ticket.volume, "position": statement.ticket.position},
        "purpose": statement.purpose,
        "external_reference": statement.external_reference,
        "media_type": statement.media_type,
        "sealed_at": format_time(statement.sealed_at),
        "digest": statement.digest.hex(),
    }


def _plain(value: object) -> object:
    match value:
        case bytes():
            return value.hex()
        case datetime():
            return format_time(value)
        case Block():
            return {
                "number": value.number,
                "hash": "0x" + value.hash.hex(),
                "timestamp": value.timestamp,
            }
        case _:
            return value
