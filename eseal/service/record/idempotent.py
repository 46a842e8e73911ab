"""Writes other than uses under an Idempotency-Key: carried out once, answered the same again.

A use and its key are one transaction (see the sequencer). A company or a change of a seal's status
goes to the ledger in between, so it cannot be. Here the key is reserved first, in a transaction of
its own; then the write is carried out; then its answer is put under the key. A refusal frees the
key again. What remains is one window: a process killed after it carried the write out and before
it kept the answer. Then the key stays reserved, and whoever asks again hears that the outcome is
not known and that they should look. Nothing is ever carried out twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from eseal.errors import ConflictError, IdempotencyConflictError
from eseal.store.repositories.tokens import IdempotencyRepository

if TYPE_CHECKING:
    from collections.abc import Callable

    from eseal.service.instance.context import Context
    from eseal.service.record.sequencer import Idempotency

KEPT = timedelta(hours=48)
"""Keys are for retries, which come within minutes; a weekend's queue is still answered right."""
_RESERVED = ""
"""The outcome of a key whose request is being carried out; every real one is JSON."""


class Idempotent:
    """Carries a write out at most once per key. Safe to call from several threads."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def run(self, idempotency: Idempotency | None, act: Callable[[], str]) -> str:
        """The answer of ``act``, or the one it gave when the key was first used.

        Args:
            idempotency: the key and what was asked for; without one, ``act`` is simply called.
            act: carries the write out and returns its answer as JSON.

        Raises:
            IdempotencyConflictError: the key was used with another request.
            ConflictError: the first request under the key is still being carried out, or was cut
                off in the middle.
            ESealError: whatever ``act`` raises; the key can then be used again.
        """
        if idempotency is None:
            return act()
        known = self._reserve(idempotency)
        if known is not None:
            return known
        try:
            answer = act()
        except BaseException:
            with self._context.database.write() as connection:
                IdempotencyRepository(connection).drop(idempotency.principal, idempotency.key)
            raise
        with self._context.database.write() as connection:
            keys = IdempotencyRepository(connection)
            keys.set_outcome(idempotency.principal, idempotency.key, answer)
        return answer

    def forget_expired(self) -> int:
        """Forget keys that are older than any retry; how many."""
        with self._context.database.write() as connection:
            return IdempotencyRepository(connection).forget_before(self._context.now() - KEPT)

    def _reserve(self, asked: Idempotency) -> str | None:
        """The recorded answer; ``None`` if the key was free and is now reserved."""
        try:
            with self._context.database.write() as connection:
                keys = IdempotencyRepository(connection)
                found = keys.get(asked.principal, asked.key)
                if found is None:
                    keys.add(
                        asked.principal,
                        asked.key,
                        asked.request_hash,
                        _RESERVED,
                        self._context.now(),
                    )
                    return None
        except IntegrityError:  # on PostgreSQL a twin may reserve the key between the two
            raise _unfinished(asked.key) from None
        request_hash, outcome = found
        if request_hash != asked.request_hash:
            raise IdempotencyConflictError(
                f"the Idempotency-Key {asked.key!r} was used before with another request"
            )
        if outcome == _RESERVED:
            raise _unfinished(asked.key)
        return outcome


def _unfinished(key: str) -> ConflictError:
    return ConflictError(
        f"the first request under the Idempotency-Key {key!r} is still being carried out, or was "
        "cut off by a restart: look at what is on record before asking again with another key"
    )
