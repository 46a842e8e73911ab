"""What administrators and operators changed, as both contracts tell it."""

import hashlib

from eth_account import Account

from eseal.ledger.changes import ChangeKind

from .conftest import AUTHORITY, ISSUER, ORIGIN, VRF_KEY

ROOT = b"o" * 32
STRANGER = Account.create().address


def test_a_set_up_tells_of_all_it_did(world):
    changes = world.ledger.changes(0)
    kinds = {change.kind for change in changes}
    assert {
        ChangeKind.ISSUER_ADMITTED,
        ChangeKind.OPERATOR_ADDED,
        ChangeKind.AUTHORITY_ACCOUNT_SET,
        ChangeKind.AUTHORITY_KEY_ADDED,
        ChangeKind.LOG_OPENED,
    } <= kinds
    (opened,) = (change for change in changes if change.kind is ChangeKind.LOG_OPENED)
    assert (opened.issuer, opened.log_id) == (ISSUER, world.log_id)
    assert opened.get("origin") == ORIGIN
    (key,) = (change for change in changes if change.kind is ChangeKind.AUTHORITY_KEY_ADDED)
    assert (key.get("authority"), key.get("vrfKey")) == (AUTHORITY, VRF_KEY)
    assert (key.issuer, key.log_id) == (None, None)


def test_only_what_came_since_in_order(world):
    first = world.ledger.final_block().number + 1
    world.administration.add_root(ISSUER, ROOT)
    world.administration.set_schemes([hashlib.sha256(b"NTRCN").digest()], AUTHORITY)
    one, two = world.advance(), world.advance()
    world.administration.disown(world.log_id, one.head.size)
    world.administration.succeed(world.log_id, b"n" * 32)
    changes = world.ledger.changes(first)
    assert [change.kind.value for change in changes] == [
        "RootAdded",
        "SchemeSet",
        "HeadDisowned",
        "LogSucceeded",
    ]
    assert (changes[0].issuer, changes[0].get("rootHash")) == (ISSUER, ROOT)
    assert [changes[2].get(name) for name in ("epoch", "size", "oldSize")] == [
        1,
        one.head.size,
        two.head.size,
    ]
    assert changes == sorted(changes, key=lambda change: change.block.number)
    assert world.ledger.changes(changes[-1].block.number + 1) == []
    # what was disowned is still there to be compared
    assert world.ledger.root_in(world.log_id, 0, two.head.size) == two.head.root
    assert world.ledger.root_in(world.log_id, 1, two.head.size) is None
    assert world.ledger.root_at(world.log_id, two.head.size) is None
