"""What the operator's account signs: calls that follow from checked rows, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from eseal.errors import ForeignRowError
from eseal.ledger.artifacts import SEAL_REGISTRY, USAGE_LEDGER, load_artifact
from eseal.ledger.deployment import Deployment
from eseal.ledger.transactions import Order
from eseal.log import tree
from eseal.log.checkpoint import log_id
from eseal.model.seal import Reason, SealState
from eseal.service.calls import OperatorCalls, check_certificate
from eseal.service.sealing import DigestOrder
from eseal.store.log import LogRepository
from eseal.store.seals import SealRepository
from eseal.store.transactions import DatabaseJournal

REGISTRY, LEDGER = load_artifact(SEAL_REGISTRY).functions, load_artifact(USAGE_LEDGER).functions
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def calls(world):
    """The operator's check of an instance with four leaves, two of them anchored."""
    for _ in range(2):
        orders = [DigestOrder(bytes(32)), DigestOrder(bytes(32))]
        world.service.sealing.seal_digests(world.contract.id, orders, actor="operator:t")
        if world.service.anchoring.pending() == 2:
            world.service.anchoring.anchor()
    context = world.service.context
    return OperatorCalls(
        context.database,
        context.keys,
        context.instance,
        Deployment.parse(context.instance.deployment.encode()),
        context.log_public_key,
    )


def advance(world, *, old=2, new=4, **changed):
    context = world.service.context
    with context.database.read() as connection:
        log = LogRepository(connection)
        values = {
            "log": log_id(context.instance.origin),
            "old": old,
            "new": new,
            "root": tree.root(log, new),
            "proof": list(tree.consistency(log, old, new)),
        } | changed
    data = LEDGER["advance"].encode_call(tuple(values.values()))
    return Order("advance", context.ledger.usage_ledger, data)


def registration(world, *seals, **changed):
    context = world.service.context
    values = {
        "issuer": context.issuer_id,
        "handles": [seal.handle for seal in seals],
        "from": [int(seal.not_before.timestamp()) for seal in seals],
        "until": [int(seal.not_after.timestamp()) for seal in seals],
    } | changed
    data = REGISTRY["registerSeals"].encode_call(tuple(values.values()))
    return Order("register_seals", context.ledger.seal_registry, data)


def status(world, name, handle, reason):
    data = REGISTRY[name].encode_call((handle, int(reason)))
    return Order(name, world.service.context.ledger.seal_registry, data)


def test_what_is_on_record_is_signed(world, calls):
    calls(advance(world))
    calls(advance(world, old=0, new=1))
    calls(advance(world, old=3, new=4))
    calls(registration(world, world.contract, world.finance))
    instance = world.service.context.instance
    opening = (instance.issuer_id, instance.origin, world.service.context.log_public_key)
    ledger = world.service.context.ledger.usage_ledger
    calls(Order("open_log", ledger, LEDGER["openLog"].encode_call(opening)))
    world.service.lifecycle.suspend(world.finance.id, reason=Reason.LOSS, actor="operator:t")
    calls(status(world, "suspend", world.finance.handle, Reason.LOSS))


def forgeries(world):
    """Orders as an intruder would write them, by what is wrong."""
    ledger = world.service.context.ledger
    real, junk = advance(world), bytes(range(32))
    yield "the root", advance(world, root=junk)
    yield "the log", advance(world, log=junk)
    yield "the proof", advance(world, proof=[junk])
    yield "beyond the log", replace(real, data=real.data[:68] + (5).to_bytes(32) + real.data[100:])
    yield "beyond any log", replace(real, data=real.data[:68] + b"\xff" * 32 + real.data[100:])
    yield "backwards", replace(real, data=real.data[:36] + (9).to_bytes(32) + real.data[68:])
    yield "bytes behind it", replace(real, data=real.data + bytes(32))
    yield "cut off", replace(real, data=real.data[:-32])
    yield "no arguments", replace(real, data=real.data[:4])
    yield "the contract", replace(real, to=ledger.seal_registry)
    yield "no contract", replace(real, to=None)
    yield "the kind", replace(real, kind="call")
    yield "another kind's call", replace(real, kind="open_log")
    yield "a seal of nobody", registration(world, world.contract, handles=[junk])
    yield "the issuer", registration(world, world.contract, issuer=junk)
    yield "the end", registration(world, world.contract, until=[2**40])
    opening = (junk, "else.example/log", junk)
    yield (
        "a second log",
        Order("open_log", ledger.usage_ledger, LEDGER["openLog"].encode_call(opening)),
    )
    yield (
        "what nobody asked for",
        status(world, "revoke", world.contract.handle, Reason.KEY_COMPROMISE),
    )
    yield "another reason", status(world, "resume", world.contract.handle, Reason.LOSS)
    admission = (junk, ledger.operator)
    yield (
        "the administrator's",
        Order("admit_issuer", ledger.seal_registry, REGISTRY["admitIssuer"].encode_call(admission)),
    )


def refusal(act, *arguments):
    """What is said of a foreign row; nothing if none was met."""
    try:
        act(*arguments)
    except ForeignRowError as error:
        return str(error)
    return ""


def test_nothing_else_is_signed(world, calls):
    for what, order in forgeries(world):
        assert f"transactions {order.kind}: " in refusal(calls, order), what


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_tiles SET hashes = zeroblob(length(hashes)) WHERE level = 0",
        "UPDATE log_checkpoint SET size = 3",
        "UPDATE log_checkpoint SET root = zeroblob(32)",
        "UPDATE log_checkpoint SET note = x'00'",
        "UPDATE log_checkpoint SET size = 'many'",
    ],
)
def test_a_head_that_the_log_did_not_sign_is_not_anchored(world, calls, statement):
    order = advance(world)
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(ForeignRowError, match="transactions advance: "):
        calls(order)


def test_a_certificate_of_another_key_or_chain_is_not_registered(world):
    key = world.service.context.keys.public_key(world.contract.key_id)
    check_certificate(world.contract, key)
    other = world.service.context.keys.public_key(world.finance.key_id)
    with pytest.raises(Exception, match="for another key than its own"):
        check_certificate(world.contract, other)
    cut = replace(world.contract, chain=world.contract.chain[1:])
    with pytest.raises(Exception, match="the next certificate"):
        check_certificate(cut, key)


def test_a_seal_row_of_an_intruder_is_not_registered(world, calls):
    order = registration(world, world.contract)
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE seals SET not_after = not_after + 1000000")
    with pytest.raises(ForeignRowError, match="seals "):
        calls(order)
    assert world.service.stopped is not None


@pytest.mark.usefixtures("calls")
def test_a_forged_transaction_is_not_even_read(world):
    """The attack that once forged any company: a prepared row with a call of the intruder's."""
    context = world.service.context
    account = (context.ledger.chain_id, context.ledger.operator)
    journal = DatabaseJournal(context.database, *account)
    for what, order in forgeries(world):
        with context.database.write() as connection:
            connection.exec_driver_sql("DELETE FROM transactions WHERE nonce = 999")
            connection.exec_driver_sql(
                "INSERT INTO transactions (chain_id, account, nonce, kind, destination, data, gas, "
                "state, created_at, updated_at, version, mac) "
                "VALUES (?, ?, 999, ?, ?, ?, 1000000, 'prepared', 0, 0, 1, zeroblob(36))",
                (*account, order.kind, order.to, order.data),
            )
        assert "transactions " in refusal(journal.live), what
    before = context.ledger.final_block()
    with pytest.raises(ForeignRowError, match="transactions "):
        world.service.anchoring.anchor()
    with pytest.raises(ForeignRowError, match="transactions "):
        world.service.lifecycle.suspend(world.contract.id, reason=Reason.LOSS, actor="operator:t")
    assert context.ledger.final_block() == before


def test_a_bound_transaction_is_signed_only_if_it_follows_from_the_record(world):
    """The second line: even what came into our own journal must follow from what is on record."""
    context = world.service.context
    order = status(world, "revoke", world.contract.handle, Reason.KEY_COMPROMISE)
    journal = DatabaseJournal(context.database, context.ledger.chain_id, context.ledger.operator)
    journal.prepare(order, 1_000_000, 0)
    with pytest.raises(ForeignRowError, match="nobody asked that seal"):
        context.ledger.carry_on()
    status_now = context.ledger.status_at(world.contract.handle, int(NOW.timestamp()) + 10**8)
    assert status_now.reason is Reason.NONE
    with context.database.read() as connection:
        assert SealRepository(connection).get(world.contract.id).state is SealState.ACTIVE
