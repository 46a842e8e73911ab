"""Reading the contracts on any Ethereum node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eseal.errors import LedgerUnreachableError
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.facts import (
    Anchor,
    AuthorityKey,
    Block,
    CompanyRegistration,
    Head,
    LogRegistration,
    Period,
    SealRegistration,
    Status,
    StatusAt,
    StopFlags,
    Volume,
)
from eseal.ledger.reading.anchors import AnchorFinder
from eseal.ledger.reading.change_reader import ChangeReader
from eseal.ledger.reading.history import HistoryReader, somebody, something
from eseal.ledger.wire.connection import Connection
from eseal.ledger.wire.finality import Finality, FinalityRule
from eseal.ledger.wire.node_checks import check_chain, check_contracts, check_finality
from eseal.model.seal import Reason

if TYPE_CHECKING:
    from web3 import Web3

    from eseal.ledger.changes import Change
    from eseal.ledger.events import SealStatusChanged, SubjectEvent

_NONE = bytes(32)


class Web3Reader:
    """:class:`~eseal.ledger.protocol.LedgerReader` over JSON-RPC.

    Holds no state but the connection; wrap it in a
    :class:`~eseal.ledger.reading.caching.CachingReader` where the same things are asked again.
    """

    def __init__(
        self, w3: Web3, deployment: Deployment, finality: Finality, *, pinned: int | None = None
    ) -> None:
        """Read the contracts of ``deployment`` through ``w3``, without asking anything yet.

        Args:
            w3: the connection.
            deployment: which contracts.
            finality: when a block counts as final.
            pinned: the height of a final block to take for the newest, or ``None``.
        """
        self._w3 = w3
        self._connection = Connection(w3)
        self._deployment = deployment
        self._finality = finality
        self._pinned = pinned
        self._registry_functions = load_artifact(SEAL_REGISTRY).functions
        self._ledger_functions = load_artifact(USAGE_LEDGER).functions
        self._anchors = AnchorFinder(self._connection, deployment)
        self._history = HistoryReader(self._connection, deployment)
        self._changes = ChangeReader(self._connection, deployment)

    @property
    def chain_id(self) -> int:
        """EIP-155 chain id."""
        return self._deployment.chain_id

    @property
    def seal_registry(self) -> str:
        """Checksummed address of ``SealRegistry``."""
        return self._deployment.seal_registry

    @property
    def usage_ledger(self) -> str:
        """Checksummed address of ``UsageLedger``."""
        return self._deployment.usage_ledger

    @property
    def finality(self) -> Finality:
        """When a block counts as final here."""
        return self._finality

    def check(self) -> None:
        """Ask the node whether it is the one the settings speak of.

        Raises:
            ConfigurationError: another chain, no contracts of this program's version at the
                addresses, or a finality rule that does not fit the chain.
            LedgerUnreachableError: it could not be asked.
        """
        check_chain(self._connection, self._deployment)
        check_finality(self._connection, self._finality)
        check_contracts(self._connection, self._deployment, self._final_tag())

    def at(self, number: int) -> Web3Reader:
        """A reader for which the final block at this height is the newest one."""
        return Web3Reader(self._w3, self._deployment, self._finality, pinned=number)

    def final_block(self) -> Block:
        """The newest final block.

        Raises:
            LedgerUnreachableError: the node could not be asked, or has no final block yet.
        """
        block = self._connection.block(self._final_tag())
        if block is None:
            missing = "final block" if self._pinned is None else f"block {self._pinned}"
            raise LedgerUnreachableError(f"the node has no {missing} yet ({self._finality})")
        return block

    def block(self, number: int) -> Block | None:
        """The final block at this height, or ``None`` if there is none yet."""
        if number < 0 or number > self._final_number():
            return None
        return self._connection.block(hex(number))

    def log(self, log_id: bytes) -> LogRegistration | None:
        """The log with this id, or ``None`` if the contract does not know it."""
        tag = hex(self._final_number())  # both answers from one state
        issuer, _, epoch = self._ask_ledger("logOf", log_id, at=tag)
        if issuer == _NONE:
            return None
        starts, keys = self._ask_ledger("keysOf", log_id, at=tag)
        if not keys or len(starts) != len(keys):
            raise LedgerUnreachableError(
                f"the node does not answer as our ledger does: {len(starts)} sizes for "
                f"{len(keys)} keys"
            )
        return LogRegistration(log_id, issuer, tuple(zip(starts, keys, strict=True)), epoch)

    def log_of(self, issuer: bytes) -> bytes | None:
        """The id of the issuer's one log, or ``None`` if it has opened none."""
        return something(self._ask_ledger("logIdOf", issuer)[0])

    def head(self, log_id: bytes) -> Head:
        """The newest accepted head; size 0 and the empty tree's root before the first."""
        size, root = self._ask_ledger("head", log_id)
        return Head(size, root)

    def root_at(self, log_id: bytes, size: int) -> bytes | None:
        """The accepted root in force at exactly ``size`` leaves, or ``None``."""
        return something(self._ask_ledger("rootAt", log_id, size)[0])

    def root_in(self, log_id: bytes, epoch: int, size: int) -> bytes | None:
        """The root accepted at just ``size`` leaves in an epoch, in force or not, or ``None``."""
        return something(self._ask_ledger("rootIn", log_id, epoch, size)[0])

    def was_disowned(self, log_id: bytes, size: int, root: bytes) -> bool:
        """Whether this head was accepted once and the administrator has disowned it since."""
        tag = hex(self._final_number())
        epochs = len(self._ask_ledger("epochsOf", log_id, at=tag)[0])
        if self._ask_ledger("rootAt", log_id, size, at=tag)[0] == root:
            return False
        return any(
            self._ask_ledger("rootIn", log_id, epoch, size, at=tag)[0] == root
            for epoch in range(epochs)
        )

    def anchor_at(self, log_id: bytes, size: int) -> Anchor | None:
        """The anchor in force of exactly ``size`` leaves, or ``None``."""
        return self._anchors.at(log_id, size, self._final_number())

    def anchor_covering(self, log_id: bytes, index: int) -> Anchor | None:
        """The earliest anchor in force whose size is above ``index``, or ``None`` if none yet."""
        return self._anchors.covering(log_id, index, self._final_number())

    def anchors(self, log_id: bytes, epoch: int | None = None) -> Sequence[Anchor]:
        """All anchors in force, by size; of an epoch that is over, those in force at its end."""
        return self._anchors.all(log_id, epoch, self._final_number())

    def issuer_root(self, issuer: bytes, root_hash: bytes) -> Period | None:
        """When a root certificate (SHA-256 of its DER) is the issuer's, or ``None`` if never."""
        return _period(self._ask_registry("rootPeriod", issuer, root_hash)[0])

    def authority_key(self, vrf_key: bytes) -> AuthorityKey | None:
        """What the registry knows of a VRF key, or ``None``."""
        authority, attest_key, times = self._ask_registry("authorityKey", vrf_key)
        period = _period(times)
        return None if period is None else AuthorityKey(vrf_key, authority, attest_key, period)

    def scheme_authority(self, scheme: bytes) -> bytes | None:
        """The id of the authority for a scheme (SHA-256 of its prefix), or ``None``."""
        return something(self._ask_registry("schemeAuthority", scheme)[0])

    def company(self, subject: bytes) -> CompanyRegistration | None:
        """The company with this subject, or ``None`` if the registry does not know it."""
        vrf_key, founders, account, registered_at = self._ask_registry("companyOf", subject)
        if registered_at == 0:
            return None
        return CompanyRegistration(
            subject, vrf_key, something(founders), somebody(account), registered_at
        )

    def seal(self, handle: bytes) -> SealRegistration | None:
        """The seal with this handle, or ``None`` if the registry does not know it."""
        issuer, *fields = self._ask_registry("sealOf", handle)
        return None if issuer == _NONE else SealRegistration(handle, issuer, *fields)

    def volume(self, handle: bytes, number: int) -> Volume | None:
        """A volume of a seal's book, or ``None`` if it is not open."""
        root, block_number = self._ask_registry("volumeOf", handle, number)
        return None if root == _NONE else Volume(handle, number, root, block_number)

    def stop_hash(self, handle: bytes) -> bytes | None:
        """What the next stop code of a seal hashes to, or ``None`` if its owner set none."""
        return something(self._ask_registry("stopHashOf", handle)[0])

    def stop_announced_at(self, handle: bytes, commitment: bytes) -> int | None:
        """When another chain of stop codes was announced first, Unix seconds, or ``None``."""
        return self._ask_registry("stopAnnouncedAt", handle, commitment)[0] or None

    def status_at(self, handle: bytes, time: int) -> StatusAt:
        """The seal's status at ``time`` (Unix seconds), from the registry's storage."""
        status, reason, since, flags = self._ask_registry("statusAt", handle, time)
        try:
            return StatusAt(Status(status), Reason(reason), since, StopFlags(flags))
        except ValueError as error:
            raise LedgerUnreachableError(
                f"the node does not answer as our registry does: {error}"
            ) from error

    def events(self, subject: bytes) -> Sequence[SubjectEvent]:
        """All that happened to a company and its seals, in order of the chain."""
        return self._history.of(subject, self._final_number())

    def status_changes(self, first: int) -> Sequence[SealStatusChanged]:
        """The changes of every seal's status in final blocks from a height on."""
        return self._history.changes(first, self._final_number())

    def changes(self, first: int) -> Sequence[Change]:
        """What administrators and operators changed in final blocks from a height on."""
        return self._changes.since(first, self._final_number())

    def is_operator(self, issuer: bytes, account: str) -> bool:
        """Whether an account may write for the issuer with this id."""
        return bool(self._ask_registry("isOperator", issuer, account)[0])

    def is_regulator(self, account: str) -> bool:
        """Whether an account may stop and revoke any seal, as the regulators' own."""
        (role,) = self._ask_registry("REGULATOR_ROLE")
        return bool(self._ask_registry("hasRole", role, account)[0])

    def _final_tag(self) -> str:
        """What to ask state for: a tag, or the height of the final block in hex."""
        if self._pinned is not None or self._finality.rule is FinalityRule.DEPTH:
            return hex(self._final_number())
        return self._finality.tag()

    def _final_number(self) -> int:
        if self._pinned is not None:
            return self._pinned
        if self._finality.rule is FinalityRule.TAG:
            return self.final_block().number
        newest = self._connection.quantity("eth_blockNumber")
        return max(newest - self._finality.depth, 0)

    def _ask_ledger(self, name: str, *arguments: object, at: str = "") -> tuple[Any, ...]:
        function = self._ledger_functions[name]
        tag = at or self._final_tag()
        return self._connection.call(self.usage_ledger, function, *arguments, at=tag)

    def _ask_registry(self, name: str, *arguments: object) -> tuple[Any, ...]:
        function = self._registry_functions[name]
        tag = self._final_tag()
        return self._connection.call(self.seal_registry, function, *arguments, at=tag)


def _period(times: tuple[int, int]) -> Period | None:
    start, until = times
    return None if start == 0 else Period(start, until or None)
