"""What the administrator of the contracts does, and handing the office on.

Issuers and their roots, authorities and their keys, regulators, and the two remedies for a log:
disowning heads that somebody else's hands made, and another key for a lost or stolen one.

The office is OpenZeppelin's ``AccessControlDefaultAdminRules``: one holder, and a change of holder
is begun by the old one and accepted by the new one, not before a delay has passed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eth_account.signers.local import LocalAccount
from eth_utils.address import is_checksum_address, is_hex_address, to_checksum_address

from eseal.errors import InvalidFormatError, LedgerRejectedError
from eseal.excerpts import excerpt
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.facts import Receipt
from eseal.ledger.reading.history import NOBODY
from eseal.ledger.sending.calls import Calls
from eseal.ledger.sending.sender import Sender
from eseal.ledger.sending.transactions import TransactionJournal
from eseal.ledger.setup.contract_setup import ContractSetup
from eseal.ledger.wire.connection import Connection
from eseal.ledger.wire.finality import Finality

if TYPE_CHECKING:
    from collections.abc import Iterable

    from web3 import Web3

WORD_BYTES = 32
MAX_DELAY = 2**48 - 1
"""What the contract's type holds, in seconds."""
_NEVER = (0, 0)
"""The period of what was never in force."""


@dataclass(frozen=True, slots=True)
class Office:
    """Who administers the registry.

    Attributes:
        administrator: checksummed address of the holder.
        delay: seconds between the beginning of a hand-over and its acceptance, at least.
        successor: checksummed address of who has been named, or ``None``.
        acceptable_from: seconds of ledger time after which the successor may accept; 0 if none.
    """

    administrator: str
    delay: int
    successor: str | None
    acceptable_from: int


class Administration:
    """Reads the office, and writes as one account.

    Every method raises ``LedgerUnreachableError`` when the node cannot be asked. Those that write
    wait until it is final, raise ``LedgerRejectedError`` when the account may not or the contract
    refuses, and, unless they say otherwise, return ``None`` if there was nothing to do.
    """

    def __init__(
        self,
        w3: Web3,
        deployment: Deployment,
        finality: Finality,
        account: LocalAccount,
        *,
        journal: TransactionJournal | None = None,
    ) -> None:
        """Act through ``w3`` as ``account``; its transactions are on record in ``journal``."""
        self._w3 = w3
        self._deployment = deployment
        self._finality = finality
        self._account = account
        self._journal = journal
        self._connection = Connection(w3)

    @property
    def account(self) -> str:
        """Checksummed address of the account that sends."""
        return str(self._account.address)

    def office(self) -> Office:
        """Who administers the registry, and who has been named to follow."""
        (administrator,) = self._ask("defaultAdmin")
        (delay,) = self._ask("defaultAdminDelay")
        successor, acceptable_from = self._ask("pendingDefaultAdmin")
        return Office(
            administrator=to_checksum_address(administrator),
            delay=delay,
            successor=None if successor == NOBODY else to_checksum_address(successor),
            acceptable_from=acceptable_from,
        )

    def is_operator(self, issuer: bytes, operator: str) -> bool:
        """Whether ``operator`` may act for ``issuer``."""
        return bool(self._ask("isOperator", issuer, operator)[0])

    def has_root(self, issuer: bytes, root_hash: bytes) -> bool:
        """Whether a root certificate (SHA-256 of its DER) is the issuer's now."""
        start, until = self._ask("rootPeriod", issuer, root_hash)[0]
        return bool(start and not until)

    def is_regulator(self, account: str) -> bool:
        """Whether ``account`` may suspend, resume and revoke any seal."""
        return bool(self._ask("hasRole", self._regulator_role(), account)[0])

    def admit_issuer(self, issuer: bytes, operator: str) -> Receipt | None:
        """Admit an issuer with its first operator, or add an operator to an admitted one."""
        setup = ContractSetup(self._w3, self._finality)
        return setup.admit_issuer(self._deployment, self._account, issuer, operator)

    def remove_operator(self, issuer: bytes, operator: str) -> Receipt | None:
        """Take an account's right to act for an issuer: its key was stolen or given up."""
        if not self.is_operator(issuer, operator):
            return None
        return self._send("removeOperator", issuer, operator)

    def retire_issuer(self, issuer: bytes) -> Receipt:
        """Retire an issuer for good: its log and seals stay, and nobody may act for it."""
        return self._send("retireIssuer", issuer)

    def add_root(self, issuer: bytes, root_hash: bytes) -> Receipt | None:
        """Name a root certificate (SHA-256 of its DER) of an issuer, from now on."""
        if self._ask("rootPeriod", issuer, root_hash)[0] != _NEVER:
            return None
        return self._send("addRoot", issuer, root_hash)

    def end_root(self, issuer: bytes, root_hash: bytes) -> Receipt | None:
        """End a root certificate of an issuer, for good; what it vouched for before stands."""
        if self._ask("rootPeriod", issuer, root_hash)[0][1] != 0:
            return None
        return self._send("endRoot", issuer, root_hash)

    def set_schemes(self, schemes: Iterable[bytes], authority: bytes) -> Receipt | None:
        """Say which authority gives subjects to the ids of schemes (SHA-256 of each prefix)."""
        new = [one for one in schemes if self._ask("schemeAuthority", one)[0] != authority]
        return self._send("setSchemes", new, authority) if new else None

    def set_authority_account(self, authority: bytes, account: str) -> Receipt | None:
        """Say which account signs an authority's registrations of companies."""
        if to_checksum_address(self._ask("authorityAccount", authority)[0]) == account:
            return None
        return self._send("setAuthorityAccount", authority, account)

    def add_authority_key(
        self, authority: bytes, vrf_key: bytes, attest_key: bytes
    ) -> Receipt | None:
        """Put a pair of an authority's keys in force; a VRF key is one authority's for good."""
        if self._ask("authorityKey", vrf_key)[:2] == (authority, attest_key):
            return None
        return self._send("addAuthorityKey", authority, vrf_key, attest_key)

    def end_authority_key(self, vrf_key: bytes) -> Receipt | None:
        """End an authority's keys, for good; the companies that have subjects by them stay."""
        if self._ask("authorityKey", vrf_key)[2][1] != 0:
            return None
        return self._send("endAuthorityKey", vrf_key)

    def disown(self, log_id: bytes, size: int) -> Receipt:
        """Set a log back to an accepted head below its newest: all beyond it is disowned.

        Everybody sees it, and what was disowned: it is the remedy for heads that a stolen
        operator's account made, not a way to take a use back.
        """
        return self._send("disown", log_id, size)

    def succeed(self, log_id: bytes, public_key: bytes) -> Receipt | None:
        """Give a log another Ed25519 key, 32 bytes; id, tree and what stands under it stay."""
        functions = load_artifact(USAGE_LEDGER).functions
        ledger = self._deployment.usage_ledger
        if self._connection.call(ledger, functions["logOf"], log_id)[1] == public_key:
            return None
        return self._send("succeed", log_id, public_key)

    def grant_regulator(self, account: str) -> Receipt | None:
        """Let an account suspend, resume and revoke any seal."""
        if self.is_regulator(account):
            return None
        return self._send("grantRole", self._regulator_role(), account)

    def revoke_regulator(self, account: str) -> Receipt | None:
        """Take that right; what the account suspended stays suspended."""
        if not self.is_regulator(account):
            return None
        return self._send("revokeRole", self._regulator_role(), account)

    def begin_transfer(self, successor: str) -> Receipt | None:
        """Name who shall follow; nothing changes until they accept."""
        if self.office().successor == successor:
            return None
        return self._send("beginDefaultAdminTransfer", successor)

    def cancel_transfer(self) -> Receipt | None:
        """Take back the naming of a successor."""
        if self.office().successor is None:
            return None
        return self._send("cancelDefaultAdminTransfer")

    def accept_transfer(self) -> Receipt | None:
        """Take the office, as the account that was named, once the delay has passed."""
        if self.office().administrator == self.account:
            return None
        try:
            return self._send("acceptDefaultAdminTransfer")
        except LedgerRejectedError as error:
            if error.error_name != "AccessControlEnforcedDefaultAdminDelay":
                raise
            raise LedgerRejectedError(
                "the hand-over cannot be accepted yet: ledger time must pass "
                f"{self.office().acceptable_from}, in seconds since 1970",
                error_name=error.error_name,
            ) from None

    def change_delay(self, seconds: int) -> Receipt | None:
        """Change the delay of hand-overs; a longer one takes effect after itself, at most 5 days.

        Raises:
            InvalidFormatError: not a number of seconds the contract can hold.
        """
        if not 0 <= seconds <= MAX_DELAY:
            raise InvalidFormatError(
                f"delay: expected 0 to {MAX_DELAY} seconds, got {seconds}", field="delay"
            )
        if self.office().delay == seconds:
            return None
        return self._send("changeDefaultAdminDelay", seconds)

    def _regulator_role(self) -> bytes:
        role: bytes = self._ask("REGULATOR_ROLE")[0]
        return role

    def _ask(self, name: str, *arguments: object) -> tuple[Any, ...]:
        function = load_artifact(SEAL_REGISTRY).functions[name]
        return self._connection.call(self._deployment.seal_registry, function, *arguments)

    def _send(self, name: str, *arguments: object) -> Receipt:
        chain_id, journal = self._deployment.chain_id, self._journal
        sender = Sender(self._w3, chain_id, self._account, self._finality, journal=journal)
        order = Calls(self._deployment).of(name, *arguments)
        return sender.send(order.to, order.data, order.kind).receipt


def parse_word(text: str, field: str) -> bytes:
    """An id, a key or a hash of 32 bytes: 64 hex digits, with or without ``0x``.

    Raises:
        InvalidFormatError: it is not.
    """
    digits = text.removeprefix("0x")
    try:
        word = bytes.fromhex(digits)
    except ValueError:
        word = b""
    if len(word) != WORD_BYTES or len(digits) != 2 * WORD_BYTES:
        raise InvalidFormatError(
            f"{field}: expected {2 * WORD_BYTES} hex digits, got {excerpt(text)}", field=field
        )
    return word


def parse_address(text: str, field: str) -> str:
    """An account's address, with its EIP-55 checksum if it has letters of both cases.

    Raises:
        InvalidFormatError: it is not one, or its checksum does not fit.
    """
    digits = text.removeprefix("0x")
    if not text.startswith("0x") or not is_hex_address(text):
        raise InvalidFormatError(
            f"{field}: expected an address, 0x and 40 hex digits, got {excerpt(text)}", field=field
        )
    mixed = digits not in {digits.lower(), digits.upper()}
    if mixed and not is_checksum_address(text):
        raise InvalidFormatError(
            f"{field}: the address {text} does not carry its EIP-55 checksum: one digit or more "
            "is wrong",
            field=field,
        )
    return to_checksum_address(text)
