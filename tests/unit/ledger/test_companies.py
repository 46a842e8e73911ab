"""Roots, authorities, companies, seals and volumes, and what is told of a company."""

import hashlib

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from eseal.authority.word.attestation import subject_of
from eseal.errors import LedgerRejectedError
from eseal.ledger.events import (
    CompanyRegistered,
    SealRegistered,
    SealStatusChanged,
    StopSet,
    VolumeOpened,
)
from eseal.ledger.facts import AuthorityKey, NewCompany, NewVolume, Period, Status, StopFlags
from eseal.model.seal import Reason, handle_of

from .conftest import ATTEST_KEY, AUTHORITY, DEPTH, ISSUER, SUBJECT, VRF_KEY

ONE, TWO = (handle_of(ISSUER, certificate * 32) for certificate in (b"1", b"2"))
OTHER = b"t" * 32
OTHER_SUBJECT = subject_of(VRF_KEY, OTHER)

ROOT = b"o" * 32


def test_a_root_has_its_period_and_never_begins_again(world):
    administration, ledger = world.administration, world.ledger
    assert ledger.issuer_root(world.issuer, ROOT) is None
    added = administration.add_root(world.issuer, ROOT).block.timestamp
    assert administration.add_root(world.issuer, ROOT) is None
    assert ledger.issuer_root(world.issuer, ROOT) == Period(added, None)
    assert ledger.issuer_root(b"j" * 32, ROOT) is None, "another issuer's"
    ended = administration.end_root(world.issuer, ROOT).block.timestamp
    assert administration.end_root(world.issuer, ROOT) is None
    assert ledger.issuer_root(world.issuer, ROOT) == Period(added, ended)
    with pytest.raises(LedgerRejectedError, match="RootNotInForce"):
        administration.end_root(world.issuer, b"n" * 32)


@given(st.integers(0, 9), st.none() | st.integers(0, 9), st.integers(0, 9))
def test_a_period_holds_from_its_first_second_to_before_its_last(start, until, time):
    assert Period(start, until).holds(time) == (
        time in range(start, 10 if until is None else until)
    )


def test_an_authority_s_schemes_and_keys(world):
    administration, ledger = world.administration, world.ledger
    scheme = hashlib.sha256(b"NTRCN").digest()
    assert ledger.scheme_authority(scheme) is None
    second = hashlib.sha256(b"VATDE").digest()
    assert administration.set_schemes([scheme], AUTHORITY) is not None
    assert administration.set_schemes([scheme, second], AUTHORITY) is not None
    assert administration.set_schemes([scheme, second], AUTHORITY) is None
    assert ledger.scheme_authority(scheme) == ledger.scheme_authority(second) == AUTHORITY
    with pytest.raises(LedgerRejectedError, match="SchemeAlreadySet"):
        administration.set_schemes([scheme], b"b" * 32)
    assert administration.set_authority_account(AUTHORITY, world.authority.address) is None
    known = ledger.authority_key(VRF_KEY)
    assert known == AuthorityKey(VRF_KEY, AUTHORITY, ATTEST_KEY, Period(known.period.start, None))
    assert administration.add_authority_key(AUTHORITY, VRF_KEY, ATTEST_KEY) is None
    assert ledger.authority_key(b"w" * 32) is None
    ended = administration.end_authority_key(VRF_KEY).block.timestamp
    assert administration.end_authority_key(VRF_KEY) is None
    assert ledger.authority_key(VRF_KEY).period == Period(known.period.start, ended)
    with pytest.raises(LedgerRejectedError, match="AuthorityKeyNotInForce"):
        world.register_company(OTHER)


def test_a_company_is_registered_once_by_anybody_with_its_authority_s_word(world):
    founder = Account.create()
    company = NewCompany(OTHER, VRF_KEY, b"f" * 32, founder.address)
    signature = world.attest(company)
    assert world.ledger.company(OTHER_SUBJECT) is None
    receipt = world.as_account(world.admin).register_companies([company], [signature])
    known = world.ledger.company(OTHER_SUBJECT)
    assert (known.founders, known.founders_account) == (b"f" * 32, founder.address)
    assert (known.vrf_key, known.registered_at) == (VRF_KEY, receipt.block.timestamp)
    with pytest.raises(LedgerRejectedError, match="CompanyAlreadyRegistered"):
        world.ledger.register_companies([company], [signature])
    other = NewCompany(b"u" * 32, VRF_KEY, b"f" * 32, founder.address)
    with pytest.raises(LedgerRejectedError, match="was not signed by the company's authority"):
        world.ledger.register_companies([other], [signature])


def test_a_seal_needs_a_registered_company_and_opens_its_first_volume(world):
    with pytest.raises(LedgerRejectedError, match="UnknownCompany"):
        world.register_seal(b"1" * 32, subject=b"z" * 32)
    receipt = world.register_seal(b"1" * 32)
    seal = world.ledger.seal(ONE)
    assert (seal.issuer, seal.subject, seal.depth, seal.volumes) == (
        world.issuer, SUBJECT, DEPTH, 1,
    )  # fmt: skip
    volume = world.ledger.volume(ONE, 0)
    assert (volume.root, volume.block_number) == (b"r" * 32, receipt.block.number)
    assert world.ledger.volume(ONE, 1) is None


def test_volumes_open_in_order_and_a_root_never_changes(world):
    world.register_seal(b"1" * 32)
    world.register_seal(b"2" * 32)
    mixed = [NewVolume(ONE, 1, b"x" * 32), NewVolume(TWO, 1, b"y" * 32)]
    receipt = world.ledger.open_volumes(mixed)
    assert world.ledger.volume(TWO, 1).root == b"y" * 32
    assert world.ledger.volume(TWO, 1).block_number == receipt.block.number
    for number in (1, 3):
        with pytest.raises(LedgerRejectedError, match="VolumeNotNext") as caught:
            world.ledger.open_volumes([NewVolume(ONE, number, b"z" * 32)])
        assert "is opened next, not" in str(caught.value)
    assert world.ledger.volume(ONE, 1).root == b"x" * 32
    assert world.ledger.seal(ONE).volumes == 2


def test_all_that_happened_to_a_company_is_told_in_order(world):
    world.register_company(OTHER)
    world.register_seal(b"1" * 32, stop_hash=b"h" * 32)
    world.register_seal(b"2" * 32, subject=OTHER_SUBJECT)
    world.ledger.open_volumes([NewVolume(ONE, 1, b"x" * 32)])
    world.ledger.suspend(ONE, Reason.LOSS)
    told = world.ledger.events(SUBJECT)
    assert [type(event) for event in told] == [
        CompanyRegistered, SealRegistered, VolumeOpened, StopSet, VolumeOpened, SealStatusChanged,
    ]  # fmt: skip
    registered, sealed, first, stop, second, changed = told
    assert (registered.subject, registered.vrf_key, registered.founders) == (SUBJECT, VRF_KEY, None)
    assert (sealed.handle, sealed.issuer, sealed.depth) == (ONE, world.issuer, DEPTH)
    assert (first.number, second.number, second.root) == (0, 1, b"x" * 32)
    assert stop.stop_hash == b"h" * 32
    assert (changed.status, changed.reason, changed.flags) == (
        Status.SUSPENDED, Reason.LOSS, StopFlags.ISSUER,
    )  # fmt: skip
    assert all(event.block == world.ledger.block(event.block.number) for event in told)
    assert [type(event) for event in world.ledger.events(OTHER_SUBJECT)] == [
        CompanyRegistered, SealRegistered, VolumeOpened,
    ]  # fmt: skip
    assert world.ledger.events(b"nobody".ljust(32)) == []


def test_changes_of_all_seals_from_a_height_on(world):
    world.register_seal(b"1" * 32)
    world.register_seal(b"2" * 32)
    first = world.ledger.suspend(ONE, Reason.LOSS).block.number
    second = world.ledger.suspend(TWO, Reason.LOSS).block.number
    assert [event.handle for event in world.ledger.status_changes(0)] == [ONE, TWO]
    assert [event.handle for event in world.ledger.status_changes(first + 1)] == [TWO]
    assert world.ledger.status_changes(second + 1) == []


def test_a_retired_issuer_s_seals_are_not_active(world):
    world.register_seal(b"1" * 32)
    retired = world.administration.retire_issuer(world.issuer).block.timestamp
    assert world.ledger.status_at(ONE, retired - 1).status is Status.ACTIVE
    assert world.ledger.status_at(ONE, retired).status is Status.ISSUER_RETIRED
