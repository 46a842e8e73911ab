"""Watch files and openings over HTTP: for the company's own token, and for nobody else."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from eseal.documents.cms import decode
from eseal.model.actor import Order
from eseal.service.people.permissions import Scope
from eseal.watch.envelope import decrypt
from eseal.watch.file import WatchFile
from eseal.watch.history.period import PeriodTickets

PASSPHRASE = "correct horse battery"
SECRET_NUMBER = 53_910_764_221_908


def test_a_company_gets_its_own_file(client, company_token, world):
    answer = client.post("/v1/watch-file", token=company_token, json={"passphrase": PASSPHRASE})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    file = WatchFile.parse(decrypt(answer.content, passphrase=PASSPHRASE, identity=None))
    assert {seal.handle for seal in file.seals} >= {world.contract.handle, world.finance.handle}
    assert file.subjects == (world.company.subject,)
    context = world.service.context
    (contract,) = (seal for seal in file.seals if seal.handle == world.contract.handle)
    book = context.books.book(world.contract.id)
    assert contract.book.ticket(7) == book.ticket(7), "it finds what the service tears"


def test_or_one_to_its_key(client, company_token):
    key = X25519PrivateKey.generate()
    recipient = key.public_key().public_bytes_raw().hex()
    answer = client.post("/v1/watch-file", token=company_token, json={"recipient": recipient})
    assert WatchFile.parse(decrypt(answer.content, passphrase=None, identity=key)).seals


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, None),
        ({"passphrase": "short-secre"}, "passphrase"),
        ({"passphrase": PASSPHRASE, "recipient": "00" * 32}, None),
        ({"passphrase": PASSPHRASE, "x": 1}, "x"),
        ({"recipient": "0" * 63}, "recipient"),
        ({"recipient": PASSPHRASE}, "recipient"),
        ({"passphrase": [PASSPHRASE]}, "passphrase"),
        ({"passphrase": SECRET_NUMBER}, "passphrase"),
        ({"pass": PASSPHRASE}, "pass"),
        (PASSPHRASE, None),
    ],
)
def test_wrong_usage(client, company_token, body, field, check_problem):
    answer = client.post("/v1/watch-file", token=company_token, json=body)
    detail = check_problem(answer, 422, "invalid_input", field)
    assert "secre" not in detail
    assert str(SECRET_NUMBER) not in detail
    assert PASSPHRASE not in detail


def test_half_a_character_is_no_passphrase(client, company_token, check_problem):
    body, headers = b'{"passphrase":"correct horse \\ud800"}', {"Content-Type": "application/json"}
    answer = client.post("/v1/watch-file", token=company_token, content=body, headers=headers)
    assert "horse" not in check_problem(answer, 422, "invalid_format")


def test_a_key_nobody_can_hold(client, company_token, check_problem):
    answer = client.post("/v1/watch-file", token=company_token, json={"recipient": "00" * 32})
    check_problem(answer, 422, "invalid_input", "recipient")


def test_nobody_else_gets_either(client, operator_token, regulator_token, check_problem):
    for token in (operator_token, regulator_token):
        answer = client.post("/v1/watch-file", token=token, json={"passphrase": PASSPHRASE})
        check_problem(answer, 403, "forbidden", None)
        check_problem(client.get("/v1/openings", token=token), 403, "forbidden", None)


def tickets_asked(service, **changes):
    now = service.context.now().replace(microsecond=0)
    return {"since": "2026-01-01T00:00:00Z", "until": now.isoformat()} | changes


def test_a_regulator_gets_tickets_under_an_order(client, shared_world, seal_url, company_token):
    service = shared_world.service
    token = service.access.create(Scope.REGULATOR, order=Order("2026-118"))
    answer = client.post(f"{seal_url}/tickets", token=token, json=tickets_asked(service))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    period = PeriodTickets.parse(answer.content)
    assert (period.handle, period.order) == (shared_world.contract.handle, "2026-118")
    key = Ed25519PublicKey.from_public_bytes(service.context.log_public_key)
    key.verify(period.signature, period.message)
    book_key = service.context.books.key(shared_world.contract.id)
    assert book_key.hex() not in answer.text
    assert base64.b64encode(book_key).decode() not in answer.text
    path = f"/v1/companies/{shared_world.company.id}/disclosures?limit=1000"
    newest = client.get(path, token=company_token).json()["disclosures"][-1]["record"]
    assert newest["order"] == "2026-118"
    assert newest["what"].startswith(f"tickets of seal {shared_world.contract.id}")


def test_tickets_for_nobody_else(
    client, shared_world, seal_url, company_token, operator_token, regulator_token, check_problem
):
    """Not even the company: it has its watch file; nor a regulator without an order."""
    asked = tickets_asked(shared_world.service)
    for token in (company_token, operator_token, regulator_token):
        answer = client.post(f"{seal_url}/tickets", token=token, json=asked)
        check_problem(answer, 403, "forbidden", None)
    assert client.post(f"{seal_url}/tickets", json=asked).status_code == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"since": "2026-01-01"}, "since"),
        ({"since": "2026-01-01T00:00:00"}, "since"),
        ({"until": "2025-12-31T00:00:00Z"}, "until"),
        ({"until": "2999-01-01T00:00:00Z"}, "until"),
        ({"until": "9999-12-31T23:59:59-14:00"}, "until"),
        ({"since": "0001-01-01T00:00:00+14:00"}, "since"),
        ({"first_volume": -1}, "first_volume"),
        ({"first_volume": 4096}, "first_volume"),
        ({"last_volume": 1}, "last_volume"),
    ],
)
def test_no_such_period(client, shared_world, seal_url, changes, field, check_problem):
    token = shared_world.service.access.create(Scope.REGULATOR, order=Order("2026-118"))
    asked = tickets_asked(shared_world.service, **changes)
    answer = client.post(f"{seal_url}/tickets", token=token, json=asked)
    check_problem(answer, 422, "invalid_input", field)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_volume": True}, "first_volume"),
        ({"first_volume": "1"}, "first_volume"),
        ({"since": 1}, "since"),
        ({"since": "1764460800"}, "since"),
        ({"since": True}, "since"),
    ],
)
def test_no_type_is_taken_for_another(
    client, shared_world, seal_url, changes, field, check_problem
):
    token = shared_world.service.access.create(Scope.REGULATOR, order=Order("2026-117"))
    asked = tickets_asked(shared_world.service, **changes)
    answer = client.post(f"{seal_url}/tickets", token=token, json=asked)
    check_problem(answer, 422, "invalid_input", field)


def test_openings_give_what_the_leaves_commit_to(client, company_token, world):
    made = client.post(
        f"/v1/seals/{world.contract.id}/uses",
        token=company_token,
        json={"digest": {"alg": "sha-256", "value": "ab" * 32}, "media_type": "text/plain"},
    ).json()
    page = client.get(f"/v1/openings?after={made['log_index']}&limit=1", token=company_token).json()
    assert page["log_id"] == world.service.context.instance.log_id.hex()
    (opening,) = page["openings"]
    assert (opening["log_index"], opening["kind"]) == (made["log_index"], "use")
    assert page["next"] == made["log_index"] + 1
    seal = decode(base64.b64decode(opening["signature"]))
    assert (seal.statement, seal.receipt) == (opening["content"].encode(), None)
    assert seal.certificate == world.contract.certificate
