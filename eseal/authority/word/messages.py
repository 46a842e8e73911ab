"""What an authority is asked and what it answers, as it travels: by HTTP, by file, and in its log.

Both are RFC 8785 canonical JSON, so that each has one form and a request's hash names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from eth_utils.address import is_checksum_address

from eseal.authority.word.registration import SIGNATURE_BYTES
from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.excerpts import excerpt, value_excerpt
from eseal.model.company import parse_registration_id
from eseal.model.countries import check_country
from eseal.model.json_values import JsonValues
from eseal.model.subject import (
    FOUNDERS_BYTES,
    SubjectProof,
    check_identifier,
    check_legal_name,
)

VERSION = 1
MAX_ASK_BYTES = 2048
"""A name of 200 characters of four bytes takes 800, the rest not 400."""
MAX_ANSWER_BYTES = 8192
"""A subject proof of 2 KiB, its quotes escaped, and 300 bytes."""

_ASK = JsonValues("subject_request")
_ANSWER = JsonValues("subject_answer")


@dataclass(frozen=True, slots=True)
class Ask:
    """What an authority is asked to prove.

    Attributes:
        id: the company's primary registration id, in normal form.
        name: its legal name, NFC.
        country: ISO 3166-1 code of its seat where the id names none (LEI), else ``None`` or the
            id's own.
        founders: hash of its founders' document, 32 bytes, or ``None``.
        founders_account: checksummed address of the account that may change the founders, or
            ``None``.
    """

    id: str
    name: str
    country: str | None = None
    founders: bytes | None = None
    founders_account: str | None = None

    @property
    def prefix(self) -> str:
        """Type and country of the id's register, such as ``NTRCN``."""
        return self.id.partition("-")[0]

    @property
    def hash(self) -> str:
        """Names this request: SHA-256, 64 hex digits."""
        return sha256(self.encode()).hexdigest()

    def check(self) -> None:
        """Check that an authority can be asked this.

        Raises:
            InvalidInputError: id or name are not in normal form; the id is not the primary one of
                the company's country; the country is not known, or of another form; founders or
                their account are of another form.
        """
        check_identifier(self.id)
        check_legal_name(self.name)
        if self.country is not None:
            check_country(self.country)
        parse_registration_id(self.id).check_primary(self.country)
        if self.founders is not None and len(self.founders) != FOUNDERS_BYTES:
            raise InvalidInputError(
                f"founders: expected {FOUNDERS_BYTES} bytes, got {len(self.founders)}",
                field="founders",
            )
        if self.founders_account is not None and not is_checksum_address(self.founders_account):
            raise InvalidInputError(
                "founders_account: expected a checksummed address (EIP-55), "
                f"got {excerpt(self.founders_account, 64)}",
                field="founders_account",
            )

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8."""
        return _encode("subject_request", self.members())

    def members(self) -> dict[str, Any]:
        """What it says, without version and kind."""
        return {
            "country": self.country,
            "founders": None if self.founders is None else self.founders.hex(),
            "founders_account": self.founders_account,
            "id": self.id,
            "name": self.name,
        }

    @classmethod
    def parse(cls, data: bytes) -> Ask:
        """Read what :meth:`encode` writes, and :meth:`check` it.

        Raises:
            InvalidInputError: anything else.
        """
        top = _decode(_ASK, data, MAX_ASK_BYTES, {"id", "name"})
        ask = cls(
            id=_ASK.text(top["id"], "id"),
            name=_ASK.text(top["name"], "name"),
            country=_optional(_ASK, top, "country"),
            founders=_founders(top),
            founders_account=_optional(_ASK, top, "founders_account"),
        )
        ask.check()
        _check_form(_ASK, ask.encode(), data)
        return ask


@dataclass(frozen=True, slots=True)
class Attested:
    """What an authority answers.

    Attributes:
        proof: subject, id and name, as they travel with every seal.
        founders_account: as in the request.
        signature: the authority's EIP-712 signature with which anybody may register the company,
            65 bytes.
        record: number and hash of the entry in the authority's log, such as ``17:5891b5b5…``;
            ``None`` where it keeps none. Whoever keeps it can tell if that log is cut later.
    """

    proof: SubjectProof
    founders_account: str | None
    signature: bytes
    record: str | None = None

    def encode(self) -> bytes:
        """The canonical JSON (RFC 8785), UTF-8."""
        members = {
            "founders_account": self.founders_account,
            "proof": self.proof.encode().decode(),
            "record": self.record,
            "signature": self.signature.hex(),
        }
        return _encode("subject_answer", members)

    @classmethod
    def parse(cls, data: bytes) -> Attested:
        """Read what :meth:`encode` writes. Says nothing yet about whether it proves anything.

        Raises:
            InvalidFormatError: anything else.
        """
        top = _decode(_ANSWER, data, MAX_ANSWER_BYTES, {"proof", "signature"})
        answer = cls(
            proof=SubjectProof.parse(_ANSWER.text(top["proof"], "proof").encode()),
            founders_account=_optional(_ANSWER, top, "founders_account"),
            signature=_ANSWER.hex_bytes(top["signature"], "signature", SIGNATURE_BYTES),
            record=_optional(_ANSWER, top, "record"),
        )
        _check_form(_ANSWER, answer.encode(), data)
        return answer


_OPTIONAL = {
    "subject_request": frozenset({"country", "founders", "founders_account"}),
    "subject_answer": frozenset({"founders_account", "record"}),
}


def _encode(kind: str, members: dict[str, Any]) -> bytes:
    fields = {name: value for name, value in members.items() if value is not None}
    fields |= {"kind": kind, "v": VERSION}
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def _decode(values: JsonValues, data: bytes, limit: int, required: set[str]) -> dict[str, Any]:
    if len(data) > limit:
        raise values.invalid(f"at most {limit} bytes", f"{len(data)} bytes")
    fields = values.parse(data)
    kind = values.kind
    top = values.members(fields, "text", required | {"kind", "v"}, _OPTIONAL[kind])
    if top["v"] != VERSION or top["kind"] != kind:
        raise values.invalid(
            f"a {kind} of version {VERSION}", value_excerpt((top["kind"], top["v"]), 80)
        )
    return top


def _optional(values: JsonValues, top: dict[str, Any], name: str) -> str | None:
    return values.text(top[name], name) if name in top else None


def _founders(top: dict[str, Any]) -> bytes | None:
    return _ASK.hex_bytes(top["founders"], "founders") if "founders" in top else None


def _check_form(values: JsonValues, ours: bytes, data: bytes) -> None:
    if ours != data:
        raise InvalidFormatError(
            f"{values.kind}: expected RFC 8785 canonical JSON, got another encoding of the same",
            field=values.kind,
        )
