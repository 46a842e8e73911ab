"""The key-encryption key: the one secret from which everything stored encrypted hangs.

It comes from the environment (``ESEAL_KEK``) or from a file, never from the database: whoever
steals the database alone has no keys. It is used only to derive keys, one per purpose and context.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import stat
from pathlib import Path
from typing import NoReturn

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from eseal.errors import ConfigurationError, WrongKeyError

KEK_BYTES = 32
"""A 256-bit key, as wide as the AES-256 keys derived from it."""
FINGERPRINT_BYTES = 8
"""Enough to tell two keys of one operator apart; says nothing about the key."""
KEK_VARIABLE = "ESEAL_KEK"
"""Environment variable that holds the key in base64."""
NEXT_VARIABLE = "ESEAL_KEK_NEXT"
"""The same for the next key, while it is being changed."""
KEK_FILE_MODE = 0o600
_MAX_FILE_BYTES = 256
"""Base64 of the key is 44 characters; a larger file is some other file."""

_BASE64_KEY = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")
"""32 bytes in 44 characters (RFC 4648 section 4); the last one's low two bits must be zero."""


class KeyEncryptionKey:
    """32 secret bytes. Neither ``repr`` nor ``pickle`` gives them away.

    Attributes:
        fingerprint: 8 bytes derived from the key, stored beside what it encrypts to tell a wrong
            key from damaged data.
    """

    __slots__ = ("_secret", "fingerprint")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEK_BYTES:
            raise ConfigurationError(
                f"expected a key-encryption key of {KEK_BYTES} bytes, got {len(secret)}"
            )
        self._secret = secret
        self.fingerprint = self.derive(b"fingerprint", b"")[:FINGERPRINT_BYTES]

    @classmethod
    def parse(cls, text: str, *, source: str = KEK_VARIABLE) -> KeyEncryptionKey:
        """Read a key written in base64.

        Args:
            text: 44 characters, blanks around them ignored.
            source: where it came from, for the error; the text itself is never shown.

        Raises:
            ConfigurationError: it is not 32 bytes in base64.
        """
        stripped = text.strip()
        if not _BASE64_KEY.fullmatch(stripped):
            raise ConfigurationError(
                f"{source}: expected {KEK_BYTES} bytes in base64 (44 characters), got "
                f"{len(stripped)} characters of another form"
            )
        return cls(base64.b64decode(stripped))

    def derive(self, label: bytes, context: bytes) -> bytes:
        """A 32-byte key for one purpose and context (HKDF-SHA-256, RFC 5869).

        Args:
            label: the purpose; must not hold a zero byte.
            context: what the derived key is for, within the purpose.
        """
        info = b"eseal/1/" + label + b"\x00" + context
        return HKDF(algorithm=SHA256(), length=KEK_BYTES, salt=None, info=info).derive(self._secret)

    @property
    def writing(self) -> KeyEncryptionKey:
        """Itself: a single key is a ``KeySource`` of one."""
        return self

    def find(self, fingerprint: bytes) -> KeyEncryptionKey:
        """Itself.

        Raises:
            WrongKeyError: another key is meant.
        """
        if fingerprint != self.fingerprint:
            raise WrongKeyError(
                f"encrypted under the key-encryption key {fingerprint.hex()}, but the one given is "
                f"{self.fingerprint.hex()}: restore the key this data was written with"
            )
        return self

    def use(self, fingerprint: bytes) -> None:
        """Write under this key.

        Raises:
            WrongKeyError: another key is meant.
        """
        self.find(fingerprint)

    def __repr__(self) -> str:
        return f"KeyEncryptionKey(fingerprint={self.fingerprint.hex()})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key-encryption key is not to be written anywhere")


def load_kek(text: str | None, path: Path) -> KeyEncryptionKey:
    """The key from the environment if it is given there, else from the file.

    Args:
        text: the value of ``ESEAL_KEK``, or ``None`` or blank if it is not set.
        path: the key file.

    Raises:
        ConfigurationError: see :meth:`KeyEncryptionKey.parse` and :func:`read_kek_file`.
    """
    if text is not None and text.strip():
        return KeyEncryptionKey.parse(text)
    return read_kek_file(path)


def next_kek_path(path: Path) -> Path:
    """Where the next key lies while the one at ``path`` is being changed."""
    return path.with_name(path.name + ".next")


def load_keks(text: str | None, following: str | None, path: Path) -> tuple[KeyEncryptionKey, ...]:
    """The key, and the next one while it is being changed.

    Args:
        text: the value of ``ESEAL_KEK``, or ``None`` or blank if it is not set.
        following: the value of ``ESEAL_KEK_NEXT``, the same.
        path: the key file; the next one's name is this one's with ``.next`` behind it.

    Raises:
        ConfigurationError: see :func:`load_kek`.
    """
    keks = [load_kek(text, path)]
    if following is not None and following.strip():
        keks.append(KeyEncryptionKey.parse(following, source=NEXT_VARIABLE))
    elif next_kek_path(path).exists():
        keks.append(read_kek_file(next_kek_path(path)))
    return tuple(keks)


def read_kek_file(path: Path) -> KeyEncryptionKey:
    """Read the key from a file only its owner can open.

    Raises:
        ConfigurationError: the file is missing or unreadable, others can read or write it (the
            message names the ``chmod`` that is due), or it does not hold a key.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            content = file.read(_MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise ConfigurationError(
            f"no key-encryption key: put the key file at {path}, or set {KEK_VARIABLE} "
            "(of an authority: ESEAL_AUTHORITY_KEK)"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the key-encryption key at {path}: {error.strerror}"
        ) from None
    mode = stat.S_IMODE(status.st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"the key-encryption key at {path} can be opened by others (mode {mode:04o}, expected "
            f"{KEK_FILE_MODE:04o}): run chmod {KEK_FILE_MODE:o} {path}"
        )
    return KeyEncryptionKey.parse(content.decode("latin-1"), source=str(path))


def create_kek_file(path: Path) -> KeyEncryptionKey:
    """Make a key and write it to a new file with mode 0600; durable when this returns.

    Raises:
        ConfigurationError: the file exists (a key is never overwritten: what it encrypts would be
            lost) or cannot be written.
    """
    secret = secrets.token_bytes(KEK_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEK_FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secret) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_directory(path.parent)
    except FileExistsError:
        raise ConfigurationError(
            f"there is a key-encryption key at {path} already; it is not overwritten, because "
            f"what it encrypts would be lost"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"cannot write the key-encryption key to {path}: {error.strerror}"
        ) from None
    return KeyEncryptionKey(secret)


def sync_directory(path: Path) -> None:
    """Make the entries of a directory durable (a file's own ``fsync`` does not)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
