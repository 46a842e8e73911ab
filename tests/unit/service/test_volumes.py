from __future__ import annotations

import hashlib

import pytest

from eseal.errors import CorruptionError, LedgerUnreachableError, NoVolumeError
from eseal.ledger.facts import NewVolume
from eseal.model.seal import Reason, SealType
from eseal.model.statement import Statement
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.seals.volumes import AHEAD, Volumes
from eseal.service.service import Service
from eseal.store.repositories.books import BookRepository, VolumeState
from tests.actors import acting
from tests.office import operator_of, regulator_of

SMALL = 4
VOLUME = 1 << SMALL


@pytest.fixture(scope="module")
def small(tmp_path_factory, template):
    """A data directory with a company of two seals whose volumes hold 16 tickets."""
    import shutil

    from eseal.config import Settings

    directory = tmp_path_factory.mktemp("small") / "data"
    shutil.copytree(template, directory)
    settings = Settings.load(data_dir=directory)
    with Service.open(settings) as service:
        service.onboarding.add_company(
            "云章试验有限公司",
            "uscc:91310000717854505W",
            seals=[SealOrder(kind, depth=SMALL) for kind in (SealType.CONTRACT, SealType.FINANCE)],
            actor=acting(),
        )
    return directory


@pytest.fixture
def seals(small, tmp_path, open_world):
    """The service with the small books, and their seals' ids."""
    import shutil

    directory = tmp_path / "data"
    shutil.copytree(small, directory)
    world = open_world(directory)
    company = world.service.directory.company("uscc:91310000717854505W")
    found = world.service.directory.seals(company_id=company.id)
    return world.service, [seal.id for seal in found]


def seal(service, seal_id, count):
    digests = [hashlib.sha256(b"%d" % n).digest() for n in range(count)]
    orders = [DigestOrder(digest) for digest in digests]
    return service.sealing.seal_digests(seal_id, orders, actor=acting("a"))


def volumes(service, seal_id):
    with service.context.database.read() as connection:
        return BookRepository(connection).volumes(seal_id)


def test_two_volumes_are_opened_behind_the_current_one(seals):
    service, (first, second) = seals
    assert [each.state for each in volumes(service, first)] == [VolumeState.OPEN]
    service.upkeep.round()
    for seal_id in (first, second):
        stored = volumes(service, seal_id)
        assert [each.number for each in stored] == list(range(1 + AHEAD))
        assert {each.state for each in stored} == {VolumeState.OPEN}
        handle = service.context.signer(seal_id).handle
        for each in stored:
            on_ledger = service.context.ledger.volume(handle, each.number)
            assert (on_ledger.root, on_ledger.block_number) == (each.root, each.block_number)
    service.upkeep.round()
    assert len(volumes(service, first)) == 1 + AHEAD


def test_a_volume_that_runs_out_is_told_and_the_next_one_goes_on(seals):
    service, (first, _) = seals
    outcomes = seal(service, first, VOLUME + 1)
    refused = outcomes.pop()
    assert isinstance(refused, NoVolumeError)
    assert "try again" in str(refused)
    assert len({Statement.parse(one.use.statement).ticket for one in outcomes}) == VOLUME
    service.upkeep.round()
    (following,) = seal(service, first, 1)
    assert Statement.parse(following.use.statement).ticket.volume == 1
    assert service.audit.run().disagreements == ()


def test_sealing_goes_on_from_volume_to_volume_without_a_pause(seals):
    service, (first, second) = seals
    service.upkeep.round()
    outcomes = seal(service, first, VOLUME * (1 + AHEAD))
    assert {Statement.parse(one.use.statement).ticket.volume for one in outcomes} == {0, 1, 2}
    service.upkeep.round()
    assert len(volumes(service, first)) == 2 * (1 + AHEAD)
    assert len(volumes(service, second)) == 1 + AHEAD


def test_volumes_of_several_seals_share_a_transaction(seals):
    service, (first, second) = seals
    service.upkeep.round()
    blocks = {
        number: {volumes(service, each)[number].block_number for each in (first, second)}
        for number in (1, 2)
    }
    assert [len(each) for each in blocks.values()] == [1, 1]


def test_nothing_is_torn_from_a_volume_that_is_only_prepared(seals):
    service, (first, _) = seals
    context = service.context
    with context.database.write() as connection:
        BookRepository(connection).add_volume(first, 1, context.books.tree(first, 1).root)
    outcomes = seal(service, first, VOLUME + 1)
    assert isinstance(outcomes[-1], NoVolumeError)


def test_a_statement_names_a_block_that_knows_its_volume(seals):
    service, (first, _) = seals
    seal(service, first, VOLUME)
    service.upkeep.round()
    (sealed,) = seal(service, first, 1)
    opened = volumes(service, first)[1].block_number
    assert Statement.parse(sealed.use.statement).not_before.number >= opened


def test_a_volume_that_reached_the_ledger_unheard_is_taken_up(seals):
    service, (first, _) = seals
    context = service.context
    root = context.books.tree(first, 1).root
    operator_of(context).open_volumes([NewVolume(context.signer(first).handle, 1, root)])
    service.upkeep.round()
    assert [each.state for each in volumes(service, first)] == [VolumeState.OPEN] * 3


def test_a_squatted_volume_is_never_torn_from(seals):
    service, (first, _) = seals
    context = service.context
    squatted = NewVolume(context.signer(first).handle, 1, b"x" * 32)
    operator_of(context).open_volumes([squatted])
    with pytest.raises(CorruptionError, match="without the book's key"):
        service.upkeep.round()
    assert isinstance(seal(service, first, VOLUME + 1)[-1], NoVolumeError)


def test_a_revoked_seal_in_the_batch_stops_no_other(seals):
    service, (first, second) = seals
    context = service.context
    regulator_of(context).revoke(context.signer(first).handle, Reason.LOSS)
    Volumes(context).open_ahead()  # before the upkeep has heard of it
    assert len([v for v in volumes(service, second) if v.state is VolumeState.OPEN]) == 1 + AHEAD
    assert [each.state for each in volumes(service, first)][1:] == [VolumeState.PREPARED] * AHEAD


def test_a_ledger_that_is_down_is_asked_again(seals, monkeypatch):
    service, (first, _) = seals

    def down(_new):
        raise LedgerUnreachableError("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(service.context.ledger, "open_volumes", down)
        with pytest.raises(LedgerUnreachableError):
            Volumes(service.context).open_ahead()
    assert seal(service, first, 1)[0].use.log_index == 0
    assert Volumes(service.context).open_ahead() == 2 * 4
