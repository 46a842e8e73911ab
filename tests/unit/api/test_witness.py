import socket

import pytest

from eseal.errors import ConfigurationError
from eseal.log.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from eseal.log.rfc9162 import leaf_hash
from eseal.log.vkey import KeyType, VerifierKey
from eseal.witness.key import Ed25519PrivateKey
from eseal.witness.request import MAX_REQUEST_BYTES, AddCheckpoint, name_of
from eseal.witness.witness import Witness
from eseal_api.servers.witness import create_witness_app, serve

ORIGIN = "log.example/one"


@pytest.fixture
def witness(tmp_path):
    Witness.create(tmp_path, "witness.example/w1")
    return Witness(tmp_path)


@pytest.fixture
def body(witness):
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    witness.add_log(ORIGIN, VerifierKey(ORIGIN, KeyType.NOTE, public))
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, leaf_hash(b"")), private.sign, public)
    return AddCheckpoint(0, (), parse_checkpoint(note)).encode()


@pytest.fixture
def client(witness, client_of):
    return client_of(create_witness_app(witness))


def test_a_cosignature_line_and_then_the_size(client, body):
    answer = client.post("/add-checkpoint", content=body)
    assert (answer.status_code, answer.text.count("\n")) == (200, 1)
    assert answer.text.startswith("— witness.example/w1 ")
    again = client.post("/add-checkpoint", content=body)
    assert (again.status_code, again.text) == (409, "1\n")
    assert again.headers["content-type"] == "text/x.tlog.size"


def test_a_body_without_end_is_not_read(client):
    answer = client.post("/add-checkpoint", content=b"x" * (MAX_REQUEST_BYTES + 1))
    assert answer.status_code == 413


def test_a_witness_out_of_order_says_no_more_than_that(client, body, tmp_path):
    (tmp_path / "logs.json").write_text("damaged")
    answer = client.post("/add-checkpoint", content=body)
    assert (answer.status_code, answer.text) == (500, "the witness is out of order\n")


def test_it_shows_what_it_cosigned_last(client, body):
    path = f"/checkpoint/{name_of(ORIGIN)}"
    assert client.get(path).status_code == 404
    line = client.post("/add-checkpoint", content=body).text
    answer = client.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert parse_checkpoint(answer.content).checkpoint.size == 1
    assert answer.text.endswith(line)
    for other in ("..%2Fwitness.key", "witness.key", name_of("other")):
        assert client.get(f"/checkpoint/{other}").status_code == 404


def test_it_is_healthy(client):
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/add-checkpoint").status_code == 405


def test_an_address_that_is_taken(witness):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigurationError, match="--host, --port"):
            serve(witness, "127.0.0.1", taken.getsockname()[1])
