"""The map in docs/architecture.md: its ways are gone, and files are met in the order it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.walks.ways import WAYS

ROOT = Path(__file__).parents[2]
TITLES = {
    "pdf": "A PDF",
    "batch": "A batch",
    "verification": "A verification",
    "head": "A head",
    "suspension": "A suspension",
}


@pytest.fixture(scope="module")
def walked():
    """The files of each way, as they are entered; in a process that may be traced."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.walks", "--files"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    ways = re.findall(r"^(\w+)\n((?:  .+\n)+)", run.stdout, re.MULTILINE)
    return {way: re.findall(r"^  (\S+)", files, re.MULTILINE) for way, files in ways}


@pytest.mark.parametrize("way", WAYS)
def test_the_map_shows_the_way(way, walked):
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    section = page.partition(f"\n### {TITLES[way]}\n")[2].partition("\n#")[0]
    shown = re.findall(r"^\d+\. `([^`]+)`", section, re.MULTILINE)
    assert len(shown) > 5
    assert shown == sorted(shown, key=walked[way].index)
