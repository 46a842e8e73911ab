"""What a leaf commits to. From outside all leaves look alike: the kind is inside.

``commitment = SHA-256(kind (1) ‖ SHA-256(content) ‖ SHA-256(signature))``. The signature enters in
one normal form, since ECDSA lets anybody turn a genuine signature into a second one that verifies.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from hashlib import sha256
from typing import assert_never

from eseal.errors import InvalidFormatError

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""NIST SP 800-186 section 3.2.1.3."""
_P256_BYTES = 32
_MIN_DER_BYTES = 8
"""A sequence of two integers of one byte each."""
_SEQUENCE = 0x30
_INTEGER = 0x02


class Kind(IntEnum):
    """What a leaf records. A number, once given, never changes its meaning."""

    USE = 1
    """One use of a seal: its statement, and the signature value of the seal signature."""
    DECLARATION = 2
    """The owner's word about uses: void, rescinded, disputed."""
    ROSTER = 3
    """A change in who may do what for a company."""
    DISCLOSURE = 4
    """One look of an authority, or of the operator, into a company's records."""
    MARK = 5
    """An event of the log itself: a key ceremony, a restore after loss, its mirrors."""


class SignatureAlgorithm(StrEnum):
    """How a signature that a leaf commits to is made."""

    ECDSA_P256_SHA256 = "ecdsa-p256-sha256"
    """ECDSA on NIST P-256 with SHA-256; the value is a DER ``ECDSA-Sig-Value``."""
    RSA_PKCS1_SHA256 = "rsa-pkcs1-sha256"
    """RSASSA-PKCS1-v1_5 with SHA-256; the value is as long as the modulus."""
    ED25519 = "ed25519"
    """Pure Ed25519 (RFC 8032), as logs sign; the value has 64 bytes."""


def commitment(kind: Kind, content: bytes, signature: bytes) -> bytes:
    """What the leaf of a record holds, 32 bytes.

    Args:
        kind: what it is.
        content: its canonical JSON; of a use: the statement.
        signature: over it, as :func:`normalised` gives it.
    """
    return sha256(bytes((kind,)) + sha256(content).digest() + sha256(signature).digest()).digest()


def normalised(signature: bytes, algorithm: SignatureAlgorithm) -> bytes:
    """The one form of a signature that a commitment holds.

    ECDSA: r ‖ s of 32 bytes each, s being the smaller of the two that verify (SEC 1 section 4.1.3:
    -s is as good as s). RSA and Ed25519: the value as it is.

    Raises:
        InvalidFormatError: not DER of two integers that ECDSA on P-256 can have.
    """
    match algorithm:
        case SignatureAlgorithm.ECDSA_P256_SHA256:
            return _low_s(signature)
        case SignatureAlgorithm.RSA_PKCS1_SHA256 | SignatureAlgorithm.ED25519:
            return signature
        case _:
            assert_never(algorithm)


def _low_s(signature: bytes) -> bytes:
    length = len(signature)
    r_end = 4 + signature[3] if length >= _MIN_DER_BYTES else length
    if r_end + 2 > length:
        raise _not_der(signature)
    r = int.from_bytes(signature[4:r_end], "big")
    s = int.from_bytes(signature[r_end + 2 :], "big")
    if not (0 < r < _P256_ORDER and 0 < s < _P256_ORDER):
        raise _not_der(signature)
    # X.690 section 8.3: the first bit is the sign, so a number of n bits takes n // 8 + 1 bytes.
    r_bytes, s_bytes = r.bit_length() // 8 + 1, s.bit_length() // 8 + 1
    heads = signature[:4] + signature[r_end : r_end + 2]
    told = (_SEQUENCE, r_bytes + s_bytes + 4, _INTEGER, r_bytes, _INTEGER, s_bytes)
    if heads != bytes(told) or length != r_bytes + s_bytes + 6:
        raise _not_der(signature)
    return r.to_bytes(_P256_BYTES, "big") + min(s, _P256_ORDER - s).to_bytes(_P256_BYTES, "big")


def _not_der(signature: bytes) -> InvalidFormatError:
    return InvalidFormatError(
        "signature: expected the DER of two integers below the order of P-256, "
        f"got {signature[:80].hex() or 'nothing'}",
        field="signature",
    )
