"""Two processes on one database: what one of them appends, the other reads before it goes on."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest

from eseal.errors import CorruptionError, ForeignRowError, RolledBackError
from eseal.log.leaf import Leaf
from eseal.model.commitment import Kind
from eseal.model.records import Word
from eseal.service.record import other_processes as others
from eseal.service.record.drafts import RecordDraft
from eseal.service.sealing.applying import DigestOrder
from eseal.store.repositories.log import LogRepository
from tests.actors import acting


def seal(service, seal_id, count=1):
    orders = [DigestOrder(os.urandom(32)) for _ in range(count)]
    return [one.use for one in service.sealing.seal_digests(seal_id, orders, actor=acting("a"))]


def forge(data_dir, *statements):
    """As somebody with the file, and no key."""
    with closing(sqlite3.connect(data_dir / "eseal.db", timeout=10)) as database, database:
        for statement in statements:
            database.execute(statement)


def tags(service):
    with service.context.database.read() as connection:
        return [Leaf.decode(leaf).tag for _, leaf in LogRepository(connection).iterate_leaves()]


def record(tag):
    return RecordDraft(Kind.DISCLOSURE, b"{}", bytes(64), tag)


@pytest.fixture
def two(data_dir, open_world):
    """Two that have sealed before: with the first seal's ticket 0 and 1."""
    worlds = open_world(data_dir), open_world(data_dir)
    for world in worlds:
        seal(world.service, world.contract.id)
    return worlds


def test_they_take_turns(two):
    first, second = (world.service for world in two)
    contract, finance = two[0].contract.id, two[0].finance.id
    for count in range(1, 6):
        seal(first, contract, count)
        seal(second, finance)
        seal(second, contract, 2)
    assert len(set(tags(first))) == len(tags(first)) == 2 + 15 + 5 + 10
    assert first.audit.run().disagreements == ()


def test_a_process_reads_what_the_other_wrote_and_nothing_of_its_own(two):
    first, second = (world.service for world in two)
    seal(first, two[0].contract.id, 3)
    seal(second, two[0].finance.id)
    known = second._sequencer._others
    wrote = tags(first)[2:5]
    assert known._newer == {int.from_bytes(tag[:8]) for tag in wrote}
    assert known._known.size == 6


@pytest.mark.parametrize(
    "tear",
    [
        lambda service, seal_id, _use: seal(service, seal_id),
        lambda service, seal_id, use: service.declarations.declare(
            seal_id, use, Word.VOID, actor=acting()
        ),
    ],
    ids=["a use", "an owner's word"],
)
def test_no_ticket_is_torn_twice(two, data_dir, tear):
    first, second = (world.service for world in two)
    contract = two[0].contract.id
    forge(data_dir, "CREATE TABLE old AS SELECT * FROM books")
    (use,) = seal(first, contract)
    forge(data_dir, "INSERT OR REPLACE INTO books SELECT * FROM old")
    with pytest.raises(RolledBackError, match="the log holds the tag"):
        tear(second, contract, use.id)
    assert len(tags(first)) == 3, "nothing was written"
    assert "the log holds the tag" in second.stopped


def test_a_record_that_shows_a_tag_of_the_log_is_not_written(two):
    first, second = (world.service for world in two)
    seal(first, two[0].contract.id)
    second._sequencer.append(record(os.urandom(32)))
    with pytest.raises(RolledBackError):
        second._sequencer.append(record(tags(first)[2]))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM log_leaves WHERE log_index = 3",
        "UPDATE log_leaves SET leaf = zeroblob(72) WHERE log_index = 3",
        "UPDATE log_leaves SET leaf = 'seventy-two?' WHERE log_index = 3",
        "UPDATE log_tiles SET hashes = zeroblob(length(hashes))",
        "DELETE FROM log_tiles",
        "UPDATE log_tiles SET hashes = CAST(hashes AS REAL)",
        "UPDATE log_tiles SET hashes = 'many'",
        "UPDATE log_checkpoint SET size = 'many'",
        "UPDATE log_checkpoint SET root = 'a root'",
        "UPDATE log_checkpoint SET note = 7",
    ],
)
def test_leaves_that_do_not_lead_to_the_signed_head_stop_sealing(two, data_dir, statement):
    first, second = (world.service for world in two)
    seal(first, two[0].contract.id, 4)
    forge(data_dir, statement)
    with pytest.raises(CorruptionError):
        seal(second, two[0].finance.id)
    assert second.stopped is not None


def test_of_more_than_there_is_room_for_the_oldest_go(two, monkeypatch):
    monkeypatch.setattr(others, "GENERATION", 4)
    first, second = (world.service for world in two)
    for _ in range(12):
        seal(first, two[0].contract.id)
        seal(second, two[0].finance.id)
    known = second._sequencer._others
    assert 4 <= len(known._newer | known._older) <= 8
    newest = tags(first)[-2]
    assert int.from_bytes(newest[:8]) in known._newer | known._older


def test_whoever_is_far_behind_checks_the_books_instead(two, data_dir, monkeypatch):
    monkeypatch.setattr(others, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(others, "READ_AT_MOST", 3)
    first, second = (world.service for world in two)
    forge(data_dir, "CREATE TABLE old AS SELECT * FROM books")
    seal(first, two[0].contract.id, 10)
    seal(second, two[0].contract.id)
    assert second._sequencer._others._newer == set()
    seal(first, two[0].contract.id, 10)
    forge(data_dir, "INSERT OR REPLACE INTO books SELECT * FROM old")
    with pytest.raises(ForeignRowError, match="books : an older form of a row was put back"):
        seal(second, two[0].finance.id)


def test_whoever_was_idle_reads_before_the_log_is_locked(two, monkeypatch):
    monkeypatch.setattr(others, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(others, "CHUNK_LEAVES", 3)
    first, second = (world.service for world in two)
    seal(first, two[0].contract.id, 10)
    known = second._sequencer._others
    known.catch_up()
    assert known._known.size == 12
    assert len(known._newer) == 10
    seal(second, two[0].contract.id)
    assert first.audit.run().disagreements == ()
