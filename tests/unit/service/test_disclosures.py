"""Looks at companies' records: what stands on record of them, and who is told when."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from eseal.errors import ForeignRowError, InvalidInputError, NotFoundError
from eseal.log.leaf import Leaf
from eseal.model.actor import Order
from eseal.model.commitment import Kind, commitment
from eseal.model.ids import new_id
from eseal.model.records import Disclosure, signed_message
from eseal.service.people.permissions import Scope
from eseal.service.record_access import RecordAccess
from eseal.service.sealing.applying import DigestOrder
from eseal.store.repositories.log import LogRepository
from eseal.store.repositories.records import RecordRepository
from tests.actors import acting, looking

REGULATOR = looking("regulator:r (Market supervision)")


def leaves(world) -> list[Leaf]:
    with world.service.context.database.read() as connection:
        return [Leaf.decode(data) for data in LogRepository(connection).leaves(0, 10)]


def test_a_look_is_on_the_log_and_names_nobody_there(world):
    RecordAccess(world.service, REGULATOR).seal(world.contract.id)
    with world.service.context.database.read() as connection:
        (record,) = RecordRepository(connection).iterate()
    (leaf,) = leaves(world)
    said = Disclosure.parse(record.content)
    assert (said.actor, said.what) == (REGULATOR.told, f"seal {world.contract.id}")
    assert (said.company, record.company_id) == (world.company.id, world.company.id)
    key = Ed25519PublicKey.from_public_bytes(world.service.context.log_public_key)
    key.verify(record.signature, signed_message(Kind.DISCLOSURE, record.content))
    assert leaf.commitment == commitment(Kind.DISCLOSURE, record.content, record.signature)
    assert world.service.audit.run().disagreements == ()


def test_a_look_and_a_use_cannot_be_told_apart_on_the_log(world):
    for n in range(2):
        order = DigestOrder(hashlib.sha256(b"%d" % n).digest())
        world.service.sealing.seal_digests(world.contract.id, [order], actor=acting("a"))
        RecordAccess(world.service, REGULATOR).seal(world.contract.id)
    found = leaves(world)
    parts = [part for leaf in found for part in (leaf.commitment, leaf.tag)]
    assert len(set(parts)) == 8
    assert {len(leaf.encode()) for leaf in found} == {72}


def test_a_companys_own_look_is_on_no_record(world):
    own = RecordAccess(world.service, looking("company:x", world.company.id))
    assert own.company(world.company.id).id == world.company.id
    assert [each.id for each in own.companies()] == [world.company.id]
    assert own.companies(after=world.company.id) == []
    assert {each.id for each in own.seals()} == {world.contract.id, world.finance.id}
    assert leaves(world) == []


def test_what_is_not_there_was_not_looked_at(world):
    for desk in (
        RecordAccess(world.service, REGULATOR),
        RecordAccess(world.service, looking("company:x", new_id())),
    ):
        for look in (desk.company, desk.seal, desk.use, desk.evidence, desk.document, desk.history):
            with pytest.raises(NotFoundError):
                look(new_id())
    stranger = RecordAccess(world.service, looking("company:x", new_id()))
    with pytest.raises(NotFoundError):
        stranger.seal_history(world.contract.id)
    assert leaves(world) == []


def test_one_request_is_one_look(world):
    desk = RecordAccess(world.service, REGULATOR)
    for after in range(3):
        desk.history(world.company.id, after=after)
    assert len(leaves(world)) == 1
    RecordAccess(world.service, REGULATOR).history(world.company.id)
    assert len(leaves(world)) == 2


def test_lists_of_all_companies_are_told_to_each(world):
    RecordAccess(world.service, REGULATOR).companies()
    RecordAccess(world.service, REGULATOR).seals()
    (first, second) = world.service.disclosures.of_company(world.company.id)
    assert (first.disclosure.what, second.disclosure.what) == ("companies", "seals")
    assert first.disclosure.company is None


def test_a_look_at_another_company_is_not_told(world):
    world.service.disclosures.record(REGULATOR, "company", new_id())
    assert world.service.disclosures.of_company(world.company.id) == []


def test_an_order_keeps_its_looks_back_until_its_time(world, monkeypatch):
    disclosures, now = world.service.disclosures, world.service.context.now()
    order = Order.of("2026-117", now + timedelta(days=3, microseconds=5))
    RecordAccess(world.service, looking("regulator:r", order=order)).seal(world.contract.id)
    RecordAccess(world.service, REGULATOR).seal(world.contract.id)
    assert [each.log_index for each in disclosures.of_company(world.company.id)] == [1]
    monkeypatch.setattr(world.service.context, "now", lambda: now + timedelta(days=3))
    first, second = disclosures.of_company(world.company.id)
    assert (first.disclosure.order, second.disclosure.order) == ("2026-117", None)
    assert [each.log_index for each in disclosures.of_company(world.company.id, after=1)] == [1]
    assert [each.log_index for each in disclosures.of_company(world.company.id, limit=1)] == [0]


def test_what_is_no_order():
    assert Order.of(None, None) is None
    with pytest.raises(InvalidInputError, match="notice_after"):
        Order.of(None, datetime(2099, 1, 1, tzinfo=UTC))
    for number in ("", "a\nb", "x" * 201):
        with pytest.raises(InvalidInputError, match="order"):
            Order.of(number, None)


def test_a_token_carries_its_order_and_its_name(world):
    access = world.service.access
    order = Order("2026-117", world.service.context.now().replace(microsecond=0))
    token = access.create(Scope.REGULATOR, label="Market supervision", order=order)
    actor = access.authenticate(token)
    assert actor.order == order
    assert actor.told == f"{actor.name} (Market supervision)"
    assert actor.name.startswith("regulator:")
    with pytest.raises(InvalidInputError, match="scope regulator only"):
        access.create(Scope.OPERATOR, order=order)
    assert looking("company:i", "c").told == "company:i"


def test_whoever_writes_to_the_database_changes_no_order(world):
    token = world.service.access.create(Scope.REGULATOR, order=Order("2026-117"))
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE tokens SET order_number = NULL")
    with pytest.raises(ForeignRowError):
        world.service.access.authenticate(token)


def test_a_look_moved_to_another_company_is_found_by_the_audit(world):
    RecordAccess(world.service, REGULATOR).seal(world.contract.id)
    with world.service.context.database.write() as connection:
        connection.exec_driver_sql("UPDATE log_records SET company_id = ?", (new_id(),))
    (found,) = world.service.audit.run().disagreements
    assert found.kind == "record_differs"
