"""What is handed over of a book for a period, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from eseal.errors import (
    ConflictError,
    CorruptionError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
)
from eseal.model.actor import Order
from eseal.model.book import Book, VolumeTree, new_book_key
from eseal.model.commitment import Kind
from eseal.model.records import Disclosure
from eseal.model.seal import SealState
from eseal.service.record_access import RecordAccess
from eseal.store.repositories.records import RecordRepository
from tests.actors import looking
from tests.moments import behind_the_newest_block

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
ORDER = Order("2026-117")
UNDER_ORDER = looking("regulator:r", order=ORDER)


def looks(service):
    with service.context.database.read() as connection:
        found = [*RecordRepository(connection).iterate()]
    return [Disclosure.parse(one.content) for one in found if one.kind is Kind.DISCLOSURE]


@pytest.fixture
def now(shared_world):
    """The volumes were open by then."""
    return behind_the_newest_block(shared_world.service)


def test_the_look_is_on_the_log_before_it_is_given(shared_world, now, monkeypatch):
    service, seal = shared_world.service, shared_world.contract
    made = RecordAccess(service, UNDER_ORDER).tickets(seal.id, BEGINNING, now)
    look = looks(service)[-1]
    assert (look.order, look.company) == ("2026-117", shared_world.company.id)
    assert look.what.startswith(f"tickets of seal {seal.id}, volumes 0 to ")
    assert look.what.endswith(f"Z until {now.isoformat(timespec='seconds')[:19]}Z")
    assert (made.handle, made.order) == (seal.handle, "2026-117")
    shown = service.disclosures.of_company(shared_world.company.id)
    assert [one.disclosure.order for one in shown][-1] == "2026-117"

    def stop(*_):
        raise CorruptionError("nothing is written any more")

    monkeypatch.setattr(service.disclosures, "record", stop)
    with pytest.raises(CorruptionError):
        RecordAccess(service, UNDER_ORDER).tickets(seal.id, BEGINNING, now)


@pytest.mark.parametrize(
    ("since", "until", "first", "match"),
    [
        (timedelta(0), timedelta(0), 0, "an end behind its beginning"),
        (timedelta(0), timedelta(hours=-1), 0, "an end behind its beginning"),
        (timedelta(hours=-1), timedelta(seconds=2), 0, "a moment that is over"),
        (timedelta(hours=-1), timedelta(0), 99, "one of the"),
        (timedelta(days=-8000), timedelta(days=-7000), 0, "first volume was open, got 20"),
    ],
)
def test_no_period(shared_world, now, since, until, first, match):
    service = shared_world.service
    before = looks(service)
    with pytest.raises(InvalidInputError, match=match):
        RecordAccess(service, UNDER_ORDER).tickets(
            shared_world.contract.id, now + since, now + until, first
        )
    assert looks(service) == before, "what was refused is no look"


def test_not_without_an_order(shared_world, now):
    service, seal = shared_world.service, shared_world.contract
    own = looking("company:c", shared_world.company.id)
    for viewer in (looking("regulator:r"), looking("cli:root"), own):
        with pytest.raises(ForbiddenError, match="under an order"):
            RecordAccess(service, viewer).tickets(seal.id, BEGINNING, now)
    with pytest.raises(NotFoundError):
        RecordAccess(service, UNDER_ORDER).tickets("b" * 26, BEGINNING, now)


def test_too_much_for_one_file(shared_world, now, monkeypatch):
    tickets, seal = shared_world.service.periods.tickets, shared_world.contract
    monkeypatch.setattr("eseal.service.oversight.periods.MAX_TICKETS", 1 << 13)
    with pytest.raises(InvalidInputError, match="at most 8192 tickets"):
        tickets(seal, ORDER, BEGINNING, now)
    monkeypatch.undo()
    monkeypatch.setattr("eseal.service.oversight.periods.MAX_OPENINGS", -1)
    with pytest.raises(InvalidInputError, match="ask for it in parts"):
        tickets(seal, ORDER, BEGINNING, now)


def test_a_seal_that_is_not_on_the_ledger(shared_world, now):
    pending = replace(shared_world.contract, state=SealState.PENDING)
    with pytest.raises(ConflictError, match="not on the ledger"):
        shared_world.service.periods.tickets(pending, ORDER, BEGINNING, now)


def test_a_volume_that_is_not_the_one_on_the_ledger(shared_world, now, monkeypatch):
    service, seal = shared_world.service, shared_world.contract
    foreign = Book(new_book_key(), service.context.books.book(seal.id).depth)
    monkeypatch.setattr(
        service.context.books, "tree", lambda _, number: VolumeTree(foreign, number)
    )
    with pytest.raises(CorruptionError, match="volume 0 of seal"):
        service.periods.tickets(seal, ORDER, BEGINNING, now)
