import sqlite3

import pytest

from eseal.errors import CorruptionError
from eseal.ledger.node.block_store import BlockStore, LogQuery, StoredLog


@pytest.fixture
def store(tmp_path):
    store = BlockStore.open(tmp_path / "chain.db")
    yield store
    store.close()


def log(block, position, address=b"a" * 20, topics=()):
    return StoredLog(block, bytes([block]) * 32, 1000 + block, position, 0, b"t" * 32, address, topics, b"d")  # fmt: skip  # noqa: E501


def test_it_is_a_mapping(store):
    store[b"key"] = b"value"
    store[b"key"] = b"newer"
    assert store[b"key"] == b"newer"
    assert b"key" in store
    del store[b"key"]
    assert b"key" not in store
    with pytest.raises(KeyError):
        store[b"key"]
    with pytest.raises(KeyError):
        del store[b"key"]


def test_a_transaction_that_fails_leaves_nothing(store):
    store[b"before"] = b"1"

    def fail():
        with store.transaction():
            store[b"inside"] = b"2"
            store.set_setting("name", "value")
            store.add_block(1, b"\x01" * 32, 1, [log(1, 0)])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (b"before" in store, b"inside" in store) == (True, False)
    assert store.setting("name") is None
    assert store.height_of(b"\x01" * 32) is None


def test_what_was_committed_is_there_after_reopening(store, tmp_path):
    with store.transaction():
        store[b"key"] = b"value"
        store.set_setting("name", "value")
        store.add_block(3, b"\x03" * 32, 1003, [log(3, 0, topics=(b"x" * 32,))])
    store.close()
    again = BlockStore.open(tmp_path / "chain.db")
    assert (again[b"key"], again.setting("name")) == (b"value", "value")
    assert again.height_of(b"\x03" * 32) == 3
    assert again.logs(LogQuery(0, 9, (), (), 9)) == [log(3, 0, topics=(b"x" * 32,))]
    again.close()


def test_logs_are_found_by_contract_topic_and_range(store):
    a, b = b"a" * 20, b"b" * 20
    one, two = b"1" * 32, b"2" * 32
    for number in (1, 2):
        store.add_block(
            number,
            bytes([number]) * 32,
            1000 + number,
            [log(number, 0, a, (one, two)), log(number, 1, b, (one,)), log(number, 2, a)],
        )

    def places(**query):
        given = {"first": 0, "last": 9, "addresses": (), "topics": (), "limit": 99} | query
        return [(found.block, found.position) for found in store.logs(LogQuery(**given))]

    assert len(places()) == 6
    assert places(addresses=[b]) == [(1, 1), (2, 1)]
    assert places(addresses=[a, b], topics=[[one]]) == [(1, 0), (1, 1), (2, 0), (2, 1)]
    assert places(topics=[[], [two]]) == [(1, 0), (2, 0)]
    assert places(first=2, last=2, topics=[[two, one]]) == [(2, 0), (2, 1)]
    assert places(limit=1) == [(1, 0)]


def test_a_file_that_is_no_ledger(tmp_path):
    path = tmp_path / "chain.db"
    path.write_bytes(b"not a database, but long enough to be looked at" * 10)
    with pytest.raises(CorruptionError, match="expected a ledger database"):
        BlockStore.open(path)


def test_a_file_of_another_version(tmp_path):
    path = tmp_path / "chain.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(CorruptionError, match="expected a ledger of version 1, got 9"):
        BlockStore.open(path)
