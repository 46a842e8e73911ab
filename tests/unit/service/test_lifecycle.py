from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LedgerUnreachableError,
    NotFoundError,
    SealNotActiveError,
)
from eseal.ledger.facts import Block, Status, StopFlags
from eseal.model.ids import new_id
from eseal.model.seal import Party, Reason, SealState
from eseal.model.stop_codes import StopCodes, StopScope, make_codes
from eseal.service.instance.context import Context
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.lifecycle import Lifecycle
from eseal.store.repositories.seals import SealChange, standing_of
from tests.actors import acting
from tests.office import administration_of, regulator_of


def use(world):
    (outcome,) = world.service.sealing.seal_digests(
        world.contract.id, [DigestOrder(bytes(32))], actor=acting("a")
    )
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def status(world) -> Status:
    ledger = world.service.context.ledger
    return ledger.status_at(world.contract.handle, ledger.final_block().timestamp).status


def test_suspend_and_resume(world):
    lifecycle = world.service.lifecycle
    suspended = lifecycle.suspend(
        world.contract.id, reason=Reason.BY_ORDER, actor=acting("regulator", Party.REGULATOR)
    )
    assert (suspended.state, suspended.reason) == (SealState.SUSPENDED, Reason.BY_ORDER)
    assert status(world) is Status.SUSPENDED
    with pytest.raises(SealNotActiveError):
        use(world)
    assert (
        lifecycle.resume(world.contract.id, actor=acting("regulator", Party.REGULATOR)).state
        is SealState.ACTIVE
    )
    assert status(world) is Status.ACTIVE
    use(world)
    states = [change.state for change in world.service.directory.changes(world.contract.id)]
    assert states == [SealState.ACTIVE, SealState.SUSPENDED, SealState.ACTIVE]
    assert world.service.audit.run().disagreements == ()


def test_revoked_is_final_and_frees_the_place(world):
    lifecycle = world.service.lifecycle
    assert (
        lifecycle.revoke(world.contract.id, reason=Reason.LOSS, actor=acting("a")).reason
        is Reason.LOSS
    )
    with pytest.raises(ConflictError, match="this one is revoked"):
        lifecycle.resume(world.contract.id, actor=acting("a"))
    with pytest.raises(ConflictError, match="this one is revoked"):
        lifecycle.suspend(world.contract.id, reason=Reason.LOSS, actor=acting("a"))
    with pytest.raises(SealNotActiveError):
        use(world)
    assert world.service.audit.run().disagreements == ()


def test_a_revocation_needs_a_reason(world):
    with pytest.raises(InvalidInputError, match="a reason to revoke"):
        world.service.lifecycle.revoke(world.contract.id, reason=Reason.NONE, actor=acting("a"))
    assert status(world) is Status.ACTIVE


def test_unknown_seal(world):
    with pytest.raises(NotFoundError):
        world.service.lifecycle.suspend(new_id(), reason=Reason.LOSS, actor=acting("a"))


def test_a_change_anchors_the_uses_before_it(world):
    use(world)
    world.service.lifecycle.suspend(world.contract.id, reason=Reason.LOSS, actor=acting("a"))
    assert world.service.anchoring.pending() == 0


class DownLedger:
    """A ledger nobody answers for; everything else is the real one's."""

    def __init__(self, ledger):
        self._ledger = ledger

    def __getattr__(self, name):
        if name in {"chain_id", "usage_ledger", "seal_registry"}:
            return getattr(self._ledger, name)

        def down(*_args, **_kwargs):
            raise LedgerUnreachableError("no answer")

        return down


@pytest.fixture
def down(world) -> Lifecycle:
    context: Context = world.service.context
    real, context.ledger = context.ledger, DownLedger(context.ledger)
    yield Lifecycle(context, world.service.anchoring)
    context.ledger = real


def test_with_the_ledger_down_a_seal_stops_here_at_once_and_there_later(world, down):
    context = world.service.context
    context.ledger = context.connection.ledger
    use(world)
    context.ledger = DownLedger(context.connection.ledger)
    with pytest.raises(LedgerUnreachableError, match="suspended here and cannot be used"):
        down.suspend(world.contract.id, reason=Reason.LOSS, actor=acting("a"))
    with pytest.raises(SealNotActiveError):
        use(world)
    world.service.context.ledger = world.service.context.connection.ledger
    assert status(world) is Status.ACTIVE
    with pytest.raises(ConflictError, match="on its way"):
        world.service.lifecycle.resume(world.contract.id, actor=acting("a"))
    assert world.service.lifecycle.settle() == 1
    assert status(world) is Status.SUSPENDED
    assert world.service.lifecycle.settle() == 0
    assert world.service.audit.run().disagreements == ()


def test_with_the_ledger_down_a_seal_is_not_resumed(world):
    world.service.lifecycle.suspend(world.contract.id, reason=Reason.LOSS, actor=acting("a"))
    context = world.service.context
    context.ledger = DownLedger(context.ledger)
    with pytest.raises(LedgerUnreachableError):
        world.service.lifecycle.resume(world.contract.id, actor=acting("a"))
    context.ledger = context.connection.ledger
    assert world.service.directory.seal(world.contract.id).state is SealState.SUSPENDED
    assert world.service.lifecycle.settle() == 0


def test_a_crash_after_the_transaction_is_settled_without_a_second_one(world):
    context = world.service.context
    lifecycle = world.service.lifecycle
    settling = lifecycle._settling
    settling._confirm = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        lifecycle.suspend(world.contract.id, reason=Reason.LOSS, actor=acting("a"))
    del settling._confirm
    block = context.ledger.final_block().number
    assert lifecycle.settle() == 1
    assert context.ledger.final_block().number == block
    assert world.service.audit.run().disagreements == ()


def flags(world) -> StopFlags:
    ledger = world.service.context.ledger
    return ledger.status_at(world.contract.handle, ledger.final_block().timestamp).flags


def state(world) -> SealState:
    return world.service.directory.seal(world.contract.id).state


PARTIES = (Party.COMPANY, Party.ISSUER, Party.REGULATOR)


@pytest.mark.parametrize("first", PARTIES)
@pytest.mark.parametrize("second", PARTIES)
def test_nobody_blocks_or_lifts_another_s_stop(world, first, second):
    """The company stopped its seal; the regulator comes; the company resumes: it stays stopped."""
    if first is second:
        return
    lifecycle, seal = world.service.lifecycle, world.contract.id
    lifecycle.suspend(seal, reason=Reason.LOSS, actor=acting("1", first))
    with pytest.raises(ForbiddenError, match="nobody lifts another's stop"):
        lifecycle.resume(seal, actor=acting("2", second))
    stopped = lifecycle.suspend(seal, reason=Reason.BY_ORDER, actor=acting("2", second))
    assert (stopped.state, stopped.reason) == (SealState.SUSPENDED, Reason.BY_ORDER)
    with pytest.raises(ConflictError, match="already"):
        lifecycle.suspend(seal, reason=Reason.LOSS, actor=acting("2", second))
    left = lifecycle.resume(seal, actor=acting("1", first))
    assert (left.state, left.reason) == (SealState.SUSPENDED, Reason.BY_ORDER)
    assert status(world) is Status.SUSPENDED
    with pytest.raises(SealNotActiveError):
        use(world)
    assert lifecycle.resume(seal, actor=acting("2", second)).state is SealState.ACTIVE
    assert status(world) is Status.ACTIVE
    assert world.service.audit.run().disagreements == ()


def test_each_party_s_stop_is_its_own_flag_on_the_ledger(world):
    lifecycle, seal = world.service.lifecycle, world.contract.id
    lifecycle.suspend(seal, reason=Reason.LOSS, actor=acting("c", Party.COMPANY))
    assert flags(world) == StopFlags.ISSUER
    lifecycle.suspend(seal, reason=Reason.LOSS, actor=acting("o"))
    lifecycle.suspend(seal, reason=Reason.BY_ORDER, actor=acting("r", Party.REGULATOR))
    assert flags(world) == StopFlags.ISSUER | StopFlags.REGULATOR
    lifecycle.resume(seal, actor=acting("c", Party.COMPANY))
    assert flags(world) == StopFlags.ISSUER | StopFlags.REGULATOR, "the operator's still counts"
    lifecycle.resume(seal, actor=acting("o"))
    assert flags(world) == StopFlags.REGULATOR
    lifecycle.resume(seal, actor=acting("r", Party.REGULATOR))
    assert flags(world) == StopFlags.NONE


def test_without_a_regulator_s_account_a_regulator_s_stop_is_the_issuer_s_and_holds(world):
    lifecycle, seal = world.service.lifecycle, world.contract.id
    connection = world.service.context.connection
    revoke_regulator(world, connection.regulator.operator)
    lifecycle.suspend(seal, reason=Reason.BY_ORDER, actor=acting("r", Party.REGULATOR))
    lifecycle.suspend(seal, reason=Reason.LOSS, actor=acting("c", Party.COMPANY))
    assert flags(world) == StopFlags.ISSUER
    lifecycle.resume(seal, actor=acting("c", Party.COMPANY))
    assert flags(world) == StopFlags.ISSUER
    assert state(world) is SealState.SUSPENDED
    assert lifecycle.resume(seal, actor=acting("r", Party.REGULATOR)).state is SealState.ACTIVE
    assert flags(world) == StopFlags.NONE


def revoke_regulator(world, account):
    administration_of(world.service.context).revoke_regulator(account)


def owner_s(world) -> StopCodes:
    """Stop codes of the company's own making, their end on the ledger."""
    ledger = world.service.context.ledger
    registry = bytes.fromhex(ledger.seal_registry[2:])
    codes = make_codes(StopScope(ledger.chain_id, registry, world.contract.handle))
    world.service.stops.set_end(world.contract.id, codes.end, actor=acting())
    return codes


def test_the_owner_s_stop_from_any_account_stops_the_sealing_here(world):
    codes, connection = owner_s(world), world.service.context.connection
    use(world)
    connection.regulator.stop_by_owner(world.contract.handle, codes.codes[0])
    assert world.service.lifecycle.follow() == 1
    with pytest.raises(SealNotActiveError):
        use(world)
    seal = world.service.directory.seal(world.contract.id)
    assert (seal.state, seal.reason) == (SealState.SUSPENDED, Reason.OWNER_STOP)
    for party in PARTIES:
        with pytest.raises(ForbiddenError, match=r"its company \(by a stop code\)"):
            world.service.lifecycle.resume(world.contract.id, actor=acting("x", party))
    connection.regulator.resume_by_owner(world.contract.handle, codes.codes[1])
    assert world.service.lifecycle.follow() == 1
    assert world.service.lifecycle.follow() == 0
    use(world)
    assert world.service.audit.run().disagreements == ()


def test_a_stop_in_a_block_that_replaced_another_is_not_missed(world):
    """A re-organisation deeper than the finality setting says: heights seen before hold others."""
    codes, connection = owner_s(world), world.service.context.connection
    connection.regulator.stop_by_owner(world.contract.handle, codes.codes[0])
    final = connection.reader.final_block()
    world.service.lifecycle._settling._followed = Block(final.number, b"x" * 32, final.timestamp)
    assert world.service.lifecycle.follow() == 1
    assert state(world) is SealState.SUSPENDED


def test_what_a_regulator_does_with_an_account_of_its_own_is_followed(world):
    elsewhere = regulator_of(world.service.context)
    elsewhere.suspend(world.contract.handle, Reason.BANKRUPTCY)
    assert world.service.lifecycle.follow() == 1
    seal = world.service.directory.seal(world.contract.id)
    assert (seal.state, seal.reason) == (SealState.SUSPENDED, Reason.BANKRUPTCY)
    elsewhere.resume(world.contract.handle, Reason.NONE)
    world.service.lifecycle.follow()
    assert state(world) is SealState.ACTIVE
    elsewhere.revoke(world.contract.handle, Reason.BY_ORDER)
    world.service.lifecycle.follow()
    assert state(world) is SealState.REVOKED
    assert world.service.audit.run().disagreements == ()


def test_a_seal_that_is_stopped_on_the_ledger_by_others_does_not_become_active_here(world):
    """The lifting of one stop looks at the ledger, even before anybody has followed it."""
    lifecycle, seal = world.service.lifecycle, world.contract.id
    codes = owner_s(world)
    lifecycle.suspend(seal, reason=Reason.LOSS, actor=acting("o"))
    world.service.context.connection.regulator.stop_by_owner(world.contract.handle, codes.codes[0])
    assert lifecycle.resume(seal, actor=acting("o")).state is SealState.SUSPENDED
    with pytest.raises(SealNotActiveError):
        use(world)


def test_a_regulator_who_comes_while_the_ledger_is_down_is_not_blocked(world, down):
    """Both changes wait; both arrive; the company's resuming changes nothing."""
    seal, context = world.contract.id, world.service.context
    for party in (Party.COMPANY, Party.REGULATOR):
        with pytest.raises(LedgerUnreachableError, match="suspended here"):
            down.suspend(seal, reason=Reason.LOSS, actor=acting("a", party))
    context.ledger = context.connection.ledger
    assert world.service.lifecycle.settle() == 2
    assert flags(world) == StopFlags.ISSUER | StopFlags.REGULATOR
    left = world.service.lifecycle.resume(seal, actor=acting("a", Party.COMPANY))
    assert left.state is SealState.SUSPENDED


def test_a_refused_resume_drops_only_itself(world):
    lifecycle, seal, context = world.service.lifecycle, world.contract.id, world.service.context
    lifecycle.suspend(seal, reason=Reason.LOSS, actor=acting("c", Party.COMPANY))
    context.ledger = DownLedger(context.ledger)
    with pytest.raises(LedgerUnreachableError, match="suspended here"):
        lifecycle.suspend(seal, reason=Reason.LOSS, actor=acting("o"))
    with pytest.raises(LedgerUnreachableError):
        lifecycle.resume(seal, actor=acting("c", Party.COMPANY))
    context.ledger = context.connection.ledger
    assert lifecycle.settle() == 1
    assert standing_of(world.service.directory.changes(seal)).stops == (
        Party.COMPANY | Party.ISSUER
    )


CHANGES = st.lists(
    st.tuples(
        st.sampled_from([SealState.SUSPENDED, SealState.ACTIVE]),
        st.sampled_from([Party.OWNER, Party.ISSUER, Party.REGULATOR, Party.COMPANY]),
        st.booleans(),
    )
)


@given(CHANGES)
def test_a_seal_is_active_only_while_nobody_stops_it(asked):
    """Against the naive way: who suspended last without a confirmed resume of their own?"""
    made = [change(SealState.ACTIVE, Party.ISSUER, True)]
    made += [change(*each) for each in asked]
    stops = Party.NONE
    for party in (Party.OWNER, Party.ISSUER, Party.REGULATOR, Party.COMPANY):
        own = [
            one.state
            for one in made[1:]
            if one.party is party and (one.state is SealState.SUSPENDED or one.block_number)
        ]
        if own and own[-1] is SealState.SUSPENDED:
            stops |= party
    standing = standing_of(made)
    assert standing.stops == stops
    assert standing.state is (SealState.SUSPENDED if stops else SealState.ACTIVE)


def change(to, party, confirmed):
    block = 7 if confirmed else None
    return SealChange(1, "seal", to, Reason.NONE, party, "a", datetime.now(UTC), None, block)
