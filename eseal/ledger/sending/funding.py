"""What an account pays with: whether it has any, and giving it some on a chain of one's own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from eseal.errors import LedgerUnreachableError
from eseal.ledger.sending.signer import hand_over
from eseal.ledger.wire.connection import Connection

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from web3 import Web3

TRANSFER_GAS: Final = 21_000
"""What a transfer between accounts costs by the protocol."""
PRICE_FACTOR: Final = 2
"""Offered over the node's price: it may rise by an eighth a block."""
TRANSFER_SECONDS: Final = 30.0
POLL_SECONDS: Final = 0.05


def is_poor(w3: Web3, address: str) -> bool:
    """Whether the chain takes fees and an account has nothing to pay them with.

    Raises:
        LedgerUnreachableError: the node cannot be asked.
    """
    connection = Connection(w3)
    takes_fees = connection.quantity("eth_gasPrice") > 0
    return takes_fees and connection.quantity("eth_getBalance", address, "latest") == 0


def share(w3: Web3, chain_id: int, giver: LocalAccount, taker: str) -> None:
    """Give an account half of what another one has; returns when the transfer is in a block.

    For accounts whose transactions nobody else numbers meanwhile, such as an administrator's.

    Raises:
        LedgerUnreachableError: the node cannot be asked, or makes no block.
    """
    connection = Connection(w3)
    fields: dict[str, Any] = {
        "chainId": chain_id,
        "nonce": connection.quantity("eth_getTransactionCount", giver.address, "pending"),
        "to": taker,
        "value": connection.quantity("eth_getBalance", giver.address, "latest") // 2,
        "gas": TRANSFER_GAS,
        "gasPrice": PRICE_FACTOR * connection.quantity("eth_gasPrice"),
    }
    signed = giver.sign_transaction(fields)
    hand_over(connection, bytes(signed.raw_transaction))
    until = time.monotonic() + TRANSFER_SECONDS
    while is_poor(w3, taker):
        if time.monotonic() > until:
            raise LedgerUnreachableError(f"the transfer to {taker} is in no block yet; try again")
        time.sleep(POLL_SECONDS)
