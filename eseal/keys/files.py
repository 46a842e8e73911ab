"""Wrapped keys as files in a directory: one JSON file per key, for small tools and tests."""

from __future__ import annotations

import base64
import binascii
import json
import os
from pathlib import Path

from eseal.errors import ConfigurationError, ConflictError, CorruptionError, NotFoundError
from eseal.excerpts import excerpt
from eseal.keys.kek import sync_directory
from eseal.keys.protocol import WrappedKey
from eseal.model.ids import check_id, is_id, new_id
from eseal.suites import KeyAlgorithm

_FILE_MODE = 0o600
_DIRECTORY_MODE = 0o700
_SUFFIX = ".key.json"
_MEMBERS = {"id", "algorithm", "public_key", "wrapped"}


class FileKeyRepository:
    """A ``KeyRepository`` in a directory, which is made with mode 0700 if it does not exist.

    Args:
        directory: where the files rest, one ``<id>.key.json`` per key with mode 0600.

    Raises:
        ConfigurationError: the directory cannot be made.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        try:
            directory.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"cannot make the key directory {directory}: {error.strerror}"
            ) from None

    def add(self, key: WrappedKey) -> None:
        """Keep ``key``; durable when this returns, and there whole or not at all.

        Raises:
            InvalidFormatError: its id is not one of ours, so no safe file name.
            ConflictError: there is a key of this id.
        """
        final = self._path(check_id(key.id, field="key_id"))
        draft = self._directory / f".{new_id()}.tmp"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(_encode(key))
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, fails when the name is taken: no key is ever overwritten.
            os.link(draft, final)
        except FileExistsError:
            raise ConflictError(f"there is a key {key.id} already") from None
        finally:
            draft.unlink()
        sync_directory(self._directory)

    def get(self, key_id: str) -> WrappedKey:
        """The key of this name.

        Raises:
            NotFoundError: there is none.
            CorruptionError: its file does not hold a wrapped key.
        """
        if not is_id(key_id):
            raise NotFoundError(f"no key {excerpt(key_id, 64)}")
        try:
            content = self._path(key_id).read_bytes()
        except FileNotFoundError:
            raise NotFoundError(f"no key {key_id}") from None
        key = _decode(content, key_id)
        if key.id != key_id:
            raise CorruptionError(f"the file of key {key_id} holds the key {key.id}")
        return key

    def any(self) -> WrappedKey | None:
        """Some stored key, or ``None``.

        Raises:
            CorruptionError: the file it found does not hold a wrapped key.
        """
        for path in self._directory.glob(f"*{_SUFFIX}"):
            key_id = path.name.removesuffix(_SUFFIX)
            if is_id(key_id):
                return self.get(key_id)
        return None

    def _path(self, key_id: str) -> Path:
        return self._directory / (key_id + _SUFFIX)


def _encode(key: WrappedKey) -> bytes:
    fields = {
        "id": key.id,
        "algorithm": key.algorithm.value,
        "public_key": base64.b64encode(key.public_key).decode("ascii"),
        "wrapped": base64.b64encode(key.wrapped).decode("ascii"),
    }
    return json.dumps(fields, indent=1).encode("ascii") + b"\n"


def _decode(content: bytes, key_id: str) -> WrappedKey:
    try:
        fields = json.loads(content)
        if not isinstance(fields, dict) or set(fields) != _MEMBERS:
            raise ValueError(f"expected the members {sorted(_MEMBERS)}")  # noqa: TRY301
        if not all(isinstance(value, str) for value in fields.values()):
            raise ValueError("expected every member to be a string")  # noqa: TRY301
        return WrappedKey(
            id=fields["id"],
            algorithm=KeyAlgorithm(fields["algorithm"]),
            public_key=base64.b64decode(fields["public_key"], validate=True),
            wrapped=base64.b64decode(fields["wrapped"], validate=True),
        )
    except (binascii.Error, RecursionError, ValueError) as error:
        raise CorruptionError(f"the file of key {key_id} holds no wrapped key: {error}") from None
