from dataclasses import replace

import pytest
from eth_account import Account
from eth_utils import keccak, to_canonical_address

from eseal.authority.word.registration import (
    NO_ACCOUNT,
    Registered,
    Registry,
    _message,
    sign_registration,
    signer_of,
)
from tests.authorities import FOUNDED, REGISTRY

SECRET = b"\x11" * 32
ACCOUNT = Account.from_key(SECRET).address
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
COMPANY = Registered(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32, FOUNDED.founders_account)


def word(value: bytes) -> bytes:
    return value.rjust(32, b"\x00")


def test_the_digest_is_that_of_the_contract():
    """Written out from EIP-712, as ``contracts/registry/Companies.sol`` computes it."""
    domain = keccak(
        keccak(
            b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        )
        + keccak(b"eseal SealRegistry")
        + keccak(b"2")
        + word(REGISTRY.chain_id.to_bytes(8, "big"))
        + word(to_canonical_address(REGISTRY.address))
    )
    struct = keccak(
        keccak(
            b"Company(bytes32 subject,bytes32 vrfKey,bytes32 foundersHash,address foundersAccount)"
        )
        + COMPANY.subject
        + COMPANY.vrf_key
        + COMPANY.founders
        + word(to_canonical_address(COMPANY.founders_account))
    )
    message = _message(COMPANY, REGISTRY)
    assert (message.header, message.body) == (domain, struct)


def test_a_signature_is_the_account_s_for_this_company_on_this_registry():
    signature = sign_registration(COMPANY, REGISTRY, SECRET)
    assert len(signature) == 65
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    twin = r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
    assert signer_of(COMPANY, REGISTRY, twin) is None, "the contract takes the low s only"
    assert signer_of(COMPANY, REGISTRY, signature[:64] + bytes([v - 27])) is None
    assert signer_of(COMPANY, REGISTRY, signature) == ACCOUNT
    for other in (
        replace(COMPANY, subject=bytes(32)),
        replace(COMPANY, vrf_key=bytes(32)),
        replace(COMPANY, founders=None),
        replace(COMPANY, founders_account=None),
    ):
        assert signer_of(other, REGISTRY, signature) != ACCOUNT
    for registry in (Registry(1, REGISTRY.address), Registry(1337, ACCOUNT)):
        assert signer_of(COMPANY, registry, signature) != ACCOUNT


def test_what_is_not_there_is_zero_on_the_ledger():
    bare = Registered(COMPANY.subject, COMPANY.vrf_key, None, None)
    zero = Registered(COMPANY.subject, COMPANY.vrf_key, bytes(32), NO_ACCOUNT)
    assert _message(bare, REGISTRY) == _message(zero, REGISTRY)


@pytest.mark.parametrize("signature", [b"", bytes(65), b"\xff" * 65, b"\x01" * 64, b"\x01" * 66])
def test_bytes_nobody_can_have_signed(signature):
    assert signer_of(COMPANY, REGISTRY, signature) != ACCOUNT
