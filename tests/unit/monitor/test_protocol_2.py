"""What a monitor sees of tickets, of disowned heads and of what administrators change."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eseal.ledger.changes import ChangeKind
from eseal.log.leaf import Leaf


def kinds(done):
    return [alarm.kind.value for alarm in done.alarms]


class TestTornTwice:
    def test_in_one_reading_and_in_two(self, watch, site, make_leaf):
        site.append([make_leaf(300, tag=b"mine"), make_leaf(301, tag=b"mine")])
        done = watch()
        assert kinds(done) == ["torn_twice"]
        assert "leaf 301 of epoch 0 shows the tag of leaf 300" in done.alarms[0].message
        site.append([make_leaf(302, tag=b"other")])
        assert kinds(watch()) == ["torn_twice"], "raised until somebody looks"
        site.append([make_leaf(303, tag=b"other")])
        assert kinds(watch()) == ["torn_twice", "torn_twice"]

    def test_after_the_head_over_the_first_was_disowned(self, watch, site, make_site, make_leaf):
        site.append([make_leaf(300, tag=b"mine")])
        watch.anchor(100)
        watch.anchor()
        assert watch().exit_code == 0
        watch.ledger.disown(100)
        fork = make_site().append(site.leaves[:100])
        fork.over = {0: site}
        fork.append([make_leaf(100, b"hidden", tag=b"mine")])
        watch.site = fork
        assert kinds(watch()) == ["head_disowned", "torn_twice"]


class TestDisowned:
    @pytest.fixture
    def disowned(self, watch, site, make_site):
        """100 leaves stand; the 200 behind them were disowned and come again in another order."""
        watch.anchor(100)
        watch.anchor()
        assert watch().exit_code == 0
        watch.ledger.disown(100)
        fork = make_site().append(site.leaves[:100]).grow(50, b"again")
        watch.site = fork
        return fork

    def test_leaves_that_are_not_served_any_more(self, watch, disowned):
        done = watch()
        assert kinds(done) == ["head_disowned", "disowned_unserved"]
        assert "300 leaves" in done.alarms[1].message
        assert (done.size, done.compared) == (disowned.size, 100)
        done = watch()
        assert kinds(done) == ["disowned_unserved"], "the disowning is told once"
        watch.accepted = frozenset({done.alarms[0].name})
        assert done.alarms[0].name == "disowned_unserved:0"
        assert watch().exit_code == 0, "known, and no alarm any more"

    def test_leaves_that_the_log_still_begins_with(self, watch):
        watch.anchor(100)
        watch.anchor()
        assert watch().exit_code == 0
        watch.ledger.disown(100)
        assert kinds(watch()) == ["head_disowned"]
        assert watch().exit_code == 0

    def test_leaves_that_are_and_then_are_not(self, watch, site, disowned):
        disowned.over = {0: site}
        assert kinds(watch()) == ["head_disowned"]
        assert watch().exit_code == 0
        disowned.asked.clear()
        watch()
        assert disowned.entries_asked() == [], "tiles are enough the second time"
        disowned.over = {}
        assert kinds(watch()) == ["disowned_unserved"]

    def test_other_leaves_in_their_place(self, watch, disowned, make_site):
        disowned.over = {0: make_site().grow(300, b"invented")}
        assert kinds(watch()) == ["head_disowned", "disowned_unserved"]

    def test_invented_leaves_tear_no_ticket(self, watch, site, disowned, make_site):
        """Tags are public: whoever answers there could else accuse a log for good."""
        tags = [Leaf.decode(data).tag for data in site.leaves]
        invented = [Leaf(at, bytes(32), tag).encode() for at, tag in enumerate(tags)]
        disowned.over = {0: make_site().append(invented)}
        assert kinds(watch()) == ["head_disowned", "disowned_unserved"]
        disowned.over = {0: site}
        assert watch().exit_code == 0

    def test_the_log_goes_on(self, watch, site, disowned):
        disowned.over = {0: site}
        watch.anchor()
        assert watch().compared == 150
        disowned.grow(10)
        watch.anchor()
        assert (watch().exit_code, watch().compared) == (0, 160)

    def test_a_fork_behind_it_is_one(self, watch, site, disowned, make_site):
        disowned.over = {0: site}
        watch()
        watch.site = make_site().append(site.leaves[:100]).grow(60, b"third")
        watch.site.over = {0: site}
        assert kinds(watch()) == ["split_view"]


class TestSuccession:
    def test_the_new_key_signs_and_the_old_one_nothing_beyond(self, watch, site):
        watch.anchor()
        watch()
        old = site.private
        site.private = Ed25519PrivateKey.generate()
        watch.ledger.succeed(site.public_key)
        site.grow(5)
        assert kinds(watch()) == ["log_succeeded"]
        assert watch().exit_code == 0
        thief = site.grow(3)
        thief.private = old
        assert kinds(watch()) == ["wrong_key"]
        site.shown = site.note(300)
        site.private = old
        done = watch()
        assert (done.exit_code, done.alarms) == (3, ()), "an old head by the old key"

    def test_the_trust_file_s_key_may_be_an_old_one(self, watch, site):
        watch.keys = {site.origin: site.public_key}
        site.private = Ed25519PrivateKey.generate()
        watch.ledger.succeed(site.public_key)
        assert watch().exit_code == 0


class TestChanges:
    @pytest.mark.parametrize(
        ("kind", "values", "alarm"),
        [
            (ChangeKind.ROLE_GRANTED, {"role": bytes(32)}, "roles_changed"),
            (ChangeKind.ADMIN_TRANSFER_SCHEDULED, {"newAdmin": "0x1"}, "roles_changed"),
            (ChangeKind.ROOT_ADDED, {"issuer": b"i" * 32}, "issuer_changed"),
            (ChangeKind.OPERATOR_ADDED, {"issuer": b"i" * 32}, "issuer_changed"),
            (ChangeKind.AUTHORITY_KEY_ADDED, {"vrfKey": bytes(32)}, "authority_changed"),
            (ChangeKind.SCHEME_SET, {"scheme": bytes(32)}, "authority_changed"),
        ],
    )
    def test_each_is_told_once(self, watch, kind, values, alarm):
        assert watch().exit_code == 0, "what was before is nothing new"
        watch.ledger.tell(kind, **values)
        done = watch()
        assert kinds(done) == [alarm]
        assert kind.value in done.alarms[0].message
        assert watch().exit_code == 0

    def test_another_issuer_s_log_even_of_the_same_name(self, watch, site):
        watch()
        watch.ledger.open(b"j" * 32, site.origin, bytes(32))
        assert kinds(watch()) == ["foreign_log"]
        assert watch().exit_code == 0, "it goes on with its own"

    def test_of_two_logs_of_one_name_the_one_that_signs(self, watch, site):
        watch.ledger.logs.clear()
        watch.ledger.told.clear()
        watch.ledger.open(
            b"j" * 32, site.origin, Ed25519PrivateKey.generate().public_key().public_bytes_raw()
        )
        watch.ledger.open(b"i" * 32, site.origin, site.public_key)
        assert watch().exit_code == 0

    def test_of_two_logs_of_one_name_and_key_none_is_chosen(self, watch, site):
        """Who opens a log under another's key shows nobody that he has it."""
        ours = watch.ledger.told.copy()
        watch.ledger.told.clear()
        watch.ledger.open(b"j" * 32, site.origin, site.public_key)
        watch.ledger.told += ours
        done = watch()
        assert kinds(done) == ["foreign_log"]
        assert "--issuer" in done.alarms[0].message
        assert kinds(watch()) == ["foreign_log"], "until somebody says whose it is"
        watch.issuer = b"i" * 32
        assert watch().exit_code == 0
        watch.issuer = None
        assert watch().exit_code == 0, "that is remembered"
