"""One rule for whoever signs what verifiers rely on."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from eseal.keys.software import _generate, _signer
from eseal.model.commitment import normalised
from eseal.suites import SUITES, Family, has_signed, suite_for, suite_of

MESSAGE = b"nothing was revoked"


@pytest.fixture(scope="module")
def strong():
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize(
    ("function", "counts"),
    [(hashes.SHA256(), True), (hashes.SHA512(), True), (hashes.SHA1(), False)],  # noqa: S303  # is what is refused
)
def test_hashes_that_count(strong, function, counts):
    signature = strong.sign(MESSAGE, padding.PKCS1v15(), function)
    assert has_signed(strong.public_key(), function, signature, MESSAGE) is counts


def test_a_weak_key_has_signed_nothing():
    function = hashes.SHA256()
    key = rsa.generate_private_key(65537, 1024)  # noqa: S505  # is what is refused
    signature = key.sign(MESSAGE, padding.PKCS1v15(), function)
    assert not has_signed(key.public_key(), function, signature, MESSAGE)
    curve = ec.generate_private_key(ec.SECP224R1())
    signature = curve.sign(MESSAGE, ec.ECDSA(function))
    assert not has_signed(curve.public_key(), function, signature, MESSAGE)


def test_a_hash_that_is_not_named_is_none(strong):
    assert not has_signed(strong.public_key(), None, b"", MESSAGE)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.algorithm)
def test_every_suite_is_made_signed_told_and_committed_to_in_one_form(suite):
    key = _generate(suite.key)
    signature = _signer(key)(MESSAGE)
    assert suite_for(suite.key) is suite
    assert suite_of(key.public_key()) is suite
    assert has_signed(key.public_key(), suite.hash.function, signature, MESSAGE)
    if suite.family is Family.ECDSA:
        r, s = decode_dss_signature(signature)
        order = key.curve.group_order
        twin = encode_dss_signature(r, order - s)
        assert has_signed(key.public_key(), suite.hash.function, twin, MESSAGE)
        assert normalised(twin, suite.algorithm) == normalised(signature, suite.algorithm)
