import base64
import json
import shutil

import pytest

from eseal.cli.frame.command import State
from eseal.cli.verifying.sources import open_sources, parse_trust
from eseal.cli.verifying.trust_files import told
from eseal.errors import ConfigurationError, InvalidFormatError
from eseal.ledger.contracts.deployment import Deployment
from eseal.verify.inputs.trust import Trust
from eseal.words import Language, speak

WORDS = speak(Language.EN)
REGISTRY, LEDGER = "0x" + "11" * 20, "0x" + "22" * 20


def sources(data_dir, **options):
    nothing = {"rpc": (), "quorum": None, "log": None, "trust_file": None}
    given = nothing | {"note": notes.append} | options
    return open_sources(State(data_dir), **given)


notes: list[str] = []


@pytest.fixture(autouse=True)
def _nobodys_configuration(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nobody"))


def test_the_trust_file_of_an_instance(data_dir):
    trust, deployment = parse_trust((data_dir / "trust.json").read_bytes())
    assert deployment is not None
    assert (trust.chain_id, trust.usage_ledger) == (deployment.chain_id, deployment.usage_ledger)


def test_a_trust_file_with_roots():
    given = Trust(7, REGISTRY, LEDGER, (b"root",))
    trust, deployment = parse_trust(given.encode())
    assert trust == given
    assert deployment == Deployment(7, REGISTRY, LEDGER, block=0)


def test_a_trust_file_that_names_roots_only():
    text = json.dumps({"roots": [base64.b64encode(b"root").decode()]})
    trust, deployment = parse_trust(text.encode())
    assert trust.roots == (b"root",)
    assert deployment is None


def test_an_unreadable_trust_file_is_named(data_dir, tmp_path):
    path = tmp_path / "trust.json"
    path.write_text('{"chain": 1}')
    with (
        pytest.raises(InvalidFormatError, match=r"trust\.json: trust file"),
        sources(data_dir, trust_file=path),
    ):
        pass


def test_the_instance_serves_its_own_ledger_and_log(data_dir):
    with sources(data_dir) as found:
        assert found.ledger is not None
        assert found.logs is not None
        assert found.trust is not None
        assert found.ledger.chain_id == found.trust.chain_id


def test_nothing_at_hand(tmp_path):
    with sources(tmp_path) as found:
        assert (found.ledger, found.logs, found.trust) == (None, None, None)
    with sources(None) as found:
        assert (found.ledger, found.logs, found.trust) == (None, None, None)


@pytest.fixture
def parcel(data_dir, tmp_path, monkeypatch):
    """What a forger packs beside the document: a whole instance, and a file that names it."""
    directory = tmp_path / "parcel"
    shutil.copytree(data_dir, directory / "eseal-data")
    shutil.copy(data_dir / "trust.json", directory / "trust.json")
    settings = f"ESEAL_DATA_DIR={directory / 'eseal-data'}\nESEAL_TRUST={directory}/trust.json\n"
    (directory / ".env").write_text(settings)
    monkeypatch.chdir(directory)
    return directory


def test_an_instance_in_the_working_directory_is_not_trusted(parcel):
    with sources(None) as found:
        assert (found.ledger, found.trust) == (None, None)
    assert told(found.found, WORDS).startswith("nothing is trusted: name a trust file with --trust")
    with sources(parcel / "eseal-data") as found:  # named: then it is
        assert found.ledger is not None
        assert found.trust is not None


def test_trust_is_named_by_option_environment_or_the_users_configuration(
    data_dir, tmp_path, monkeypatch
):
    def kept(name, chain_id):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Trust(chain_id).encode())
        return path

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    found = []

    def trusted(data_dir=None, **options):
        with sources(data_dir, **options) as given:
            found.append(given.trust and given.trust.chain_id)

    trusted()
    kept("config/eseal/trust.json", 1)
    trusted()
    trusted(data_dir)
    monkeypatch.setenv("ESEAL_TRUST", str(kept("environment.json", 2)))
    trusted(data_dir)
    trusted(data_dir, trust_file=kept("option.json", 3))
    assert found == [None, 1, Trust.parse((data_dir / "trust.json").read_bytes()).chain_id, 2, 3]
    monkeypatch.setenv("ESEAL_TRUST", str(tmp_path / "none"))
    with pytest.raises(ConfigurationError, match="ESEAL_TRUST"):
        trusted()


def test_what_is_trusted_is_said(data_dir):
    with sources(data_dir) as found:
        trust, said = found.trust, told(found.found, WORDS)
    assert said.startswith(f"trusting {data_dir / 'trust.json'}: ")
    for part in (trust.seal_registry, trust.usage_ledger, str(trust.chain_id)):
        assert part in said
    assert "eseal root CA" in said
    assert trust.authorities[0].vrf_key.hex() in said


def test_a_database_without_instance_is_no_instance(tmp_path, monkeypatch):
    monkeypatch.setenv("ESEAL_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    with sources(tmp_path) as found:
        assert found.ledger is None


def test_an_instance_whose_ledger_is_down_is_told(data_dir, monkeypatch):
    monkeypatch.setenv("ESEAL_LEDGER_URL", "http://127.0.0.1:9")
    notes.clear()
    with sources(data_dir) as found:
        assert found.ledger is None
    assert notes[0].startswith("the instance's ledger cannot be asked")
