import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.errors import CorruptionError
from eseal.log.vkey import KeyType, parse_vkey


def kinds(done):
    return [alarm.kind.value for alarm in done.alarms]


def test_a_log_that_grows_and_is_anchored_is_well(watch, site):
    watch.anchor(7)
    watch.anchor(300)
    done = watch()
    assert (done.exit_code, done.size, done.root, done.compared) == (0, 300, site.root(), 300)
    assert parse_vkey(done.log_key, KeyType.NOTE).public_key == site.public_key
    site.grow(500)
    watch.anchor(512)
    watch.anchor(800)
    done = watch()
    assert (done.exit_code, done.size, done.anchored, done.compared) == (0, 800, 800, 800)
    assert done.to_dict()["well"] is True


def test_only_new_leaves_are_fetched(watch, site):
    watch.anchor()
    watch()
    site.asked.clear()
    watch()
    assert site.entries_asked() == []
    site.grow(3)
    watch.anchor()
    watch()
    assert site.entries_asked() == ["tile/entries/001.p/47"]


def test_an_anchor_that_comes_after_its_leaves_were_read(watch, site):
    watch.anchor(100)
    assert watch().compared == 100
    site.grow(200)
    assert watch().pending == 400
    watch.anchor(290)
    done = watch()
    assert (done.exit_code, done.size, done.compared) == (0, 500, 290)
    watch.anchor(500)
    assert watch().compared == 500


def test_many_anchors_at_once(watch, site):
    watch.anchor(10)
    watch()
    for size in range(20, 300, 10):
        watch.anchor(size)
    assert watch().compared == 290
    site.grow(1)
    watch.anchor()
    assert watch().compared == 301


class TestSplitView:
    def fork(self, make_site, size, shared=100):
        fork = make_site().grow(shared)
        return fork.grow(size - shared, b"another history")

    @pytest.mark.parametrize("size", [200, 300, 301, 700])
    def test_a_fork_of_any_size_is_an_alarm_with_evidence(self, watch, site, make_site, size):
        watch.anchor(50)
        watch()
        watch.site = fork = self.fork(make_site, size)
        done = watch()
        assert done.exit_code == 1
        (kind,) = kinds(done)
        assert kind == ("log_shrunk" if size < 300 else "split_view")
        told, held, shown = watch.evidence()
        assert kind in told + held
        notes = {(watch.directory / "evidence" / name).read_bytes() for name in (held, shown)}
        assert {site.note(), fork.note()} <= notes | {
            (watch.directory / "evidence" / told).read_bytes()
        }
        assert set(done.alarms[0].evidence) == {f"evidence/{name}" for name in watch.evidence()}

    def test_it_is_raised_again_until_somebody_looks_and_evidence_never_changes(
        self, watch, make_site
    ):
        watch()
        watch.site = self.fork(make_site, 300)
        watch()
        before = {
            name: (watch.directory / "evidence" / name).read_bytes() for name in watch.evidence()
        }
        assert kinds(watch()) == ["split_view"]
        assert {
            name: (watch.directory / "evidence" / name).read_bytes() for name in watch.evidence()
        } == before

    def test_a_smaller_fork_whose_tiles_reach_far_enough(self, watch, site, make_site):
        """It even keeps the old tiles, but its head does not begin the old one."""
        watch()
        fork = self.fork(make_site, 200)
        site.shown = fork.note()
        assert kinds(watch()) == ["split_view"]

    def test_other_leaves_at_the_second_reading(self, watch, site, make_site):
        watch.anchor(100)
        watch()
        fork = self.fork(make_site, 300, shared=100)
        fork.shown = site.note()
        watch.site = fork
        watch.ledger.accept(200, fork.root(200))
        assert kinds(watch()) == ["split_view"]
        watch.ledger.accept(300, fork.root(300))
        assert kinds(watch()) == ["split_view"]

    def test_the_honest_log_is_well_again_afterwards(self, watch, site, make_site):
        watch()
        watch.site = self.fork(make_site, 400)
        assert watch().exit_code == 1
        watch.site = site
        assert watch().exit_code == 0


def test_an_old_but_consistent_head_is_no_alarm(watch, site):
    watch.anchor(100)
    watch()
    site.shown = site.note(250)
    done = watch()
    assert (done.exit_code, done.size) == (3, 300)
    assert "old head of 250" in done.undecided[0]


def test_leaves_that_do_not_make_the_head(watch, site, make_leaf):
    site.leaves[7] = make_leaf(7, b"changed")
    done = watch()
    assert kinds(done) == ["wrong_root"]
    assert watch.evidence()
    site.leaves[7] = make_leaf(7)
    watch()
    site.grow(5)
    site.shown = site.note(root=bytes(32))
    assert kinds(watch()) == ["wrong_root"]
    site.shown = None
    assert watch().exit_code == 0


def test_a_leaf_that_names_another_place_or_is_none(watch, site, make_leaf):
    site.append([make_leaf(7)])
    assert kinds(watch()) == ["bad_leaf"]
    site.leaves[-1] = make_leaf(300)[:-1]
    assert kinds(watch()) == ["bad_leaf"]


def test_a_head_signed_by_somebody_else(watch, make_site):
    watch.site = make_site(private=Ed25519PrivateKey.generate()).grow(300)
    done = watch()
    assert kinds(done) == ["wrong_key"]
    assert [name for name in watch.evidence() if name.endswith("-shown.checkpoint")]


def test_the_trust_file_s_key_and_the_ledger_s(watch, site):
    watch.keys = {site.origin: site.public_key}
    assert watch().exit_code == 0
    watch.keys = {site.origin: bytes(32)}
    assert kinds(watch()) == ["wrong_key"]


def test_another_log_at_the_same_address(watch, make_site):
    watch()
    watch.site = make_site(origin="log.example/two").grow(1)
    done = watch()
    assert (kinds(done), done.origin) == (["other_log"], "log.example/one")


def test_a_log_the_ledger_does_not_know(watch, make_site):
    watch.site = make_site(origin="log.example/two").grow(1)
    assert kinds(watch()) == ["unknown_log"]


class TestLedger:
    def test_another_root_than_the_leaves_make(self, watch, site):
        watch.ledger.accept(200, bytes(32))
        done = watch()
        assert kinds(done) == ["anchor_mismatch"]
        assert site.root(200).hex() in done.alarms[0].message
        assert kinds(watch()) == ["anchor_mismatch"]

    def test_another_root_at_a_size_read_before(self, watch):
        watch()
        watch.ledger.accept(200, bytes(32))
        assert kinds(watch()) == ["anchor_mismatch"]

    def test_a_head_the_log_does_not_have(self, watch):
        watch.ledger.accept(301, bytes(32))
        done = watch()
        assert (kinds(done), watch.slept) == (["ledger_ahead"], 6.0)
        assert (done.anchored, done.size) == (301, 300)
        assert kinds(watch()) == ["ledger_ahead"]
        assert [name for name in watch.evidence() if name.endswith("-held.checkpoint")]

    def test_a_log_that_catches_up_within_seconds_is_well(self, watch, site):
        watch()
        old = site.note()
        site.grow(9)
        watch.anchor()
        site.shown = old

        def show():
            site.shown = None

        watch.on_sleep = show
        done = watch()
        assert (done.exit_code, done.compared, watch.slept) == (0, 309, 2.0)

    def test_a_head_that_was_on_the_ledger_and_is_no_more(self, watch):
        watch.anchor(100)
        watch()
        watch.ledger.held.clear()
        watch.ledger.accept(150, watch.site.root(150))
        assert kinds(watch()) == ["ledger_rewritten"]
        assert kinds(watch()) == ["ledger_rewritten"]

    def test_a_node_that_is_behind_is_no_alarm(self, watch):
        watch.anchor(100)
        watch()
        watch.ledger.held.clear()
        done = watch()
        assert (done.exit_code, done.anchored) == (3, None)
        assert "behind" in done.undecided[0]

    def test_a_node_that_contradicts_itself_is_no_alarm(self, watch):
        watch.anchor(100)
        watch.ledger.hidden = 1
        done = watch()
        assert done.exit_code == 3
        assert "contradicts itself" in done.undecided[0]

    def test_a_head_that_came_between_two_questions(self, watch):
        watch.anchor(100)
        head = watch.ledger.head("")
        watch.anchor(200)
        watch.ledger.head = lambda _name: head
        assert watch().anchored == 200

    def test_unreachable_is_undecided_and_the_log_is_checked_all_the_same(
        self, watch, site, make_site
    ):
        watch.ledger.reachable = False
        done = watch()
        assert (done.exit_code, done.size, done.origin) == (3, 0, None)
        watch.keys = {site.origin: site.public_key}
        assert (watch().exit_code, watch().size) == (3, 300)
        watch.keys = {}
        site.grow(5)
        done = watch()
        assert (done.exit_code, done.size, done.pending) == (3, 305, 0)
        watch.site = make_site().grow(305, b"another")
        assert (watch().exit_code, kinds(watch())) == (1, ["split_view"])

    def test_one_answer_and_then_none(self, watch):
        def fail(_name):
            watch.ledger.reachable = False
            watch.ledger._ask()

        watch.ledger.head = fail
        assert watch().exit_code == 3


class TestStall:
    def test_leaves_that_wait_too_long(self, watch, site):
        watch.anchor(100)
        assert watch().exit_code == 0
        watch.time += 60
        site.grow(1)
        assert watch().exit_code == 0
        watch.time += 1
        done = watch()
        assert kinds(done) == ["anchor_stalled"]
        assert "leaves 100 to 299" in done.alarms[0].message
        watch.anchor(300)
        assert watch().exit_code == 0
        watch.time += 60
        assert kinds(watch()) == ["anchor_stalled"]
        watch.anchor()
        assert watch().exit_code == 0

    def test_what_is_remembered_is_bounded(self, watch, site):
        for _ in range(300):
            site.grow(1)
            watch.time += 0.1
            watch()
        assert (watch.directory / "state.json").stat().st_size < 20_000
        watch.time += 60
        assert kinds(watch()) == ["anchor_stalled"]


class TestUnreachable:
    def test_the_log_is_down(self, watch, site):
        site.down = True
        done = watch()
        assert (done.exit_code, done.size, done.log_key) == (3, 0, None)
        assert site.asked == ["checkpoint"] * 3

    def test_it_shows_something_else(self, watch, site):
        site.shown = b"<html>"
        assert "is not a log" in watch().undecided[0]

    def test_it_holds_leaves_back(self, watch, site):
        watch()
        site.grow(300)
        site.shown = site.note()
        del site.leaves[400:]
        done = watch()
        assert (done.exit_code, done.size) == (3, 300)


def test_a_damaged_state_is_named_and_not_overwritten(watch):
    watch()
    path = watch.directory / "state.json"
    path.write_bytes(path.read_bytes().replace(b'"size": 300', b'"size": 301'))
    with pytest.raises(CorruptionError, match=r"state\.json"):
        watch()
