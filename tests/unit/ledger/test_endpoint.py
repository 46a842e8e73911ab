import itertools
import time
from types import SimpleNamespace

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from eseal.errors import ConfigurationError, LedgerUnreachableError
from eseal.ledger.reading.from_urls import open_endpoints, web3_of
from eseal.ledger.wire.connection import Connection, NodeRefusedError
from eseal.ledger.wire.endpoint import Endpoint, endpoint_name
from eseal.ledger.wire.failover import FailoverProvider
from tests.faulty_node import (
    Delay,
    Drop,
    Fault,
    FaultyNode,
    Garbage,
    HttpStatus,
    RpcError,
    WrongJson,
)

SIGNED = Account.create().sign_transaction(
    {"to": "0x" + "11" * 20, "value": 0, "gas": 21000, "gasPrice": 0, "nonce": 0, "chainId": 5}
)
RAW, HASH = "0x" + bytes(SIGNED.raw_transaction).hex(), "0x" + bytes(SIGNED.hash).hex()
SEND = "eth_sendRawTransaction"
PATIENCE = 30


class Scripted(Fault):
    """Answers in turn; the last one for ever."""

    def __init__(self, *replies):
        self.replies = list(replies)

    def reply(self, request, exchange):
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply.reply(request, exchange)


class Mined(Fault):
    """Has the transaction: refuses it again, finds it by its hash."""

    def reply(self, request, exchange):
        if request["method"] == SEND:
            return RpcError(message="nonce too low").reply(request, exchange)
        found = {"hash": HASH} if request["params"] == [HASH] else None
        return WrongJson(result=found).reply(request, exchange)


@pytest.fixture
def node():
    with FaultyNode("http://127.0.0.1:9", WrongJson(result="0x7")) as running:
        yield running


@pytest.fixture
def second():
    with FaultyNode("http://127.0.0.1:9", WrongJson(result="0x8")) as running:
        yield running


def ask(provider, method="eth_chainId", *params):
    return provider.make_request(method, list(params))


@pytest.mark.parametrize(
    "fault", [Drop(), HttpStatus(status=503), HttpStatus(status=429), Garbage()]
)
def test_a_request_that_gets_lost_is_made_again(node, fault):
    node.fault = Scripted(fault, fault, WrongJson(result="0x7"))
    assert ask(Endpoint(node.url))["result"] == "0x7"
    assert node.asked["eth_chainId"] == 3


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (Drop(), "RemoteProtocolError"),
        (HttpStatus(status=500), "HTTP 500"),
        (HttpStatus(status=302), "HTTP 302"),
        (
            HttpStatus(status=422),
            "HTTP 422 (is that a JSON-RPC address? an eseal service has its own at /rpc)",
        ),
        (Garbage(), "an answer that is not JSON"),
        (Garbage(body=b"[" * 100_000), "an answer that is not JSON"),
    ],
)
def test_what_is_wrong_is_said_without_the_url(node, fault, named):
    node.fault = fault
    with pytest.raises(LedgerUnreachableError) as caught:
        ask(Endpoint(f"{node.url}/secret-key"))
    assert (
        str(caught.value) == f"cannot reach the ledger node at {node.name}: {named} to eth_chainId"
    )


def test_a_slow_answer_is_none_and_not_waited_for_twice(node, monkeypatch):
    monkeypatch.setattr("eseal.ledger.wire.endpoint.RETRY_SECONDS", 0.1)
    node.fault = Delay()
    with pytest.raises(LedgerUnreachableError, match=r"ReadTimeout after 0\.2 s"):
        ask(Endpoint(node.url, timeout=0.2))
    until = time.monotonic() + PATIENCE
    while not node.asked and time.monotonic() < until:  # the node may be slow to read, too
        time.sleep(0.01)
    assert node.asked["eth_chainId"] == 1


def test_an_answer_without_end_is_cut_off(node, monkeypatch):
    monkeypatch.setattr("eseal.ledger.wire.endpoint.MAX_ANSWER_BYTES", 1000)
    node.fault = Garbage(body=b" " * 100_000)
    with pytest.raises(LedgerUnreachableError, match="ReadError"):
        ask(Endpoint(node.url))


def test_an_answer_that_drips_is_cut_off(node):
    ticks = itertools.count(0.0, 100.0)
    endpoint = Endpoint(node.url)
    ask(endpoint)  # its connection is made in its own time
    with pytest.MonkeyPatch.context() as patch:
        # of this module only: other threads look at the clock, too
        clock = SimpleNamespace(monotonic=lambda: next(ticks))
        patch.setattr("eseal.http.time", clock)
        with pytest.raises(LedgerUnreachableError, match="ReadTimeout"):
            endpoint._once("eth_chainId", b'{"method": "eth_chainId"}')


def test_what_must_not_happen_twice_is_not_asked_twice(node):
    node.fault = Drop()
    with pytest.raises(LedgerUnreachableError):
        ask(Endpoint(node.url), "eth_sendTransaction")
    assert node.asked["eth_sendTransaction"] == 1


def test_a_dead_endpoint_is_left_alone_and_tried_again(node, monkeypatch):
    monkeypatch.setattr("eseal.ledger.wire.endpoint.ATTEMPTS", 1)
    endpoint = Endpoint(node.url)
    node.fault = Drop()
    for _ in range(3):
        assert endpoint.closed
        with pytest.raises(LedgerUnreachableError):
            ask(endpoint)
    assert not endpoint.closed
    for _ in range(5):
        with pytest.raises(LedgerUnreachableError, match="is left alone for 5 s"):
            ask(endpoint)
    assert node.asked.total() == 3
    endpoint._breaker._circuit.reset_timeout = 0
    with pytest.raises(LedgerUnreachableError, match="RemoteProtocolError"):
        ask(endpoint)
    assert (node.asked.total(), endpoint.closed) == (4, False)
    node.fault = WrongJson(result="0x7")
    assert ask(endpoint)["result"] == "0x7"
    assert endpoint.closed


def test_a_refusal_is_an_answer(node):
    node.fault = RpcError(message="no")
    connection = Connection(web3_of([Endpoint(node.url)]))
    for _ in range(5):
        with pytest.raises(NodeRefusedError):
            connection.quantity("eth_chainId")
    assert node.asked["eth_chainId"] == 5


def test_a_transaction_whose_first_answer_was_lost_is_sent(node):
    """It was mined in between, so the node complains of its nonce."""
    node.fault = Scripted(Drop(), Mined())
    assert ask(Endpoint(node.url), SEND, RAW)["result"] == HASH
    assert "0x" + keccak(hexstr=RAW).hex() == HASH


def test_a_transaction_that_is_refused_for_good_stays_refused(node):
    unknown = Scripted(Drop(), RpcError(message="nonce too low"), WrongJson(result=None))
    node.fault = unknown
    assert ask(Endpoint(node.url), SEND, RAW)["error"]["message"] == "nonce too low"
    node.fault = Scripted(Drop(), RpcError(message="nonce too low"), Drop())
    assert ask(Endpoint(node.url), SEND, RAW)["error"]["message"] == "nonce too low"
    node.fault = Mined()  # not sent twice: its complaint is about something else
    assert "error" in ask(Endpoint(node.url), SEND, RAW)


def test_writes_go_to_the_next_endpoint(node, second):
    node.fault = Drop()
    provider = web3_of(open_endpoints([node.url, second.url])).provider
    assert isinstance(provider, FailoverProvider)
    assert ask(provider)["result"] == "0x8"
    second.fault = Mined()
    assert ask(provider, SEND, RAW)["result"] == HASH
    second.fault = WrongJson(result="0x8")
    assert ask(provider)["result"] == "0x8"
    assert node.asked.total() == 9
    assert ask(provider)["result"] == "0x8"  # three failed: not asked any more
    assert node.asked.total() == 9


def test_no_endpoint_left_to_write_to(node, second):
    node.fault = second.fault = HttpStatus(status=500)
    with pytest.raises(LedgerUnreachableError) as caught:
        ask(web3_of(open_endpoints([node.url, second.url])).provider)
    assert node.name in str(caught.value)
    assert second.name in str(caught.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://node.example:8545/key", "node.example:8545"),
        ("https://user:password@node.example/key?x=1", "node.example:443"),
        ("http://node.example", "node.example:80"),
        ("http://[::1]:8545", "[::1]:8545"),
    ],
)
def test_an_endpoint_is_shown_without_its_secrets(url, name):
    assert endpoint_name(url) == name


@pytest.mark.parametrize(
    "url", ["http://", "https:///path", "http://node:port", "http://node:99999"]
)
def test_a_url_without_a_host_is_refused(url):
    with pytest.raises(ConfigurationError, match="without a host, or with an impossible port"):
        endpoint_name(url)


def test_an_endpoint_named_twice_is_refused(node, second):
    with pytest.raises(ConfigurationError, match=f"{second.name} is named twice"):
        open_endpoints([node.url, second.url, second.url])
    with pytest.raises(ConfigurationError, match="at least one"):
        open_endpoints([])
