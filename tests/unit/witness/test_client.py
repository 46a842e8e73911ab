import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import ConfigurationError, InvalidFormatError
from eseal.log import tree
from eseal.log.checkpoint import parse_checkpoint
from eseal.log.cosignature import cosigners
from eseal.witness import client
from eseal.witness.client import (
    PAUSE_SECONDS,
    Cosigned,
    WitnessAddress,
    Witnesses,
    parse_witnesses,
)
from eseal.witness.request import AddCheckpoint
from eseal.witness.witness import Witness

NAMES = ("w1.example", "w2.example", "w3.example")


class Street:
    """Witnesses behind addresses; some may be in trouble."""

    def __init__(self, directory, log):
        self.time = 0.0
        self.asked = []
        self.trouble = {}
        self.witnesses = {}
        for name in NAMES:
            Witness.create(directory / name, name)
            self.witnesses[name] = Witness(directory / name)
            self.witnesses[name].add_log(log.origin, log.key)

    def __call__(self, request):
        name = request.url.host
        if request.method == "GET":
            if name in self.trouble:
                return self.trouble[name](request)
            answer = self.witnesses[name].newest(request.url.path.removeprefix("/checkpoint/"))
            return httpx.Response(int(answer.status), content=answer.body)
        assert (request.method, request.url.path) == ("POST", "/add-checkpoint")
        self.asked.append((name, AddCheckpoint.parse(request.content).old_size))
        if name in self.trouble:
            return self.trouble[name](request)
        answer = self.witnesses[name].add_checkpoint(request.content)
        return httpx.Response(
            int(answer.status), content=answer.body, headers={"content-type": answer.content_type}
        )

    def client(self):
        addresses = [WitnessAddress(f"http://{n}", w.key) for n, w in self.witnesses.items()]
        return Witnesses(addresses, transport=httpx.MockTransport(self), clock=lambda: self.time)


@pytest.fixture
def street(tmp_path, log):
    return Street(tmp_path, log)


@pytest.fixture
def witnesses(street):
    client = street.client()
    yield client
    client.close()


def names(note, street):
    signed = parse_checkpoint(note)
    keys = [witness.key for witness in street.witnesses.values()]
    return [key.name for key in cosigners(signed.text, signed.signatures, keys)]


def test_every_witness_cosigns_and_is_asked_from_where_it_stands(witnesses, street, log):
    note = witnesses.cosign(log.note(), log.size, log.prove)
    assert note.startswith(log.note())
    assert names(note, street) == list(NAMES)
    log.grow(7)
    street.asked.clear()
    assert names(witnesses.cosign(log.note(), log.size, log.prove), street) == list(NAMES)
    assert sorted(street.asked) == [(name, 5) for name in NAMES]


def test_a_new_client_learns_the_size_by_a_conflict(witnesses, street, log):
    witnesses.cosign(log.note(), log.size, log.prove)
    log.grow(7)
    street.asked.clear()
    again = street.client()
    assert names(again.cosign(log.note(), log.size, log.prove), street) == list(NAMES)
    assert sorted(street.asked) == sorted((name, old) for name in NAMES for old in (0, 5))
    again.close()


def down(_request):
    raise httpx.ConnectError("http://user:secret@w2.example is down")


def status(code, content=b"", content_type="text/plain"):
    return lambda _: httpx.Response(code, content=content, headers={"content-type": content_type})


SIZE = "text/x.tlog.size"


@pytest.mark.parametrize(
    "trouble",
    [
        down,
        status(500),
        status(403),
        status(404),
        status(409),
        status(422),
        status(409, b"3", SIZE),
        status(409, b"+3\n", SIZE),
        status(409, b"\xff\n", SIZE),
        status(409, b"3\n", SIZE),
        status(409, b"99\n", SIZE),
        status(200, b""),
        status(200, b"garbage\n"),
        status(200, "— w2.example AAAAAAAA\n".encode()),
        status(200, b"x" * (1 << 17)),
    ],
)
def test_a_witness_in_trouble_costs_its_cosignature_and_rests(witnesses, street, log, trouble):
    street.trouble["w2.example"] = trouble
    note = witnesses.cosign(log.note(), log.size, log.prove)
    assert names(note, street) == ["w1.example", "w3.example"]
    street.asked.clear()
    street.trouble.clear()
    witnesses.cosign(log.note(), log.size, log.prove)
    assert "w2.example" not in dict(street.asked)
    street.time += PAUSE_SECONDS + 1
    assert names(witnesses.cosign(log.note(), log.size, log.prove), street) == list(NAMES)


def test_what_the_log_says_of_a_witness_names_no_url(witnesses, street, log, monkeypatch):
    told = []
    monkeypatch.setattr(client, "_log", Told(told))
    street.trouble["w2.example"] = down
    witnesses.cosign(log.note(), log.size, log.prove)
    assert told == [
        ("witness_failed", {"witness": "w2.example", "error": "ConnectError"}),
    ]


class Told:
    """The part of a logger that is used."""

    def __init__(self, told):
        self._told = told

    def warning(self, event, **fields):
        self._told.append((event, fields))


def test_an_answer_of_another_witness_is_not_taken(witnesses, street, log):
    other = street.witnesses["w1.example"]
    street.trouble["w2.example"] = lambda r: httpx.Response(
        200, content=other.add_checkpoint(r.content).body or b""
    )
    assert "w2.example" not in names(witnesses.cosign(log.note(), log.size, log.prove), street)


def test_an_older_head_than_the_witness_has_is_left_as_it_is(witnesses, street, log):
    older = log.note()
    log.grow(3)
    witnesses.cosign(log.note(), log.size, log.prove)
    assert witnesses.cosign(older, 5, lambda old: log.prove(old, 5)) == older
    del street


def test_without_witnesses_the_note_is_as_it_was(log):
    nobody = Witnesses([])
    assert (len(nobody), nobody.cosign(log.note(), 5, log.prove)) == (0, log.note())
    with pytest.raises(InvalidFormatError):
        nobody.cosign(b"no note", 5, log.prove)
    nobody.close()


def test_a_list_of_witnesses_reads(tmp_path, street):
    vkey = str(street.witnesses["w1.example"].key)
    path = tmp_path / "witnesses.json"
    listed = [{"url": "https://w1.example/submit/", "vkey": vkey}]
    path.write_text(json.dumps({"witnesses": listed}))
    (address,) = parse_witnesses(path.read_bytes())
    assert (address.url, address.key.name) == ("https://w1.example/submit", "w1.example")
    assert len(Witnesses.load(path)) == 1
    for members in (
        [],
        {},
        {"witnesses": {}},
        {"witnesses": [1]},
        {"witnesses": [{"url": "https://w1"}]},
        {"witnesses": [{"url": "ftp://w1", "vkey": vkey}]},
        {"witnesses": [{"url": "https://w1", "vkey": 1}]},
        {"witnesses": [{"url": "https://w1", "vkey": "x"}]},
        {"witnesses": listed * 2},
        {"witnesses": listed * 65},
    ):
        path.write_text(json.dumps(members))
        with pytest.raises(ConfigurationError, match="ESEAL_WITNESSES"):
            Witnesses.load(path)
    with pytest.raises(ConfigurationError, match="ESEAL_WITNESSES"):
        Witnesses.load(tmp_path / "none")
    with pytest.raises(InvalidFormatError, match="at most"):
        parse_witnesses(b" " * (2 << 20))


@given(st.binary(max_size=100))
def test_no_list_raises_anything_else(data):
    with pytest.raises(InvalidFormatError):
        parse_witnesses(data)


def signers(log):
    return lambda _size: (bytes(32)[:31] + b"\x01", log.key.public_key)


def test_witnesses_are_asked_back_for_the_newest_they_have_cosigned(witnesses, street, log):
    assert witnesses.newest(log.origin, signers(log)) == []
    witnesses.cosign(log.note(), log.size, log.prove)
    older = tree.root(log, 5)
    street.trouble["w3.example"] = down
    log.grow(2)
    witnesses.cosign(log.note(), log.size, log.prove)
    street.trouble = {"w1.example": status(404)}
    told = {one.witness: one for one in street.client().newest(log.origin, signers(log))}
    assert told == {
        "w2.example": Cosigned("w2.example", 7, tree.root(log, 7)),
        "w3.example": Cosigned("w3.example", 5, older),
    }
    assert witnesses.newest("log.example/other", signers(log)) == []


@pytest.mark.parametrize(
    "trouble", [down, status(500), status(200, b"x"), status(200, b"x" * 70000)]
)
def test_a_witness_that_cannot_be_asked_back_costs_a_warning(
    witnesses, street, log, trouble, monkeypatch
):
    told = []
    monkeypatch.setattr(client, "_log", Told(told))
    witnesses.cosign(log.note(), log.size, log.prove)
    street.trouble["w2.example"] = trouble
    shown = witnesses.newest(log.origin, signers(log))
    assert [one.witness for one in shown] == ["w1.example", "w3.example"]
    assert [(event, fields["witness"]) for event, fields in told] == [
        ("witness_not_asked_back", "w2.example")
    ]


def test_no_witness_makes_a_head_up(witnesses, street, log, make_log):
    """Neither one that the log has not signed, nor that of another log, nor another's word."""
    forger = make_log().grow(9)
    street.witnesses["w1.example"].add_log(forger.origin, forger.key)
    street.witnesses["w1.example"].add_checkpoint(forger.request())
    witnesses.cosign(log.note(), log.size, log.prove)
    other = street.witnesses["w3.example"]
    street.trouble["w2.example"] = lambda r: httpx.Response(
        200, content=other.newest(r.url.path.rpartition("/")[2]).body
    )
    shown = witnesses.newest(log.origin, signers(log))
    assert [one.witness for one in shown] == ["w3.example"]


def test_a_witness_that_drips_its_answer_is_left(street, log, monkeypatch):
    def drip():
        for _ in range(100):
            clock[0] += 1.0
            yield b"x"

    clock = [0.0]
    monkeypatch.setattr(client.time, "monotonic", lambda: clock[0])
    street.trouble["w1.example"] = lambda _: httpx.Response(200, content=drip())
    shown = street.client().newest(log.origin, signers(log))
    assert shown == []
    assert clock[0] <= client.ANSWER_SECONDS + 2
