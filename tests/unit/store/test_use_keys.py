from __future__ import annotations

import pytest
from sqlalchemy import insert, text

from eseal.store.database import Database
from eseal.store.repositories import use_keys as module
from eseal.store.repositories.use_keys import KeyKind, UseKeyRepository, key_of, keys_of
from eseal.store.schema.tables import metadata, use_keys


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.programs)])
def database(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'keys.db'}"
    else:
        url = request.getfixturevalue("postgres").create()
    made = Database(url)
    with made.write() as connection:
        metadata.create_all(connection)
    yield made
    made.close()


@pytest.fixture
def small(monkeypatch):
    """Segments of four uses, settled four at a time."""
    monkeypatch.setattr(module, "SEGMENT_USES", 4)
    monkeypatch.setattr(module, "UNSETTLED", 4)
    monkeypatch.setattr(module, "SLICES", 8)


def name(index: int) -> tuple[str, bytes, bytes]:
    return (f"use-{index}", b"digest-%d" % (index // 2), b"tag-%d" % index)


def add(database, start, end):
    with database.write() as connection:
        UseKeyRepository(connection).add((n, keys_of(*name(n))) for n in range(start, end))


def found(database, kind, value):
    with database.read() as connection:
        query = UseKeyRepository(connection).places(kind, value)
        return sorted(connection.execute(query).scalars())


def check(database, count):
    for index in range(count):
        use_id, digest, tag = name(index)
        pair = [index // 2 * 2, index // 2 * 2 + 1]
        assert found(database, KeyKind.ID, use_id.encode()) == [index]
        assert found(database, KeyKind.DIGEST, digest) == [n for n in pair if n < count]
        assert found(database, KeyKind.TAG, tag) == [index]
    assert found(database, KeyKind.ID, b"tag-1") == []
    assert found(database, KeyKind.TAG, b"unknown") == []


def segments(database):
    with database.read() as connection:
        rows = connection.execute(text("SELECT DISTINCT segment FROM use_keys ORDER BY segment"))
        return list(rows.scalars())


def test_an_empty_log_holds_nothing(database):
    assert found(database, KeyKind.ID, b"x") == []
    with database.write() as connection:
        assert not UseKeyRepository(connection).settle()


@pytest.mark.usefixtures("small")
def test_every_use_is_found_at_every_step_of_settling(database):
    add(database, 0, 19)
    check(database, 19)
    steps = 0
    while True:
        with database.write() as connection:
            if not UseKeyRepository(connection).settle():
                break
        steps += 1
        check(database, 19)
        assert steps <= 8
    assert segments(database)[0] == -1
    assert 0 not in segments(database)
    add(database, 19, 45)
    check(database, 45)


@pytest.mark.usefixtures("small")
def test_full_segments_wait_for_each_other_and_the_newest_is_left_alone(database):
    add(database, 0, 13)
    with database.write() as connection:
        assert not UseKeyRepository(connection).settle()
    assert segments(database) == [0, 1, 2, 3]


@pytest.mark.usefixtures("small")
def test_a_settling_that_was_broken_off_goes_on(database):
    add(database, 0, 17)
    for number in range(17, 60):
        add(database, number, number + 1)
        with database.write() as connection:
            UseKeyRepository(connection).settle()
    check(database, 60)
    while True:
        with database.write() as connection:
            if not UseKeyRepository(connection).settle():
                break
    check(database, 60)
    with database.read() as connection:
        assert len(list(UseKeyRepository(connection).iterate())) == 180


def test_keys_of_one_kind_are_never_those_of_another():
    assert len({key_of(kind, b"x" * 26) for kind in KeyKind}) == len(KeyKind)
    assert all(-(2**63) <= key_of(kind, b"x") < 2**63 for kind in KeyKind)


@pytest.mark.usefixtures("small")
def test_the_last_keys_there_can_be_are_settled_too(database):
    rows = [
        {"segment": n, "key": key, "log_index": 4 * n}
        for n in range(5)
        for key in (-(2**63), 0, 2**63 - 1)
    ]
    with database.write() as connection:
        connection.execute(insert(use_keys), rows)
    for _ in range(3):
        with database.write() as connection:
            assert UseKeyRepository(connection).settle()
    assert segments(database) == [-1, 4]
