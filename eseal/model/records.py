"""What a leaf can record besides a use: declarations, roster changes, disclosures, marks.

Each is RFC 8785 canonical JSON and signed: a declaration by the seal's key, a roster change as its
event's own document demands, disclosures and marks by the log's key. What is signed is
:func:`signed_message`, so that a signature of one kind is never one of another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeVar

import orjson

from eseal.errors import InvalidFormatError
from eseal.excerpts import value_excerpt
from eseal.model.book import Ticket
from eseal.model.commitment import Kind
from eseal.model.ids import check_id
from eseal.model.json_values import JsonValues
from eseal.model.seal import handle_of
from eseal.model.statement import (
    BlockReference,
    block_members,
    format_time,
    parse_time,
    read_block,
    read_ticket,
    ticket_members,
)
from eseal.model.text import check_text

VERSION = 1
MAX_RECORD_BYTES = 4096
"""The longest texts fit in any characters."""
MAX_REASON_CHARS = 500
MAX_NAME_CHARS = 200
"""Of an actor, of an order."""
MAX_WHAT_CHARS = 300

_LABELS = {
    Kind.DECLARATION: b"eseal declaration 1\x00",
    Kind.DISCLOSURE: b"eseal disclosure 1\x00",
    Kind.MARK: b"eseal mark 1\x00",
}
_ROSTER_LABEL = b"eseal roster 1\x00"

Word_ = TypeVar("Word_", bound=StrEnum)
Record_ = TypeVar("Record_")


class Word(StrEnum):
    """What an owner says about uses of his seal."""

    VOID = "void"
    RESCINDED = "rescinded"
    DISPUTED = "disputed"


class RosterEvent(StrEnum):
    """What changed in who may do what for a company."""

    FOUNDING = "founding"
    ENROLMENT = "enrolment"
    REMOVAL = "removal"
    ROLE = "role"
    POLICY = "policy"
    GRANT = "grant"
    REVOCATION = "revocation"


class MarkEvent(StrEnum):
    """What happened to the log itself."""

    KEY_CEREMONY = "key_ceremony"
    RESTORE = "restore"
    MIRRORS = "mirrors"
    SUCCESSION = "succession"


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which uses were made.

    Attributes:
        since: the first moment, UTC, whole seconds.
        until: the last one, or ``None`` while it goes on.
        seal: handle of the seal whose uses are meant, where another one of its line speaks because
            that one has ended; ``None`` where it speaks itself.
    """

    since: datetime
    until: datetime | None = None
    seal: bytes | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """The owner's signed word about one use of his seal, or about all uses of a time.

    Attributes:
        id: its random identifier.
        seal: handle of the seal that speaks, 32 bytes.
        ticket: torn from that seal's book for this declaration.
        about: the id of a use of this seal or of an ended one of its line, or a span.
        word: what is said.
        not_before: a final block; the declaration cannot be older than it.
        declared_at: the service's clock, UTC, whole seconds.
        nonce: 32 random bytes.
        reason: why, in the owner's words, or ``None``.
    """

    id: str
    seal: bytes
    ticket: Ticket
    about: str | Span
    word: Word
    not_before: BlockReference
    declared_at: datetime
    nonce: bytes
    reason: str | None = None

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8."""
        return _encode(
            "declaration",
            id=self.id,
            seal=self.seal.hex(),
            ticket=ticket_members(self.ticket),
            about=_about_members(self.about),
            word=self.word.value,
            reason=self.reason,
            not_before=block_members(self.not_before),
            declared_at=format_time(self.declared_at),
            nonce=self.nonce.hex(),
        )

    @classmethod
    def parse(cls, data: bytes) -> Declaration:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: ``data`` is anything but the canonical form of a declaration.
        """
        return _parse(data, _DECLARATION, _declaration)


@dataclass(frozen=True, slots=True)
class RosterChange:
    """A change in a company's roster: who may do what.

    Attributes:
        subject: the company's pseudonym, 32 bytes.
        ticket: torn from the company's roster book.
        event: what changed.
        body: SHA-256 of the event's own document, 32 bytes.
        at: the service's clock, UTC, whole seconds.
        nonce: 32 random bytes.
    """

    subject: bytes
    ticket: Ticket
    event: RosterEvent
    body: bytes
    at: datetime
    nonce: bytes

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8."""
        return _encode(
            "roster",
            subject=self.subject.hex(),
            ticket=ticket_members(self.ticket),
            event=self.event.value,
            body=self.body.hex(),
            at=format_time(self.at),
            nonce=self.nonce.hex(),
        )

    @classmethod
    def parse(cls, data: bytes) -> RosterChange:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: ``data`` is anything but the canonical form of a roster change.
        """
        return _parse(data, _ROSTER, _roster)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One look into a company's records by anybody but the company.

    Attributes:
        id: its random identifier.
        actor: who looked.
        what: at what.
        at: when, UTC, whole seconds.
        nonce: 32 random bytes.
        order: under which order, or ``None``.
        notice_after: until when the order keeps it from the company, or ``None`` if it does not.
        company: the id of the company whose records they are, or ``None`` where several are.
    """

    id: str
    actor: str
    what: str
    at: datetime
    nonce: bytes
    order: str | None = None
    notice_after: datetime | None = None
    company: str | None = None

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8."""
        return _encode(
            "disclosure",
            id=self.id,
            actor=self.actor,
            order=self.order,
            notice_after=None if self.notice_after is None else format_time(self.notice_after),
            company=self.company,
            what=self.what,
            at=format_time(self.at),
            nonce=self.nonce.hex(),
        )

    @classmethod
    def parse(cls, data: bytes) -> Disclosure:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: ``data`` is anything but the canonical form of a disclosure.
        """
        return _parse(data, _DISCLOSURE, _disclosure)


@dataclass(frozen=True, slots=True)
class Mark:
    """An event of the log itself.

    Attributes:
        id: its random identifier.
        event: what happened.
        body: SHA-256 of the event's own document, 32 bytes.
        at: when, UTC, whole seconds.
        nonce: 32 random bytes.
    """

    id: str
    event: MarkEvent
    body: bytes
    at: datetime
    nonce: bytes

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8."""
        return _encode(
            "mark",
            id=self.id,
            event=self.event.value,
            body=self.body.hex(),
            at=format_time(self.at),
            nonce=self.nonce.hex(),
        )

    @classmethod
    def parse(cls, data: bytes) -> Mark:
        """Read what :meth:`encode` writes.

        Raises:
            InvalidFormatError: ``data`` is anything but the canonical form of a mark.
        """
        return _parse(data, _MARK, _mark)


def signed_message(kind: Kind, content: bytes) -> bytes:
    """What the signature of a declaration, a disclosure or a mark is over.

    Raises:
        KeyError: uses and roster changes are signed otherwise.
    """
    return _LABELS[kind] + content


def roster_handle(issuer: bytes, subject: bytes) -> bytes:
    """What stands for the handle in the tags of a company's roster book, 32 bytes."""
    return handle_of(issuer, sha256(_ROSTER_LABEL + subject).digest())


@dataclass(frozen=True, slots=True)
class _Shape:
    values: JsonValues
    required: frozenset[str]
    optional: frozenset[str] = frozenset()


def _shape(kind: str, required: str, optional: str = "") -> _Shape:
    names = frozenset({"v", "kind", "nonce", *required.split()})
    return _Shape(JsonValues(kind), names, frozenset(optional.split()))


_DECLARATION = _shape(
    "declaration", "id seal ticket about word not_before declared_at", optional="reason"
)
_ROSTER = _shape("roster", "subject ticket event body at")
_DISCLOSURE = _shape("disclosure", "id actor what at", optional="order notice_after company")
_MARK = _shape("mark", "id event body at")


def _encode(kind: str, **members: object) -> bytes:
    present = {name: value for name, value in members.items() if value is not None}
    # Names are ASCII, so orjson's order is that of RFC 8785.
    return orjson.dumps(present | {"kind": kind, "v": VERSION}, option=orjson.OPT_SORT_KEYS)


def _parse(data: bytes, shape: _Shape, read: Callable[[dict[str, Any]], Record_]) -> Record_:
    values = shape.values
    if len(data) > MAX_RECORD_BYTES:
        raise values.invalid(f"at most {MAX_RECORD_BYTES} bytes", f"{len(data)} bytes")
    fields = values.parse(data)
    top = values.members(fields, "text", set(shape.required), shape.optional)
    if (top["v"], top["kind"]) != (VERSION, values.kind) or type(top["v"]) is not int:
        raise values.invalid(
            f"{values.kind} version {VERSION}", value_excerpt((top["kind"], top["v"]))
        )
    record = read(top)
    if record.encode() != data:  # type: ignore[attr-defined]  # each of the four has it
        raise values.invalid("RFC 8785 canonical JSON", "another encoding of the same values")
    return record


def _declaration(top: dict[str, Any]) -> Declaration:
    values = _DECLARATION.values
    seal, about = values.hex_bytes(top["seal"], "seal"), _read_about(top["about"])
    if isinstance(about, Span) and about.seal == seal:
        raise values.invalid("about.seal only where it is another seal", seal.hex())
    return Declaration(
        id=check_id(values.text(top["id"], "id")),
        seal=seal,
        ticket=read_ticket(top["ticket"], values),
        about=about,
        word=_word(top["word"], Word, values, "word"),
        not_before=read_block(top["not_before"], values),
        declared_at=_time(top["declared_at"], values),
        nonce=values.hex_bytes(top["nonce"], "nonce"),
        reason=_text(top, "reason", MAX_REASON_CHARS, values),
    )


def _roster(top: dict[str, Any]) -> RosterChange:
    values = _ROSTER.values
    return RosterChange(
        subject=values.hex_bytes(top["subject"], "subject"),
        ticket=read_ticket(top["ticket"], values),
        event=_word(top["event"], RosterEvent, values, "event"),
        body=values.hex_bytes(top["body"], "body"),
        at=_time(top["at"], values),
        nonce=values.hex_bytes(top["nonce"], "nonce"),
    )


def _disclosure(top: dict[str, Any]) -> Disclosure:
    values = _DISCLOSURE.values
    return Disclosure(
        id=check_id(values.text(top["id"], "id")),
        actor=_text(top, "actor", MAX_NAME_CHARS, values) or "",
        what=_text(top, "what", MAX_WHAT_CHARS, values) or "",
        at=_time(top["at"], values),
        nonce=values.hex_bytes(top["nonce"], "nonce"),
        order=_text(top, "order", MAX_NAME_CHARS, values),
        notice_after=_time(top["notice_after"], values) if "notice_after" in top else None,
        company=check_id(values.text(top["company"], "company")) if "company" in top else None,
    )


def _mark(top: dict[str, Any]) -> Mark:
    values = _MARK.values
    return Mark(
        id=check_id(values.text(top["id"], "id")),
        event=_word(top["event"], MarkEvent, values, "event"),
        body=values.hex_bytes(top["body"], "body"),
        at=_time(top["at"], values),
        nonce=values.hex_bytes(top["nonce"], "nonce"),
    )


def _about_members(about: str | Span) -> dict[str, str]:
    if isinstance(about, str):
        return {"use": about}
    members = {"since": format_time(about.since)}
    if about.until is not None:
        members["until"] = format_time(about.until)
    if about.seal is not None:
        members["seal"] = about.seal.hex()
    return members


def _read_about(value: object) -> str | Span:
    values = _DECLARATION.values
    if isinstance(value, dict) and "use" in value:
        return check_id(values.text(values.members(value, "about", {"use"})["use"], "about.use"))
    members = values.members(value, "about", {"since"}, frozenset({"until", "seal"}))
    since = _time(members["since"], values)
    until = _time(members["until"], values) if "until" in members else None
    if until is not None and until < since:
        raise values.invalid("about.until not before about.since", format_time(until))
    seal = values.hex_bytes(members["seal"], "about.seal") if "seal" in members else None
    return Span(since, until, seal)


def _text(top: dict[str, Any], name: str, longest: int, values: JsonValues) -> str | None:
    if name not in top:
        return None
    return check_text(values.text(top[name], name), field=name, max_chars=longest)


def _time(value: object, values: JsonValues) -> datetime:
    return parse_time(values.text(value, "time"))


def _word(value: object, words: type[Word_], values: JsonValues, name: str) -> Word_:
    try:
        return words(values.text(value, name))
    except InvalidFormatError:
        raise
    except ValueError:
        known = ", ".join(words)
        raise values.invalid(f"{name} to be one of {known}", value_excerpt(value)) from None
