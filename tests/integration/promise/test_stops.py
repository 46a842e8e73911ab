"""Stops of a seal: its owner's by codes, its issuer's, a regulator's; nobody lifts another's."""

from __future__ import annotations

from contextlib import suppress

import pytest

from eseal.errors import CorruptionError, LedgerRejectedError
from eseal.ledger.facts import Status, StopFlags
from eseal.ledger.setup.owner_stop import scope_of
from eseal.log.leaf import Leaf
from eseal.model.seal import Party, Reason
from eseal.model.stop_codes import make_codes, replacement
from eseal.service.seals.lifecycle import Lifecycle
from eseal.verify import CheckName, Finding
from eseal.watch.rounds.ledger_side import LedgerSide
from tests.actors import acting
from tests.integration.promise.switches import by_the_contract, check, defended, gone, nothing


@pytest.fixture
def codes(stage):
    """The company's own chain of codes; the service knows its end alone."""
    made = make_codes(scope_of(stage.ledger, stage.seal.handle), 4)
    stage.service.stops.set_end(stage.seal.id, made.end, actor=acting())
    return made


def flags(stage):
    return stage.ledger.status_at(stage.seal.handle, stage.ledger.final_block().timestamp).flags


@defended(check(CheckName.STATUS))
def test_an_operator_who_sits_on_a_suspension(stage, codes):
    """The owner's code works from any account, and the operator cannot lift it."""
    anybody = stage.writes(stage.stranger())
    anybody.stop_by_owner(stage.seal.handle, codes.codes[0])
    stage.finds(Finding.SEAL_NOT_ACTIVE, stage.operator.use(stage.own))
    with pytest.raises(LedgerRejectedError):
        stage.operator.ledger.resume(stage.seal.handle, Reason.NONE)
    assert flags(stage) == StopFlags.OWNER


@by_the_contract
def test_three_flags_each_lifted_by_whoever_set_it(stage, codes):
    anybody, regulator = stage.writes(stage.stranger()), stage.stranger()
    stage.admin.grant_regulator(regulator.address)
    anybody.stop_by_owner(stage.seal.handle, codes.codes[0])
    stage.writes(regulator).suspend(stage.seal.handle, Reason.BY_ORDER)
    stage.operator.ledger.suspend(stage.seal.handle, Reason.LOSS)
    assert flags(stage) == StopFlags.OWNER | StopFlags.ISSUER | StopFlags.REGULATOR
    stage.operator.ledger.resume(stage.seal.handle, Reason.NONE)
    anybody.resume_by_owner(stage.seal.handle, codes.codes[1])
    assert flags(stage) == StopFlags.REGULATOR
    with stage.refused(LedgerRejectedError):
        stage.operator.ledger.resume(stage.seal.handle, Reason.NONE)
    stage.finds(Finding.SEAL_NOT_ACTIVE, stage.operator.use(stage.own))


@by_the_contract
@pytest.mark.parametrize("what", ["replayed", "skipped", "of another seal", "invented"])
def test_codes_that_do_not_work(stage, codes, what):
    anybody, handle = stage.writes(stage.stranger()), stage.seal.handle
    other = make_codes(scope_of(stage.ledger, stage.office.seals[1].handle), 4)
    if what == "replayed":
        anybody.stop_by_owner(handle, codes.codes[0])
        anybody.resume_by_owner(handle, codes.codes[1])
    code = {
        "replayed": codes.codes[0],
        "skipped": codes.codes[1],
        "of another seal": other.codes[0],
        "invented": bytes(32),
    }[what]
    with stage.refused(LedgerRejectedError):
        anybody.stop_by_owner(handle, code)
    assert flags(stage) == StopFlags.NONE


@by_the_contract
def test_who_sees_a_code_in_the_mempool_cannot_take_the_chain_over(stage, codes):
    """Another end must have been announced before, by whoever knew the code then."""
    thief, handle, code = stage.writes(stage.stranger()), stage.seal.handle, codes.codes[0]
    own = make_codes(codes.scope, 2).end
    with stage.refused(LedgerRejectedError):
        thief.replace_stop(handle, code, own)
    thief.announce_stop(handle, replacement(handle, code, own))
    with stage.refused(LedgerRejectedError):
        thief.replace_stop(handle, code, own)
    assert stage.ledger.stop_hash(handle) == codes.end


@by_the_contract
def test_the_operator_puts_no_other_end_in_the_place_of_the_owners(stage, codes):
    with stage.refused(LedgerRejectedError):
        stage.operator.ledger.set_stop(stage.seal.handle, b"e" * 32)
    assert stage.ledger.stop_hash(stage.seal.handle) == codes.end


@defended(gone("the look at events", (LedgerSide, "_event", nothing)))
@pytest.mark.parametrize("act", ["suspends", "revokes"])
def test_a_regulators_account(stage, act):
    """It may; the owner sees it, and who it was."""
    stage.office.watch()
    change = (
        stage.service.lifecycle.suspend if act == "suspends" else stage.service.lifecycle.revoke
    )
    change(stage.seal.id, reason=Reason.BY_ORDER, actor=acting("r", Party.REGULATOR))
    done = stage.owner_sees("status_changed")
    if act == "suspends":
        assert "stopped by regulator" in done.alarms[0].message


@by_the_contract
def test_revoked_stays_revoked(stage):
    """Whoever revoked it: nobody makes it active again, the regulator neither."""
    stage.operator.ledger.revoke(stage.seal.handle, Reason.KEY_COMPROMISE)
    regulator = stage.stranger()
    stage.admin.grant_regulator(regulator.address)
    for who in (stage.operator.ledger, stage.writes(regulator)):
        with stage.refused(LedgerRejectedError):
            who.resume(stage.seal.handle, Reason.NONE)
    stage.finds(Finding.SEAL_NOT_ACTIVE, stage.operator.use(stage.own))


@by_the_contract
def test_a_retired_issuer(stage):
    """Its seals end with it and its log takes nothing more; what was used before stays genuine."""
    use = stage.operator.use(stage.own)
    stage.admin.retire_issuer(stage.issuer)
    at = stage.ledger.status_at(stage.seal.handle, stage.ledger.final_block().timestamp)
    assert at.status is Status.ISSUER_RETIRED
    with stage.refused(LedgerRejectedError, "NotOperator"):
        stage.operator.use(stage.own)
    stage.stands(use)


def insisting(lifecycle, _seal_id):
    """What was used so far is anchored before a seal is stopped, or the seal is not."""
    lifecycle._anchoring.anchor()


@defended(gone("the stop before the anchor", (Lifecycle, "_anchor_first", insisting)))
def test_a_log_that_contradicts_the_ledger_keeps_no_seal_from_being_stopped(stage):
    """Whoever has the operator's account anchors garbage, and the stolen seal stays active."""
    stage.operator.put(Leaf(1, b"g" * 32, b"t" * 32))
    with suppress(CorruptionError):
        stage.service.lifecycle.suspend(
            stage.seal.id, reason=Reason.LOSS, actor=acting("a", Party.COMPANY)
        )
    stage.holds(flags(stage) is StopFlags.ISSUER, why="the ledger never hears of the stop")
