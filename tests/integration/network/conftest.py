"""A network of four validators for the tests of this directory, when they are asked for."""

import os

import pytest

from tests.network.validators import running_network

SWITCH = "ESEAL_NETWORK_TESTS"
REASON = (
    f"needs a node program built from source (minutes, Go); run: scripts/test-network ({SWITCH}=1)"
)


def pytest_collection_modifyitems(items):
    if os.environ.get(SWITCH) == "1":
        return
    for item in items:
        if item.path.parent.name == "network" and "network" in item.fixturenames:
            item.add_marker(pytest.mark.skip(reason=REASON))


@pytest.fixture
def network(tmp_path):
    with running_network(tmp_path / "network") as running:
        yield running
