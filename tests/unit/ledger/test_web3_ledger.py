import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from eth_account import Account
from web3 import Web3

from eseal.errors import (
    LedgerRejectedError,
    LedgerUnreachableError,
    StaleHeadError,
    TransactionPendingError,
)
from eseal.ledger.facts import Head
from eseal.ledger.node.provider import BytesProvider
from eseal.ledger.sending import sender
from eseal.ledger.sending.web3_ledger import Web3Ledger, connect
from eseal.ledger.wire.finality import Finality
from eseal.model.seal import Reason, handle_of


def ledger_through(world, change, *, account=None, timeout=60.0, finality=None):
    """A ledger whose requests pass through ``change(request) -> answer or None``."""

    def send(payload):
        request = json.loads(payload)
        answer = change(request)
        if answer is None:
            return world.node.request(payload)
        return json.dumps({"jsonrpc": "2.0", "id": request["id"]} | answer).encode()

    return Web3Ledger(
        Web3(BytesProvider(send)),
        world.deployment,
        finality or Finality(),
        account or world.operator,
        timeout,
    )


def test_an_advance_is_on_record_when_it_returns(shared):
    made = shared.advance()
    assert shared.ledger.head(shared.log_id) == made.head
    assert shared.ledger.block(made.receipt.block.number) == made.receipt.block
    assert 40_000 < made.receipt.gas_used < 100_000
    assert shared.ledger.operator == shared.operator.address


def test_an_old_head_is_refused_with_the_head_on_record(shared):
    made = shared.advance()
    with pytest.raises(StaleHeadError) as caught:
        shared.ledger.advance(shared.log_id, 0, Head(9, b"r" * 32), [])
    assert (caught.value.size, caught.value.root) == (made.head.size, made.head.root)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda old, new, _: (old, new, [b"x" * 32]), "InvalidConsistencyProof"),
        (lambda old, new, _: (old, new, []), "InvalidConsistencyProof"),
        (
            lambda old, new, proof: (old, Head(new.size, b"y" * 32), proof),
            "InvalidConsistencyProof",
        ),
        (lambda old, new, proof: (old, Head(old, new.root), proof), "HeadNotLarger"),
    ],
)
def test_a_head_that_does_not_extend_the_old_one_is_refused(shared, change, error):
    shared.advance()
    with pytest.raises(LedgerRejectedError) as caught:
        shared.ledger.advance(shared.log_id, *change(*shared.next_head()))
    assert caught.value.error_name == error


def test_strangers_are_refused(shared):
    stranger = ledger_through(shared, lambda _: None, account=Account.create())
    with pytest.raises(LedgerRejectedError, match=r"NotOperator\(issuer=0x69") as caught:
        stranger.register_seals(shared.issuer, [shared.new_seal(b"h" * 32)])
    assert caught.value.error_name == "NotOperator"


def test_the_registry_names_what_is_wrong(shared):
    ledger = shared.ledger
    shared.register_seal(b"1" * 32)
    handle = handle_of(shared.issuer, b"1" * 32)
    for act, error in (
        (lambda: ledger.register_seals(shared.issuer, []), "NoSeals"),
        (lambda: shared.register_seal(b"1" * 32),
         "SealAlreadyRegistered"),
        (lambda: ledger.resume(handle, Reason.NONE), "NotStopped"),
        (lambda: ledger.revoke(handle, Reason.NONE), "ReasonRequired"),
        (lambda: ledger.suspend(b"2" * 32, Reason.LOSS), "UnknownSeal"),
    ):  # fmt: skip
        with pytest.raises(LedgerRejectedError) as caught:
            act()
        assert caught.value.error_name == error


def test_many_threads_share_one_account(shared):
    names = [bytes([200, number]) * 16 for number in range(8)]
    with ThreadPoolExecutor(len(names)) as threads:
        list(threads.map(shared.register_seal, names))
    assert all(shared.ledger.seal(handle_of(shared.issuer, name)) for name in names)


def test_a_race_lost_in_the_block_is_still_explained(shared):
    """Another head was accepted between our estimate and our block."""
    old_size, head, proof = shared.next_head()
    lost = []

    def overtake(request):
        if request["method"] == "eth_sendRawTransaction" and not lost:
            lost.append(request)
            shared.advance()

    rival = Account.create()
    shared.admin_setup.admit_issuer(shared.deployment, shared.admin, shared.issuer, rival.address)
    fund(shared, rival)
    with pytest.raises(StaleHeadError) as caught:
        ledger_through(shared, overtake, account=rival).advance(
            shared.log_id, old_size, head, proof
        )
    assert caught.value.size == shared.anchored[-1].head.size


def fund(world, account):
    nonce = int(world.ask("eth_getTransactionCount", world.admin.address, "pending")["result"], 16)
    raw = world.admin.sign_transaction(
        {"chainId": world.deployment.chain_id, "nonce": nonce, "to": account.address,
         "value": 10**20, "gas": 21_000, "gasPrice": 3 * 10**9}
    ).raw_transaction  # fmt: skip
    wanted = world.ask("eth_sendRawTransaction", "0x" + raw.hex())["result"]
    wait_for_receipt(world, wanted)


def wait_for_receipt(world, wanted):
    while world.ask("eth_getTransactionReceipt", wanted)["result"] is None:
        pass


def test_a_nonce_another_process_took_is_taken_anew(world):
    answers = [{"error": {"code": -32000, "message": "nonce too low: expected 5, got 4"}}]

    def take(request):
        if request["method"] == "eth_sendRawTransaction" and answers:
            return answers.pop()
        return None

    old_size, head, proof = world.next_head()
    ledger_through(world, take).advance(world.log_id, old_size, head, proof)
    assert world.ledger.head(world.log_id) == head


def test_a_nonce_that_is_never_right_is_given_up(shared, monkeypatch, clock):
    """By a clock that only waiting moves on: how often is tried does not depend on the machine."""
    handle = registered(shared)
    monkeypatch.setattr(sender, "time", SimpleNamespace(monotonic=clock.now, sleep=clock.sleep))
    asked = []

    def refuse(request):
        if request["method"] == "eth_sendRawTransaction":
            asked.append(1)
            return {"error": {"code": -32000, "message": "nonce too low"}}
        return None

    with pytest.raises(TransactionPendingError, match=r"not final after 0 s.*nonce too low"):
        ledger_through(shared, refuse, timeout=0.3).suspend(handle, Reason.LOSS)
    assert len(asked) > 2


def registered(world):
    certificate = len(world.anchored).to_bytes(16, "big") + world.now().to_bytes(16, "big")
    handle = handle_of(world.issuer, certificate)
    if world.ledger.seal(handle) is None:
        world.register_seal(certificate)
    return handle


def test_a_transaction_the_node_knows_already_is_waited_for(shared):
    handle = registered(shared)

    def known(request):
        if request["method"] == "eth_sendRawTransaction":
            shared.node.request(json.dumps(request).encode())
            return {"error": {"code": -32000, "message": "already known"}}
        return None

    ledger_through(shared, known).suspend(handle, Reason.LOSS)
    with pytest.raises(LedgerRejectedError, match="AlreadyStopped"):
        shared.ledger.suspend(handle, Reason.LOSS)


def test_any_other_refusal_is_passed_on(shared):
    def refuse(request):
        if request["method"] == "eth_sendRawTransaction":
            return {"error": {"code": -32000, "message": "txpool is full"}}
        return None

    with pytest.raises(LedgerUnreachableError, match="txpool is full"):
        ledger_through(shared, refuse).suspend(registered(shared), Reason.LOSS)


def test_waiting_for_finality_ends(shared):
    never = ledger_through(
        shared, lambda _: None, timeout=0.2, finality=Finality.parse("depth:999")
    )
    with pytest.raises(LedgerUnreachableError, match=r"is not final after 0 s; it may still come"):
        never.suspend(registered(shared), Reason.LOSS)


def test_a_chain_without_a_base_fee_gets_an_old_transaction(shared):
    handle = registered(shared)
    seen = []

    def old_chain(request):
        if request["method"] == "eth_getBlockByNumber":
            answer = json.loads(shared.node.request(json.dumps(request).encode()))
            del answer["result"]["baseFeePerGas"]
            return {"result": answer["result"]}
        if request["method"] == "eth_sendRawTransaction":
            seen.append(request["params"][0])
        return None

    ledger_through(shared, old_chain).suspend(handle, Reason.LOSS)
    assert seen[0].startswith("0xf8")  # an RLP list: no EIP-2718 type


def test_a_node_without_a_tip_method_is_fine(shared):
    handle = registered(shared)

    def no_tip(request):
        if request["method"] == "eth_maxPriorityFeePerGas":
            return {"error": {"code": -32601, "message": "no such method"}}
        return None

    assert ledger_through(shared, no_tip).suspend(handle, Reason.LOSS).gas_used > 21_000


def test_a_failed_transaction_that_would_pass_now(shared):
    handle = registered(shared)

    def failed(request):
        if request["method"] == "eth_getTransactionReceipt":
            answer = json.loads(shared.node.request(json.dumps(request).encode()))
            if answer["result"]:
                answer["result"]["status"] = "0x0"
            return {"result": answer["result"]}
        if request["method"] == "eth_call":
            return {"result": "0x"}
        return None

    with pytest.raises(LedgerRejectedError, match="failed, but would pass now"):
        ledger_through(shared, failed).suspend(handle, Reason.LOSS)


def test_a_node_that_contradicts_its_receipt(shared):
    handle = registered(shared)

    def contradict(request):
        if request["method"] == "eth_sendRawTransaction":
            sent = json.loads(shared.node.request(json.dumps(request).encode()))
            wait_for_receipt(shared, sent["result"])
            return {"result": sent["result"]}
        if request["method"] == "eth_getBlockByNumber" and request["params"][0] != "latest":
            return {"result": None}
        return None

    with pytest.raises(LedgerUnreachableError, match="contradicts itself"):
        ledger_through(shared, contradict, timeout=0.3).suspend(handle, Reason.LOSS)


def test_connecting_to_nobody():
    from eseal.ledger.contracts.deployment import Deployment

    address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    with pytest.raises(LedgerUnreachableError):
        connect("http://127.0.0.1:9", Finality(), Deployment(5, address, address, 0))
