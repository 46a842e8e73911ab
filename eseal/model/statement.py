"""The statement: the signed description of one use of a seal.

A statement is RFC 8785 canonical JSON. It travels as a signed attribute of the seal signature, so
one signature covers document and statement. It names the ticket that was torn for the use; which
place it has among the uses of its seal it does not tell.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from eseal.errors import InvalidFormatError
from eseal.excerpts import excerpt, value_excerpt
from eseal.model.book import Ticket
from eseal.model.ids import check_id
from eseal.model.json_values import JsonValues
from eseal.model.text import check_text

VERSION = 2
DIGEST_ALGORITHM = "sha-256"
"""Named as in the IANA hash algorithm registry (RFC 8122 text names)."""
HASH_BYTES = 32
NONCE_BYTES = 32
"""As wide as the digest it hides: a commitment cannot be enumerated."""
MAX_PURPOSE_CHARS = 500
MAX_MEDIA_TYPE_CHARS = 127
MAX_REFERENCE_CHARS = 200
MAX_STATEMENT_BYTES = 5120
"""The longest purpose and reference fit in any characters; what is longer is no statement."""

_JSON = JsonValues("statement")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
"""RFC 6838 section 4.2 restricted names, lower case, without parameters."""
_BLOCK_HASH = re.compile(r"0x[0-9a-f]{64}")
_ADDRESS = re.compile(r"0x[0-9a-f]{40}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class BlockReference:
    """A block of the ledger, and where on it the seal is registered.

    Attributes:
        chain_id: EIP-155 chain id.
        number: the block's height.
        hash: the block's hash, 32 bytes.
        registry: address of the ``SealRegistry`` that knows the seal, 20 bytes: one chain may have
            several, and what one does not know says nothing of another's seals.
    """

    chain_id: int
    number: int
    hash: bytes
    registry: bytes


class Statement(NamedTuple):
    """What one use of a seal was. A tuple, because it is made by the thousand.

    Attributes:
        id: the use's random identifier.
        seal: the seal's handle, 32 bytes.
        ticket: torn from the seal's book for this use.
        digest: SHA-256 of what was sealed (a PDF: of the bytes under the signature), 32 bytes.
        media_type: IANA media type of the document.
        authorization: SHA-256 of the approval record, 32 bytes.
        not_before: a final block; the seal cannot be older than it.
        sealed_at: the service's clock, UTC, whole seconds.
        nonce: 32 random bytes.
        purpose: what the seal was used for, or ``None``.
        source: SHA-256 of the file that was handed in, 32 bytes, where sealing wrote it anew;
            else ``None``.
        envelope: SHA-256 of the request that all parties share, 32 bytes, or ``None``.
        external_reference: what the company calls it, e.g. a contract's number, or ``None``.
    """

    id: str
    seal: bytes
    ticket: Ticket
    digest: bytes
    media_type: str
    authorization: bytes
    not_before: BlockReference
    sealed_at: datetime
    nonce: bytes
    purpose: str | None = None
    source: bytes | None = None
    envelope: bytes | None = None
    external_reference: str | None = None

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785) of this statement, UTF-8.

        ``orjson`` writes exactly the RFC 8785 form of what a statement can hold (ASCII keys in
        order, strings, integers below 2**53); a test compares it with ``rfc8785``.
        """
        fields: dict[str, Any] = {  # in the order of their names: sorting would cost half as much
            "authorization": self.authorization.hex(),
            "digest": {"alg": DIGEST_ALGORITHM, "value": self.digest.hex()},
        }
        if self.envelope is not None:
            fields["envelope"] = self.envelope.hex()
        if self.external_reference is not None:
            fields["external_reference"] = self.external_reference
        fields["id"] = self.id
        fields["media_type"] = self.media_type
        fields["nonce"] = self.nonce.hex()
        fields["not_before"] = block_members(self.not_before)
        if self.purpose is not None:
            fields["purpose"] = self.purpose
        fields["seal"] = self.seal.hex()
        fields["sealed_at"] = format_time(self.sealed_at)
        if self.source is not None:
            fields["source"] = {"alg": DIGEST_ALGORITHM, "value": self.source.hex()}
        fields["ticket"] = ticket_members(self.ticket)
        fields["v"] = VERSION
        return orjson.dumps(fields)

    @classmethod
    def parse(cls, data: bytes) -> Statement:
        """Read a statement, strictly: exact keys, forms and canonical encoding.

        Raises:
            InvalidFormatError: ``data`` is anything but the canonical form of a statement.
        """
        if len(data) > MAX_STATEMENT_BYTES:
            raise _JSON.invalid(f"at most {MAX_STATEMENT_BYTES} bytes", f"{len(data)} bytes")
        fields = _JSON.parse(data)
        statement = _from_fields(fields)
        if statement.encode() != data:
            raise _JSON.invalid("RFC 8785 canonical JSON", "another encoding of the same values")
        return statement


read_statement = lru_cache(maxsize=8)(Statement.parse)
"""As :meth:`Statement.parse`: the checks on one seal read the same bytes, one after the other."""


def new_nonce() -> bytes:
    """32 random bytes."""
    return new_nonces(1)[0]


def new_nonces(count: int) -> list[bytes]:
    """Nonces of 32 random bytes, for all of which the system is asked for randomness once."""
    noise = secrets.token_bytes(NONCE_BYTES * count)
    return [noise[start : start + NONCE_BYTES] for start in range(0, len(noise), NONCE_BYTES)]


@lru_cache(maxsize=1024)
def check_media_type(text: str) -> str:
    """Return ``text`` if it is a media type in lower case without parameters (RFC 6838).

    Raises:
        InvalidFormatError: it is not.
    """
    if len(text) > MAX_MEDIA_TYPE_CHARS or not MEDIA_TYPE.fullmatch(text):
        raise InvalidFormatError(
            f"media_type: expected a lower-case media type such as application/pdf, "
            f"got {excerpt(text, 64)}",
            field="media_type",
        )
    return text


@lru_cache(maxsize=1024)
def check_purpose(text: str) -> str:
    """Return ``text`` if it can stand as a purpose: one line that reads as it is written.

    Raises:
        InvalidFormatError: it is blank, too long, or holds a control or invisible character.
    """
    return check_text(text, field="purpose", max_chars=MAX_PURPOSE_CHARS)


@lru_cache(maxsize=1024)
def check_reference(text: str) -> str:
    """Return ``text`` if it can stand as an external reference: one line that reads as written.

    Raises:
        InvalidFormatError: it is blank, too long, or holds a control or invisible character.
    """
    return check_text(text, field="external_reference", max_chars=MAX_REFERENCE_CHARS)


@lru_cache(maxsize=16)
def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds, e.g. ``2026-11-22T16:45:00Z``.

    Args:
        moment: aware; fractions of a second are dropped.

    Raises:
        ValueError: ``moment`` has no time zone, so nobody can say which moment it is.
    """
    if moment.tzinfo is None:
        raise ValueError(f"expected a time with a time zone, got {moment.isoformat()}")
    # isoformat, not strftime: glibc does not pad a year below 1000.
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def parse_time(text: str) -> datetime:
    """Read what :func:`format_time` writes.

    Raises:
        InvalidFormatError: another form, or no such moment.
    """
    if _TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    raise _JSON.invalid("a time such as 2026-11-22T16:45:00Z", excerpt(text, 64))


def ticket_members(ticket: Ticket) -> dict[str, Any]:
    """A ticket as it is written, its members in the order of their names."""
    return {
        "position": ticket.position,
        "value": ticket.value.hex(),
        "volume": ticket.volume,
    }


def read_ticket(value: object, values: JsonValues) -> Ticket:
    """Read what :func:`ticket_members` writes.

    Raises:
        InvalidFormatError: anything else.
    """
    members = values.members(value, "ticket", {"volume", "position", "value"})
    return Ticket(
        volume=values.unsigned_32(members["volume"], "ticket.volume"),
        position=values.unsigned_32(members["position"], "ticket.position"),
        value=values.hex_bytes(members["value"], "ticket.value"),
    )


def block_members(block: BlockReference) -> dict[str, Any]:
    """A block as it is written, its members in the order of their names."""
    return {
        "chain_id": block.chain_id,
        "hash": "0x" + block.hash.hex(),
        "number": block.number,
        "registry": "0x" + block.registry.hex(),
    }


def read_block(value: object, values: JsonValues) -> BlockReference:
    """Read what :func:`block_members` writes.

    Raises:
        InvalidFormatError: anything else.
    """
    block = values.members(value, "not_before", {"chain_id", "number", "hash", "registry"})
    for name, form, digits in (("hash", _BLOCK_HASH, 64), ("registry", _ADDRESS, 40)):
        text = values.text(block[name], f"not_before.{name}")
        if not form.fullmatch(text):
            raise values.invalid(
                f"not_before.{name} to be 0x and {digits} lower-case hex digits", excerpt(text)
            )
    return BlockReference(
        chain_id=values.integer(block["chain_id"], "not_before.chain_id"),
        number=values.integer(block["number"], "not_before.number"),
        hash=bytes.fromhex(block["hash"][2:]),
        registry=bytes.fromhex(block["registry"][2:]),
    )


_REQUIRED = {
    "v", "id", "seal", "ticket", "digest", "media_type", "authorization",
    "not_before", "sealed_at", "nonce",
}  # fmt: skip
_OPTIONAL = frozenset({"purpose", "source", "envelope", "external_reference"})


def _from_fields(fields: object) -> Statement:
    if isinstance(fields, dict) and "v" in fields and _JSON.integer(fields["v"], "v") != VERSION:
        # Said before the members are looked at: those of another version are not ours to judge.
        raise _JSON.invalid(f"version {VERSION}", str(fields["v"]))
    top = _JSON.members(fields, "text", _REQUIRED, _OPTIONAL)
    named = (
        _JSON.text(top["external_reference"], "external_reference")
        if ("external_reference" in top)
        else None
    )
    return Statement(
        id=check_id(_JSON.text(top["id"], "id")),
        seal=_JSON.hex_bytes(top["seal"], "seal"),
        ticket=read_ticket(top["ticket"], _JSON),
        digest=_digest(top["digest"], "digest"),
        media_type=check_media_type(_JSON.text(top["media_type"], "media_type")),
        authorization=_JSON.hex_bytes(top["authorization"], "authorization"),
        not_before=read_block(top["not_before"], _JSON),
        sealed_at=parse_time(_JSON.text(top["sealed_at"], "sealed_at")),
        nonce=_JSON.hex_bytes(top["nonce"], "nonce"),
        purpose=check_purpose(_JSON.text(top["purpose"], "purpose")) if "purpose" in top else None,
        source=_digest(top["source"], "source") if "source" in top else None,
        envelope=_JSON.hex_bytes(top["envelope"], "envelope") if "envelope" in top else None,
        external_reference=None if named is None else check_reference(named),
    )


def _digest(value: object, name: str) -> bytes:
    digest = _JSON.members(value, name, {"alg", "value"})
    if digest["alg"] != DIGEST_ALGORITHM:
        raise _JSON.invalid(f"{name} algorithm {DIGEST_ALGORITHM}", value_excerpt(digest["alg"]))
    return _JSON.hex_bytes(digest["value"], f"{name}.value")
