"""Programs of others that the integration tests run beside us."""

import contextlib
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

ROOT = Path(__file__).parents[2]
CONTRACTS = ROOT / "contracts"
INSTALL = "npm ci --ignore-scripts --prefix contracts"
ANVIL_PLACES = (
    CONTRACTS / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil",
    CONTRACTS / "node_modules" / ".bin" / "anvil",
)
START_SECONDS = 30
NETWORK = Path(__file__).parent / "network"


def pytest_ignore_collect(collection_path, config):
    """Leave the four validators to scripts/test-network, which names them: they need Go."""
    if collection_path == NETWORK and not any("integration/network" in arg for arg in config.args):
        return True
    return None


@dataclass(frozen=True)
class Anvil:
    """A running anvil.

    Attributes:
        url: its JSON-RPC.
        keys: private keys of its funded accounts, hex.
    """

    url: str
    keys: tuple[str, ...]


# the accounts of the mnemonic anvil starts with unless told otherwise (its own documentation)
PUBLISHED_KEYS = (
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
    "0x5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
)


def anvil_program() -> Path:
    for place in ANVIL_PLACES:
        if place.exists():
            return place
    pytest.fail(f"anvil is missing; run: {INSTALL}")


@contextlib.contextmanager
def running_anvil(*options: str, hardfork: str = "prague"):
    port = free_port()
    command = [str(anvil_program()), "--port", str(port), "--hardfork", hardfork, *options]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    with subprocess.Popen(
        command, **quiet, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as started:
        try:
            wait_for(started, port)
            yield Anvil(f"http://127.0.0.1:{port}", PUBLISHED_KEYS)
        finally:
            # the program npm puts into .bin starts another one: end the group we made for both
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, 15)


def wait_for(started, port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if started.poll() is not None:
            pytest.fail(f"anvil ended at once: {started.stderr.read()}\ntry: {INSTALL}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail(f"anvil did not answer within {START_SECONDS} s")


@pytest.fixture(scope="session")
def anvil():
    """A development chain of its own, for the whole session."""
    with running_anvil() as running:
        yield running


@pytest.fixture(scope="session")
def anvil_with():
    """Starts a chain with options: ``with anvil_with("--no-mining") as anvil: …``."""
    return running_anvil
