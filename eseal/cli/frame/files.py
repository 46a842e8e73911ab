"""Files: read with a message that names them, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from eseal.durable import PRIVATE_MODE, sync_directory, write_beside
from eseal.errors import ConflictError, InvalidFormatError, TooLargeError

MAX_SIDE_FILE_BYTES = 1 << 20
"""Certificates, signatures, evidence and trust files are a few kilobytes."""
SIGNATURE_SUFFIX = ".p7s"
"""Behind the name of a document: its seal signature."""
EVIDENCE_SUFFIX = ".eseal.json"
"""Behind the name of a document: the evidence of its use."""
_PEM = b"-----BEGIN"


def read_limited(path: Path, limit: int = MAX_SIDE_FILE_BYTES) -> bytes:
    """The file's bytes.

    Raises:
        TooLargeError: it is larger than ``limit``; not a byte more is read.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise TooLargeError(f"{path}: expected at most {limit} bytes, got more")
    return data


def check_free(path: Path, *, force: bool) -> None:
    """Raise unless a file may be written at ``path``.

    Raises:
        ConflictError: there is one already, and it was not asked to be replaced.
    """
    if not force and path.exists():
        raise ConflictError(f"{path} exists already; give --force to replace it")


def write_whole(path: Path, data: bytes, *, force: bool, private: bool = False) -> None:
    """Write a file so that it is there whole and durable, or not at all.

    Args:
        path: where.
        data: what.
        force: whether it may replace another file.
        private: whether nobody but its owner may read it.

    Raises:
        ConflictError: another file stands there, and it was not asked to be replaced.
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = write_beside(path, (data,), PRIVATE_MODE if private else _new_file_mode())
    try:
        if force:
            temporary.replace(path)
        else:
            _link(temporary, path, data)
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)


def certificates(path: Path) -> list[bytes]:
    """The certificates in a file, DER each; the file is PEM (one or more) or DER (one).

    Raises:
        InvalidFormatError: it holds something else.
        OSError: it cannot be read.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    data = read_limited(path)
    try:
        if _PEM in data:
            found = x509.load_pem_x509_certificates(data)
        else:
            found = [x509.load_der_x509_certificate(data)]
    except ValueError as error:
        raise InvalidFormatError(
            f"{path}: expected certificates in PEM or one in DER, got neither ({error})"
        ) from None
    return [certificate.public_bytes(Encoding.DER) for certificate in found]


def _link(temporary: Path, path: Path, data: bytes) -> None:
    """Give the file its name in one step that fails if the name is taken."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        if path.read_bytes() != data:
            raise ConflictError(f"{path} exists already; give --force to replace it") from None
    except OSError:  # a file system without hard links
        check_free(path, force=False)
        temporary.replace(path)


def _new_file_mode() -> int:
    """What ``open`` would have given the file: ``mkstemp`` makes it private."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
