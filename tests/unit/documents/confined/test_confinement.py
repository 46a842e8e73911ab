"""What a document cannot do, shown by tasks that try."""

from __future__ import annotations

import os
import platform
import socket

import pytest

from eseal.documents.confined import SEALING, Reader, landlock, seccomp
from eseal.documents.confined.confinement import Confinement
from tests.unit.documents.confined import program
from tests.unit.documents.confined.program import TASKS

LANDLOCK = landlock.ruleset([]) is not None
SECCOMP = seccomp.for_this_machine() is not None
FILES = {
    "read a secret", "list a directory", "write a new file", "write an old file", "remove a file",
    "run a program", "become a program",
}  # fmt: skip
"""What Landlock alone denies on every kernel that has it."""


@pytest.fixture
def tried(tmp_path, request):
    """How everything ended that a document tried, under a program of the tests."""
    allowed, other = tmp_path / "fonts", tmp_path / "data"
    allowed.mkdir()
    other.mkdir()
    (allowed / "font").write_text("glyphs")
    (other / "kek").write_text("s3cret")
    reader = Reader(request.param)
    with socket.create_server(("127.0.0.1", 0)) as server:
        try:
            yield reader.ask(
                TASKS.try_all,
                b"",
                budget=SEALING,
                secret=str(other / "kek"),
                allowed=str(allowed),
                port=server.getsockname()[1],
                parent=os.getpid(),
            )
        finally:
            reader.close()


@pytest.mark.parametrize("tried", [program.NAME], indirect=True)
def test_a_document_can_compute_and_nothing_else(tried):
    if SECCOMP:
        assert {name for name, ended in tried.items() if ended == "done"} == set()
    assert "done" not in {tried[name] for name in FILES if LANDLOCK or SECCOMP}


@pytest.mark.parametrize("tried", [f"{program.NAME}_without_filter"], indirect=True)
def test_without_seccomp_landlock_keeps_files_and_programs(tried):
    if LANDLOCK:
        assert {tried[name] for name in FILES} == {"PermissionError"}


@pytest.mark.parametrize("tried", [f"{program.NAME}_without_landlock"], indirect=True)
def test_without_landlock_seccomp_keeps_all_but_reading(tried):
    if SECCOMP:
        done = {name for name, ended in tried.items() if ended == "done"}
        assert done == {"read a secret", "list a directory"}


@pytest.mark.parametrize(
    ("name", "held"),
    [
        (program.NAME, (LANDLOCK, SECCOMP, True)),
        (f"{program.NAME}_without_filter", (LANDLOCK, False, True)),
        (f"{program.NAME}_without_landlock", (False, SECCOMP, True)),
        (f"{program.NAME}_with_limits_only", (False, False, True)),
    ],
)
def test_what_holds_is_said(capsys, name, held):
    reader = Reader(name)
    assert reader.ask(TASKS.values, budget=SEALING, value=7) == 7
    reader.close()
    said = capsys.readouterr().err
    words = zip(("landlock", "seccomp", "limits"), held, strict=True)
    assert "documents_confined" in said
    assert all(f"{word}={value}" in said for word, value in words)
    assert ("warning" in said) is not all(held)


def test_a_child_knows_no_secret_and_holds_nothing_of_others(reader, monkeypatch):
    monkeypatch.setenv("ESEAL_OPERATOR_TOKEN", "s3cret")
    found = reader.ask(TASKS.standing, b"", budget=SEALING)
    assert "PATH" in found["environment"]
    assert "ESEAL_OPERATOR_TOKEN" not in found["environment"]
    assert len(found["open"]) == 3 + LANDLOCK  # question, answer, the end of it; rules


def test_limits_are_those_of_the_budget():
    reader = Reader(f"{program.NAME}_with_limits_only")
    hard = {name: most for name, (_, most) in reader.ask(TASKS.limits, budget=SEALING).items()}
    assert hard["CPU"] == 21
    assert SEALING.memory < hard["AS"] < SEALING.memory + (1 << 30)
    assert hard["FSIZE"] == SEALING.answer_bytes
    assert (hard["NOFILE"], hard["NPROC"], hard["CORE"]) == (64, 0, 0)
    reader.close()


def test_other_kinds_of_processors_have_no_filter_or_one_of_their_own(monkeypatch):
    assert {len(seccomp.program(name)) % 8 for name in seccomp.MACHINES} == {0}
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert seccomp.for_this_machine() is None
    assert seccomp.install(None) is False


def test_other_systems_have_limits_only(monkeypatch):
    monkeypatch.setattr("sys.platform", "darwin")
    assert Confinement.ready([]) == Confinement(None, None)
    assert landlock.restrict(None) is False
