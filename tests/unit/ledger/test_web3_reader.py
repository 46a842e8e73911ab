import hashlib
import json

import pytest
from web3 import Web3

from eseal.errors import ConfigurationError, LedgerUnreachableError
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.facts import Anchor, Head, Status, StopFlags
from eseal.ledger.node.ipc import open_node
from eseal.ledger.node.provider import BytesProvider
from eseal.ledger.reading.web3_reader import Web3Reader
from eseal.ledger.wire.finality import Finality
from eseal.model.seal import Reason, handle_of

EMPTY_ROOT = hashlib.sha256(b"").digest()
NOWHERE = b"\x00" * 31 + b"\x01"


@pytest.fixture(scope="module")
def anchored(shared):
    for _ in range(6):
        shared.advance()
    return shared


@pytest.fixture
def reader(anchored):
    return anchored.ledger


def reader_through(world, change):
    """A reader whose requests pass through ``change(request) -> answer or None``."""

    def send(payload):
        request = json.loads(payload)
        answer = change(request)
        if answer is None:
            return world.node.request(payload)
        return json.dumps({"jsonrpc": "2.0", "id": request["id"]} | answer).encode()

    return Web3Reader(Web3(BytesProvider(send)), world.deployment, Finality())


def test_it_says_which_contracts_it_reads(reader, anchored):
    reader.check()
    assert reader.chain_id == anchored.deployment.chain_id
    assert reader.seal_registry == anchored.deployment.seal_registry
    assert reader.usage_ledger == anchored.deployment.usage_ledger
    assert str(reader.finality) == "immediate"


def test_the_wrong_chain_and_missing_contracts_say_what_to_do(anchored):
    good = anchored.deployment
    other = Deployment(good.chain_id + 1, good.seal_registry, good.usage_ledger, 0)
    with pytest.raises(ConfigurationError, match="name a node of that chain"):
        Web3Reader(anchored.node.web3(), other, Finality()).check()
    empty = Deployment(good.chain_id, good.seal_registry, anchored.admin.address, 0)
    with pytest.raises(ConfigurationError, match="has no UsageLedger at 0x"):
        Web3Reader(anchored.node.web3(), empty, Finality()).check()


def test_the_log_and_its_head(reader, anchored):
    log = reader.log(anchored.log_id)
    assert (log.log_id, log.issuer, log.public_key) == (anchored.log_id, b"i" * 32, b"k" * 32)
    assert reader.head(anchored.log_id) == anchored.anchored[-1].head
    assert reader.log(NOWHERE) is None
    assert reader.head(NOWHERE) == Head(0, EMPTY_ROOT)


def test_blocks(reader, anchored):
    final = reader.final_block()
    assert reader.block(final.number) == final
    first = anchored.anchored[0].receipt.block
    assert reader.block(first.number) == first
    assert reader.block(final.number + 1) is None
    assert reader.block(-1) is None


def test_an_anchor_is_found_by_its_size(reader, anchored):
    for made in anchored.anchored:
        assert reader.root_at(anchored.log_id, made.head.size) == made.head.root
        assert reader.anchor_at(anchored.log_id, made.head.size) == Anchor(
            anchored.log_id, made.head, made.receipt.block, made.receipt.transaction, 0
        )
    assert reader.root_at(anchored.log_id, 3) is None
    assert reader.anchor_at(anchored.log_id, 3) is None


def test_an_anchor_of_a_size_is_one_question_however_long_the_chain(anchored):
    asked = []
    reader = reader_through(anchored, lambda request: asked.append(request["method"]))
    made = anchored.anchored[1]
    assert reader.anchor_at(anchored.log_id, made.head.size).block == made.receipt.block
    assert reader.anchor_at(NOWHERE, made.head.size) is None
    assert asked.count("eth_getLogs") == 1
    assert asked.count("eth_call") == 2  # epochs, of each log


def test_a_node_that_limits_ranges_tells_the_anchor_of_a_size(anchored):
    reader = reader_through(anchored, limit_ranges)
    for made in anchored.anchored:
        assert reader.anchor_at(anchored.log_id, made.head.size).block == made.receipt.block
    assert reader.anchor_at(anchored.log_id, 3) is None


def test_the_earliest_anchor_that_covers_a_leaf(reader, anchored):
    sizes = [made.head.size for made in anchored.anchored]
    for index in range(sizes[-1]):
        covering = reader.anchor_covering(anchored.log_id, index)
        assert covering.head.size == min(size for size in sizes if size > index)
    assert reader.anchor_covering(anchored.log_id, sizes[-1]) is None
    assert reader.anchor_covering(NOWHERE, 0) is None


def test_all_anchors_in_order(reader, anchored):
    found = reader.anchors(anchored.log_id)
    assert [anchor.head for anchor in found] == [made.head for made in anchored.anchored]
    assert reader.anchors(NOWHERE) == []


def test_finding_the_covering_anchor_takes_few_questions(anchored):
    asked = []
    reader = reader_through(anchored, lambda request: asked.append(request["method"]))
    reader.anchor_covering(anchored.log_id, 0)
    assert asked.count("eth_getLogs") == 1
    assert len(asked) <= 10  # the chain has more blocks than that


def test_a_node_without_old_state_is_asked_for_events(anchored):
    def forget(request):
        newest = hex(anchored.ledger.final_block().number)
        if request["method"] == "eth_call" and request["params"][1] not in {"latest", newest}:
            return {"error": {"code": -32000, "message": "missing trie node"}}
        return None

    covering = reader_through(anchored, forget).anchor_covering(anchored.log_id, 2)
    assert covering.head.size == 4


def limit_ranges(request):
    if request["method"] != "eth_getLogs":
        return None
    query = request["params"][0]
    if int(query["toBlock"], 16) - int(query["fromBlock"], 16) >= 3:
        return {"error": {"code": -32005, "message": "range too large"}}
    return None


def test_a_node_that_limits_ranges_is_asked_for_halves(anchored):
    found = reader_through(anchored, limit_ranges).anchors(anchored.log_id)
    assert [anchor.head for anchor in found] == [made.head for made in anchored.anchored]


def test_a_node_that_never_gives_logs_is_unreachable(anchored):
    def refuse(request):
        if request["method"] == "eth_getLogs":
            return {"error": {"code": -32005, "message": "no logs today"}}
        return None

    with pytest.raises(LedgerUnreachableError, match="no logs today"):
        reader_through(anchored, refuse).anchors(anchored.log_id)


def test_a_node_without_timestamps_in_logs_is_asked_for_the_block(anchored):
    def strip(request):
        if request["method"] != "eth_getLogs":
            return None
        answer = json.loads(anchored.node.request(json.dumps(request).encode()))
        for log in answer["result"]:
            del log["blockTimestamp"]
        return {"result": answer["result"]}

    made = anchored.anchored[2]
    anchor = reader_through(anchored, strip).anchor_at(anchored.log_id, made.head.size)
    assert anchor.block == made.receipt.block

    def contradict(request):
        if request["method"] == "eth_getBlockByNumber":
            return {"result": {"number": "0x1", "hash": "0x" + "00" * 32, "timestamp": "0x1"}}
        return strip(request)

    with pytest.raises(LedgerUnreachableError, match="contradicts itself"):
        reader_through(anchored, contradict).anchor_at(anchored.log_id, made.head.size)


@pytest.mark.parametrize(
    "logs",
    [5, {}, [5], [{}], [{"topics": []}], [{"topics": ["0x12"] * 4}],
     [{"topics": ["0x" + "11" * 32] * 3, "data": "0x12"}]],
)  # fmt: skip
def test_garbage_instead_of_logs(anchored, logs):
    reader = reader_through(
        anchored, lambda request: {"result": logs} if request["method"] == "eth_getLogs" else None
    )
    with pytest.raises(LedgerUnreachableError):
        reader.anchor_at(anchored.log_id, 1)


def test_seals_and_their_status_over_time(reader, anchored):
    now = anchored.now()
    certificate = hashlib.sha256(b"seal of this test").digest()
    handle = handle_of(anchored.issuer, certificate)
    assert reader.seal(handle) is None
    assert reader.status_at(handle, now).status is Status.UNKNOWN
    registered = anchored.register_seal(certificate)
    seal = reader.seal(handle)
    assert (seal.issuer, seal.not_before, seal.not_after) == (b"i" * 32, now - 10, now + 10**6 - 10)
    assert seal.registered_at == registered.block.timestamp
    anchored.clock.sleep(10)
    suspended = reader.suspend(handle, Reason.LOSS).block.timestamp
    anchored.clock.sleep(10)
    resumed = reader.resume(handle, Reason.SUPERSEDED).block.timestamp
    anchored.clock.sleep(10)
    revoked = reader.revoke(handle, Reason.KEY_COMPROMISE).block.timestamp

    def status(time):
        at = reader.status_at(handle, time)
        return at.status, at.reason, at.flags

    assert status(seal.registered_at)[0] is Status.ACTIVE
    assert status(suspended - 1)[0] is Status.ACTIVE
    assert status(suspended) == (Status.SUSPENDED, Reason.LOSS, StopFlags.ISSUER)
    assert status(resumed)[0] is Status.ACTIVE
    assert status(revoked)[:2] == (Status.REVOKED, Reason.KEY_COMPROMISE)
    assert reader.status_at(handle, revoked + 5).since == revoked


def test_a_status_the_registry_cannot_give(anchored):
    reader = reader_through(
        anchored,
        lambda request: (
            {"result": "0x" + "77".rjust(64, "0") * 4} if request["method"] == "eth_call" else None
        ),
    )
    with pytest.raises(LedgerUnreachableError, match="does not answer as our registry does"):
        reader.status_at(b"h" * 32, 1)


def test_only_blocks_deep_enough_are_final(anchored):
    deep = Web3Reader(anchored.node.web3(), anchored.deployment, Finality.parse("depth:2"))
    newest = anchored.ledger.final_block().number
    # _final_number is what every question is bounded by
    assert deep.block(newest - 2).number == newest - 2
    assert deep.block(newest - 1) is None
    shallow = [a for a in anchored.ledger.anchors(anchored.log_id) if a.block.number > newest - 2]
    assert len(deep.anchors(anchored.log_id)) == len(anchored.anchored) - len(shallow)


def test_depth_holds_back_the_newest_heads(world):
    first, _, _ = (world.advance() for _ in range(3))
    deep = Web3Reader(world.node.web3(), world.deployment, Finality.parse("depth:2"))
    assert deep.final_block().number == world.ledger.final_block().number - 2
    assert deep.head(world.log_id) == first.head
    assert deep.root_at(world.log_id, 2) is None
    assert deep.anchor_covering(world.log_id, 0).head == first.head
    assert deep.anchor_covering(world.log_id, 1) is None
    assert deep.anchor_at(world.log_id, 4) is None
    depth = world.ledger.final_block().number - world.deployment.block + 1
    before_us = Web3Reader(world.node.web3(), world.deployment, Finality.parse(f"depth:{depth}"))
    assert before_us.final_block().number < world.deployment.block
    assert before_us.anchors(world.log_id) == []


def test_a_chain_younger_than_its_depth_has_its_genesis_final(world):
    young = Web3Reader(world.node.web3(), world.deployment, Finality.parse("depth:1000"))
    assert young.final_block().number == 0


def test_the_nodes_own_word_for_final(anchored):
    tagged = Web3Reader(anchored.node.web3(), anchored.deployment, Finality.parse("tag:finalized"))
    assert tagged.final_block() == anchored.ledger.final_block()
    assert tagged.head(anchored.log_id) == anchored.anchored[-1].head
    assert tagged.anchor_covering(anchored.log_id, 0).head.size == 1

    def not_yet(request):
        return {"result": None} if request["method"] == "eth_getBlockByNumber" else None

    reader = reader_through(anchored, not_yet)
    with pytest.raises(LedgerUnreachableError, match="no final block yet"):
        reader.final_block()


def test_everything_is_still_there_after_a_restart(world):
    for _ in range(3):
        world.advance()
    before = [
        world.ledger.final_block(),
        world.ledger.anchors(world.log_id),
        world.ledger.anchor_covering(world.log_id, 1),
        world.ledger.log(world.log_id),
    ]
    world.node.close()
    with open_node(world.directory, clock=world.clock) as again:
        reader = Web3Reader(again.web3(), world.deployment, Finality())
        assert before == [
            reader.final_block(),
            reader.anchors(world.log_id),
            reader.anchor_covering(world.log_id, 1),
            reader.log(world.log_id),
        ]
