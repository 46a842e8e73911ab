"""One attempt of a transaction: signing it, and handing it to a node."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from eth_account.signers.local import LocalAccount

from eseal.ledger.sending.fees import Fees
from eseal.ledger.sending.transactions import Attempt, Transaction
from eseal.ledger.wire.connection import Connection, NodeRefusedError

_KNOWN = ("already known", "alreadyknown", "already imported", "known transaction")
"""How geth, Nethermind, anvil and Besu say that they have the transaction already."""
_MAY_PASS_LATER = ("nonce", "replacement")
"""Refusals about the order of the account's transactions, not about this one."""


class Signer:
    """Signs for one account on one chain."""

    def __init__(self, chain_id: int, account: LocalAccount) -> None:
        self._chain_id = chain_id
        self._account = account

    def sign(self, transaction: Transaction, fees: Fees) -> tuple[Attempt, bytes]:
        """The attempt at these fees, and its raw bytes; the same ones whenever it is asked."""
        to = transaction.order.to
        fields: dict[str, Any] = {
            "chainId": self._chain_id,
            "nonce": transaction.nonce,
            "to": "" if to is None else to,
            "data": transaction.order.data,
            "value": 0,
            "gas": transaction.gas,
            **fees.fields(),
        }
        signed = self._account.sign_transaction(fields)
        attempt = Attempt(bytes(signed.hash), fees, datetime.now(UTC))
        return attempt, bytes(signed.raw_transaction)


def hand_over(connection: Connection, raw: bytes) -> str:
    """Send a signed transaction.

    Returns:
        ``""`` if the node has it now; else what it says is wrong with the order in which the
        account's transactions came, which can change.

    Raises:
        NodeRefusedError: the node will not take it.
        LedgerRejectedError: the same, because the contract would revert.
        LedgerUnreachableError: it could not be asked; whether it has it is not known.
    """
    try:
        connection.request("eth_sendRawTransaction", "0x" + raw.hex())
    except NodeRefusedError as error:
        said = error.message.lower()
        if any(word in said for word in _KNOWN):
            return ""
        if any(word in said for word in _MAY_PASS_LATER):
            return error.message
        raise
    return ""
