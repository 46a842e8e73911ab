import subprocess
import sys
from importlib.metadata import version

COMMANDS = (
    *("init", "serve", "demo", "company", "seal", "apply"),
    *("anchor", "verify", "evidence", "history", "audit", "token"),
)


def test_help_names_every_command(run):
    shown = run("--help")
    assert shown.code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in shown.out


def test_it_says_which_version_it_is(run):
    told = run("--version")
    assert (told.code, told.out.split()) == (0, ["eseal", version("eseal")])


def test_a_shell_is_told_how_to_complete_commands(run):
    asked = {"_ESEAL_COMPLETE": "complete_bash", "COMP_WORDS": "eseal ver", "COMP_CWORD": "1"}
    told = run(**asked)
    assert (told.code, told.out.split()) == (0, ["verify"])


def test_no_command_shows_help_and_is_wrong_usage(run):
    shown = run()
    assert shown.code == 2
    assert "Usage:" in shown.out + shown.err


def test_unknown_command_is_wrong_usage_and_names_the_nearest(run):
    shown = run("verfy", "x")
    assert shown.code == 2
    assert "Did you mean 'verify'" in shown.err


def test_unknown_file_is_wrong_usage(run):
    shown = run("verify", "no-such-file.pdf")
    assert shown.code == 2
    assert "no-such-file.pdf" in shown.err


def test_help_does_not_load_the_heavy_parts():
    code = (
        "import sys\n"
        "from eseal.cli.app import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'web3', 'eth', 'sqlalchemy', 'pyhanko', 'cryptography', 'pydantic_settings',"
        " 'fastapi', 'httpx', 'structlog'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_data_dir_before_and_after_the_command(run, data_dir):
    before = run("--data-dir", data_dir, "company", "list", "--json")
    after = run("company", "list", "--json", "--data-dir", data_dir)
    by_variable = run("company", "list", "--json", ESEAL_DATA_DIR=str(data_dir))
    assert before.code == after.code == by_variable.code == 0
    assert before.json == after.json == by_variable.json
    assert len(before.json) == 1


def test_data_dir_after_the_command_wins_over_the_variable(run, data_dir, tmp_path):
    elsewhere = str(tmp_path / "nothing-here")
    shown = run("company", "list", "--json", "--data-dir", data_dir, ESEAL_DATA_DIR=elsewhere)
    assert shown.code == 0
    shown = run("--data-dir", data_dir, "company", "list", "--json", ESEAL_DATA_DIR=elsewhere)
    assert shown.code == 0


def test_only_the_root_tells_how_to_complete(run):
    assert "--install-completion" in run("--help").out
    assert "--install-completion" not in run("seal", "list", "--help").out
