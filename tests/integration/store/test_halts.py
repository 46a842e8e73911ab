"""Processes on one PostgreSQL: when one stops sealing all do, until all is well again."""

from __future__ import annotations

import pytest

from eseal.config import Settings
from eseal.errors import CorruptionError, ForeignRowError, HaltedError
from eseal.ledger.facts import Head
from eseal.model.seal import SealType
from eseal.service.sealing.orders import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal.store.repositories.halts import HaltRepository
from tests.actors import acting

ORDER = DigestOrder(bytes(32), "text/plain", "before and after")


@pytest.fixture
def pair(postgres, tmp_path):
    """Two processes of one instance."""
    settings = Settings.load(data_dir=tmp_path / "data", database_url=postgres.create())
    initialise(settings, name="Shared Office")
    with Service.open(settings) as one, Service.open(settings) as other:
        one.onboarding.add_company(
            "Elbe Teekontor GmbH",
            "vat:DE136695976",
            country="DE",
            seals=[SealOrder(SealType.CONTRACT)],
            actor=acting(),
        )
        yield one, other


def seal(service):
    (listed,) = service.directory.seals()
    return service.sealing.seal_digests(listed.id, [ORDER], actor=acting())


def halt(service, error):
    service._sequencer.stop(error)
    service._sequencer.compare()


def test_one_stops_and_all_do_until_it_is_resumed(pair):
    one, other = pair
    seal(other)
    halt(one, CorruptionError("what was released is lacking"))
    with pytest.raises(HaltedError, match=r"stopped sealing at .*: what was released is lacking"):
        seal(other)
    assert other.stopped is not None
    with Service.open(one.context.settings) as third:
        third._sequencer.compare()
        assert "recover --resume" in third.stopped
        assert third.recovery.resume()
        assert not third.recovery.resume()
    with Service.open(one.context.settings) as fourth:
        assert seal(fourth)


def test_the_first_word_stands_and_who_was_told_adds_none(pair):
    one, other = pair
    halt(one, CorruptionError("the first"))
    other._sequencer.compare()
    halt(other, CorruptionError("the second"))
    with one.context.database.read() as connection:
        assert HaltRepository(connection).get().reason == "the first"


def test_nobody_resumes_while_something_is_lacking(pair):
    one, _ = pair
    halt(one, CorruptionError("what was released is lacking"))
    one.context.released.advance(Head(1000, bytes(32)))
    with pytest.raises(CorruptionError, match="1000 leaves was released"):
        one.recovery.resume()
    with one.context.database.read() as connection:
        assert HaltRepository(connection).get() is not None


def test_nobody_resumes_among_foreign_rows(pair):
    one, _ = pair
    halt(one, CorruptionError("rows"))
    with one.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE companies SET name = 'Another'")
    with pytest.raises(ForeignRowError, match=r"companies .* its MAC is wrong"):
        one.recovery.resume()


def test_a_log_that_the_ledger_is_ahead_of_is_found_without_a_commit(pair):
    one, other = pair
    seal(one)
    one.anchoring.anchor()
    other._sequencer.compare()
    assert other.stopped is None
    with one.context.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM log_checkpoint")
    other._sequencer._continuity._head.ask()
    other._sequencer.compare()
    assert other.stopped is not None
