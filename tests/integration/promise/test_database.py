"""Whoever writes to the database without its key, and databases that lose commits."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from eseal.errors import CorruptionError, ForeignRowError, RolledBackError
from eseal.ledger.facts import NewSeal, StopFlags
from eseal.ledger.sending import sender
from eseal.ledger.sending.calls import Calls
from eseal.model.ids import new_id
from eseal.model.seal import Party, Reason, handle_of
from eseal.model.statement import Statement
from eseal.service.oversight.periods import Periods
from eseal.service.people.permissions import Scope
from eseal.service.record import continuity, sequencer
from eseal.service.record import other_processes as others
from eseal.service.record.other_processes import Others
from eseal.service.record.recovery import Recovery
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals import settling
from eseal.service.setup.signing_policy import SigningPolicy
from eseal.store.binding import bound_rows
from eseal.store.binding.binding import Binding
from eseal.store.binding.bound_rows import BoundRows
from eseal.store.binding.high_water import Floors
from eseal.store.repositories.seals import SealRepository
from eseal.store.repositories.transactions import DatabaseJournal
from eseal.store.row_check import check_rows
from tests.actors import acting
from tests.integration.promise.switches import defended, gone, nothing
from tests.thief import append_beside

GAS = 1_000_000
ROWS = gone("the MACs of rows", (BoundRows, "_wrong", lambda *_, **__: ""))
SUMS = (BoundRows, "check", lambda *_: None)
FLOORS = (
    (Floors, "is_below", lambda *_: False),
    (Floors, "seen", lambda *_: {}),
)
RELEASED = tuple((where, "check_holds", nothing) for where in (sequencer, continuity, others))


def ordered_by_anybody(transaction, *_, made=sender._Watch, **__):
    """What stands in the journal is taken for an order."""
    return made(transaction)


def as_it_was(changes, *, now=settling.standing_of):
    """Where a seal stood when a change was asked for."""
    changes = list(changes)
    asked = next((at for at, one in enumerate(changes, 1) if one.block_number == 0), None)
    return now(changes[:asked])


def planted(stage, call):
    """A row for the operator's account to sign, as it would stand there were it the service's."""
    ledger = stage.service.context.ledger
    nonce = stage.office.w3().eth.get_transaction_count(ledger.operator)
    now = int(datetime.now(UTC).timestamp() * 10**6)
    stage.forge(
        "INSERT INTO transactions (chain_id, account, nonce, kind, destination, data, gas, state,"
        " created_at, updated_at, version, mac)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'prepared', ?, ?, 1, zeroblob(36))",
        *(ledger.chain_id, ledger.operator, nonce, call.kind, call.to, call.data, GAS, now, now),
    )


@defended(
    gone(
        "MACs and rebuilt calls",
        (BoundRows, "_wrong", lambda *_, **__: ""),
        (SigningPolicy, "__call__", nothing),
    )
)
def test_a_row_in_transactions_registers_no_seal(stage):
    """It once forged any company: the operator's account signed whatever stood there."""
    certificate = os.urandom(32)
    twin = NewSeal(certificate, stage.office.company.subject, 0, 2**40, 4, os.urandom(32), None)
    stage.office.seal("one")
    planted(stage, Calls(stage.office.deployment()).register_seals(stage.issuer, [twin]))
    with stage.refused(ForeignRowError, "transactions"):
        stage.office.anchor()
    assert stage.ledger.seal(handle_of(stage.issuer, certificate)) is None
    assert stage.service.stopped
    found = stage.service.audit.run().disagreements
    assert {(each.kind, "transactions" in each.message) for each in found} == {
        ("foreign_row", True)
    }


@defended(gone("the calls rebuilt", (SigningPolicy, "__call__", nothing)))
def test_the_operators_account_signs_no_call_that_no_row_demands(stage):
    """Even from within: a call that does not follow from checked rows is not signed."""
    twin = NewSeal(os.urandom(32), stage.office.company.subject, 0, 2**40, 4, os.urandom(32), None)
    with stage.refused(ForeignRowError, "no seal with the handle"):
        stage.service.context.ledger.register_seals(stage.issuer, [twin])


@defended(ROWS)
def test_a_row_in_tokens_acts_as_nobody(stage):
    real = stage.office.token
    forged = real.replace(real[6:32], new_id())
    stage.forge("CREATE TABLE mine AS SELECT * FROM tokens WHERE id = ?", real[6:32])
    stage.forge("UPDATE mine SET id = ?, scope = 'operator', company_id = NULL", forged[6:32])
    stage.forge("INSERT INTO tokens SELECT * FROM mine")
    with stage.refused(ForeignRowError, "tokens"):
        assert stage.service.access.authenticate(forged).party is Party.ISSUER
    with pytest.raises(CorruptionError, match="sealing has stopped"):
        stage.office.seal("one")


@defended(ROWS)
def test_a_row_of_a_company_gives_no_other_name(stage):
    """The next certificate would be for it."""
    stage.forge("UPDATE companies SET name = 'Mallory Ltd' WHERE id = ?", stage.office.company.id)
    with stage.refused(ForeignRowError, "companies"):
        assert stage.service.directory.company(stage.office.company.id).name == "Mallory Ltd"


@defended(gone("the memory of versions", (Binding, "newest_version", lambda *_: 0)))
def test_an_older_row_of_a_seal_does_not_revive_it(stage):
    """A row that we wrote ourselves, with its MAC, put back after the seal was stopped."""
    stage.office.seal("zero")  # and has looked at all tables
    stage.forge("CREATE TABLE old AS SELECT * FROM seals")
    stage.service.lifecycle.suspend(stage.seal.id, reason=Reason.LOSS, actor=acting("operator:t"))
    stage.forge("INSERT OR REPLACE INTO seals SELECT * FROM old")
    with stage.refused(ForeignRowError, "an older form of it was put back"):
        stage.office.seal("one")


@defended(gone("the memory of versions", (Binding, "newest_version", lambda *_: 0)))
@pytest.mark.parametrize("where", ["the same process", "another one"])
def test_an_older_row_of_a_token_does_not_revive_it(stage, open_world, where):
    """Put back for the moment of a request, between two looks at the sums."""
    text = stage.service.access.create(Scope.OPERATOR)
    stage.forge("CREATE TABLE old AS SELECT * FROM tokens")
    stage.service.access.revoke(text[6:32])
    asked = stage.service if where == "the same process" else open_world(stage.data_dir).service
    assert check_rows(asked.context.database) == []
    stage.forge("INSERT OR REPLACE INTO tokens SELECT * FROM old")
    with stage.refused(ForeignRowError, "an older form of it was put back"):
        asked.access.authenticate(text)


def torn_elsewhere(stage, other):
    """A book is put back after a seal of one process; another goes on."""
    stage.forge("CREATE TABLE old AS SELECT * FROM books")
    stage.office.seal("first")
    stage.forge("INSERT OR REPLACE INTO books SELECT * FROM old")
    stage.office.service = other


@defended(gone("the look at tags of others", (Others, "check_new", nothing)))
def test_an_older_row_of_a_book_tears_no_ticket_twice(stage, open_world):
    """Two genuine uses under one ticket are both accused; the other process never saw the row."""
    first, other = stage.service, open_world(stage.data_dir).service
    stage.office.service = other
    stage.office.seal("it has sealed before")
    stage.office.service = first
    torn_elsewhere(stage, other)
    with stage.refused(RolledBackError, "the log holds the tag"):
        stage.office.seal("second")
    assert "the log holds the tag" in other.stopped


@defended(gone("the look at the books before the first commit", (others, "check_table", nothing)))
def test_an_older_row_of_a_book_is_seen_by_a_process_that_has_just_started(stage, open_world):
    torn_elsewhere(stage, open_world(stage.data_dir).service)
    with stage.refused(ForeignRowError, "books"):
        stage.office.seal("second")


@defended(gone("the size of the log in the sum", (bound_rows, "_strayed", lambda *_: "")))
@pytest.mark.parametrize("had", ["sealed before", "just started"])
def test_books_that_were_put_back_with_their_sum(stage, open_world, had):
    """Rows and sum fit together, and the other process never saw them newer."""
    first, other = stage.service, open_world(stage.data_dir).service
    if had == "sealed before":
        stage.office.service = other
        stage.office.seal("it has sealed before")
        stage.office.service = first
    else:
        stage.office.seal("zero")
    before = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(stage.data_dir / "eseal.db")) as database:
        database.backup(before)
    stage.office.seal("first")
    put_back(stage.data_dir, before, "books", "row_sums")
    stage.office.service = other
    use_of_another_seal = stage.office.seals[1].id
    with stage.refused(ForeignRowError, "it goes with a log of 1 leaves, but the log has 2"):
        other.sealing.seal_digests(use_of_another_seal, [DigestOrder(bytes(32))], actor=acting("a"))


@defended(
    gone(
        "the looks at who ordered it and whether it is wanted",
        (sender, "_Watch", ordered_by_anybody),
        (SigningPolicy, "_is_wanted", lambda *_: True),
    )
)
def test_an_older_row_of_a_transaction_lifts_no_stop(stage, open_world, monkeypatch):
    """A lifting that was made long ago, put back as if it were still on its way."""
    life, seal = stage.service.lifecycle, stage.seal
    by = {"actor": acting("operator:t")}
    life.suspend(seal.id, reason=Reason.LOSS, **by)
    with monkeypatch.context() as copying:
        prepare = DatabaseJournal.prepare

        def copied(*given):
            made = prepare(*given)
            stage.forge("CREATE TABLE old AS SELECT * FROM transactions WHERE id = ?", made.id)
            return made

        copying.setattr(DatabaseJournal, "prepare", copied)
        life.resume(seal.id, **by)
    life.suspend(seal.id, reason=Reason.LOSS, **by)
    stage.forge("INSERT OR REPLACE INTO transactions SELECT * FROM old")
    stage.forge("DELETE FROM transaction_attempts WHERE transaction_id = (SELECT id FROM old)")
    open_world(stage.data_dir).service.context.ledger.carry_on()
    status = stage.ledger.status_at(seal.handle, stage.ledger.final_block().timestamp)
    stage.holds(status.flags is StopFlags.ISSUER, why="the seal is active on the ledger again")


@defended(gone("the look at where a seal stands", (settling, "standing_of", as_it_was)))
def test_an_older_row_of_a_change_lifts_no_stop(stage):
    """A lifting that is long done, put back as it was before the ledger had it."""
    life, seal = stage.service.lifecycle, stage.seal
    by = {"actor": acting("operator:t")}
    life.suspend(seal.id, reason=Reason.LOSS, **by)
    request = SealRepository.request_change

    def copied(*given):
        made = request(*given)
        stage.kept["lifting"] = made
        return made

    with pytest.MonkeyPatch.context() as copying:
        copying.setattr(SealRepository, "request_change", copied)
        copying.setattr(life, "settle", nothing)
        life.resume(seal.id, **by)
    stage.forge(
        "CREATE TABLE old AS SELECT * FROM seal_changes WHERE id = ?", stage.kept["lifting"]
    )
    life.settle()
    life.suspend(seal.id, reason=Reason.LOSS, **by)
    stage.forge("INSERT OR REPLACE INTO seal_changes SELECT * FROM old")
    life.settle()
    status = stage.ledger.status_at(seal.handle, stage.ledger.final_block().timestamp)
    stage.holds(status.flags is StopFlags.ISSUER, why="the seal is active on the ledger again")


@defended(gone("the sums of tables", SUMS))
def test_a_row_that_was_deleted_is_missed(stage):
    """A change of a seal's standing that somebody would rather not have on record."""
    stage.forge("DELETE FROM seal_changes WHERE id = 1")
    found = check_rows(stage.service.context.database)
    stage.holds("seal_changes" in {each.table for each in found}, why="nobody misses the row")


@defended(gone("the look at the log", (Periods, "_check", nothing)))
def test_a_record_that_was_deleted_or_changed_makes_the_issuer_sign_no_lie(stage):
    """The list of a period would accuse it, under its own signature."""
    stage.office.seal("known", "other")
    stage.office.anchor()
    stage.forge(
        "UPDATE uses SET signature = (SELECT signature FROM uses WHERE log_index = 1)"
        " WHERE log_index = 0"
    )
    with stage.refused(CorruptionError, "leaf 0 is not of its record"):
        stage.office.hand_over()
    stage.forge("DELETE FROM uses WHERE log_index = 0")
    with stage.refused(CorruptionError, "leaf 0 is of seal"):
        stage.office.hand_over()
    stage.forge("DELETE FROM log_leaves WHERE log_index = 0")
    with stage.refused(CorruptionError, "the log is damaged"):
        stage.office.hand_over()


@defended(
    gone(
        "the MACs of rows, and the look at the books before the first commit",
        (BoundRows, "_wrong", lambda *_, **__: ""),
        (others, "check_table", nothing),
    )
)
def test_a_row_that_was_moved_is_foreign(stage):
    """A genuine row of one seal in the place of another: its MAC fits, its place does not."""
    contract, finance = (seal.id for seal in stage.office.seals)
    stage.forge(
        "UPDATE books SET (wrapped, version, mac) ="
        " (SELECT wrapped, version, mac FROM books WHERE seal_id = ?) WHERE seal_id = ?",
        *(finance, contract),
    )
    with stage.refused(ForeignRowError, "books"):
        stage.office.seal("one")


@defended(gone("the memory of what was seen", *FLOORS))
def test_tables_that_were_rolled_back_with_their_sums(stage, open_world):
    """All rows and sums of an older state fit together; what was seen since does not."""
    before = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(stage.data_dir / "eseal.db")) as database:
        database.backup(before)
    stage.service.lifecycle.suspend(stage.seal.id, reason=Reason.LOSS, actor=acting("operator:t"))
    stage.service.close()
    changed = "seals", "seal_changes", "transactions", "transaction_attempts"
    put_back(stage.data_dir, before, *changed, "row_sums")
    again = open_world(stage.data_dir).service
    with stage.refused(CorruptionError, "an older state of the database was put back"):
        stage.office.service = again
        stage.office.seal("one")


def put_back(data_dir, copy, *tables):
    with closing(sqlite3.connect(data_dir / "eseal.db")) as database, database:
        for table in tables:
            rows = copy.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # our names
            database.execute(f"DELETE FROM {table}")  # noqa: S608  # the same
            marks = ", ".join("?" * len(rows[0]))
            database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  # the same


@defended(
    gone(
        "the log's signature under what is stored, and the memory of what was released",
        (others, "check_signed", lambda *_: None),
        *RELEASED,
    )
)
def test_an_append_starts_from_a_head_that_the_log_signed(stage):
    """A leaf that was swapped, with tiles and head to match: nothing is appended to that."""
    stage.office.seal("one")
    swapped = os.urandom(32)
    stage.forge("UPDATE log_tiles SET hashes = ? WHERE level = 0", swapped)
    stage.forge("UPDATE log_checkpoint SET root = ?", swapped)
    with stage.refused(CorruptionError):
        stage.office.seal("two")


@defended(gone("the sums that go with the log", (BoundRows, "check_log", nothing)))
def test_a_leaf_that_this_instance_did_not_append_is_not_anchored(stage):
    """Of a thief of the log's key, with tiles and a head that it signs: green, were it anchored."""
    stage.office.seal("one")
    append_beside(stage.service.context, stage.data_dir / "eseal.db")
    with stage.refused(CorruptionError):
        stage.service.anchoring.anchor()


def older(stage):
    """The database loses its last uses, as after a failover; what was released remains."""
    stage.office.seal("kept")
    with closing(sqlite3.connect(stage.data_dir / "eseal.db")) as database:
        backup = sqlite3.connect(":memory:")
        database.backup(backup)
    lost = stage.office.seal("lost", "lost as well")
    stage.service.close()
    for leftover in stage.data_dir.glob("eseal.db*"):
        leftover.unlink()
    with closing(sqlite3.connect(stage.data_dir / "eseal.db")) as database:
        backup.backup(database)
    return lost


LOSS = gone(
    "the memory of released heads and of tables",
    *RELEASED,
    *FLOORS,
)


@defended(LOSS)
def test_a_database_that_lost_commits_seals_nothing(stage, open_world):
    """Uses that were released would have no leaves, and their tickets would be torn again."""
    older(stage)
    stage.office.service = again = open_world(stage.data_dir).service
    with stage.refused(CorruptionError, "recover --after-loss"):
        stage.office.seal("next")
    assert "3 leaves was released" in again.stopped
    kinds = {each.kind for each in again.audit.run().disagreements}
    assert "released_lost" in kinds


def tickets(uses):
    return {Statement.parse(each.use.statement).ticket for each in uses}


@defended(
    gone(
        "fresh volumes",
        (Recovery, "_take_fresh_volumes", lambda *_: 0),
    )
)
def test_after_a_loss_no_ticket_is_torn_twice(stage, open_world):
    lost = older(stage)
    world = open_world(stage.data_dir)
    world.service.recovery.go_on()
    world.service.close()
    stage.office.service = open_world(stage.data_dir).service
    stage.service.upkeep.round()
    again = stage.office.seal("next", "and next")
    stage.holds(not tickets(lost) & tickets(again), why="a ticket was torn twice")
    assert stage.service.audit.run().disagreements == ()
