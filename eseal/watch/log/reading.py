"""Reading what is new of a log, or all of it, and remembering what is ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eseal.errors import LedgerUnreachableError
from eseal.ledger.changes import disowned_heads
from eseal.log.checkpoint import log_id
from eseal.log.compact_range import RootBuilder
from eseal.monitor.anchors import MOST_LEAVES, anchors_since, readable
from eseal.monitor.client import READING_SECONDS, LeavesMissingError, LogUnreachableError
from eseal.monitor.disowned import begins_with
from eseal.monitor.registry import signed_by
from eseal.monitor.time_budget import shares
from eseal.watch.alarms import AlarmKind, Gathered, LogProgress
from eseal.watch.log.heads import AnchoredLog, Heads
from eseal.watch.log.leaves import BadLeavesError, Scan
from eseal.watch.log.state import ReadLog

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eseal.ledger.changes import Change
    from eseal.ledger.facts import Head, LogRegistration
    from eseal.ledger.protocol import LedgerReader
    from eseal.log.checkpoint import SignedCheckpoint
    from eseal.monitor.client import LogClient
    from eseal.watch.log.leaves import Hit
    from eseal.watch.log.state import WatchState
    from eseal.watch.log.tickets import Tickets

LAG_SECONDS = 2.0
"""A log may show its leaves a moment after the ledger has their head, or through a cache."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long, in seconds, before waiting is an alarm.

    Attributes:
        stall: leaves a log shows may wait for a head on the ledger.
        unread: leaves under such a head may be unreadable, no history to be asked may open them, a
            node may be behind, or volumes may wait to be made.
    """

    stall: float = 900.0
    unread: float = 3600.0


@dataclass(slots=True)
class LogReading:
    """Reads logs in one round. Findings go where :class:`Gathered` keeps them.

    Attributes:
        sources: logs and mirrors, in order of preference.
        ledger: read access to the ledger.
        state: what is remembered.
        patience: how long before waiting is an alarm.
        gathered: what the round has found.
        now: Unix seconds.
        sleep: waits for so many seconds.
        progress: how far each log was read.
    """

    sources: Sequence[LogClient]
    ledger: LedgerReader
    state: WatchState
    patience: Patience
    gathered: Gathered
    now: int
    sleep: Callable[[float], object]
    progress: list[LogProgress] = field(default_factory=list)
    _shown: dict[int, SignedCheckpoint | LogUnreachableError] = field(default_factory=dict)

    def look(
        self, registration: LogRegistration, head: Head, block: int, changes: Sequence[Change]
    ) -> AnchoredLog:
        """Which heads there are to read; those far ahead are an alarm, and none of them.

        Args:
            registration: the log.
            head: its newest head.
            block: height of a block that is final, asked for after the head.
            changes: what administrators changed, all of it.

        Raises:
            LedgerUnreachableError: the ledger cannot be asked, or contradicts itself.
        """
        name, epoch = registration.log_id, registration.epoch
        over = [
            self._heads(name, one, size)
            for one, size in disowned_heads(changes, name).items()
            if one < epoch
        ]
        return AnchoredLog(registration, block, self._heads(name, epoch, head.size, now=True), over)

    def read(self, log: AnchoredLog, tickets: Tickets) -> bool:
        """Read on from where it was read to, while there is time; remembered as it goes on.

        Args:
            log: which.
            tickets: what to look for.

        Returns:
            Whether all leaves under its heads, and under those that were disowned, were read.

        Raises:
            LedgerUnreachableError: the ledger cannot be asked.
        """
        before = self.state.log(log.name, log.registration.epoch)
        if before is not None and not self._stands(log, before):
            self.state.commit()
            return False
        log = self._begin(log, tickets)
        parts = shares(time.monotonic() + READING_SECONDS, 1 + len(log.over))
        whole = self._read_on(log, tickets, next(parts))
        size = self._read_up_to(log, log.now)
        self.progress.append(LogProgress(log.name, size, log.now.last))
        for heads in log.over:
            whole &= self._read_disowned(log, heads, tickets, next(parts))
        self._look_at_heads(log)
        self.state.commit()
        return whole

    def _heads(self, name: bytes, epoch: int, last: int, *, now: bool = False) -> Heads:
        before = self.state.log(name, epoch)
        size = 0 if before is None else before.builder.size
        if size >= last:
            return Heads(epoch, (), size, last)
        if now:
            anchors = anchors_since(self.ledger, name, size, last)
        else:
            anchors = self.ledger.anchors(name, epoch)
        heads = {one.head.size: one.head for one in anchors if size < one.head.size <= last}
        if last not in heads:
            raise LedgerUnreachableError(
                f"the ledger node contradicts itself: no anchor of the head of {last} leaves"
            )
        sizes = list(readable(sorted(heads), size))
        reach = sizes[-1] if sizes else size
        if reach < last:
            self._add(
                AlarmKind.HEAD_FAR_AHEAD,
                f"{name.hex()}-{epoch}",
                f"epoch {epoch} of log {name.hex()} has a head of {last} leaves: expected "
                f"{MOST_LEAVES} at most more than under the head before it; what lies beyond "
                f"{reach} is not read",
            )
        return Heads(epoch, [heads[one] for one in sizes], reach, last)

    def _stands(self, log: AnchoredLog, before: ReadLog) -> bool:
        """Whether the ledger still holds the head that was read before."""
        size, behind = before.builder.size, f"behind-{log.name.hex()}"
        if log.now.last < size:
            self.gathered.undecided.append(
                f"the ledger node is behind: it knows a head of {log.now.last} leaves, a head of "
                f"{size} was on the ledger before"
            )
            if self.state.waiting(behind, 0, self.now) <= self.patience.unread:
                return False
        else:
            self.state.not_waiting(behind)
            if size == 0 or self.ledger.root_at(log.name, size) == before.builder.root():
                return True
        self._add(
            AlarmKind.LEDGER_REWRITTEN,
            log.name,
            f"the ledger no longer holds the head of {size} leaves with the root "
            f"{before.builder.root().hex()} that it held",
        )
        return False

    def _begin(self, log: AnchoredLog, tickets: Tickets) -> AnchoredLog:
        """The log, from its beginning where a volume has turned up late."""
        read, name = self.state.logs(log.name), log.name
        if not read:
            self.state.put_log(name, ReadLog(log.now.epoch, RootBuilder(), -1, whole=False))
            return log
        known = self.state.volumes(name)
        block = max(one.block for one in read)
        late = any(
            (one.block is None or one.block <= block) and (one.handle, one.number) not in known
            for one in tickets.volumes
        )
        if not late:
            return log
        for one in read:
            self.state.put_log(name, ReadLog(one.epoch, RootBuilder(), one.block, whole=False))
        self._remember_volumes(name, tickets)
        over = [self._heads(name, one.epoch, one.last) for one in log.over]
        now = self._heads(name, log.now.epoch, log.now.last, now=True)
        return AnchoredLog(log.registration, log.block, now, over)

    def _remember_volumes(self, name: bytes, tickets: Tickets) -> None:
        self.state.put_volumes(name, ((one.handle, one.number) for one in tickets.volumes))

    def _read_up_to(self, log: AnchoredLog, heads: Heads) -> int:
        before = self.state.log(log.name, heads.epoch)
        return 0 if before is None else before.builder.size

    def _scan(
        self, log: AnchoredLog, heads: Heads, place: LogClient, tickets: Tickets, until: float
    ) -> None:
        """Read on from the newest head that was reached, and remember each that is reached now.

        Raises:
            LogUnreachableError, BadLeavesError, OSError: as :meth:`Scan.read`.
        """
        name, epoch = log.name, heads.epoch
        before = self.state.log(name, epoch) or ReadLog(epoch, RootBuilder(), -1, whole=False)

        def keep(tree: RootBuilder, hits: list[Hit]) -> None:
            whole = before.whole or tree.size == heads.size
            self.state.put_found(name, epoch, hits)
            self.state.put_log(name, ReadLog(epoch, tree, log.block, whole))
            self._remember_volumes(name, tickets)
            self.state.commit()

        ahead = [head for head in heads.heads if head.size > before.builder.size]
        Scan(before.builder, ahead, tickets, keep).read(place, until)

    def _read_on(self, log: AnchoredLog, tickets: Tickets, until: float) -> bool:
        """Read from one source after the other; whether all is read."""
        heads, withheld, parts = log.now, False, shares(until, len(self.sources))
        start = self._read_up_to(log, heads)
        if heads.size == 0:
            self.state.put_log(log.name, ReadLog(heads.epoch, RootBuilder(), log.block, whole=True))
            self._remember_volumes(log.name, tickets)
        for source in self.sources:
            part = next(parts)
            if self._read_up_to(log, heads) >= heads.size:
                break
            try:
                if self._show(log, source) is not None:
                    self._scan_lagging(log, source, tickets, part)
            except LeavesMissingError as error:
                withheld = True
                self.gathered.undecided.append(str(error))
            except LogUnreachableError as error:
                self.gathered.undecided.append(str(error))
            except BadLeavesError as error:
                text = f"{source.name} does not show the leaves under the ledger's head: {error}"
                self._add(AlarmKind.WRONG_LEAVES, f"{log.name.hex()}-{source.name}", text)
        size = self._read_up_to(log, heads)
        if size >= heads.size:
            self.state.not_waiting(_unread(log.name))
            return True
        self._unread(log, withheld=withheld, read=size - start)
        return False

    def _scan_lagging(
        self, log: AnchoredLog, source: LogClient, tickets: Tickets, until: float
    ) -> None:
        """Read from one source; once more where it seems to lag behind the ledger."""
        try:
            self._scan(log, log.now, source, tickets, until)
        except LeavesMissingError:
            self.sleep(LAG_SECONDS)
            self._scan(log, log.now, source, tickets, until)

    def _unread(self, log: AnchoredLog, *, withheld: bool, read: int) -> None:
        seconds = self.state.waiting(_unread(log.name), 0, self.now)
        late = seconds > self.patience.unread
        if not withheld and read:
            text = f"log {log.name.hex()} is not read yet up to its head of {log.now.last} leaves"
            self.gathered.undecided.append(f"{text}; the next round reads on")
            if late:
                text = f"{text}, for {seconds} seconds at least"
                self._add(AlarmKind.LEAVES_LEFT, log.name, text)
        elif withheld or late:
            self._add(
                AlarmKind.LEAVES_WITHHELD,
                log.name,
                f"leaves under the head of {log.now.size} leaves of log {log.name.hex()} can be "
                f"read nowhere, for {seconds} seconds at least",
            )
        else:
            self.gathered.undecided.append(
                f"no --log or --mirror shows the log {log.name.hex()}, in which the seals' uses "
                "are recorded"
            )

    def _read_disowned(
        self, log: AnchoredLog, heads: Heads, tickets: Tickets, until: float
    ) -> bool:
        """Leaves under disowned heads stay served: by the log itself, or below ``epoch/<n>``."""
        start, late = self._read_up_to(log, heads), False
        parts = shares(until, 2 * len(self.sources))
        for place in self._places(log, heads):
            try:
                self._scan(log, heads, place, tickets, next(parts))
                late = True  # if anything is left
            except (LogUnreachableError, BadLeavesError):
                continue
        size = self._read_up_to(log, heads)
        if size >= heads.size:
            return True
        if late and size > start:
            self.gathered.undecided.append(
                f"the disowned heads of epoch {heads.epoch} of log {log.name.hex()} are not read "
                "yet; the next round reads on"
            )
            return False
        self._add(
            AlarmKind.LEAVES_WITHHELD,
            f"{log.name.hex()}-{heads.epoch}",
            f"the {heads.size} leaves under the disowned head of epoch {heads.epoch} of log "
            f"{log.name.hex()} can be read nowhere: whether uses are among them cannot be told",
        )
        return False

    def _places(self, log: AnchoredLog, heads: Heads) -> Iterator[LogClient]:
        """Where they are said to be; tiles alone could be of other leaves than these."""
        for source in self.sources:
            if self._read_up_to(log, heads) >= heads.size:
                return
            try:
                if self._show(log, source) is None:
                    continue
            except LogUnreachableError:
                continue
            if begins_with(source, heads.size, heads.heads[-1].root):
                yield source
            yield source.below(f"epoch/{heads.epoch}")

    def _look_at_heads(self, log: AnchoredLog) -> None:
        """Whether leaves the log shows have waited too long for the ledger."""
        for source in self.sources:
            try:
                shown = self._show(log, source)
            except LogUnreachableError:
                continue
            if shown is None or signed_by(shown, log.registration) is None:
                continue  # a size that the log has not signed is anybody's word
            waits = f"stall-{log.name.hex()}-{source.name}"
            size = shown.checkpoint.size
            if size <= log.now.last:
                self.state.not_waiting(waits)
                continue
            seconds = self.state.waiting(waits, log.now.last, self.now)
            if seconds > self.patience.stall:
                self._add(
                    AlarmKind.HEAD_STALLED,
                    log.name,
                    f"{source.name} shows {size} leaves, the ledger has had a head of "
                    f"{log.now.last} for {seconds} seconds at least",
                )

    def _show(self, log: AnchoredLog, source: LogClient) -> SignedCheckpoint | None:
        """The checkpoint a source shows, if it is of this log; asked once a round.

        Raises:
            LogUnreachableError: it shows none.
        """
        known = self._shown.get(id(source))
        if known is None:
            try:
                known = source.checkpoint()
            except LogUnreachableError as error:
                known = error
            self._shown[id(source)] = known
        if isinstance(known, LogUnreachableError):
            raise known
        origin = known.checkpoint.origin
        return known if log_id(log.registration.issuer, origin) == log.name else None

    def _add(self, kind: AlarmKind, key: bytes | str, message: str) -> None:
        self.gathered.add(kind, key, message, None)


def _unread(name: bytes) -> str:
    return f"unread-{name.hex()}"
