"""What uses are found by, against the uses."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from eseal.service.audit.log import Tell
from eseal.store.repositories.use_keys import UseKeyRepository, keys_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PRIME = 2**127 - 1
_INDEX_BITS = 63


class KeyAudit:
    """Compares two sets that no memory holds: the keys there should be, and those there are.

    Each is the set of roots of one polynomial; both are evaluated at a random point. Sets that
    differ agree there with a chance of their size in 2**127.
    """

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._point = secrets.randbelow(_PRIME)
        self._expected = 1

    def expect(self, log_index: int, use_id: str, digest: bytes, tag: bytes) -> None:
        """Take note of a use."""
        for key in keys_of(use_id, digest, tag):
            self._expected = self._expected * self._factor(key, log_index) % _PRIME

    def finish(self, connection: Connection) -> None:
        """Compare with the keys there are, when all uses were taken note of."""
        found = 1
        for key, log_index in UseKeyRepository(connection).iterate():
            found = found * self._factor(key, log_index) % _PRIME
        if found != self._expected:
            self._tell("lookup_differs", "uses are not found by what their statements say")

    def _factor(self, key: int, log_index: int) -> int:
        return self._point - ((key << _INDEX_BITS | log_index) % _PRIME)
