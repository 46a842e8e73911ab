"""A sealed PDF/A is a PDF/A: says veraPDF (ISO 19005)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eseal.documents.pdf import prepare

CHECKER = Path(__file__).parents[3] / "scripts" / "verapdf"
CORPUS = Path(__file__).parents[2] / "data" / "pdf"
ORDINARY, PDFA_1A, PDFA_2B = (
    CORPUS / f"libreoffice{suffix}.pdf" for suffix in ("", "-pdfa-1a", "-pdfa-2b")
)
SEALED = "sealed "


@pytest.fixture(scope="module")
def verdicts(run, p256, options, tmp_path_factory) -> dict[str, str]:
    """``PASS`` or ``FAIL`` by file: all in one run, most of which is the start of Java."""
    directory = tmp_path_factory.mktemp("pdfa")
    files = [ORDINARY]
    for original in (PDFA_1A, PDFA_2B):
        prepared = prepare(original.read_bytes(), options)
        sealed = directory / f"{SEALED}{original.name}"
        sealed.write_bytes(prepared.embed(p256.seal(prepared.digest)))
        files += [original, sealed]
    ran = run(str(CHECKER), "--format", "text", *files)
    told = re.findall(r"^(PASS|FAIL) (.*\.pdf) \w+$", ran.stdout, re.MULTILINE)
    assert len(told) == len(files), ran.stderr
    return {Path(path).name: said for said, path in told}


def test_the_checker_tells_them_apart(verdicts):
    assert verdicts[ORDINARY.name] == "FAIL"
    assert verdicts[PDFA_1A.name] == verdicts[PDFA_2B.name] == "PASS"


def test_pdfa_2b_with_an_invisible_seal(verdicts):
    assert verdicts[SEALED + PDFA_2B.name] == "PASS"


def test_pdfa_1a_with_an_invisible_seal(verdicts):
    assert verdicts[SEALED + PDFA_1A.name] == "PASS"
