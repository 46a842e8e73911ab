"""The library's front door."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import eseal

HEAVY = ["web3", "eth", "eth_tester", "sqlalchemy", "pyhanko", "fastapi", "typer"]


def modules_after(statement):
    program = f"{statement}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return set(json.loads(run.stdout))


def test_the_exported_names_are_pinned():
    assert eseal.__all__ == [
        "CheckStatus",
        "Evidence",
        "Finding",
        "Indication",
        "Policy",
        "Report",
        "SubIndication",
        "Trust",
        "verify_digest",
        "verify_document",
        "verify_evidence",
    ]


@pytest.mark.parametrize("name", eseal.__all__)
def test_each_exported_name_is_there_and_documented(name):
    assert name in dir(eseal)
    assert getattr(eseal, name).__doc__


def test_no_other_name_is():
    with pytest.raises(AttributeError, match="verify_everything"):
        eseal.verify_everything  # noqa: B018 - the look-up is the test


def test_importing_the_package_loads_nothing_else():
    loaded = modules_after("import eseal")
    assert not [name for name in loaded if name.startswith("eseal.")]


def test_verifying_a_signature_file_loads_no_heavy_part():
    loaded = modules_after("import eseal\neseal.verify_document(b'x', signature=b'y').to_dict()")
    assert not loaded.intersection(HEAVY)
