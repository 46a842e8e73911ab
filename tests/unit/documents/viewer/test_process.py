"""The viewer's process: its limits, what it gives up, and that it is replaced."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from eseal.documents.viewer import Viewer, process
from eseal.documents.viewer.confinement import MEMORY
from eseal.documents.viewer.words import find_words
from eseal.errors import ConfigurationError, UnsupportedDocumentError
from tests.orphans import ends_with_its_starter
from tests.unit.documents.pdf.pictures import laughing

PATIENCE = 20


@pytest.fixture
def viewer():
    made = Viewer()
    yield made
    made.close()


def look(viewer, pdf, keyword="agree", **limits):
    return viewer.ask(find_words, pdf, pages=1, keyword=keyword, backwards=False, most=1, **limits)


def test_one_process_answers_question_after_question(viewer, pdfs):
    pdf = pdfs.fpdf(1)
    ((page, box),) = look(viewer, pdf)
    pid = viewer._helper.process.pid
    assert page == 0
    assert look(viewer, pdf) == [[page, box]]
    assert viewer._helper.process.pid == pid


def test_what_a_task_refuses_is_said_as_it_says_it(viewer, pdfs):
    with pytest.raises(
        UnsupportedDocumentError, match="says it has 1 pages, and shows 2"
    ) as caught:
        look(viewer, pdfs.fpdf(2))
    assert caught.value.field == "document"
    with pytest.raises(UnsupportedDocumentError, match="cannot be shown: TypeError"):
        viewer.ask(find_words, pdfs.fpdf(1))


def test_a_page_that_takes_all_memory_ends_the_viewer_only(viewer, pdfs):
    with pytest.raises(UnsupportedDocumentError, match="too much memory") as caught:
        look(viewer, laughing(pdfs), seconds=300)
    assert caught.value.field == "document"
    assert look(viewer, pdfs.fpdf(1))


def test_a_page_that_takes_for_ever_ends_the_viewer_only(viewer, pdfs):
    look(viewer, pdfs.fpdf(1))
    before = viewer._helper.process
    with pytest.raises(UnsupportedDocumentError, match=r"too long .* more than 0\.01 seconds"):
        look(viewer, laughing(pdfs), seconds=0.01)
    assert before.returncode == -signal.SIGALRM
    assert look(viewer, pdfs.fpdf(1))


def test_a_viewer_that_does_not_end_itself_is_ended(viewer, pdfs, monkeypatch):
    look(viewer, pdfs.fpdf(1))
    before = viewer._helper.process
    os.kill(before.pid, signal.SIGSTOP)
    monkeypatch.setattr(process, "_GRACE", 0.1)
    monkeypatch.setattr(process, "_EXIT_SECONDS", 0.1)
    with pytest.raises(UnsupportedDocumentError, match="too long"):
        look(viewer, pdfs.fpdf(1), seconds=0.1)
    assert before.returncode == -signal.SIGKILL


def test_one_that_was_killed_meanwhile_costs_no_answer(viewer, pdfs):
    look(viewer, pdfs.fpdf(1))
    viewer._helper.process.kill()
    viewer._helper.process.wait(PATIENCE)
    assert look(viewer, pdfs.fpdf(1))


def test_an_interrupted_question_gets_no_answer_to_another(viewer, pdfs, monkeypatch):
    found = look(viewer, pdfs.fpdf(1))
    with monkeypatch.context() as patch:
        patch.setattr(viewer._helper.channel, "receive", interrupt)
        with pytest.raises(KeyboardInterrupt):
            look(viewer, pdfs.fpdf(1), keyword="Clause that is not there")
    assert look(viewer, pdfs.fpdf(1)) == found


def interrupt():
    raise KeyboardInterrupt


def test_one_that_does_not_start_is_no_fault_of_the_document(viewer, pdfs, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    with pytest.raises(ConfigurationError, match=r"does not start: .*No such file"):
        look(viewer, pdfs.fpdf(1))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ConfigurationError, match="does not start: it ended"):
        look(viewer, pdfs.fpdf(1))


def test_several_threads_take_turns(viewer, pdfs):
    pdf, found = pdfs.fpdf(1), []
    threads = [threading.Thread(target=lambda: found.append(look(viewer, pdf))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(found) == 4
    assert all(each == found[0] for each in found)


def test_it_has_limits_and_sees_no_secret(viewer, pdfs, monkeypatch):
    monkeypatch.setenv("ESEAL_OPERATOR_TOKEN", "s3cret")
    look(viewer, pdfs.fpdf(1))
    place = Path("/proc") / str(viewer._helper.process.pid)
    assert b"s3cret" not in (place / "environ").read_bytes()
    limits = (place / "limits").read_text().splitlines()
    soft = {line[:25].strip(): line[26:].split()[0] for line in limits}
    assert soft["Max address space"] == str(MEMORY)
    if os.access("/proc/self/oom_score_adj", os.W_OK):  # not in every container
        assert (place / "oom_score_adj").read_text() == "1000\n"
    assert soft["Max file size"] == soft["Max core file size"] == "0"


GIVES_UP = """
import ctypes, os, socket, subprocess, sys
from pathlib import Path
from eseal.documents.viewer.confinement import confine, limit
allowed, other, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
limit()
kernel = max(0, ctypes.CDLL(None).syscall(444, None, 0, 1))
version = kernel if len(sys.argv) == 4 else 0
assert (confine([allowed]) if version == kernel else False) == (version > 0)
print(version, (allowed / "font").read_text())
def tries(what):
    try:
        what()
    except OSError as error:
        print(type(error).__name__)
    else:
        print("done")
tries((other / "kek").read_bytes)
tries(lambda: os.listdir(other))
tries(lambda: (allowed / "font").write_text("x"))
tries(lambda: (allowed / "new").write_text("x"))
tries(lambda: subprocess.run(["/bin/true"]))
tries(lambda: socket.create_connection(("127.0.0.1", port), 5).close())
tries(lambda: os.kill(os.getppid(), 0))
"""


@pytest.mark.parametrize("more", [[], ["as on a kernel without Landlock"]])
def test_what_a_process_gives_up(tmp_path, more):
    """No file but some, no program, no connection, no signal, as far as the kernel knows how to.

    Without Landlock only the limits are left: no file can grow.
    """
    allowed, other = tmp_path / "fonts", tmp_path / "data"
    allowed.mkdir()
    other.mkdir()
    (allowed / "font").write_text("glyphs")
    (other / "kek").write_text("s3cret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        words = [sys.executable, "-c", GIVES_UP, allowed, other, port, *more]
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    version, font, *tried = done.stdout.split()
    assert font == "glyphs"
    since = [1, 1, 1, 1, 1, 4, 6]
    denied = ["PermissionError" if int(version) >= each else "done" for each in since]
    if version == "0":
        denied[2:4] = ["OSError", "OSError"]
    assert tried == denied
    assert (allowed / "font").read_text() == ("" if version == "0" else "glyphs")


def test_a_kernel_without_it_is_said(viewer, pdfs, monkeypatch):
    monkeypatch.setattr(process, "CONFINED", b"another word")
    said = []
    monkeypatch.setattr(process._log, "warning", lambda event, **_: said.append(event))
    assert look(viewer, pdfs.fpdf(1))
    assert said == ["viewer_not_confined"]


def test_a_fork_has_a_viewer_of_its_own(pdfs, tmp_path):
    (tmp_path / "a.pdf").write_bytes(pdfs.fpdf(1))
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from eseal.documents.viewer import process\n"
        "from eseal.documents.viewer.words import find_words\n"
        "pdf = Path(sys.argv[1]).read_bytes()\n"
        "ask = lambda: process.SEALING.ask(\n"
        "    find_words, pdf, pages=1, keyword='agree', backwards=False, most=1\n"
        ")\n"
        "found, pid = ask(), process.SEALING._helper.process.pid\n"
        "if os.fork() == 0:\n"
        "    os._exit(0 if ask() == found and process.SEALING._helper.process.pid != pid else 1)\n"
        "assert os.wait()[1] == 0\n"
        "assert ask() == found and process.SEALING._helper.process.pid == pid\n"
    )
    words = [sys.executable, "-W", "ignore", "-c", program, tmp_path / "a.pdf"]
    subprocess.run(words, check=True, timeout=60)


def test_it_ends_with_a_program_that_is_killed():
    assert ends_with_its_starter(
        "from eseal.documents.viewer import SEALING\n"
        "print(SEALING._running().process.pid, flush=True)"
    )
