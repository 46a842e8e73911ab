from __future__ import annotations

import pytest

from eseal.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LedgerUnreachableError,
    NotFoundError,
    SealNotActiveError,
)
from eseal.ledger.protocol import Status
from eseal.model.ids import new_id
from eseal.model.seal import Reason, SealState
from eseal.service.context import Context
from eseal.service.lifecycle import Lifecycle
from eseal.service.sealing import DigestOrder


def use(world):
    (outcome,) = world.service.sealing.seal_digests(
        world.contract.id, [DigestOrder(bytes(32))], actor="a"
    )
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def status(world) -> Status:
    ledger = world.service.context.ledger
    return ledger.status_at(world.contract.handle, ledger.final_block().timestamp).status


def test_suspend_and_resume(world):
    lifecycle = world.service.lifecycle
    suspended = lifecycle.suspend(world.contract.id, reason=Reason.BY_ORDER, actor="regulator")
    assert (suspended.state, suspended.reason) == (SealState.SUSPENDED, Reason.BY_ORDER)
    assert status(world) is Status.SUSPENDED
    with pytest.raises(SealNotActiveError):
        use(world)
    assert lifecycle.resume(world.contract.id, actor="regulator").state is SealState.ACTIVE
    assert status(world) is Status.ACTIVE
    assert use(world).use.log_index == 0
    states = [change.state for change in world.service.directory.changes(world.contract.id)]
    assert states == [SealState.ACTIVE, SealState.SUSPENDED, SealState.ACTIVE]
    assert world.service.audit.run().disagreements == ()


def test_revoked_is_final_and_frees_the_place(world):
    lifecycle = world.service.lifecycle
    assert lifecycle.revoke(world.contract.id, reason=Reason.LOSS, actor="a").reason is Reason.LOSS
    with pytest.raises(ConflictError, match="this one is revoked"):
        lifecycle.resume(world.contract.id, actor="a")
    with pytest.raises(ConflictError, match="this one is revoked"):
        lifecycle.suspend(world.contract.id, reason=Reason.LOSS, actor="a")
    with pytest.raises(SealNotActiveError):
        use(world)
    assert world.service.audit.run().disagreements == ()


def test_a_revocation_needs_a_reason(world):
    with pytest.raises(InvalidInputError, match="a reason to revoke"):
        world.service.lifecycle.revoke(world.contract.id, reason=Reason.NONE, actor="a")
    assert status(world) is Status.ACTIVE


def test_unknown_seal(world):
    with pytest.raises(NotFoundError):
        world.service.lifecycle.suspend(new_id(), reason=Reason.LOSS, actor="a")


def test_a_change_anchors_the_uses_before_it(world):
    use(world)
    world.service.lifecycle.suspend(world.contract.id, reason=Reason.LOSS, actor="a")
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
    yield Lifecycle(context, world.service.anchoring.anchor)
    context.ledger = real


def test_with_the_ledger_down_a_seal_stops_here_at_once_and_there_later(world, down):
    context = world.service.context
    context.ledger = context.connection.ledger
    use(world)
    context.ledger = DownLedger(context.connection.ledger)
    with pytest.raises(LedgerUnreachableError, match="suspended here and cannot be used"):
        down.suspend(world.contract.id, reason=Reason.LOSS, actor="a")
    with pytest.raises(SealNotActiveError):
        use(world)
    world.service.context.ledger = world.service.context.connection.ledger
    assert status(world) is Status.ACTIVE
    with pytest.raises(ConflictError, match="on its way"):
        world.service.lifecycle.resume(world.contract.id, actor="a")
    assert world.service.lifecycle.settle() == 1
    assert status(world) is Status.SUSPENDED
    assert world.service.lifecycle.settle() == 0
    assert world.service.audit.run().disagreements == ()


def test_with_the_ledger_down_a_seal_is_not_resumed(world):
    world.service.lifecycle.suspend(world.contract.id, reason=Reason.LOSS, actor="a")
    context = world.service.context
    context.ledger = DownLedger(context.ledger)
    with pytest.raises(LedgerUnreachableError):
        world.service.lifecycle.resume(world.contract.id, actor="a")
    context.ledger = context.connection.ledger
    assert world.service.directory.seal(world.contract.id).state is SealState.SUSPENDED
    assert world.service.lifecycle.settle() == 0


def test_a_crash_after_the_transaction_is_settled_without_a_second_one(world):
    context = world.service.context
    lifecycle = world.service.lifecycle
    lifecycle._confirm = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        lifecycle.suspend(world.contract.id, reason=Reason.LOSS, actor="a")
    del lifecycle._confirm
    block = context.ledger.final_block().number
    assert lifecycle.settle() == 1
    assert context.ledger.final_block().number == block
    assert world.service.audit.run().disagreements == ()


@pytest.mark.parametrize(
    ("suspended_by", "resumed_by"),
    [("regulator:r", "cli:root"), ("regulator:r", "company:c"), ("cli:root", "company:c")],
)
def test_nobody_lifts_a_suspension_of_somebody_above(world, suspended_by, resumed_by):
    lifecycle = world.service.lifecycle
    lifecycle.suspend(world.contract.id, reason=Reason.BY_ORDER, actor=suspended_by)
    with pytest.raises(ForbiddenError, match="only they, or one above them"):
        lifecycle.resume(world.contract.id, actor=resumed_by)
    assert status(world) is Status.SUSPENDED
    assert lifecycle.resume(world.contract.id, actor=suspended_by).state is SealState.ACTIVE
