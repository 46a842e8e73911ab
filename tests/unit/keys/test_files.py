import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eseal.errors import (
    ConfigurationError,
    ConflictError,
    CorruptionError,
    InvalidFormatError,
    NotFoundError,
)
from eseal.keys.files import FileKeyRepository
from eseal.keys.protocol import WrappedKey
from eseal.model.ids import new_id
from eseal.suites import KeyAlgorithm


def make_key() -> WrappedKey:
    return WrappedKey(new_id(), KeyAlgorithm.P256, b"public", b"\x00wrapped\xff")


def file_of(directory, key):
    return directory / f"{key.id}.key.json"


def test_a_key_that_was_added_is_there_for_the_next_process(tmp_path):
    keys = [make_key() for _ in range(3)]
    first = FileKeyRepository(tmp_path / "deep" / "keys")
    assert first.any() is None
    for key in keys:
        first.add(key)
    second = FileKeyRepository(tmp_path / "deep" / "keys")
    assert [second.get(key.id) for key in keys] == keys
    assert second.any() in keys


def test_only_the_owner_can_read_and_nothing_is_left_over(tmp_path):
    directory = tmp_path / "keys"
    key = make_key()
    FileKeyRepository(directory).add(key)
    assert directory.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in directory.iterdir()] == [file_of(directory, key).name]
    assert file_of(directory, key).stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_overwritten(tmp_path):
    repository = FileKeyRepository(tmp_path)
    key = make_key()
    repository.add(key)
    with pytest.raises(ConflictError, match=key.id):
        repository.add(replace(key, wrapped=b"another"))
    assert repository.get(key.id) == key
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("key_id", ["", "nope", "../../etc/passwd", "a" * 26 + "\x00", "a" * 9999])
def test_an_unknown_or_impossible_name_is_not_found(tmp_path, key_id):
    with pytest.raises(NotFoundError):
        FileKeyRepository(tmp_path).get(key_id)


def test_a_key_that_is_not_there_is_not_found(tmp_path):
    missing = new_id()
    with pytest.raises(NotFoundError, match=missing):
        FileKeyRepository(tmp_path).get(missing)


def test_a_name_that_leaves_the_directory_is_refused(tmp_path):
    with pytest.raises(InvalidFormatError):
        FileKeyRepository(tmp_path / "keys").add(replace(make_key(), id="../escape"))
    assert not list(tmp_path.glob("escape*"))


def test_other_files_in_the_directory_are_passed_over(tmp_path):
    (tmp_path / "README.key.json").write_text("not a key")
    assert FileKeyRepository(tmp_path).any() is None


@pytest.mark.parametrize(
    "change",
    [
        {"algorithm": "dsa"},
        {"wrapped": "***"},
        {"public_key": 5},
        {"extra": "x"},
        {"id": "a" * 26},
    ],
)
def test_a_changed_file_is_corruption(tmp_path, change):
    repository = FileKeyRepository(tmp_path)
    key = make_key()
    repository.add(key)
    fields = json.loads(file_of(tmp_path, key).read_bytes())
    file_of(tmp_path, key).write_text(json.dumps(fields | change))
    with pytest.raises(CorruptionError, match=key.id):
        repository.get(key.id)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.binary() | st.just(b"[" * 100_000))
def test_no_content_makes_it_stumble(tmp_path, content):
    repository = FileKeyRepository(tmp_path)
    key = make_key()
    file_of(tmp_path, key).write_bytes(content)
    with pytest.raises(CorruptionError):
        repository.get(key.id)


def test_a_directory_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot make the key directory"):
        FileKeyRepository(tmp_path / "file" / "keys")
