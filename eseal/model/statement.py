"""The statement: the signed description of one use of a seal.

A statement is RFC 8785 canonical JSON. It travels as a signed attribute of the seal signature, so
one signature covers document and statement. Its *commitment* is what the log holds.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from eseal.errors import InvalidFormatError
from eseal.model.ids import check_id
from eseal.model.json_values import JsonValues
from eseal.model.text import check_text

VERSION = 1
DIGEST_ALGORITHM = "sha-256"
"""Named as in the IANA hash algorithm registry (RFC 8122 text names)."""
HASH_BYTES = 32
NONCE_BYTES = 32
"""As wide as the digest it hides: a commitment cannot be enumerated."""
FIRST_PREV = bytes(HASH_BYTES)
"""``prev`` of a seal's first use."""
MAX_PURPOSE_CHARS = 500
MAX_MEDIA_TYPE_CHARS = 127
MAX_STATEMENT_BYTES = 4096
"""A full purpose in three-byte characters fits; anything longer is not a statement."""

_JSON = JsonValues("statement")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*")
"""RFC 6838 section 4.2 restricted names, lower case, without parameters."""
_HEX_HASH = re.compile(r"[0-9a-f]{64}")
_BLOCK_HASH = re.compile(r"0x[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class BlockReference:
    """A block of the ledger.

    Attributes:
        chain_id: EIP-155 chain id.
        number: the block's height.
        hash: the block's hash, 32 bytes.
    """

    chain_id: int
    number: int
    hash: bytes


class Statement(NamedTuple):
    """What one use of a seal was. A tuple, because it is made by the thousand.

    Attributes:
        id: the use's random identifier.
        seal: the seal's handle, 32 bytes.
        seq: counts the uses of this seal from 1 without gaps.
        prev: the commitment of the previous use, or ``FIRST_PREV``, 32 bytes.
        digest: SHA-256 of what was sealed (a PDF: of the bytes under the signature), 32 bytes.
        media_type: IANA media type of the document.
        authorization: SHA-256 of the approval record, 32 bytes.
        not_before: a final block; the seal cannot be older than it.
        sealed_at: the service's clock, UTC, whole seconds.
        nonce: 32 random bytes.
        purpose: what the seal was used for, or ``None``.
        source: SHA-256 of the file that was handed in, 32 bytes, where sealing wrote it anew;
            else ``None``.
    """

    id: str
    seal: bytes
    seq: int
    prev: bytes
    digest: bytes
    media_type: str
    authorization: bytes
    not_before: BlockReference
    sealed_at: datetime
    nonce: bytes
    purpose: str | None = None
    source: bytes | None = None

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785) of this statement, UTF-8.

        ``orjson`` writes exactly the RFC 8785 form of what a statement can hold (ASCII keys in
        order, strings, integers below 2**53); a test compares it with ``rfc8785``.
        """
        fields: dict[str, Any] = {  # in the order of their names: sorting would cost half as much
            "authorization": self.authorization.hex(),
            "digest": {"alg": DIGEST_ALGORITHM, "value": self.digest.hex()},
            "id": self.id,
            "media_type": self.media_type,
            "nonce": self.nonce.hex(),
            "not_before": {
                "chain_id": self.not_before.chain_id,
                "hash": "0x" + self.not_before.hash.hex(),
                "number": self.not_before.number,
            },
            "prev": self.prev.hex(),
        }
        if self.purpose is not None:
            fields["purpose"] = self.purpose
        fields["seal"] = self.seal.hex()
        fields["sealed_at"] = format_time(self.sealed_at)
        fields["seq"] = self.seq
        if self.source is not None:
            fields["source"] = {"alg": DIGEST_ALGORITHM, "value": self.source.hex()}
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
        try:
            fields = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise _JSON.invalid("JSON", str(error)) from None
        statement = _from_fields(fields)
        if statement.encode() != data:
            raise _JSON.invalid("RFC 8785 canonical JSON", "another encoding of the same values")
        return statement


def commitment(statement: bytes, signature: bytes) -> bytes:
    """``SHA-256(statement ‖ SHA-256(signature value))``, 32 bytes.

    Args:
        statement: the canonical JSON of the statement.
        signature: the signature value of the CMS SignerInfo.
    """
    return hashlib.sha256(statement + hashlib.sha256(signature).digest()).digest()


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
    if len(text) > MAX_MEDIA_TYPE_CHARS or not _MEDIA_TYPE.fullmatch(text):
        raise InvalidFormatError(
            f"media_type: expected a lower-case media type such as application/pdf, "
            f"got {text[:64]!r}",
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
    raise _JSON.invalid("a time such as 2026-11-22T16:45:00Z", repr(text[:64]))


def _from_fields(fields: object) -> Statement:
    required = {
        "v", "id", "seal", "seq", "prev", "digest", "media_type", "authorization",
        "not_before", "sealed_at", "nonce",
    }  # fmt: skip
    if isinstance(fields, dict) and "v" in fields and _JSON.integer(fields["v"], "v") != VERSION:
        # Said before the members are looked at: those of another version are not ours to judge.
        raise _JSON.invalid(f"version {VERSION}", str(fields["v"]))
    top = _JSON.members(fields, "text", required, frozenset({"purpose", "source"}))
    block = _JSON.members(top["not_before"], "not_before", {"chain_id", "number", "hash"})
    seq = _JSON.integer(top["seq"], "seq")
    if seq < 1:
        raise _JSON.invalid("seq from 1", str(seq))
    return Statement(
        id=check_id(_JSON.text(top["id"], "id")),
        seal=_hash(top["seal"], "seal"),
        seq=seq,
        prev=_hash(top["prev"], "prev"),
        digest=_digest(top["digest"], "digest"),
        media_type=check_media_type(_JSON.text(top["media_type"], "media_type")),
        authorization=_hash(top["authorization"], "authorization"),
        not_before=BlockReference(
            chain_id=_JSON.integer(block["chain_id"], "not_before.chain_id"),
            number=_JSON.integer(block["number"], "not_before.number"),
            hash=_block_hash(block["hash"]),
        ),
        sealed_at=parse_time(_JSON.text(top["sealed_at"], "sealed_at")),
        nonce=_hash(top["nonce"], "nonce"),
        purpose=check_purpose(_JSON.text(top["purpose"], "purpose")) if "purpose" in top else None,
        source=_digest(top["source"], "source") if "source" in top else None,
    )


def _digest(value: object, name: str) -> bytes:
    digest = _JSON.members(value, name, {"alg", "value"})
    if digest["alg"] != DIGEST_ALGORITHM:
        raise _JSON.invalid(f"{name} algorithm {DIGEST_ALGORITHM}", repr(digest["alg"])[:64])
    return _hash(digest["value"], f"{name}.value")


def _hash(value: object, name: str) -> bytes:
    text = _JSON.text(value, name)
    if not _HEX_HASH.fullmatch(text):
        raise _JSON.invalid(f"{name} to be 64 lower-case hex digits", repr(text[:80]))
    return bytes.fromhex(text)


def _block_hash(value: object) -> bytes:
    text = _JSON.text(value, "not_before.hash")
    if not _BLOCK_HASH.fullmatch(text):
        raise _JSON.invalid(
            "not_before.hash to be 0x and 64 lower-case hex digits", repr(text[:80])
        )
    return bytes.fromhex(text[2:])
