import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.ledger.node.json_rpc import (
    BlockChoice,
    RpcError,
    data,
    parse_block,
    parse_data,
    parse_quantity,
    quantity,
)


@given(st.integers(min_value=0, max_value=2**256 - 1))
def test_quantities_survive(value):
    assert parse_quantity(quantity(value)) == value


@given(st.binary())
def test_data_survives(value):
    assert parse_data(data(value), len(value)) == value


@pytest.mark.parametrize("value", [1, None, "", "0x", "0x01", "1", "0xg", "0x+1", "0x" + "f" * 65])
def test_what_is_not_a_quantity(value):
    with pytest.raises(RpcError, match="expected a quantity") as caught:
        parse_quantity(value)
    assert caught.value.code == -32602


@pytest.mark.parametrize("value", [1, None, "", "0x1", "12", "0xzz", "0x12 "])
def test_what_is_not_data(value):
    with pytest.raises(RpcError, match="expected 0x and an even number of hex digits"):
        parse_data(value)


def test_data_of_another_size():
    with pytest.raises(RpcError, match="expected 0x and 32 bytes in hex"):
        parse_data("0x12", 32)


@pytest.mark.parametrize(
    ("value", "choice"),
    [
        *[(tag, BlockChoice()) for tag in ("latest", "safe", "finalized", "pending")],
        ("earliest", BlockChoice(number=0)),
        ("0x10", BlockChoice(number=16)),
        ({"blockNumber": "0x10"}, BlockChoice(number=16)),
        ({"blockHash": "0x" + "ab" * 32}, BlockChoice(hash=b"\xab" * 32)),
        ({"blockHash": "0x" + "ab" * 32, "requireCanonical": True}, BlockChoice(hash=b"\xab" * 32)),
    ],
)
def test_every_way_to_name_a_block(value, choice):
    assert parse_block(value) == choice


@pytest.mark.parametrize("value", [None, 5, "newest", {}, {"blockHash": "0x12"}, {"number": "0x1"}])
def test_what_is_not_a_block(value):
    with pytest.raises(RpcError):
        parse_block(value)
