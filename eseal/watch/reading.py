"""Reading what is new of a log, or all of it, and remembering what is ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eseal.ledger.changes import disowned_heads
from eseal.log.checkpoint import log_id
from eseal.log.compact import RootBuilder
from eseal.monitor.client import LeavesMissingError, LogUnreachableError
from eseal.monitor.disowned import begins_with
from eseal.monitor.registry import signed_by
from eseal.watch.alarms import AlarmKind, Gathered, LogProgress
from eseal.watch.leaves import BadLeavesError, Hit, scan
from eseal.watch.state import ReadLog
from eseal.watch.tickets import Tickets

if TYPE_CHECKING:
    from eseal.ledger.changes import Change
    from eseal.ledger.protocol import Head, LedgerReader, LogRegistration
    from eseal.log.checkpoint import SignedCheckpoint
    from eseal.monitor.client import LogClient
    from eseal.watch.state import WatchState
    from eseal.watch.tickets import BookVolume, Shelf

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


@dataclass(frozen=True)
class AnchoredLog:
    """A log as the ledger has it, and the books whose tickets are looked for in it.

    Attributes:
        registration: it.
        head: its newest head.
        block: height of a block that is final, asked for after the head.
        volumes: whose tickets to look for.
        shelf: where they lie.
    """

    registration: LogRegistration
    head: Head
    block: int
    volumes: Sequence[BookVolume]
    shelf: Shelf

    @property
    def name(self) -> bytes:
        """Its id, 32 bytes."""
        return self.registration.log_id

    @property
    def tickets(self) -> Tickets:
        """The tickets of all volumes."""
        return Tickets(self.volumes, self.shelf.volume)


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

    def read(self, log: AnchoredLog, changes: Sequence[Change]) -> bool:
        """Read up to the ledger's head; remembered when this returns.

        Args:
            log: which.
            changes: what administrators changed, all of it.

        Returns:
            Whether all leaves under that head, and under those that were disowned, were read.

        Raises:
            LedgerUnreachableError: the ledger cannot be asked.
        """
        before = self.state.log(log.name)
        if before is not None and not self._stands(log, before):
            self.state.commit()
            return False
        start = None if before is None else self._carry_on(log, before)
        if start is None or start.builder.size < log.head.size:
            read = self._try_sources(log, start)
            if read is not None:
                self.state.put_log(log.name, read)
                self.state.put_volumes(log.name, ((one.handle, one.number) for one in log.volumes))
                if start is None:
                    self.state.drop(_disowned(log.name, ""))
                start = read
        else:
            self.state.not_waiting(_unread(log.name))
        size = 0 if start is None else start.builder.size
        self.progress.append(LogProgress(log.name, size, log.head.size))
        whole = self._read_disowned(log, changes)
        self._look_at_heads(log)
        self.state.commit()
        return whole and size == log.head.size

    def _stands(self, log: AnchoredLog, before: ReadLog) -> bool:
        """Whether the ledger still holds the head that was read before, if none was disowned."""
        if before.epoch != log.registration.epoch:
            return True
        size, behind = before.builder.size, f"behind-{log.name.hex()}"
        if log.head.size < size:
            self.gathered.undecided.append(
                f"the ledger node is behind: it knows a head of {log.head.size} leaves, a head of "
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

    def _carry_on(self, log: AnchoredLog, before: ReadLog) -> ReadLog | None:
        """Where to go on reading; ``None``: from the beginning."""
        if before.epoch != log.registration.epoch:
            return None
        known = self.state.volumes(log.name)
        for one in log.volumes:
            late = one.block is None or one.block <= before.block
            if late and (one.handle, one.number) not in known:
                return None
        return before

    def _try_sources(self, log: AnchoredLog, start: ReadLog | None) -> ReadLog | None:
        """Read from the first source whose leaves make the head on the ledger."""
        if log.head.size == 0:
            return ReadLog(log.registration.epoch, RootBuilder(), log.block)
        withheld = False
        for source in self.sources:
            try:
                if self._show(log, source) is None:
                    continue
                builder, hits = self._scan(log, source, start)
            except LeavesMissingError as error:
                withheld = True
                self.gathered.undecided.append(str(error))
            except LogUnreachableError as error:
                self.gathered.undecided.append(str(error))
            except BadLeavesError as error:
                text = f"{source.name} does not show the leaves under the ledger's head: {error}"
                self._add(AlarmKind.WRONG_LEAVES, f"{log.name.hex()}-{source.name}", text)
            else:
                self.state.put_found(log.name, log.registration.epoch, hits)
                self.state.not_waiting(_unread(log.name))
                return ReadLog(log.registration.epoch, builder, log.block)
        self._unreadable(log, withheld=withheld)
        return None

    def _scan(
        self, log: AnchoredLog, source: LogClient, start: ReadLog | None
    ) -> tuple[RootBuilder, list[Hit]]:
        """Read from one source; once more where it seems to lag behind the ledger."""
        try:
            return self._scan_once(log, source, start)
        except LeavesMissingError:
            self.sleep(LAG_SECONDS)
            return self._scan_once(log, source, start)

    def _scan_once(
        self, log: AnchoredLog, source: LogClient, start: ReadLog | None
    ) -> tuple[RootBuilder, list[Hit]]:
        builder = RootBuilder()
        if start is not None:
            builder = RootBuilder.resume(start.builder.size, start.builder.peaks)
        hits = scan(source, builder, log.head.size, log.tickets)
        if builder.root() != log.head.root:
            raise BadLeavesError(
                f"{log.head.size} leaves make the root {builder.root().hex()}, the ledger has "
                f"{log.head.root.hex()}"
            )
        return builder, hits

    def _unreadable(self, log: AnchoredLog, *, withheld: bool) -> None:
        seconds = self.state.waiting(_unread(log.name), 0, self.now)
        if withheld or seconds > self.patience.unread:
            self._add(
                AlarmKind.LEAVES_WITHHELD,
                log.name,
                f"leaves under the head of {log.head.size} leaves of log {log.name.hex()} can be "
                f"read nowhere, for {seconds} seconds at least",
            )
        else:
            self.gathered.undecided.append(
                f"no --log or --mirror shows the log {log.name.hex()}, in which the seals' uses "
                "are recorded"
            )

    def _read_disowned(self, log: AnchoredLog, changes: Sequence[Change]) -> bool:
        """Leaves under disowned heads stay served: by the log itself, or below ``epoch/<n>``."""
        whole = True
        for epoch, size in disowned_heads(changes, log.name).items():
            flag = _disowned(log.name, str(epoch))
            if epoch >= log.registration.epoch or self.state.get(flag) is not None:
                continue
            root = self.ledger.root_in(log.name, epoch, size)
            if any(self._reads_disowned(log, source, epoch, size, root) for source in self.sources):
                self.state.put(flag, size)
                continue
            whole = False
            self._add(
                AlarmKind.LEAVES_WITHHELD,
                f"{log.name.hex()}-{epoch}",
                f"the {size} leaves under the disowned head of epoch {epoch} of log "
                f"{log.name.hex()} can be read nowhere: whether uses are among them cannot be told",
            )
        return whole

    def _reads_disowned(
        self, log: AnchoredLog, source: LogClient, epoch: int, size: int, root: bytes | None
    ) -> bool:
        """Read them where they are said to be; tiles alone could be of other leaves than these."""
        try:
            if self._show(log, source) is None:
                return False
        except LogUnreachableError:
            return False
        below = source.below(f"epoch/{epoch}")
        places = (source, below) if begins_with(source, size, root) else (below,)
        return any(self._scan_disowned(log, place, epoch, size, root) for place in places)

    def _scan_disowned(
        self, log: AnchoredLog, place: LogClient, epoch: int, size: int, root: bytes | None
    ) -> bool:
        builder = RootBuilder()
        try:
            hits = scan(place, builder, size, log.tickets)
        except (LogUnreachableError, BadLeavesError):
            return False
        if builder.root() != root:
            return False
        self.state.put_found(log.name, epoch, hits)
        return True

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
            if size <= log.head.size:
                self.state.not_waiting(waits)
                continue
            seconds = self.state.waiting(waits, log.head.size, self.now)
            if seconds > self.patience.stall:
                self._add(
                    AlarmKind.HEAD_STALLED,
                    log.name,
                    f"{source.name} shows {size} leaves, the ledger has had a head of "
                    f"{log.head.size} for {seconds} seconds at least",
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


def _disowned(name: bytes, epoch: str) -> str:
    return f"disowned-{name.hex()}-{epoch}"
