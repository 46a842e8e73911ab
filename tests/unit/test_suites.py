"""One rule for whoever signs what verifiers rely on."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from eseal.suites import has_signed

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
