import pytest

from eseal import durable
from eseal.durable import create_file, only_process, replace_file


def test_a_file_is_replaced_whole_and_is_its_owner_s(tmp_path):
    path = tmp_path / "state"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["state"]


def test_a_file_that_is_there_is_never_overwritten(tmp_path):
    path = tmp_path / "key"
    create_file(path, b"one", mode=0o640)
    with pytest.raises(FileExistsError):
        create_file(path, b"two")
    assert path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["key"]


def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "state"
    replace_file(path, b"one")

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"two")
    assert path.read_bytes() == b"one"
    assert [file.name for file in tmp_path.iterdir()] == ["state"]


def test_one_process_at_a_time(tmp_path):
    lock = tmp_path / "lock"
    with only_process(lock), pytest.raises(BlockingIOError), only_process(lock):
        pytest.fail("two at once")
    with only_process(tmp_path / "lock"):
        pass
