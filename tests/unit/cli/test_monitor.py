"""``eseal monitor`` in this process; ``tests/acceptance/test_monitor.py`` has it as a program."""

import pytest

from eseal.cli.operator import monitor
from eseal.log.rfc9162 import EMPTY_ROOT
from eseal.monitor.alarms import Alarm, AlarmKind, Round
from eseal.monitor.monitor import Monitor

TRUST = b'{"chain_id": 1, "seal_registry": "0x%s", "usage_ledger": "0x%s", "block": 0}' % (
    b"1" * 40,
    b"2" * 40,
)
WELL = Round((), (), "log.example/one", 5, EMPTY_ROOT, 5, 5, None, 1_800_000_000)
ALARM = Alarm(AlarmKind.SPLIT_VIEW, "two heads\x1b[2J", ("evidence/x",))


@pytest.fixture
def watch(run, tmp_path):
    """Run the command; nobody answers at the addresses."""
    trust = tmp_path / "trust.json"
    trust.write_bytes(TRUST)

    def watch(*args):
        return run(
            *("monitor", "--log", "http://127.0.0.1:1/log", "--rpc", "http://127.0.0.1:1"),
            *("--trust", trust, "--state", tmp_path / "state", "--once", *args),
        )

    return watch


@pytest.fixture
def found(monkeypatch):
    """Let the round find something."""

    def let(**changes):
        fields = {slot: getattr(WELL, slot) for slot in Round.__slots__} | changes
        monkeypatch.setattr(Monitor, "round", lambda _self: Round(**fields))

    return let


def test_all_well(watch, found):
    found()
    shown = watch()
    assert (shown.code, shown.out.split(":")[0]) == (0, "WELL  log.example/one")
    assert watch("--json").json["well"] is True


def test_an_alarm_outranks_what_could_not_be_asked(watch, found):
    found(alarms=(ALARM,), undecided=("no answer",))
    shown = watch()
    assert shown.code == 1
    assert "ALARM  split_view: two heads\ufffd[2J" in shown.out
    assert "kept evidence/x" in shown.out
    assert "UNDECIDED  no answer" in shown.out


def test_nobody_answers(watch, monkeypatch):
    monkeypatch.setattr("eseal.monitor.client.WAIT_SECONDS", 0)
    shown = watch("--json")
    assert (shown.code, shown.json["alarms"], len(shown.json["undecided"])) == (3, [], 1)


@pytest.mark.parametrize(
    "args",
    [
        ("--metrics", "9100"),
        ("--metrics", "127.0.0.1:x"),
        ("--metrics", "127.0.0.1:99999"),
        ("--interval", "0"),
        ("--trust", "/dev/null"),
    ],
)
def test_wrong_usage_is_2_and_never_an_alarm(watch, args):
    shown = watch(*args)
    assert (shown.code, shown.out) == (2, "")


def test_metrics_are_served_while_it_runs(watch, found):
    found()
    shown = watch("--metrics", "127.0.0.1:0")
    assert (shown.code, "metrics at port" in shown.err) == (0, True)


def test_a_damaged_state_is_2(watch, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "state.json").write_text("damaged")
    shown = watch()
    assert (shown.code, "state.json" in shown.err) == (2, True)


def test_without_ledger_there_is_nothing_to_compare_with():
    with pytest.raises(monitor.ConfigurationError, match="--rpc"):
        monitor._required(None)
