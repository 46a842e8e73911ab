"""EU DSS, the European Commission's validator, on everything we seal.

It judges by its own default policy, trusts the instance's root alone, and asks nobody where a seal
brings its validation data along (B-LT, B-LTA); below that it asks at the addresses that the
certificates name.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from eseal.model.level import Level
from tests.shelf import PDF_SHAPES

DSS = Path(__file__).parents[3] / "scripts" / "dss"
SECONDS = 180
SHAPES = (*PDF_SHAPES, "detached", "container")
LATER = [f"{shape}-{how}" for shape in PDF_SHAPES for how in ("extended", "renewed")]
CASES = [
    *((shape, level) for shape in SHAPES for level in Level),
    *((shape, Level.B_LTA) for shape in LATER),
]
IN_PDFS = [case for case in CASES if case[0] not in {"detached", "container"}]
FORMATS = {level: level.upper().replace("B-", "BASELINE-") for level in Level}


@pytest.fixture(scope="module")
def ask(shelf):
    """Ask about files in one process, which takes a second or two to get going."""

    def judge(*questions: tuple) -> list[dict]:
        lines = ["\t".join(map(str, question)) for question in questions]
        done = subprocess.run(
            [DSS, shelf.root],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return judge


@pytest.fixture(scope="module")
def verdicts(ask, shelf):
    """What DSS says of every case."""
    questions = []
    for shape, level in CASES:
        how = "offline" if level in {Level.B_LT, Level.B_LTA} else "online"
        beside = (shelf.text,) if shape == "detached" else ()
        questions.append((how, shelf.file(shape, level), *beside))
    return dict(zip(CASES, ask(*questions), strict=True))


@pytest.mark.parametrize(("shape", "level"), CASES)
def test_every_signature_passes_without_a_warning(verdicts, shape, level):
    said = verdicts[shape, level]
    assert "error" not in said
    for signature in said["signatures"]:
        assert signature["errors"] == signature["warnings"] == []
        assert signature["indication"] == "TOTAL_PASSED"
    for stamp in said["time_stamps"]:
        assert (stamp["indication"], stamp["warnings"]) == ("PASSED", [])


@pytest.mark.parametrize(("shape", "level"), CASES)
def test_dss_sees_the_level_that_was_ordered(verdicts, shape, level):
    said = verdicts[shape, level]
    of_two = any(shape.startswith(word) for word in ("parties", "locked"))
    assert len(said["signatures"]) == (2 if of_two else 1)
    for signature in said["signatures"]:
        assert signature["format"].endswith(FORMATS[level])


@pytest.mark.parametrize(("shape", "level"), IN_PDFS)
def test_nothing_behind_a_seal_is_unknown_to_dss(verdicts, shape, level):
    said = verdicts[shape, level]
    revisions = [each["pdf"] for each in (*said["signatures"], *said["time_stamps"])]
    for changes in filter(None, revisions):  # a time-stamp inside a seal signature has none
        assert changes["undefined"] == changes["annotations"] == []
        assert changes["overlaps"] == changes["looks"] == changes["pages"] == []


def test_a_forged_text_does_not_pass(ask, shelf, tmp_path):
    other = tmp_path / "other.txt"
    other.write_bytes(b"another offer")
    (said,) = ask(("offline", shelf.file("detached", Level.B_LT), other))
    (signature,) = said["signatures"]
    assert (signature["indication"], signature["sub_indication"]) == (
        "TOTAL_FAILED",
        "HASH_FAILURE",
    )
