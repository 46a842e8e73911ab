"""A verifier written from docs/protocol.md alone says of every evidence file what ours says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from eseal.cli.sources import parse_trust
from eseal.config import Settings
from eseal.service.service import Service
from eseal.verify import verify_digest
from tests.conftest import make_world
from tests.integration.outsiders import cases
from tests.serving import served

PROGRAM = Path(__file__).parents[1] / "outsider" / "verify.mjs"
EXIT = {"TOTAL_PASSED": 0, "TOTAL_FAILED": 1, "INDETERMINATE": 2}
MOST_LINES = 400
"""What a reader of the page has to write: the protocol is small."""
SECONDS = 60


@pytest.fixture(scope="module")
def shown(template, tmp_path_factory):
    """The cases, the trust file, a node's URL, and our reader of the same ledger."""
    directory = tmp_path_factory.mktemp("outsider") / "data"
    shutil.copytree(template, directory)
    settings = Settings.load(data_dir=directory)
    with Service.open(settings) as service:
        other, _ = service.onboarding.add_company(
            "Others Ltd", "uscc:91110000802100433B", seals=[], actor="test"
        )
        found = cases(make_world(service, settings), other)
        with served(service) as url:
            yield found, settings.trust_path, url + "/rpc", service.context.connection.reader


def outsider(evidence: bytes, folder: Path, trust: Path, node: str, **given: str):
    """What the stranger's program says."""
    file = folder / "evidence.json"
    file.write_bytes(evidence)
    options = [f"--{name}={value}" for name, value in given.items()]
    done = subprocess.run(
        ["node", PROGRAM, f"--evidence={file}", f"--trust={trust}", f"--node={node}", *options],
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    verdict = json.loads(done.stdout)
    assert done.returncode == EXIT[verdict["indication"]]
    return verdict


NAMES = (
    "genuine", "the other ECDSA value",
    "altered digest", "altered signature", "twin certificate", "seal of another company",
    "subject proof of another company", "subject proof of nobody's", "unregistered seal",
    "statement of another seal", "other ticket", "other path", "volume that is not open",
    "foreign log", "checkpoint by another key", "cut receipt", "another leaf's receipt",
    "another issuer", "another anchor", "backdated", "block that never was", "disowned head",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_outsider_finds_what_we_find(shown, tmp_path, name):
    found, trust, node, ledger = shown
    case = found[name]
    said = outsider(case.evidence.encode(), tmp_path, trust, node, digest=case.digest.hex())
    assert (said["finding"], said["indication"]) == (case.finding.value, case.indication), said
    _, known = parse_trust(trust.read_bytes())[:2]
    ours = verify_digest(case.digest, evidence=case.evidence, ledger=ledger, trust=known)
    assert (ours.finding, ours.indication.value) == (case.finding, case.indication), ours.checks


def test_every_case_is_shown(shown):
    assert set(shown[0]) == set(NAMES)


def test_the_outsider_is_small_and_its_own():
    files = sorted(PROGRAM.parent.glob("*.mjs"))
    lines = [line.strip() for file in files for line in file.read_text("utf-8").splitlines()]
    code = [line for line in lines if line and not line.startswith(("//", "/**", "*"))]
    assert len(code) < MOST_LINES
    imports = set(re.findall(r'from "([^"]+)"', "\n".join(code)))
    assert {name for name in imports if not name.startswith("./")} <= {
        "node:crypto", "node:fs", "node:util",
    }  # fmt: skip
