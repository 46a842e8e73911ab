import os
import shutil

import pytest

from eseal.cli.frame import command
from eseal.service.service import Service


def test_an_error_is_one_line_on_stderr(eseal):
    shown = eseal("apply", "x.pdf", "--seal", "no-such-seal")
    assert shown.code == 1
    assert shown.out == ""
    assert (
        shown.err
        == "error: no seal 'no-such-seal': expected its id (eseal seal list) or its handle\n"
    )


def test_in_another_language_the_sentence_stands_before_the_exact_words(eseal):
    shown = eseal("apply", "x.pdf", "--seal", "no-such-seal", "--lang", "zh")
    assert shown.code == 1
    exact = "no seal 'no-such-seal': expected its id (eseal seal list) or its handle"
    assert shown.err.splitlines() == [
        f"错误: 没有登记这样的内容。 [{exact}]",
        "  现在该怎么办: 请检查编号或名称，并在列表中查找。",
    ]
    before = eseal("--lang", "zh", "apply", "x.pdf", "--seal", "no-such-seal")
    assert before.err == shown.err, "before the command as well as behind it"
    plain = eseal("apply", "x.pdf", "--seal", "no-such-seal", "--lang", "zh", "--json")
    assert plain.error["message"] == exact


def test_another_language_than_ours_is_wrong_usage(eseal):
    assert eseal("--lang", "fr", "seal", "list").code == 2
    assert eseal("seal", "list", LANG="fr_FR.UTF-8").code == 0, "a locale is only a wish"


def test_with_json_an_error_is_an_object_on_stderr(eseal):
    shown = eseal("company", "add", "--name", "Firm", "--id", "uscc:91330100799655058C", "--json")
    assert shown.code == 2
    assert shown.out == ""
    assert shown.error["code"] == "invalid_input"
    assert shown.error["field"] == "registration_id"
    assert "check character" in shown.error["message"]


def test_a_data_directory_without_instance_says_what_to_run(run, tmp_path):
    shown = run("--data-dir", tmp_path, "seal", "list")
    assert shown.code == 1
    assert "eseal init" in shown.err


def test_an_unusable_variable_is_named(eseal):
    shown = eseal("seal", "list", ESEAL_PORT="http")
    assert shown.code == 1
    assert shown.err == "error: ESEAL_PORT: expected a valid integer, got 'http'\n"


def test_an_error_of_the_system_is_a_line(eseal, data_dir):
    (data_dir / "trust.json").unlink()
    (data_dir / "trust.json").mkdir()
    shown = eseal("verify", __file__)
    assert shown.code == 2
    assert shown.err.startswith("error: Is a directory:")
    assert shown.err.count("\n") == 1


def test_a_full_disk_that_names_no_file_says_where_to_look(eseal, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("eseal.cli.verifying.verify.read_limited", full)
    shown = eseal("verify", __file__)
    assert shown.err.startswith("error: No space left on device: look at the disks of ")


@pytest.fixture
def broken(monkeypatch):
    """A fault in the program."""

    def fail(*_args):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(Service, "open", fail)


@pytest.mark.usefixtures("broken")
def test_a_fault_of_the_program_is_one_line_and_exit_code_70(eseal):
    shown = eseal("seal", "list")
    assert shown.code == 70
    assert shown.err == (
        "error: internal error: RuntimeError: two lines (run with ESEAL_DEBUG=1 for the trace)\n"
    )


@pytest.mark.usefixtures("broken")
def test_the_trace_is_shown_on_request(eseal):
    shown = eseal("seal", "list", ESEAL_DEBUG="1")
    assert shown.code == 70
    assert "Traceback" in shown.err


def test_interrupted_is_exit_code_130(eseal, monkeypatch):
    def interrupt(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Service, "open", interrupt)
    assert eseal("seal", "list").code == 130


def test_the_records_name_the_user_or_a_number(monkeypatch):
    assert command.actor().name.startswith("cli:")

    def nameless():
        raise KeyError("no such uid")

    monkeypatch.setattr(command.getpass, "getuser", nameless)
    assert command.actor().name == f"cli:{os.getuid()}"


def test_a_wrong_key_is_told_without_trace(eseal, data_dir, tmp_path):
    shutil.copytree(data_dir, tmp_path / "other")
    (data_dir / "kek").unlink()
    shown = eseal("seal", "list")
    assert shown.code == 1
    assert shown.err.startswith("error: ")
    assert shown.err.count("\n") == 1
