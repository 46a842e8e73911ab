"""What keeps an instance from sealing, and that it says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eseal.errors import CorruptionError, DatabaseUnreachableError
from eseal.ledger.facts import Block
from eseal.service.oversight.readiness import Trouble
from eseal.service.sealing.orders import DigestOrder
from tests.actors import acting

ORDER = DigestOrder(bytes(32), "text/plain", "ready")


@pytest.fixture
def service(open_world, data_dir):
    return open_world(data_dir).service


def seal(service):
    listed = service.directory.seals()[0]
    return service.sealing.seal_digests(listed.id, [ORDER], actor=acting())


def troubles(service):
    return [reason.trouble for reason in service.readiness.look()]


def test_all_is_well(service):
    assert troubles(service) == []
    seal(service)
    service.anchoring.anchor()
    assert troubles(service) == []


def test_a_stop_comes_first_and_the_rest_is_told_too(service, monkeypatch):
    seal(service)
    service.anchoring.anchor()
    service._sequencer.stop(CorruptionError("two heads"))
    real = service.context.now
    monkeypatch.setattr(service.context, "now", lambda: real() - timedelta(days=1))
    assert troubles(service) == [Trouble.STOPPED, Trouble.CLOCK]
    assert service.readiness.look()[0].words == "sealing has stopped: two heads"


def test_a_database_that_cannot_be_written(service, monkeypatch):
    def full():
        raise DatabaseUnreachableError("the database cannot be used: database or disk is full")

    monkeypatch.setattr(service.context.database, "try_to_write", full)
    (reason,) = service.readiness.look()
    assert (reason.trouble, "disk is full" in reason.words) == (Trouble.DATABASE, True)


@pytest.mark.parametrize("damage", ["DELETE FROM log_tiles", "UPDATE log_tiles SET hashes = x'00'"])
def test_tiles_that_are_missing_or_others(service, damage):
    seal(service)
    service.anchoring.anchor()
    with service.context.database.write() as connection:
        connection.exec_driver_sql(damage)
    assert troubles(service) == [Trouble.TILES]


def test_a_ledger_that_is_behind(service, monkeypatch):
    seal(service)
    service.anchoring.anchor()
    older = Block(1, bytes(32), 0)
    monkeypatch.setattr(service.context.connection.reader, "final_block", lambda: older)
    (reason,) = service.readiness.look()
    assert reason.trouble is Trouble.LEDGER_BEHIND
    assert "newest final block is 1, but block" in reason.words
