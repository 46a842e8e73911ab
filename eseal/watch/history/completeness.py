"""Whether a list of uses that was handed over for a period is complete, by ledger and public log.

Nothing of the file is believed. Its tickets make the roots on the ledger, or are not all there; its
records give what the leaves commit to, signed by the seal. That it is the issuer's list and
nobody else's, the signature of the issuer's log says: else anybody could cut a record out of it and
accuse the issuer.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from eseal.errors import BusyError, InvalidProofError, LedgerError, LedgerUnreachableError
from eseal.ledger.changes import ChangeKind
from eseal.ledger.facts import Head
from eseal.log.compact_range import RootBuilder
from eseal.log.rfc9162 import EMPTY_ROOT
from eseal.model.statement import format_time
from eseal.monitor.anchors import readable
from eseal.watch.alarms import ALARM, ALL_WELL, UNDECIDED, AlarmKind, Finding, Gathered
from eseal.watch.history.openings import verify_opening
from eseal.watch.history.period import tickets_of, volumes_before
from eseal.watch.log.leaves import BadLeavesError, Hit, search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eseal.ledger.facts import LogRegistration
    from eseal.ledger.protocol import LedgerReader
    from eseal.monitor.client import LogClient
    from eseal.verify.inputs.trust import Trust
    from eseal.watch.history.openings import Opened
    from eseal.watch.history.period import PeriodTickets
    from eseal.watch.log.tickets import Tickets

MOST_NAMED = 16
"""Numbers of volumes in one sentence."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """What was found.

    Attributes:
        period: the list and its tickets.
        findings: what is wrong, by what is signed or on the ledger.
        undecided: what could not be checked, in sentences.
        head: up to which the leaves were read, or ``None`` if they were not.
        found: leaves of the period that tore a ticket of these volumes.
        opened: what the list opens of them, by the leaf's index.
        outside: such leaves before and after the period.
    """

    period: PeriodTickets
    findings: tuple[Finding, ...]
    undecided: tuple[str, ...]
    head: Head | None
    found: int
    opened: dict[int, Opened]
    outside: int

    @property
    def exit_code(self) -> int:
        """0 complete, 1 it is not, 3 something could not be checked."""
        if self.findings:
            return ALARM
        return UNDECIDED if self.undecided else ALL_WELL

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "complete": self.exit_code == ALL_WELL,
            "seal": self.period.handle.hex(),
            "order": self.period.order,
            "since": format_time(self.period.since),
            "until": format_time(self.period.until),
            "volumes": [one.number for one in self.period.volumes],
            "findings": [one.to_dict() for one in self.findings],
            "undecided": list(self.undecided),
            "read": None if self.head is None else self.head.size,
            "found": self.found,
            "opened": [
                {
                    "log_index": index,
                    "record": one.record,
                    "digest": None if one.digest is None else one.digest.hex(),
                }
                for index, one in sorted(self.opened.items())
            ],
            "outside": self.outside,
        }


def check_completeness(
    period: PeriodTickets, *, ledger: LedgerReader, trust: Trust, log: LogClient
) -> Completeness:
    """Find every leaf that tore one of these tickets, and see whether the list opens it.

    Args:
        period: as it was handed over.
        ledger: read access to the ledger that counts.
        trust: which that is.
        log: the issuer's log, or a mirror: it is believed as far as it makes the ledger's head.

    Raises:
        InvalidProofError: the issuer's log has not signed this list.
    """
    check = _Check(period, ledger, log)
    try:
        trust.check_ledger(ledger)
        check.run()
    except LedgerError as error:
        check.gathered.undecided.append(str(error))
    return check.result()


@dataclass
class _Check:
    period: PeriodTickets
    ledger: LedgerReader
    log: LogClient
    gathered: Gathered = field(default_factory=Gathered)
    head: Head | None = None
    found: list[Hit] = field(default_factory=list)
    opened: dict[int, Opened] = field(default_factory=dict)
    outside: int = 0
    missing: bool = False

    def run(self) -> None:
        registration = self._registration()
        self._signature(registration)
        if not self._is_known():
            return
        self._over()
        head = self._head(registration.log_id)
        self._not_disowned(registration)
        tickets = self._tickets()
        hits = None if tickets is None else self._hits(head, tickets)
        if hits is None:
            return
        self.head = head
        self._torn_twice(hits)
        first, end = (self._place(registration, hits, each) for each in self._bounds)
        self.found, self.outside = hits[first:end], len(hits) - (end - first)
        self._open(registration)

    def result(self) -> Completeness:
        return Completeness(
            self.period,
            self.gathered.findings,
            tuple(dict.fromkeys(self.gathered.undecided)),
            self.head,
            len(self.found),
            self.opened,
            self.outside,
        )

    @property
    def _bounds(self) -> tuple[int, int]:
        return int(self.period.since.timestamp()), int(self.period.until.timestamp())

    def _registration(self) -> LogRegistration:
        name = self.ledger.log_of(self.period.issuer)
        registration = None if name is None else self.ledger.log(name)
        if registration is None:
            raise LedgerUnreachableError(
                f"the ledger knows no log of the issuer {self.period.issuer.hex()}"
            )
        return registration

    def _signature(self, registration: LogRegistration) -> None:
        """By the log's newest key alone: one that was followed may have been stolen before."""
        key = Ed25519PublicKey.from_public_bytes(registration.public_key)
        try:
            key.verify(self.period.signature, self.period.message)
        except InvalidSignature:
            raise InvalidProofError(
                "tickets: expected the signature of the issuer's log, got another: this may be "
                "anybody's list; ask the issuer for a new one"
            ) from None

    def _is_known(self) -> bool:
        seal = self.ledger.seal(self.period.handle)
        if seal is None:
            self._undecided("the ledger does not know this seal")
        elif (seal.issuer, seal.depth) != (self.period.issuer, self.period.depth):
            self._add(
                AlarmKind.SEAL_DIFFERS,
                self.period.handle,
                "the ledger has this seal with another issuer or depth",
            )
        else:
            return True
        return False

    def _over(self) -> None:
        """Whether the ledger can say by now what is of the period: before its head is asked for.

        A head that came between would be of the period, and its leaves not read.
        """
        until = self._bounds[1]
        final = self.ledger.final_block().timestamp
        if final < until:
            self._undecided(
                f"the ledger's newest final block is of {_at(final)}, before the end of the "
                "period: ask again"
            )

    def _head(self, name: bytes) -> Head:
        """The newest head, of those that are not far ahead: no leaf beyond it is read."""
        head = self.ledger.head(name)
        anchors = {one.head.size: one for one in self.ledger.anchors(name)}
        if head.size and head.size not in anchors:
            raise LedgerUnreachableError("the ledger node contradicts itself: no anchor of a head")
        sizes = sorted(anchors)
        within = list(readable(sizes, 0))
        if len(within) < len(sizes):
            beyond = anchors[sizes[len(within)]]
            if beyond.block.timestamp < self._bounds[1]:
                self._undecided(
                    f"the log has a head of {beyond.head.size} leaves, far beyond the one before: "
                    "its leaves are not read"
                )
        return anchors[within[-1]].head if within else Head(0, EMPTY_ROOT)

    def _not_disowned(self, registration: LogRegistration) -> None:
        """Whether the head is of all leaves of the period: after it is asked for, likewise."""
        since = self._bounds[0]
        if any(
            change.kind is ChangeKind.HEAD_DISOWNED
            and change.log_id == registration.log_id
            and change.block.timestamp >= since
            for change in self.ledger.changes(0)
        ):
            self._undecided(
                "heads of the log were disowned since the beginning of the period: uses under "
                "them are not looked for here (eseal watch does)"
            )

    def _tickets(self) -> Tickets | None:
        """The tickets of the volumes, if each makes the root on the ledger."""
        period, handle = self.period, self.period.handle
        handed = {one.number for one in period.volumes}
        opened = range(volumes_before(self.ledger, handle, period.until))
        # as many as are named and one: how many there are, a node says as it likes
        missing = list(islice((one for one in opened if one not in handed), MOST_NAMED + 1))
        self.missing = bool(missing)
        if missing:
            named = ", ".join(map(str, missing[:MOST_NAMED]))
            more = " and more" if len(missing) > MOST_NAMED else ""
            self._undecided(
                f"of the volumes that were open before the end of the period, number {named}{more} "
                "was not handed over: a use that tore a ticket of it would not be found"
            )
        roots, tickets = tickets_of(handle, period.volumes)
        for number, root in roots.items():
            self._compare(number, root)
        return None if self.gathered.findings else tickets

    def _compare(self, number: int, root: bytes) -> None:
        """Whether these are all tickets of a volume: then they make its root on the ledger."""
        held = self.ledger.volume(self.period.handle, number)
        if held is None:
            self._undecided(f"the ledger does not know volume {number} of the seal")
        elif held.root != root:
            self._add(
                AlarmKind.FOREIGN_VOLUME,
                f"{self.period.handle.hex()}-{number}",
                f"the tickets handed over for volume {number} do not make its root on the ledger, "
                f"{held.root.hex()}",
            )

    def _hits(self, head: Head, tickets: Tickets) -> list[Hit] | None:
        """The leaves that tore one of the tickets, if these are the leaves under the head."""
        builder = RootBuilder()
        try:
            leaves = self.log.leaves(0, head.size) if head.size else iter(())
            hits = search(leaves, 0, tickets, builder.append_many)
        except BadLeavesError as error:
            self._undecided(f"{self.log.name} does not show the leaves of the log: {error}")
            return None
        if head.size and builder.root() != head.root:
            self._undecided(
                f"{self.log.name} does not show the leaves under the ledger's head of "
                f"{head.size}: ask a mirror"
            )
            return None
        return hits

    def _torn_twice(self, hits: Sequence[Hit]) -> None:
        commitments = defaultdict(set)
        for hit in hits:
            commitments[hit.leaf.tag].add(hit.leaf.commitment)
        for hit in hits:
            if len(commitments[hit.leaf.tag]) > 1:
                self._add(
                    AlarmKind.TORN_TWICE,
                    hit.leaf.tag,
                    f"{_ticket(hit)} was torn more than once for different things: leaf "
                    f"{hit.leaf.index} is one",
                )

    def _place(self, registration: LogRegistration, hits: Sequence[Hit], moment: int) -> int:
        """How many of the leaves were covered by a head before a moment, Unix seconds."""

        def covered_at(hit: Hit) -> int:
            anchor = self.ledger.anchor_covering(registration.log_id, hit.leaf.index)
            if anchor is None:
                raise LedgerUnreachableError(
                    f"the ledger node contradicts itself: no head covers leaf {hit.leaf.index}"
                )
            return anchor.block.timestamp

        return bisect_left(hits, moment, key=covered_at)

    def _open(self, registration: LogRegistration) -> None:
        """See that the list opens every leaf of the period; a copy of one is opened with it."""
        shown = {one.index: one for one in self.period.openings}
        known = set()
        for hit in self.found:
            opening = shown.get(hit.leaf.index)
            if opening is None:
                continue
            try:
                one = verify_opening(opening, hit, self.period.certificate)
            except InvalidProofError as error:
                self._add(
                    AlarmKind.WRONG_OPENING,
                    f"{registration.log_id.hex()}-{opening.index}",
                    f"what the issuer's list shows of leaf {opening.index} does not open it: "
                    f"{error}",
                )
            except BusyError as error:
                self._undecided(str(error))
                known.add((hit.leaf.tag, hit.leaf.commitment))
            else:
                self.opened[opening.index] = one
                known.add((hit.leaf.tag, hit.leaf.commitment))
        for hit in self.found:
            if (hit.leaf.tag, hit.leaf.commitment) not in known:
                self._left_out(registration, hit)
        unfound = shown.keys() - {hit.leaf.index for hit in self.found}
        if unfound and self.missing:
            self._undecided(
                f"{len(unfound)} records of the list, such as that of leaf {min(unfound)}, cannot "
                "be compared: their tickets were not handed over"
            )
        elif unfound:
            self._undecided(
                f"{len(unfound)} records of the list, such as that of leaf {min(unfound)}, have no "
                "leaf of the period in the log"
            )

    def _left_out(self, registration: LogRegistration, hit: Hit) -> None:
        index = hit.leaf.index
        if not self.period.first <= index < self.period.end:
            self._undecided(
                f"{_ticket(hit)} is torn in leaf {index}, which the list does not reach: ask for "
                "a newer one"
            )
            return
        anchor = self.ledger.anchor_covering(registration.log_id, index)
        when = "" if anchor is None else f", on the ledger since {_at(anchor.block.timestamp)}"
        self._add(
            AlarmKind.HIDDEN_USE,
            f"{registration.log_id.hex()}-{index}",
            f"{_ticket(hit)} is torn in leaf {index}{when}, and the issuer's list leaves out what "
            "was sealed",
        )

    def _undecided(self, sentence: str) -> None:
        self.gathered.undecided.append(sentence)

    def _add(self, kind: AlarmKind, key: bytes | str, message: str) -> None:
        self.gathered.add(kind, key, message, None)


def _ticket(hit: Hit) -> str:
    place = hit.place
    return f"ticket {place.volume}/{place.position} of seal {place.handle.hex()}"


def _at(moment: int) -> str:
    return format_time(datetime.fromtimestamp(moment, UTC))
