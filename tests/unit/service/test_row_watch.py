"""A running service whose database somebody else writes to."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from eseal.errors import CorruptionError, ForeignRowError
from eseal.model.ids import new_id
from eseal.model.seal import Party, Reason
from eseal.service.instance import row_watch
from eseal.service.instance.row_watch import RowWatch, look
from eseal.service.people.permissions import Scope
from eseal.service.sealing.applying import DigestOrder
from eseal.store import row_check
from tests.actors import acting


def forge(data_dir, statement, *parameters):
    """As somebody with the file, and no key."""
    with closing(sqlite3.connect(data_dir / "eseal.db", timeout=10)) as database, database:
        return database.execute(statement, parameters).rowcount


def seal(world):
    return world.service.sealing.seal_digests(
        world.contract.id, [DigestOrder(bytes(32))], actor=acting("operator:t")
    )


def test_a_token_of_an_intruder_opens_nothing(world, data_dir):
    """A row in ``tokens`` once acted as anybody."""
    real = world.service.access.create(Scope.COMPANY, company_id=world.company.id)
    forged = real.replace(real[6:32], new_id())
    forge(
        data_dir,
        "INSERT INTO tokens (id, hash, scope, label, created_at, version, mac)"
        " SELECT ?, hash, 'operator', label, created_at, version, mac FROM tokens WHERE id = ?",
        forged[6:32],
        real[6:32],
    )
    with pytest.raises(ForeignRowError, match=f"tokens {forged[6:32]}: its MAC is wrong"):
        world.service.access.authenticate(forged)
    assert world.service.access.authenticate(real).party is Party.COMPANY
    with pytest.raises(CorruptionError, match="sealing has stopped: the database holds a row"):
        seal(world)
    assert "tokens" in world.service.stopped


def test_a_revived_token_stops_sealing_at_the_next_look(world, data_dir):
    token = world.service.access.create(Scope.OPERATOR)
    forge(data_dir, "CREATE TABLE old AS SELECT * FROM tokens")
    world.service.access.revoke(token[6:32])
    forge(data_dir, "DELETE FROM tokens")
    forge(data_dir, "INSERT INTO tokens SELECT * FROM old")
    look(world.service.context.database, world.service._sequencer.stop)
    with pytest.raises(CorruptionError, match="tokens: an older form of a row was put back"):
        seal(world)
    (found,) = world.service.audit.run().disagreements
    assert (found.kind, "tokens" in found.message) == ("foreign_row", True)


def test_a_revived_seal_is_refused_in_the_very_next_commit(world, data_dir):
    seal(world)  # and has looked at all tables
    forge(data_dir, "CREATE TABLE old AS SELECT * FROM seals")
    world.service.lifecycle.suspend(
        world.contract.id, reason=Reason.LOSS, actor=acting("operator:t")
    )
    forge(data_dir, "INSERT OR REPLACE INTO seals SELECT * FROM old")
    with pytest.raises(ForeignRowError, match="an older form of it was put back"):
        seal(world)
    assert world.service.stopped is not None


def test_a_revived_seal_is_refused_by_a_process_that_has_just_started(world, data_dir, open_world):
    before = forge_copy(data_dir)
    world.service.lifecycle.suspend(
        world.contract.id, reason=Reason.LOSS, actor=acting("operator:t")
    )
    world.service.close()
    put_back(data_dir, before, "seals", "seal_changes", "row_sums")
    again = open_world(data_dir)
    with pytest.raises(CorruptionError, match="an older state of the database was put back"):
        seal(again)


@pytest.mark.parametrize(
    ("statement", "table", "why"),
    [
        ("UPDATE tokens SET scope = 'operator'", "tokens", r"\w{26}: its MAC is wrong"),
        ("UPDATE transactions SET state = 'prepared' WHERE id = 1", "transactions", "1: its MAC"),
        ("DELETE FROM seal_changes WHERE id = 1", "seal_changes", ": 2 rows were written, 1 "),
    ],
)
def test_a_command_seals_nothing_on_a_database_with_a_foreign_row(
    world, data_dir, open_world, statement, table, why
):
    """It never reads that row, ends after its first commit, and has no thread that looks."""
    world.service.access.create(Scope.COMPANY, company_id=world.company.id)
    assert forge(data_dir, statement)
    again = open_world(data_dir)
    with pytest.raises(ForeignRowError, match=f"{table} {why}"):
        seal(again)
    assert table in again.service.stopped


def test_tables_too_large_for_a_command_are_left_to_those_who_look(world, monkeypatch):
    """How large they are, the sums say: rows of an intruder's make none too large."""
    monkeypatch.setattr(row_check, "FEW", 2)
    with world.service.context.database.read() as connection:
        names = {table.name for table in row_check.small_tables(connection)}
    assert "seal_changes" in names
    assert "transactions" not in names


def forge_copy(data_dir):
    copy = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(data_dir / "eseal.db")) as database:
        database.backup(copy)
    return copy


def put_back(data_dir, copy, *tables):
    with closing(sqlite3.connect(data_dir / "eseal.db")) as database, database:
        for table in tables:
            rows = copy.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # our names
            database.execute(f"DELETE FROM {table}")  # noqa: S608  # the same
            marks = ", ".join("?" * len(rows[0]))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # the same


def test_a_rolled_back_journal_stops_sealing(world, data_dir):
    before = forge_copy(data_dir)
    seal(world)
    world.service.anchoring.anchor()
    put_back(data_dir, before, "transactions", "transaction_attempts")
    look(world.service.context.database, world.service._sequencer.stop)
    assert "transactions: " in world.service.stopped
    put_back(data_dir, before, "row_sums")
    kinds = {found.kind for found in world.service.audit.run().disagreements}
    assert kinds == {"foreign_row"}


def test_a_forged_head_is_not_appended_to(world, data_dir):
    seal(world)
    forge(data_dir, "UPDATE log_checkpoint SET size = size + 1")
    with pytest.raises(CorruptionError, match="is stored as 2 leaves"):
        seal(world)


def test_the_watch_looks_by_itself(world, data_dir, monkeypatch):
    monkeypatch.setattr(row_watch, "PAUSE_SECONDS", 0.05)
    stopped = []
    watch = RowWatch(world.service.context.database, stopped.append)
    try:
        time.sleep(0.3)
        assert stopped == []
        forge(data_dir, "DELETE FROM seal_changes WHERE id = 1")
        until = time.monotonic() + 20
        while not stopped and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        watch.close()
    assert "seal_changes: 2 rows were written, 1 of them are there" in str(stopped[0])
    assert (data_dir / "rows.json").exists()


def test_work_beside_the_watch_is_never_called_foreign(world):
    database = world.service.context.database
    for number in range(20):
        world.service.access.create(Scope.OPERATOR, label=str(number))
        seal(world)
        look(database, pytest.fail)
    assert world.service.stopped is None
