import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from web3 import Web3

from eseal.errors import ConfigurationError, LedgerRejectedError, LedgerUnreachableError
from eseal.ledger.contracts.artifacts import USAGE_LEDGER, load_artifact
from eseal.ledger.node.provider import BytesProvider
from eseal.ledger.wire.connection import LAST_SECOND, Connection, NodeRefusedError, connect_http

ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
HEAD = load_artifact(USAGE_LEDGER).functions["head"]


def answering(answer):
    """A node that gives one answer to everything."""
    return Connection(Web3(BytesProvider(lambda _: answer)))


def result(value):
    return answering(json.dumps({"jsonrpc": "2.0", "id": 1, "result": value}).encode())


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>502 Bad Gateway</html>", b"\xff\xfe", b"[]", b"5", b"{}", b'{"error":5}'],
)
def test_an_answer_that_is_not_json_rpc(answer):
    with pytest.raises(LedgerUnreachableError):
        answering(answer).request("eth_chainId")


def test_nobody_there():
    def refuse(_):
        raise ConnectionRefusedError("https://node.example/secret-key")

    connection = Connection(Web3(BytesProvider(refuse)))
    with pytest.raises(LedgerUnreachableError) as caught:
        connection.quantity("eth_chainId")
    assert (
        str(caught.value) == "cannot reach the ledger node: ConnectionRefusedError at eth_chainId"
    )


def test_a_closed_port_is_unreachable_and_keeps_the_url_secret():
    connection = Connection(connect_http("http://127.0.0.1:9/secret-key"))
    with pytest.raises(LedgerUnreachableError) as caught:
        connection.quantity("eth_chainId")
    assert "secret-key" not in str(caught.value)


@pytest.mark.parametrize("url", ["ws://x", "ftp://x", "node.example:8545", ""])
def test_only_http_urls(url):
    with pytest.raises(ConfigurationError, match="to start with http:// or https://"):
        connect_http(url)


def test_an_error_object_is_a_refusal_with_its_message():
    answer = b'{"jsonrpc":"2.0","id":1,"error":{"code":-32005,"message":"rate limited"}}'
    with pytest.raises(NodeRefusedError, match="the ledger node refused: rate limited"):
        answering(answer).request("eth_call")


def test_a_revert_is_a_rejection():
    answer = b'{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"execution reverted"}}'
    with pytest.raises(LedgerRejectedError):
        answering(answer).request("eth_call")


@pytest.mark.parametrize("value", [None, 5, "0x", "5", "0xg", [], {}, True])
def test_not_a_number(value):
    with pytest.raises(LedgerUnreachableError, match="does not answer as an Ethereum node does"):
        result(value).quantity("eth_chainId")


@pytest.mark.parametrize("value", [None, 5, "0x1", "0x", "0x00", [], "0x" + "ff" * 64])
def test_not_what_a_view_returns(value):
    with pytest.raises(LedgerUnreachableError):
        result(value).call(ADDRESS, HEAD, b"\x01" * 32)


@pytest.mark.parametrize(
    "value",
    [5, "block", [], {}, {"number": "0x1"}, {"number": "0x1", "hash": "0x12", "timestamp": "0x1"},
     {"number": "0x1", "hash": "0x" + "11" * 32, "timestamp": 5}],
)  # fmt: skip
def test_not_a_block(value):
    with pytest.raises(LedgerUnreachableError):
        result(value).block("latest")


def test_a_block_with_the_long_extra_data_of_qbft():
    block = result(
        {
            "number": "0x5",
            "hash": "0x" + "11" * 32,
            "timestamp": "0x6",
            "extraData": "0x" + "f8" * 300,
        }
    ).block("latest")
    assert (block.number, block.hash, block.timestamp) == (5, b"\x11" * 32, 6)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.just("0x11"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["result", "error", "code", "message", "data", "number", "hash"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(json_values)
def test_whatever_a_node_says_nothing_else_is_raised(value):
    connection = answering(json.dumps(value).encode())
    for ask in (
        lambda: connection.quantity("eth_chainId"),
        lambda: connection.block("latest"),
        lambda: connection.call(ADDRESS, HEAD, b"\x01" * 32),
        lambda: connection.has_code(ADDRESS),
    ):
        with contextlib.suppress(LedgerUnreachableError, LedgerRejectedError):
            ask()


@pytest.mark.parametrize("field", ["timestamp", "number", "hash"])
def test_a_block_of_no_time_or_place(field):
    block = {"number": "0x1", "hash": "0x" + "11" * 32, "timestamp": hex(LAST_SECOND)}
    assert result(block).block("latest").timestamp == LAST_SECOND
    spoilt = block | {field: hex(LAST_SECOND + 1) if field == "timestamp" else "0x"}
    with pytest.raises(LedgerUnreachableError, match=rf"block\.{field}"):
        result(spoilt).block("latest")
