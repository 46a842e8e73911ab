"""A monitor and witnesses as other parties run them: programs of their own, no account."""

import json
import re
import shutil
import time

import httpx
import pytest

from eseal.documents.evidence import Evidence
from eseal.log.checkpoint import parse_checkpoint
from eseal.log.receipt import Receipt
from eseal.log.tiles import TileCoordinate, tile_path
from eseal.witness.request import AddCheckpoint
from tests.acceptance.conftest import PATIENCE

WITNESSES = ("w1", "w2", "w3")


@pytest.fixture(scope="module")
def site(office, serve):
    """The instance, served; it anchors only when told. ``fork-data`` is a copy of its past."""
    office.environment = {"ESEAL_ANCHOR_INTERVAL": "3600"}
    seal_file(office, "first.txt")
    assert office("anchor").code == 0
    shutil.copytree(office.directory / "eseal-data", office.directory / "fork-data")
    shutil.copy(office.directory / "eseal-data" / "trust.json", office.directory / "trust.json")
    return serve()


@pytest.fixture(scope="module")
def fork(serve, site):
    """The same log key, the same past, and another history from there."""
    del site
    return serve("--data-dir", "fork-data")


def seal_file(office, name, *args):
    office.write(name, name.encode())
    assert office("apply", name, "--seal", office.seals["contract"], *args).code == 0


def monitor(office, log, rpc, state, *args):
    return office(
        *("monitor", "--log", f"{log.url}/log", "--rpc", f"{rpc.url}/rpc"),
        *("--trust", "trust.json", "--state", state, "--once", "--json", *args),
    )


def test_a_monitor_tells_well_from_wrong(office, site, fork):
    well = monitor(office, site, site, "state")
    assert (well.code, well.json["well"], well.json["compared"]) == (0, True, 1), well

    # leaves that nobody anchors
    seal_file(office, "second.txt")
    assert monitor(office, site, site, "state", "--stall-after", "1").code == 0
    time.sleep(2.1)
    stalled = monitor(office, site, site, "state", "--stall-after", "1")
    assert (stalled.code, alarms(stalled)) == (1, ["anchor_stalled"])
    assert office("anchor").code == 0
    assert monitor(office, site, site, "state", "--stall-after", "1").json["compared"] == 2

    # the ledger holds a head this log does not have
    ahead = monitor(office, fork, site, "fresh-state")
    assert (ahead.code, alarms(ahead)) == (1, ["ledger_ahead"])

    # the same key signs another history
    seal_file(office, "other.txt", "--data-dir", "fork-data")
    split = monitor(office, fork, site, "state")
    assert (split.code, alarms(split)) == (1, ["split_view"])
    kept = [office.directory / "state" / name for name in split.json["alarms"][0]["evidence"]]
    roots = {
        parse_checkpoint(path.read_bytes()).checkpoint.root
        for path in kept
        if path.suffix == ".checkpoint"
    }
    assert len(roots) == 2
    mismatch = monitor(office, fork, site, "another-state")
    assert (mismatch.code, alarms(mismatch)) == (1, ["anchor_mismatch"])

    # nobody there is not a forgery
    assert monitor(office, site, site, "state").code == 0
    assert fork.stop() == 0
    assert monitor(office, fork, site, "state").code == 3
    assert monitor(office, site, fork, "state").code == 3


def alarms(ran):
    return [alarm["alarm"] for alarm in ran.json["alarms"]]


def test_a_monitor_that_stays_has_metrics_and_stops_when_told(office, site, wait_for, free_port):
    process = office.start(
        *("monitor", "--log", f"{site.url}/log", "--rpc", f"{site.url}/rpc"),
        *("--trust", "trust.json", "--state", "long-state", "--interval", "1"),
        *("--metrics", f"127.0.0.1:{free_port}"),
    )
    try:

        def rounds():
            try:
                text = httpx.get(f"http://127.0.0.1:{free_port}/metrics").text
            except httpx.TransportError:
                return False
            well = re.search(r'^\w+_rounds_total{outcome="well"} (.+)$', text, re.MULTILINE)
            return well is not None and float(well[1]) >= 2

        wait_for(rounds, "a second round")
        process.terminate()
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert out.startswith("WELL")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--log", "ftp://x", "--rpc", "http://127.0.0.1:1"),
        ("--log", "http://x/log", "--rpc", "127.0.0.1:1"),
        ("--log", "http://x/log", "--rpc", "http://127.0.0.1:1", "--metrics", "9100"),
        ("--log", "http://x/log"),
    ],
)
@pytest.mark.usefixtures("site")
def test_wrong_usage_is_never_an_alarm(office, arguments):
    ran = office("monitor", *arguments, "--trust", "trust.json", "--state", "s", "--once")
    assert ran.code == 2
    assert ran.err


class HttpTiles:
    """The log's tiles, as the client of a witness reads them."""

    def __init__(self, url):
        self.url = url

    def tile(self, level, index, width):
        path = tile_path(TileCoordinate(level, index, width))
        found = httpx.get(f"{self.url}/log/{path}", timeout=PATIENCE)
        return found.raise_for_status().content


@pytest.fixture(scope="module")
def witnesses(office, site):
    """Three witnesses, served, that know the log: URL and key by name."""
    known = monitor(office, site, site, "key-state").json
    running, processes = {}, []
    for name in WITNESSES:
        made = office("witness", "init", "--dir", name, "--name", f"{name}.example", "--json")
        assert made.code == 0
        process = office.start("witness", "serve", "--dir", name, "--port", "0")
        processes.append(process)
        event = json.loads(next(line for line in process.stderr if "listening" in line))
        running[name] = f"http://{event['host']}:{event['port']}", made.json["vkey"]
        # while it serves already
        assert (
            office("witness", "add-log", "--dir", name, known["origin"], known["log_key"]).code == 0
        )
    yield running
    for process in processes:
        process.terminate()
        process.communicate(timeout=60)
        assert process.returncode == 0


def test_every_status_of_the_protocol(office, site, witnesses):
    url, vkey = witnesses["w3"]
    shown = parse_checkpoint(httpx.get(f"{site.url}/log/checkpoint", timeout=PATIENCE).content)
    size = shown.checkpoint.size

    def ask(old, proof=(), note=shown):
        body = note if isinstance(note, bytes) else AddCheckpoint(old, proof, note).encode()
        answer = httpx.post(f"{url}/add-checkpoint", content=body, timeout=PATIENCE)
        return answer.status_code, answer.headers["content-type"], answer.content

    assert ask(0, note=b"garbage")[0] == 400
    assert ask(size + 1)[0] == 400
    stranger = shown.note.replace(shown.checkpoint.origin.encode(), b"other.example/log")
    assert ask(0, note=parse_checkpoint(stranger))[0] == 404
    forged = shown.note.replace(b"\n%d\n" % size, b"\n%d\n" % (size + 7), 1)
    assert ask(0, note=parse_checkpoint(forged))[0] == 403
    assert ask(1, (bytes(32),)) == (409, "text/x.tlog.size", b"0\n")
    assert ask(0, (bytes(32),))[0] == 422
    status, _, line = ask(0)
    assert (status, line.startswith("— w3.example ".encode())) == (200, True)
    assert ask(0) == (409, "text/x.tlog.size", b"%d\n" % size)
    assert httpx.get(f"{url}/add-checkpoint", timeout=PATIENCE).status_code == 405
    long = httpx.post(f"{url}/add-checkpoint", content=b"x" * (1 << 20), timeout=PATIENCE)
    assert long.status_code == 413
    assert httpx.get(f"{url}/healthz", timeout=PATIENCE).is_success
    told = office("witness", "show", "--dir", "w3", "--json").json
    assert (told["vkey"], told["logs"]) == (
        vkey,
        [{"origin": shown.checkpoint.origin, "size": size}],
    )


def test_k_of_n_witnesses_demanded_on_the_command_line(office, site, witnesses):
    """Two witnesses cosign what is anchored; a verifier demands one, two, three of three."""
    listed = [{"url": url, "vkey": vkey} for url, vkey in (witnesses["w1"], witnesses["w2"])]
    office.write("witnesses.json", json.dumps({"witnesses": listed}).encode())
    office.environment["ESEAL_WITNESSES"] = "witnesses.json"
    seal_file(office, "contract.txt")
    assert office("anchor").code == 0
    del office.environment["ESEAL_WITNESSES"]
    published = httpx.get(f"{site.url}/log/checkpoint", timeout=PATIENCE).content
    assert published.count("\n\N{EM DASH} w".encode()) == 2, "the log publishes what was cosigned"
    use = office("history", "--seal", office.seals["contract"], "--json").json[-1]
    assert office("evidence", use["id"], "--out", "cosigned.eseal.json").code == 0
    evidence = Evidence.parse((office.directory / "cosigned.eseal.json").read_bytes())
    assert Receipt.parse(evidence.receipt).checkpoint.note == published

    keys = [vkey for _, vkey in witnesses.values()]
    expected = {1: (0, "authentic"), 2: (0, "authentic"), 3: (3, "witnesses_missing")}
    for threshold, (code, finding) in expected.items():
        policy = {"witnesses": {"threshold": threshold, "keys": keys}}
        office.write("policy.json", json.dumps(policy).encode())
        shown = office(
            *("verify", "contract.txt", "--evidence", "cosigned.eseal.json"),
            *("--policy", "policy.json", "--json"),
        )
        assert (shown.code, shown.json["finding"]) == (code, finding)
        (check,) = [c for c in shown.json["checks"] if c["name"] == "witnesses"]
        assert "cosigned by 2 of 3 witnesses" in check["detail"]
    office.write("policy.json", b"{}")
    assert office("verify", "contract.txt", "--policy", "policy.json").code == 2


def test_the_log_is_served_to_the_end(site):
    assert site.stop() == 0
