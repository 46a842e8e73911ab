"""A company stops its seal by a code, without an account."""

import secrets

import pytest

from eseal.ledger.setup.owner_stop import StopAct, scope_of, use_code
from eseal.model.stop_codes import make_codes
from eseal.service.seals import stops
from tests.actors import acting


@pytest.fixture
def own(make_client, open_world, data_dir):
    """An instance of this test's own, whose seals may be stopped."""
    world = open_world(data_dir)
    return world, make_client(world.service)


@pytest.fixture
def codes(own):
    world, _ = own
    made = make_codes(scope_of(world.service.context.ledger, world.contract.handle), 4)
    world.service.stops.set_end(world.contract.id, made.end, actor=acting())
    return made


def body(codes, code, act="stop"):
    return {"handle": codes.scope.handle.hex(), "code": code.hex(), "act": act}


def test_a_company_hands_over_the_end_of_its_codes_once(
    client, company_token, stranger_token, regulator_token, check_problem, shared_world
):
    handle = shared_world.finance.handle.hex()
    url = f"/v1/seals/{shared_world.finance.id}/stop-codes"
    end = secrets.token_hex(32)
    assert client.post(url, json={"end": end}).status_code == 401
    check_problem(client.post(url, token=stranger_token, json={"end": end}), 404, "not_found")
    check_problem(client.post(url, token=regulator_token, json={"end": end}), 403, "forbidden")
    check_problem(client.get(f"/v1/stops/{handle}"), 404, "not_found")
    for _ in range(2):
        told = client.post(url, token=company_token, json={"end": end})
        assert told.json() == {"handle": handle, "stop_hash": end}
    assert client.get(f"/v1/stops/{handle}").json()["stop_hash"] == end
    other = client.post(url, token=company_token, json={"end": secrets.token_hex(32)})
    assert "only its owner can replace it" in check_problem(other, 409, "conflict")


def test_a_code_stops_and_the_next_one_resumes_without_an_account(own, codes):
    world, client = own
    first, second = codes.codes[:2]
    stopped = client.post("/v1/stops", json=body(codes, first))
    assert stopped.status_code == 200, stopped.text
    assert stopped.json()["act"] == "stop"
    assert world.service.directory.seal(world.contract.id).state == "suspended"
    told = client.get(f"/v1/stops/{codes.scope.handle.hex()}").json()
    assert told["stop_hash"] == first.hex()
    resumed = client.post("/v1/stops", json=body(codes, second, "resume"))
    assert resumed.status_code == 200
    assert world.service.directory.seal(world.contract.id).state == "active"


def test_a_code_that_does_not_work_now_is_shown_to_nobody(own, codes, check_problem):
    world, client = own
    ledger = world.service.context.ledger
    sent = []
    send, ledger._send = ledger._send, sent.append
    for wrong, act, why in (
        (codes.codes[1], "stop", "not the next code"),
        (codes.codes[0], "resume", "not stopped by its owner"),
        (secrets.token_bytes(32), "stop", "not the next code"),
    ):
        answer = client.post("/v1/stops", json=body(codes, wrong, act))
        assert why in check_problem(answer, 409, "conflict")
    ledger._send = send
    assert sent == []
    client.post("/v1/stops", json=body(codes, codes.codes[0]))
    again = client.post("/v1/stops", json=body(codes, codes.codes[1]))
    assert "stopped by its owner already" in check_problem(again, 409, "conflict")


@pytest.mark.parametrize("of_a_seal", [True, False])
def test_strangers_spend_so_much_of_the_operators_gas_and_no_more(
    make_client, open_world, data_dir, check_problem, monkeypatch, of_a_seal
):
    """By good codes: more of them are not even shown, and an account of the owner's still can."""
    world = open_world(data_dir, stop_relays_per_hour=100 if of_a_seal else 2)
    if of_a_seal:
        monkeypatch.setattr(stops, "RELAYS_OF_A_SEAL", 2)
    client = make_client(world.service)
    context = world.service.context
    made = make_codes(scope_of(context.ledger, world.contract.handle), 4)
    world.service.stops.set_end(world.contract.id, made.end, actor=acting())
    for code, act in zip(made.codes, ("stop", "resume"), strict=False):
        assert client.post("/v1/stops", json=body(made, code, act)).status_code == 200
    before = context.ledger.final_block()
    answer = client.post("/v1/stops", json=body(made, made.codes[2]))
    told = check_problem(answer, 429, "quota_spent")
    assert ("this seal" if of_a_seal else "all seals") in told
    assert "--account" in told
    assert 3500 < int(answer.headers["Retry-After"]) <= 3600
    assert context.ledger.final_block() == before
    other = make_codes(scope_of(context.ledger, world.finance.handle), 4)
    world.service.stops.set_end(world.finance.id, other.end, actor=acting())
    answer = client.post("/v1/stops", json=body(other, other.codes[0]))
    assert answer.status_code == (200 if of_a_seal else 429)
    use_code(context.connection.regulator, StopAct.STOP, made.scope.handle, made.codes[2])
    world.service.lifecycle.follow()
    assert world.service.directory.seal(world.contract.id).state == "suspended"
    hour_later = context.now() + stops.HOUR
    monkeypatch.setattr(context, "now", lambda: hour_later)
    world.service.stops._check_quota(made.scope.handle)


@pytest.mark.parametrize(
    "change",
    [{"handle": "ab"}, {"code": "zz" * 32}, {"act": "revoke"}, {"more": 1}, {"code": None}],
)
def test_what_is_no_stop_code_is_refused(client, change):
    asked = {"handle": "ab" * 32, "code": "cd" * 32, "act": "stop"} | change
    assert client.post("/v1/stops", json=asked).status_code == 422


@pytest.mark.parametrize(
    "asked",
    [
        {"handle": "ab" * 32, "code": "C0DE" * 16},
        {"handle": "C0DE" * 16, "code": "cd" * 32},
        {"handle": "ab" * 32, "code": "cd" * 32, "act": "C0DE" * 16},
        "C0DE" * 16,
    ],
)
def test_no_error_repeats_a_code(client, asked, check_problem):
    answer = client.post("/v1/stops", json=asked)
    field = answer.json().get("field")
    assert "C0DE" not in check_problem(answer, 422, "invalid_input", field)


def test_a_seal_that_is_not_on_the_ledger(client, check_problem):
    asked = {"handle": "ab" * 32, "code": "cd" * 32, "act": "stop"}
    check_problem(client.post("/v1/stops", json=asked), 404, "not_found")


def test_who_brings_too_many_at_once_is_told_to_come_again(own, codes, check_problem):
    world, client = own
    for _ in range(stops.RELAYS_AT_ONCE):
        world.service.stops._relays.acquire()
    answer = client.post("/v1/stops", json=body(codes, codes.codes[0]))
    check_problem(answer, 503, "busy")
