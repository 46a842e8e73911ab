import json

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from eseal.ledger.node.evm import GAS_SEARCH_TOLERANCE
from eseal.ledger.node.json_rpc import MAX_REQUEST_BYTES
from eseal.ledger.node.node_methods import PUBLIC_LIMITS, Limits, NodeMethods
from eseal.ledger.node.rpc_dispatcher import MAX_BATCH, RpcDispatcher

READS = {
    "eth_blockNumber", "eth_call", "eth_chainId", "eth_gasPrice", "eth_getBalance",
    "eth_getBlockByHash", "eth_getBlockByNumber", "eth_getCode", "eth_getLogs",
    "eth_getStorageAt", "eth_getTransactionByHash", "eth_getTransactionReceipt", "eth_syncing",
    "net_version", "web3_clientVersion",
}  # fmt: skip
ZERO_HASH = "0x" + "00" * 32


@pytest.fixture(scope="module")
def public(shared):
    shared.advance()
    shared.advance()
    return RpcDispatcher.read_only(shared.node.owned)


@pytest.fixture
def ask(public):
    def ask(method, *params):
        request = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
        answer = json.loads(public.handle(json.dumps(request).encode()))
        assert (answer["jsonrpc"], answer["id"]) == ("2.0", 7)
        return answer

    return ask


def error(answer):
    return answer["error"]["code"], answer["error"]["message"]


def test_strangers_can_read_and_nothing_else(ask):
    for method in READS:
        assert ask(method).get("error", {}).get("code") != -32601, method
    for method in ("eth_sendRawTransaction", "eth_sendTransaction", "eth_accounts", "evm_mine"):
        assert error(ask(method, "0x")) == (-32601, f"the method {method} does not exist here")


def test_plain_facts(ask, shared):
    assert ask("eth_chainId")["result"] == hex(shared.deployment.chain_id)
    assert ask("net_version")["result"] == str(shared.deployment.chain_id)
    assert ask("eth_syncing")["result"] is False
    assert ask("web3_clientVersion")["result"].startswith("eseal/")
    assert int(ask("eth_gasPrice")["result"], 16) > 0
    assert ask("eth_getBalance", "0x" + "99" * 20)["result"] == "0x0"
    assert ask("eth_getCode", shared.deployment.usage_ledger, "latest")["result"].startswith("0x60")
    assert ask("eth_getCode", shared.deployment.usage_ledger, "earliest")["result"] == "0x"


def test_a_block_its_transaction_its_receipt_and_its_logs_agree(ask, shared):
    anchored = shared.anchored[1]
    block = anchored.receipt.block
    by_number = ask("eth_getBlockByNumber", hex(block.number), True)["result"]
    assert ask("eth_getBlockByHash", by_number["hash"], True)["result"] == by_number
    assert by_number["hash"] == "0x" + block.hash.hex()
    assert int(by_number["timestamp"], 16) == block.timestamp
    (transaction,) = by_number["transactions"]
    assert ask("eth_getTransactionByHash", transaction["hash"])["result"] == transaction
    assert transaction["from"] == shared.operator.address.lower()
    receipt = ask("eth_getTransactionReceipt", transaction["hash"])["result"]
    assert (receipt["status"], receipt["blockHash"]) == ("0x1", by_number["hash"])
    assert int(receipt["gasUsed"], 16) == anchored.receipt.gas_used
    (log,) = receipt["logs"]
    assert ask("eth_getLogs", {"blockHash": by_number["hash"]})["result"] == [log]
    assert log["topics"][1] == "0x" + shared.log_id.hex()
    assert ask("eth_getStorageAt", shared.deployment.usage_ledger, "0x0")["result"] == ZERO_HASH
    assert ask("eth_getStorageAt", shared.deployment.usage_ledger, ZERO_HASH)["result"] == ZERO_HASH


def test_hashes_can_be_recomputed_from_what_is_served(ask, shared):
    # a third party needs no trust in the node: the header's fields hash to the block's hash
    import rlp
    from eth_utils import keccak

    block = ask("eth_getBlockByNumber", hex(shared.anchored[0].receipt.block.number))["result"]
    names = [
        "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot",
        "logsBloom", "difficulty", "number", "gasLimit", "gasUsed", "timestamp", "extraData",
        "mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas",
        "parentBeaconBlockRoot", "requestsHash",
    ]  # fmt: skip
    numbers = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas",
               "blobGasUsed", "excessBlobGas"}  # fmt: skip
    header = [
        rlp.sedes.big_endian_int.serialize(int(block[name], 16))
        if name in numbers
        else bytes.fromhex(block[name][2:])
        for name in names
    ]
    assert "0x" + keccak(rlp.encode(header)).hex() == block["hash"]


def test_what_is_not_there_is_null(ask):
    assert ask("eth_getBlockByNumber", "0xffffff")["result"] is None
    assert ask("eth_getBlockByHash", ZERO_HASH)["result"] is None
    assert ask("eth_getTransactionByHash", ZERO_HASH)["result"] is None
    assert ask("eth_getTransactionReceipt", ZERO_HASH)["result"] is None
    assert ask("eth_getLogs", {"fromBlock": "0xffffff"})["result"] == []
    assert error(ask("eth_call", {"to": "0x" + "11" * 20}, "0xffffff"))[1] == "block not found"
    assert error(ask("eth_getLogs", {"blockHash": ZERO_HASH}))[1] == "unknown block"


def test_log_filters(ask, shared):
    ledger, event = shared.deployment.usage_ledger, ask("eth_getLogs", {"fromBlock": "0x0", "address": shared.deployment.usage_ledger})["result"][-1]["topics"][0]  # fmt: skip  # noqa: E501
    whole = {"fromBlock": "earliest", "toBlock": "latest"}

    def count(**query):
        return len(ask("eth_getLogs", whole | query)["result"])

    log_id = "0x" + shared.log_id.hex()
    assert count(address=ledger, topics=[event]) == len(shared.anchored)
    assert count(address=[ledger], topics=[[event, ZERO_HASH], log_id]) == len(shared.anchored)
    assert count(topics=[None, log_id]) == len(shared.anchored) + 1  # and LogOpened
    assert count(topics=[event, ZERO_HASH]) == 0
    assert count(address=[]) == count()


def test_views_can_be_called_and_reverts_carry_their_data(ask, shared):
    ledger = shared.deployment.usage_ledger
    functions = shared.ledger._ledger_functions
    call = {"to": ledger, "data": "0x" + functions["head"].encode_call((shared.log_id,)).hex()}
    size, _ = functions["head"].decode_output(bytes.fromhex(ask("eth_call", call)["result"][2:]))
    assert size == shared.anchored[-1].head.size
    stale = functions["advance"].encode_call((shared.log_id, 0, 1, b"r" * 32, []))
    answer = ask(
        "eth_call",
        {"to": ledger, "input": "0x" + stale.hex(), "from": shared.operator.address},
        "latest",
    )
    assert error(answer) == (3, "execution reverted")
    assert answer["error"]["data"].startswith("0x")


def test_strangers_cannot_keep_the_machine_busy(ask, shared):
    refused = (-32000, "only contracts on this chain can be called here")
    assert error(ask("eth_call", {"data": "0x5b600056"})) == refused  # an endless loop
    assert error(ask("eth_call", {"to": "0x" + "00" * 19 + "08"})) == refused  # a pairing
    much = {"to": shared.deployment.usage_ledger, "data": "0x" + "ff" * 100_000}
    assert error(ask("eth_call", much))[0] == -32000
    assert PUBLIC_LIMITS.call_gas == 1_000_000


def test_our_own_processes_can_do_more(shared):
    assert shared.ask("eth_accounts")["result"] == []
    nonce = shared.ask("eth_getTransactionCount", shared.operator.address, "pending")["result"]
    assert nonce == shared.ask("eth_getTransactionCount", shared.operator.address)["result"]
    assert shared.ask("eth_maxPriorityFeePerGas")["result"] == "0x0"
    history = shared.ask("eth_feeHistory", "0x2", "latest", [])["result"]
    assert len(history["baseFeePerGas"]) == 3
    assert shared.ask("eth_call", {"data": "0x5b600056", "gas": "0x186a0"})["error"][
        "message"
    ].startswith("Out of")
    answer = shared.ask("eth_sendRawTransaction", "0x1234")
    assert "expected a signed transaction" in answer["error"]["message"]


def test_gas_is_estimated_closely(shared):
    transfer = {"from": shared.operator.address, "to": "0x" + "11" * 20, "value": "0x1"}
    assert 21_000 <= int(shared.ask("eth_estimateGas", transfer)["result"], 16) <= 22_000
    # EIP-7623: much call data costs a floor that execution alone does not show
    floor = transfer | {"data": "0x" + "ff" * 5_000}
    assert int(shared.ask("eth_estimateGas", floor)["result"], 16) >= 21_000 + 40 * 5_000
    too_little = shared.ask("eth_estimateGas", transfer | {"gas": "0x1"})
    assert too_little["error"]["code"] == -32000


def test_gas_is_searched_for_where_a_contract_looks_at_what_is_left(shared):
    # GAS PUSH3(100000) LT PUSH1(12) JUMPI PUSH0 PUSH0 REVERT JUMPDEST STOP
    picky = {"data": "0x5a620186a010600c575f5ffd5b00"}
    gas = int(shared.ask("eth_estimateGas", picky)["result"], 16)
    assert gas > 100_000
    assert shared.ask("eth_call", picky | {"gas": hex(gas)})["result"] == "0x"
    assert "error" in shared.ask("eth_call", picky | {"gas": hex(gas - GAS_SEARCH_TOLERANCE)})
    refused = shared.ask("eth_estimateGas", {"data": "0x5f5ffd"})
    assert error(refused) == (3, "execution reverted")


def test_every_type_of_transaction_is_shown_as_it_was_signed(shared):
    account = shared.admin
    nonce = int(shared.ask("eth_getTransactionCount", account.address, "pending")["result"], 16)
    common = {"chainId": shared.deployment.chain_id, "to": account.address, "value": 5,
              "gas": 60_000}  # fmt: skip
    slots = [{"address": account.address, "storageKeys": [ZERO_HASH]}]
    kinds = [
        {"gasPrice": 3 * 10**9},
        {"type": 1, "gasPrice": 3 * 10**9, "accessList": slots},
        {"type": 2, "maxFeePerGas": 3 * 10**9, "maxPriorityFeePerGas": 1},
    ]
    for kind, fields in enumerate(kinds):
        signed = account.sign_transaction(common | fields | {"nonce": nonce + kind})
        wanted = "0x" + signed.hash.hex()
        raw = "0x" + signed.raw_transaction.hex()
        assert shared.ask("eth_sendRawTransaction", raw)["result"] == wanted
        shown = shared.ask("eth_getTransactionByHash", wanted)["result"]
        assert (shown["hash"], shown["type"], shown["from"]) == (
            wanted,
            hex(kind),
            account.address.lower(),
        )
        assert [int(shown[name], 16) for name in "vrs"] == [signed.v, signed.r, signed.s]
        if kind:
            assert shown["accessList"] == [
                {"address": a["address"].lower(), "storageKeys": a["storageKeys"]}
                for a in fields.get("accessList", [])
            ]


def test_batches(public):
    request = {"jsonrpc": "2.0", "method": "eth_chainId"}
    answers = json.loads(
        public.handle(json.dumps([request | {"id": 1}, request, request | {"id": "b"}, 5]).encode())
    )
    assert [answer["id"] for answer in answers] == [1, "b", None]
    assert answers[2]["error"]["code"] == -32600
    assert public.handle(json.dumps([request]).encode()) == b""  # only a notification
    assert public.handle(json.dumps(request | {"params": [1]}).encode()) == b""


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"", (-32700, "expected JSON")),
        (b"{", (-32700, "expected JSON")),
        (b"\xff", (-32700, "expected JSON")),
        (b"[" * 100_000, (-32700, "expected JSON")),
        (b"5", (-32600, "expected a request object")),
        (b"[]", (-32600, f"expected a batch of 1 to {MAX_BATCH} requests, got 0")),
        (b"{}", (-32600, 'expected "jsonrpc": "2.0" and a method')),
        (b'{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}',
         (-32600, 'expected "jsonrpc": "2.0" and a method')),
        (b'{"jsonrpc":"2.0","id":1,"method":5}',
         (-32600, 'expected "jsonrpc": "2.0" and a method')),
        (b'{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}',
         (-32600, "expected id to be a string or a number")),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{}}',
         (-32602, "expected params to be a list")),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[1]}',
         (-32602, "expected 0 to 0 parameters, got 1")),
        (b" " * (MAX_REQUEST_BYTES + 1),
         (-32600, f"expected at most {MAX_REQUEST_BYTES} bytes, got {MAX_REQUEST_BYTES + 1}")),
    ],
)  # fmt: skip
def test_a_bad_request_gets_a_proper_error(public, payload, expected):
    assert error(json.loads(public.handle(payload))) == expected


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_getBalance", ["0x12"]),
        ("eth_getBalance", ["0x" + "11" * 20, "soon"]),
        ("eth_getBlockByNumber", ["latest", "yes"]),
        ("eth_getBlockByHash", ["0x12", False]),
        ("eth_getLogs", ["all"]),
        ("eth_getLogs", [{"topics": [ZERO_HASH] * 5}]),
        ("eth_getLogs", [{"topics": "x"}]),
        ("eth_getLogs", [{"address": ["0x" + "11" * 20] * 65}]),
        ("eth_getLogs", [{"blockHash": ZERO_HASH, "fromBlock": "0x0"}]),
        ("eth_getLogs", [{"fromBlock": {"blockHash": ZERO_HASH}}]),
        ("eth_call", ["to"]),
        ("eth_call", [{"to": 5}]),
        ("eth_call", [{"gas": "many"}]),
        ("eth_getTransactionReceipt", [None]),
        ("eth_getStorageAt", ["0x" + "11" * 20, "0x01"]),
    ],
)
def test_bad_parameters_are_named(ask, method, params):
    code, message = error(ask(method, *params))
    assert code == -32602
    assert message.startswith("expected ")


def test_too_many_logs_are_asked_for_in_smaller_ranges(shared):
    limits = Limits(call_gas=1, logs=2, contracts_only=True)
    dispatcher = RpcDispatcher(NodeMethods(shared.node.owned, limits).reads)
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_getLogs", "params": [{"fromBlock": "0x0"}]}
    answer = json.loads(dispatcher.handle(json.dumps(request).encode()))
    assert error(answer) == (-32005, "query returned more than 2 results")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8)
    | st.sampled_from(["latest", "0x0", "0x1", "0x" + "11" * 20, ZERO_HASH, "2.0"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["to", "data", "gas", "value", "from", "fromBlock", "toBlock", "address",
                         "topics", "blockHash", "id", "method", "params", "jsonrpc"]),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(method=st.sampled_from(sorted(READS)), params=st.lists(values, max_size=4))
def test_whatever_the_parameters_there_is_an_answer(public, method, params):
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    answer = json.loads(public.handle(json.dumps(request).encode()))
    assert ("result" in answer) != ("error" in answer)
    assert answer.get("error", {}).get("code") != -32603


@given(st.binary(max_size=64) | values.map(lambda value: json.dumps(value).encode()))
def test_whatever_the_bytes_there_is_an_answer(public, payload):
    answer = public.handle(payload)
    assert answer == b"" or json.loads(answer)


def test_an_error_of_ours_shows_no_stack_trace(world, caplog):
    world.node.owned._store._connection.execute("DROP TABLE log")
    answer = world.ask("eth_getLogs", {"fromBlock": "0x0"})
    assert answer["error"] == {"code": -32603, "message": "internal error"}
    assert "no such table" in caplog.text


def test_a_closed_node_answers_so(world):
    node = world.node.owned
    dispatcher = RpcDispatcher.full(node)
    node.close()
    request = {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"}
    answer = json.loads(dispatcher.handle(json.dumps(request).encode()))
    assert error(answer) == (-32000, "the embedded ledger is closed")


def test_the_tester_accounts_everybody_knows_hold_nothing(ask):
    known = Account.from_key((1).to_bytes(32, "big")).address
    assert ask("eth_getBalance", known)["result"] == "0x0"
