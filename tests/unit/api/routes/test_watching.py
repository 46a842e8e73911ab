"""Watch files and openings over HTTP: for the company's own token, and for nobody else."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from eseal.documents.cms import decode
from eseal.watch.envelope import decrypt
from eseal.watch.file import WatchFile

PASSPHRASE = "correct horse battery"


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
    ],
)
def test_wrong_usage(client, company_token, body, field, check_problem):
    answer = client.post("/v1/watch-file", token=company_token, json=body)
    detail = check_problem(answer, 422, "invalid_input", field)
    assert "secre" not in detail
    assert PASSPHRASE not in detail


def test_a_key_nobody_can_hold(client, company_token, check_problem):
    answer = client.post("/v1/watch-file", token=company_token, json={"recipient": "00" * 32})
    check_problem(answer, 422, "invalid_input", "recipient")


def test_nobody_else_gets_either(client, operator_token, regulator_token, check_problem):
    for token in (operator_token, regulator_token):
        answer = client.post("/v1/watch-file", token=token, json={"passphrase": PASSPHRASE})
        check_problem(answer, 403, "forbidden", None)
        check_problem(client.get("/v1/openings", token=token), 403, "forbidden", None)


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
