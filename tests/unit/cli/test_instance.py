import stat
from pathlib import Path

import pytest

from eseal.cli.verifying.sources import parse_trust
from eseal.store import migrations


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


NEXT = """
from alembic import op

revision, down_revision, branch_labels, depends_on = "next", "{newest}", None, None


def upgrade():
    op.execute("CREATE TABLE of_tomorrow (id INTEGER)")
"""


@pytest.fixture
def tomorrow(monkeypatch, tmp_path):
    """The program of tomorrow: its schema is one version further."""
    newest, config = migrations._newest(migrations._config()), migrations._config
    (tmp_path / "next.py").write_text(NEXT.format(newest=newest))

    def with_next():
        made = config()
        ours = Path(migrations.__file__).parent / "versions"
        made.set_main_option("path_separator", "newline")
        made.set_main_option("version_locations", f"{ours}\n{tmp_path}")
        return made

    monkeypatch.setattr(migrations, "_config", with_next)
    return newest


def test_migrate_brings_an_older_schema_up_to_date(eseal, tomorrow):
    refused = eseal("audit")
    assert refused.code == 1
    assert "run: eseal migrate" in refused.err
    assert eseal("migrate", "--json").json == {"from": tomorrow, "to": "next"}
    assert "nothing was done" in eseal("migrate").out
    assert eseal("audit").code == 0


def test_migrate_makes_no_database(run, tmp_path):
    shown = run("--data-dir", tmp_path, "migrate")
    assert shown.code == 1
    assert "run: eseal init" in shown.err
    assert list(tmp_path.iterdir()) == []
