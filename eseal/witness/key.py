"""A witness's key: one line in a file of mode 0600.

The form is that of Go's ``sumdb/note`` signer keys, which other witnesses use too::

    PRIVATE+KEY+<name>+<key hash>+<base64(0x04 ‖ seed)>
"""

from __future__ import annotations

from binascii import b2a_base64
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.durable import create_file
from eseal.errors import ConfigurationError, InvalidFormatError
from eseal.log.c2sp_text import parse_base64
from eseal.log.cosignature import cosignature_line
from eseal.log.vkey import KeyType, VerifierKey

SEED_BYTES = 32
"""RFC 8032 section 5.1.5: an Ed25519 private key."""
_PREFIX = "PRIVATE+KEY+"
_PARTS = 3
_OTHERS = 0o077


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness's key pair.

    Attributes:
        private: never shown.
        public: name and public key, of type 0x04 (tlog-cosignature, "Format").
    """

    private: Ed25519PrivateKey
    public: VerifierKey

    def __repr__(self) -> str:
        return f"WitnessKey({self.public})"

    def cosign(self, text: bytes, time: int) -> bytes:
        """The cosignature line for a checkpoint's text.

        Args:
            text: the checkpoint's text.
            time: now, Unix seconds.
        """
        return cosignature_line(text, self.public, self.private.sign, time)

    @classmethod
    def create(cls, path: Path, name: str) -> Self:
        """Make a key and keep it at ``path``.

        Raises:
            InvalidInputError: a name no key can have.
            ConfigurationError: there is a file already; it is never overwritten.
        """
        private = Ed25519PrivateKey.generate()
        key = cls._of(name, private)
        blob = bytes([KeyType.COSIGNATURE]) + private.private_bytes_raw()
        secret = b2a_base64(blob, newline=False).decode("ascii")
        line = f"{_PREFIX}{name}+{key.public.key_hash.hex()}+{secret}\n"
        try:
            create_file(path, line.encode())
        except FileExistsError:
            raise ConfigurationError(
                f"{path}: there is a witness's key already; choose another --dir"
            ) from None
        return key

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key at ``path``.

        Raises:
            ConfigurationError: there is none, others may read it, or it is not such a key.
        """
        try:
            if path.stat().st_mode & _OTHERS:
                raise ConfigurationError(
                    f"{path}: others may read the witness's key; run: chmod 600 {path}"
                )
            text = path.read_text("utf-8")
        except FileNotFoundError:
            raise ConfigurationError(f"{path}: no witness's key; run: eseal witness init") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: cannot be read: {type(error).__name__}") from None
        try:
            return cls._parse(text)
        except InvalidFormatError:  # its message may repeat the key
            raise ConfigurationError(
                f"{path}: expected a line {_PREFIX}<name>+<hash>+<key>, got another"
            ) from None

    @classmethod
    def _parse(cls, text: str) -> Self:
        parts = text.removesuffix("\n").removeprefix(_PREFIX).split("+", _PARTS - 1)
        blob = parse_base64(parts[-1], "key")
        whole = text.startswith(_PREFIX) and len(parts) == _PARTS
        if not whole or len(blob) != 1 + SEED_BYTES or blob[0] != KeyType.COSIGNATURE:
            raise InvalidFormatError("expected another form")
        try:
            key = cls._of(parts[0], Ed25519PrivateKey.from_private_bytes(blob[1:]))
        except ValueError as error:
            raise InvalidFormatError("expected another name") from error
        if key.public.key_hash.hex() != parts[1]:
            raise InvalidFormatError("expected another hash")
        return key

    @classmethod
    def _of(cls, name: str, private: Ed25519PrivateKey) -> Self:
        public = private.public_key().public_bytes_raw()
        return cls(private, VerifierKey(name, KeyType.COSIGNATURE, public))
