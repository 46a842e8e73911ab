"""Keys for the rows of one instance, and the sums they make (see ``binding``)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from eseal.keys.kek import KeyEncryptionKey

PREFIX_BYTES: Final = 4
"""Of the key's fingerprint, before each MAC: tells the old key from the new one while both are in
force."""
MAC_BYTES: Final = 32
_MODULUS: Final = 1 << (8 * MAC_BYTES)
_LABEL: Final = b"rows"


@dataclass(frozen=True, slots=True)
class State:
    """What the database says about its binding.

    Attributes:
        instance: the instance's random name, 16 bytes.
        fingerprint: of the key under which rows are written, 8 bytes.
        previous: of the key that is being given up, or ``None``.
        changes: how often this was changed.
    """

    instance: bytes
    fingerprint: bytes
    previous: bytes | None
    changes: int

    def key_of(self, mac: object) -> bytes | None:
        """The fingerprint of the key a MAC was made under; ``None`` if it is not in force."""
        prefix = mac[:PREFIX_BYTES] if isinstance(mac, bytes) else None
        in_force = (self.fingerprint, self.previous)
        return next((f for f in in_force if f is not None and f[:PREFIX_BYTES] == prefix), None)

    def changed(self, fingerprint: bytes, previous: bytes | None) -> State:
        """What it is after a change of keys."""
        return State(self.instance, fingerprint, previous, self.changes + 1)


@dataclass(frozen=True, slots=True)
class Sum:
    """The sum over a counted table.

    Attributes:
        rows: how many rows it has.
        total: the sum of their elements modulo 2**256.
        changes: how often it was changed.
        log_size: leaves of the log it goes with; ``None`` of a table that does not go with it.
    """

    rows: int = 0
    total: int = 0
    changes: int = 0
    log_size: int | None = None

    def plus(self, rows: int, total: int) -> Sum:
        """The sum after rows were added and taken."""
        total = (self.total + total) % _MODULUS
        return replace(self, rows=self.rows + rows, total=total, changes=self.changes + 1)


class RowKey:
    """What one key-encryption key gives the rows of one instance.

    Args:
        kek: the key-encryption key.
        instance: the instance's random name.
    """

    __slots__ = ("_element", "_mac", "_mask", "prefix")

    def __init__(self, kek: KeyEncryptionKey, instance: bytes) -> None:
        self.prefix = kek.fingerprint[:PREFIX_BYTES]
        self._mac = kek.derive(_LABEL, b"mac:" + instance)
        self._element = kek.derive(_LABEL, b"element:" + instance)
        self._mask = kek.derive(_LABEL, b"mask:" + instance)

    def mac(self, content: bytes) -> bytes:
        """The MAC of a row's content (keyed BLAKE2b, RFC 7693), 36 bytes with its prefix."""
        return self.prefix + _hash(content, self._mac)

    def element(self, mac: bytes) -> int:
        """What a row of this MAC adds to its table's sum."""
        return int.from_bytes(_hash(mac, self._element))

    def hide(self, total: int, nonce: bytes) -> bytes:
        """A sum as it is stored: whoever sees many of them learns no row's element."""
        return ((total + self._masked(nonce)) % _MODULUS).to_bytes(MAC_BYTES)

    def reveal(self, hidden: bytes, nonce: bytes) -> int:
        """A sum of its stored form."""
        return (int.from_bytes(hidden) - self._masked(nonce)) % _MODULUS

    def _masked(self, nonce: bytes) -> int:
        return int.from_bytes(_hash(nonce, self._mask))


def _hash(content: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=MAC_BYTES, key=key).digest()
