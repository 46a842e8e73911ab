"""Remembering what can never change: a reader in front of a reader."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar, cast

from eseal.ledger.changes import Change
from eseal.ledger.events import SealStatusChanged, SubjectEvent
from eseal.ledger.facts import (
    Anchor,
    AuthorityKey,
    Block,
    CompanyRegistration,
    Head,
    LogRegistration,
    Period,
    SealRegistration,
    StatusAt,
    Volume,
)
from eseal.ledger.protocol import LedgerReader
from eseal.ledger.reading.delegating import DelegatingReader

CAPACITY = 4_096
"""Answers remembered, of a few hundred bytes each: about a megabyte."""
TTL = 1.0
"""Seconds for which the newest final block is not asked again: no chain of ours is faster."""

T = TypeVar("T")


class CachingReader(DelegatingReader):
    """:class:`~eseal.ledger.protocol.LedgerReader` that asks for a final thing only once.

    Blocks and open volumes do not change while the chain only grows, so they are kept for as long
    as there is room. Whether it only grew is looked at once per ``ttl``, on the newest final block:
    blocks name their predecessors, so if the one known before still stands, all answers do. If a
    re-organisation went deeper than the finality rule says it can, or the node fell back,
    everything is forgotten.

    That something does *not* exist is never remembered. All else can be changed by the next block
    (a stop, a key's end), so it is kept per final block; what is said of past heads, until one is
    disowned. The newest head is always asked for. Safe to use from several threads.
    """

    def __init__(
        self,
        reader: LedgerReader,
        ttl: float = TTL,
        *,
        capacity: int = CAPACITY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Stand in front of ``reader``.

        Args:
            reader: whom to ask.
            ttl: seconds for which the newest final block is not asked again.
            capacity: how many answers to remember; the one unused for longest goes first.
            clock: seconds that never go back.
        """
        super().__init__(reader)
        self._reader = reader
        self._ttl = ttl
        self._capacity = capacity
        self._clock = clock
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, object] = OrderedDict()
        self._final: tuple[float, Block] | None = None
        self._chain = 0

    def final_block(self) -> Block:
        """The newest final block, as it was at most ``ttl`` seconds ago."""
        now = self._clock()
        with self._lock:
            known = self._final
            if known is not None and now - known[0] < self._ttl:
                return known[1]
        block = self._reader.final_block()
        grew = known is None or block == known[1] or self._stands(known[1], block)
        with self._lock:
            if not grew:
                self._answers.clear()
                self._chain += 1
            self._final = (now, block)
        return block

    def _stands(self, before: Block, newest: Block) -> bool:
        """Whether ``before`` is still on the chain whose newest final block is ``newest``."""
        return before.number < newest.number and self._reader.block(before.number) == before

    def block(self, number: int) -> Block | None:
        """The final block at this height, or ``None`` if there is none yet."""
        return self._remember(("block", number), lambda: self._reader.block(number))

    def log(self, log_id: bytes) -> LogRegistration | None:
        """The log with this id, or ``None`` if the contract does not know it."""
        return self._remember_now(("log", log_id), lambda: self._reader.log(log_id))

    def log_of(self, issuer: bytes) -> bytes | None:
        """The id of the issuer's one log, or ``None`` if it has opened none."""
        return self._remember(("log_of", issuer), lambda: self._reader.log_of(issuer))

    def head(self, log_id: bytes) -> Head:
        """The newest accepted head; size 0 and the empty tree's root before the first."""
        return self._reader.head(log_id)

    def root_at(self, log_id: bytes, size: int) -> bytes | None:
        """The accepted root in force at exactly ``size`` leaves, or ``None``."""
        return self._remember_in_epoch(
            "root_at", (log_id, size), lambda: self._reader.root_at(log_id, size)
        )

    def root_in(self, log_id: bytes, epoch: int, size: int) -> bytes | None:
        """The root accepted at just ``size`` leaves in an epoch, in force or not, or ``None``."""
        return self._reader.root_in(log_id, epoch, size)

    def was_disowned(self, log_id: bytes, size: int, root: bytes) -> bool:
        """Whether this head was accepted once and the administrator has disowned it since."""
        answer = self._remember_in_epoch(
            "was_disowned",
            (log_id, size, root),
            lambda: self._reader.was_disowned(log_id, size, root),
        )
        return cast("bool", answer)

    def anchor_at(self, log_id: bytes, size: int) -> Anchor | None:
        """The anchor in force of exactly ``size`` leaves, or ``None``."""
        return self._remember_in_epoch(
            "anchor_at", (log_id, size), lambda: self._reader.anchor_at(log_id, size)
        )

    def anchor_covering(self, log_id: bytes, index: int) -> Anchor | None:
        """The earliest anchor in force whose size is above ``index``, or ``None`` if none yet."""
        return self._remember_in_epoch(
            "anchor_covering", (log_id, index), lambda: self._reader.anchor_covering(log_id, index)
        )

    def anchors(self, log_id: bytes, epoch: int | None = None) -> Sequence[Anchor]:
        """All anchors in force, by size; of an epoch that is over, those in force at its end."""
        return self._reader.anchors(log_id, epoch)

    def issuer_root(self, issuer: bytes, root_hash: bytes) -> Period | None:
        """When a root certificate (SHA-256 of its DER) is the issuer's, or ``None`` if never."""
        return self._remember_now(
            ("issuer_root", issuer, root_hash), lambda: self._reader.issuer_root(issuer, root_hash)
        )

    def authority_key(self, vrf_key: bytes) -> AuthorityKey | None:
        """What the registry knows of a VRF key, or ``None``."""
        return self._remember_now(
            ("authority_key", vrf_key), lambda: self._reader.authority_key(vrf_key)
        )

    def scheme_authority(self, scheme: bytes) -> bytes | None:
        """The id of the authority for a scheme (SHA-256 of its prefix), or ``None``."""
        return self._remember_now(
            ("scheme_authority", scheme), lambda: self._reader.scheme_authority(scheme)
        )

    def company(self, subject: bytes) -> CompanyRegistration | None:
        """The company with this subject, or ``None`` if the registry does not know it."""
        return self._remember_now(("company", subject), lambda: self._reader.company(subject))

    def seal(self, handle: bytes) -> SealRegistration | None:
        """The seal with this handle, or ``None`` if the registry does not know it."""
        return self._remember_now(("seal", handle), lambda: self._reader.seal(handle))

    def volume(self, handle: bytes, number: int) -> Volume | None:
        """A volume of a seal's book, or ``None`` if it is not open."""
        return self._remember(
            ("volume", handle, number), lambda: self._reader.volume(handle, number)
        )

    def stop_hash(self, handle: bytes) -> bytes | None:
        """What the next stop code of a seal hashes to, or ``None`` if its owner set none."""
        return self._reader.stop_hash(handle)

    def status_at(self, handle: bytes, time: int) -> StatusAt:
        """The seal's status at ``time`` (Unix seconds), as of :meth:`final_block`."""
        answer = self._remember_now(
            ("status_at", handle, time), lambda: self._reader.status_at(handle, time)
        )
        return cast("StatusAt", answer)

    def events(self, subject: bytes) -> Sequence[SubjectEvent]:
        """All that happened to a company and its seals, in order of the chain."""
        return self._reader.events(subject)

    def status_changes(self, first: int) -> Sequence[SealStatusChanged]:
        """The changes of every seal's status in final blocks from a height on."""
        return self._reader.status_changes(first)

    def changes(self, first: int) -> Sequence[Change]:
        """What administrators and operators changed in final blocks from a height on."""
        found = self._remember_now(("changes", first), lambda: self._reader.changes(first))
        return found or ()

    def _remember_now(self, key: tuple[object, ...], ask: Callable[[], T | None]) -> T | None:
        """As :meth:`_remember`, for what the next block can change."""
        return self._recall((self.final_block().number, *key), ask)

    def _remember_in_epoch(
        self, name: str, key: tuple[bytes | int, ...], ask: Callable[[], T | None]
    ) -> T | None:
        """The same for what only disowning a head can change; ``key`` begins with the log's id."""
        log = self.log(cast("bytes", key[0]))
        return ask() if log is None else self._remember((name, log.epoch, *key), ask)

    def _remember(self, key: Hashable, ask: Callable[[], T | None]) -> T | None:
        """The answer under ``key``, which is of the chain as it is now; else it is asked for."""
        self.final_block()
        return self._recall(key, ask)

    def _recall(self, key: Hashable, ask: Callable[[], T | None]) -> T | None:
        with self._lock:
            chain = self._chain
            if key in self._answers:
                self._answers.move_to_end(key)
                return cast("T", self._answers[key])
        answer = ask()
        if answer is not None:
            with self._lock:
                if chain == self._chain:  # otherwise it may be about a chain that is no more
                    self._answers[key] = answer
                while len(self._answers) > self._capacity:
                    self._answers.popitem(last=False)
        return answer
