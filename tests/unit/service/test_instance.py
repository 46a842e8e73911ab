from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys

import pytest

from eseal.cli.verifying.sources import parse_trust
from eseal.config import Settings
from eseal.errors import (
    ConfigurationError,
    InvalidFormatError,
    LedgerLockedError,
    LedgerUnreachableError,
    NotInitialisedError,
    WrongKeyError,
)
from eseal.ledger.node.ipc import open_node
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise, migrate
from eseal.store.repositories.instance import InstanceRepository
from tests.office import administration_of


def test_initialising_again_changes_nothing(data_dir):
    settings = Settings.load(data_dir=data_dir)
    with Service.open(settings) as service:
        before = service.context.instance
    assert initialise(settings, name="Trial Issuer") == before
    trust = parse_trust(settings.trust_path.read_bytes())[1]
    assert before.deployment == trust.encode().decode()


def test_initialising_leaves_a_record_of_the_deployment(data_dir):
    trust = parse_trust(Settings.load(data_dir=data_dir).trust_path.read_bytes())[1]
    record = json.loads((data_dir / f"deployment-{trust.chain_id}.json").read_bytes())
    assert record["contracts"]["SealRegistry"]["address"] == trust.seal_registry
    assert record["contracts"]["UsageLedger"]["address"] == trust.usage_ledger
    assert record["contracts"]["UsageLedger"]["block"] == trust.block


def test_another_name_in_the_same_directory_is_refused(data_dir):
    settings = Settings.load(data_dir=data_dir)
    with pytest.raises(ConfigurationError, match="holds the instance 'Trial Issuer'"):
        initialise(settings, name="Somebody")
    with pytest.raises(ConfigurationError, match="choose another --data-dir"):
        initialise(settings, name="Trial Issuer", origin="other.example/log")


@pytest.mark.parametrize(("name", "origin"), [("", None), ("a\nb", None), ("a", "with space")])
def test_refused_names_make_nothing(tmp_path, name, origin):
    settings = Settings.load(data_dir=tmp_path / "data")
    with pytest.raises(InvalidFormatError):
        initialise(settings, name=name, origin=origin)
    assert not (tmp_path / "data").exists()


@pytest.fixture
def lose(data_dir):
    """Loses a database's files, or empties it; and puts all back as it was."""

    def lose(name, *, empty=False):
        for file in data_dir.glob(f"{name}*"):
            file.unlink()
        if empty:
            (data_dir / name).touch()

    return lose


def contents(directory):
    """What a failed command must leave as it was."""
    names = ("trust.json", "ledger.db", "released", "rows.json")
    found = {name: directory / name for name in names if (directory / name).exists()}
    return {name: path.read_bytes() for name, path in found.items()}


def test_a_lost_ledger_is_not_replaced_by_an_empty_one(data_dir, lose):
    settings = Settings.load(data_dir=data_dir)
    lose("ledger.db")
    kept = contents(data_dir)
    for act in (initialise, Service.open, initialise):
        with pytest.raises(NotInitialisedError, match=r"ledger\.db: no ledger here; restore it"):
            act(settings)
    assert contents(data_dir) == kept


def test_a_ledger_of_another_instance_is_not_set_up_anew(data_dir, tmp_path, lose):
    """What an earlier program, or somebody, put in the place of the lost one."""
    other = Settings.load(data_dir=tmp_path / "other")
    initialise(other)
    lose("ledger.db")
    (data_dir / "ledger.db").write_bytes((tmp_path / "other" / "ledger.db").read_bytes())
    kept = contents(data_dir)["trust.json"]
    with pytest.raises(ConfigurationError, match=r"the node is on chain .* restore"):
        initialise(Settings.load(data_dir=data_dir))
    assert contents(data_dir)["trust.json"] == kept


@pytest.mark.parametrize("empty", [False, True])
@pytest.mark.parametrize("without", [(), ("ledger.db", "rows.json"), ("trust.json", "rows.json")])
def test_a_lost_database_is_named_by_everything_and_nothing_is_made(data_dir, lose, empty, without):
    settings = Settings.load(data_dir=data_dir)
    for name in without:
        lose(name)
    lose("eseal.db", empty=empty)
    kept = contents(data_dir)
    for act in (initialise, Service.open, initialise, migrate):
        with pytest.raises(NotInitialisedError, match=r"lost or empty.*restore the newest"):
            act(settings)
    assert contents(data_dir) == kept


def test_a_set_up_that_broke_off_early_carries_on(tmp_path, monkeypatch):
    settings = Settings.load(data_dir=tmp_path / "data")
    with monkeypatch.context() as broken:
        broken.setattr(InstanceRepository, "add", _full)
        with pytest.raises(OSError, match="full"):
            initialise(settings)
    assert initialise(settings).deployment is not None


def test_a_trust_file_of_others_is_not_overwritten(data_dir):
    settings = Settings.load(data_dir=data_dir)
    told = json.loads(settings.trust_path.read_bytes())
    settings.trust_path.write_text(json.dumps(told | {"chain_id": told["chain_id"] + 1}))
    with pytest.raises(ConfigurationError, match="names other contracts"):
        initialise(settings)


def _full(*_):
    raise OSError("the disk is full")


def test_no_instance(tmp_path):
    with pytest.raises(NotInitialisedError, match="run: eseal init"):
        Service.open(Settings.load(data_dir=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_for_their_owner_alone(template):
    assert (template / "kek").stat().st_mode & 0o777 == 0o600
    assert template.stat().st_mode & 0o077 == 0
    databases = list(template.glob("*.db*"))
    assert len(databases) >= 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in databases)


def test_wrong_key_encryption_key(data_dir):
    kek = base64.b64encode(secrets.token_bytes(32)).decode()
    with pytest.raises(WrongKeyError):
        Service.open(Settings.load(data_dir=data_dir, kek=kek))


def test_the_key_may_come_from_the_environment(data_dir, monkeypatch):
    kek = (data_dir / "kek").read_text().strip()
    (data_dir / "kek").unlink()
    with pytest.raises(ConfigurationError, match="ESEAL_KEK"):
        Service.open(Settings.load(data_dir=data_dir))
    monkeypatch.setenv("ESEAL_KEK", kek)
    Service.open(Settings.load(data_dir=data_dir)).close()


def test_an_interrupted_set_up_carries_on(data_dir):
    settings = Settings.load(data_dir=data_dir)
    with Service.open(settings) as service:
        before = service.context.instance
        with service.context.database.write() as connection:
            InstanceRepository(connection).set_deployment(None)
    with pytest.raises(NotInitialisedError, match="run again: eseal init"):
        Service.open(settings)
    assert initialise(settings, name="Trial Issuer") == before
    Service.open(settings).close()


def test_a_node_that_is_down(data_dir):
    settings = Settings.load(data_dir=data_dir, ledger_url="http://127.0.0.1:9")
    with pytest.raises(LedgerUnreachableError):
        Service.open(settings)


def test_settings_name_the_variable(monkeypatch):
    monkeypatch.setenv("ESEAL_PORT", "many")
    with pytest.raises(ConfigurationError, match="ESEAL_PORT"):
        Settings.load()


def test_a_second_process_shares_the_ledger(world):
    program = (
        "import sys; from eseal.config import Settings; from eseal.service.service import Service\n"
        "with Service.open(Settings.load(data_dir=sys.argv[1])) as s: print(s.audit.run().seals)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(world.settings.data_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ},
    )
    assert (done.stdout.strip(), done.returncode) == ("2", 0), done.stderr


def test_a_second_owner_of_the_ledger_is_refused(world):
    with pytest.raises(LedgerLockedError, match=str(os.getpid())):
        open_node(world.settings.data_dir, exclusive=True, wait=0.1)


def test_an_empty_list_of_nodes_is_not_the_embedded_ledger(data_dir):
    with pytest.raises(ConfigurationError, match="at least one URL"):
        Service.open(Settings.load(data_dir=data_dir, ledger_url=" , "))


def test_a_log_that_has_another_key_on_the_ledger_is_not_served(data_dir):
    """Its heads would be signed by a key that counts no more."""
    settings = Settings.load(data_dir=data_dir)
    with Service.open(settings) as service:
        context = service.context
        administration_of(context).succeed(context.instance.log_id, b"\x09" * 32)
    with pytest.raises(ConfigurationError, match="signs with the key 0909"):
        Service.open(settings, exclusive=True)
