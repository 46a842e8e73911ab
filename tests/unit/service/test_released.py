from __future__ import annotations

import hashlib
import shutil

import httpx
import orjson
import pytest

from eseal.errors import CorruptionError, DatabaseUnreachableError
from eseal.ledger.facts import Head
from eseal.log.rfc9162 import EMPTY_ROOT
from eseal.log.vkey import KeyType, VerifierKey
from eseal.model.ids import new_id
from eseal.service.instance.released_head import ReleasedHead, check_holds
from eseal.service.record.sequencer import Sequencer
from eseal.service.sealing.applying import DigestOrder, draft_of
from eseal.store.repositories.log import LogRepository, StoredCheckpoint
from eseal.witness.client import WitnessAddress, Witnesses
from eseal.witness.witness import Witness
from tests.actors import acting


def root(size: int) -> bytes:
    return hashlib.sha256(b"%d" % size).digest()


def head(size: int) -> Head:
    return Head(size, root(size))


@pytest.fixture
def released(tmp_path):
    return ReleasedHead(tmp_path / "released")


def order(name: str) -> list[DigestOrder]:
    return [DigestOrder(hashlib.sha256(name.encode()).digest())]


def test_nothing_is_remembered_before_the_first_head(released):
    assert released.head() is None
    assert not released.path.exists()


def test_the_highest_head_is_remembered_by_the_next_process(released):
    for size in (1, 2, 7):
        released.advance(head(size))
    assert ReleasedHead(released.path).head() == head(7)


def test_a_smaller_head_of_a_slower_process_takes_nothing_back(released):
    released.advance(head(7))
    ReleasedHead(released.path).advance(head(5))
    assert ReleasedHead(released.path).head() == head(7)


def test_each_process_knows_what_the_others_released(released):
    released.advance(head(3))
    ReleasedHead(released.path).advance(head(9))
    assert released.head() == head(9)


@pytest.mark.parametrize("length", range(0, 1025, 64))
def test_a_write_that_was_cut_leaves_the_head_before(released, length):
    released.advance(head(4))
    released.advance(head(5))
    whole = released.path.read_bytes()
    released.path.write_bytes(whole[:length])
    again = ReleasedHead(released.path)
    if length >= 1024:
        assert again.head() == head(5)
    elif length >= 512:
        assert again.head() == head(4)
    elif length:
        with pytest.raises(CorruptionError, match="damaged"):
            again.head()


def test_a_flipped_bit_is_not_believed(released):
    released.advance(head(4))
    damaged = bytearray(released.path.read_bytes())
    damaged[7] ^= 1
    released.path.write_bytes(damaged)
    with pytest.raises(CorruptionError, match="damaged"):
        ReleasedHead(released.path).head()


def test_a_disk_that_cannot_be_written_releases_nothing(tmp_path):
    gone = ReleasedHead(tmp_path / "no" / "released")
    with pytest.raises(DatabaseUnreachableError, match="cannot be used"):
        gone.advance(head(1))
    assert gone.head() is None


def test_a_log_that_holds_all_is_let_through(released, world):
    world.service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
    with world.service.context.database.read() as connection:
        log = LogRepository(connection)
        check_holds(log, log.checkpoint(), None)
        released.advance(Head(log.checkpoint().size, log.checkpoint().root))
        check_holds(log, log.checkpoint(), released.head())


def test_who_starts_while_others_seal_is_not_alarmed(world, monkeypatch):
    heads = []

    def busy(released):
        if not heads:  # another process releases a head at this very moment
            heads.append(None)
            world.service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
        heads.append(head_of(released))
        return heads[-1]

    head_of = ReleasedHead.head
    monkeypatch.setattr(ReleasedHead, "head", busy)
    assert Sequencer(world.service.context).stopped is None
    assert heads[-1].size > 0


def test_a_log_that_is_behind_or_other_is_refused(released, world):
    released.advance(head(1))
    empty = StoredCheckpoint(0, EMPTY_ROOT, b"")
    world.service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
    world.service.sealing.seal_digests(world.contract.id, order("b"), actor=acting("a"))
    with world.service.context.database.read() as connection:
        log = LogRepository(connection)
        with pytest.raises(CorruptionError, match="holds only 0"):
            check_holds(log, empty, released.head())
        with pytest.raises(CorruptionError, match="another root"):
            check_holds(log, log.checkpoint(), released.head())


@pytest.fixture
def older(data_dir, open_world, tmp_path):
    """A database that lost its last three uses; the released head stands beside it."""
    world = open_world(data_dir)
    sealing = world.service.sealing
    sealing.seal_digests(world.contract.id, order("kept"), actor=acting("a"))
    world.service.close()
    backup = tmp_path / "backup.db"
    shutil.copy(data_dir / "eseal.db", backup)
    world = open_world(data_dir)
    lost = world.service.sealing.seal_digests(
        world.contract.id, [*order("b"), *order("c"), *order("d")], actor=acting("a")
    )
    world.service.close()
    for leftover in data_dir.glob("eseal.db*"):
        leftover.unlink()
    backup.replace(data_dir / "eseal.db")
    return data_dir, lost


def test_a_restored_database_seals_nothing_and_says_why(older, open_world):
    world = open_world(older[0])
    assert "a head of 4 leaves was released" in world.service.stopped
    with pytest.raises(CorruptionError, match="recover --after-loss"):
        world.service.sealing.seal_digests(world.contract.id, order("e"), actor=acting("a"))
    kinds = {each.kind for each in world.service.audit.run().disagreements}
    assert kinds == {"released_lost", "foreign_row"}


@pytest.fixture
def witness(tmp_path):
    """A witness, and a client of it for a service of this test's."""
    Witness.create(tmp_path / "w1", "w1.example")
    made = Witness(tmp_path / "w1")

    def answer(request):
        name = request.url.path.rpartition("/")[2]
        given = (
            made.newest(name) if request.method == "GET" else made.add_checkpoint(request.content)
        )
        headers = {"content-type": given.content_type}
        return httpx.Response(int(given.status), content=given.body, headers=headers)

    def ask(service):
        instance = service.context.instance
        key = VerifierKey(instance.origin, KeyType.NOTE, service.context.log_public_key)
        made.add_log(instance.origin, key)
        address = WitnessAddress("http://w1.example", made.key)
        asked = Witnesses([address], transport=httpx.MockTransport(answer))
        service._sequencer = Sequencer(service.context, asked)
        service.recovery._witnesses = asked
        service.anchoring._witnesses = asked
        return service._sequencer

    return ask


@pytest.fixture
def before(data_dir, open_world, tmp_path, witness):
    """All of an instance as it was before the one use that its witness has cosigned."""
    kept = tmp_path / "kept"
    open_world(data_dir).service.close()
    shutil.copytree(data_dir, kept, ignore=shutil.ignore_patterns("*.sock"))
    world = open_world(data_dir)
    witness(world.service)
    world.service.sealing.seal_digests(world.contract.id, order("lost"), actor=acting("a"))
    world.service.anchoring.anchor()
    world.service.close()
    return kept


def test_a_witness_remembers_what_database_file_and_ledger_have_lost(before, open_world, witness):
    """All of it is put back to one older moment: nothing here objects but the witness."""
    world = open_world(before)
    sequencer = witness(world.service)
    assert sequencer.stopped is None
    sequencer.ask_back()
    assert "witness w1.example cosigned it: a head of 1 leaves" in sequencer.stopped
    assert world.service.context.released.head().size == 1
    assert world.service.recovery.loss().leaves == range(1)
    world.service.close()
    assert "a head of 1 leaves was released" in open_world(before).service.stopped


@pytest.fixture
def given_up(before, open_world, witness):
    """An instance that went on after a loss of which a witness alone knew."""
    world = open_world(before)
    witness(world.service)
    assert "witness w1.example cosigned it" in world.service.recovery.loss().message
    disown(world.service)
    done = world.service.recovery.go_on()
    world.service.close()
    return before, done


def disown(service):
    """The ledger went back with the rest: nothing is to be disowned there."""
    assert service.context.reader.head(service.context.instance.log_id).size == 0


def test_what_was_given_up_is_no_news_from_a_witness(given_up, open_world, witness):
    directory, done = given_up
    world = open_world(directory)
    sequencer = witness(world.service)
    sequencer.ask_back()
    assert sequencer.stopped is None
    assert world.service.recovery.loss() is None
    assert world.service.context.released.head().size == done.mark + 1
    (named,) = orjson.loads(done.document.read_bytes())["cosigned"]
    assert (named["witness"], named["size"]) == ("w1.example", 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes() + b"\n"),
        lambda path: path.write_bytes(b"x" * (1 << 17)),
        lambda path: path.rename(path.with_name("restore-7.json")),
        lambda path: path.rename(path.with_name("restore-many.json")),
    ],
)
def test_what_no_mark_is_of_gives_nothing_up(given_up, open_world, witness, spoil):
    directory, done = given_up
    spoil(done.document)
    world = open_world(directory)
    sequencer = witness(world.service)
    sequencer.ask_back()
    assert "witness w1.example cosigned it" in sequencer.stopped


def test_a_mark_that_the_log_did_not_sign_gives_nothing_up(given_up, open_world, witness):
    directory, _ = given_up
    world = open_world(directory)
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE log_records SET signature = zeroblob(64)")
    sequencer = witness(world.service)
    sequencer.ask_back()
    assert "witness w1.example cosigned it" in sequencer.stopped


def test_what_a_witness_has_cosigned_and_we_hold_stops_nothing(world, witness):
    sequencer = witness(world.service)
    draft = draft_of(new_id(), world.contract.id, *order("a"), acting("a"), "2026-01-01T00:00:00Z")
    sequencer.submit([draft]).result()
    world.service.anchoring.anchor()
    witness(world.service).ask_back()
    assert world.service._sequencer.stopped is None


def test_a_fork_that_a_witness_has_not_seen_is_refused_before_its_first_leaf(
    before, open_world, witness
):
    world = open_world(before)
    sequencer = witness(world.service)
    draft = draft_of(
        new_id(), world.contract.id, *order("two"), acting("a"), "2026-01-01T00:00:00Z"
    )
    with pytest.raises(CorruptionError, match="cosigned it: a head of 1"):
        sequencer.submit([draft]).result()


def test_a_database_that_is_put_back_while_we_run_is_noticed_at_the_next_commit(world):
    service = world.service
    service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
    service.context.released.advance(head(2))  # by a commit that the database then lost
    with pytest.raises(CorruptionError, match="holds only 1"):
        service.sealing.seal_digests(world.contract.id, order("b"), actor=acting("a"))
    assert service.stopped


def test_a_database_that_is_put_back_is_not_anchored(world):
    """What went on from an older state would be final before anybody has looked."""
    service = world.service
    service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
    service.context.released.advance(head(2))
    with pytest.raises(CorruptionError, match="holds only 1"):
        service.anchoring.anchor()


def test_a_process_that_looks_while_another_seals_misses_nothing(world, open_world, monkeypatch):
    """What is released after it began to see, it cannot know."""
    service, other = world.service, open_world(world.settings.data_dir).service
    service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
    checkpoint, sealed = LogRepository.checkpoint, []

    def meanwhile(log, **options):
        found = checkpoint(log, **options)
        if not sealed:
            sealed.append(found)
            service.sealing.seal_digests(world.contract.id, order("b"), actor=acting("a"))
        return found

    for look in (
        lambda: Sequencer(other.context).stopped,
        other.recovery.loss,
        lambda: other.audit.run().disagreements or None,
    ):
        sealed.clear()
        with monkeypatch.context() as patch:
            patch.setattr(LogRepository, "checkpoint", meanwhile)
            assert look() is None
        assert sealed, "it looked"


def test_the_head_is_durable_before_anything_is_released(world):
    service = world.service
    service.context.released.path.mkdir()
    with pytest.raises(DatabaseUnreachableError):
        service.sealing.seal_digests(world.contract.id, order("a"), actor=acting("a"))
