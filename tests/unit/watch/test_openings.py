"""What opens a leaf, and what only looks as if it did."""

import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import httpx
import pytest

from eseal.documents.cms import decode
from eseal.errors import InvalidFormatError, InvalidProofError
from eseal.log.leaf import Leaf
from eseal.model.book import Book, tag
from eseal.model.commitment import Kind, commitment
from eseal.model.records import Declaration, RosterChange, RosterEvent, Word, roster_handle
from eseal.model.statement import Statement, new_nonce
from eseal.service.sealing.applying import DigestOrder
from eseal.watch.history.openings import History, HistoryUnreachableError, Opening, verify_opening
from eseal.watch.log.state import Found
from eseal.watch.log.tickets import Place
from tests.actors import acting


def found_of(handle, ticket, committed, index=0):
    leaf = Leaf(index, committed, tag(handle, ticket))
    place = Place(handle, ticket.volume, ticket.position)
    return Found(b"l" * 32, 0, leaf, place, None, None, None)


@pytest.fixture(scope="module")
def sealed(shared_world):
    """Two uses of a seal: their openings and leaves, and the seal's certificate."""
    service, seal = shared_world.service, shared_world.contract
    orders = [DigestOrder(hashlib.sha256(b"opened %d" % n).digest()) for n in range(2)]
    made = service.sealing.seal_digests(seal.id, orders, actor=acting("a"))
    first = made[0].use.log_index
    openings = service.watch_files.openings(shared_world.company.id, after=first, limit=2)
    signer = service.context.signer(seal.id)
    pairs = []
    for opening, sealed_use in zip(openings, made, strict=True):
        use = sealed_use.use
        committed = signer.commitment(Kind.USE, use.statement, use.signature)
        ticket = Statement.parse(use.statement).ticket
        pairs.append((opening, found_of(seal.handle, ticket, committed, use.log_index)))
    return pairs, seal.certificate


def test_a_use_is_opened(sealed):
    pairs, certificate = sealed
    for number, (opening, found) in enumerate(pairs):
        opened = verify_opening(opening, found, certificate)
        assert opened.digest == hashlib.sha256(b"opened %d" % number).digest()
        assert opened.record == Statement.parse(opening.content).id


def test_nothing_else_opens_it(sealed, shared_world):
    ((one, leaf), (other, its_leaf)), certificate = sealed
    wrong = [
        (other, leaf, certificate),
        (replace(one, content=other.content), leaf, certificate),
        (replace(one, signature=other.signature), leaf, certificate),
        (replace(one, signature=b""), leaf, certificate),
        (replace(one, kind=Kind.DECLARATION), leaf, certificate),
        (replace(one, kind=Kind.DISCLOSURE), leaf, certificate),
        (replace(one, kind=Kind.ROSTER), leaf, certificate),
        (one, leaf, shared_world.finance.certificate),
        (one, leaf, None),
        (one, replace(leaf, leaf=replace(leaf.leaf, tag=its_leaf.leaf.tag)), certificate),
        (one, replace(leaf, leaf=replace(leaf.leaf, commitment=bytes(32))), certificate),
    ]
    for opening, found, signer in wrong:
        with pytest.raises(InvalidProofError):
            verify_opening(opening, found, signer)


def test_a_signature_that_the_leaf_commits_to_and_that_is_none(sealed, shared_world):
    """The operator may commit to garbage: then nothing was sealed, and the opening says so."""
    ((one, leaf), _), certificate = sealed
    seal = shared_world.service.context.signer(shared_world.contract.id)
    genuine = decode(one.signature).signature
    messages = (b"something else %d" % n for n in count())
    signatures = map(seal.sign, messages)  # ECDSA's DER has one of a few lengths
    signature = next(each for each in signatures if len(each) == len(genuine))
    forged = one.signature.replace(genuine, signature)
    committed = seal.commitment(Kind.USE, one.content, signature)
    with pytest.raises(InvalidProofError, match="does not verify"):
        verify_opening(
            replace(one, signature=forged),
            replace(leaf, leaf=replace(leaf.leaf, commitment=committed)),
            certificate,
        )


def test_a_declaration_is_opened_by_the_seal_s_own_signature(shared_world):
    service, seal = shared_world.service, shared_world.contract
    use = service.records.history(seal_id=seal.id)[0].use
    made = service.declarations.declare(seal.id, use.id, Word.VOID, actor=acting())
    ticket = Declaration.parse(made.content).ticket
    signer = service.context.signer(seal.id)
    found = found_of(
        seal.handle, ticket, signer.commitment(made.kind, made.content, made.signature)
    )
    opening = Opening(0, made.kind, made.content, made.signature)
    assert verify_opening(opening, found, seal.certificate).record == "declaration"
    other = signer.sign(b"another message")
    committed = signer.commitment(made.kind, made.content, other)
    forged = found_of(seal.handle, ticket, committed)
    with pytest.raises(InvalidProofError, match="does not verify"):
        verify_opening(replace(opening, signature=other), forged, seal.certificate)


def test_a_roster_change(shared_world):
    del shared_world
    book, handle = Book(b"r" * 32, 4), roster_handle(b"i" * 32, b"s" * 32)
    change = RosterChange(
        b"s" * 32,
        book.ticket(0),
        RosterEvent.ENROLMENT,
        b"b" * 32,
        datetime(2026, 1, 1, tzinfo=UTC),
        new_nonce(),
    ).encode()
    found = found_of(handle, book.ticket(0), commitment(Kind.ROSTER, change, b"signature"))
    opening = Opening(0, Kind.ROSTER, change, b"signature")
    assert verify_opening(opening, found, None).record == "roster"
    with pytest.raises(InvalidProofError):
        verify_opening(replace(opening, signature=b"other"), found, None)


def history(answer):
    return History("http://h.test", "t", transport=httpx.MockTransport(answer))


def test_a_history_of_another_log_shows_nothing():
    page = {"log_id": "00" * 32, "openings": [], "next": None}
    client = history(lambda _: httpx.Response(200, json=page))
    assert list(client.openings(bytes(32), 0, 9)) == []
    assert list(client.openings(b"x" * 32, 0, 9)) == []


@pytest.mark.parametrize(
    "page",
    [
        {"log_id": "00" * 32, "openings": [], "next": 0},
        {"log_id": "00" * 32, "openings": [], "next": -1},
        {"log_id": "00" * 32, "openings": {}, "next": None},
        {"log_id": "00", "openings": [], "next": None},
        {"openings": [], "next": None},
        [],
        {"log_id": "00" * 32, "openings": [1], "next": None},
        {
            "log_id": "00" * 32,
            "openings": [{"log_index": 1, "kind": "x", "content": "", "signature": ""}],
            "next": None,
        },
        {
            "log_id": "00" * 32,
            "openings": [{"log_index": 1, "kind": "use", "content": "", "signature": "?"}],
            "next": None,
        },
    ],
)
def test_answers_of_another_form(page):
    client = history(lambda _: httpx.Response(200, json=page))
    with pytest.raises(HistoryUnreachableError):
        list(client.openings(bytes(32), 0, 9))


def test_an_answer_without_end_and_none_at_all(monkeypatch):
    monkeypatch.setattr("eseal.watch.history.openings.MAX_PAGE_BYTES", 10)
    with pytest.raises(HistoryUnreachableError, match="no end"):
        list(history(lambda _: httpx.Response(200, content=b"x" * 11)).openings(bytes(32), 0, 9))

    def fail(_request):
        raise httpx.ReadTimeout("http://user:secret@h.test")

    with pytest.raises(HistoryUnreachableError) as raised:
        list(history(fail).openings(bytes(32), 0, 9))
    assert "secret" not in str(raised.value)


def test_a_history_without_end_is_asked_once_when_time_is_up():
    asked = []

    def more(request):
        asked.append(int(request.url.params["after"]))
        page = {"log_id": "00" * 32, "openings": [], "next": asked[-1] + 1}
        return httpx.Response(200, json=page)

    with pytest.raises(HistoryUnreachableError, match="did not come to its end"):
        list(history(more).openings(bytes(32), 0, 9, time.monotonic() - 1))
    assert asked == [0]


@pytest.mark.parametrize("url", ["", "h.test", "ftp://h.test", "http://[::1"])
def test_only_http_urls(url):
    with pytest.raises(InvalidFormatError, match="history"):
        History(url, "t")


def test_a_token_that_does_not_count_is_named():
    with pytest.raises(HistoryUnreachableError, match="status 401: the token is wrong"):
        list(history(lambda _: httpx.Response(401)).openings(bytes(32), 0, 9))
