"""``kill -9`` of whatever there is, at random moments, under load, fifty times."""

import contextlib
import json
import random
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import Server, Shell, listening, wait_until
from tests.acceptance.consortium import COMPANY, Clients, check, make_instance
from tests.integration.conftest import anvil_program
from tests.ports import free_port

ROUNDS = 50
AUDITED_EVERY = 5
SEED = 20261122


@dataclass
class Node:
    """An anvil that keeps its chain on disk; killed, it comes back a second or so in the past."""

    state: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [
            *(str(anvil_program()), "--port", str(self.port), "--hardfork", "prague"),
            *("--block-time", "1", "--state", str(self.state), "--state-interval", "1"),
            *("--preserve-historical-states", "--silent"),
        ]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        wait_until(self._answers, "the node's answer")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if not self.keep():  # it was killed while it wrote: an operator has a copy
                shutil.copyfile(self._copy, self.state)

    def keep(self) -> bool:
        """Copy what is on the disk, if that is whole."""
        try:
            state = self.state.read_bytes()  # once: the node may write it anew at any moment
            json.loads(state)
        except (OSError, ValueError):
            return False
        self._copy.write_bytes(state)
        return True

    @property
    def _copy(self) -> Path:
        return self.state.with_suffix(".copy")

    def _answers(self) -> bool:
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}
        with contextlib.suppress(httpx.TransportError):
            return httpx.post(self.url, json=request).is_success
        return False


@dataclass
class Process:
    """One ``eseal serve`` on a port of its own, started again as often as it takes."""

    shell: Shell
    port: int = field(default_factory=free_port)
    server: Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        process = self.shell.start("serve", "--port", str(self.port))
        self.server = listening(process)
        threading.Thread(target=_show, args=(process.stderr,), daemon=True).start()

    def kill(self) -> None:
        if self.server is not None:
            self.server.process.kill()
            self.server.process.communicate()


def _show(lines):
    """Why a process answered as it did stands in its log: pytest shows it with a failure."""
    for line in lines:
        sys.stdout.write(line)


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    running = Node(tmp_path_factory.mktemp("node") / "state.json")
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def shared(shell, postgres, node):
    make_instance(shell, postgres.create(), node.url, ESEAL_ANCHOR_INTERVAL="0.5")
    return shell


@pytest.fixture(scope="module")
def processes(shared):
    running = [Process(shared), Process(shared)]
    for process in running:
        process.start()
    yield running
    for process in running:
        process.kill()


def test_fifty_times_something_is_killed_under_load(shared, postgres, node, processes):
    token = shared("token", "create", "--scope", "company", "--company", COMPANY).out.strip()
    chosen = random.Random(SEED)
    victims = [*processes, postgres, node]
    # Enough that something is always under way, few enough that the audits are soon done.
    urls = [process.url for process in processes]
    clients = Clients(urls, token, [*shared.seals.values()], batch=5, pause=0.03)
    for number in range(ROUNDS):
        node.keep()
        clients.start()
        time.sleep(chosen.uniform(0.05, 0.6))
        victim = victims[number % len(victims)] if number < 4 else chosen.choice(victims)
        victim.kill()
        time.sleep(chosen.uniform(0.0, 0.3))
        victim.start()
        answered = len(clients.answered)
        while len(clients.answered) == answered:
            assert not clients.problems
            time.sleep(0.05)
        clients.stop()
        # What a kill broke stays broken: the next audit finds it, too.
        check(shared, clients, audited=number % AUDITED_EVERY == AUDITED_EVERY - 1)
