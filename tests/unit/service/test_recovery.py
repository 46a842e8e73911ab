from __future__ import annotations

import hashlib

import orjson
import pytest

from eseal.errors import ConfigurationError, ConflictError
from eseal.model.book import tag
from eseal.model.commitment import Kind
from eseal.model.records import Mark, MarkEvent
from eseal.model.statement import Statement
from eseal.store.repositories.records import RecordRepository
from tests.actors import acting
from tests.unit.service.test_released import older, order

__all__ = ["older"]


def ticket(sealed):
    return Statement.parse(sealed.use.statement).ticket


def test_nothing_is_done_where_nothing_was_lost(world):
    world.service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
    assert world.service.recovery.loss() is None
    with pytest.raises(ConflictError, match="nothing was lost"):
        world.service.recovery.go_on()


def test_a_restored_database_tears_no_ticket_twice(older, open_world):
    directory, lost = older
    world = open_world(directory)
    assert list(world.service.recovery.loss().leaves) == [1, 2, 3]
    done = world.service.recovery.go_on()
    assert (done.mark, done.books) == (1, 2)
    world.service.close()

    world = open_world(directory)
    assert world.service.stopped is None
    world.service.upkeep.round()
    sealed = world.service.sealing.seal_digests(world.contract.id, order("e"), actor=acting("a"))
    handle = world.contract.handle
    tags = {tag(handle, ticket(one)) for one in [*lost, *sealed]}
    assert len(tags) == 4
    assert ticket(sealed[0]).volume > max(ticket(one).volume for one in lost)
    assert world.service.audit.run().disagreements == ()


def test_the_log_tells_that_leaves_were_lost(older, open_world):
    world = open_world(older[0])
    done = world.service.recovery.go_on()
    with world.service.context.database.read() as connection:
        (record,) = RecordRepository(connection).iterate()
    mark = Mark.parse(record.content)
    document = done.document.read_bytes()
    assert (record.kind, record.log_index, mark.event) == (Kind.MARK, 1, MarkEvent.RESTORE)
    assert mark.body == hashlib.sha256(document).digest()
    told = orjson.loads(document)
    assert (told["released"]["size"], told["database"]["size"]) == (4, 1)


def test_volumes_that_the_database_forgot_come_back_and_are_not_torn_from(data_dir, open_world):
    world = open_world(data_dir)
    backup = (data_dir / "eseal.db").read_bytes()
    world.service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
    world.service.upkeep.round()  # opens volumes 1 and 2, of which the backup knows nothing
    world.service.close()
    for leftover in data_dir.glob("eseal.db*"):
        leftover.unlink()
    (data_dir / "eseal.db").write_bytes(backup)

    world = open_world(data_dir)
    world.service.recovery.go_on()
    world.service.close()
    world = open_world(data_dir)
    world.service.upkeep.round()
    (sealed,) = world.service.sealing.seal_digests(world.contract.id, order("e"), actor=acting("a"))
    assert ticket(sealed).volume == 3


def test_what_the_ledger_holds_must_be_disowned_first(data_dir, open_world):
    world = open_world(data_dir)
    backup = (data_dir / "eseal.db").read_bytes()
    world.service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
    world.service.anchoring.anchor()
    world.service.close()
    for leftover in data_dir.glob("eseal.db*"):
        leftover.unlink()
    (data_dir / "eseal.db").write_bytes(backup)

    world = open_world(data_dir)
    with pytest.raises(ConfigurationError, match="disown --size 0"):
        world.service.recovery.go_on()
    assert world.service.recovery.loss() is not None
