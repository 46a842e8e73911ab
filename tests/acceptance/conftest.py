"""``eseal`` as its users have it: a program of its own, started anew for every command."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests import ports
from tests.acceptance.programs import Program

PATIENCE = 120
"""Seconds that nothing here comes near unless it hangs."""


def program() -> str:
    """The installed ``eseal`` of the environment the tests run in."""
    found = shutil.which("eseal", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.fail("eseal is not installed here; run: python -m pip install --no-deps -e .")
    return found


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@dataclass
class Shell:
    """A directory to work in, and the commands run there."""

    directory: Path
    environment: dict[str, str] = field(default_factory=dict)
    seals: dict[str, str] = field(default_factory=dict)

    def start(self, *args) -> Program:
        """Start ``eseal`` and do not wait."""
        return Program([str(arg) for arg in args], self.directory, self._environment)

    def installed(self, *args) -> Ran:
        """Run the installed program itself to its end."""
        done = subprocess.run(
            [program(), *map(str, args)],
            cwd=self.directory,
            env=self._environment,
            text=True,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def __call__(self, *args) -> Ran:
        """Run ``eseal`` to its end."""
        process = self.start(*args)
        out, err = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in out + err
        return Ran(process.returncode, out, err)

    @property
    def _environment(self) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if name[:6] != "ESEAL_"}
        # A verifier trusts a data directory that is named; elsewhere the default is the same.
        return given | {"ESEAL_DATA_DIR": "eseal-data"} | self.environment

    def write(self, name: str, data: bytes) -> Path:
        """Put a file into the directory."""
        path = self.directory / name
        path.write_bytes(data)
        return path


@dataclass
class Server:
    """A running ``eseal serve``."""

    process: Program
    url: str

    def stop(self) -> int:
        """Ask it to stop, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=PATIENCE)
        return self.process.returncode


def wait_until(condition, what: str):
    """The first true answer of ``condition``, asked again and again."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.2)
    return pytest.fail(f"{what} did not happen within {PATIENCE} s")


def listening(process: Program) -> Server:
    """The server this process becomes, once it listens."""
    for line in process.stderr:
        if '"event": "listening"' in line:
            event = json.loads(line)
            server = Server(process, f"http://{event['host']}:{event['port']}")
            assert httpx.get(f"{server.url}/healthz", timeout=PATIENCE).is_success
            return server
    return pytest.fail(f"eseal serve ended with {process.wait()}")


@pytest.fixture(scope="module")
def shell(tmp_path_factory) -> Shell:
    """A shell of this module's own."""
    return Shell(tmp_path_factory.mktemp("shell"))


@pytest.fixture(scope="session")
def first_office(tmp_path_factory) -> Shell:
    """An instance nobody works with: every module has a copy of its data."""
    first = Shell(tmp_path_factory.mktemp("first"))
    assert first("init", "--name", "Trial Office").code == 0
    added = first(
        *("company", "add", "--name", "Elbe Teekontor GmbH", "--id", "vat:DE136695976"),
        *("--country", "DE", "--seals", "contract,finance", "--json"),
    )
    assert added.code == 0
    first.seals = {seal["type"]: seal["id"] for seal in added.json["seals"]}
    return first


@pytest.fixture(scope="module")
def office(shell, first_office) -> Shell:
    """An instance in the default place, with a company that holds a contract seal."""
    shutil.copytree(first_office.directory, shell.directory, dirs_exist_ok=True)
    shell.seals = dict(first_office.seals)
    return shell


@pytest.fixture(scope="module")
def serve(office):
    """Start ``eseal serve`` beside the commands; killed at the end if it still runs."""
    started = []

    def start(*args) -> Server:
        process = office.start("serve", "--port", "0", *args)
        started.append(process)
        return listening(process)

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def wait_for():
    """Wait until a condition holds: ``wait_for(condition, "what")``."""
    return wait_until


@pytest.fixture
def free_port() -> int:
    """A port nobody listens on."""
    return ports.free_port()
