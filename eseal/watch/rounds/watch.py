"""One round of a watch: every check, in order.

Heads are asked for first, events afterwards: a leaf commits to a block that its volume is not
younger than, so of the leaves under a head every volume is known by then. A volume that is new and
not younger than what was read before means reading all again: that is one rule for new seals, new
watch files, and nodes that were behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eseal.errors import BusyError, InvalidProofError, LedgerError
from eseal.monitor.time_budget import shares
from eseal.watch.alarms import AlarmKind, Gathered, Round
from eseal.watch.history.openings import ROUND_SECONDS, HistoryUnreachableError, verify_opening
from eseal.watch.log.reading import LogReading, Patience
from eseal.watch.log.tickets import BookVolume, Tickets
from eseal.watch.rounds.ledger_side import LedgerSide
from eseal.watch.rounds.volumes import OpenBook, Volumes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eseal.ledger.changes import Change
    from eseal.ledger.facts import Head, LogRegistration
    from eseal.ledger.protocol import LedgerReader
    from eseal.monitor.client import LogClient
    from eseal.verify.inputs.trust import Trust
    from eseal.watch.file import WatchFile
    from eseal.watch.history.openings import History
    from eseal.watch.log.state import Found, WatchState
    from eseal.watch.log.tickets import Shelf

    _Head = tuple[LogRegistration, Head, int]

ROSTER_AHEAD = 2
"""Volumes of a roster book behind the newest of which a leaf was found: as many as are open
ahead of a seal's."""
_BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Watched:
    """A company that is watched.

    Attributes:
        file: its watch file.
        histories: who opens its leaves; nobody, if empty.
        digests: SHA-256 of all documents it recognises, or ``None`` if it does not say.
    """

    file: WatchFile
    histories: tuple[History, ...] = ()
    digests: frozenset[bytes] | None = None

    @property
    def handles(self) -> tuple[bytes, ...]:
        """What stands for its books in tags, 32 bytes each."""
        return tuple(one.handle for one in self.file.books)


@dataclass(slots=True)
class Watch:
    """Watches companies at one ledger. Not for several threads at once.

    Attributes:
        ledger: read access to the ledger that counts.
        trust: what should stand there.
        logs: logs and mirrors to read leaves from, in order of preference.
        state: what is remembered.
        shelf: volumes made before.
        patience: how long before waiting is an alarm.
        accepted: names of findings that are known and no alarm any more.
        clock: Unix seconds.
        sleep: waits for so many seconds.
    """

    ledger: LedgerReader
    trust: Trust
    logs: Sequence[LogClient]
    state: WatchState
    shelf: Shelf
    patience: Patience = field(default_factory=Patience)
    accepted: frozenset[str] = frozenset()
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep

    def round(self, companies: Sequence[Watched]) -> Round:
        """Make every check once. What was read is remembered; what was told, by :meth:`tell`.

        Raises:
            CorruptionError: what was remembered is damaged.
            OSError: it cannot be read or written.
        """
        return _Round(self, companies, int(self.clock())).run()

    def told(self, done: Round) -> None:
        """Remember that somebody was told of this round: its events are not told again."""
        names = {one.name for one in done.findings}
        self.state.put_told(names, forget=not done.undecided)
        self.state.commit()


class _Round:
    """One round, and what it has found so far."""

    def __init__(self, watch: Watch, companies: Sequence[Watched], now: int) -> None:
        self._watch = watch
        self._state = watch.state
        self._ledger = watch.ledger
        self._companies = companies
        self._now = now
        self._gathered = Gathered()
        self._reading = LogReading(
            sources=watch.logs,
            ledger=watch.ledger,
            state=watch.state,
            patience=watch.patience,
            gathered=self._gathered,
            now=now,
            sleep=watch.sleep,
        )

    def run(self) -> Round:
        self._state.roll_back()
        try:
            self._check()
        except LedgerError as error:
            self._gathered.undecided.append(str(error))
        parts = shares(time.monotonic() + ROUND_SECONDS, len(self._companies))
        for one in self._companies:
            self._open(one, next(parts))
            self._standing(one)
        return self._result()

    def _check(self) -> None:
        files = [one.file for one in self._companies]
        self._watch.trust.check_ledger(self._ledger)
        heads = self._heads(files)
        since = self._state.get(_BLOCK)
        block = self._ledger.final_block().number
        side = LedgerSide(self._ledger, self._watch.trust, self._gathered)
        books = [
            book for file in files for book in (*side.company(file, since), *self._rosters(file))
        ]
        logs = [head[0].log_id for head in heads.values() if head is not None]
        changes = side.issuers(files, logs, since, self._now)
        self._read(heads, books, changes)
        self._state.put(_BLOCK, max(block, since or 0))  # a node that is behind tells no news

    def _read(
        self,
        heads: Mapping[bytes, _Head | None],
        books: Sequence[OpenBook],
        changes: Sequence[Change],
    ) -> None:
        """Look for the tickets of these books in their issuers' logs."""
        watch = self._watch
        logs = {
            issuer: self._reading.look(*head, changes)
            for issuer, head in heads.items()
            if head is not None
        }
        leaves = {issuer: logs[issuer].leaves if issuer in logs else 0 for issuer in heads}
        volumes = Volumes(
            watch.shelf, self._state, self._gathered, watch.patience.unread, self._now
        )
        made = volumes.settle(books, leaves)
        read = set()
        for issuer, log in logs.items():
            if self._reading.read(log, Tickets(made[issuer], watch.shelf.volume)):
                read.add(issuer)
        volumes.look_ahead(books, leaves, read)
        volumes.remember()

    def _heads(self, files: Sequence[WatchFile]) -> dict[bytes, _Head | None]:
        """Each issuer's log, its head, and a block final since; ``None`` where it has no log."""
        found: dict[bytes, _Head | None] = {}
        for issuer in dict.fromkeys(issuer for file in files for issuer in file.issuers):
            name = self._ledger.log_of(issuer)
            log = None if name is None else self._ledger.log(name)
            found[issuer] = None
            if log is not None:
                head = self._ledger.head(log.log_id)
                found[issuer] = log, head, self._ledger.final_block().number
        return found

    def _rosters(self, file: WatchFile) -> list[OpenBook]:
        """Their volumes are on no ledger: as many as there can be leaves of."""
        return [
            OpenBook(
                file.name,
                roster.issuer,
                roster.book,
                roster.handle,
                [
                    BookVolume(roster.book, roster.handle, number)
                    for number in range(self._state.newest_volume(roster.handle) + 1 + ROSTER_AHEAD)
                ],
            )
            for roster in file.rosters
        ]

    def _open(self, one: Watched, until: float) -> None:
        """Have the histories open what was found and is not opened yet."""
        by_log: dict[bytes, dict[int, Found]] = {}
        for found in self._state.unopened(one.handles):
            by_log.setdefault(found.log_id, {})[found.leaf.index] = found
        parts = shares(until, len(by_log) * len(one.histories))
        for log, waiting in by_log.items():
            if not one.histories:
                self._gathered.undecided.append(
                    f"{len(waiting)} leaves of {one.file.name} were found and nobody opens them: "
                    "give --history"
                )
                continue
            asked = [
                self._ask(one, history, log, waiting, next(parts)) for history in one.histories
            ]
            if not self._is_overdue(one, log, waiting, silent=not all(asked)):
                continue
            for found in waiting.values():
                self._add(
                    AlarmKind.HIDDEN_USE,
                    f"{found.log_id.hex()}-{found.leaf.index}",
                    f"leaf {found.leaf.index} of log {found.log_id.hex()} is of ticket "
                    f"{found.place.volume}/{found.place.position} of {found.place.handle.hex()}, "
                    "and no history shows what was sealed",
                    one,
                )

    def _is_overdue(
        self, one: Watched, log: bytes, waiting: dict[int, Found], *, silent: bool
    ) -> bool:
        """Whether leaves that are not opened are hidden ones.

        A history that fails accuses nobody, but not for ever: else it hides a use by failing at it.
        One that gets on and comes to no end for as long is told of: it may open a leaf a round.
        """
        name = f"unopened-{log.hex()}-{one.file.subjects[0].hex()}"
        if not silent or not waiting:
            self._state.not_waiting(name)
            self._state.not_waiting(f"whole-{name}")
            return not silent
        patience = self._watch.patience.unread
        whole = self._state.waiting(f"whole-{name}", 0, self._now)
        if self._state.waiting(name, min(waiting), self._now) > patience:
            return True
        if whole > patience:
            text = (
                f"no history has come to its end for {whole} seconds at least: {len(waiting)} "
                f"leaves of log {log.hex()} are not opened yet"
            )
            self._add(AlarmKind.LEAVES_LEFT, name, text, one)
        return False

    def _ask(
        self, one: Watched, history: History, log: bytes, waiting: dict[int, Found], until: float
    ) -> bool:
        """Take what a history opens out of ``waiting``; whether it could be asked."""
        if not waiting:
            return True
        certificates = {seal.handle: seal.certificate for seal in one.file.seals}
        try:
            for opening in history.openings(log, min(waiting), max(waiting), until):
                found = waiting.get(opening.index)
                if found is None:
                    continue
                try:
                    opened = verify_opening(opening, found, certificates.get(found.place.handle))
                except InvalidProofError as error:
                    self._add(
                        AlarmKind.WRONG_OPENING,
                        f"{log.hex()}-{opening.index}",
                        f"what {history.name} shows of leaf {opening.index} does not open it: "
                        f"{error}",
                        one,
                    )
                    continue
                self._state.opened(found, opened.record, opened.digest, opened.source)
                del waiting[opening.index]
        except (HistoryUnreachableError, BusyError) as error:
            self._gathered.undecided.append(str(error))
            return False
        return True

    def _standing(self, one: Watched) -> None:
        """What stands about the leaves found, whenever they were."""
        for found in self._state.torn_twice(one.handles):
            self._add(
                AlarmKind.TORN_TWICE,
                found.leaf.tag,
                f"ticket {found.place.volume}/{found.place.position} of "
                f"{found.place.handle.hex()} was torn more than once for different things: leaf "
                f"{found.leaf.index} is one",
                one,
            )
        for found in self._state.gone(one.handles):
            self._add(
                AlarmKind.DISOWNED_USE,
                found.leaf.tag,
                f"leaf {found.leaf.index} was found under a disowned head, and stands under no "
                "other",
                one,
            )
        if one.digests is None:
            return
        for found in self._state.uses(one.handles):
            if found.digest not in one.digests and found.source not in one.digests:
                self._add(
                    AlarmKind.UNRECOGNISED_USE,
                    found.record or "",
                    f"use {found.record} at leaf {found.leaf.index} sealed a document that the "
                    "list of digests does not hold",
                    one,
                )

    def _add(
        self, kind: AlarmKind, key: bytes | str, message: str, one: Watched | None = None
    ) -> None:
        self._gathered.add(kind, key, message, None if one is None else one.file.name)

    def _result(self) -> Round:
        accepted = self._watch.accepted
        findings = [one for one in self._gathered.findings if one.name not in accepted]
        told = self._state.told()
        found, opened = self._state.counts()
        return Round(
            findings=tuple(findings),
            new=tuple(one for one in findings if one.name not in told),
            undecided=tuple(dict.fromkeys(self._gathered.undecided)),
            logs=tuple(self._reading.progress),
            found=found,
            opened=opened,
            time=self._now,
            unmatched=tuple(sorted(accepted - {one.name for one in self._gathered.findings})),
        )
