import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eseal.cli.sealing import apply, batch
from eseal.cli.sealing.apply import _lines, _shown
from eseal.documents.pdf import read
from eseal.service.sealing.applying import Sealing
from eseal.words import Language, speak
from tests.sealed import source_of

FILES = 60
PATIENCE = 60.0
SLOW = """
import itertools, threading
import eseal.cli.sealing.batch as a

a.GROUP_FILES = 4
write, written = a.write_whole, itertools.count()

def write_some(*args, **rest):
    if next(written) >= 40:
        threading.Event().wait()
    write(*args, **rest)

a.write_whole = write_some
"""
"""Groups of a few files, so that the kill falls between two of them wherever it falls, and never
the last files: so it falls before the end however late it comes."""


def history(eseal, seals):
    return eseal("history", "--seal", seals["contract"], "--json").json


@pytest.fixture
def contracts(tmp_path):
    """Many small PDFs, every one another."""
    from fpdf import FPDF

    folder = tmp_path / "contracts"
    folder.mkdir()
    for number in range(FILES):
        pdf = FPDF()
        pdf.add_page()
        pdf.set_font("Helvetica", size=12)
        pdf.cell(text=f"Contract {number}")
        (folder / f"c{number:03}.pdf").write_bytes(bytes(pdf.output()))
    return sorted(folder.iterdir())


def test_a_batch_killed_in_the_middle_is_resumed_and_seals_every_file_once(
    eseal, seals, contracts, data_dir, tmp_path
):
    out = tmp_path / "out"
    arguments = ["apply", *map(str, contracts), "--seal", seals["contract"], "--out", str(out)]
    program = "from eseal.cli import main; main()"
    running = subprocess.Popen(
        [sys.executable, "-c", SLOW + program, "--data-dir", str(data_dir), *arguments],
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE
    while len(list(out.glob("*.pdf")) if out.exists() else []) < 10:
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.001)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    recorded = {use["id"] for use in history(eseal, seals)}
    assert 10 <= len(recorded) < FILES
    shown = eseal(*arguments, "--json")
    assert shown.code == 0, shown.out
    assert [result["file"] for result in shown.json] == [str(path) for path in contracts]
    assert {one["id"] for one in shown.json if one["earlier"]} == recorded
    uses = [use["id"] for use in history(eseal, seals)]
    assert len(uses) == FILES
    assert sorted(uses) == sorted(result["id"] for result in shown.json)
    for path in contracts:
        sealed = (out / f"{path.stem}.sealed.pdf").read_bytes()
        assert source_of(sealed) == hashlib.sha256(path.read_bytes()).digest()
        assert len(read(sealed).seals) == 1
    assert len(list(out.glob("*.sealed.pdf"))) == FILES
    assert list((data_dir / "batches").iterdir()) == []
    assert eseal("audit").code == 0


def test_a_journal_is_named_by_the_options_as_they_are_written(
    monkeypatch, eseal, seals, contracts
):
    """So that a version with more of them, or with other orders, finds what was begun."""
    alike = []
    monkeypatch.setattr(apply, "_apply_each", lambda *given, **_: alike.append(given[5]))
    seal = seals["contract"]
    plain = ("apply", contracts[0], "--seal", seal)
    for more in ((), ("--json",)):
        assert eseal(*plain, *more).code == 0
    assert alike == [{"seal": seal, "out": None}] * 2
    alike.clear()
    options = ("--out", ".", "--level", "b-t", "--at", "1,20,20", "--party", "Buyer", "--no-qr")
    assert eseal(*plain, *options, "--cross-page", "all", "--cross-group", 4, "--force").code == 0
    (named,) = alike
    assert json.loads(json.dumps(named)) == {
        "seal": seal,
        "out": str(Path.cwd()),
        "level": "b-t",
        "at": "1,20,20",
        "parties": ["Buyer"],
        "qr": False,
        "cross_page": "all",
        "cross_group": 4,
        "force": True,
    }


def test_a_use_whose_result_was_not_written_is_fetched_not_sealed_again(
    eseal, seals, contracts, monkeypatch, tmp_path
):
    """Recorded, and then the disk was full: the next run writes what is kept."""
    out = tmp_path / "out"
    asked = ("apply", *contracts[:3], "--seal", seals["contract"], "--out", out, "--json")
    real = batch.write_whole

    def full(target, data, *, force):
        if target.name == "c001.sealed.pdf":
            raise OSError(28, "No space left on device")
        real(target, data, force=force)

    monkeypatch.setattr(batch, "write_whole", full)
    first = eseal(*asked)
    assert [one["error"] and one["error"]["code"] for one in first.json] == [None, "os_error", None]
    monkeypatch.undo()
    second = eseal(*asked)
    assert second.code == 0
    assert [one["id"] for one in second.json] == [one["id"] for one in first.json]
    assert all(one["earlier"] for one in second.json)
    assert len(history(eseal, seals)) == 3
    assert len(list(out.iterdir())) == 3


def test_a_bad_file_is_mended_and_the_same_command_seals_only_that(eseal, seals, contracts):
    bad = contracts[0].with_name("bad.pdf")
    bad.write_bytes(b"no PDF")
    asked = ("apply", *contracts[:2], bad, "--seal", seals["contract"], "--json")
    assert eseal(*asked).code == 1
    bad.write_bytes(contracts[2].read_bytes())
    again = eseal(*asked)
    assert again.code == 0
    assert [one["earlier"] for one in again.json] == [True, True, False]
    assert len(history(eseal, seals)) == 3
    text = eseal(*asked[:-1])
    assert text.code == 1  # the batch is done, its results are in the way as ever


def test_what_changed_meanwhile_is_told(eseal, seals, contracts, tmp_path):
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"no PDF")
    first, second, third = contracts[:3]
    asked = ("apply", first, second, third, bad, "--seal", seals["contract"])
    assert eseal(*asked).code == 1
    first.write_bytes(contracts[4].read_bytes())  # another document now
    result = second.with_name(f"{second.stem}.sealed.pdf")
    result.write_bytes(b"something else")
    third.with_name(f"{third.stem}.sealed.pdf").unlink()
    shown = eseal(*asked, "--json").json
    assert [one["error"]["code"] for one in shown[:3]] == ["conflict", "conflict", "not_found"]
    assert "--force" in shown[2]["error"]["message"]
    assert result.read_bytes() == b"something else"
    assert len(history(eseal, seals)) == 3


def test_ctrl_c_says_how_to_go_on(eseal, seals, contracts, monkeypatch, tmp_path):
    calls = []
    real = Sealing.submit_document

    def submit(self, *args, **rest):
        calls.append(1)
        if len(calls) == 10:
            raise KeyboardInterrupt
        return real(self, *args, **rest)

    monkeypatch.setattr(batch, "GROUP_FILES", 2)
    monkeypatch.setattr(Sealing, "submit_document", submit)
    asked = ("apply", *contracts[:20], "--seal", seals["contract"], "--out", tmp_path / "out")
    shown = eseal(*asked)
    assert shown.code == 130
    assert "of 20 files are done" in shown.err
    assert "run the same command again" in shown.err
    monkeypatch.undo()
    again = eseal(*asked)
    assert again.code == 0
    assert again.out.count("sealed earlier") == 9
    assert len(history(eseal, seals)) == 20


def test_json_tells_what_was_done_before_an_interruption(eseal, seals, contracts, monkeypatch):
    monkeypatch.setattr(batch, "GROUP_FILES", 1)
    real = batch.Applier._read

    def interrupted(self, file):
        if file == contracts[4]:
            raise KeyboardInterrupt
        return real(self, file)

    monkeypatch.setattr(batch.Applier, "_read", interrupted)
    shown = eseal("apply", *contracts[:6], "--seal", seals["contract"], "--json")
    assert shown.code == 130
    assert [one["error"] for one in shown.json] == [None] * 3


def test_files_are_held_in_bounded_groups(eseal, seals, contracts, monkeypatch):
    sizes = []
    from eseal.cli.sealing.journal import Journal

    real = Journal.begin

    def begin(self, entries):
        entries = list(entries)
        sizes.append(len(entries))
        real(self, entries)

    monkeypatch.setattr(Journal, "begin", begin)
    monkeypatch.setattr(batch, "GROUP_BYTES", 2500)
    assert eseal("apply", *contracts[:10], "--seal", seals["contract"]).code == 0
    assert sum(sizes) == 10
    assert max(sizes) <= 3


def test_on_a_terminal_a_bar_and_only_what_failed(monkeypatch):
    from io import StringIO

    from rich.console import Console

    sink = StringIO()
    terminal = Console(file=sink, force_terminal=True, width=100)
    monkeypatch.setattr("eseal.cli.frame.output.console", lambda: terminal)
    with _shown(3, speak(Language.EN)) as show:
        show(batch.Applied(Path("a.pdf"), Path("a.sealed.pdf"), "use"))
        show(batch.Applied(Path("b.pdf"), None, None, "invalid_input", "it is empty"))
        show(batch.Applied(Path("c.pdf"), Path("c.sealed.pdf"), "use"))
    text = sink.getvalue()
    assert "3/3" in text
    assert "failed b.pdf: it is empty" in text
    assert "1 failed" in text
    assert "sealed a.pdf" not in text


def test_what_was_chosen_is_told_with_the_result():
    notes = ("taken is the one beside the company's own name: page 2 at 30, 40 mm",)
    done = batch.Applied(Path("a.pdf"), Path("a.sealed.pdf"), "use", notes=notes)
    assert done.view()["notes"] == list(notes)
    line, note = _lines(done, speak(Language.EN)).splitlines()
    assert line == "sealed a.pdf -> a.sealed.pdf (use use)"
    assert note == f"  note: {notes[0]}"
    assert _lines(done, speak(Language.ZH)).splitlines()[1].endswith(notes[0])
