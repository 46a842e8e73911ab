import pytest

from eseal.keys.files import FileKeyRepository
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.software import SoftwareKeyStore


@pytest.fixture
def kek():
    return KeyEncryptionKey(bytes(range(32)))


@pytest.fixture
def repository(tmp_path):
    return FileKeyRepository(tmp_path / "keys")


@pytest.fixture
def store(repository, kek):
    return SoftwareKeyStore(repository, kek)
