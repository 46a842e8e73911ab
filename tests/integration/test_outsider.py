"""A verifier written from docs/protocol.md alone says of every evidence file what ours says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from eseal.config import Settings
from eseal.documents import cms
from eseal.documents.evidence import Evidence
from eseal.errors import InvalidFormatError
from eseal.ledger.protocol import LedgerReader
from eseal.service.sealing.applying import DigestOrder
from eseal.service.service import Service
from eseal.verify import Finding, verify_digest
from eseal.verify.inputs.trust import Trust
from tests.actors import acting
from tests.conftest import make_world
from tests.integration import outsiders
from tests.nodejs import node
from tests.ports import free_port
from tests.serving import served

PROGRAM = Path(__file__).parents[1] / "outsider" / "verify.mjs"
EXIT = {"TOTAL_PASSED": 0, "TOTAL_FAILED": 1, "INDETERMINATE": 2}
MOST_LINES = 400
"""What a reader of the page has to write: the protocol is small."""
CURVE = "curve.mjs"
"""Arithmetic that others would take from a package."""
IMPORT = re.compile(r'from "([^"]+)"')
SECONDS = 60


@dataclass
class Shown:
    """Evidence by name, and what verifiers need besides."""

    cases: dict[str, outsiders.Case]
    trust: Path
    node: str
    ledger: LedgerReader
    service: Service

    def outsider(self, evidence: bytes, folder: Path, **given: object) -> dict:
        """What the stranger's program says."""
        file = folder / "evidence.json"
        file.write_bytes(evidence)
        told = {"evidence": file, "trust": self.trust, "node": self.node} | given
        done = subprocess.run(
            [node(), PROGRAM, *(f"--{name}={value}" for name, value in told.items())],
            capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.stdout, done.stderr
        verdict = json.loads(done.stdout)
        assert done.returncode == EXIT[verdict["indication"]]
        return verdict


@contextmanager
def opened(template, directory, make):
    """A served copy of the template with the cases that ``make`` makes of its world."""
    shutil.copytree(template, directory)
    settings = Settings.load(data_dir=directory)
    with Service.open(settings) as service:
        cases = make(make_world(service, settings))
        with served(service) as url:
            reader = service.context.connection.reader
            yield Shown(cases, settings.trust_path, url + "/rpc", reader, service)


@pytest.fixture(scope="module")
def shown(template, tmp_path_factory):
    """What a dishonest operator can make."""

    def make(world):
        other, _ = world.service.onboarding.add_company(
            "Others Ltd", "uscc:91110000802100433B", seals=[], actor=acting()
        )
        return outsiders.cases(world, other)

    with opened(template, tmp_path_factory.mktemp("outsider") / "data", make) as shown:
        yield shown


@pytest.fixture(scope="module")
def administered(template, tmp_path_factory):
    """What is left when the administrator took something back."""
    with opened(
        template, tmp_path_factory.mktemp("outsider") / "data", outsiders.administered
    ) as shown:
        yield shown


@pytest.fixture(scope="module")
def service_made(template, tmp_path_factory, sample_pdf):
    """What the service gives out, of a digest and of a PDF."""
    found = {}

    def make(world):
        sealing, digest = world.service.sealing, sha256(b"a document").digest()
        (first,) = sealing.seal_digests(world.contract.id, [DigestOrder(digest)], actor=acting())
        second = sealing.seal_document(
            world.contract.id, sample_pdf, filename="a.pdf", actor=acting(), purpose="a sale"
        )
        found["pdf"] = second.data
        world.service.anchoring.anchor()
        for name, use in ("digest", first.use), ("pdf", second.use):
            evidence = world.service.records.evidence(use.id)
            sealed = cms.decode(evidence.cms).message_digest
            found[name + " evidence"] = outsiders.Case(evidence, Finding.AUTHENTIC, digest=sealed)
        return found

    with opened(template, tmp_path_factory.mktemp("outsider") / "data", make) as shown:
        yield shown


NAMES = (
    "genuine", "the other ECDSA value", "RSA", "revoked later",
    "used after it was revoked", "used while it was stopped",
    "head that the ledger does not hold", "head that is not there yet",
    "altered digest", "altered signature", "twin certificate", "seal of another company",
    "subject proof of another company", "subject proof of nobody's", "unregistered seal",
    "neither registered nor of a trusted root", "made for another ledger",
    "made for other contracts",
    "statement of another seal", "other ticket", "other path", "volume that is not open",
    "foreign log", "checkpoint by another key", "cut receipt", "another leaf's receipt",
    "no chain", "root twice", "name in the commonName alone", "name that is vouched for later",
    "another issuer", "another anchor", "sealed after it was recorded", "block of another ledger",
    "block that is not there yet",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_outsider_finds_what_we_find(shown, tmp_path, name):
    check_both(shown, tmp_path, shown.cases[name])


TAKEN_BACK = (
    "head that stands", "disowned head", "disowned head of a size that no other has",
    "head of the next epoch", "head that the ledger does not hold, after others were disowned",
    "root that had ended", "key that was replaced",
)  # fmt: skip


@pytest.mark.parametrize("name", TAKEN_BACK)
def test_what_the_administrator_took_back(administered, tmp_path, name):
    check_both(administered, tmp_path, administered.cases[name])


@pytest.mark.parametrize("name", ["digest evidence", "pdf evidence"])
def test_what_the_service_gives_out(service_made, tmp_path, name):
    check_both(service_made, tmp_path, service_made.cases[name])


def check_both(shown, tmp_path, case):
    """The outsider and we say what is expected."""
    expected = case.finding.value, case.indication.value
    said = shown.outsider(case.evidence.encode(), tmp_path, digest=case.digest.hex())
    assert (said["finding"], said["indication"]) == expected, said
    failed = {name for name, status in said["checks"].items() if status.startswith("INVALID")}
    assert failed == set(case.checks.split()), "found by other checks than those made for it"
    trust = Trust.parse(shown.trust.read_bytes())
    ours = verify_digest(case.digest, evidence=case.evidence, ledger=shown.ledger, trust=trust)
    assert (ours.finding.value, ours.indication.value) == expected, ours.checks


def test_every_case_is_shown(shown, administered):
    assert set(shown.cases) == set(NAMES)
    assert set(administered.cases) == set(TAKEN_BACK)


def test_documents_are_compared_whole(service_made, shown, tmp_path):
    document = tmp_path / "document"
    document.write_bytes(outsiders.DOCUMENT)
    genuine = shown.cases["genuine"].evidence.encode()
    assert shown.outsider(genuine, tmp_path, document=document)["finding"] == "authentic"
    document.write_bytes(outsiders.DOCUMENT + b" Or not.")
    assert shown.outsider(genuine, tmp_path, document=document)["finding"] == "transplanted"
    # A sealed PDF is not what its own seal covers: that accuses nobody.
    document.write_bytes(service_made.cases["pdf"])
    evidence = service_made.cases["pdf evidence"].evidence.encode()
    said = service_made.outsider(evidence, tmp_path, document=document)
    assert said["finding"] == "not_understood", said


@pytest.mark.parametrize(
    "day", ["2026-11-31", "2027-02-29", "0000-01-01", "2026-13-01"], ids=lambda day: day
)
def test_a_day_that_no_calendar_has(shown, tmp_path, day):
    genuine = shown.cases["genuine"].evidence.encode()
    members = json.loads(genuine)
    time = members["statement"]["sealed_at"]
    other = genuine.replace(time.encode(), f"{day}T00:00:00Z".encode())
    said = shown.outsider(other, tmp_path)
    assert (said["finding"], said["indication"]) == ("not_understood", "INDETERMINATE")
    assert said["checks"]["seal"].startswith("INVALID")
    with pytest.raises(InvalidFormatError, match="a time such as"):
        Evidence.parse(other)


def test_trust_that_says_less_is_not_enough(shown, tmp_path):
    genuine = shown.cases["genuine"].evidence.encode()
    trust = json.loads(shown.trust.read_bytes())
    for member, finding in ("roots", "untrusted_issuer"), ("authorities", "name_unproven"):
        file = tmp_path / "trust.json"
        file.write_text(json.dumps(trust | {member: []}))
        assert shown.outsider(genuine, tmp_path, trust=file)["finding"] == finding


def test_a_silent_node_and_one_of_another_chain_accuse_nobody(shown, tmp_path):
    genuine = shown.cases["genuine"].evidence.encode()
    silent = f"http://127.0.0.1:{free_port()}"
    assert shown.outsider(genuine, tmp_path, node=silent)["finding"] == "ledger_unreachable"
    file = tmp_path / "trust.json"
    trust = json.loads(shown.trust.read_bytes())
    file.write_text(json.dumps(trust | {"chain_id": 1}))
    said = shown.outsider(genuine, tmp_path, trust=file)
    assert said["indication"] == "INDETERMINATE"


@pytest.mark.parametrize("at", range(0, 100, 8))
def test_evidence_that_was_spoilt_is_never_green(shown, tmp_path, at):
    """One digit or letter of it another, all over the file."""
    text = shown.cases["genuine"].evidence.encode().decode()
    places = [match.start() for match in re.finditer(r"(?<=[0-9a-zA-Z])[0-9a-z](?=\w)", text)]
    place = places[at * len(places) // 100]
    other = "8" if text[place] == "7" else "7"
    spoilt = text[:place] + other + text[place + 1 :]
    said = shown.outsider(spoilt.encode(), tmp_path)
    if said["indication"] == "TOTAL_PASSED":  # what nobody signs and no check needs
        assert _signed_parts(spoilt) == _signed_parts(text)


def _signed_parts(text):
    evidence = Evidence.parse(text.encode())
    seal = cms.decode(evidence.cms)
    return seal.signed_attributes, seal.certificate, evidence.receipt, evidence.anchor


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"[" * 100_000, b"\xff\xfe", b'{"v":2}'])
def test_what_is_no_evidence_is_not_understood(shown, tmp_path, data):
    assert shown.outsider(data, tmp_path)["finding"] == "not_understood"


def test_without_what_it_needs_it_says_so():
    done = subprocess.run(
        [node(), PROGRAM], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "needs --evidence --trust --node\n"


def test_the_outsider_is_small_and_its_own():
    files = sorted(PROGRAM.parent.glob("*.mjs"))
    code = {file.name: _code(file.read_text("utf-8")) for file in files}
    assert sum(len(lines) for name, lines in code.items() if name != CURVE) < MOST_LINES
    imported = {name for lines in code.values() for name in IMPORT.findall("\n".join(lines))}
    assert {name for name in imported if not name.startswith("./")} == {"node:crypto", "node:fs"}


def _code(text):
    """The lines that are neither blank nor comments."""
    stripped = (line.strip() for line in text.splitlines())
    return [line for line in stripped if line and not line.startswith(("//", "/**"))]
