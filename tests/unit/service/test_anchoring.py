from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing

import pytest

from eseal.errors import (
    ConfigurationError,
    CorruptionError,
    DatabaseUnreachableError,
    LedgerUnreachableError,
)
from eseal.ledger.facts import Status
from eseal.model.seal import Party, Reason, SealState
from eseal.service.background import Background
from eseal.service.record import anchoring
from eseal.service.record.anchoring import Anchoring
from eseal.service.sealing.applying import DigestOrder
from eseal.store.repositories.leader import leader_of
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.seals import SealRepository
from tests.actors import acting
from tests.office import administration_of


def seal(world, count: int = 1):
    orders = [DigestOrder(bytes(32))] * count
    return world.service.sealing.seal_digests(world.contract.id, orders, actor=acting("a"))


def test_an_empty_log_is_not_anchored(world):
    assert world.service.anchoring.anchor() is None


def test_heads_extend_each_other(world):
    seal(world, 3)
    first = world.service.anchoring.anchor()
    assert (first.anchor.head.size, first.new_leaves) == (3, 3)
    assert world.service.anchoring.anchor() is None
    seal(world, 300)
    second = world.service.anchoring.anchor()
    assert (second.anchor.head.size, second.new_leaves) == (303, 300)
    assert 20_000 < second.gas_used < 90_000
    assert world.service.anchoring.pending() == 0
    assert world.service.audit.run().anchors == 2


def test_a_head_far_ahead_is_reached_by_steps(world, monkeypatch):
    monkeypatch.setattr(anchoring, "MOST_LEAVES", 100)
    seal(world, 250)
    made = world.service.anchoring.anchor()
    assert (made.anchor.head.size, made.new_leaves) == (250, 50)
    with world.service.context.database.read() as connection:
        sizes = [each.size for each in LogRepository(connection).anchors()]
    assert sizes == [100, 200, 250]
    assert world.service.anchoring.anchor() is None
    assert world.service.audit.run().disagreements == ()


def test_a_crash_between_ledger_and_database_is_caught_up(world):
    seal(world, 5)
    anchoring = world.service.anchoring
    anchoring._keep = lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        anchoring.anchor()
    assert anchoring.pending() == 5
    after = Anchoring(world.service.context)
    assert after.anchor() is None
    assert after.pending() == 0
    report = world.service.audit.run()
    assert (report.anchors, report.disagreements) == (1, ())
    use = world.service.records.history(seal_id=world.contract.id)[0]
    assert use.anchor.size == 5


def test_a_log_older_than_the_ledger_is_never_anchored(world):
    seal(world, 2)
    context = world.service.context
    with context.database.read() as connection:
        older = LogRepository(connection).checkpoint()
    seal(world, 2)
    world.service.anchoring.anchor()
    with context.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM anchors")
        connection.exec_driver_sql(
            "UPDATE log_checkpoint SET size = ?, root = ?, note = ?",
            (older.size, older.root, older.note),
        )
    with pytest.raises(CorruptionError, match="older than the ledger"):
        world.service.anchoring.anchor()
    assert context.ledger.head(context.instance.log_id).size == 4


def test_a_log_with_another_root_is_never_anchored(world):
    seal(world, 2)
    world.service.anchoring.anchor()
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE log_checkpoint SET root = ?", (bytes(32),))
    with pytest.raises(CorruptionError, match="another root"):
        world.service.anchoring.anchor()


def test_what_was_disowned_is_anchored_again_where_it_stands(world):
    """The administrator took too much back, honest heads too: the same tree is offered anew."""
    service = world.service
    context, anchoring = service.context, service.anchoring
    seal(world)
    anchoring.anchor()
    (outcome,) = seal(world)
    disowned = anchoring.anchor().anchor
    administration_of(context).disown(context.instance.log_id, 1)
    assert context.ledger.was_disowned(context.instance.log_id, 2, disowned.head.root)
    again = anchoring.anchor()
    assert (again.anchor.head, again.new_leaves) == (disowned.head, 1)
    assert again.anchor.block.number > disowned.block.number
    assert service.records.evidence(outcome.use.id).anchor.block_hash == again.anchor.block.hash
    assert service.audit.run().disagreements == ()
    seal(world)
    assert anchoring.anchor().anchor.head.size == 3
    assert anchoring.anchor() is None


def test_disowning_is_noticed_by_a_process_that_starts_afterwards(world):
    context = world.service.context
    for _ in range(3):
        seal(world)
        world.service.anchoring.anchor()
    administration_of(context).disown(context.instance.log_id, 0)
    after = Anchoring(context)
    assert after.anchor().new_leaves == 3
    report = world.service.audit.run()
    assert (report.anchors, report.disagreements) == (1, ())


def wait_for(condition) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_loop_anchors_by_number_before_the_interval(world):
    loop = Background(
        world.service.anchoring,
        world.service.upkeep,
        world.service._sequencer,
        leader_of(world.service.context.database),
        interval=3600,
        max_leaves=4,
    )
    seal(world, 3)
    time.sleep(0.6)
    assert world.service.anchoring.pending() == 3
    seal(world, 1)
    wait_for(lambda: world.service.anchoring.pending() == 0)
    seal(world, 1)
    loop.close()
    assert world.service.stopped is None
    assert world.service.anchoring.pending() == 0


def test_the_service_anchors_by_itself(data_dir, open_world):
    world = open_world(data_dir, anchor_interval=0.2)
    world.service.start()
    seal(world, 1)
    wait_for(lambda: world.service.anchoring.pending() == 0)


def test_sealing_stops_when_the_ledger_contradicts_the_log(data_dir, open_world):
    world = open_world(data_dir, anchor_interval=0.2)
    seal(world, 2)
    world.service.anchoring.anchor()
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE log_checkpoint SET root = ?", (bytes(32),))
    world.service.start()

    def stopped() -> bool:
        try:
            seal(world)
        except CorruptionError as error:
            return "sealing has stopped" in str(error)
        return False

    wait_for(stopped)
    assert world.service.audit.run().disagreements


def test_a_stop_reaches_the_ledger_though_log_and_ledger_contradict_each_other(
    data_dir, open_world
):
    world = open_world(data_dir, anchor_interval=0.2)
    seal(world, 2)
    world.service.anchoring.anchor()
    context = world.service.context
    with context.database.write() as connection:
        connection.exec_driver_sql("UPDATE log_checkpoint SET root = ?", (bytes(32),))
    world.service.start()
    wait_for(lambda: world.service.stopped is not None)
    with context.database.write() as connection:  # as after a crash before the ledger heard of it
        SealRepository(connection).request_change(
            world.contract.id, SealState.SUSPENDED, Reason.LOSS, Party.COMPANY, "a", context.now()
        )

    def status() -> Status:
        now = context.ledger.final_block().timestamp
        return context.ledger.status_at(world.contract.handle, now).status

    wait_for(lambda: status() is Status.SUSPENDED)


@pytest.mark.parametrize("wrong", [CorruptionError("gone"), LedgerUnreachableError("silent")])
def test_one_step_of_the_upkeep_that_fails_keeps_no_other_from_being_taken(
    world, monkeypatch, wrong
):
    taken = []

    def fail():
        raise wrong

    monkeypatch.setattr(world.service.lifecycle, "follow", fail)
    monkeypatch.setattr(world.service.sealing, "forget_expired", lambda: taken.append("sealing"))
    monkeypatch.setattr(world.service.idempotent, "forget_expired", lambda: taken.append("keys"))
    with pytest.raises(type(wrong), match=str(wrong)):
        world.service.upkeep.round()
    assert taken == ["sealing", "keys"]


def test_a_restored_database_that_is_too_old_does_not_seal(world, data_dir, tmp_path, open_world):
    seal(world, 2)
    world.service.anchoring.anchor()
    world.service.context.database.close()
    older = tmp_path / "older.db"
    with (
        closing(sqlite3.connect(data_dir / "eseal.db")) as current,
        closing(sqlite3.connect(older)) as backup,
    ):
        current.backup(backup)
    seal(world, 2)
    world.service.anchoring.anchor()
    world.service.close()
    for left in data_dir.glob("eseal.db-*"):
        left.unlink()
    shutil.copy(older, data_dir / "eseal.db")
    again = open_world(data_dir)
    with pytest.raises(CorruptionError, match="sealing has stopped"):
        seal(again)
    assert again.service.stopped is not None
    assert again.service.context.ledger.head(again.service.context.instance.log_id).size == 4


def test_two_services_on_one_sqlite_are_one_too_many(world):
    other = leader_of(world.service.context.database)
    assert other.holds()
    with pytest.raises(ConfigurationError, match="another eseal serve runs on this database"):
        world.service.start()
    other.close()
    world.service.start()


def test_who_does_not_lead_anchors_nothing_until_it_does(world):
    database = world.service.context.database
    other = leader_of(database)
    assert other.holds()
    loop = Background(
        world.service.anchoring,
        world.service.upkeep,
        world.service._sequencer,
        leader_of(database),
        interval=0.05,
        max_leaves=1,
    )
    seal(world, 1)
    time.sleep(0.5)
    assert world.service.anchoring.pending() == 1
    other.close()
    wait_for(lambda: world.service.anchoring.pending() == 0)
    loop.close()
    assert world.service.stopped is None


def test_the_loop_outlives_a_database_that_is_away(world):
    class Away:
        def __init__(self):
            self.asked = 0

        def holds(self):
            self.asked += 1
            if self.asked == 1:
                raise DatabaseUnreachableError("the database cannot be used: gone")
            return True

        def close(self):
            """Nothing to give back."""

    seal(world, 1)
    loop = Background(
        world.service.anchoring,
        world.service.upkeep,
        world.service._sequencer,
        Away(),
        interval=0.05,
        max_leaves=1,
    )
    wait_for(lambda: world.service.anchoring.pending() == 0)
    loop.close()
    assert world.service.stopped is None
