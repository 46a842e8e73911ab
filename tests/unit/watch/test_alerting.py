import json
import sys

import httpx
import pytest

from eseal.errors import ConfigurationError, InvalidInputError
from eseal.monitor.metrics import serve_metrics
from eseal.watch.alarms import AlarmKind, Finding, LogProgress, Round
from eseal.watch.rounds.alerting import Teller, WatchMetrics

FOUND = Finding(AlarmKind.HIDDEN_USE, "ab-7", "leaf 7", "Company")
NOTICE = Finding(AlarmKind.VOLUME_OPENED, "ab-1", "volume 1")


def done(*findings, undecided=()):
    logs = (LogProgress(bytes(32), 5, 9),)
    return Round(findings, findings, undecided, logs, 3, 2, 1_800_000_000)


def test_a_notice_is_no_alarm_and_an_alarm_outranks_what_could_not_be_asked():
    assert done().exit_code == done(NOTICE).exit_code == 0
    assert done(FOUND, undecided=("x",)).exit_code == 1
    assert done(NOTICE, undecided=("x",)).exit_code == 3
    told = done(FOUND).to_dict()
    assert (told["well"], told["findings"][0]["new"]) == (False, True)
    assert told["findings"][0]["alarm"] == "hidden_use"


def test_a_command_gets_each_finding(tmp_path):
    out = tmp_path / "out"
    script = f"import sys; open({str(out)!r}, 'a').write(sys.stdin.read() + '\\n')"
    teller = Teller(f'{sys.executable} -c "{script}"')
    assert teller.tell((FOUND, NOTICE)) is None
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(line["alarm"], line["severity"]) for line in lines] == [
        ("hidden_use", "alarm"),
        ("volume_opened", "notice"),
    ]


@pytest.mark.parametrize(
    ("command", "why"), [("false", "code 1"), ("/nowhere/to/be/found", "FileNotFoundError")]
)
def test_a_command_that_fails_is_said(command, why):
    assert why in Teller(command).tell((FOUND,))
    assert Teller(command).tell(()) is None


def test_a_webhook_gets_each_finding():
    asked = []

    def answer(request):
        asked.append(json.loads(request.content))
        return httpx.Response(204)

    teller = Teller(webhook="https://h.test/x", transport=httpx.MockTransport(answer))
    assert teller.tell((FOUND, NOTICE)) is None
    assert [one["key"] for one in asked] == ["ab-7", "ab-1"]


def test_a_webhook_that_fails_is_said_without_its_secret():
    def fail(_request):
        raise httpx.ConnectError("https://user:secret@h.test")

    for answer, why in ((fail, "ConnectError"), (lambda _: httpx.Response(500), "500")):
        teller = Teller(webhook="https://h.test/secret", transport=httpx.MockTransport(answer))
        said = teller.tell((FOUND,))
        assert why in said
        assert "secret" not in said


def test_wrong_usage():
    with pytest.raises(InvalidInputError, match="--on-alarm"):
        Teller("'unclosed")
    with pytest.raises(InvalidInputError, match="--webhook"):
        Teller(webhook="ftp://x")


def test_what_prometheus_sees(tmp_path):
    metrics = WatchMetrics()
    metrics.update(done())
    metrics.update(done(FOUND, undecided=("x",)))
    metrics.write(tmp_path / "watch.prom")
    port, stop = serve_metrics(metrics.registry, "127.0.0.1", 0, "--listen")
    try:
        served = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        with pytest.raises(ConfigurationError, match="--listen"):
            serve_metrics(WatchMetrics().registry, "127.0.0.1", port, "--listen")
    finally:
        stop()
    for text in (served, (tmp_path / "watch.prom").read_text()):
        assert {
            'eseal_watch_rounds_total{outcome="well"} 1.0',
            'eseal_watch_rounds_total{outcome="alarm"} 1.0',
            'eseal_watch_findings{alarm="hidden_use"} 1.0',
            'eseal_watch_findings{alarm="torn_twice"} 0.0',
            "eseal_watch_unopened_leaves 1.0",
            "eseal_watch_unread_leaves 4.0",
            "eseal_watch_last_well_timestamp_seconds 1.8e+09",
        } <= set(text.splitlines())
