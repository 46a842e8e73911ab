"""``eseal stop``, from making codes offline to using them through an instance or a service."""

import json
import stat

import httpx
import pytest

from eseal.cli.company import stop_relay
from eseal.errors import ConflictError, LedgerUnreachableError, NotFoundError
from eseal.ledger.setup.owner_stop import StopAct

REGISTRY = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
HANDLE = "ab" * 32


@pytest.fixture
def kept(eseal, run, tmp_path):
    """Codes of the contract seal in a file, their end on the ledger."""
    seal = next(one for one in eseal("seal", "list", "--json").json if one["type"] == "contract")
    shown = eseal("ledger", "show", "--json").json

    def make(name):
        path = tmp_path / name
        made = run(
            *("stop", "codes", "--seal", seal["handle"], "--chain-id", shown["chain_id"]),
            *("--registry", shown["seal_registry"], "--count", 4, "--out", path, "--json"),
        )
        assert made.code == 0, made.err
        return path, made.json["end"]

    path, end = make("codes.json")
    assert eseal("stop", "set", seal["id"], "--end", end).out.startswith("done in block")
    assert eseal("stop", "set", seal["id"], "--end", end).out == "nothing to do\n"
    return seal, path, make


def test_codes_are_made_offline_and_for_nobody_else_s_eyes(run, tmp_path):
    out = tmp_path / "codes.json"
    words = ("stop", "codes", "--seal", HANDLE, "--chain-id", 1337, "--registry", REGISTRY)
    made = run(*words, "--out", out, "--json")
    assert made.json["codes"] == 16
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    kept = json.loads(out.read_text())
    assert not any(code in made.out for code in kept["codes"]), "only the end is shown"
    again = run(*words, "--out", out)
    assert again.code == 1
    assert "exists already" in again.err
    assert json.loads(out.read_text()) == kept


def test_the_whole_way_of_a_stop(eseal, kept):
    seal, path, _ = kept
    assert eseal("stop", "use", "--codes", path).out.startswith("done in block")
    refused = eseal("seal", "resume", seal["id"])
    assert refused.code == 1
    assert "by a stop code" in refused.err
    again = eseal("stop", "use", "--codes", path)
    assert again.code == 1
    assert "stopped by its owner already" in again.err
    assert eseal("stop", "resume", "--codes", path).code == 0
    assert eseal("seal", "list", "--json").json[0]["state"] == "active"


def test_a_code_is_typed_from_paper(eseal, kept):
    seal, path, _ = kept
    codes = json.loads(path.read_text())["codes"]
    wrong = eseal("stop", "use", seal["handle"], codes[1])
    assert wrong.code == 1
    assert "it was not shown to anybody" in wrong.err
    assert codes[1] not in wrong.err
    assert eseal("stop", "use", seal["handle"], codes[0]).code == 0


def test_another_chain_is_announced_first(eseal, kept):
    _, path, make = kept
    new, _ = make("new.json")
    told = eseal("stop", "replace", "--codes", path, "--new", new)
    assert told.out.startswith("announced: run this again")
    assert eseal("stop", "replace", "--codes", path, "--new", new).out == told.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("use",), "HANDLE and CODE, or --codes FILE"),
        (("use", HANDLE), "HANDLE and CODE, or --codes FILE"),
        (("use", HANDLE, "abc"), "code: expected 64 hex digits"),
        (("use", HANDLE, HANDLE, "--rpc", "http://127.0.0.1:9"), "--trust FILE and --account"),
        (("set", "x", "--end", "12"), "end: expected 64 hex digits"),
    ],
)
def test_a_slip_is_told(eseal, words, told):
    done = eseal("stop", *words)
    assert done.code == 2
    assert told in done.err


def service(answer):
    """A service that answers everything alike."""
    stops = stop_relay.StopRelay("https://seals.example")
    stops._client.close()
    transport = httpx.MockTransport(lambda _: answer)
    stops._client = httpx.Client(transport=transport)
    return stops


def test_a_service_relays_a_code():
    told = {"block": 7, "transaction": "0x" + "5e" * 32, "handle": HANDLE, "act": "stop"}
    with service(httpx.Response(200, json=told)) as stops:
        assert stops.use(StopAct.STOP, b"h" * 32, b"c" * 32) == (7, b"\x5e" * 32)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(404, json={"detail": "none"}), NotFoundError),
        (httpx.Response(409, json={"detail": "used\x1b[31m"}), ConflictError),
        (httpx.Response(503, json={"detail": "busy"}), LedgerUnreachableError),
        (httpx.Response(302, json={}), LedgerUnreachableError),
        (httpx.Response(200, text="hello"), LedgerUnreachableError),
        (httpx.Response(200, json=[]), LedgerUnreachableError),
        (httpx.Response(200, json={"block": "7"}), LedgerUnreachableError),
        (httpx.Response(200, content=b"{" + b" " * (1 << 20) + b"}"), LedgerUnreachableError),
    ],
)
def test_a_service_that_refuses_or_is_none_is_told_as_such(answer, error):
    with service(answer) as stops, pytest.raises(error) as caught:
        stops.use(StopAct.STOP, b"h" * 32, b"c" * 32)
    assert "\x1b" not in str(caught.value)
