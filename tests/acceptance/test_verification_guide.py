"""docs/verification.md, carried out as a stranger would: no line of it may rot.

Every fenced ``sh`` block of the guide that says ``<!-- run: … -->`` is run, in the order of the
page, by one ``bash`` in a directory that holds nothing but what the guide says one needs.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from eseal.config import Settings
from eseal.documents.cms import SealCms
from eseal.documents.pdf import PdfSealOptions, prepare
from eseal.model.ids import new_id
from eseal.model.seal import Reason
from eseal.model.statement import Statement, new_nonce
from eseal.service.sealing.applying import DigestOrder
from eseal.service.service import Service
from tests.actors import acting

GUIDE = Path(__file__).parents[2] / "docs" / "verification.md"
PROGRAMS = {
    "bash": "bash",
    "openssl": "openssl",
    "curl": "curl",
    "pdfsig": "poppler-utils",
    "basenc": "coreutils",
}
MARKED = re.compile(r"<!-- run: (\w+) -->\n```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LIMIT_SECONDS = 300
LETTER = b"Dear Sir or Madam, the price is 100.00.\n"


@dataclass(frozen=True)
class Ran:
    """How it went: exit code, output, and the heading of the last block that was begun."""

    code: int
    output: str
    reached: str


@dataclass(frozen=True)
class Stranger:
    """Somebody with files in a directory and the address of a node."""

    directory: Path
    rpc: str

    def follows(self, kind, document, evidence=None) -> Ran:
        """Follow the guide for a ``pdf`` or another ``file``."""
        here = {
            "DOCUMENT": document,
            "EVIDENCE": f"{evidence or document}.eseal.json",
            "RPC": self.rpc,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.directory),
        }
        done = subprocess.run(
            ["bash", "-c", script(kind)],
            cwd=self.directory,
            env=here,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        reached = re.findall(r"^@@ (.*)$", done.stdout, re.MULTILINE)
        return Ran(done.returncode, done.stdout + done.stderr, reached[-1])

    def alters(self, name, old, new):
        """Change bytes of a file to others of the same number."""
        file = self.directory / name
        data = file.read_bytes()
        assert len(old) == len(new)
        assert data.count(old) == 1
        file.write_bytes(data.replace(old, new))

    def runs(self, *command):
        subprocess.run(command, cwd=self.directory, check=True, capture_output=True)


def script(kind):
    """The guide's blocks for one kind of document, each behind a line with its heading."""
    text, parts, heading, end = GUIDE.read_text(encoding="utf-8"), [], "", 0
    for block in MARKED.finditer(text):
        headings = re.findall(r"^##+ (.*)$", text[end : block.start()], re.MULTILINE)
        heading, end = [heading, *headings][-1], block.end()
        if block[1] in {"always", kind}:
            parts.append(f"echo {shlex.quote(f'@@ {heading}')}\n{block[2]}")
    return "".join(parts)


@pytest.fixture(scope="module", autouse=True)
def programs():
    missing = {package for name, package in PROGRAMS.items() if shutil.which(name) is None}
    if missing:
        pytest.fail(f"programs of the guide are missing; run: apt-get install {' '.join(missing)}")


@pytest.fixture(scope="module")
def shown(office, sample_pdf):
    """What strangers are shown: documents, signatures, evidence, the trust file."""
    directory = office.directory / "shown"
    directory.mkdir()
    settings = Settings.load(data_dir=office.directory / "eseal-data")
    with Service.open(settings) as service:
        contract = service.directory.seal(office.seals["contract"])
        for name, data, before, behind in (
            ("first.txt", LETTER, 0, 0),  # alone in the log: nothing to climb
            ("contract.pdf", sample_pdf, 3, 2),
            ("letter.txt", LETTER, 0, 2),
        ):
            seal_others(service, office.seals["finance"], before)
            if not name.endswith(".pdf"):
                (directory / name).write_bytes(data)
            sealed = service.sealing.seal_document(
                contract.id, data, filename=name, actor=acting(), purpose="sale of tea"
            )
            signature = name if name.endswith(".pdf") else f"{name}.p7s"
            (directory / signature).write_bytes(sealed.data)
            seal_others(service, office.seals["finance"], behind)
            service.anchoring.anchor()
            evidence = service.records.evidence(sealed.use.id).encode()
            (directory / f"{name}.eseal.json").write_bytes(evidence)
        (directory / "stolen.pdf").write_bytes(seal_with_stolen_key(service, contract, sample_pdf))
        # After the uses were anchored: they stay good.
        service.lifecycle.revoke(contract.id, reason=Reason.KEY_COMPROMISE, actor=acting())
    shutil.copy(settings.trust_path, directory / "trust.json")
    return directory


def seal_others(service, seal_id, count):
    """Uses of another seal, so that the tree is larger than one leaf and not a power of two."""
    orders = [DigestOrder(bytes([number]) * 32) for number in range(count)]
    if orders:
        service.sealing.seal_digests(seal_id, orders, actor=acting())


def seal_with_stolen_key(service, seal, pdf):
    """A PDF sealed past the service, by somebody who has the key and knows the formats."""
    context = service.context
    now = context.now().replace(microsecond=0)
    prepared = prepare(pdf, PdfSealOptions("Seal-1", "somebody", now))
    statement = Statement(
        id=new_id(),
        seal=seal.handle,
        ticket=context.signer(seal.id).book.ticket(9),
        digest=prepared.digest,
        media_type="application/pdf",
        authorization=bytes(32),
        not_before=context.blocks.reference,
        sealed_at=now,
        nonce=new_nonce(),
        source=bytes(32),
    )
    cms = SealCms(seal.certificate, seal.chain, seal.subject_proof)
    path = context.books.path(seal.id, statement.ticket)
    attributes = cms.signed_attributes(statement.encode(), prepared.digest, path)
    signature = context.keys.sign(seal.key_id, attributes)
    return prepared.embed(cms.encode(attributes, signature))


@pytest.fixture(scope="module")
def server(shown, serve):
    """The service, whose ``/rpc`` answers for the ledger."""
    assert shown.is_dir()
    return serve()


@pytest.fixture
def stranger(shown, server, tmp_path):
    directory = shutil.copytree(shown, tmp_path / "stranger")
    return Stranger(directory, f"{server.url}/rpc")


def test_every_command_block_says_when_it_is_run():
    text = GUIDE.read_text(encoding="utf-8")
    kinds = [block[1] for block in MARKED.finditer(text)]
    assert len(kinds) == len(re.findall(r"^```sh$", text, re.MULTILINE))
    assert set(kinds) == {"always", "pdf", "file", "never"}
    # One block only names the stranger's own files; test_monitor.py runs what the other one shows.
    assert kinds.count("never") == 2


@pytest.mark.parametrize(
    ("kind", "document"), [("pdf", "contract.pdf"), ("file", "letter.txt"), ("file", "first.txt")]
)
def test_a_genuine_document_passes_every_step(stranger, kind, document):
    ran = stranger.follows(kind, document)
    assert ran.code == 0, ran.output
    assert ran.reached == "The simple way"
    assert "TOTAL_PASSED" in ran.output


def test_a_program_checks_with_the_library(stranger):
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    code = code.replace("http://127.0.0.1:8000/rpc", stranger.rpc)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=stranger.directory,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=True,
    )
    assert done.stdout.startswith("TOTAL_PASSED authentic ")
    assert done.stdout.count("\n") == 1


def test_an_altered_pdf_fails(stranger):
    stranger.alters("contract.pdf", b"/FitH null", b"/FitV null")
    ran = stranger.follows("pdf", "contract.pdf")
    assert ran.code != 0
    assert ran.reached == "From a PDF"
    assert "Digest Mismatch" in ran.output


def test_bytes_behind_a_sealed_pdf_fail(stranger):
    with (stranger.directory / "contract.pdf").open("ab") as file:
        file.write(b"\n% one more line\n")
    ran = stranger.follows("pdf", "contract.pdf")
    assert ran.code != 0
    assert ran.reached == "From a PDF"


def test_an_altered_file_fails(stranger):
    stranger.alters("letter.txt", b"100.00", b"900.00")
    ran = stranger.follows("file", "letter.txt")
    assert ran.code != 0
    assert ran.reached == "Check it"


def test_a_self_made_seal_of_the_same_name_leads_to_no_root(stranger):
    name = "/C=DE/O=Elbe Teekontor GmbH/CN=contract seal, Elbe Teekontor GmbH"
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem")
    stranger.runs("openssl", "req", "-x509", *key, "-out", "own.pem", "-subj", name)
    stranger.runs(
        *("openssl", "cms", "-sign", "-cades", "-binary", "-outform", "DER"),
        *("-signer", "own.pem", "-inkey", "key.pem", "-in", "letter.txt"),
        *("-out", "letter.txt.p7s"),
    )
    ran = stranger.follows("file", "letter.txt")
    assert ran.code != 0
    assert ran.reached == "Check it"


def test_a_stolen_key_with_borrowed_evidence_fails_at_the_log(stranger):
    ran = stranger.follows("pdf", "stolen.pdf", evidence="contract.pdf")
    assert ran.code != 0
    assert ran.reached == "5. The leaf in the log"


def test_another_ledger_than_the_trusted_one_fails_at_once(stranger):
    trust = stranger.directory / "trust.json"
    chain_id = re.search(r'"chain_id": (\d+)', trust.read_text())[1]
    stranger.alters("trust.json", chain_id.encode(), b"1" * len(chain_id))
    ran = stranger.follows("pdf", "contract.pdf")
    assert ran.code != 0
    assert ran.reached == "Get ready"
