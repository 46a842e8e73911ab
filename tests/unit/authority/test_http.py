"""An authority asked over a network, and what a lying or broken one may answer."""

from dataclasses import replace

import httpx
import pytest

from eseal.authority.asking.http import HttpAuthority
from eseal.authority.asking.protocol import KnownKeys
from eseal.authority.word.messages import Attested
from eseal.errors import (
    AuthorityAnswerError,
    AuthorityRefusedError,
    AuthorityUnreachableError,
    ConfigurationError,
    InvalidInputError,
)
from tests.authorities import ASK, FOUNDED, REGISTRY, RENAMED, answering, made

URL = "https://authority.example.org/"


@pytest.fixture
def client(authority):
    """Make a client of a network."""

    def make(transport, **rest):
        card = authority.home.card
        return HttpAuthority(URL, "eseal_t", card.keys_of, REGISTRY, transport=transport, **rest)

    return make


def refuses(client, ask, error, match):
    with pytest.raises(error, match=match):
        client.prove(ask)
    client.close()


def test_an_honest_answer(authority, client):
    asked = []

    def answer(request):
        asked.append(request)
        return httpx.Response(200, content=iter([authority.desk.prove(ASK, by="t").encode()]))

    got = client(httpx.MockTransport(answer)).prove(ASK)
    assert got.proof == authority.desk.prove(ASK, by="t").proof
    assert got.record.startswith("1:")
    (request,) = asked
    assert str(request.url) == "https://authority.example.org/v1/subjects"
    assert (request.headers["authorization"], request.content) == ("Bearer eseal_t", ASK.encode())


def test_what_cannot_be_asked_does_not_travel(client):
    def answer(_request):
        raise AssertionError("asked")

    refuses(
        client(httpx.MockTransport(answer)),
        replace(ASK, id="x"),
        InvalidInputError,
        "SCHEME:NUMBER",
    )


def lies(authority, tmp_path):
    """Answers of an authority that lies, and what is said of them."""
    desk = authority.desk
    honest, other = desk.prove(ASK, by="t"), desk.prove(FOUNDED, by="t")
    renamed = desk.prove(RENAMED, by="t")
    stranger = made(tmp_path / "stranger").desk.prove(ASK, by="t")
    proof = honest.proof
    return {
        "the name": renamed,
        "the founders": other,
        "the founders_account": replace(honest, founders_account=FOUNDED.founders_account),
        "proof under the key": stranger,
        "a signature of the authority's key": replace(
            honest, proof=replace(proof, signature=stranger.proof.signature)
        ),
        "the key's own proof": replace(honest, proof=replace(proof, proof=stranger.proof.proof)),
        "the subject": replace(honest, proof=replace(proof, subject=bytes(32))),
        "signed by the authority's account": replace(honest, signature=stranger.signature),
    }


@pytest.mark.parametrize(
    "lie",
    [
        "the name",
        "the founders",
        "the founders_account",
        "proof under the key",
        "a signature of the authority's key",
        "the key's own proof",
        "the subject",
        "signed by the authority's account",
    ],
)
def test_a_lying_authority_is_not_believed(authority, client, tmp_path, lie):
    body = lies(authority, tmp_path)[lie].encode()
    refuses(client(answering(body)), ASK, AuthorityAnswerError, lie)


def test_a_signature_for_another_registry_is_not_believed(authority):
    answer = authority.desk.prove(ASK, by="t").encode()
    elsewhere = replace(REGISTRY, chain_id=1)
    client = HttpAuthority(
        URL, "t", authority.home.card.keys_of, elsewhere, transport=answering(answer)
    )
    refuses(client, ASK, AuthorityAnswerError, "of chain 1, got another signature")


def test_where_the_account_is_a_contract_the_ledger_checks_its_signature(authority):
    answer = replace(authority.desk.prove(ASK, by="t"), signature=bytes(65))
    card = authority.home.card
    client = HttpAuthority(
        URL,
        "t",
        lambda _key: KnownKeys(card.attest_key, None),
        REGISTRY,
        transport=answering(answer.encode()),
    )
    assert client.prove(ASK) == answer


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"null", b"[" * 3000, b"\xff\xfe", b"<html>", b"x" * 10_000]
)
def test_a_garbled_answer(client, body):
    refuses(client(answering(body)), ASK, AuthorityAnswerError, "authority")


def test_an_answer_without_end_is_not_read(client):
    def forever(_request):
        return httpx.Response(200, content=iter(lambda: b"x" * 1000, None))

    refuses(client(httpx.MockTransport(forever)), ASK, AuthorityAnswerError, "at most 8192 bytes")


def test_an_answer_that_trickles_is_given_up(client, monkeypatch):
    seconds = iter(range(0, 100, 6))
    monkeypatch.setattr("eseal.authority.asking.http.time.monotonic", lambda: next(seconds))

    def trickling(_request):
        return httpx.Response(200, content=iter(lambda: b"x", None))

    refuses(
        client(httpx.MockTransport(trickling)), ASK, AuthorityUnreachableError, "cannot be asked"
    )


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_what_may_pass_is_told_as_that(client, status):
    refuses(client(answering(b"{}", status)), ASK, AuthorityUnreachableError, "try again")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_refusal_is_told_with_its_reason_in_printable_words(client, status):
    said = b'{"detail": "not \\u001b[31m for you"}'
    refuses(
        client(answering(said, status)),
        ASK,
        AuthorityRefusedError,
        rf"\(status {status}\): not \ufffd\[31m for you",
    )


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"detail": 1}', b"no"])
def test_a_refusal_without_a_reason(client, body):
    refuses(client(answering(body, 403)), ASK, AuthorityRefusedError, "does not say why")


@pytest.mark.parametrize("status", [204, 301, 302])
def test_it_is_not_followed_elsewhere(client, status):
    refuses(client(answering(b"", status)), ASK, AuthorityAnswerError, f"got {status}")


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")]
)
def test_one_that_is_down(client, error):
    def down(_request):
        raise error

    refuses(client(httpx.MockTransport(down)), ASK, AuthorityUnreachableError, type(error).__name__)


@pytest.mark.parametrize(
    "url", ["http://authority.example.org", "ftp://a.example", "authority", "", "http://[::2]/"]
)
def test_a_token_travels_protected_only(url):
    with pytest.raises(ConfigurationError, match="expected https"):
        HttpAuthority(url, "t", lambda _key: KnownKeys(b"", None), REGISTRY)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8", "http://[::1]/", "http://localhost"])
def test_on_this_machine_it_need_not(url):
    HttpAuthority(url, "t", lambda _key: KnownKeys(b"", None), REGISTRY).close()


def test_answers_are_what_was_read(authority):
    answer = authority.desk.prove(ASK, by="t")
    assert Attested.parse(answer.encode()) == answer
