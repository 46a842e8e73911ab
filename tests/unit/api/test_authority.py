"""An authority served over HTTP."""

import json
import socket

import pytest

from eseal.authority.office.request_log import read_log
from eseal.authority.office.tokens import Kind
from eseal.authority.word.messages import MAX_ASK_BYTES, Attested
from eseal.errors import BusyError, ConfigurationError
from eseal_api.servers.authority import PER_MINUTE, Rate, create_authority_app, serve
from tests.authorities import ASK, GERMAN, RENAMED, made

PATH = "/v1/subjects"


@pytest.fixture
def authority(tmp_path):
    return made(tmp_path / "authority")


@pytest.fixture
def seconds():
    return [0.0]


@pytest.fixture
def client(authority, client_of, seconds):
    rate = Rate(lambda: seconds[0])
    return client_of(create_authority_app(authority.home, authority.desk, rate))


@pytest.fixture
def issuer(authority):
    return authority.home.tokens.create("issuer")


def test_a_proof_for_who_has_a_token(authority, client, issuer):
    answer = client.post(PATH, token=issuer, content=ASK.encode())
    assert answer.status_code == 200
    assert Attested.parse(answer.content).proof.id == ASK.id
    (entry,) = read_log(authority.directory / "requests.log")
    assert (entry.record, entry.by) == (answer.json()["record"], issuer.split("_")[1])


def test_a_company_gets_its_own(authority, client):
    token = authority.home.tokens.create("company", ASK.id)
    authority.desk.prove(ASK, by="test")
    assert client.post(PATH, token=token, content=ASK.encode()).status_code == 200
    other = authority.home.tokens.create("other company", GERMAN.id)
    refused = client.post(PATH, token=other, content=ASK.encode())
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:eseal:problem:forbidden")


@pytest.mark.parametrize("token", [None, "", "eseal_x", "eseal_" + "a" * 26 + "_" + "A" * 43])
def test_nothing_for_anybody_else(authority, client, token):
    refused = client.post(PATH, token=token, content=ASK.encode())
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert list(read_log(authority.directory / "requests.log")) == []


def test_a_register_it_is_not_set_for(client, issuer):
    refused = client.post(PATH, token=issuer, content=GERMAN.encode())
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:eseal:problem:authority_refused"


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 1000, ASK.encode() + b" ", b"\xff"])
def test_other_requests(client, issuer, body):
    refused = client.post(PATH, token=issuer, content=body)
    assert (refused.status_code, refused.headers["content-type"]) == (
        422,
        "application/problem+json",
    )


def test_a_body_without_end_is_not_read(client, issuer):
    refused = client.post(PATH, token=issuer, content=b"x" * (MAX_ASK_BYTES + 1))
    assert refused.status_code == 413


def test_no_more_than_so_often(authority, client, seconds):
    authority.desk.prove(ASK, by="test")
    token = authority.home.tokens.create("company", ASK.id)
    most = PER_MINUTE[Kind.COMPANY]
    for _ in range(most):
        assert client.post(PATH, token=token, content=ASK.encode()).status_code == 200
    refused = client.post(PATH, token=token, content=ASK.encode())
    assert (refused.status_code, "retry-after" in refused.headers) == (503, True)
    seconds[0] += 60 / most + 0.001
    assert client.post(PATH, token=token, content=ASK.encode()).status_code == 200
    assert client.post(PATH, token=token, content=ASK.encode()).status_code == 503
    issuer = authority.home.tokens.create("issuer")
    assert client.post(PATH, token=issuer, content=RENAMED.encode()).status_code == 200


def test_a_rate_forgets_who_rested_longest(monkeypatch, authority):
    monkeypatch.setattr("eseal_api.servers.authority.MAX_BUCKETS", 2)
    tokens = authority.home.tokens
    one, two, three = (tokens.holder(tokens.create(name, ASK.id)) for name in "abc")
    rate = Rate(lambda: 0.0)
    for _ in range(PER_MINUTE[Kind.COMPANY]):
        rate.take(one)
    with pytest.raises(BusyError):
        rate.take(one)
    rate.take(two)
    rate.take(three)
    rate.take(one)
    assert len(rate._buckets) == 2


def test_one_out_of_order_says_no_more_than_that(authority, client, issuer):
    client.post(PATH, token=issuer, content=ASK.encode())
    (authority.directory / "requests.log").write_bytes(b"")
    answer = client.post(PATH, token=issuer, content=ASK.encode())
    assert answer.status_code == 500
    assert answer.json()["title"] == "The authority is out of order"
    assert "requests.log" not in answer.text


def test_who_answers(authority, client):
    told = client.get("/v1/authority").json()
    assert told == json.loads(json.dumps(authority.home.card.members()))
    assert "keys" not in told
    assert client.get("/healthz").text == "ok\n"
    for path, status in ((PATH, 405), ("/elsewhere", 404)):
        problem = client.get(path)
        assert (problem.status_code, problem.json()["status"]) == (status, status)


def test_an_address_that_is_taken(authority):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="--host, --port"):
            serve(authority.home, "127.0.0.1", taken.getsockname()[1])
