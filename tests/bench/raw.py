"""The yardsticks: what the cryptography alone costs on one core."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256

from eseal.log.rfc9162 import leaf_hash
from tests.bench.measure import Effort, Row, per_second, rate

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 1.5
"""Per yardstick: several hundred milliseconds a round, so that one interruption is outvoted."""
MESSAGE = os.urandom(600)
"""About as long as the signed attributes of a seal."""
_LEAF = os.urandom(41)
_LEAVES_PER_CALL = 1000
_ECDSA = ec.ECDSA(SHA256())


def p256_sign(seconds: float = SECONDS) -> float:
    """P-256 signatures a second, SHA-256 included."""
    key = ec.generate_private_key(ec.SECP256R1())
    return rate(lambda: key.sign(MESSAGE, _ECDSA), seconds=seconds)


def p256_verify(seconds: float = SECONDS) -> float:
    """P-256 verifications a second, SHA-256 included."""
    key = ec.generate_private_key(ec.SECP256R1())
    signature, public = key.sign(MESSAGE, _ECDSA), key.public_key()
    return rate(lambda: public.verify(signature, MESSAGE, _ECDSA), seconds=seconds)


def ed25519_sign(seconds: float = SECONDS) -> float:
    """Ed25519 signatures a second."""
    key = ed25519.Ed25519PrivateKey.generate()
    return rate(lambda: key.sign(MESSAGE), seconds=seconds)


def ed25519_verify(seconds: float = SECONDS) -> float:
    """Ed25519 verifications a second."""
    key = ed25519.Ed25519PrivateKey.generate()
    signature, public = key.sign(MESSAGE), key.public_key()
    return rate(lambda: public.verify(signature, MESSAGE), seconds=seconds)


def leaf_hashes(seconds: float = SECONDS) -> float:
    """SHA-256 hashes of 41-byte leaves a second, called straight from Python."""

    def act() -> None:
        for _ in range(_LEAVES_PER_CALL):
            hashlib.sha256(_LEAF).digest()

    return rate(act, seconds=seconds, per_call=_LEAVES_PER_CALL)


def our_leaf_hashes(seconds: float = SECONDS) -> float:
    """The same through ``eseal.log.rfc9162.leaf_hash``."""

    def act() -> None:
        for _ in range(_LEAVES_PER_CALL):
            leaf_hash(_LEAF)

    return rate(act, seconds=seconds, per_call=_LEAVES_PER_CALL)


def run(effort: Effort) -> list[Row]:
    """One row per yardstick."""
    seconds = effort.pick(SECONDS, 0.3)
    yardsticks: dict[str, Callable[[float], float]] = {
        "P-256 signatures": p256_sign,
        "P-256 verifications": p256_verify,
        "Ed25519 signatures": ed25519_sign,
        "Ed25519 verifications": ed25519_verify,
        "SHA-256 of a leaf": leaf_hashes,
    }
    rows = [Row(name, per_second(measure(seconds))) for name, measure in yardsticks.items()]
    plain, ours = leaf_hashes(seconds), our_leaf_hashes(seconds)
    return [
        *rows,
        Row(
            "RFC 9162 leaf hash",
            per_second(ours),
            f"{per_second(plain)} SHA-256 alone",
            f"{ours / plain:.2f}",
        ),
    ]
