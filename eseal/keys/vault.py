"""Authenticated encryption of what is stored: wrapped keys, and documents until delivered.

One box is ``version (1) ‖ key fingerprint (8) ‖ nonce (12) ‖ AES-256-GCM ciphertext and tag``. The
AES key is derived (HKDF) from the key-encryption key for one label and context, so the bound of
NIST SP 800-38D section 8.3 on random nonces, 2**32 boxes under one key, counts per context.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from eseal.errors import CorruptionError
from eseal.keys.kek import FINGERPRINT_BYTES
from eseal.keys.ring import KeySource

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
    """Encrypts and decrypts under a key-encryption key. Safe to call from several threads.

    Args:
        keys: the key-encryption key, or both of them while it is being changed.
        label: the purpose; a box of one purpose does not open under another.
    """

    def __init__(self, keys: KeySource, label: bytes = DOCUMENTS) -> None:
        self._keys = keys
        self._label = label

    def encrypt(self, plaintext: bytes, context: bytes) -> bytes:
        """Put ``plaintext`` in a box.

        Args:
            plaintext: any bytes.
            context: what it is, e.g. the use's id; must be the same when the box is opened, so that
                one box cannot be passed off as another.
        """
        kek = self._keys.writing
        header = _VERSION + kek.fingerprint
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(kek.derive(self._label, context))
        return header + nonce + cipher.encrypt(nonce, plaintext, header + context)

    def decrypt(self, box: bytes, context: bytes) -> bytes:
        """Take the plaintext out of a box.

        Raises:
            WrongKeyError: the box was made under another key-encryption key.
            CorruptionError: this is no box, or it was changed, or it is the box of another context.
        """
        header = box[:_HEADER_BYTES]
        cipher = AESGCM(self._keys.find(box_fingerprint(box)).derive(self._label, context))
        nonce = box[_HEADER_BYTES : _HEADER_BYTES + NONCE_BYTES]
        try:
            return cipher.decrypt(nonce, box[_HEADER_BYTES + NONCE_BYTES :], header + context)
        except InvalidTag:
            raise CorruptionError(
                f"an encrypted record of {len(box)} bytes was changed since it was written, or "
                f"belongs elsewhere: its authentication tag is wrong"
            ) from None


def box_fingerprint(box: bytes) -> bytes:
    """Which key-encryption key a box was made under, 8 bytes.

    Raises:
        CorruptionError: this is no box.
    """
    if len(box) < OVERHEAD_BYTES or box[:1] != _VERSION:
        raise CorruptionError(
            f"expected an encrypted record of version 1 and at least {OVERHEAD_BYTES} bytes, "
            f"got {len(box)} bytes beginning {box[:1].hex() or 'with nothing'}"
        )
    return box[len(_VERSION) : _HEADER_BYTES]
