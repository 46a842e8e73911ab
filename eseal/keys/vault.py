"""Authenticated encryption of what is stored: wrapped keys, and documents until delivered.

One box is ``version (1) ‖ key fingerprint (8) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag``. The
AES key is derived (HKDF) from the key-encryption key for one label and context, so the bound of
NIST SP 800-38D section 8.3 on random nonces, 2**32 boxes under one key, counts per context.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eseal.errors import CorruptionError, WrongKeyError
from eseal.keys.kek import FINGERPRINT_BYTES, KeyEncryptionKey

DOCUMENTS = b"documents"
"""Label for stored documents."""
KEY_WRAPPING = b"key-wrapping"
"""Label for private keys at rest."""

NONCE_BYTES = 12
"""The 96 bits for which GCM is specified (NIST SP 800-38D section 8.2)."""
TAG_BYTES = 16
_VERSION = b"\x01"
_HEADER_BYTES = len(_VERSION) + FINGERPRINT_BYTES
OVERHEAD_BYTES = _HEADER_BYTES + NONCE_BYTES + TAG_BYTES
"""How much longer a box is than what is in it."""


class Vault:
    """Encrypts and decrypts under one key-encryption key. Safe to call from several threads.

    Args:
        kek: the key-encryption key.
        label: the purpose; a box of one purpose does not open under another.
    """

    def __init__(self, kek: KeyEncryptionKey, label: bytes = DOCUMENTS) -> None:
        self._kek = kek
        self._label = label
        self._header = _VERSION + kek.fingerprint

    def encrypt(self, plaintext: bytes, context: bytes) -> bytes:
        """Put ``plaintext`` in a box.

        Args:
            plaintext: any bytes.
            context: what it is, e.g. the use's id; must be the same when the box is opened, so that
                one box cannot be passed off as another.
        """
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self._kek.derive(self._label, context))
        return self._header + nonce + cipher.encrypt(nonce, plaintext, self._header + context)

    def decrypt(self, box: bytes, context: bytes) -> bytes:
        """Take the plaintext out of a box.

        Raises:
            WrongKeyError: the box was made under another key-encryption key.
            CorruptionError: this is no box, or it was changed, or it is the box of another context.
        """
        if len(box) < OVERHEAD_BYTES or box[:1] != _VERSION:
            raise CorruptionError(
                f"expected an encrypted record of version 1 and at least {OVERHEAD_BYTES} bytes, "
                f"got {len(box)} bytes beginning {box[:1].hex() or 'with nothing'}"
            )
        header = box[:_HEADER_BYTES]
        if header != self._header:
            raise WrongKeyError(
                f"encrypted under the key-encryption key {header[1:].hex()}, but the one given is "
                f"{self._kek.fingerprint.hex()}: restore the key this data was written with"
            )
        cipher = AESGCM(self._kek.derive(self._label, context))
        nonce = box[_HEADER_BYTES : _HEADER_BYTES + NONCE_BYTES]
        try:
            return cipher.decrypt(nonce, box[_HEADER_BYTES + NONCE_BYTES :], header + context)
        except InvalidTag:
            raise CorruptionError(
                f"an encrypted record of {len(box)} bytes was changed since it was written, or "
                f"belongs elsewhere: its authentication tag is wrong"
            ) from None
