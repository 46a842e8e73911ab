"""The bench still runs: figures are for readers, that there are any is for a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tables() -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "--markdown", "raw", "http", "gas"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "row",
    [
        "| P-256 signatures | ",
        "| single uses over HTTP, 64 clients | ",
        "| uses over HTTP in batches of 4,096 | ",
        "| an advance over 4,096 uses at ",
        "| EAS attest | ",
        "| DocumentStore issue | ",
    ],
)
def test_every_part_gives_its_rows(tables, row):
    (line,) = [line for line in tables.splitlines() if line.startswith(row)]
    figure = line.removeprefix(row).split()[0].replace(",", "").removesuffix("/s")
    assert float(figure) > 0


def test_the_page_has_a_place_for_every_part():
    from tests.bench.__main__ import PARTS
    from tests.bench.table import PAGE

    page = PAGE.read_text()
    for name in ("machine", *PARTS):
        assert page.count(f"<!-- {name} -->") == 1
