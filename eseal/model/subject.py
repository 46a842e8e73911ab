"""The subject proof: which pseudonym a company has on the ledger, and under which name.

A *subject* is made of the output of a verifiable random function (RFC 9381) on the company's
registration id, and of its key, whose secret only the authority holds. The proof shows whoever
holds it that id and subject belong together, and the authority's signature, that the name does. It
travels as a signed attribute of every seal signature and in evidence. It is RFC 8785 canonical
JSON; here is only its form: ``eseal.authority.word.attestation`` checks what it says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.excerpts import excerpt
from eseal.model.company import check_company_name, parse_registration_id
from eseal.model.json_values import JsonValues
from eseal.model.scheme_id import scheme_id
from eseal.model.statement import format_time, parse_time

VERSION = 1
SUBJECT_BYTES = 32
"""The first half of the function's output: as wide as any other name on the ledger."""
VRF_KEY_BYTES = 32
VRF_PROOF_BYTES = 80
"""RFC 9381 section 5.5: gamma 32, c 16, s 32."""
FOUNDERS_BYTES = 32
SIGNATURE_BYTES = 64
"""RFC 8032 section 5.1.6: Ed25519."""
MAX_PROOF_BYTES = 2048
"""A name of 200 characters of four bytes takes 800; keys, proof and signature not 600."""
SIGNED_PREFIX = b"eseal subject 1\x00"
"""What the authority's signature covers begins so, and nothing else it signs does."""

_JSON = JsonValues("subject_proof")
_REQUIRED = {"v", "subject", "id", "name", "valid_from", "key", "proof", "signature"}


@dataclass(frozen=True, slots=True)
class SubjectProof:
    """What the authority says of one company.

    Attributes:
        subject: the company's pseudonym on the ledger, 32 bytes.
        id: its primary registration id (ETSI EN 319 412-1 semantic identifier), in normal form.
        name: its legal name, NFC.
        valid_from: from when the authority vouches for this name, UTC, whole seconds.
        key: the authority's VRF public key, 32 bytes.
        proof: RFC 9381 proof that ``subject`` is the output for ``id`` under ``key``, 80 bytes.
        signature: the authority's Ed25519 signature over all of it, 64 bytes.
        founders: hash of the company's founding document, 32 bytes, or ``None`` if the authority
            vouches for none.
    """

    subject: bytes
    id: str
    name: str
    valid_from: datetime
    key: bytes
    proof: bytes
    signature: bytes
    founders: bytes | None = None

    @property
    def scheme(self) -> bytes:
        """The name of the id's register on the ledger, 32 bytes."""
        return scheme_id(self.id.partition("-")[0])

    @property
    def signed_bytes(self) -> bytes:
        """What ``signature`` covers."""
        fields = self._fields()
        del fields["signature"]
        return SIGNED_PREFIX + orjson.dumps(fields)

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8; a test compares it with ``rfc8785``."""
        return orjson.dumps(self._fields())

    @classmethod
    def parse(cls, data: bytes) -> SubjectProof:
        """Read a subject proof, strictly: exact keys, forms and canonical encoding.

        Says nothing yet about whether it proves anything.

        Raises:
            InvalidFormatError: ``data`` is anything but the canonical form of a subject proof.
        """
        if len(data) > MAX_PROOF_BYTES:
            raise _JSON.invalid(f"at most {MAX_PROOF_BYTES} bytes", f"{len(data)} bytes")
        fields = _JSON.parse(data)
        proof = _from_fields(fields)
        if proof.encode() != data:
            raise _JSON.invalid("RFC 8785 canonical JSON", "another encoding of the same values")
        return proof

    def _fields(self) -> dict[str, Any]:
        """The members in the order of their names, as RFC 8785 section 3.2.3 wants them."""
        fields: dict[str, Any] = {}
        if self.founders is not None:
            fields["founders"] = self.founders.hex()
        return fields | {
            "id": self.id,
            "key": self.key.hex(),
            "name": self.name,
            "proof": self.proof.hex(),
            "signature": self.signature.hex(),
            "subject": self.subject.hex(),
            "v": VERSION,
            "valid_from": format_time(self.valid_from),
        }


def check_identifier(text: str, *, field: str = "id") -> str:
    """Return ``text`` if it is a registration id in its one normal form, such as ``NTRCN-…``.

    Raises:
        InvalidInputError: another form, or no such id: two forms of one id were two subjects.
    """
    normal = parse_registration_id(text).identifier
    if normal != text:
        raise InvalidInputError(
            f"{field}: expected the normal form {normal}, got {text!r}", field=field
        )
    return text


def check_legal_name(text: str, *, field: str = "name") -> str:
    """Return ``text`` if it is a company's name in its normal form: NFC, no blanks around it.

    Raises:
        InvalidInputError: another form: two forms of one name were two names.
    """
    normal = check_company_name(text)
    if normal != text:
        raise InvalidInputError(
            f"{field}: expected the name in Unicode's form NFC without blanks around it, "
            f"got {excerpt(text, 64)}",
            field=field,
        )
    return text


def _from_fields(fields: object) -> SubjectProof:
    if isinstance(fields, dict) and "v" in fields and _JSON.integer(fields["v"], "v") != VERSION:
        # Said before the members are looked at: those of another version are not ours to judge.
        raise _JSON.invalid(f"version {VERSION}", str(fields["v"]))
    top = _JSON.members(fields, "text", _REQUIRED, frozenset({"founders"}))
    founders = top.get("founders")
    try:
        return SubjectProof(
            subject=_JSON.hex_bytes(top["subject"], "subject", SUBJECT_BYTES),
            id=check_identifier(_JSON.text(top["id"], "id")),
            name=check_legal_name(_JSON.text(top["name"], "name")),
            valid_from=parse_time(_JSON.text(top["valid_from"], "valid_from")),
            key=_JSON.hex_bytes(top["key"], "key", VRF_KEY_BYTES),
            proof=_JSON.hex_bytes(top["proof"], "proof", VRF_PROOF_BYTES),
            signature=_JSON.hex_bytes(top["signature"], "signature", SIGNATURE_BYTES),
            founders=None if "founders" not in top else _JSON.hex_bytes(founders, "founders"),
        )
    except InvalidFormatError:
        raise
    except InvalidInputError as error:
        raise InvalidFormatError(f"subject_proof: {error}", field="subject_proof") from None
