import base64
import json

import pytest

from eseal.cli.framework import State
from eseal.cli.sources import open_sources, parse_trust
from eseal.errors import InvalidFormatError
from eseal.ledger.deployment import Deployment
from eseal.verify.trust import Trust

REGISTRY, LEDGER = "0x" + "11" * 20, "0x" + "22" * 20


def sources(data_dir, **options):
    nothing = {"rpc": (), "quorum": None, "log": None, "trust_file": None}
    given = nothing | {"note": notes.append} | options
    return open_sources(State(data_dir), **given)


notes: list[str] = []


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


def test_a_database_without_instance_is_no_instance(tmp_path, monkeypatch):
    monkeypatch.setenv("ESEAL_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    with sources(tmp_path) as found:
        assert found.ledger is None


def test_an_instance_whose_ledger_is_down_is_told(data_dir, monkeypatch):
    monkeypatch.setenv("ESEAL_LEDGER_URL", "http://127.0.0.1:9")
    notes.clear()
    with sources(data_dir) as found:
        assert found.ledger is None
    assert len(notes) == 1
    assert notes[0].startswith("the instance's ledger cannot be asked")
