from __future__ import annotations

import os
from pathlib import Path

import pytest
import structlog

from eseal.documents.confined import Reader
from tests.unit.documents.confined import program

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="session", autouse=True)
def importable():
    """Programs of the tests can be started as modules."""
    with pytest.MonkeyPatch.context() as patch:
        there = os.environ.get("PYTHONPATH")
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(ROOT), there])))
        yield


@pytest.fixture(autouse=True)
def _unconfigured():
    """What a server that ran in this process before has set up goes to its own output."""
    structlog.reset_defaults()


@pytest.fixture
def reader():
    made = Reader(program.NAME)
    yield made
    made.close()
