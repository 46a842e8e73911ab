"""Several service processes behind one PostgreSQL append to one log."""

import secrets
import signal
import threading
import time

import httpx
import pytest

from tests.acceptance.conftest import PATIENCE, listening
from tests.acceptance.consortium import COMPANY, Clients, check, make_instance
from tests.integration.conftest import running_anvil

SEALS_SECONDS, ANCHORS_SECONDS = 5 + 3, 15 + 3
"""After so long another process seals, and anchors; some for where others want the processors."""


@pytest.fixture(scope="module")
def node():
    """A chain of this module's own: its blocks are a second apart, as on a network."""
    with running_anvil("--block-time", "1", "--slots-in-an-epoch", "1") as running:
        yield running


@pytest.fixture(scope="module")
def shared(shell, postgres, node):
    """An instance on PostgreSQL and a node, with a company that holds two seals."""
    make_instance(shell, postgres.create(), node.url, ESEAL_ANCHOR_INTERVAL="0.5")
    return shell


@pytest.fixture(scope="module")
def token(shared):
    return shared("token", "create", "--scope", "company", "--company", COMPANY).out.strip()


@pytest.fixture
def serve(shared):
    """Start a process of the service; killed at the end if it still runs."""
    started = []

    def start():
        process = shared.start("serve", "--port", "0")
        started.append(process)
        server = listening(process)
        # Nobody reads what it says from here on: it must not wait for a reader.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        return server

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_two_processes_append_to_one_log(shared, token, serve):
    servers = [serve(), serve()]
    clients = Clients([server.url for server in servers], token, [*shared.seals.values()])
    clients.start(6)
    time.sleep(5)
    clients.stop()
    heads = [httpx.get(f"{server.url}/log/checkpoint", timeout=PATIENCE).text for server in servers]
    assert heads[0] == heads[1]
    assert [server.stop() for server in servers] == [0, 0]
    check(shared, clients)


def test_one_key_sent_to_both_processes_at_once_is_carried_out_once(shared, token, serve):
    servers = [serve(), serve()]
    seal = shared.seals["contract"]
    body = {"digest": {"alg": "sha-256", "value": "ab" * 32}}
    for number in range(10):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"both-{number}"}
        found: list[httpx.Response] = []

        def ask(url: str, headers=headers, found=found) -> None:
            answer = httpx.post(
                f"{url}/v1/seals/{seal}/uses", json=body, headers=headers, timeout=PATIENCE
            )
            found.append(answer)

        threads = [threading.Thread(target=ask, args=(server.url,)) for server in servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in found] == [201, 201]
        assert found[0].json()["id"] == found[1].json()["id"]


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_the_other_process_takes_over_within_seconds(shared, token, serve, end):
    """Also from one that hangs, with the lead and in the middle of a commit."""
    servers = [serve(), serve()]
    clients = Clients([server.url for server in servers], token, [*shared.seals.values()])
    clients.start()
    time.sleep(2)
    leader, other = servers
    leader.process.send_signal(end)
    gone = time.monotonic()
    before = anchored(other.url)
    clients.answered.append(seal_one(other.url, token, shared.seals["contract"]))
    assert time.monotonic() - gone < SEALS_SECONDS
    while anchored(other.url) == before:
        assert time.monotonic() - gone < ANCHORS_SECONDS
        time.sleep(0.1)
    if end == signal.SIGSTOP:  # what it holds in its hands must do no harm when it goes on
        leader.process.send_signal(signal.SIGCONT)
        time.sleep(2)
    clients.stop()
    assert other.stop() == 0
    if end == signal.SIGSTOP:
        assert leader.stop() == 0
    check(shared, clients)


def seal_one(url: str, token: str, seal: str) -> dict:
    """Seal a digest, asked for as often as it takes; the use."""
    until = time.monotonic() + SEALS_SECONDS
    while True:
        answer = httpx.post(
            f"{url}/v1/seals/{seal}/uses",
            json={"digest": {"alg": "sha-256", "value": secrets.token_hex(32)}},
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": secrets.token_hex(8)},
            timeout=PATIENCE,
        )
        if answer.status_code == 201 or time.monotonic() > until:
            return answer.raise_for_status().json()


def anchored(url: str) -> int:
    return httpx.get(f"{url}/v1/ledger", timeout=PATIENCE).json()["head"]["size"]
