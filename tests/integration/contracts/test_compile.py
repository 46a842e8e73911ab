"""scripts/compile_contracts and scripts/solc, run as a person would, on a copy of the contracts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import solcx

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def packages():
    folder = ROOT / "contracts" / "node_modules"
    assert folder.is_dir(), "contracts/node_modules is missing: run (cd contracts && npm ci)"
    return folder


@pytest.fixture
def copy(tmp_path, packages):
    shutil.copytree(
        ROOT / "contracts",
        tmp_path / "contracts",
        ignore=shutil.ignore_patterns("node_modules", "out", "cache"),
    )
    (tmp_path / "contracts" / "node_modules").symlink_to(packages)
    (tmp_path / "scripts").mkdir()
    for name in ("compile_contracts", "solc"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts" / name)
    return tmp_path


def compile_contracts(root, *arguments, solc="npm"):
    return subprocess.run(
        [sys.executable, root / "scripts" / "compile_contracts", *arguments],
        env={**os.environ, "ESEAL_SOLC": solc},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_committed_artifacts_are_what_the_contracts_compile_to(copy):
    done = compile_contracts(copy, "--check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["SealRegistry", "UsageLedger"])
@pytest.mark.usefixtures("packages")
def test_the_published_input_compiles_to_the_published_code(name):
    """As a block explorer would: nothing but the input, and the compiler the artifact names."""
    folder = ROOT / "contracts" / "artifacts"
    done = subprocess.run(
        [ROOT / "scripts" / "solc", "--standard-json"],
        input=(folder / "standard-input.json").read_bytes(),
        capture_output=True,
        check=True,
    )
    compiled = json.loads(done.stdout)["contracts"][f"{name}.sol"][name]
    artifact = json.loads((folder / f"{name}.json").read_text())
    assert "0x" + compiled["evm"]["bytecode"]["object"] == artifact["bytecode"]
    assert "0x" + compiled["evm"]["deployedBytecode"]["object"] == artifact["deployedBytecode"]
    assert compiled["abi"] == artifact["abi"]


def test_a_changed_artifact_is_named_and_compiling_mends_it(copy):
    artifact = copy / "contracts" / "artifacts" / "UsageLedger.json"
    good = artifact.read_text()
    artifact.write_text(good.replace("openLog", "openTheLog"))
    done = compile_contracts(copy, "--check")
    assert done.returncode == 1
    assert "contracts/artifacts/UsageLedger.json" in done.stderr
    assert "SealRegistry" not in done.stderr
    assert "standard-input" not in done.stderr
    assert compile_contracts(copy).returncode == 0
    assert artifact.read_text() == good


def test_a_changed_contract_is_noticed(copy):
    source = copy / "contracts" / "UsageLedger.sol"
    source.write_text(source.read_text().replace("MAX_ORIGIN_BYTES = 255", "MAX_ORIGIN_BYTES = 99"))
    done = compile_contracts(copy, "--check")
    assert done.returncode == 1
    assert "contracts/artifacts/standard-input.json" in done.stderr
    assert "run scripts/compile_contracts" in done.stderr


def test_an_error_in_a_contract_is_shown_and_nothing_written(copy):
    artifacts = copy / "contracts" / "artifacts"
    before = {file: file.read_bytes() for file in artifacts.iterdir()}
    with (copy / "contracts" / "UsageLedger.sol").open("a") as source:
        source.write("contract Broken is Missing {}\n")
    done = compile_contracts(copy)
    assert done.returncode == 1
    assert "Missing" in done.stderr
    assert "Traceback" not in done.stderr
    assert {file: file.read_bytes() for file in artifacts.iterdir()} == before


def test_an_import_that_leads_nowhere_is_named(copy):
    (copy / "contracts" / "lib" / "Rfc9162.sol").unlink()
    done = compile_contracts(copy, "--check")
    assert (done.returncode, done.stderr) == (1, "imported source not found: lib/Rfc9162.sol\n")


def test_an_unknown_choice_of_compiler_is_refused(copy):
    done = compile_contracts(copy, "--check", solc="gcc")
    assert done.returncode == 1
    assert done.stderr == "expected ESEAL_SOLC to be npm, native or empty, got 'gcc'\n"


@pytest.mark.parametrize("name", ["SealRegistry", "UsageLedger"])
def test_an_artifact_holds_what_deploying_and_calling_take(name):
    artifact = json.loads((ROOT / "contracts" / "artifacts" / f"{name}.json").read_text())
    assert list(artifact) == ["contractName", "compiler", "abi", "bytecode", "deployedBytecode"]
    assert artifact["contractName"] == name
    for field in ("bytecode", "deployedBytecode"):
        assert bytes.fromhex(artifact[field].removeprefix("0x"))
    # EIP-170: no chain takes more.
    assert len(artifact["deployedBytecode"]) // 2 - 1 <= 24_576


def test_the_npm_compiler_answers_as_py_solc_x_expects(packages):
    locked = json.loads((packages / "solc" / "package.json").read_text())["version"]
    assert str(solcx.wrapper.get_solc_version(ROOT / "scripts" / "solc")) == locked


def test_the_npm_compiler_refuses_what_it_cannot_do(packages):
    done = subprocess.run(
        [ROOT / "scripts" / "solc", "--bin", "X.sol"], capture_output=True, text=True, check=False
    )
    assert packages.is_dir()
    assert done.returncode == 1
    assert done.stderr == "expected --version or --standard-json, got: --bin X.sol\n"
