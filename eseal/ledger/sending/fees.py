"""What a transaction offers for its place in a block, on every kind of fee market.

With a base fee (EIP-1559) a cap and a tip; without one a gas price; on a network without fees,
zero of either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eseal.ledger.wire.connection import Connection, NodeRefusedError, as_quantity

BASE_FEE_FACTOR = 2
"""The fee cap is twice the base fee, which lets it double (six full blocks, EIP-1559)."""
BUMP_DIVISOR = 8
"""A replacement offers an eighth (12.5 %) more: geth and Besu ask for 10 %, Nethermind for 12.5."""
BUMP_CEILING = 10
"""No bump goes beyond this many times the market's price: if that does not help, price is not what
keeps the transaction out, and the account must not be emptied."""


@dataclass(frozen=True, slots=True)
class Fees:
    """An offer, in wei per gas.

    Attributes:
        price: the cap with EIP-1559, else the gas price.
        tip: the priority fee with EIP-1559, else ``None``.
    """

    price: int
    tip: int | None

    def fields(self) -> dict[str, int]:
        """The members of a transaction that state it."""
        if self.tip is None:
            return {"gasPrice": self.price}
        return {"type": 2, "maxFeePerGas": self.price, "maxPriorityFeePerGas": self.tip}


def market_fees(connection: Connection, newest: Mapping[str, Any]) -> Fees:
    """What the network asks for now.

    Args:
        connection: the node.
        newest: the newest block in its JSON-RPC form.

    Raises:
        LedgerUnreachableError: the node cannot be asked.
    """
    if newest.get("baseFeePerGas") is None:
        return Fees(connection.quantity("eth_gasPrice"), None)
    base = as_quantity(newest["baseFeePerGas"], "block.baseFeePerGas")
    if base == 0 and connection.quantity("eth_gasPrice") == 0:
        return Fees(0, 0)  # a network without fees: some nodes suggest a tip even there
    try:
        tip = connection.quantity("eth_maxPriorityFeePerGas")
    except NodeRefusedError:  # an optional method; a chain without a market needs no tip
        tip = 0
    return Fees(BASE_FEE_FACTOR * base + tip, tip)


def bumped(last: Fees, market: Fees) -> Fees:
    """What the next attempt offers to take the place of one that offered ``last``.

    At least an eighth more of either part, and what the market asks for now. The same again where
    nothing is paid for, or where the offer is far above the market already.
    """
    free = last.price == 0 and market.price == 0
    if free or last.price >= BUMP_CEILING * max(market.price, 1):
        return last
    price = max(market.price, _raised(last.price))
    if last.tip is None:
        return Fees(price, None)
    tip = max(market.tip or 0, _raised(last.tip))
    return Fees(max(price, tip), tip)


def _raised(fee: int) -> int:
    return fee + max(1, -(-fee // BUMP_DIVISOR))
