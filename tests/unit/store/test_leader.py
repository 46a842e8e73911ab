import pytest

from eseal.errors import DatabaseUnreachableError
from eseal.store.database import Database
from eseal.store.repositories.leader import leader_of


@pytest.fixture
def databases(tmp_path):
    pair = [Database(f"sqlite:///{tmp_path / 'x.db'}") for _ in range(2)]
    yield pair
    for database in pair:
        database.close()


def test_there_is_one_leader_and_another_follows_it(databases):
    leaders = [leader_of(database) for database in databases]
    assert [leader.holds() for leader in leaders] == [True, False]
    assert [leader.holds() for leader in leaders] == [True, False]
    leaders[0].close()
    assert leaders[1].holds()
    leaders[1].close()
    leaders[1].close()


def test_a_directory_that_is_gone_is_named(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'gone' / 'x.db'}")
    with pytest.raises(DatabaseUnreachableError, match=r"cannot lock x\.db\.leader"):
        leader_of(database).holds()
    database.close()
