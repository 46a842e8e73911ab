"""What the rest of the house asks of a key store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from eseal.suites import KeyAlgorithm


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A private key as it rests: encrypted.

    Attributes:
        id: the key's name.
        algorithm: its kind.
        public_key: SubjectPublicKeyInfo, DER.
        wrapped: the encrypted private key (PKCS#8 inside).
    """

    id: str
    algorithm: KeyAlgorithm
    public_key: bytes
    wrapped: bytes


class KeyRepository(Protocol):
    """Where wrapped keys rest."""

    def add(self, key: WrappedKey) -> None:
        """Keep ``key``; durable when this returns."""
        ...

    def get(self, key_id: str) -> WrappedKey:
        """The key of this name.

        Raises:
            NotFoundError: there is none.
        """
        ...

    def any(self) -> WrappedKey | None:
        """Some stored key, to check the key-encryption key against, or ``None``."""
        ...


class KeyStore(Protocol):
    """Makes and uses private keys without handing them out. Safe to call from several threads."""

    def generate(self, algorithm: KeyAlgorithm) -> str:
        """Make a key and return its name."""
        ...

    def public_key(self, key_id: str) -> bytes:
        """SubjectPublicKeyInfo, DER.

        Raises:
            NotFoundError: there is no such key.
        """
        ...

    def algorithm(self, key_id: str) -> KeyAlgorithm:
        """The kind of this key.

        Raises:
            NotFoundError: there is no such key.
        """
        ...

    def sign(self, key_id: str, message: bytes) -> bytes:
        """Sign ``message`` as the key's algorithm says: SHA-256 where a hash is due.

        Returns:
            ECDSA: DER ``ECDSA-Sig-Value``; RSA: the modulus' length; Ed25519: 64 bytes.

        Raises:
            NotFoundError: there is no such key.
            InvalidInputError: a key that does not sign.
        """
        ...

    def sign_digest(self, key_id: str, digest: bytes) -> bytes:
        """Sign a 32-byte digest made elsewhere (ECDSA only), returning DER.

        Raises:
            NotFoundError: there is no such key.
            InvalidInputError: not an ECDSA key, or not 32 bytes.
        """
        ...
