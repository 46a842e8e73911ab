"""``eseal authority``, and ``eseal company prove``."""

import json

import pytest
from eth_utils.crypto import keccak

from eseal.authority.word.messages import Ask, Attested
from eseal.errors import AuthorityUnreachableError
from eseal.model.subject import SubjectProof
from eseal.verify.inputs.trust import Trust
from tests.authorities import ASK, REGISTRY, RENAMED, Clock, opened

INIT = ("--name", "Test Authority", "--scheme", "NTRCN", "--scheme", "LEIXG")
WHERE = ("--chain-id", REGISTRY.chain_id, "--registry", REGISTRY.address)


@pytest.fixture
def authority(run, tmp_path):
    """Run ``eseal authority`` on an authority of this test's own."""
    directory = tmp_path / "authority"
    made = run("authority", "init", "--dir", directory, *INIT, *WHERE)
    assert (made.code, f"Keep a copy of {directory / 'kek'} apart" in made.out) == (0, True)

    def run_it(*args, **env):
        return run("authority", *args, "--dir", directory, **env)

    return run_it


def proven(authority, ask, *more):
    return authority("prove", "--id", ask.id, "--name", ask.name, *more)


def test_it_is_made_once_and_says_what_the_administrator_enters(run, authority, tmp_path):
    card = authority("show", "--json").json
    assert card["schemes"] == ["NTRCN", "LEIXG"]
    shown = authority("show").out
    assert "['" not in shown
    for line in (
        f"eseal ledger authority-account {card['authority']} {card['account']}",
        f"add-authority-key {card['authority']} {card['vrf_key']} {card['attest_key']}",
        f"eseal ledger set-schemes {card['authority']} NTRCN LEIXG",
    ):
        assert line in shown
    again = run("authority", "init", "--dir", tmp_path / "authority", *INIT, *WHERE)
    assert (again.code, "already" in again.err) == (1, True)


@pytest.mark.parametrize(
    "args",
    [
        ("--name", "A", "--scheme", "NTRDE", *WHERE),
        ("--name", "A", "--scheme", "uscc", *WHERE),
        ("--name", "A", *WHERE),
        (*INIT, "--chain-id", "0", "--registry", REGISTRY.address),
        (*INIT, "--chain-id", "1", "--registry", REGISTRY.address.lower()),
    ],
)
def test_what_cannot_be_made(run, tmp_path, args):
    assert run("authority", "init", "--dir", tmp_path / "other", *args).code == 2
    assert not (tmp_path / "other").exists()


def test_a_proof_on_the_command_line(authority, tmp_path):
    out = tmp_path / "answer.json"
    told = proven(authority, ASK, "--out", out, "--json").json
    answer = Attested.parse(out.read_bytes())
    assert (told["subject"], told["record"]) == (answer.proof.subject.hex(), answer.record)
    assert proven(authority, ASK, "--out", out).code == 1
    assert proven(authority, RENAMED, "--out", out, "--force").code == 0
    rows = authority("log", "--json").json
    assert [(row["word"], row["name"]) for row in rows] == [
        ("proven", ASK.name),
        ("renamed", RENAMED.name),
    ]


def test_a_request_in_a_file(authority, tmp_path):
    request = tmp_path / "request.json"
    request.write_bytes(Ask("LEIXG-213800KUD8LAJWSQ9D15", "Buyer Limited", "GB").encode())
    assert authority("prove", "--request", request, "--json").json["name"] == "Buyer Limited"
    request.write_bytes(b"{}")
    assert authority("prove", "--request", request).code == 2


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ((), 2),
        (("--id", ASK.id), 2),
        (("--id", "uscc:91330100799655058B", "--name", "A"), 2),
        (("--id", "LEIXG-213800KUD8LAJWSQ9D15", "--name", "A", "--country", "CN"), 2),
        (("--id", "VATDE-136695976", "--name", "A"), 1),
    ],
)
def test_what_is_not_proven(authority, args, code):
    assert authority("prove", *args).code == code


def test_a_register_of_its_own(authority, tmp_path):
    register = tmp_path / "register.csv"
    register.write_text(f"{ASK.id},{ASK.name}\n", "utf-8")
    assert proven(authority, ASK, "--register", register).code == 0
    refused = proven(authority, RENAMED, "--register", register, "--json")
    assert (refused.code, refused.error["code"]) == (1, "authority_refused")
    register.write_text("x\n")
    assert proven(authority, ASK, "--register", register).code == 1


def test_the_log_shows_what_was_changed_or_cut_off(authority, tmp_path):
    assert "nobody asked yet" in authority("log").out
    records = [proven(authority, ask, "--json").json["record"] for ask in (ASK, RENAMED)]
    whole = authority("log", "--expect", records[0], "--expect", records[1])
    assert (whole.code, ASK.name in whole.out) == (0, True)
    path = tmp_path / "authority" / "requests.log"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0])
    assert authority("log", "--expect", records[0]).code == 0
    cut = authority("log", "--expect", records[1])
    assert (cut.code, "does not hold the record 2:" in cut.err) == (1, True)
    path.write_bytes(lines[1])
    assert authority("log").code == 1
    path.unlink()
    assert authority("log").code == 1


def test_tokens(authority):
    assert "no tokens" in authority("token", "list").out
    issuer = authority("token", "create", "--label", "issuer").out.strip()
    made = authority("token", "create", "--company", ASK.id, "--json").json
    assert made["token"].split("_")[1] == made["id"]
    rows = authority("token", "list", "--json").json
    assert [(row["kind"], row["company"]) for row in rows] == [
        ("issuer", None),
        ("company", ASK.id),
    ]
    assert authority("token", "revoke", issuer.split("_")[1]).code == 0
    assert authority("token", "revoke", issuer.split("_")[1]).code == 1
    assert authority("token", "create", "--company", "uscc:91330100799655058B").code == 2
    assert [row["kind"] for row in authority("token", "list", "--json").json] == ["company"]


def test_its_key_may_come_from_the_environment(run, tmp_path):
    kek = "A" * 43 + "="
    directory = tmp_path / "authority"
    made = run("authority", "init", "--dir", directory, *INIT, *WHERE, ESEAL_AUTHORITY_KEK=kek)
    assert "Keep a copy" not in made.out
    assert made.code == 0
    assert not (directory / "kek").exists()
    listed = run("authority", "token", "list", "--dir", directory)
    assert (listed.code, "no key-encryption key" in listed.err) == (1, True)
    assert run("authority", "token", "list", "--dir", directory, ESEAL_AUTHORITY_KEK=kek).code == 0


def test_without_an_authority_there_is_nothing_to_serve(run, tmp_path):
    served = run("authority", "serve", "--dir", tmp_path, "--port", "0", "--any-name")
    assert (served.code, "eseal authority init" in served.err) == (1, True)


def test_it_serves_with_a_register_or_says_that_it_checks_no_name(run, tmp_path):
    register = tmp_path / "register.csv"
    register.write_text("VATDE-136695976,Elbe Teekontor GmbH\n", "utf-8")
    for given in ((), ("--any-name", "--register", register)):
        served = run("authority", "serve", "--dir", tmp_path, "--port", "0", *given)
        assert served.code == 2
        assert "--any-name" in served.err


@pytest.fixture
def asked(authority, monkeypatch, tmp_path):
    """``eseal company prove`` against the authority, whatever address it is told."""
    desk = opened(tmp_path / "authority", Clock()).desk
    calls = []

    class InThisProcess:
        def __init__(self, url, token, keys_of, registry) -> None:
            calls.append((url, token))
            self._keys_of, self._registry = keys_of, registry

        def prove(self, ask):
            return desk.prove(ask, by="company")

        def close(self) -> None:
            pass

    monkeypatch.setattr("eseal.authority.asking.http.HttpAuthority", InThisProcess)
    (tmp_path / "card.json").write_text(authority("show", "--json").out)
    return calls


def test_a_company_asks_for_its_own(run, asked, tmp_path):
    token, out = tmp_path / "token", tmp_path / "proof.json"
    token.write_text("eseal_t\n")
    args = ("--authority", "https://a.example", "--card", tmp_path / "card.json")
    who = ("--id", ASK.id, "--name", ASK.name, "--token-file", token)
    got = run("company", "prove", *args, *who, "--out", out, "--json")
    assert (got.code, got.json["id"]) == (0, ASK.id)
    assert SubjectProof.parse(json.loads(out.read_bytes())["proof"].encode()).name == ASK.name
    assert asked == [("https://a.example", "eseal_t")]
    taken = run("company", "prove", *args, *who, "--out", out)
    assert (taken.code, "--force" in taken.err) == (1, True)
    missing = run("company", "prove", *args, *who[:4], ESEAL_AUTHORITY_TOKEN=None)
    assert (missing.code, "ESEAL_AUTHORITY_TOKEN" in missing.err) == (1, True)
    assert len(asked) == 1


def test_a_company_is_told_when_nobody_answers(run, authority, tmp_path):
    (tmp_path / "card.json").write_text(authority("show", "--json").out)
    args = ("--authority", "http://127.0.0.1:1", "--card", tmp_path / "card.json")
    got = run(
        *("company", "prove", *args, "--id", ASK.id, "--name", ASK.name, "--json"),
        ESEAL_AUTHORITY_TOKEN="eseal_t",
    )
    assert (got.code, got.error["code"]) == (1, AuthorityUnreachableError.code)


def test_the_call_by_which_a_company_goes_on_is_printed(authority, tmp_path):
    trust, ids = tmp_path / "trust.json", ("NTRCN-91330100799655058B", "LEIXG-213800KUD8LAJWSQ9D15")
    trust.write_bytes(Trust(REGISTRY.chain_id, REGISTRY.address, REGISTRY.address).encode())
    subjects = [
        authority("prove", "--id", one, "--name", "A", *more, "--json").json["subject"]
        for one, more in zip(ids, ((), ("--country", "GB")), strict=True)
    ]
    for old, new in (ids, subjects):
        told = authority("continue", "--from", old, "--to", new, "--trust", trust)
        selector = keccak(text="continueCompany(bytes32,bytes32)")[:4].hex()
        assert f"0x{selector}{subjects[0]}{subjects[1]}" in told.out, told.err
        assert REGISTRY.address in told.out
    trust.write_bytes(Trust(REGISTRY.chain_id + 1, REGISTRY.address, REGISTRY.address).encode())
    refused = authority("continue", "--from", ids[0], "--to", ids[1], "--trust", trust)
    assert (refused.code, "for which Test Authority is set up" in refused.err) == (1, True)
