"""The command line run in this process, on a data directory of the test's own."""

import json
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import structlog
from typer.testing import CliRunner

from eseal.cli.app import app
from eseal.config import Settings
from eseal.service.service import Service

ENGLISH = {"LC_ALL": None, "LC_MESSAGES": None, "LANG": "C.UTF-8"}
WIDE = {"COLUMNS": "200", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def error(self):
        return json.loads(self.err)["error"]


def invoke(*args, **env) -> Ran:
    given = {"ESEAL_DATA_DIR": None, "ESEAL_DEBUG": None, **ENGLISH} | WIDE | env
    result = CliRunner().invoke(app, [str(arg) for arg in args], env=given)
    return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(autouse=True)
def _own_log():
    """The command line silences the log of its process; here that is everybody's."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def run():
    """Run ``eseal`` with the arguments and environment variables given."""
    return invoke


@pytest.fixture
def eseal(data_dir):
    """Run a command on the data directory of this test."""

    def run_here(*args, **env) -> Ran:
        return invoke("--data-dir", data_dir, *args, **env)

    return run_here


@pytest.fixture
def seals(world_of):
    """The ids of the two seals on record, by type; nobody looked."""
    with world_of() as service:
        return {seal.type.value: seal.id for seal in service.directory.seals()}


@pytest.fixture
def world_of(data_dir):
    """Open this test's instance for a moment: with ``world_of() as world: …``."""

    @contextmanager
    def open_it():
        with Service.open(Settings.load(data_dir=data_dir)) as service:
            yield service

    return open_it
