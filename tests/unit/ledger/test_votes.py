from eseal.ledger.facts import Block, Head
from eseal.ledger.reading.votes import Votes, describe


def test_counting():
    votes = Votes()
    assert (votes.add("b", [1]), votes.add("a", [1]), votes.add("c", None)) == (1, 2, 1)
    assert votes.disagree
    assert votes.names == ("a", "b", "c")
    assert votes.phrases() == ["a, b say 1 of them, the last 1", "c says nothing"]
    assert list(votes.cast()) == [([1], ("b", "a")), (None, ("c",))]


def test_agreement():
    votes = Votes()
    votes.add("a", 1)
    votes.add("b", 1)
    assert not votes.disagree


def test_values_are_shown_for_people():
    assert describe(Block(7, b"\x0a\x0b", 9)) == "block(number 7, hash 0x0a0b, timestamp 9)"
    assert describe([Head(2, b"\xff")]) == "1 of them, the last head(size 2, root 0xff)"
    assert describe([]) == "0 of them"
    assert describe(5) == "5"
    assert len(describe(b"x" * 1000)) == 200
