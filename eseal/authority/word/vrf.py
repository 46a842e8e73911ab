"""The verifiable random function ECVRF-EDWARDS25519-SHA512-TAI (RFC 9381, suite 0x03).

Curve arithmetic is libsodium's (PyNaCl), in constant time where secrets are. Whatever comes from
outside is read as strictly as the RFC allows: one encoding a point, ``s`` below the group's order,
keys and gamma in the prime-order subgroup. So a proof cannot be changed into another good one, and
nobody but the holder of the key has any.
"""

from __future__ import annotations

from hashlib import sha512
from typing import Final

from nacl import exceptions
from nacl.bindings import (
    crypto_core_ed25519_add,
    crypto_core_ed25519_is_valid_point,
    crypto_core_ed25519_scalar_add,
    crypto_core_ed25519_scalar_mul,
    crypto_core_ed25519_scalar_reduce,
    crypto_core_ed25519_sub,
    crypto_scalarmult_ed25519_base_noclamp,
    crypto_scalarmult_ed25519_noclamp,
)

from eseal.errors import InvalidInputError, InvalidSubjectProofError

SECRET_BYTES = 32
KEY_BYTES = 32
PROOF_BYTES = 80
"""Gamma 32, c 16, s 32 (RFC 9381 section 5.5: ptLen, cLen, qLen)."""
OUTPUT_BYTES = 64

_SUITE: Final = b"\x03"
_POINT = 32
_CHALLENGE = 16
_SCALAR = 32
_WIDE = 64
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
"""q: the order of the prime-order subgroup (RFC 8032 section 5.1)."""
_FIELD: Final = 2**255 - 19
_SIGN: Final = 2**255
"""The bit of an encoded point that holds the sign of x."""
_IDENTITY: Final = b"\x01" + bytes(31)
_MAX_TRIES: Final = 256
"""ECVRF_encode_to_curve_try_and_increment counts in one byte; each try fails with probability 1/2,
so that nobody has seen an input that needs more than a few dozen (RFC 9381 section 5.4.1.1)."""


def public_key(secret: bytes) -> bytes:
    """The public key of a secret key, 32 bytes.

    Args:
        secret: 32 random bytes (RFC 8032 section 5.1.5).
    """
    return _expanded(secret)[1]


def prove(secret: bytes, alpha: bytes) -> bytes:
    """``ECVRF_prove`` (RFC 9381 section 5.1): the proof for ``alpha``, 80 bytes.

    Args:
        secret: the secret key, 32 bytes.
        alpha: any bytes.
    """
    x, key, noise = _expanded(secret)
    h = _encode_to_curve(key, alpha)
    gamma = crypto_scalarmult_ed25519_noclamp(x, h)
    k = crypto_core_ed25519_scalar_reduce(sha512(noise + h).digest())  # section 5.4.2.2
    u, v = crypto_scalarmult_ed25519_base_noclamp(k), crypto_scalarmult_ed25519_noclamp(k, h)
    c = _challenge(key, h, gamma, u, v)
    s = crypto_core_ed25519_scalar_add(k, crypto_core_ed25519_scalar_mul(_padded(c), x))
    return gamma + c + s


def verify(key: bytes, alpha: bytes, proof: bytes) -> bytes:
    """``ECVRF_verify`` with key validation (RFC 9381 section 5.3): the output, 64 bytes.

    Args:
        key: the public key, 32 bytes.
        alpha: what the proof is for.
        proof: 80 bytes; may come from anybody.

    Raises:
        InvalidSubjectProofError: the proof is not the key's for ``alpha``, or key or proof are not
            encoded in the one form there is.
    """
    gamma, c, s = _decode(proof)
    check_key(key)
    h = _encode_to_curve(key, alpha)
    try:
        u = _difference(crypto_scalarmult_ed25519_base_noclamp(s), c, key)
        v = _difference(crypto_scalarmult_ed25519_noclamp(s, h), c, gamma)
    except exceptions.RuntimeError:  # a product is the identity: no honest proof has such a scalar
        raise _invalid_proof("scalars that are not zero", "zero") from None
    if _challenge(key, h, gamma, u, v) != c:
        raise _invalid_proof("the key's own proof for this id", "another")
    return _output(gamma)


def proof_to_hash(proof: bytes) -> bytes:
    """``ECVRF_proof_to_hash`` (RFC 9381 section 5.2): the output of a proof known to be good.

    Raises:
        InvalidSubjectProofError: these are not the bytes of a proof.
    """
    return _output(_decode(proof)[0])


def check_key(key: bytes) -> None:
    """Check that a public key is encoded canonically and of prime order (RFC 9381 section 5.4.5).

    Raises:
        InvalidSubjectProofError: it is not.
    """
    if not is_key(key):
        raise _invalid_proof("a VRF key: a canonical point of prime order, 32 bytes", _shown(key))


def is_key(key: bytes) -> bool:
    """Whether this is a public key on edwards25519, one under which not everybody can sign.

    Canonical, and of prime order: that of an Ed25519 key should be checked, too (RFC 8032 leaves it
    open), for a signature under a point of small order is made without any secret.
    """
    return len(key) == KEY_BYTES and _is_prime_order_point(key)


def _expanded(secret: bytes) -> tuple[bytes, bytes, bytes]:
    """Secret scalar below q, public key, and what nonces are drawn from (RFC 8032 5.1.5)."""
    if len(secret) != SECRET_BYTES:
        raise InvalidInputError(f"VRF secret: expected {SECRET_BYTES} bytes, got {len(secret)}")
    digest = bytearray(sha512(secret).digest())
    digest[0] &= 0xF8
    digest[31] = digest[31] & 0x7F | 0x40
    x = crypto_core_ed25519_scalar_reduce(bytes(digest[:_SCALAR]) + bytes(_WIDE - _SCALAR))
    return x, crypto_scalarmult_ed25519_base_noclamp(x), bytes(digest[_SCALAR:])


def _encode_to_curve(salt: bytes, alpha: bytes) -> bytes:
    """``ECVRF_encode_to_curve_try_and_increment`` (section 5.4.1.1): a point of prime order."""
    start = sha512(_SUITE + b"\x01" + salt + alpha)
    for counter in range(_MAX_TRIES):
        attempt = start.copy()
        attempt.update(bytes((counter, 0)))
        candidate = attempt.digest()[:_POINT]
        if not _is_canonical(candidate):
            continue
        try:
            point = _times_cofactor(candidate)
        except exceptions.RuntimeError:  # on no point of the curve
            continue
        if point != _IDENTITY:
            return point
    raise InvalidInputError("VRF: no point of the curve was found for this input")


def _challenge(*points: bytes) -> bytes:
    """``ECVRF_challenge_generation`` (section 5.4.3), 16 bytes."""
    return sha512(_SUITE + b"\x02" + b"".join(points) + b"\x00").digest()[:_CHALLENGE]


def _output(gamma: bytes) -> bytes:
    return sha512(_SUITE + b"\x03" + _times_cofactor(gamma) + b"\x00").digest()


def _decode(proof: bytes) -> tuple[bytes, bytes, bytes]:
    """``ECVRF_decode_proof`` (section 5.4.4): gamma, c and s."""
    if len(proof) != PROOF_BYTES:
        raise _invalid_proof(f"a VRF proof of {PROOF_BYTES} bytes", f"{len(proof)} bytes")
    gamma = proof[:_POINT]
    c, s = proof[_POINT : _POINT + _CHALLENGE], proof[_POINT + _CHALLENGE :]
    if int.from_bytes(s, "little") >= _ORDER:
        raise _invalid_proof("s below the group's order", _shown(s))
    if not _is_prime_order_point(gamma):
        raise _invalid_proof("gamma to be a canonical point of prime order", _shown(gamma))
    return gamma, c, s


def _difference(minuend: bytes, c: bytes, point: bytes) -> bytes:
    return crypto_core_ed25519_sub(minuend, crypto_scalarmult_ed25519_noclamp(_padded(c), point))


def _times_cofactor(point: bytes) -> bytes:
    """Eight times a point, which need not be of prime order.

    Raises:
        nacl.exceptions.RuntimeError: it is on no curve.
    """
    for _ in range(3):
        point = crypto_core_ed25519_add(point, point)
    return point


def _is_prime_order_point(encoded: bytes) -> bool:
    return _is_canonical(encoded) and crypto_core_ed25519_is_valid_point(encoded)


def _is_canonical(encoded: bytes) -> bool:
    """RFC 8032 section 5.1.3: y below p, and no sign where x is zero (y = 1 or y = -1)."""
    number = int.from_bytes(encoded, "little")
    y = number % _SIGN
    return y < _FIELD and (number < _SIGN or y not in {1, _FIELD - 1})


def _padded(c: bytes) -> bytes:
    return c + bytes(_SCALAR - len(c))


def _shown(value: bytes) -> str:
    return f"{len(value)} bytes {value[:_POINT].hex()}"


def _invalid_proof(expected: str, got: str) -> InvalidSubjectProofError:
    return InvalidSubjectProofError(f"subject proof: expected {expected}, got {got}")
