import stat

import pytest
from alembic import command

from eseal.cli.sources import parse_trust
from eseal.config import Settings
from eseal.store import migrations
from eseal.store.database import Database


def test_init_makes_an_instance_and_says_what_to_keep(run, tmp_path):
    data = tmp_path / "data"
    shown = run(
        *("--data-dir", data, "init", "--name", "Trial Office", "--origin", "seals.test/log"),
        "--json",
    )
    assert shown.code == 0
    made = shown.json
    assert (made["name"], made["origin"]) == ("Trial Office", "seals.test/log")
    trust = parse_trust((data / "trust.json").read_bytes())[1]
    assert (made["chain_id"], made["seal_registry"]) == (trust.chain_id, trust.seal_registry)
    assert stat.S_IMODE((data / "kek").stat().st_mode) == 0o600
    again = run("--data-dir", data, "init", "--name", "Trial Office")
    assert again.code == 0
    assert f"Keep a copy of {data / 'kek'}" in again.out
    assert made["id"] in again.out
    other = run("--data-dir", data, "init", "--name", "Another Office")
    assert other.code == 1
    assert "Trial Office" in other.err


@pytest.mark.parametrize("bad", [("--name", " "), ("--origin", "a b+c")])
def test_init_refuses_a_name_and_a_log_that_cannot_be_one(run, tmp_path, bad):
    shown = run("--data-dir", tmp_path / "data", "init", *bad)
    assert shown.code == 2
    assert shown.err.startswith("error: ")
    assert not (tmp_path / "data").exists()


def test_a_kek_from_the_environment_is_not_asked_to_be_copied(run, tmp_path):
    shown = run(
        *("--data-dir", tmp_path / "data", "init", "--name", "Trial Office"),
        ESEAL_KEK="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    )
    assert shown.code == 0
    assert "Keep a copy" not in shown.out


def test_serve_refuses_a_port_that_is_none(eseal):
    assert eseal("serve", "--port", "65536").code == 2


def test_migrate_brings_an_older_schema_up_to_date(eseal, data_dir):
    settings = Settings.load(data_dir=data_dir)
    database = Database(settings.database)
    with database.write() as connection:
        config = migrations._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    database.close()
    refused = eseal("audit")
    assert refused.code == 1
    assert "run: eseal migrate" in refused.err
    newest = migrations._newest(migrations._config())
    assert eseal("migrate", "--json").json == {"from": "0001", "to": newest}
    assert "nothing was done" in eseal("migrate").out
    assert eseal("audit").code == 0


def test_migrate_makes_no_database(run, tmp_path):
    shown = run("--data-dir", tmp_path, "migrate")
    assert shown.code == 1
    assert "run: eseal init" in shown.err
    assert list(tmp_path.iterdir()) == []
