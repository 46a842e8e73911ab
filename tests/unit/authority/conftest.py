import pytest

from tests.authorities import made


@pytest.fixture
def authority(tmp_path):
    """An authority for Chinese companies, and for countries without a register that is known."""
    return made(tmp_path / "authority")
