"""Public keys of strangers that only slow down whoever verifies with them.

A verification takes 0.02 to 0.7 ms with any key in use. The exponent of an RSA key may be as long
as its modulus, and then one takes 5 ms; so may the parameters of DSA, which nobody uses any more,
and 10 ms.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import dsa, rsa

MAX_RSA_BITS: Final = 8192
"""A larger modulus only slows the verifier down."""
MAX_RSA_EXPONENT_BITS: Final = 64
"""Of 65537 and 3, which all use, 17 at most; OpenSSL has this limit for large moduli alone."""


def is_costly(key: object) -> bool:
    """Whether verifying with a public key takes far longer than with those that are in use."""
    if isinstance(key, rsa.RSAPublicKey):
        exponent = key.public_numbers().e
        return key.key_size > MAX_RSA_BITS or exponent.bit_length() > MAX_RSA_EXPONENT_BITS
    return isinstance(key, dsa.DSAPublicKey)
