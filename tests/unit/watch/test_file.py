import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.model.book import Book
from eseal.model.records import roster_handle
from eseal.watch.file import WatchedRoster, WatchFile


@pytest.fixture(scope="module")
def file(shared_world):
    made = shared_world.service.watch_files.watch_file(shared_world.company.id)
    roster = WatchedRoster(b"i" * 32, shared_world.company.subject, 10, b"k" * 32)
    return WatchFile(made.proofs, made.seals, (roster,))


def test_a_file_survives(file):
    assert WatchFile.parse(file.encode()) == file
    assert file.name == "杭州云章科技有限公司"
    (roster,) = file.rosters
    assert roster.handle == roster_handle(roster.issuer, roster.subject)
    assert file.issuers == (file.seals[0].issuer, b"i" * 32)
    assert roster.book.ticket(3) == Book(b"k" * 32, 10).ticket(3)


def test_keys_stand_in_no_message(file):
    assert file.seals[0].key.hex() not in repr(file)
    assert repr(file.seals[0].key) not in repr(file)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("v",), 2),
        (("v",), True),
        (("proofs",), []),
        (("proofs",), {}),
        (("proofs", 0, "name"), "Other"),
        (("proofs", 0, "more"), 1),
        (("seals", 0, "handle"), "00" * 32),
        (("seals", 0, "depth"), 3),
        (("seals", 0, "depth"), 25),
        (("seals", 0, "depth"), "14"),
        (("seals", 0, "book_key"), "00" * 31),
        (("seals", 0, "certificate"), "?"),
        (("seals", 0, "certificate"), ""),
        (("rosters", 0, "subject"), None),
        (("rosters",), [1]),
        (("chain_id",), 1),
    ],
)
def test_what_is_no_watch_file(file, path, value):
    fields = json.loads(file.encode())
    inner = fields
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    data = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    if path[-1] == "name":  # only the authority can say whether it is its word
        assert WatchFile.parse(data).name == value
        return
    with pytest.raises(InvalidFormatError):
        WatchFile.parse(data)


def test_a_seal_twice_and_another_encoding(file):
    with pytest.raises(InvalidFormatError, match="once"):
        WatchFile.parse(WatchFile(file.proofs, file.seals * 2).encode())
    with pytest.raises(InvalidFormatError, match="canonical"):
        WatchFile.parse(b" " + file.encode())


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data):
    with contextlib.suppress(InvalidInputError):
        WatchFile.parse(data)
