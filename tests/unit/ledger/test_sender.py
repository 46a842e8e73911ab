"""Refusals, silence and reverts on the way of a transaction; the rest needs a node that forks."""

import json
import threading

import pytest
from web3 import Web3

from eseal.errors import (
    LedgerBehindError,
    LedgerRejectedError,
    LedgerUnreachableError,
    TransactionPendingError,
)
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, load_artifact
from eseal.ledger.node.provider import BytesProvider
from eseal.ledger.sending.memory_journal import MemoryJournal
from eseal.ledger.sending.sender import Sender
from eseal.ledger.sending.transactions import Order, TransactionState
from eseal.ledger.wire.connection import NodeRefusedError
from eseal.ledger.wire.finality import Finality
from eseal.model.seal import Reason, handle_of

SOMEBODY = "0x" + "22" * 20


@pytest.fixture
def journal():
    return MemoryJournal()


def sender_through(world, journal, change=lambda _: None, *, timeout=60.0, resend_after=60.0):
    """A sender whose requests pass through ``change(request) -> answer or None``."""

    def send(payload):
        request = json.loads(payload)
        answer = change(request)
        if answer is None:
            return world.node.request(payload)
        return json.dumps({"jsonrpc": "2.0", "id": request["id"]} | answer).encode()

    return Sender(
        Web3(BytesProvider(send)),
        world.deployment.chain_id,
        world.operator,
        Finality(),
        timeout,
        journal=journal,
        check=lambda *_, **__: None,
        resend_after=resend_after,
    )


def refusing(message, *, times=99, code=-32000):
    left = [message] * times

    def refuse(request):
        if request["method"] == "eth_sendRawTransaction" and left:
            return {"error": {"code": code, "message": left.pop()}}
        return None

    return refuse


def suspension(handle):
    function = load_artifact(SEAL_REGISTRY).functions["suspend"]
    return function.encode_call((handle, int(Reason.LOSS)))


def test_what_the_node_refuses_outright_leaves_nothing_behind(shared, journal):
    with pytest.raises(NodeRefusedError, match="txpool is full"):
        sender_through(shared, journal, refusing("txpool is full")).send(SOMEBODY, b"1")
    assert journal.live() == []


def test_a_refusal_below_another_transaction_is_carried_on(world, journal):
    """Its nonce is needed: without it, the other could never be in a block."""
    sender = sender_through(world, journal, refusing("txpool is full", times=1))
    first = journal.prepare(Order("test", SOMEBODY, b"1"), 40_000, _count(world))
    journal.prepare(Order("test", SOMEBODY, b"2"), 40_000, _count(world))
    with pytest.raises(TransactionPendingError, match="txpool is full"):
        sender.carry_on()
    assert journal.find(first.id).state is TransactionState.SENT
    assert sender.carry_on() == 2
    assert journal.live() == []


def _count(world):
    return int(world.ask("eth_getTransactionCount", world.operator.address, "latest")["result"], 16)


@pytest.mark.parametrize("code", [-32000, 3])
def test_a_prepared_one_that_is_refused_later_does_not_stop_the_others(world, journal, code):
    said = "execution reverted" if code == 3 else "no thanks"
    sender = sender_through(world, journal, refusing(said, code=code))
    journal.prepare(Order("test", SOMEBODY, b"1"), 40_000, _count(world))
    assert sender.carry_on() == 1
    assert journal.live() == []


def test_silence_when_it_was_sent_leaves_it_on_record(world, journal):
    """Whether it arrived is not known: it is asked for, and sent again if it did not."""
    silent = [True]

    def gone(request):
        if request["method"] == "eth_sendRawTransaction" and silent:
            silent.pop()
            raise ConnectionError

    sender = sender_through(world, journal, gone)
    with pytest.raises(TransactionPendingError, match="on record and will be carried on"):
        sender.send(SOMEBODY, b"1")
    (left,) = journal.live()
    assert len(left.attempts) == 1
    assert sender.carry_on() == 1
    assert journal.find(left.id).state is TransactionState.FINAL
    assert journal.find(left.id).nonce == left.nonce


def test_one_that_lost_its_nonce_and_would_revert_now_is_given_up(world, journal):
    world.register_seal(b"s" * 32)
    handle = handle_of(world.issuer, b"s" * 32)
    sender = sender_through(world, journal, refusing("nonce too high"), timeout=0.0)
    data = suspension(handle)
    with pytest.raises(TransactionPendingError, match="nonce too high"):
        sender.send(world.deployment.seal_registry, data)
    (left,) = journal.live()
    sender = sender_through(world, journal)
    world.ledger.suspend(handle, Reason.BY_ORDER)  # takes the very nonce
    assert sender.carry_on() == 1
    assert journal.find(left.id).state is TransactionState.REPLACED
    assert journal.live() == []
    with pytest.raises(LedgerRejectedError, match="AlreadyStopped"):
        sender.send(world.deployment.seal_registry, data)


def test_a_failure_in_the_block_ends_it(shared, journal):
    def failed(request):
        if request["method"] != "eth_getTransactionReceipt":
            return None
        answer = json.loads(shared.node.request(json.dumps(request).encode()))
        if answer["result"]:
            answer["result"]["status"] = "0x0"
        return {"result": answer["result"]}

    with pytest.raises(LedgerRejectedError, match="failed, but would pass now"):
        sender_through(shared, journal, failed).send(SOMEBODY, b"1")
    assert journal.newest_in_block().state is TransactionState.FAILED
    assert journal.live() == []


def test_a_bump_the_node_refuses_is_told_in_the_end(shared, journal):
    """Every attempt is on record all the same: the next one must offer more than any before."""
    sent = []

    def first_only(request):
        method, params = request["method"], request["params"]
        if method == "eth_getTransactionReceipt":
            return {"result": None}
        if method == "eth_getTransactionCount" and params[1] == "latest":
            return {"result": "0x0"}
        if method != "eth_sendRawTransaction":
            return None
        sent.append(params[0])
        refused = {"error": {"code": -32000, "message": "transaction underpriced"}}
        return refused if len(sent) > 1 else None

    sender = sender_through(shared, journal, first_only, timeout=2.5, resend_after=0.0)
    with pytest.raises(TransactionPendingError, match=r"the node says.*underpriced"):
        sender.send(SOMEBODY, b"1")
    (left,) = journal.live()
    prices = [attempt.fees.price for attempt in left.attempts]
    assert len(prices) == len(sent) > 1
    assert prices == sorted(set(prices))


def test_a_node_that_says_it_dropped_it_is_quoted_and_asked_again(world, journal):
    left, count = [1, 1], hex(_count(world))

    def dropped(request):
        if request["method"] == "eth_getTransactionReceipt" and left:
            left.pop()
            return {"error": {"code": -32000, "message": "transaction dropped: disk full"}}
        return None

    def dropped_for_good(request):
        """What was dropped has used no nonce, however fast our node is with its block."""
        counted = request["method"] == "eth_getTransactionCount"
        return {"result": count} if counted else dropped(request)

    with pytest.raises(TransactionPendingError, match="the node says: transaction dropped: disk"):
        sender_through(world, journal, dropped_for_good, timeout=-1.0).send(SOMEBODY, b"1")
    left.append(1)
    sender_through(world, journal, dropped).carry_on()
    assert journal.newest_in_block().nonce == _count(world) - 1


def test_a_node_that_cannot_tell_is_not_taken_for_a_lost_nonce(shared, journal):
    def indexing(request):
        if request["method"] == "eth_getTransactionReceipt":
            return {"error": {"code": -32000, "message": "transaction indexing is in progress"}}
        return None

    with pytest.raises(TransactionPendingError, match="indexing"):
        sender_through(shared, journal, indexing).send(SOMEBODY, b"1")
    (left,) = journal.live()
    assert sender_through(shared, journal).carry_on() == 1
    assert journal.find(left.id).state is TransactionState.FINAL


def test_a_node_that_fell_back_is_behind(world, journal):
    sender_through(world, journal).send(SOMEBODY, b"1")

    def fallen_back(request):
        if request["method"] == "eth_getBlockByNumber" and request["params"][0] == "latest":
            request["params"][0] = "0x1"
            return json.loads(world.node.request(json.dumps(request).encode()))
        return None

    behind = sender_through(world, journal, fallen_back)
    for act in (behind.carry_on, lambda: behind.send(SOMEBODY, b"2")):
        with pytest.raises(LedgerBehindError, match="the ledger node is behind: it is at block 1"):
            act()
    assert isinstance(LedgerBehindError("x"), LedgerUnreachableError)


def test_threads_wait_for_one_another_s_order(world, journal):
    """Two that want the very same get one transaction."""
    sender, receipts = sender_through(world, journal), []
    threads = [
        threading.Thread(target=lambda: receipts.append(sender.send(SOMEBODY, b"1").receipt))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len({receipt.transaction for receipt in receipts}) == 1
