"""Questions and answers, what they may cost, and what becomes of the process that reads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from eseal.documents.confined import SEALING, VERIFYING, Lane, Reader, asking
from eseal.documents.confined.budget import SHARE
from eseal.documents.pdf.tasks import draw_pages
from eseal.errors import (
    AlreadySealedError,
    ConfigurationError,
    InvalidFormatError,
    InvalidInputError,
    TooCostlyError,
    TooLargeError,
    UnsafeDocumentError,
    UnsupportedDocumentError,
)
from tests.orphans import ends_with_its_starter
from tests.unit.documents.confined import program
from tests.unit.documents.confined.program import TASKS
from tests.unit.documents.confined.watching import PATIENCE, children, settled
from tests.unit.documents.pdf.pictures import laughing

SHORT = replace(SEALING, cpu_seconds=0.2, wall_seconds=5.0)


def test_files_and_values_go_over_and_come_back(reader):
    lengths, joined = reader.ask(
        TASKS.echo, b"abc", [b"de", memoryview(b"xfgx")[1:3]], memoryview(b""),
        budget=SEALING, text="ä", number=1.5, none=None,
    )  # fmt: skip
    assert lengths == [3, 4, 0]
    assert joined == b"abcdefg" + repr({"text": "ä", "number": 1.5, "none": None}).encode()
    assert reader.ask(TASKS.large, budget=SEALING, size=5) == bytes(5)
    assert reader.ask(TASKS.values, budget=SEALING, value=[1, {"a": None}]) == [1, {"a": None}]
    assert reader.ask(TASKS.values, budget=SEALING, value=None) is None


def test_one_warm_process_has_a_child_for_each_question(reader):
    reader.ask(TASKS.values, budget=SEALING, value=1)
    pid = reader._helper.process.pid
    reader.load()
    assert reader.ask(TASKS.values, budget=SEALING, value=2) == 2
    assert reader._helper.process.pid == pid
    assert settled(lambda: children(pid) == [])


def test_only_what_is_listed_can_be_asked_for(reader):
    for task in (program.unlisted, os.getpid, len):
        with pytest.raises(UnsupportedDocumentError):
            reader.ask(task, b"", budget=SEALING)
    assert reader.ask(TASKS.values, budget=SEALING, value=1) == 1


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        (InvalidInputError, {"field": "keyword"}),
        (InvalidFormatError, {}),
        (TooLargeError, {"field": "document"}),
        (UnsupportedDocumentError, {"field": "document"}),
        (AlreadySealedError, {}),
        (TooCostlyError, {}),
        (UnsafeDocumentError, {"reasons": ["javascript", "overlay"]}),
    ],
)
def test_errors_cross_as_what_they_are(reader, kind, more):
    with pytest.raises(InvalidInputError, match=r"no\?\[31m way") as caught:
        reader.ask(TASKS.fail, budget=SEALING, kind=kind.__name__, **more)
    assert type(caught.value) is kind
    assert caught.value.field == more.get("field", "document" if "reasons" in more else None)
    assert getattr(caught.value, "reasons", ()) == tuple(more.get("reasons", ()))


def test_errors_of_the_service_do_not_cross(reader, capsys):
    for ask in (
        lambda: reader.ask(TASKS.fail, budget=SEALING, kind="CorruptionError"),
        lambda: reader.ask(TASKS.stumble, budget=SEALING),
    ):
        with pytest.raises(UnsupportedDocumentError, match="the document cannot be read") as caught:
            ask()
        assert caught.value.field == "document"
        assert not isinstance(caught.value, TooCostlyError)
    assert "KeyError at program.py" in capsys.readouterr().err


def test_processor_time_has_an_end(reader):
    with pytest.raises(TooCostlyError, match=r"more than 0\.2 seconds of processor time") as caught:
        reader.ask(TASKS.spin, budget=SHORT, seconds=60)
    assert caught.value.field == "document"
    assert reader.ask(TASKS.spin, budget=SHORT, seconds=0.01) < 0.2


def test_time_has_an_end(reader):
    with pytest.raises(TooCostlyError, match=r"longer than 0\.2 seconds"):
        reader.ask(TASKS.sleep, budget=replace(SEALING, wall_seconds=0.2), seconds=60)


@pytest.mark.parametrize("name", [program.NAME, f"{program.NAME}_with_limits_only"])
def test_who_stops_the_timers_is_ended_all_the_same(name):
    reader = Reader(name)
    begun = time.monotonic()
    with pytest.raises(TooCostlyError):
        reader.ask(TASKS.defy, budget=replace(SHORT, wall_seconds=2.0))
    assert time.monotonic() - begun < PATIENCE
    assert reader.ask(TASKS.values, budget=SEALING, value=1) == 1
    reader.close()


def test_memory_has_an_end(reader):
    little = replace(SEALING, memory=64 << 20)
    with pytest.raises(TooCostlyError, match="more memory than it may take"):
        reader.ask(TASKS.grow, budget=little, size=256 << 20)
    assert reader.ask(TASKS.grow, budget=little, size=16 << 20) == 16


def test_an_answer_has_an_end(reader):
    small = replace(SEALING, answer_bytes=1000)
    for size in (1001, 64 << 20):
        with pytest.raises(TooCostlyError):
            reader.ask(TASKS.large, budget=small, size=size)
    with pytest.raises(UnsupportedDocumentError):
        reader.ask(TASKS.wordy, budget=SEALING, size=17 << 20)
    assert len(reader.ask(TASKS.large, budget=small, size=1000)) == 1000


def test_a_fault_is_a_fault_of_the_child(reader):
    for task, arguments in ((TASKS.crash, {}), (TASKS.leave, {"code": 0})):
        with pytest.raises(UnsupportedDocumentError, match="broken") as caught:
            reader.ask(task, b"", budget=SEALING, **arguments)
        assert type(caught.value) is UnsupportedDocumentError
    with pytest.raises(ConfigurationError, match="give up"):
        reader.ask(TASKS.leave, budget=SEALING, code=70)


def test_a_page_that_takes_all_memory_or_for_ever_ends_its_own_process(pdfs):
    reader, pdf = Reader(), pdfs.fpdf(1)

    def look(data):
        steps = reader.ask_in_steps(draw_pages, data, budget=VERIFYING, width=400, most=1)
        assert steps.take() == 1
        return steps.take()

    assert look(pdf)
    pid = reader._helper.process.pid
    with pytest.raises(UnsupportedDocumentError, match=r"cost|cannot be read"):
        look(laughing(pdfs))
    assert look(pdf)
    assert reader._helper.process.pid == pid
    reader.close()


def test_the_budget_grows_with_the_file():
    assert VERIFYING.of(1000).cpu_seconds == VERIFYING.cpu_seconds == 2.0
    assert VERIFYING.of(3 * SHARE).cpu_seconds == 5.0
    assert VERIFYING.of(SHARE).memory > VERIFYING.memory + SHARE
    assert (VERIFYING.lane, SEALING.lane) == (Lane.STRANGERS, Lane.COMPANIES)


# The process that reads.


def test_one_that_was_killed_meanwhile_costs_no_answer(reader):
    reader.ask(TASKS.values, budget=SEALING, value=1)
    reader._helper.process.kill()
    reader._helper.process.wait(PATIENCE)
    assert reader.ask(TASKS.values, budget=SEALING, value=2) == 2


def test_one_that_is_killed_at_work_is_asked_again(reader, monkeypatch):
    """Its first work lasts until it is killed, however late that is."""
    reader.ask(TASKS.values, budget=SEALING, value=1)
    pid, ask, lasts = reader._helper.process.pid, reader._asked, iter([50.0, 0.0])
    assert settled(lambda: children(pid) == [])

    def asked_for(task, files, budget, _, turn):
        return ask(task, files, budget, {"seconds": next(lasts)}, turn)

    monkeypatch.setattr(reader, "_asked", asked_for)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(reader.ask, TASKS.sleep, budget=SEALING, seconds=None)
        assert settled(lambda: children(pid) != [])
        (child,) = children(pid)
        reader._helper.process.kill()
        assert asked.result(PATIENCE) is None
    assert reader._helper.process.pid != pid
    assert settled(lambda: not Path(f"/proc/{child}").exists())


def test_one_that_dies_of_every_question_is_given_up(reader, monkeypatch):
    monkeypatch.setattr(reader, "_asked", lambda *_: dies())
    with pytest.raises(UnsupportedDocumentError, match="cannot be read"):
        reader.ask(TASKS.values, budget=SEALING, value=1)


def dies():
    raise asking._GoneError


def test_one_that_says_nothing_is_ended(reader, monkeypatch):
    reader.ask(TASKS.values, budget=SEALING, value=1)
    before = reader._helper.process
    os.kill(before.pid, signal.SIGSTOP)
    monkeypatch.setattr(asking, "_GRACE", 0.1)
    monkeypatch.setattr(asking, "_EXIT_SECONDS", 0.1)
    with pytest.raises(TooCostlyError):
        reader.ask(TASKS.values, budget=replace(SEALING, wall_seconds=0.1), value=1)
    assert before.returncode == -signal.SIGKILL
    assert reader.ask(TASKS.values, budget=SEALING, value=2) == 2


def test_nobody_works_for_one_who_was_interrupted(reader, monkeypatch):
    reader.ask(TASKS.values, budget=SEALING, value=1)
    pid = reader._helper.process.pid

    def interrupted(*_):
        assert settled(lambda: children(pid) != [])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(reader, "_wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            reader.ask(TASKS.sleep, budget=SEALING, seconds=50)
    assert settled(lambda: children(pid) == [])
    assert reader.ask(TASKS.values, budget=SEALING, value=2) == 2
    assert reader._helper.process.pid == pid


def test_one_that_does_not_start_is_no_fault_of_the_document(reader, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    with pytest.raises(ConfigurationError, match=r"does not start: .*No such file"):
        reader.ask(TASKS.values, budget=SEALING, value=1)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ConfigurationError, match="does not start: it ended"):
        reader.ask(TASKS.values, budget=SEALING, value=1)


def test_no_processes_left_are_no_fault_of_the_document():
    reader = Reader(f"{program.NAME}_that_cannot_fork")
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="no process can be started"):
            reader.ask(TASKS.values, budget=SEALING, value=1)
    reader.close()


def test_it_is_the_first_to_go_and_sees_no_secret(reader, monkeypatch):
    monkeypatch.setenv("ESEAL_OPERATOR_TOKEN", "s3cret")
    reader.ask(TASKS.values, budget=SEALING, value=1)
    place = Path("/proc") / str(reader._helper.process.pid)
    assert b"s3cret" not in (place / "environ").read_bytes()
    if os.access("/proc/self/oom_score_adj", os.W_OK):  # not in every container
        assert (place / "oom_score_adj").read_text() == "1000\n"


def test_a_fork_has_one_of_its_own(pdfs, tmp_path):
    (tmp_path / "a.pdf").write_bytes(pdfs.fpdf(1))
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from eseal.documents.confined import READER, SEALING\n"
        "from eseal.documents.viewer.drawn import as_png\n"
        "pdf = Path(sys.argv[1]).read_bytes()\n"
        "ask = lambda: READER.ask(\n"
        "    as_png, pdf, budget=SEALING, dpi=10\n"
        ")\n"
        "found, pid = ask(), READER._helper.process.pid\n"
        "if os.fork() == 0:\n"
        "    os._exit(0 if ask() == found and READER._helper.process.pid != pid else 1)\n"
        "assert os.wait()[1] == 0\n"
        "assert ask() == found and READER._helper.process.pid == pid\n"
    )
    words = [sys.executable, "-W", "ignore", "-c", code, tmp_path / "a.pdf"]
    subprocess.run(words, check=True, timeout=60)


QUIET = (
    "import structlog, sys\n"
    "structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))\n"
)


def test_it_ends_with_a_program_that_is_killed():
    assert ends_with_its_starter(
        QUIET + "from eseal.documents.confined import READER\n"
        "READER.load()\n"
        "print(READER._helper.process.pid, flush=True)"
    )


def test_children_end_with_a_program_that_is_killed():
    assert ends_with_its_starter(
        QUIET + "import threading, time\n"
        "from pathlib import Path\n"
        "from eseal.documents.confined import SEALING, Reader\n"
        "from tests.unit.documents.confined import program\n"
        "reader = Reader(program.NAME)\n"
        "reader.load()\n"
        "work = dict(budget=SEALING, seconds=50)\n"
        "threading.Thread(target=reader.ask, args=[program.TASKS.sleep], kwargs=work).start()\n"
        "pid, found = reader._helper.process.pid, []\n"
        "while not found:\n"
        "    found = Path(f'/proc/{pid}/task/{pid}/children').read_text().split()\n"
        "    time.sleep(0.01)\n"
        "print(found[0], flush=True)"
    )


def test_several_threads_are_answered_at_once(reader):
    reader.load()
    begun = time.monotonic()
    threads = [
        threading.Thread(
            target=reader.ask, args=[TASKS.sleep], kwargs={"budget": SEALING, "seconds": 1.0}
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert time.monotonic() - begun < 3.0
