import re
from pathlib import Path

import pytest
from typer.main import get_command

from eseal.cli.app import app

PAGE = Path(__file__).parents[3] / "docs" / "consortium.md"
ADDRESS = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


def test_every_command_on_the_page_exists():
    text = PAGE.read_text()
    known = get_command(app)
    named = set(re.findall(r"eseal ([a-z]+)(?: ([a-z]+(?:-[a-z]+)+|show|accounts))?", text))
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


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("grant-regulator", "0x12"), "40 hex digits"),
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
