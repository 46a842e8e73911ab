import tracemalloc
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.model.book import Book, VolumeTree, tag
from eseal.watch.log import tickets as module
from eseal.watch.log.tickets import BookVolume, Place, Shelf, Tickets, make_volume

HANDLE = b"h" * 32
BOOK = Book(b"k" * 32, 6)


def volume(number, book=BOOK):
    return BookVolume(book, HANDLE, number, 1, None)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    return Shelf(tmp_path_factory.mktemp("volumes"))


def prefixes(tags):
    return np.array([int.from_bytes(one[:8]) for one in tags], dtype=np.uint64)


@pytest.mark.parametrize("block", [1, 16, 4096])
def test_a_volume_has_its_tree_s_root_and_all_its_tags(block, monkeypatch):
    monkeypatch.setattr(module, "BLOCK_TICKETS", block)
    made = make_volume(BOOK, HANDLE, 3)
    assert made.root == VolumeTree(BOOK, 3).root
    known = {tag(HANDLE, BOOK.ticket(3 * 64 + n))[:8]: BOOK.ticket(3 * 64 + n) for n in range(64)}
    assert [int(p).to_bytes(8) for p in made.prefixes] == sorted(known)
    for prefix, position in zip(made.prefixes, made.positions, strict=True):
        assert known[int(prefix).to_bytes(8)].position == position


@given(st.sets(st.integers(0, 255), max_size=100), st.integers(0, 3))
def test_tickets_are_found_among_strangers(shelf, numbers, missing):
    """Also where they are more than a volume holds, and a tag stands twice."""
    tickets = Tickets([volume(n) for n in range(4) if n != missing], shelf.volume)
    shown = []
    for number in sorted(numbers):
        ticket = BOOK.ticket(number)
        shown += [b"\xff" * 32, tag(b"x" * 32, ticket), tag(HANDLE, ticket)]
    shown += shown
    found = [
        (which, place)
        for which, whole, place in tickets.find(prefixes(shown))
        if whole == shown[which]
    ]
    expected = [
        (at, Place(HANDLE, ticket.volume, ticket.position))
        for number in numbers
        if (ticket := BOOK.ticket(number)).volume != missing
        for at, one in enumerate(shown)
        if one == tag(HANDLE, ticket)
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_tickets_that_agree_in_eight_bytes_are_all_looked_at(shelf, monkeypatch):
    made = make_volume(BOOK, HANDLE, 0)
    first = int(made.prefixes[0])
    alike = module.Volume(made.root, np.full(64, first, dtype=np.uint64), made.positions)
    monkeypatch.setattr(Shelf, "volume", lambda *_: alike)
    for many in (1, 100):
        shown = np.array([first] * many, dtype=np.uint64)
        found = list(Tickets([volume(0)], shelf.volume).find(shown))
        assert {place.position for _, _, place in found} == set(range(64))
        assert len(found) == 64 * many


def test_no_tickets_find_nothing(shelf):
    assert list(Tickets([], shelf.volume).find(prefixes([b"x" * 32]))) == []
    assert list(Tickets([volume(0)], shelf.volume).find(prefixes([]))) == []


def test_a_shelf_keeps_volumes_and_mistrusts_damage(tmp_path):
    shelf = Shelf(tmp_path / "volumes")
    one = volume(1)
    assert shelf.root(one) is None
    made = shelf.make(one)
    (path,) = (tmp_path / "volumes").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    before = path.read_bytes()
    assert (shelf.root(one), shelf.volume(one).root) == (made.root, made.root)
    for at in (*range(96), 97, 600, len(before) - 1):
        path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
        assert shelf.root(one) == (None if at < 96 else made.root)
        again = shelf.volume(one)
        assert (again.root, again.prefixes.tolist()) == (made.root, made.prefixes.tolist())
        assert path.read_bytes() == before
    for spoilt in (b"", before[:50], before[:-1], before + b"\0"):
        path.write_bytes(spoilt)
        assert shelf.root(one) is None
        assert shelf.volume(one).positions.tolist() == made.positions.tolist()
    other = volume(1, Book(b"o" * 32, 6))
    assert shelf.root(other) is None, "the file of another key is not believed"
    assert shelf.volume(other).root != made.root


def most_memory(directory):
    """The bytes that looking 300 volumes up takes at most, and those of one volume."""
    book, shelf = Book(b"k" * 32, 10), Shelf(directory)
    shelf.make(volume(0, book))
    made = (directory / f"{HANDLE.hex()}-0").read_bytes()
    volumes = [volume(n, book) for n in range(300)]
    for one in volumes:
        shelf.make(one)
    shown = prefixes([tag(HANDLE, book.ticket(n << 10)) for n in range(300)])
    tracemalloc.start()
    try:
        assert sum(1 for _ in Tickets(volumes, shelf.volume).find(shown)) == 300
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return most, len(made)


def test_volumes_without_number_take_the_memory_of_one(tmp_path):
    """300 volumes, 3.7 MB of tags; one has 12 KB. In a process where nothing else is made."""
    with ProcessPoolExecutor(1, get_context("spawn")) as alone:
        most, one = alone.submit(most_memory, tmp_path).result(60)
    assert most < 20 * one
