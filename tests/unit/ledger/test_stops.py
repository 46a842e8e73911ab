"""Three stops on one seal, and nobody lifts another's; the owner's by codes from any account."""

import pytest
from eth_account import Account

from eseal.errors import LedgerRejectedError
from eseal.ledger.facts import Status, StopFlags
from eseal.model.seal import Reason, handle_of
from eseal.model.stop_codes import StopScope, make_codes, replacement

HOUR = 3600


@pytest.fixture
def handle(world):
    world.register_seal(b"1" * 32)
    return handle_of(world.issuer, b"1" * 32)


@pytest.fixture
def codes(world, handle):
    registry = bytes.fromhex(world.deployment.seal_registry[2:])
    made = make_codes(StopScope(world.deployment.chain_id, registry, handle), 4)
    world.ledger.set_stop(handle, made.end)
    return made


@pytest.fixture
def anybody(world):
    """An account with money and no role."""
    account = Account.create()
    nonce = int(world.ask("eth_getTransactionCount", world.admin.address, "latest")["result"], 16)
    raw = world.admin.sign_transaction(
        {"chainId": world.deployment.chain_id, "nonce": nonce, "to": account.address,
         "value": 10**20, "gas": 21_000, "gasPrice": 3 * 10**9}
    ).raw_transaction  # fmt: skip
    sent = world.ask("eth_sendRawTransaction", "0x" + raw.hex())["result"]
    while world.ask("eth_getTransactionReceipt", sent)["result"] is None:
        pass
    return world.as_account(account)


def now(world, handle):
    at = world.ledger.status_at(handle, world.ledger.final_block().timestamp)
    return at.status, at.flags


def test_the_owner_stops_and_resumes_by_any_account(world, handle, codes, anybody):
    assert world.ledger.stop_hash(handle) == codes.end
    anybody.stop_by_owner(handle, codes.next(codes.end))
    assert now(world, handle) == (Status.SUSPENDED, StopFlags.OWNER)
    reason = world.ledger.status_at(handle, world.ledger.final_block().timestamp).reason
    assert reason is Reason.OWNER_STOP
    with pytest.raises(LedgerRejectedError, match="NotStopped"):
        world.ledger.resume(handle, Reason.NONE)
    anybody.resume_by_owner(handle, codes.next(world.ledger.stop_hash(handle)))
    assert now(world, handle) == (Status.ACTIVE, StopFlags.NONE)


def test_a_code_works_once_and_in_order(world, handle, codes, anybody):
    with pytest.raises(LedgerRejectedError, match="not the next code of this seal"):
        anybody.stop_by_owner(handle, codes.codes[1])
    anybody.stop_by_owner(handle, codes.codes[0])
    for wrong in (codes.codes[0], codes.codes[2]):
        with pytest.raises(LedgerRejectedError, match="WrongStopCode"):
            anybody.resume_by_owner(handle, wrong)
    with pytest.raises(LedgerRejectedError, match="AlreadyStopped"):
        anybody.stop_by_owner(handle, codes.codes[1])
    assert world.ledger.stop_hash(handle) == codes.codes[0], "a refused act spends nothing"


def test_a_code_of_another_seal_chain_or_contract_does_not_work(world, handle, codes, anybody):
    scope, second = codes.scope, handle_of(world.issuer, b"2" * 32)
    for other in (
        StopScope(scope.chain_id + 1, scope.registry, handle),
        StopScope(scope.chain_id, b"\x01" * 20, handle),
        StopScope(scope.chain_id, scope.registry, second),
    ):
        assert other.stop_hash(codes.codes[0]) != codes.end
    world.register_seal(b"2" * 32, stop_hash=codes.end)
    with pytest.raises(LedgerRejectedError, match="WrongStopCode"):
        anybody.stop_by_owner(second, codes.codes[0])


def test_each_party_lifts_its_own_stop_only(world, handle, codes, anybody):
    regulator = world.as_account(world.admin)
    world.administration.grant_regulator(world.admin.address)
    world.ledger.suspend(handle, Reason.LOSS)
    regulator.suspend(handle, Reason.BY_ORDER)
    anybody.stop_by_owner(handle, codes.codes[0])
    assert now(world, handle)[1] == StopFlags.OWNER | StopFlags.ISSUER | StopFlags.REGULATOR
    world.ledger.resume(handle, Reason.NONE)
    assert now(world, handle) == (Status.SUSPENDED, StopFlags.OWNER | StopFlags.REGULATOR)
    with pytest.raises(LedgerRejectedError, match="NotStopped"):
        world.ledger.resume(handle, Reason.NONE)
    anybody.resume_by_owner(handle, codes.codes[1])
    assert now(world, handle) == (Status.SUSPENDED, StopFlags.REGULATOR)
    regulator.resume(handle, Reason.NONE)
    assert now(world, handle) == (Status.ACTIVE, StopFlags.NONE)


def test_only_the_owner_begins_another_chain_and_only_announced(world, handle, codes, anybody):
    new = make_codes(codes.scope, 2)
    code = codes.next(codes.end)
    with pytest.raises(LedgerRejectedError, match="StopAlreadySet"):
        world.ledger.set_stop(handle, new.end)
    with pytest.raises(LedgerRejectedError, match="was not announced at least an hour ago"):
        anybody.replace_stop(handle, code, new.end)
    anybody.announce_stop(handle, replacement(handle, code, new.end))
    assert world.ledger.stop_announced_at(handle, replacement(handle, code, new.end)) is not None
    world.clock.sleep(HOUR)
    world.advance()  # ledger time goes on with its blocks
    anybody.replace_stop(handle, code, new.end)
    assert world.ledger.stop_hash(handle) == new.end
    anybody.stop_by_owner(handle, new.codes[0])
    assert now(world, handle)[1] == StopFlags.OWNER


def test_a_revoked_seal_takes_no_codes(world, handle, codes, anybody):
    world.ledger.revoke(handle, Reason.LOSS)
    with pytest.raises(LedgerRejectedError, match="SealIsRevoked"):
        anybody.stop_by_owner(handle, codes.codes[0])
    assert now(world, handle)[0] is Status.REVOKED
