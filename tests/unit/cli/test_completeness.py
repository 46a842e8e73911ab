"""``eseal verify --completeness`` in this process; ``tests/acceptance`` has it as a program."""

import httpx
import pytest

from eseal.cli.verifying import completeness
from eseal.cli.verifying.completeness import FilesOfLog
from eseal.errors import InvalidProofError
from eseal.log.rfc9162 import leaf_hash
from eseal.monitor.client import LeavesMissingError, LogClient
from eseal.watch.alarms import AlarmKind, Finding
from eseal.watch.history.completeness import Completeness
from eseal.watch.history.openings import Opened
from eseal.watch.history.period import PeriodTickets
from tests.unit.watch.test_period import PERIOD

LOG = ("--log", "http://127.0.0.1:1/log")
NODE = ("--rpc", "http://127.0.0.1:1")
WELL = Completeness(PERIOD, (), (), None, 1, {12: Opened("k", b"d" * 32)}, 3)
HIDDEN = Finding(AlarmKind.HIDDEN_USE, "ab-7", "ticket 0/7\x1b[2J")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tickets.json"
    path.write_bytes(PERIOD.encode())
    return path


@pytest.fixture
def trust(tmp_path):
    path = tmp_path / "trust.json"
    path.write_bytes(
        b'{"chain_id": 1, "seal_registry": "0x%s", "usage_ledger": "0x%s", "block": 0}'
        % (b"1" * 40, b"2" * 40)
    )
    return path


@pytest.fixture
def found(monkeypatch):
    """Let the check find something."""

    def let(**changes):
        fields = {slot: getattr(WELL, slot) for slot in Completeness.__slots__} | changes

        def check(period, **_):
            assert isinstance(period, PeriodTickets)
            return Completeness(**fields)

        monkeypatch.setattr(completeness, "check_completeness", check)

    return let


def test_complete_and_not(run, file, trust, found):
    asked = ("verify", "--completeness", file, *LOG, *NODE, "--trust", trust)
    found()
    shown = run(*asked)
    assert (shown.code, shown.out[:8]) == (0, "COMPLETE"), shown
    assert str(trust) in shown.err, "it says what it trusts"
    shown = run(*asked, "--json").json
    assert (shown["complete"], shown["outside"]) == (True, 3)
    assert shown["opened"] == [{"log_index": 12, "record": "k", "digest": (b"d" * 32).hex()}]
    found(findings=(HIDDEN,), undecided=("a volume is missing",))
    shown = run(*asked)
    assert shown.code == 1
    assert "ALARM  hidden_use:ab-7: ticket 0/7" in shown.out
    assert "\x1b" not in shown.out
    assert "UNDECIDED  a volume is missing" in shown.out
    found(undecided=("a volume is missing",))
    assert run(*asked).code == 3


def test_nobody_answers(run, file, trust):
    shown = run("verify", "--completeness", file, *LOG, *NODE, "--trust", trust)
    assert (shown.code, shown.out[:9]) == (3, "UNDECIDED"), shown


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((*NODE,), "needs a log to read"),
        ((*LOG,), "needs a ledger to ask"),
        ((*LOG, *NODE), "give --trust FILE"),
        ((*LOG, *NODE, "--save-evidence", "x.eseal.json"), "nothing of a document"),
    ],
)
def test_wrong_usage_is_never_a_finding(run, file, args, expected):
    shown = run("verify", "--completeness", file, *args)
    assert (shown.code, expected in shown.err) == (2, True), shown


def test_no_log(run, file, trust):
    shown = run(*("verify", "--completeness", file, "--log", "ftp://a", *NODE, "--trust", trust))
    assert (shown.code, "log: expected a URL" in shown.err) == (2, True), shown
    shown = run(*("verify", "--completeness", file, "--log", "copy", *NODE, "--trust", trust))
    assert (shown.code, "or a directory that is there" in shown.err) == (2, True), shown


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "eseal seal tickets"),
        (b"{}", "with the members certificate, "),
        (b"%PDF-1.7\xff", "eseal seal tickets"),
        (b"[" * 100_000, "eseal seal tickets"),
    ],
)
def test_another_file(run, file, trust, data, expected):
    file.write_bytes(data)
    shown = run("verify", "--completeness", file, *LOG, *NODE, "--trust", trust, "--json")
    assert (shown.code, shown.error["code"]) == (2, "invalid_format")
    assert str(file) in shown.error["message"]
    assert expected in shown.error["message"]


def test_anybodys_list(run, file, trust, monkeypatch):
    def check(*_, **__):
        raise InvalidProofError("this may be anybody's list")

    monkeypatch.setattr(completeness, "check_completeness", check)
    shown = run("verify", "--completeness", file, *LOG, *NODE, "--trust", trust)
    assert (shown.code, "anybody's list" in shown.err) == (2, True)


def test_a_log_on_disk(tmp_path):
    leaves = [bytes([n]) * 72 for n in range(3)]
    path = tmp_path / "tile" / "entries" / "000.p"
    path.mkdir(parents=True)
    (path / "3").write_bytes(b"".join(len(leaf).to_bytes(2) + leaf for leaf in leaves))
    hashes = tmp_path / "tile" / "0" / "000.p"
    hashes.mkdir(parents=True)
    (hashes / "3").write_bytes(b"".join(map(leaf_hash, leaves)))
    log = LogClient("http://directory", transport=FilesOfLog(tmp_path))
    assert list(log.leaves(0, 3)) == leaves
    assert log.tile(0, 0, 3)[:32] == leaf_hash(leaves[0])
    with pytest.raises(LeavesMissingError):
        list(log.leaves(0, 4))
    asked = httpx.Request("GET", "http://directory/tile")
    assert FilesOfLog(tmp_path).handle_request(asked).status_code == 404
