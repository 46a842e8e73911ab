"""A key store in software: private keys encrypted at rest, signatures in this process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeAlias, assert_never

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from eseal.errors import CorruptionError, InvalidInputError
from eseal.keys.protocol import KeyRepository, WrappedKey
from eseal.keys.ring import KeySource
from eseal.keys.vault import KEY_WRAPPING, Vault
from eseal.model.ids import new_id
from eseal.suites import KeyAlgorithm

CACHED_KEYS = 10_000
"""Unwrapped keys held in memory, about 2 kB each. Unwrapping costs about a signature, so a service
that uses more seals than this at once slows down by half and does not grow."""
DIGEST_BYTES = 32
ETHEREUM_SECRET_BYTES = 32
_RSA_PUBLIC_EXPONENT = 65_537
"""The usual one (FIPS 186-5 A.1.1 asks for at least this)."""
_RSA_BITS = 3072

_ECDSA_SHA256 = ec.ECDSA(SHA256())
_ECDSA_DIGEST = ec.ECDSA(Prehashed(SHA256()))
_RSA_PADDING = padding.PKCS1v15()
_RSA_HASH = SHA256()

_PrivateKey: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class _OpenKey:
    """A key ready to sign. ``repr`` of the private key shows an object, no secret."""

    algorithm: KeyAlgorithm
    public_key: bytes
    private_key: _PrivateKey
    sign: Callable[[bytes], bytes]


class SoftwareKeyStore:
    """The ``KeyStore`` for one machine: keys rest wrapped in ``repository``, opened by ``kek``.

    A wrapped key is PKCS#8 DER under AES-256-GCM, bound to its id and algorithm. An opened key
    stays in memory, so a signature costs what the raw signature costs; signing releases the GIL.

    Args:
        repository: where wrapped keys rest.
        kek: the key-encryption key, or both of them while it is being changed.
        cached_keys: how many opened keys to hold in memory.

    Raises:
        WrongKeyError: ``kek`` is not the one the stored keys were wrapped with.
        CorruptionError: the stored key it was tried on is damaged.
    """

    def __init__(
        self,
        repository: KeyRepository,
        kek: KeySource,
        *,
        cached_keys: int = CACHED_KEYS,
    ) -> None:
        self._repository = repository
        self._vault = Vault(kek, KEY_WRAPPING)
        self._cached_keys = cached_keys
        self._opened: OrderedDict[str, _OpenKey] = OrderedDict()
        self._lock = threading.Lock()
        stored = repository.any()
        if stored is not None:
            self._unwrap(stored)

    def generate(self, algorithm: KeyAlgorithm) -> str:
        """Make a key and return its name; stored, wrapped, when this returns."""
        private_key = _generate(algorithm)
        key_id = new_id()
        opened = _open_key(algorithm, private_key)
        pkcs8 = private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._repository.add(
            WrappedKey(
                id=key_id,
                algorithm=algorithm,
                public_key=opened.public_key,
                wrapped=self._vault.encrypt(pkcs8, _context(key_id, algorithm)),
            )
        )
        self._remember(key_id, opened)
        return key_id

    def public_key(self, key_id: str) -> bytes:
        """SubjectPublicKeyInfo, DER.

        Raises:
            NotFoundError: there is no such key.
        """
        opened = self._opened.get(key_id)
        return self._repository.get(key_id).public_key if opened is None else opened.public_key

    def algorithm(self, key_id: str) -> KeyAlgorithm:
        """The kind of this key.

        Raises:
            NotFoundError: there is no such key.
        """
        opened = self._opened.get(key_id)
        return self._repository.get(key_id).algorithm if opened is None else opened.algorithm

    def sign(self, key_id: str, message: bytes) -> bytes:
        """Sign ``message`` as the key's algorithm says: SHA-256 where a hash is due.

        Returns:
            ECDSA: DER ``ECDSA-Sig-Value``; RSA: 384 bytes; Ed25519: 64 bytes.

        Raises:
            NotFoundError: there is no such key.
            InvalidInputError: a key that does not sign.
            WrongKeyError: the key was wrapped with another key-encryption key.
            CorruptionError: the stored key is damaged.
        """
        return self._open(key_id).sign(message)

    def sign_digest(self, key_id: str, digest: bytes) -> bytes:
        """Sign a 32-byte digest made elsewhere (ECDSA only), returning DER.

        Raises:
            NotFoundError: there is no such key.
            InvalidInputError: not an ECDSA key, or not 32 bytes.
            WrongKeyError: the key was wrapped with another key-encryption key.
            CorruptionError: the stored key is damaged.
        """
        if len(digest) != DIGEST_BYTES:
            raise InvalidInputError(
                f"expected a digest of {DIGEST_BYTES} bytes, got {len(digest)}", field="digest"
            )
        opened = self._open(key_id)
        if not isinstance(opened.private_key, ec.EllipticCurvePrivateKey):
            raise InvalidInputError(
                f"expected an ECDSA key to sign a digest with, got {opened.algorithm.value}",
                field="key_id",
            )
        return opened.private_key.sign(digest, _ECDSA_DIGEST)

    def ethereum_secret(self, key_id: str) -> bytes:
        """The secret scalar of a ledger account, 32 bytes, big-endian.

        ``eth_account`` needs it to sign ledger transactions. Not part of the ``KeyStore`` protocol:
        seal, CA and log keys are never handed out.

        Raises:
            NotFoundError: there is no such key.
            InvalidInputError: not a secp256k1 key.
            WrongKeyError: the key was wrapped with another key-encryption key.
            CorruptionError: the stored key is damaged.
        """
        opened = self._open(key_id)
        if opened.algorithm is not KeyAlgorithm.SECP256K1 or not isinstance(
            opened.private_key, ec.EllipticCurvePrivateKey
        ):
            raise InvalidInputError(
                f"only a secp256k1 key is a ledger account, got {opened.algorithm.value}",
                field="key_id",
            )
        scalar = opened.private_key.private_numbers().private_value
        return scalar.to_bytes(ETHEREUM_SECRET_BYTES, "big")

    def vrf_secret(self, key_id: str) -> bytes:
        """The secret of a VRF key, 32 bytes (RFC 8032 section 5.1.5).

        ``eseal.authority.word.vrf`` computes with it. Not part of the ``KeyStore`` protocol,
        either.

        Raises:
            NotFoundError: there is no such key.
            InvalidInputError: not a VRF key.
            WrongKeyError: the key was wrapped with another key-encryption key.
            CorruptionError: the stored key is damaged.
        """
        opened = self._open(key_id)
        if opened.algorithm is not KeyAlgorithm.VRF or not isinstance(
            opened.private_key, ed25519.Ed25519PrivateKey
        ):
            raise InvalidInputError(
                f"only a vrf key gives subjects, got {opened.algorithm.value}", field="key_id"
            )
        return opened.private_key.private_bytes_raw()

    def _open(self, key_id: str) -> _OpenKey:
        with self._lock:
            opened = self._opened.get(key_id)
            if opened is not None:
                self._opened.move_to_end(key_id)
                return opened
        # Outside the lock: a slow repository must not hold up keys that are open. Two threads may
        # unwrap one key at once; both get the same one.
        opened = self._unwrap(self._repository.get(key_id))
        self._remember(key_id, opened)
        return opened

    def _remember(self, key_id: str, opened: _OpenKey) -> None:
        with self._lock:
            self._opened[key_id] = opened
            self._opened.move_to_end(key_id)
            if len(self._opened) > self._cached_keys:
                self._opened.popitem(last=False)

    def _unwrap(self, stored: WrappedKey) -> _OpenKey:
        pkcs8 = self._vault.decrypt(stored.wrapped, _context(stored.id, stored.algorithm))
        try:
            # The vault has authenticated these bytes, so they are the ones we wrote: checking the
            # primes of an RSA key again would take 100 ms.
            private_key = load_der_private_key(pkcs8, None, unsafe_skip_rsa_key_validation=True)
        except (TypeError, ValueError, UnsupportedAlgorithm):
            raise CorruptionError(f"the stored key {stored.id} is not a PKCS#8 key") from None
        if not isinstance(private_key, _PrivateKey):
            raise CorruptionError(f"the stored key {stored.id} is not a {stored.algorithm.value}")
        opened = _open_key(stored.algorithm, private_key)
        if opened.public_key != stored.public_key:
            raise CorruptionError(f"the public key stored for {stored.id} belongs to another key")
        return opened


def _context(key_id: str, algorithm: KeyAlgorithm) -> bytes:
    """Binds a wrapped key to its name and kind (an algorithm's name holds no colon)."""
    return f"{algorithm.value}:{key_id}".encode()


def _generate(algorithm: KeyAlgorithm) -> _PrivateKey:
    match algorithm:
        case KeyAlgorithm.P256:
            return ec.generate_private_key(ec.SECP256R1())
        case KeyAlgorithm.SECP256K1:
            return ec.generate_private_key(ec.SECP256K1())
        case KeyAlgorithm.ED25519 | KeyAlgorithm.VRF:
            return ed25519.Ed25519PrivateKey.generate()
        case KeyAlgorithm.RSA3072:
            return rsa.generate_private_key(_RSA_PUBLIC_EXPONENT, _RSA_BITS)
        case _:
            assert_never(algorithm)


def _open_key(algorithm: KeyAlgorithm, private_key: _PrivateKey) -> _OpenKey:
    public_key = private_key.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    sign = _refuse if algorithm is KeyAlgorithm.VRF else _signer(private_key)
    return _OpenKey(algorithm, public_key, private_key, sign)


def _refuse(_message: bytes) -> NoReturn:
    """A VRF key that also signed could give away, by a chosen message, what it must not."""
    raise InvalidInputError("a vrf key does not sign", field="key_id")


def _signer(private_key: _PrivateKey) -> Callable[[bytes], bytes]:
    """What to call to sign, chosen once and not at every signature."""
    if isinstance(private_key, ed25519.Ed25519PrivateKey):
        return private_key.sign
    if isinstance(private_key, rsa.RSAPrivateKey):
        return lambda message: private_key.sign(message, _RSA_PADDING, _RSA_HASH)
    return lambda message: private_key.sign(message, _ECDSA_SHA256)
