"""Reading one ledger through several endpoints, of which some may be down, behind or lying.

Every question is settled in two steps. First the endpoints agree on a block: the newest one that
enough of them hold as final, with the same hash. Then they are asked for the state at that block,
and the answer is what enough of them say. An endpoint that is a few blocks behind therefore does
not disagree with the others; it only holds them back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import structlog

from eseal.errors import ConfigurationError, LedgerDisagreementError, LedgerUnreachableError
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
from eseal.ledger.reading.votes import Votes, describe
from eseal.ledger.wire.fan_out import Answer, FanOut, Fault
from eseal.ledger.wire.finality import Finality

MAX_LAG_SECONDS = 120
"""An endpoint this far behind the others is not counted: an honest one catches up within a few
blocks, and an answer from long ago could deny what has happened since."""
DENIAL_SECONDS = 5.0
"""How long to wait for somebody who may know better before it is said that a thing does not
exist."""

GRACE_SECONDS = 0.5
"""How long to go on listening when those who have answered are at different heights: a third one
may confirm the newer block."""

T = TypeVar("T")
_log = structlog.get_logger(__name__)


class PinnableReader(LedgerReader, Protocol):
    """A reader of one endpoint that can look at the ledger as it was at a height."""

    @property
    def finality(self) -> Finality:
        """When a block counts as final."""
        ...

    def at(self, number: int) -> LedgerReader:
        """A reader for which the final block at this height is the newest one."""
        ...

    def check(self) -> None:
        """Raise ``ConfigurationError`` unless the endpoint serves these contracts."""
        ...


@dataclass(frozen=True, slots=True)
class _Pin:
    """A block and the endpoints that are known to hold it as final."""

    block: Block
    holders: frozenset[str]


@dataclass(slots=True)
class _Finals:
    """What the endpoints said of their newest final blocks, and of older ones when asked."""

    newest: dict[str, Block] = field(default_factory=dict)
    older: dict[tuple[str, int], Block] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)


class QuorumReader(DelegatingReader):
    """:class:`~eseal.ledger.protocol.LedgerReader` that believes only what a quorum says.

    Raises ``LedgerDisagreementError`` where endpoints contradict one another and no quorum is left,
    ``LedgerUnreachableError`` where too few answer; both name the endpoints. Successive answers
    never come from an older block than the ones before.
    """

    def __init__(self, readers: Mapping[str, PinnableReader], quorum: int | None = None) -> None:
        """Read through ``readers``, by ``host:port``, all of the same contracts.

        Args:
            readers: one an endpoint.
            quorum: how many must agree; a majority if ``None``.

        Raises:
            ConfigurationError: a quorum that is no majority, or more than there are.
        """
        self._quorum = check_quorum(quorum, len(readers))
        self._panel = FanOut(readers)
        self._any = next(iter(readers.values()))
        super().__init__(self._any)
        self._guard = threading.Lock()
        self._floor = 0

    @property
    def finality(self) -> Finality:
        """When a block counts as final here."""
        return self._any.finality

    def check(self) -> None:
        """Ask each endpoint whether it is on the right chain and holds the contracts.

        Raises:
            ConfigurationError: one that answers does not; names it.
            LedgerUnreachableError: fewer than a quorum could be asked; names the others.
        """
        faults: dict[str, str] = {}
        for one in self._panel.ask(_check):
            if isinstance(one, Fault):
                faults[one.name] = one.why
            elif one.value is not None:
                raise ConfigurationError(f"{one.name}: {one.value}")
        if len(self._panel.members) - len(faults) < self._quorum:
            raise self._too_few(faults)
        for name, why in sorted(faults.items()):
            _log.warning("ledger_endpoint_down", endpoint=name, error=why)

    def final_block(self) -> Block:
        """The newest block that a quorum holds as final."""
        return self._pin().block

    def block(self, number: int) -> Block | None:
        """The final block at this height, or ``None`` if there is none yet."""
        return self._agreed(lambda reader: reader.block(number))

    def log(self, log_id: bytes) -> LogRegistration | None:
        """The log with this id, or ``None`` if the contract does not know it."""
        return self._agreed_to_exist(lambda reader: reader.log(log_id))

    def log_of(self, issuer: bytes) -> bytes | None:
        """The id of the issuer's one log, or ``None`` if it has opened none."""
        return self._agreed_to_exist(lambda reader: reader.log_of(issuer))

    def head(self, log_id: bytes) -> Head:
        """The newest accepted head; size 0 and the empty tree's root before the first."""
        return self._agreed(lambda reader: reader.head(log_id))

    def root_at(self, log_id: bytes, size: int) -> bytes | None:
        """The accepted root in force at exactly ``size`` leaves, or ``None``."""
        return self._agreed(lambda reader: reader.root_at(log_id, size))

    def root_in(self, log_id: bytes, epoch: int, size: int) -> bytes | None:
        """The root accepted at just ``size`` leaves in an epoch, in force or not, or ``None``."""
        return self._agreed(lambda reader: reader.root_in(log_id, epoch, size))

    def was_disowned(self, log_id: bytes, size: int, root: bytes) -> bool:
        """Whether this head was accepted once and the administrator has disowned it since."""
        return self._agreed(lambda reader: reader.was_disowned(log_id, size, root))

    def anchor_at(self, log_id: bytes, size: int) -> Anchor | None:
        """The anchor in force of exactly ``size`` leaves, or ``None``."""
        return self._agreed(lambda reader: reader.anchor_at(log_id, size))

    def anchor_covering(self, log_id: bytes, index: int) -> Anchor | None:
        """The earliest anchor in force whose size is above ``index``, or ``None`` if none yet."""
        return self._agreed(lambda reader: reader.anchor_covering(log_id, index))

    def anchors(self, log_id: bytes, epoch: int | None = None) -> Sequence[Anchor]:
        """All anchors in force, by size; of an epoch that is over, those in force at its end."""
        return self._agreed(lambda reader: reader.anchors(log_id, epoch))

    def issuer_root(self, issuer: bytes, root_hash: bytes) -> Period | None:
        """When a root certificate (SHA-256 of its DER) is the issuer's, or ``None`` if never."""
        return self._agreed_to_exist(lambda reader: reader.issuer_root(issuer, root_hash))

    def authority_key(self, vrf_key: bytes) -> AuthorityKey | None:
        """What the registry knows of a VRF key, or ``None``."""
        return self._agreed_to_exist(lambda reader: reader.authority_key(vrf_key))

    def scheme_authority(self, scheme: bytes) -> bytes | None:
        """The id of the authority for a scheme (SHA-256 of its prefix), or ``None``."""
        return self._agreed_to_exist(lambda reader: reader.scheme_authority(scheme))

    def company(self, subject: bytes) -> CompanyRegistration | None:
        """The company with this subject, or ``None`` if the registry does not know it."""
        return self._agreed_to_exist(lambda reader: reader.company(subject))

    def seal(self, handle: bytes) -> SealRegistration | None:
        """The seal with this handle, or ``None`` if the registry does not know it."""
        return self._agreed_to_exist(lambda reader: reader.seal(handle))

    def volume(self, handle: bytes, number: int) -> Volume | None:
        """A volume of a seal's book, or ``None`` if it is not open."""
        return self._agreed_to_exist(lambda reader: reader.volume(handle, number))

    def stop_hash(self, handle: bytes) -> bytes | None:
        """What the next stop code of a seal hashes to, or ``None`` if its owner set none."""
        return self._agreed(lambda reader: reader.stop_hash(handle))

    def status_at(self, handle: bytes, time: int) -> StatusAt:
        """The seal's status at ``time`` (Unix seconds), from the registry's storage."""
        return self._agreed(lambda reader: reader.status_at(handle, time))

    def events(self, subject: bytes) -> Sequence[SubjectEvent]:
        """All that happened to a company and its seals, in order of the chain."""
        return self._agreed(lambda reader: reader.events(subject))

    def status_changes(self, first: int) -> Sequence[SealStatusChanged]:
        """The changes of every seal's status in final blocks from a height on."""
        return self._agreed(lambda reader: reader.status_changes(first))

    def changes(self, first: int) -> Sequence[Change]:
        """What administrators and operators changed in final blocks from a height on."""
        return self._agreed(lambda reader: reader.changes(first))

    def _agreed(self, question: Callable[[LedgerReader], T]) -> T:
        """What a quorum answers at the newest block it has in common."""
        return self._agreed_at(self._pin(), question)

    def _agreed_at(self, pin: _Pin, question: Callable[[LedgerReader], T]) -> T:
        number = pin.block.number

        def ask(name: str, reader: PinnableReader) -> T:
            pinned = reader.at(number)
            if name not in pin.holders and (held := pinned.final_block()) != pin.block:
                raise LedgerUnreachableError(f"has another block: {describe(held)}")
            return question(pinned)

        votes = Votes[T]()
        faults: dict[str, str] = {}
        for one in self._panel.ask(ask):
            if isinstance(one, Fault):
                faults[one.name] = one.why
            elif votes.add(one.name, one.value) >= self._quorum:
                return one.value
        if votes.disagree:
            raise self._disagreement(f"about the state at {describe(pin.block)}", votes, faults)
        raise self._too_few(faults)

    def _agreed_to_exist(self, question: Callable[[LedgerReader], T | None]) -> T | None:
        """The same, but a thing is only denied if nobody who is further ahead has it.

        The quorum's block may be older than the thing, because an endpoint that lags holds it back.
        That must not read as a forgery.
        """
        pin = self._pin()
        found = self._agreed_at(pin, question)
        if found is not None:
            return found
        number = pin.block.number

        def ahead(_: str, reader: PinnableReader) -> bool:
            return reader.final_block().number > number and question(reader) is not None

        for one in self._panel.ask(ahead, timeout=DENIAL_SECONDS):
            if isinstance(one, Answer) and one.value:
                raise LedgerUnreachableError(
                    f"{one.name} is ahead of the other ledger endpoints, which have not got beyond "
                    f"block {number} and cannot confirm what it says; try again"
                )
        return None

    def _pin(self) -> _Pin:
        """The newest block a quorum holds as final, no older than any before."""
        finals, pin = _Finals(), None
        hearing = self._panel.ask(_final_block)
        for one in hearing:
            if isinstance(one, Fault):
                finals.faults[one.name] = one.why
                continue
            finals.newest[one.name] = one.value
            pin = self._common(finals) or pin
            if pin is not None:
                if pin.block.number == max(block.number for block in finals.newest.values()):
                    break
                hearing.hurry(GRACE_SECONDS)
        if pin is not None:
            with self._guard:
                self._floor = max(self._floor, pin.block.number)
            return pin
        if len(finals.newest) < self._quorum:
            raise self._too_few(finals.faults)
        votes = Votes[Block]()
        for name, block in finals.newest.items():
            votes.add(name, block)
        with self._guard:
            floor = self._floor
        raise self._disagreement(
            f"about the newest final block (block {floor} was agreed on before)",
            votes,
            finals.faults,
        )

    def _common(self, finals: _Finals) -> _Pin | None:
        """The newest block a quorum has in common, as far as is known by now."""
        with self._guard:
            floor = self._floor
        for number in sorted({block.number for block in finals.newest.values()}, reverse=True):
            holders = [name for name, block in finals.newest.items() if block.number >= number]
            if number < floor or len(holders) < self._quorum:
                continue
            self._look_back(finals, holders, number)
            votes = Votes[Block]()
            for name in holders:
                block = finals.older.get((name, number))
                if block is not None and _near(finals.newest[name], block):
                    votes.add(name, block)
            for block, names in votes.cast():
                if len(names) >= self._quorum:
                    return _Pin(block, frozenset(names))
        return None

    def _look_back(self, finals: _Finals, holders: Sequence[str], number: int) -> None:
        """Fill in the block at a height for endpoints that are beyond it."""
        for name in holders:
            if finals.newest[name].number == number:
                finals.older[name, number] = finals.newest[name]
        unknown = [name for name in holders if (name, number) not in finals.older]

        def block(_: str, reader: PinnableReader) -> Block:
            return reader.at(number).final_block()

        for one in self._panel.ask(block, unknown):
            if isinstance(one, Answer):
                finals.older[one.name, number] = one.value
            else:
                finals.faults[one.name] = one.why

    def _disagreement(
        self, what: str, votes: Votes[T], faults: Mapping[str, str]
    ) -> LedgerDisagreementError:
        told = [*votes.phrases(), *_told(faults)]
        return LedgerDisagreementError(
            f"the ledger endpoints disagree {what}, and no {self._quorum} of "
            f"{len(self._panel.members)} say the same: {'; '.join(told)}",
            endpoints=votes.names,
        )

    def _too_few(self, faults: Mapping[str, str]) -> LedgerUnreachableError:
        total = len(self._panel.members)
        return LedgerUnreachableError(
            f"only {total - len(faults)} of {total} ledger endpoints answer, {self._quorum} are "
            f"needed: {'; '.join(_told(faults))}"
        )


def check_quorum(quorum: int | None, endpoints: int) -> int:
    """How many of so many endpoints must agree.

    Raises:
        ConfigurationError: no majority, so that two contradictory answers could both have it; or
            more than there are.
    """
    majority = endpoints // 2 + 1
    if quorum is None:
        return majority
    if not majority <= quorum <= endpoints:
        raise ConfigurationError(
            f"expected a quorum (ESEAL_LEDGER_QUORUM or --quorum) from {majority} to {endpoints} "
            f"of {endpoints} ledger endpoints, got {quorum}"
        )
    return quorum


def _check(_: str, reader: PinnableReader) -> ConfigurationError | None:
    try:
        reader.check()
    except ConfigurationError as error:
        return error
    return None


def _final_block(_: str, reader: PinnableReader) -> Block:
    return reader.final_block()


def _near(newest: Block, block: Block) -> bool:
    return newest.timestamp - block.timestamp <= MAX_LAG_SECONDS


def _told(faults: Mapping[str, str]) -> list[str]:
    return [f"{name}: {why}" for name, why in sorted(faults.items())]
