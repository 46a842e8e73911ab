"""A full disk, a clock that jumps: nothing sealed, nothing lost, and it goes on afterwards."""

import contextlib
import resource
import threading
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import PATIENCE, listening, wait_until


def apply(server, token, seal, count=1):
    digests = [f"{number:064x}" for number in range(count)]
    body = {"uses": [{"digest": {"alg": "sha-256", "value": digest}} for digest in digests]}
    headers = {"Authorization": f"Bearer {token}"}
    url = f"{server.url}/v1/seals/{seal}/uses:batch"
    return httpx.post(url, json=body, headers=headers, timeout=60)


def unready(server):
    """Why it says that it is not ready; empty if it is."""
    return httpx.get(f"{server.url}/readyz", timeout=PATIENCE).json().get("detail", "")


@pytest.fixture(scope="module")
def token(office):
    made = office(*("token", "create", "--scope", "company", "--company", "vat:DE136695976"))
    return made.out.strip()


def test_a_full_disk_refuses_and_when_there_is_room_again_goes_on(office, token):
    process = office.start("serve", "--port", "0")
    try:
        server = listening(process)
        threading.Thread(target=process.stderr.read, daemon=True).start()
        seal = office.seals["contract"]
        assert apply(server, token, seal).status_code == 200
        before = httpx.get(f"{server.url}/v1/ledger", timeout=PATIENCE).json()["log"]["size"]
        # The kernel lets no file grow any more, as on a full disk.
        limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
        refused = apply(server, token, seal, 500)
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:eseal:problem:database_unreachable"
        wait_until(lambda: "the database cannot be used" in unready(server), "being not ready")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)
        answer = wait_until(
            lambda: (a := apply(server, token, seal, 500)).is_success and a, "sealing again"
        )
        sealed = answer.json()["results"]
        assert [result["use"]["log_index"] for result in sealed] == list(
            range(before, before + 500)
        )
        wait_until(lambda: not unready(server), "being ready again")
        assert server.stop() == 0
    finally:
        process.kill()
        process.communicate()
    audit = office("audit", "--json")
    assert (audit.code, audit.json["disagreements"]) == (0, [])


def test_a_second_service_on_the_same_data_is_refused_in_one_line(office, serve):
    server = serve()
    second = office("serve", "--port", "0")
    assert second.code == 1
    assert "ledger" in second.err
    assert httpx.get(f"{server.url}/readyz", timeout=PATIENCE).is_success
    server.stop()


@pytest.fixture
def wrong_clock(office):
    """Runs a part of a test in processes that see another time, as after a bad NTP answer."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        pytest.fail("faketime is missing; run: sudo apt-get install faketime")

    @contextlib.contextmanager
    def shifted(by):
        faked = {
            "LD_PRELOAD": str(library),
            "FAKETIME": by,
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        office.environment |= faked
        try:
            yield
        finally:
            for name in faked:
                del office.environment[name]

    return shifted


@pytest.mark.parametrize(
    ("by", "words"), [("-1h", "s behind block"), ("+1h", "s ahead, or was set forward")]
)
def test_a_clock_an_hour_off_seals_nothing(office, wrong_clock, by, words):
    office("anchor")
    name = f"late{by}.txt"
    office.write(name, by.encode())
    assert office("apply", name, "--seal", office.seals["contract"], "--out", "first.p7s").code == 0
    office("anchor")
    with wrong_clock(by):
        refused = office.installed("apply", name, "--seal", office.seals["contract"])
        assert refused.code == 1
        assert "clock is 3" in refused.err + refused.out
        assert words in " ".join((refused.err + refused.out).split())
        assert not (office.directory / f"{name}.p7s").exists()
        audit = office.installed("audit", "--json")
        assert (audit.code, audit.json["disagreements"]) == (0, [])
    assert office("apply", name, "--seal", office.seals["contract"]).code == 0
    office("anchor")
    assert office("verify", name).code == 0
