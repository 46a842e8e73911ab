"""What is installed: two packages with all that belongs to them, and nothing of the tree beside."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import pathlib, sys
import eseal, eseal_api
from eseal.cli import main
from eseal_api.app import create_app
from eseal.ledger.contracts.artifacts import SEAL_REGISTRY, load_artifact
load_artifact(SEAL_REGISTRY).functions["statusAt"]
assert (pathlib.Path(eseal_api.__file__).parent / "web" / "static" / "eseal.css").exists()
print(eseal.__file__, eseal_api.__file__, sep="\\n")
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder into which the wheel of this tree was unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    run = subprocess.run(
        [sys.executable, "-c", build], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(folder / run.stdout.strip()) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def test_it_holds_two_packages(installed):
    names = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert names == {"eseal", "eseal_api"}


def test_what_is_installed_works_without_the_tree(installed, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert all(Path(line).is_relative_to(installed) for line in run.stdout.splitlines())
