import re
from pathlib import Path

import pytest
from eth_utils.crypto import keccak
from typer.main import get_command

from eseal.cli.app import app

PAGE = Path(__file__).parents[3] / "docs" / "consortium.md"
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def test_every_command_on_the_page_exists():
    text = PAGE.read_text()
    known = get_command(app)
    named = set(
        re.findall(r"eseal ([a-z]+)(?: ([a-z]+(?:-[a-z]+)+|show|accounts|disown|succeed))?", text)
    )
    assert ("ledger", "admit-issuer") in named
    for group, command in named:
        assert group in known.commands
        if group == "ledger":
            assert command in known.commands["ledger"].commands
    for script in re.findall(r"(?<![/\w])scripts/([a-z_-]+)", text):
        assert (PAGE.parents[1] / "scripts" / script).exists()


def test_it_tells_who_administers_the_embedded_ledger(eseal):
    shown = eseal("ledger", "show", "--json").json
    assert shown["admitted"] is True
    assert shown["administrator"] == shown["own_admin_account"]
    assert shown["successor"] is None
    assert "0x" in eseal("ledger", "show").out


def test_the_embedded_ledger_is_administered_too(eseal):
    done = eseal("ledger", "grant-regulator", ADDRESS)
    assert done.out.startswith("done in block ")
    done = eseal("ledger", "transfer-admin", ADDRESS)
    assert "0xcefc1429" in done.out, "acceptDefaultAdminTransfer()"
    done = eseal("ledger", "accept-admin")
    assert done.out == "nothing to do\n", "the office is still its own"


def test_roots_schemes_and_authorities_are_administered(eseal, world_of, tmp_path):
    issuer = eseal("ledger", "show", "--json").json["issuer"]
    root = "cd" * 32
    assert eseal("ledger", "add-root", issuer, root).out.startswith("done in block ")
    assert eseal("ledger", "add-root", issuer, root).out == "nothing to do\n"
    assert eseal("ledger", "end-root", issuer, root).code == 0
    with world_of() as service:
        certificate = service.context.instance.root_certificate
    path = tmp_path / "root.cer"
    path.write_bytes(certificate)
    assert eseal("ledger", "add-root", issuer, path).out == "nothing to do\n", "the set-up did"
    done = eseal("ledger", "set-schemes", "ab" * 32, "NTRCN")
    assert done.code == 1
    assert "the scheme has its authority, for good" in done.err
    key, other = "11" * 32, "22" * 32
    assert eseal("ledger", "authority-account", "ab" * 32, ADDRESS).code == 0
    assert eseal("ledger", "add-authority-key", "ab" * 32, key, other).code == 0
    assert eseal("ledger", "end-authority-key", key).code == 0
    assert eseal("ledger", "end-authority-key", key).out == "nothing to do\n"


def test_a_log_is_set_back_and_gets_another_key(eseal, world_of):
    with world_of() as service:
        log = service.context.instance.log_id.hex()
    refused = eseal("ledger", "disown", log, 5)
    assert refused.code == 1
    assert "no larger than that" in refused.err
    assert eseal("ledger", "succeed", log, "33" * 32).out.startswith("done in block ")
    with world_of() as service:
        found = service.context.ledger.log(bytes.fromhex(log))
    assert found.public_key == b"\x33" * 32
    assert len(found.keys) == 2


@pytest.mark.parametrize(
    ("words", "selector"),
    [
        (("add-root", "ab" * 32, "cd" * 32), "addRoot(bytes32,bytes32)"),
        (("end-root", "ab" * 32, "cd" * 32), "endRoot(bytes32,bytes32)"),
        (("set-schemes", "ab" * 32, "NTRCN", "VATDE"), "setSchemes(bytes32[],bytes32)"),
        (("authority-account", "ab" * 32, ADDRESS), "setAuthorityAccount(bytes32,address)"),
        (("add-authority-key", *["ab" * 32] * 3), "addAuthorityKey(bytes32,bytes32,bytes32)"),
        (("end-authority-key", "ab" * 32), "endAuthorityKey(bytes32)"),
        (("disown", "ab" * 32, 5), "disown(bytes32,uint64)"),
        (("succeed", "ab" * 32, "cd" * 32), "succeed(bytes32,bytes32)"),
    ],
)
def test_a_call_is_printed_for_a_contract_that_holds_the_office(eseal, words, selector):
    before = eseal("ledger", "show", "--json").json
    told = eseal("ledger", *words, "--call")
    assert "0x" + keccak(text=selector)[:4].hex() in told.out
    to = "usage_ledger" if words[0] in {"disown", "succeed"} else "seal_registry"
    assert before[to] in told.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("grant-regulator", "0x12"), "40 hex digits"),
        (("add-root", "ab" * 32, "cd"), "root: expected 64 hex digits"),
        (("set-schemes", "ab" * 32, "cn"), "five capital letters"),
        (("add-authority-key", "ab" * 32, "1", "2"), "vrf_key: expected 64 hex digits"),
        (("admit-issuer", "ab", "--operator", ADDRESS), "64 hex digits"),
        (("admit-issuer", "ab" * 32, "--operator", "nobody"), "operator: expected an address"),
    ],
)
def test_a_slip_is_told_before_anything_is_asked(run, tmp_path, words, told):
    done = run("ledger", *words, "--data-dir", tmp_path)
    assert done.code == 2
    assert told in done.err


def test_an_empty_directory_has_nothing_to_administer(run, tmp_path):
    done = run("ledger", "show", "--data-dir", tmp_path)
    assert done.code == 1
    assert "eseal init" in done.err
