"""Several service processes behind one PostgreSQL append to one log."""

import re
import threading
import time

import httpx
import pytest

from eseal.config import Settings
from eseal.service.service import Service
from eseal.store.uses import UseRepository
from tests.acceptance.conftest import Shell, listening
from tests.acceptance.consortium import Clients
from tests.integration.conftest import running_anvil

TAKEOVER_SECONDS = 5


@pytest.fixture(scope="module")
def node():
    """A chain of this module's own: its blocks are a second apart, as on a network."""
    with running_anvil("--block-time", "1", "--slots-in-an-epoch", "1") as running:
        yield running


@pytest.fixture(scope="module")
def shared(shell, postgres, node):
    """An instance on PostgreSQL and a node, with a company that holds two seals."""
    shell.environment |= {
        "ESEAL_DATABASE_URL": postgres.create(),
        "ESEAL_LEDGER_URL": node.url,
        "ESEAL_ANCHOR_INTERVAL": "0.5",
    }
    poor = shell("init", "--name", "Trial Office")
    for account in re.findall(r"0x[0-9a-fA-F]{40}", poor.err):
        fund(node.url, account)
    assert shell("init", "--name", "Trial Office").code == 0
    added = shell(
        *("company", "add", "--name", "Elbe Teekontor GmbH", "--id", "lei:213800KUD8LAJWSQ9D15"),
        *("--seals", "contract,finance", "--json"),
    )
    assert added.code == 0, added.err
    shell.seals = {seal["type"]: seal["id"] for seal in added.json["seals"]}
    return shell


@pytest.fixture(scope="module")
def token(shared):
    made = shared(
        *("token", "create", "--scope", "company", "--company", "lei:213800KUD8LAJWSQ9D15")
    )
    return made.out.strip()


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


def fund(url: str, account: str) -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "anvil_setBalance"}
    answer = httpx.post(url, json=request | {"params": [account, hex(10**19)]})
    assert "error" not in answer.json()


def check(shared: Shell, clients: Clients) -> None:
    """What was answered is on record once, in gapless histories, and the audit is clean."""
    settings = Settings.load(
        data_dir=shared.directory / "eseal-data",
        database_url=shared.environment["ESEAL_DATABASE_URL"],
        ledger_url=shared.environment["ESEAL_LEDGER_URL"],
    )
    with Service.open(settings) as service:
        service.anchoring.anchor()
        audit = service.audit.run()
        assert audit.disagreements == ()
        assert audit.pending == 0
        known: dict[str, int] = {}
        with service.context.database.read() as connection:
            for seal in shared.seals.values():
                uses = UseRepository(connection).of_seal(seal)
                assert [use.seq for use in uses] == list(range(1, len(uses) + 1))
                known |= {use.id: use.log_index for use in uses}
    ids = [use["id"] for use in clients.answered]
    assert len(set(ids)) == len(ids), "a use was answered twice under two keys"
    assert {use["id"]: use["log_index"] for use in clients.answered}.items() <= known.items()


def test_two_processes_append_to_one_log(shared, token, serve):
    servers = [serve(), serve()]
    clients = Clients([server.url for server in servers], token, [*shared.seals.values()])
    clients.start(6)
    time.sleep(5)
    clients.stop()
    heads = [httpx.get(f"{server.url}/log/checkpoint").text for server in servers]
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
            found.append(httpx.post(f"{url}/v1/seals/{seal}/uses", json=body, headers=headers))

        threads = [threading.Thread(target=ask, args=(server.url,)) for server in servers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in found] == [201, 201]
        assert found[0].json()["id"] == found[1].json()["id"]


def test_the_other_process_takes_over_within_seconds(shared, token, serve):
    servers = [serve(), serve()]
    clients = Clients([server.url for server in servers], token, [*shared.seals.values()])
    clients.start()
    time.sleep(2)
    servers[0].process.kill()
    died = time.monotonic()
    before = anchored(servers[1].url)
    answered = len(clients.answered)
    while len(clients.answered) == answered:
        assert time.monotonic() - died < TAKEOVER_SECONDS
        time.sleep(0.05)
    while anchored(servers[1].url) == before:
        assert time.monotonic() - died < TAKEOVER_SECONDS + 5
        time.sleep(0.1)
    clients.stop()
    assert servers[1].stop() == 0
    check(shared, clients)


def anchored(url: str) -> int:
    return httpx.get(f"{url}/v1/ledger").json()["head"]["size"]
