"""The verifiable random function: the RFC's vectors, and what a forger may send."""

import json
from hashlib import sha512
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)

from eseal.authority.word import vrf
from eseal.errors import InvalidInputError, InvalidSubjectProofError

VECTORS = Path(__file__).parent / "vectors" / "rfc9381.json"
EXAMPLES = [
    {name: bytes.fromhex(value) for name, value in example.items()}
    for example in json.loads(VECTORS.read_text("utf-8"))["examples"]
]
Q = 2**252 + 27742317777372353535851937790883648493
P = 2**255 - 19
SIGN = 2**255
SECRET = bytes(range(32))
KEY = vrf.public_key(SECRET)
ID = b"NTRCN-91330100799655058B"
PROOF = vrf.prove(SECRET, ID)
GAMMA, C, S = PROOF[:32], PROOF[32:48], PROOF[48:]
SMALL_ORDER = [
    bytes.fromhex(text)
    for text in (
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    )
]
"""All eight points whose order divides the cofactor, in their canonical encodings."""
ORDER_8 = SMALL_ORDER[-1]


def encoded(number: int) -> bytes:
    return number.to_bytes(32, "little")


def number(data: bytes) -> int:
    return int.from_bytes(data, "little")


def padded(c: bytes) -> bytes:
    return c + bytes(16)


def refused(key: bytes, alpha: bytes, proof: bytes, match: str = "subject proof: expected") -> None:
    with pytest.raises(InvalidSubjectProofError, match=match):
        vrf.verify(key, alpha, proof)


@pytest.mark.parametrize("example", EXAMPLES, ids=("16", "17", "18"))
def test_the_vectors_of_the_rfc(example):
    assert vrf.public_key(example["secret"]) == example["key"]
    assert vrf._encode_to_curve(example["key"], example["alpha"]) == example["h"]
    assert vrf.prove(example["secret"], example["alpha"]) == example["proof"]
    assert vrf.proof_to_hash(example["proof"]) == example["output"]
    assert vrf.verify(example["key"], example["alpha"], example["proof"]) == example["output"]


@given(secret=st.binary(min_size=32, max_size=32), alpha=st.binary(max_size=64))
def test_what_is_proved_verifies_and_nothing_near_it_does(secret, alpha):
    key, proof = vrf.public_key(secret), vrf.prove(secret, alpha)
    assert vrf.verify(key, alpha, proof) == vrf.proof_to_hash(proof)
    assert vrf.prove(secret, alpha) == proof
    refused(key, alpha + b"\x00", proof)
    refused(KEY, alpha, proof)


def test_no_bit_of_a_proof_can_be_changed():
    for bit in range(8 * vrf.PROOF_BYTES):
        changed = bytearray(PROOF)
        changed[bit // 8] ^= 1 << bit % 8
        refused(KEY, ID, bytes(changed))


@given(proof=st.binary(max_size=200), key=st.binary(max_size=40))
def test_any_bytes_are_refused_in_words(proof, key):
    refused(key, ID, proof)
    refused(KEY, ID, proof)
    refused(key, ID, PROOF)


@given(proof=st.binary(min_size=48, max_size=48))
def test_any_scalars_behind_a_good_point_are_refused(proof):
    refused(KEY, ID, GAMMA + proof)


@pytest.mark.parametrize("length", [0, 79, 81, 160])
def test_another_length(length):
    refused(KEY, ID, (PROOF * 2)[:length], f"80 bytes, got {length} bytes")


def test_s_has_one_form():
    assert number(S) + Q < 2**256
    refused(KEY, ID, GAMMA + C + encoded(number(S) + Q), "s below the group's order")
    refused(KEY, ID, GAMMA + C + encoded(Q), "s below the group's order")
    refused(KEY, ID, GAMMA + C + b"\xff" * 32, "s below the group's order")


def test_scalars_of_zero():
    refused(KEY, ID, GAMMA + bytes(16) + S, "zero")
    refused(KEY, ID, GAMMA + C + bytes(32), "zero")


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_points_of_small_order(point):
    refused(point, ID, PROOF, "VRF key: a canonical point of prime order")
    refused(KEY, ID, point + C + S, "gamma to be a canonical point of prime order")


@pytest.mark.parametrize("y", range(19))
@pytest.mark.parametrize("sign", [0, SIGN])
def test_a_y_of_p_and_more_is_no_encoding(y, sign):
    """Nineteen numbers fit in 255 bits twice; libsodium's own decoder reads both."""
    point = encoded(P + y + sign)
    refused(point, ID, PROOF, "VRF key: a canonical point")
    refused(KEY, ID, point + C + S, "gamma to be a canonical point")
    assert not vrf._is_canonical(point)


@pytest.mark.parametrize("y", [1, P - 1])
def test_zero_has_no_sign(y):
    assert vrf._is_canonical(encoded(y))
    assert not vrf._is_canonical(encoded(y + SIGN))
    refused(encoded(y + SIGN), ID, PROOF, "VRF key")
    refused(KEY, ID, encoded(y + SIGN) + C + S, "gamma")


def test_points_on_no_curve():
    off_curve = next(encoded(y) for y in range(2, 99) if not _on_curve(y))
    refused(off_curve, ID, PROOF, "VRF key")
    refused(KEY, ID, off_curve + C + S, "gamma")


def test_a_proof_with_a_gamma_beside_the_group_is_no_second_proof():
    """The RFC's verifier takes such a proof where 8 divides c, for the same output; ours does not,
    so that an id has one gamma."""
    x = crypto_core_ed25519_scalar_reduce(_clamped(SECRET) + bytes(32))
    h = vrf._encode_to_curve(KEY, ID)
    gamma = crypto_core_ed25519_add(GAMMA, ORDER_8)
    assert vrf._times_cofactor(gamma) == vrf._times_cofactor(GAMMA)
    for nonce in range(1, 1000):
        k = encoded(nonce)
        u, v = crypto_scalarmult_ed25519_base_noclamp(k), crypto_scalarmult_ed25519_noclamp(k, h)
        c = vrf._challenge(KEY, h, gamma, u, v)
        if c[0] % 8 == 0:
            break
    s = crypto_core_ed25519_scalar_add(k, crypto_core_ed25519_scalar_mul(padded(c), x))
    refused(KEY, ID, gamma + c + s, "gamma to be a canonical point of prime order")


def test_a_key_beside_the_group():
    refused(crypto_core_ed25519_add(KEY, ORDER_8), ID, PROOF, "VRF key")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_secret_has_32_bytes(length):
    with pytest.raises(InvalidInputError, match=f"expected 32 bytes, got {length}"):
        vrf.prove(bytes(length), ID)


def _clamped(secret: bytes) -> bytes:
    digest = bytearray(sha512(secret).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    return bytes(digest)


def _on_curve(y: int) -> bool:
    """Whether -x² + y² = 1 + d·x²·y² has a solution (RFC 8032 section 5.1)."""
    d = -121665 * pow(121666, -1, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    return square == 0 or pow(square, (P - 1) // 2, P) == 1
