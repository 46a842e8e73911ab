"""A database that comes back older under running services: a failover that lost commits."""

from __future__ import annotations

import secrets
import shutil
import threading

import httpx
import pytest

from tests.acceptance.conftest import PATIENCE, Shell, listening, wait_until
from tests.acceptance.consortium import COMPANY, make_instance
from tests.integration.conftest import running_anvil
from tests.postgres import Postgres

LATER = "3600"
"""Seconds between two anchors: the ledger is to know nothing of what is lost."""
LOST = 3


@pytest.fixture
def cluster():
    server = Postgres()
    yield server
    server.close()


@pytest.fixture
def machines(shell, cluster, tmp_path):
    """Two machines with one instance: each has a data directory of its own."""
    with running_anvil() as node:
        make_instance(shell, cluster.create(), node.url, ESEAL_ANCHOR_INTERVAL=LATER)
        other = Shell(tmp_path / "other")
        shutil.copytree(shell.directory, other.directory, dirs_exist_ok=True)
        other.environment |= shell.environment
        other.seals = shell.seals
        yield shell, other


@pytest.fixture
def serving(machines):
    """The service on each of them."""
    started = [machine.start("serve", "--port", "0") for machine in machines]
    servers = [listening(process) for process in started]
    for process in started:
        threading.Thread(target=process.stderr.read, daemon=True).start()
    yield servers
    for process in started:
        process.kill()
        process.communicate()


def seal(server, machine, token):
    return httpx.post(
        f"{server.url}/v1/seals/{machine.seals['contract']}/uses",
        json={"digest": {"alg": "sha-256", "value": secrets.token_hex(32)}},
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE,
    )


def stopped(server):
    """Why it says that nothing is sealed any more."""
    detail = httpx.get(f"{server.url}/readyz", timeout=PATIENCE).json().get("detail", "")
    return detail if detail.startswith("sealing has stopped") else None


def test_nobody_seals_on_a_database_that_came_back_older(machines, serving, cluster):
    first, other = machines
    token = first("token", "create", "--scope", "company", "--company", COMPANY).out.strip()
    for server, machine in zip(serving, machines, strict=True):
        assert seal(server, machine, token).status_code == 201
    cluster.remember()
    wait_until(lambda: seal(serving[1], other, token).status_code == 201, "sealing again")
    cluster.remember()
    for _ in range(LOST):
        wait_until(lambda: seal(serving[0], first, token).status_code == 201, "a use to be lost")
    cluster.come_back_older()

    # The first one knows what it released; the other one did not see it, and is told.
    why = [wait_until(lambda server=server: stopped(server), "a stop") for server in serving]
    assert any("recover --resume" in each for each in why), why
    for server, machine in zip(serving, machines, strict=True):
        refused = seal(server, machine, token)
        assert refused.status_code == 500
        assert refused.json()["type"] == "urn:eseal:problem:corruption"

    for server in serving:
        server.stop()
    told = first("recover", "--json")
    assert (told.code, told.json["lost"]) == (1, LOST)
    refused = first("recover", "--resume")
    assert refused.code == 1
    assert "was released" in " ".join((refused.err + refused.out).split())
    assert first("recover", "--after-loss").code == 0
    first.environment["ESEAL_ANCHOR_INTERVAL"] = "1"  # books go on with volumes that it opens
    server = listening(first.start("serve", "--port", "0"))
    wait_until(lambda: seal(server, first, token).status_code == 201, "sealing after the loss")
    assert server.stop() == 0
    first("anchor")
    assert first("audit", "--json").json["disagreements"] == []
