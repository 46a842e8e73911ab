"""One round of a monitor: every check, in order.

The log is held against itself: the head it shows must be signed with its key, made of exactly the
leaves it shows, and extend the head it showed before. Then against the ledger: every anchored root
must be the root of exactly so many of these leaves, since a consistency proof does not bind the
size. What cannot be asked is undecided, never an alarm.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from eseal.errors import (
    InvalidCheckpointError,
    LedgerError,
)
from eseal.ledger.changes import disowned_heads
from eseal.log.checkpoint import verify_checkpoint
from eseal.log.rfc9162 import EMPTY_ROOT
from eseal.log.vkey import KeyType, VerifierKey
from eseal.monitor.alarms import Alarm, AlarmError, AlarmKind, Round
from eseal.monitor.anchors import MOST_LEAVES, Anchored, ask_ledger, readable
from eseal.monitor.client import READING_SECONDS, LogUnreachableError
from eseal.monitor.disowned import read_disowned, serves_disowned
from eseal.monitor.registry import Standing, ask_standing, signed_by
from eseal.monitor.replay import Extension
from eseal.monitor.state import MAX_SEEN, Seen, State, Tree
from eseal.monitor.tags import TagIndex
from eseal.monitor.time_budget import shares

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from eseal.ledger.protocol import LedgerReader
    from eseal.log.checkpoint import SignedCheckpoint
    from eseal.monitor.client import LogClient
    from eseal.monitor.state import StateStore

AHEAD_ATTEMPTS = 4
AHEAD_SECONDS = 2.0
"""A log may show its checkpoint a moment after the ledger has it, or through a cache. Only if the
ledger stays ahead is it an alarm."""


class Monitor:
    """Watches one log. Not for several threads at once."""

    def __init__(  # noqa: PLR0913 - what to watch, and how
        self,
        log: LogClient,
        ledger: LedgerReader,
        store: StateStore,
        *,
        stall_after: float,
        keys: Mapping[str, bytes] | None = None,
        issuer: bytes | None = None,
        accepted: frozenset[str] = frozenset(),
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Prepare, without asking anything yet.

        Args:
            log: the log.
            ledger: read access to the ledger that counts.
            store: what was remembered.
            stall_after: seconds leaves may wait for a head on the ledger.
            keys: Ed25519 keys of logs by origin, from a source one trusts more than the ledger.
            issuer: whose log it is, 32 bytes, if the ledger does not tell.
            accepted: names of alarms that are known and none any more.
            clock: Unix seconds.
            sleep: waits for so many seconds.
        """
        self._log = log
        self._ledger = ledger
        self._store = store
        self._stall_after = stall_after
        self._keys = dict(keys or {})
        self._issuer = issuer
        self._accepted = accepted
        self._clock = clock
        self._sleep = sleep

    def round(self) -> Round:
        """Make every check once, and remember what was verified.

        After an alarm about the log's content nothing new is remembered, so that it is raised again
        in every round until a person has looked.

        Raises:
            CorruptionError: what was remembered is damaged.
            OSError: it cannot be read or written.
        """
        return _Round(
            self._log,
            self._ledger,
            self._store,
            self._stall_after,
            self._keys,
            self._issuer,
            self._accepted,
            int(self._clock()),
            self._sleep,
        ).run()


class _Round:
    """One round, and what it has found so far."""

    def __init__(  # noqa: PLR0913, PLR0917 - as above
        self,
        log: LogClient,
        ledger: LedgerReader,
        store: StateStore,
        stall_after: float,
        keys: Mapping[str, bytes],
        issuer: bytes | None,
        accepted: frozenset[str],
        now: int,
        sleep: Callable[[float], object],
    ) -> None:
        self._log = log
        self._ledger = ledger
        self._store = store
        self._stall_after = stall_after
        self._keys = keys
        self._issuer = issuer
        self._accepted = accepted
        self._now = now
        self._sleep = sleep
        self._before = self._state = store.load()
        self._tags = TagIndex(store.tags)
        self._standing: Standing | None = None
        self._shown: SignedCheckpoint | None = None
        self._key: bytes | None = None
        self._anchored: Anchored | None = None
        self._alarms: list[Alarm] = []
        self._undecided: list[str] = []

    def run(self) -> Round:
        try:
            self._check()
        except AlarmError as alarm:
            self._raise(alarm.kind, str(alarm), alarm.held)
        except LogUnreachableError as error:
            self._undecided.append(str(error))
        return self._result()

    def _check(self) -> None:
        shown = self._log.checkpoint()
        origin = shown.checkpoint.origin
        state = self._state
        if state is not None and state.origin != origin:
            raise AlarmError(
                AlarmKind.OTHER_LOG, f"expected the log {state.origin}, got the log {origin}"
            )
        self._standing = standing = self._ask_standing(shown)
        if self._key is None:
            return
        self._shown = shown = self._signed(shown)
        if standing is not None and state is not None and state.epoch != standing.log.epoch:
            self._state = state = None  # heads were disowned: everything is compared anew
        if standing is not None:
            compared = Tree() if state is None else state.compared
            self._anchored = self._ask(standing.log.log_id, compared)
        if self._anchored is not None:
            shown = self._caught_up(self._anchored, shown)
        over = {} if standing is None else disowned_heads(standing.changes, standing.log.log_id)
        parts = shares(time.monotonic() + READING_SECONDS, 1 + len(over))
        grown = self._stall(self._extend(shown, self._key, next(parts)))
        self._tags.keep(grown.epoch, max(grown.newest.size, grown.compared.size))
        if standing is not None:
            grown = self._hold_against(standing, grown)
            trees = [(one, self._over(standing, grown, one, next(parts))) for one in sorted(over)]
            grown = replace(grown, over=tuple(trees))
        self._state = grown = replace(grown, torn=tuple(sorted({*grown.torn, *self._tags.torn})))
        for one, other in grown.torn:
            self._raise(
                AlarmKind.TORN_TWICE,
                f"leaf {other[1]} of epoch {other[0]} shows the tag of leaf {one[1]} of epoch "
                f"{one[0]} and commits to something else",
                evidence=False,
                key=f"{other[0]}-{other[1]}",
            )
        self._store.save(grown)

    def _ask_standing(self, shown: SignedCheckpoint) -> Standing | None:
        """What the ledger says of the log; sets the key that it must sign with."""
        origin, before = shown.checkpoint.origin, self._before
        given = self._keys.get(origin)
        try:
            issuer = None if before is None else before.issuer
            issuer = issuer or self._issuer
            found = ask_standing(self._ledger, shown, issuer)
        except LedgerError as error:
            self._undecided.append(str(error))
            self._key = given or (None if before is None else before.public_key)
            return None
        if found is None:
            raise AlarmError(AlarmKind.UNKNOWN_LOG, f"the ledger does not know the log {origin}")
        if given is not None and given not in [key for _, key in found.log.keys]:
            raise AlarmError(
                AlarmKind.WRONG_KEY,
                f"the ledger says that {origin} signs with another key than the trust file says",
            )
        self._key = found.log.public_key
        return found

    def _signed(self, shown: SignedCheckpoint) -> SignedCheckpoint:
        if self._standing is not None and signed_by(shown, self._standing.log) is not None:
            return shown
        try:
            verify_checkpoint(shown, self._key or b"")
        except InvalidCheckpointError as error:
            self._shown = shown
            raise AlarmError(AlarmKind.WRONG_KEY, str(error)) from None
        return shown

    def _hold_against(self, standing: Standing, grown: State) -> State:
        """Tell what administrators changed."""
        if self._before is not None:
            for kind, text in standing.news(self._before.block):
                self._raise(kind, text, evidence=False)
        return replace(grown, block=standing.block)

    def _over(self, standing: Standing, grown: State, epoch: int, until: float) -> Tree:
        """Look for what was disowned; the tree at the newest of its heads that was read."""
        read = dict(grown.over).get(epoch, Tree())
        try:
            anchors = self._ledger.anchors(standing.log.log_id, epoch)
        except LedgerError as error:
            self._undecided.append(str(error))
            return read
        heads = {one.head.size: one.head for one in anchors}
        within = [heads[size] for size in readable(sorted(heads), 0)]
        size = within[-1].size if within else 0
        if len(within) < len(heads):
            self._far_ahead(epoch, max(heads), size, evidence=False)
        if not within:
            return read
        late, last = False, within[-1]
        if read.size < size:
            read, late = read_disowned(self._log, epoch, within, read, self._tags, until)
            served = read.size == size
        else:
            served = serves_disowned(self._log, epoch, size, last.root)
        if late:
            self._undecided.append(
                f"{read.size} of {size} leaves under the disowned head of epoch {epoch} are read; "
                "the next round reads on"
            )
        elif not served:
            self._raise(
                AlarmKind.DISOWNED_UNSERVED,
                f"the log does not serve the {size} leaves under the head of epoch {epoch} that "
                "was disowned",
                evidence=False,
                key=str(epoch),
            )
        return read

    def _far_ahead(self, epoch: int, size: int, reach: int, *, evidence: bool = True) -> None:
        self._raise(
            AlarmKind.HEAD_FAR_AHEAD,
            f"epoch {epoch} of the log has a head of {size} leaves: expected {MOST_LEAVES} at "
            f"most more than under the head before it; what lies beyond {reach} is not read",
            evidence=evidence,
            key=str(epoch),
        )

    def _ask(self, name: bytes, compared: Tree) -> Anchored | None:
        if self._undecided:
            return None  # it did not answer a moment ago
        try:
            anchored = ask_ledger(self._ledger, name, compared)
        except LedgerError as error:
            self._undecided.append(str(error))
            return None
        if not anchored.kept:
            raise AlarmError(
                AlarmKind.LEDGER_REWRITTEN,
                f"the ledger no longer holds the head of {compared.size} leaves it held before",
                None if self._state is None else self._state.note,
            )
        return anchored

    def _caught_up(self, anchored: Anchored, shown: SignedCheckpoint) -> SignedCheckpoint:
        """The log's head once it has had time to show what the ledger holds."""
        for _ in range(AHEAD_ATTEMPTS - 1):
            if shown.checkpoint.size >= anchored.head.size:
                return shown
            self._sleep(AHEAD_SECONDS)
            shown = self._signed(self._log.checkpoint())
            self._shown = shown
        if shown.checkpoint.size < anchored.head.size:
            self._raise(
                AlarmKind.LEDGER_AHEAD,
                f"the ledger holds a head of {anchored.head.size} leaves, "
                f"the log shows only {shown.checkpoint.size}",
                None if self._state is None else self._state.note,
            )
        return shown

    def _extend(self, shown: SignedCheckpoint, key: bytes, until: float) -> State:
        """Rebuild the head from exactly its leaves, and compare every root on the ledger."""
        epoch = 0 if self._before is None else self._before.epoch
        if self._standing is not None:
            epoch = self._standing.log.epoch
        extension = Extension(self._log, self._state, self._tags, epoch, until)
        anchors = () if self._anchored is None else self._anchored.anchors
        try:
            newest, compared, note = extension.extend(shown, anchors)
        finally:
            self._undecided += extension.undecided
        if extension.beyond is not None:
            self._far_ahead(epoch, shown.checkpoint.size, extension.beyond)
        return self._grown(newest, note, compared, key)

    def _grown(self, newest: Tree, shown: SignedCheckpoint, compared: Tree, key: bytes) -> State:
        """What is known now, with all that does not come from the log's leaves as it was."""
        before, log = self._before, None if self._standing is None else self._standing.log
        if before is None:
            before = State(newest, shown, compared, key, None)
        if log is not None:
            before = replace(before, issuer=log.issuer, epoch=log.epoch)
        return replace(before, newest=newest, note=shown, compared=compared, public_key=key)

    def _stall(self, state: State) -> State:
        """Note which sizes wait for an anchor, and since when; alarm if one waits too long."""
        if self._anchored is None:
            return state
        anchored, size = self._anchored.head.size, state.newest.size
        seen = [one for one in state.seen if one.size > anchored]
        newer = size > (seen[-1].size if seen else anchored)
        if newer and len(seen) < MAX_SEEN:
            seen.append(Seen(size, self._now))
        if seen and self._now - seen[0].time > self._stall_after:
            self._raise(
                AlarmKind.ANCHOR_STALLED,
                f"leaves {anchored} to {seen[0].size - 1} have waited for a head on the ledger "
                f"for {self._now - seen[0].time} seconds at least",
                evidence=False,
            )
        return replace(state, seen=tuple(seen))

    def _raise(
        self,
        kind: AlarmKind,
        message: str,
        held: SignedCheckpoint | None = None,
        *,
        evidence: bool = True,
        key: str = "",
    ) -> None:
        files: Iterable[str] = ()
        if evidence and self._shown is not None:
            files = self._store.keep_evidence(kind, self._shown, held, message)
        self._alarms.append(Alarm(kind, message, tuple(files), key))

    def _result(self) -> Round:
        state, shown = self._state, self._shown
        if state is not None:
            origin: str | None = state.origin
        else:
            origin = None if shown is None else shown.checkpoint.origin
        key = self._key
        known = origin is not None and key is not None
        return Round(
            alarms=tuple(one for one in self._alarms if one.name not in self._accepted),
            undecided=tuple(self._undecided),
            origin=origin,
            size=0 if state is None else state.newest.size,
            root=EMPTY_ROOT if state is None else state.newest.root,
            anchored=None if self._anchored is None else self._anchored.head.size,
            compared=0 if state is None else state.compared.size,
            log_key=str(VerifierKey(origin or "", KeyType.NOTE, key or b"")) if known else None,
            time=self._now,
            unmatched=tuple(sorted(self._accepted - {one.name for one in self._alarms})),
        )
