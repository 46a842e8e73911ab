"""How a register is called on the ledger."""

from __future__ import annotations

import re
from hashlib import sha256

from eseal.errors import InvalidInputError
from eseal.excerpts import excerpt

_PREFIX = re.compile(r"[A-Z]{5}")


def scheme_id(prefix: str) -> bytes:
    """SHA-256 of type and country of its ids (ETSI EN 319 412-1 clause 5.1.4), 32 bytes.

    Args:
        prefix: such as ``NTRCN``, ``LEIXG``, ``VATDE``.

    Raises:
        InvalidInputError: another form; ``field`` is ``scheme``.
    """
    if not _PREFIX.fullmatch(prefix):
        raise InvalidInputError(
            f"scheme: expected five capital letters such as NTRCN, got {excerpt(prefix, 64)}",
            field="scheme",
        )
    return sha256(prefix.encode("ascii")).digest()
