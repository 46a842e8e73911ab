"""pyHanko's own command line, which validates as ETSI EN 319 102-1 says, on every sealed PDF.

It runs in this process: starting it takes longer than what it does.
"""

from __future__ import annotations

import logging

import pytest
from click.testing import CliRunner
from pyhanko.cli import cli_root

from eseal.model.level import Level
from tests.shelf import PDF_SHAPES

CASES = [
    *((shape, level) for shape in PDF_SHAPES for level in Level),
    *((f"{shape}-{how}", Level.B_LTA) for shape in PDF_SHAPES for how in ("extended", "renewed")),
]

IN_COMMENT = 11
"""A byte of the second line, a comment by which programs see that the file is binary."""


@pytest.fixture
def adesverify(shelf, monkeypatch, tmp_path):
    """Run it on a file; what that does not hold is asked at the addresses in the certificates."""
    monkeypatch.chdir(tmp_path)  # where a pyhanko.yml would be read
    before = logging.root.handlers[:], logging.root.level

    def run(path):
        words = ("sign", "adesverify", "--executive-summary", "--trust", shelf.root)
        command = [str(word) for word in (*words, "--trust-replace", path)]
        return CliRunner().invoke(cli_root, command)

    yield run
    logging.root.handlers[:], level = before
    logging.root.setLevel(level)


@pytest.mark.parametrize(("shape", "level"), CASES)
def test_every_signature_is_valid(adesverify, shelf, shape, level):
    done = adesverify(shelf.file(shape, level))
    verdicts = [line.rpartition(":")[2] for line in done.stdout.splitlines() if ":" in line]
    of_two = any(shape.startswith(word) for word in ("parties", "locked"))
    assert verdicts == ["VALID"] * (2 if of_two else 1), done.output
    assert done.exit_code == 0


def test_an_altered_one_is_not(adesverify, shelf, tmp_path):
    sealed = bytearray(shelf.file("invisible", Level.B_LT).read_bytes())
    sealed[IN_COMMENT] ^= 1
    altered = tmp_path / "altered.pdf"
    altered.write_bytes(sealed)
    done = adesverify(altered)
    assert "INVALID" in done.stdout
    assert done.exit_code == 1
