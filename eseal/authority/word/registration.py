"""The authority's word for the ledger: the EIP-712 signature with which a company is registered.

Ledgers check no Ed25519 signatures; so the authority signs what ``registerCompanies`` takes with a
secp256k1 key, too. The form is that of ``SealRegistry``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

NO_HASH = bytes(32)
"""``foundersHash`` where the authority vouches for no founders."""
NO_ACCOUNT = "0x" + "00" * 20
"""``foundersAccount`` where there is none."""
SIGNATURE_BYTES = 65
"""r, s and v of a secp256k1 signature."""
_V = (b"\x1b", b"\x1c")
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_NAME = "eseal SealRegistry"
_VERSION = "2"
_TYPES = {
    "Company": [
        {"name": "subject", "type": "bytes32"},
        {"name": "vrfKey", "type": "bytes32"},
        {"name": "foundersHash", "type": "bytes32"},
        {"name": "foundersAccount", "type": "address"},
    ]
}


@dataclass(frozen=True, slots=True)
class Registry:
    """Where companies are registered: a signature for one registry is good on no other.

    Attributes:
        chain_id: EIP-155 chain id.
        address: checksummed address of ``SealRegistry``.
    """

    chain_id: int
    address: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What is signed of a company: as ``eseal.ledger.facts.NewCompany``."""

    subject: bytes
    vrf_key: bytes
    founders: bytes | None
    founders_account: str | None


def sign_registration(company: Registered, registry: Registry, secret: bytes) -> bytes:
    """The signature, 65 bytes: r, s (low) and v.

    Args:
        company: what to sign.
        registry: where it may be registered.
        secret: the authority's ledger account, 32 bytes.
    """
    return bytes(Account.sign_message(_message(company, registry), secret).signature)


def signer_of(company: Registered, registry: Registry, signature: bytes) -> str | None:
    """The checksummed address that made a signature, or ``None`` if nobody can have.

    Takes what the contract takes (OpenZeppelin's ``ECDSA``): v is 27 or 28, and s the low one.
    """
    s, v = int.from_bytes(signature[32:64], "big"), signature[64:]
    if len(signature) != SIGNATURE_BYTES or v not in _V or s > _HALF_ORDER:
        return None
    try:
        address: str = Account.recover_message(_message(company, registry), signature=signature)
    except (BadSignature, ValidationError, ValueError):
        return None
    return address


def _message(company: Registered, registry: Registry) -> SignableMessage:
    domain: dict[str, Any] = {
        "name": _NAME,
        "version": _VERSION,
        "chainId": registry.chain_id,
        "verifyingContract": registry.address,
    }
    fields = {
        "subject": company.subject,
        "vrfKey": company.vrf_key,
        "foundersHash": company.founders or NO_HASH,
        "foundersAccount": company.founders_account or NO_ACCOUNT,
    }
    return encode_typed_data(domain, _TYPES, fields)
