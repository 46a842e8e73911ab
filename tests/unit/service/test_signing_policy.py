"""What an instance's accounts sign: calls that follow from checked rows, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eseal.errors import (
    DatabaseUnreachableError,
    ForeignRowError,
    InvalidFormatError,
    LedgerRejectedError,
    UntrustedChainError,
)
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.facts import Head, NewVolume, Status
from eseal.ledger.sending.calls import Calls
from eseal.log import tree
from eseal.model.seal import Party, Reason, SealState
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.registrations import new_company
from eseal.service.seals.settling import registration_of
from eseal.service.setup.signing_policy import SigningPolicy, check_certificate
from eseal.store.database import Database
from eseal.store.repositories.books import BookRepository
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.seals import SealRepository
from eseal.store.repositories.transactions import DatabaseJournal
from tests.actors import acting

JUNK = bytes(range(32))


@pytest.fixture
def check(world):
    """The check of an instance with four leaves, two of them anchored, and opened volumes."""
    orders = [DigestOrder(bytes(32)), DigestOrder(bytes(32))]
    world.service.sealing.seal_digests(world.contract.id, orders, actor=acting("operator:t"))
    world.service.anchoring.anchor()
    world.service.sealing.seal_digests(world.contract.id, orders, actor=acting("operator:t"))
    world.service.upkeep.round()
    context = world.service.context
    calls = SigningPolicy(
        context.database,
        context.keys,
        context.instance,
        deployment_of(world),
    )
    return lambda order: calls(order, context.ledger.operator, begun=True)


def deployment_of(world):
    return Deployment.parse(world.service.context.instance.deployment.encode())


def calls_of(world):
    return Calls(deployment_of(world))


def advance(world, *, old=2, new=4, log=None, root=None, proof=None):
    context = world.service.context
    with context.database.read() as connection:
        rows = LogRepository(connection)
        head = Head(new, tree.root(rows, new) if root is None else root)
        real = tree.consistency(rows, old, new)
    log_id = context.instance.log_id if log is None else log
    return calls_of(world).advance(log_id, old, head, real if proof is None else proof)


def registration(world, seal, *, issuer=None, **changed):
    context = world.service.context
    with context.database.read() as connection:
        new = replace(registration_of(connection, seal), **changed)
    return calls_of(world).register_seals(context.issuer_id if issuer is None else issuer, [new])


def company(world, *, signature=None, **changed):
    new = replace(new_company(world.company), **changed)
    return calls_of(world).register_companies([new], [signature or world.company.registration])


def volume(world, number=1, **changed):
    with world.service.context.database.read() as connection:
        kept = BookRepository(connection).volumes(world.contract.id)[number]
    new = NewVolume(world.contract.handle, kept.number, kept.root)
    return calls_of(world).open_volumes([replace(new, **changed)])


def test_what_is_on_record_is_signed(world, check):
    check(advance(world))
    check(advance(world, old=0, new=1))
    check(advance(world, old=3, new=4))
    check(registration(world, world.contract))
    check(company(world))
    check(volume(world))
    instance, calls = world.service.context.instance, calls_of(world)
    opening = (instance.issuer_id, instance.origin, world.service.context.log_public_key)
    check(calls.of("openLog", *opening))
    world.service.stops.set_end(world.finance.id, JUNK, actor=acting())
    check(calls.set_stop(world.finance.handle, JUNK))
    check(calls.stop_by_owner(JUNK, JUNK))  # of any issuer's seal: the code is the right
    world.service.lifecycle.suspend(
        world.finance.id, reason=Reason.LOSS, actor=acting("operator:t")
    )
    check(calls.suspend(world.finance.handle, Reason.LOSS))


def forgeries(world):
    """Orders as an intruder would write them, by what is wrong."""
    ledger, calls = world.service.context.ledger, calls_of(world)
    real, contract = advance(world), world.contract
    yield "the root", advance(world, root=JUNK)
    yield "the log", advance(world, log=JUNK)
    yield "the proof", advance(world, proof=[JUNK])
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
    yield "a seal of nobody", registration(world, contract, certificate=JUNK)
    yield "the issuer", registration(world, contract, issuer=JUNK)
    yield "the company of a seal", registration(world, contract, subject=JUNK)
    yield "the end", registration(world, contract, not_after=2**40)
    yield "a planted volume", registration(world, contract, volume_root=JUNK)
    yield "a planted stop", registration(world, contract, stop_hash=JUNK)
    yield "a company of nobody", company(world, output=JUNK)
    yield "its founders", company(world, founders=JUNK)
    yield "its signature", company(world, signature=bytes(65))
    yield "another volume", volume(world, root=JUNK)
    yield "a volume of nobody", volume(world, handle=JUNK)
    yield "a volume far ahead", volume(world, number=1, root=JUNK)
    yield "a second log", calls.of("openLog", JUNK, "else.example/log", JUNK)
    yield "what nobody asked for", calls.revoke(contract.handle, Reason.KEY_COMPROMISE)
    yield "another reason", calls.resume(contract.handle, Reason.LOSS)
    yield "a stop of nobody", calls.set_stop(contract.handle, JUNK)
    yield (
        "bytes behind a code",
        replace(calls.stop_by_owner(JUNK, JUNK), data=calls.stop_by_owner(JUNK, JUNK).data + b"\0"),
    )
    yield "the administrator's", calls.of("admitIssuer", JUNK, ledger.operator)


def refusal(act, *arguments):
    """What is said of a foreign row; nothing if none was met."""
    try:
        act(*arguments)
    except ForeignRowError as error:
        return str(error)
    return ""


def test_nothing_else_is_signed(world, check):
    for what, order in forgeries(world):
        assert f"transactions {order.kind}: " in refusal(check, order), what


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
def test_a_head_that_the_log_did_not_sign_is_not_anchored(world, check, statement):
    order = advance(world)
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql(statement)
    with pytest.raises(ForeignRowError, match="transactions advance: "):
        check(order)


def test_a_database_that_is_gone_for_a_moment_accuses_no_call(world, check, monkeypatch):
    def gone(_):
        raise DatabaseUnreachableError("the server closed the connection")

    order = advance(world)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "read", gone)
        with pytest.raises(DatabaseUnreachableError):
            check(order)
    assert world.service.stopped is None
    check(order)


def test_a_certificate_of_another_key_or_chain_is_not_registered(world):
    key = world.service.context.keys.public_key(world.contract.key_id)
    check_certificate(world.contract, key)
    other = world.service.context.keys.public_key(world.finance.key_id)
    with pytest.raises(InvalidFormatError, match="for another key than its own"):
        check_certificate(world.contract, other)
    cut = replace(world.contract, chain=world.contract.chain[1:])
    with pytest.raises(UntrustedChainError, match="the next certificate"):
        check_certificate(cut, key)


def test_a_seal_row_of_an_intruder_is_not_registered(world, check):
    order = registration(world, world.contract)
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE seals SET not_after = not_after + 1000000")
    with pytest.raises(ForeignRowError, match="seals "):
        check(order)
    assert world.service.stopped is not None


@pytest.mark.usefixtures("check")
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
        world.service.lifecycle.suspend(
            world.contract.id, reason=Reason.LOSS, actor=acting("operator:t")
        )
    assert context.ledger.final_block() == before


def test_a_bound_transaction_is_signed_only_if_it_follows_from_the_record(world):
    """The second line: even what came into our own journal must follow from what is on record."""
    context = world.service.context
    order = calls_of(world).revoke(world.contract.handle, Reason.KEY_COMPROMISE)
    journal = DatabaseJournal(context.database, context.ledger.chain_id, context.ledger.operator)
    journal.prepare(order, 1_000_000, 0)
    with pytest.raises(ForeignRowError, match="nobody asked for this change"):
        context.ledger.carry_on()
    now = context.ledger.final_block().timestamp
    assert context.ledger.status_at(world.contract.handle, now).status is Status.ACTIVE


@pytest.fixture
def fresh(world):
    """The same for calls that were never signed before."""
    context = world.service.context
    calls = SigningPolicy(context.database, context.keys, context.instance, deployment_of(world))
    calls.know_regulator(context.connection.regulator.operator, context.connection.regulates)
    return lambda order, account=context.ledger.operator: calls(order, account, begun=False)


def ask(world, state, reason, party=Party.ISSUER):
    """A change that waits, as after a crash before the ledger heard of it."""
    context = world.service.context
    with context.database.write() as connection:
        seals = SealRepository(connection)
        seals.request_change(world.contract.id, state, reason, party, "a", context.now())


def test_a_change_is_signed_while_it_waits_and_not_again(world, fresh):
    handle, calls = world.contract.handle, calls_of(world)
    ask(world, SealState.SUSPENDED, Reason.LOSS)
    fresh(calls.suspend(handle, Reason.LOSS))
    with pytest.raises(ForeignRowError, match="nobody asked"):
        fresh(calls.suspend(handle, Reason.BY_ORDER))
    with pytest.raises(LedgerRejectedError, match="not wanted now"):  # a lift with its reason
        fresh(calls.resume(handle, Reason.LOSS))
    world.service.lifecycle.settle()
    with pytest.raises(LedgerRejectedError, match="not wanted now"):
        fresh(calls.suspend(handle, Reason.LOSS))


def test_no_account_lifts_a_stop_that_stands(world, fresh):
    handle, calls = world.contract.handle, calls_of(world)
    regulator = world.service.context.connection.regulator.operator
    ask(world, SealState.SUSPENDED, Reason.LOSS)
    ask(world, SealState.SUSPENDED, Reason.BY_ORDER, Party.REGULATOR)
    world.service.lifecycle.settle()
    ask(world, SealState.ACTIVE, Reason.NONE)
    fresh(calls.resume(handle, Reason.NONE))
    with pytest.raises(LedgerRejectedError):  # the regulators' stop is none of the issuer's
        fresh(calls.resume(handle, Reason.NONE), regulator)
    ask(world, SealState.SUSPENDED, Reason.BY_ORDER, Party.COMPANY)
    with pytest.raises(LedgerRejectedError):
        fresh(calls.resume(handle, Reason.NONE))


def prepared_lift(world):
    """The journal, in which the lift of a stop waits to be signed."""
    context = world.service.context
    ask(world, SealState.SUSPENDED, Reason.LOSS)
    world.service.lifecycle.settle()
    ask(world, SealState.ACTIVE, Reason.NONE)
    journal = DatabaseJournal(context.database, context.ledger.chain_id, context.ledger.operator)
    journal.prepare(calls_of(world).resume(world.contract.handle, Reason.NONE), 1_000_000, 0)
    return journal


def test_a_lift_that_was_prepared_before_a_newer_stop_is_withdrawn(world):
    context, handle = world.service.context, world.contract.handle
    journal = prepared_lift(world)
    ask(world, SealState.SUSPENDED, Reason.BY_ORDER, Party.COMPANY)
    before = context.ledger.final_block()
    context.ledger.carry_on()
    assert journal.live() == []
    assert context.ledger.final_block() == before
    world.service.lifecycle.settle()
    now = context.ledger.final_block().timestamp
    assert context.ledger.status_at(handle, now).status is Status.SUSPENDED
    assert world.service.stopped is None


@pytest.mark.usefixtures("check")
def test_what_others_wait_behind_is_signed_all_the_same(world):
    """Without its nonce nothing above it would ever be in a block."""
    context, handle = world.service.context, world.contract.handle
    journal = prepared_lift(world)
    journal.prepare(volume(world, 2), 1_000_000, 0)
    ask(world, SealState.SUSPENDED, Reason.BY_ORDER, Party.COMPANY)
    context.ledger.carry_on()
    assert journal.live() == []
    world.service.lifecycle.settle()
    now = context.ledger.final_block().timestamp
    assert context.ledger.status_at(handle, now).status is Status.SUSPENDED
