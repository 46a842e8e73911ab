import threading
from datetime import timedelta

import pytest

from eseal.errors import ConflictError, IdempotencyConflictError, InvalidInputError
from eseal.service.record.idempotent import KEPT, Idempotent
from eseal.service.record.sequencer import Idempotency
from eseal.store.repositories.tokens import IdempotencyRepository


@pytest.fixture
def idempotent(shared_world):
    return Idempotent(shared_world.service.context)


@pytest.fixture
def key(request):
    return Idempotency("someone", request.node.name, bytes(32))


def never() -> str:
    raise AssertionError("carried out twice")


def test_without_a_key_everything_is_carried_out(idempotent):
    assert [idempotent.run(None, lambda: "1") for _ in range(2)] == ["1", "1"]


def test_under_a_key_once(idempotent, key):
    assert idempotent.run(key, lambda: '{"a": 1}') == '{"a": 1}'
    assert idempotent.run(key, never) == '{"a": 1}'


def test_another_request_under_the_key_is_refused(idempotent, key):
    idempotent.run(key, lambda: "1")
    with pytest.raises(IdempotencyConflictError, match="another request"):
        idempotent.run(Idempotency(key.principal, key.key, bytes([1] * 32)), never)


def test_anothers_key_is_another_key(idempotent, key):
    idempotent.run(key, lambda: "1")
    other = Idempotency("someone else", key.key, bytes([1] * 32))
    assert idempotent.run(other, lambda: "2") == "2"


def test_a_refusal_frees_the_key(idempotent, key):
    def refuse() -> str:
        raise InvalidInputError("no")

    with pytest.raises(InvalidInputError):
        idempotent.run(key, refuse)
    assert idempotent.run(key, lambda: "1") == "1"


def test_while_the_first_is_carried_out_the_second_waits_for_nothing(idempotent, key):
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        assert go_on.wait(10)
        return "1"

    first = threading.Thread(target=idempotent.run, args=(key, slow))
    first.start()
    assert begun.wait(10)
    with pytest.raises(ConflictError, match="still being carried out"):
        idempotent.run(key, never)
    go_on.set()
    first.join()
    assert idempotent.run(key, never) == "1"


def test_cut_off_in_the_middle_the_outcome_is_not_guessed(idempotent, key, shared_world):
    context = shared_world.service.context
    with context.database.write() as connection:
        keys = IdempotencyRepository(connection)
        keys.add(key.principal, key.key, key.request_hash, "", context.now())
    with pytest.raises(ConflictError, match="look at what is on record"):
        idempotent.run(key, never)


def test_old_keys_are_forgotten(idempotent, key, shared_world, monkeypatch):
    idempotent.run(key, lambda: "1")
    context = shared_world.service.context
    later = context.now() + KEPT + timedelta(seconds=1)
    monkeypatch.setattr(context, "now", lambda: later)
    assert idempotent.forget_expired() >= 1
    assert idempotent.run(key, lambda: "2") == "2"
