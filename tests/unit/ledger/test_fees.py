import pytest

from eseal.ledger.sending.fees import BUMP_CEILING, Fees, bumped, market_fees
from eseal.ledger.wire.connection import NodeRefusedError


class Node:
    """Answers the two questions about prices, or refuses the second."""

    def __init__(self, price, tip=None):
        self.price, self.tip = price, tip

    def quantity(self, method):
        if method == "eth_gasPrice":
            return self.price
        if self.tip is None:
            raise NodeRefusedError("no such method")
        return self.tip


@pytest.mark.parametrize(
    ("node", "base", "fees"),
    [
        (Node(7), None, Fees(7, None)),
        (Node(0), None, Fees(0, None)),
        (Node(9, 2), "0x5", Fees(12, 2)),
        (Node(9), "0x5", Fees(10, 0)),
        (Node(0, 10**9), "0x0", Fees(0, 0)),
        (Node(3, 3), "0x0", Fees(3, 3)),
    ],
)
def test_what_each_kind_of_market_asks_for(node, base, fees):
    assert market_fees(node, {"baseFeePerGas": base}) == fees


@pytest.mark.parametrize(
    ("last", "market", "fees"),
    [
        (Fees(800, 80), Fees(700, 70), Fees(900, 90)),
        (Fees(801, 81), Fees(700, 70), Fees(902, 92)),  # rounded up: never below an eighth more
        (Fees(800, 80), Fees(5000, 300), Fees(5000, 300)),
        (Fees(10, 0), Fees(10, 0), Fees(12, 1)),  # a tip of nothing must grow, too
        (Fees(1, 1), Fees(1, 1), Fees(2, 2)),
        (Fees(800, None), Fees(700, None), Fees(900, None)),
        (Fees(1, None), Fees(1, None), Fees(2, None)),
        (Fees(0, 0), Fees(0, 0), Fees(0, 0)),
        (Fees(0, None), Fees(0, None), Fees(0, None)),
        (Fees(0, 0), Fees(5, 1), Fees(5, 1)),
        (Fees(BUMP_CEILING * 7, 7), Fees(7, 1), Fees(BUMP_CEILING * 7, 7)),
    ],
)
def test_a_bump_is_an_eighth_or_what_the_market_asks(last, market, fees):
    assert bumped(last, market) == fees


def test_the_members_of_a_transaction():
    assert Fees(7, None).fields() == {"gasPrice": 7}
    assert Fees(7, 1).fields() == {"type": 2, "maxFeePerGas": 7, "maxPriorityFeePerGas": 1}
