import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError
from eseal.ledger.contracts.deployment import Deployment

REGISTRY = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"  # EIP-55's own example
LEDGER = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"
GOOD = {"chain_id": 5, "seal_registry": REGISTRY, "usage_ledger": LEDGER, "block": 7}


def test_what_is_written_is_read_back():
    deployment = Deployment(2**53 - 1, REGISTRY, LEDGER, 0)
    assert Deployment.parse(deployment.encode()) == deployment


def test_an_address_without_checksum_is_taken_and_shown_with_one():
    parsed = Deployment.parse(json.dumps(GOOD | {"seal_registry": REGISTRY.lower()}).encode())
    assert parsed.seal_registry == REGISTRY


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"chain_id": 0}, "chain_id to be an integer from 1"),
        ({"chain_id": True}, "chain_id to be an integer"),
        ({"chain_id": "5"}, "chain_id to be an integer"),
        ({"chain_id": 2**53}, "chain_id to be an integer"),
        ({"block": -1}, "block to be an integer from 0"),
        ({"seal_registry": REGISTRY[:-1]}, "seal_registry to be 0x and 40 hex digits"),
        ({"seal_registry": None}, "seal_registry to be 0x and 40 hex digits"),
        ({"usage_ledger": LEDGER.replace("fB", "FB")}, "usage_ledger to carry its EIP-55 checksum"),
        ({"more": 1}, "an object with the members"),
    ],
)
def test_a_wrong_member_is_named(change, expected):
    with pytest.raises(InvalidFormatError, match=expected):
        Deployment.parse(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"null", b'{"chain_id":1}', b"\xff"])
def test_not_a_deployment_at_all(data):
    with pytest.raises(InvalidFormatError, match="deployment: expected"):
        Deployment.parse(data)


@given(st.binary(max_size=200))
def test_noise_never_raises_anything_else(data):
    with pytest.raises(InvalidFormatError):
        Deployment.parse(data)
