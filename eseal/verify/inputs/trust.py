"""What a verifier trusts: one ledger, and maybe certificate roots. Nothing else has to be."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from eseal.durable import replace_file
from eseal.errors import InvalidInputError, LedgerUnreachableError, invalid_format
from eseal.excerpts import value_excerpt
from eseal.ledger.contracts.deployment import Deployment
from eseal.log.vkey import KeyType, VerifierKey, parse_vkey
from eseal.model.company import MAX_NAME_CHARS
from eseal.model.text import check_text

if TYPE_CHECKING:
    from pathlib import Path

    from eseal.ledger.protocol import LedgerReader

_invalid = partial(invalid_format, "trust file", field="trust")
T = TypeVar("T")

_PUBLIC_MODE = 0o644
"""Whom one trusts is no secret; who may write it, the directory says."""

MAX_CHAIN_ID = 2**53 - 1
"""RFC 8785 section 3.2.2.3: integers beyond this lose precision in a JSON reader."""
MAX_TRUST_BYTES = 1 << 20
"""Hundreds of roots fit."""

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_MEMBERS = frozenset(
    {"authorities", "block", "chain_id", "logs", "roots", "seal_registry", "usage_ledger"}
)
"""Those of a deployment (``eseal.ledger.contracts.deployment``), so that its file is a trust file
as it is, and the roots, authorities and log keys."""
_AUTHORITY_MEMBERS = {"attest_key", "schemes", "vrf_key"}
_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SCHEME = re.compile(r"[A-Z]{5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """Keys of an authority that names companies.

    Attributes:
        vrf_key: of its verifiable random function (RFC 9381), 32 bytes.
        attest_key: the Ed25519 key that signs its subject proofs, 32 bytes.
        schemes: prefixes of the ids it names companies by, e.g. ``NTRCN``.
        name: what the user calls it, or ``None``. Nobody proves it; it makes no other authority.
    """

    vrf_key: bytes
    attest_key: bytes
    schemes: tuple[str, ...]
    name: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Trust:
    """Which ledger and which roots count. A member left ``None`` or empty is not compared.

    Attributes:
        chain_id: EIP-155 chain id.
        seal_registry: address of ``SealRegistry``, ``0x`` and 40 hex digits.
        usage_ledger: address of ``UsageLedger``, likewise.
        roots: certificates a seal's certificate must lead to, DER; without one nothing passes.
        block: the height from which both contracts exist, or ``None``.
        authorities: whose word on a company's name and subject counts.
        logs: keys of logs (C2SP signed-note, "Verifier keys"). A monitor holds the ledger's word
            on a log's key against them; a verification goes by the ledger alone.
    """

    chain_id: int | None = None
    seal_registry: str | None = None
    usage_ledger: str | None = None
    roots: tuple[bytes, ...] = ()
    logs: tuple[VerifierKey, ...] = ()
    block: int | None = None
    authorities: tuple[TrustedAuthority, ...] = ()

    @property
    def deployment(self) -> Deployment | None:
        """Where the contracts are, if it says all of that.

        Raises:
            InvalidFormatError: an address does not carry its EIP-55 checksum.
        """
        if self.chain_id is None or self.seal_registry is None or self.usage_ledger is None:
            return None
        members = {
            "block": self.block or 0,
            "chain_id": self.chain_id,
            "seal_registry": self.seal_registry,
            "usage_ledger": self.usage_ledger,
        }
        return Deployment.parse(orjson.dumps(members))

    def check_ledger(self, ledger: LedgerReader) -> None:
        """Check that ``ledger`` reads the trusted contracts.

        Raises:
            LedgerUnreachableError: it reads others, so the trusted ones cannot be asked.
        """
        for name, trusted, given in (
            ("chain id", self.chain_id, ledger.chain_id),
            ("SealRegistry", self.seal_registry, ledger.seal_registry),
            ("UsageLedger", self.usage_ledger, ledger.usage_ledger),
        ):
            if trusted is None or trusted == given:
                continue
            # Addresses differ in letter case only by their checksum (EIP-55).
            if str(trusted).lower() != str(given).lower():
                raise LedgerUnreachableError(
                    f"The trusted ledger was not asked: expected {name} {trusted}, got {given}."
                )

    def joined(self, other: Trust) -> Trust:
        """Trust in the roots, authorities and logs of both; the ledger says whose they are.

        Args:
            other: of another issuer on the same contracts; what this one leaves open it may say.

        Raises:
            InvalidInputError: it is about another chain or other contracts, or gives a known
                authority other keys or registers.
        """
        for name in ("chain_id", "seal_registry", "usage_ledger"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if None not in (mine, theirs) and str(mine).lower() != str(theirs).lower():
                raise InvalidInputError(
                    f"one trust file is about one ledger: expected {name} {mine}, got {theirs}",
                    field="trust",
                )
        known = {one.vrf_key: one for one in self.authorities}
        for one in other.authorities:
            if known.get(one.vrf_key, one) != one:
                raise InvalidInputError(
                    f"the authority's key {one.vrf_key.hex()} is trusted already, with another "
                    "attest key or for other registers",
                    field="trust",
                )
        return Trust(
            chain_id=self.chain_id or other.chain_id,
            seal_registry=self.seal_registry or other.seal_registry,
            usage_ledger=self.usage_ledger or other.usage_ledger,
            roots=together(self.roots, other.roots),
            logs=together(self.logs, other.logs),
            block=other.block if self.block is None else self.block,
            authorities=together(self.authorities, other.authorities),
        )

    def encode(self) -> bytes:
        """The JSON of a trust file, UTF-8: members that are not compared are ``null``."""
        members: dict[str, Any] = {
            "block": self.block,
            "chain_id": self.chain_id,
            "seal_registry": self.seal_registry,
            "usage_ledger": self.usage_ledger,
            "roots": [base64.b64encode(root).decode("ascii") for root in self.roots],
            "authorities": [
                {
                    "vrf_key": one.vrf_key.hex(),
                    "attest_key": one.attest_key.hex(),
                    "schemes": one.schemes,
                }
                | ({} if one.name is None else {"name": one.name})
                for one in self.authorities
            ],
        }
        if self.logs:
            members["logs"] = [str(key) for key in self.logs]
        return orjson.dumps(members, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def write(self, path: Path) -> None:
        """Put it at ``path`` in one step: who reads there finds this one whole, or the one before.

        Raises:
            OSError: it cannot be written; what was there is there still.
        """
        replace_file(path, self.encode(), mode=_PUBLIC_MODE)

    @classmethod
    def parse(cls, data: bytes) -> Trust:
        """Read a trust file: what an operator publishes, maybe with ``roots`` or ``logs`` added.

        Any member may be missing or ``null``.

        Raises:
            InvalidFormatError: not JSON of that form, or an unknown member: a misspelt one would
                silently compare nothing.
        """
        members = _object(data)
        if unknown := sorted(set(members) - _MEMBERS):
            raise _invalid(f"only the members {sorted(_MEMBERS)}", str(unknown)[:256])
        return cls(
            chain_id=_chain_id(members.get("chain_id")),
            seal_registry=_address(members.get("seal_registry"), "seal_registry"),
            usage_ledger=_address(members.get("usage_ledger"), "usage_ledger"),
            roots=_roots(members.get("roots") or []),
            logs=_logs(members.get("logs") or []),
            block=_block(members.get("block")),
            authorities=_authorities(members.get("authorities") or []),
        )


def together(known: tuple[T, ...], more: tuple[T, ...]) -> tuple[T, ...]:
    """What is known, and of the rest what is not, in order."""
    return known + tuple(one for one in more if one not in known)


TRUST_GIVEN = Trust()
"""Compare nothing: the ledger that was given is the trusted one."""


def _object(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_TRUST_BYTES:
        raise _invalid(f"at most {MAX_TRUST_BYTES} bytes", f"{len(data)} bytes")
    try:
        members = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _invalid("JSON", str(error)[:256]) from None
    if not isinstance(members, dict):
        raise _invalid("a JSON object", type(members).__name__)
    return members


def _chain_id(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 < value <= MAX_CHAIN_ID:
        raise _invalid("chain_id to be an integer from 1 to 2**53 - 1", value_excerpt(value))
    return value


def _block(value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= MAX_CHAIN_ID:
        raise _invalid("block to be an integer from 0 to 2**53 - 1", value_excerpt(value))
    return value


def _authorities(value: object) -> tuple[TrustedAuthority, ...]:
    if not isinstance(value, list):
        raise _invalid("authorities to be a list", value_excerpt(value))
    return tuple(_authority(one) for one in value)


def _authority(value: object) -> TrustedAuthority:
    if not isinstance(value, dict) or set(value) - {"name"} != _AUTHORITY_MEMBERS:
        raise _invalid(
            f"an authority to have the members {sorted(_AUTHORITY_MEMBERS)} and maybe a name",
            value_excerpt(value),
        )
    schemes = value["schemes"]
    if not isinstance(schemes, list) or not all(
        isinstance(one, str) and _SCHEME.fullmatch(one) for one in schemes
    ):
        raise _invalid("schemes to be a list of prefixes such as NTRCN", value_excerpt(schemes))
    vrf_key, attest_key = (_key(value[name], name) for name in ("vrf_key", "attest_key"))
    return TrustedAuthority(vrf_key, attest_key, tuple(schemes), _name(value.get("name")))


def _name(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise _invalid("an authority's name to be a text", value_excerpt(value))
    return check_text(value, field="trust", max_chars=MAX_NAME_CHARS)


def _key(value: object, name: str) -> bytes:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise _invalid(f"{name} to be 64 lower-case hex digits", value_excerpt(value))
    return bytes.fromhex(value)


def _address(value: object, name: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise _invalid(f"{name} to be 0x and 40 hex digits", value_excerpt(value))
    return value


def _roots(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or not all(isinstance(root, str) for root in value):
        raise _invalid("roots to be a list of base64 certificates", value_excerpt(value))
    try:
        return tuple(base64.b64decode(root, validate=True) for root in value)
    except ValueError as error:  # binascii.Error is one, and so is what letters beyond ASCII raise
        raise _invalid("roots in base64", str(error)) from None


def _logs(value: object) -> tuple[VerifierKey, ...]:
    if not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise _invalid("logs to be a list of verifier keys", value_excerpt(value))
    return tuple(parse_vkey(key, KeyType.NOTE) for key in value)
