"""A stolen account advances a log to garbage; the administrator takes it back, for all to see."""

import hashlib

import pytest
from eth_account import Account

from eseal.errors import LedgerRejectedError
from eseal.ledger.facts import Head
from eseal.ledger.reading.caching import CachingReader


def grow(world, times):
    """Advance so often; the heads."""
    return [world.advance().head for _ in range(times)]


def disown(world, size):
    """Take all beyond ``size`` back, in the world's own book-keeping, too."""
    world.administration.disown(world.log_id, size)
    world.anchored = [made for made in world.anchored if made.head.size <= size]


def diverge(world):
    """Another head than the one disowned: the same size, another right half."""
    old = world.anchored[-1].head
    sibling = hashlib.sha256(b"another right half" + old.root).digest()
    head = Head(2 * old.size, hashlib.sha256(b"\x01" + old.root + sibling).digest())
    return head, world.ledger.advance(world.log_id, old.size, head, [sibling])


def test_disowned_heads_count_no_more_and_are_told_apart_from_what_never_was(world):
    one, two, four, eight = grow(world, 4)
    before = world.ledger.log(world.log_id)
    disown(world, 2)
    ledger, log = world.ledger, world.log_id
    assert (before.epoch, ledger.log(log).epoch) == (0, 1)
    assert ledger.head(log) == two
    assert [ledger.root_at(log, size) for size in (1, 2, 4, 8)] == [one.root, two.root, None, None]
    assert [anchor.head for anchor in ledger.anchors(log)] == [one, two]
    assert ledger.anchor_at(log, 2).head == two
    assert ledger.anchor_at(log, 4) is None
    assert ledger.anchor_covering(log, 1).head == two
    assert ledger.anchor_covering(log, 2) is None
    assert ledger.was_disowned(log, 4, four.root)
    assert ledger.was_disowned(log, 8, eight.root)
    assert not ledger.was_disowned(log, 2, two.root)
    assert not ledger.was_disowned(log, 4, b"x" * 32), "never accepted"


def test_the_log_goes_on_beside_what_was_disowned(world):
    _, two, four, _ = grow(world, 4)
    disown(world, 2)
    head, receipt = diverge(world)
    ledger, log = world.ledger, world.log_id
    assert ledger.root_at(log, 4) == head.root
    anchor = ledger.anchor_at(log, 4)
    assert (anchor.head, anchor.block) == (head, receipt.block)
    assert ledger.anchor_covering(log, 2) == ledger.anchor_covering(log, 3) == anchor
    assert ledger.anchor_covering(log, 4) is None
    assert [made.head.size for made in ledger.anchors(log)] == [1, 2, 4]
    assert ledger.was_disowned(log, 4, four.root)
    assert not ledger.was_disowned(log, 4, head.root)
    # back beyond the base of the first disowning: its epoch has no head in force any more
    disown(world, 1)
    assert ledger.was_disowned(log, 4, head.root)
    assert ledger.was_disowned(log, 2, two.root)
    assert [made.head.size for made in ledger.anchors(log)] == [1]
    assert ledger.anchor_covering(log, 0).head.size == 1
    assert ledger.anchor_covering(log, 1) is None
    again, _ = diverge(world)
    assert ledger.anchor_covering(log, 1).head == again


def test_every_leaf_has_the_first_anchor_in_force(world):
    """Against all anchors, which are read in another way."""
    grow(world, 4)
    disown(world, 4)
    grow(world, 1)
    disown(world, 0)
    grow(world, 3)
    disown(world, 2)
    grow(world, 2)
    anchors = world.ledger.anchors(world.log_id)
    assert [anchor.head.size for anchor in anchors] == [1, 2, 4, 8]
    over = [world.ledger.anchors(world.log_id, epoch) for epoch in range(4)]
    sizes = [[anchor.head.size for anchor in found] for found in over]
    assert sizes == [[1, 2, 4, 8], [1, 2, 4, 8], [1, 2, 4], [1, 2, 4, 8]]
    assert over[3] == anchors
    for index in range(10):
        expected = next((a for a in anchors if a.head.size > index), None)
        assert world.ledger.anchor_covering(world.log_id, index) == expected
        at = world.ledger.anchor_at(world.log_id, index)
        assert at == next((a for a in anchors if a.head.size == index), None)


def test_only_the_administrator_disowns_and_only_to_a_head_in_force(world):
    grow(world, 3)
    with pytest.raises(LedgerRejectedError, match="HeadNotAccepted"):
        world.administration.disown(world.log_id, 3)
    with pytest.raises(LedgerRejectedError, match="HeadNotSmaller"):
        world.administration.disown(world.log_id, 4)
    assert world.ledger.log(world.log_id).epoch == 0


def test_a_remembered_anchor_is_forgotten_when_it_is_disowned(world):
    _, _, four = grow(world, 3)
    moment = [1000.0]
    cache = CachingReader(world.ledger, clock=lambda: moment[0])
    assert cache.anchor_at(world.log_id, 4).head == four
    assert not cache.was_disowned(world.log_id, 4, four.root)
    disown(world, 2)
    moment[0] += 10
    assert cache.anchor_at(world.log_id, 4) is None
    assert cache.root_at(world.log_id, 4) is None
    assert cache.anchor_covering(world.log_id, 3) is None
    assert cache.was_disowned(world.log_id, 4, four.root)


def test_a_log_s_key_is_succeeded_and_the_old_one_signs_nothing_beyond(world):
    grow(world, 2)
    administration, log = world.administration, world.log_id
    assert world.ledger.log(log).signers(2) == (b"k" * 32,)
    assert administration.succeed(log, b"K" * 32) is not None
    assert administration.succeed(log, b"K" * 32) is None
    grow(world, 1)
    found = world.ledger.log(log)
    assert found.keys == ((0, b"k" * 32), (2, b"K" * 32))
    assert found.public_key == b"K" * 32
    assert found.signers(2) == (b"K" * 32, b"k" * 32)
    assert found.signers(4) == (b"K" * 32,)
    with pytest.raises(LedgerRejectedError, match="LogKeyUsedBefore"):
        administration.succeed(log, b"k" * 32)


def test_a_thief_of_the_operator_s_account_is_replaced_and_the_log_goes_on(world):
    """The thief's head extends the log, as the contract demands, by leaves nobody has."""
    _, two, _ = grow(world, 3)
    heir = Account.create()
    world.administration.remove_operator(world.issuer, world.operator.address)
    world.administration.admit_issuer(world.issuer, heir.address)
    disown(world, 2)
    with pytest.raises(LedgerRejectedError, match="NotOperator"):
        world.ledger.advance(world.log_id, *world.next_head())
    assert world.ledger.head(world.log_id) == two
    assert world.ledger.is_operator(world.issuer, heir.address)
