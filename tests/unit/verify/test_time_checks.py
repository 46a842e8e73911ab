"""Back-dating, and seals that were not active."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from eseal.ledger.facts import CompanyRegistration, Status
from eseal.ledger.reading.caching import CachingReader
from eseal.model.seal import Reason
from eseal.verify import CheckName, CheckStatus, Finding, Indication, SubIndication
from eseal.verify.checks.time_checks import check_time
from eseal.verify.inputs.case import Sources
from eseal.verify.inputs.policy import NO_POLICY
from eseal.verify.verdict.conclusion import FindingError
from tests.unit.verify.asking import trusting
from tests.unit.verify.asking import verify_document as verify

CONTRACT = b"The parties agree to agree."


def test_a_block_after_that_of_the_anchor_is_backdated(world, seal):
    """No honest ledger shows that: nobody knows a block's hash before it is there."""
    world.use(seal)
    world.anchor()
    anchor = world.ledger.anchor_at(world.name, world.size)
    statement = world.statement(seal, bytes(32))
    now = statement.sealed_at
    sources = Sources(None, world.ledger, None, None, None, trusting(), now, NO_POLICY)
    early = replace(anchor, block=replace(anchor.block, number=statement.not_before.number - 1))
    with pytest.raises(FindingError, match="recorded by block") as caught:
        check_time(statement, early, None, sources)
    assert caught.value.finding is Finding.BACKDATED


def test_the_last_second_of_the_calendar(world, seal):
    """Nothing is reckoned with it that leads out of the calendar."""
    use = world.use(seal, sealed_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    world.anchor()
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.BACKDATED
    assert not [one.name for one in report.checks if one.status is CheckStatus.ERROR]


def test_a_time_after_the_anchor_is_backdated(world, seal):
    late = datetime.fromtimestamp(world.ledger.final_block().timestamp, UTC) + timedelta(hours=1)
    use = world.use(seal, sealed_at=late)
    pending = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert pending.finding is Finding.ANCHOR_PENDING
    world.anchor()
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.BACKDATED


@pytest.mark.parametrize("seconds", [-299, 300])
def test_clocks_that_differ_by_minutes_are_tolerated(seconds, world, seal):
    at = datetime.fromtimestamp(world.ledger.final_block().timestamp, UTC)
    use = world.use(seal, sealed_at=at + timedelta(seconds=seconds))
    world.anchor()
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


def test_a_node_that_lags_behind_the_statement_is_asked_again_later(world, seal):
    ahead = world.block_reference(number=900, hash=bytes(32))
    use = world.use(seal, not_before=ahead)
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert "no final block 900" in report.check(CheckName.REGISTRATION).detail


def test_a_suspended_seal_was_not_active(world, seal):
    world.ledger.change(seal.handle, Status.SUSPENDED, Reason.BY_ORDER)
    use = world.use(seal)
    world.anchor()
    world.ledger.change(seal.handle, Status.ACTIVE, Reason.NONE)
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert (report.finding, report.sub_indication) == (
        Finding.SEAL_NOT_ACTIVE,
        SubIndication.REVOKED,
    )
    assert "suspended (by order)" in report.check(CheckName.STATUS).detail


def test_revocation_after_the_anchor_leaves_the_use_authentic(world, seal):
    use = world.use(seal)
    world.anchor()
    world.ledger.change(seal.handle, Status.REVOKED, Reason.MERGER)
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


def test_a_late_anchor_does_not_make_an_early_use_uncertain(world, seal):
    """Evidence renewed after a revocation: the first anchor above the use still bounds it."""
    use = world.use(seal)
    world.anchor()
    world.ledger.change(seal.handle, Status.REVOKED, Reason.MERGER)
    world.fill(2)
    world.anchor()
    renewed = use.with_receipt(world.receipt(use.index))
    report = verify(CONTRACT, signature=renewed.p7s, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC


@pytest.mark.parametrize(
    ("not_before", "not_after", "finding", "sub"),
    [
        (-100, 5, Finding.SEAL_NOT_ACTIVE, SubIndication.EXPIRED),
        (-100, 35, Finding.STATUS_UNCERTAIN, SubIndication.OUT_OF_BOUNDS_NO_POE),
        (35, 1000, Finding.STATUS_UNCERTAIN, SubIndication.OUT_OF_BOUNDS_NO_POE),
        (500, 1000, Finding.SEAL_NOT_ACTIVE, SubIndication.NOT_YET_VALID),
    ],
)
def test_the_validity_period_counts(not_before, not_after, finding, sub, world):
    """The world's blocks: registered at +20, used at +30, anchored at +40."""
    seal = world.new_seal(register=False)
    start = world.ledger.blocks[0].timestamp
    world.ledger.companies[seal.proof.subject] = CompanyRegistration(
        seal.proof.subject, seal.proof.key, None, None, start
    )
    new = replace(seal.registration(), not_before=start + not_before, not_after=start + not_after)
    world.ledger.register_seals(world.issuer, [new])
    world.ledger.mine()
    use = world.use(seal)
    world.anchor()
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert (report.finding, report.sub_indication) == (finding, sub)


def test_a_seal_registered_after_its_use_is_not_active(world):
    seal = world.new_seal(register=False)
    use = world.use(seal)
    world.anchor()
    world.ledger.found(seal.proof)
    world.ledger.register_seals(world.issuer, [seal.registration()])
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.TICKET_UNKNOWN
    assert "was unknown when it was used" in report.check(CheckName.STATUS).detail


def test_while_the_anchor_is_due_the_newest_status_counts(world, seal):
    use = world.use(seal)
    world.ledger.change(seal.handle, Status.SUSPENDED, Reason.LOSS)
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.STATUS_UNCERTAIN
    used_later = world.use(seal)
    report = verify(CONTRACT, signature=used_later.p7s, ledger=world.ledger)
    assert report.finding is Finding.SEAL_NOT_ACTIVE


def test_a_seal_that_ended_is_not_said_to_have_been_used_since(world, seal):
    """Its own time is wrong, so nothing says when the use was earliest."""
    use = world.use(seal, sealed_at=datetime(2020, 1, 1, tzinfo=UTC))
    world.ledger.change(seal.handle, Status.REVOKED, Reason.MERGER)
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.BACKDATED
    assert "since when it can have been used is not proven" in report.check(CheckName.STATUS).detail


def test_a_ledger_set_up_anew_does_not_accuse_what_was_sealed_under_the_one_before(world, seal):
    """Chain id, contracts, seal and log are the same there, and even the head is anchored anew."""
    before = world.block_reference(hash=bytes(32))
    use = world.use(seal, not_before=before)
    world.anchor()
    world.ledger.change(seal.handle, Status.REVOKED, Reason.MERGER)
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert (report.finding, report.indication) == (
        Finding.LEDGER_UNREACHABLE,
        Indication.INDETERMINATE,
    )
    assert "another ledger" in report.check(CheckName.REGISTRATION).detail


def test_a_newest_block_that_is_remembered_is_no_older_than_the_statement_s(world, seal):
    """Revoked, used and verified within the second for which the newest block is kept."""
    ledger = CachingReader(world.ledger, clock=lambda: 0.0)
    ledger.final_block()
    world.ledger.change(seal.handle, Status.REVOKED, Reason.KEY_COMPROMISE)
    world.ledger.mine()
    use = world.use(seal)
    report = verify(CONTRACT, signature=use.p7s, ledger=ledger)
    assert report.finding is Finding.SEAL_NOT_ACTIVE
