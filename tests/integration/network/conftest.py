"""A network of four validators; collected only where scripts/test-network names this directory."""

import pytest

from tests.network.validators import running_network


@pytest.fixture
def network(tmp_path):
    with running_network(tmp_path / "network") as running:
        yield running
