import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.model.book import Book, VolumeTree, tag
from eseal.watch import tickets as module
from eseal.watch.tickets import Place, Shelf, Tickets, make_volume

HANDLE = b"h" * 32
BOOK = Book(b"k" * 32, 6)


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


@given(st.sets(st.integers(0, 255), max_size=30), st.integers(0, 3))
def test_tickets_are_found_among_strangers(numbers, missing):
    volumes = [n for n in range(4) if n != missing]
    tickets = Tickets([(BOOK, HANDLE, n, make_volume(BOOK, HANDLE, n)) for n in volumes])
    shown = []
    for number in sorted(numbers):
        ticket = BOOK.ticket(number)
        shown += [b"\xff" * 32, tag(b"x" * 32, ticket), tag(HANDLE, ticket)]
    found = {
        (shown[which], place)
        for which, whole, place in tickets.find(prefixes(shown))
        if whole == shown[which]
    }
    expected = {
        (tag(HANDLE, ticket), Place(HANDLE, ticket.volume, ticket.position))
        for ticket in map(BOOK.ticket, numbers)
        if ticket.volume != missing
    }
    assert found == expected


def test_tickets_that_agree_in_eight_bytes_are_all_looked_at():
    made = make_volume(BOOK, HANDLE, 0)
    first = int(made.prefixes[0])
    alike = module.Volume(made.root, np.full(64, first, dtype=np.uint64), made.positions)
    tickets = Tickets([(BOOK, HANDLE, 0, alike)])
    found = list(tickets.find(np.array([first], dtype=np.uint64)))
    assert {place.position for _, _, place in found} == set(range(64))


def test_no_tickets_find_nothing():
    tickets = Tickets([])
    assert len(tickets) == 0
    assert list(tickets.find(prefixes([b"x" * 32]))) == []


def test_a_shelf_keeps_volumes_and_mistrusts_damage(tmp_path):
    shelf = Shelf(tmp_path / "volumes")
    made = shelf.volume(BOOK, HANDLE, 1)
    (path,) = (tmp_path / "volumes").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    before = path.read_bytes()
    assert shelf.volume(BOOK, HANDLE, 1).root == made.root
    for spoilt in (b"", before[:-1], before[:50] + b"\0" + before[51:], before[:-1] + b"\0\0"):
        path.write_bytes(spoilt)
        again = shelf.volume(BOOK, HANDLE, 1)
        assert (again.root, again.prefixes.tolist()) == (made.root, made.prefixes.tolist())
        assert path.read_bytes() == before
    other = shelf.volume(Book(b"o" * 32, 6), HANDLE, 1)
    assert other.root != made.root, "the file of another key is not believed"
