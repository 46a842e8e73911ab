"""Volumes that an operator opens without end: what they cost the watch, and what it says."""

import pytest

from eseal.log.leaf import Leaf
from eseal.model.book import Book, VolumeTree
from eseal.watch.alarms import Gathered
from eseal.watch.log.leaves import Hit
from eseal.watch.log.state import WatchState
from eseal.watch.log.tickets import BookVolume, Place, Shelf
from eseal.watch.rounds import volumes as module
from eseal.watch.rounds.volumes import OpenBook, Volumes, may_be_open

ISSUER = b"i" * 32
DEPTH = 4
START = 1_800_000_000


class Rounds:
    """Rounds of a watch whose books are open as a test says."""

    def __init__(self, directory):
        self.state = WatchState(directory, {})
        self.shelf = Shelf(directory / "volumes")
        self.gathered = None
        self.time = START
        self.leaves = 0
        self.read = True

    def __call__(self, *books):
        """One round; how many volumes of each book were looked for."""
        self.state.roll_back()
        self.gathered = Gathered()
        volumes = Volumes(self.shelf, self.state, self.gathered, 3600, self.time)
        made = volumes.settle(books, {ISSUER: self.leaves})[ISSUER]
        self.state.commit()  # as a log that was read
        volumes.look_ahead(books, {ISSUER: self.leaves}, {ISSUER} if self.read else set())
        volumes.remember()
        return [sum(one.handle == book.handle for one in made) for book in books]

    def told(self):
        self.state.commit()

    def find(self, book, number):
        """A leaf with a ticket of this volume is found."""
        leaf = Leaf(self.leaves, bytes(32), book.handle)
        self.leaves += 1
        self.state.put_found(b"l" * 32, 0, [Hit(leaf, Place(book.handle, number, 0))])
        self.state.commit()

    @property
    def kinds(self):
        return [finding.kind.value for finding in self.gathered.findings]


@pytest.fixture
def rounds(tmp_path):
    made = Rounds(tmp_path / "state")
    yield made
    made.state.close()


@pytest.fixture(autouse=True)
def ahead(monkeypatch):
    """No more than four volumes of 16 tickets ahead."""
    monkeypatch.setattr(module, "TICKETS_AHEAD", 0)
    monkeypatch.setattr(module, "VOLUMES_AHEAD", 4)


@pytest.fixture
def slow(monkeypatch):
    """There is time for no volume but the first of each book."""
    monkeypatch.setattr(module, "MAKING_SECONDS", -1.0)


def opened(name, count, foreign=()):
    """A book of which so many volumes are open."""
    book, handle = Book(name.encode().ljust(32), DEPTH), name.encode().ljust(32)
    volumes = [
        BookVolume(book, handle, n, n, bytes(32) if n in foreign else VolumeTree(book, n).root)
        for n in range(count)
    ]
    return OpenBook(name, ISSUER, book, handle, volumes)


def test_what_is_open_is_made_once_and_told_once(rounds):
    assert rounds(opened("a", 2)) == [2]
    assert rounds.kinds == [], "it was there before us"
    rounds.told()
    assert rounds(opened("a", 4)) == [4]
    assert rounds.kinds == ["volume_opened"] * 2
    rounds.shelf.make = None
    assert rounds(opened("a", 4)) == [4]
    assert rounds.kinds == ["volume_opened"] * 2, "nobody was told yet"
    rounds.told()
    rounds(opened("a", 4))
    assert (rounds.kinds, rounds.gathered.undecided) == ([], [])


@pytest.mark.usefixtures("slow")
def test_a_volume_that_is_made_later_is_told_of(rounds):
    rounds(opened("a", 1))
    rounds.told()
    assert rounds(opened("a", 4)) == [2]
    assert rounds.kinds == ["volume_opened"]
    assert "2 of 4 volumes" in rounds.gathered.undecided[0]
    rounds.told()
    assert rounds(opened("a", 4, foreign={2})) == [3]
    assert rounds.kinds == ["foreign_volume"]
    rounds.told()
    assert rounds(opened("a", 4)) == [4]
    assert rounds.kinds == ["volume_opened"]
    assert rounds.gathered.undecided == []


@pytest.mark.usefixtures("slow")
def test_one_s_flood_keeps_no_other_waiting(rounds):
    """Of each book one volume is made, in every round."""
    rounds.leaves = 1000
    flood, *others = books = [opened("flood", 30), opened("b", 2), opened("c", 3)]
    assert rounds(*books) == [1, 1, 1]
    assert rounds(*books) == [2, 2, 2]
    assert rounds(*books) == [3, 2, 3]
    undecided = [sentence for sentence in rounds.gathered.undecided if "seal" in sentence]
    assert len(undecided) == 1
    assert flood.handle.hex() in undecided[0]
    assert len(others) == 2


@pytest.mark.usefixtures("slow")
def test_what_is_left_for_too_long_is_an_alarm(rounds):
    rounds.leaves = 1000
    rounds(opened("a", 20))
    rounds.told()
    rounds.time += 3600
    rounds(opened("a", 20))
    assert rounds.kinds == []
    rounds.told()
    rounds.time += 1
    assert rounds(opened("a", 20)) == [3], "that it gets on is no excuse"
    assert rounds.kinds == ["volumes_left"]
    assert "17 of 20 volumes" in rounds.gathered.findings[0].message
    rounds(opened("a", 3))
    assert (rounds.kinds, rounds.gathered.undecided) == ([], [])


def test_what_uses_cannot_have_come_to_is_not_made_and_an_alarm(rounds):
    assert rounds(opened("a", 4)) == [4]
    assert rounds.kinds == []
    rounds.told()
    assert rounds(opened("a", 1000)) == [4]
    assert rounds.kinds == ["volumes_ahead"]
    assert "996 of 1000 volumes" in rounds.gathered.undecided[0]
    assert len(list((rounds.shelf._directory).iterdir())) == 4
    rounds.told()
    rounds.find(opened("a", 1), 2)
    assert rounds(opened("a", 7)) == [7]
    assert rounds.kinds == ["volume_opened"] * 3
    assert rounds(opened("a", 8)) == [7]
    assert rounds.kinds == ["volume_opened"] * 3 + ["volumes_ahead"]


def test_leaves_that_were_not_read_may_be_of_any_volume(rounds):
    """A first pass, and a log that cannot be read: a seal of long use is accused of nothing."""
    rounds.leaves, rounds.read = 160, False
    assert rounds(opened("a", 14)) == [14]
    assert rounds.kinds == []
    rounds.read = True
    rounds(opened("a", 14))
    assert rounds.kinds == ["volumes_ahead"], "they were read, and none was found"
    rounds.find(opened("a", 1), 9)
    rounds(opened("a", 14))
    assert rounds.kinds == []


@pytest.mark.usefixtures("slow")
def test_what_was_not_looked_for_accuses_nobody(rounds):
    """Of 14 volumes one is made: none of the others can have been found."""
    rounds.leaves = 160
    assert rounds(opened("a", 14)) == [1]
    assert rounds.kinds == []


def test_a_roster_s_volumes_are_on_no_ledger(rounds):
    book = Book(b"r" * 32, DEPTH)
    volumes = [BookVolume(book, b"r" * 32, n, None, None) for n in range(2)]
    assert rounds(OpenBook("a", ISSUER, book, b"r" * 32, volumes)) == [2]
    rounds.told()
    rounds(OpenBook("a", ISSUER, book, b"r" * 32, volumes))
    assert (rounds.kinds, rounds.gathered.undecided) == ([], [])


@pytest.mark.parametrize(
    ("depth", "newest", "leaves", "expected"),
    [(4, -1, 0, 65536), (14, -1, 0, 64), (14, 9, 0, 74), (14, -1, 10**7, 674), (24, 1, 0, 18)],
)
def test_how_many_there_can_be_need_of(depth, newest, leaves, expected, monkeypatch):
    monkeypatch.undo()
    assert may_be_open(depth, newest, leaves) == expected
