from dataclasses import dataclass

import pytest

from eseal.errors import ConfigurationError, LedgerDisagreementError, LedgerUnreachableError
from eseal.ledger.facts import Block, Head, SealRegistration
from eseal.ledger.protocol import LedgerReader
from eseal.ledger.reading import quorum as module
from eseal.ledger.reading.quorum import QuorumReader, check_quorum
from eseal.ledger.wire.finality import Finality

SEAL = SealRegistration(b"h" * 32, b"i" * 32, b"s" * 32, 0, 10, 5, 4, 1)


def block(number, chain=0, spacing=5):
    return Block(number, bytes([chain]) * 28 + number.to_bytes(4, "big"), number * spacing)


@dataclass
class Node:
    """An endpoint whose chain grows a block every five seconds; a log grows by a leaf a block."""

    height: int = 100
    chain: int = 0
    spacing: int = 5
    sealed_at: int | None = None
    down: str | None = None
    pinned: int | None = None
    misconfigured: str | None = None

    chain_id, seal_registry, usage_ledger, finality = 5, "0x1", "0x2", Finality()

    def at(self, number):
        return Node(**(vars(self) | {"pinned": number}))

    def check(self):
        self._answering()
        if self.misconfigured:
            raise ConfigurationError(self.misconfigured)

    def final_block(self):
        return block(self._newest(), self.chain, self.spacing)

    def head(self, _log_id):
        return Head(self._newest(), bytes([self.chain]))

    def seal(self, _handle):
        known = self.sealed_at is not None and self._newest() >= self.sealed_at
        return SEAL if known else None

    def _newest(self):
        self._answering()
        if self.pinned is not None and self.pinned > self.height:
            raise LedgerUnreachableError(f"the node has no block {self.pinned} yet")
        return self.height if self.pinned is None else self.pinned

    def _answering(self):
        if self.down:
            raise LedgerUnreachableError(self.down)


def reading(*nodes, quorum=None):
    return QuorumReader({f"node-{i}:1": node for i, node in enumerate(nodes)}, quorum)


def test_it_says_which_contracts_it_reads():
    reader = reading(Node(), Node())
    assert (reader.chain_id, reader.seal_registry, reader.usage_ledger) == (5, "0x1", "0x2")
    assert str(reader.finality) == "immediate"


@pytest.mark.parametrize(
    ("heights", "agreed"),
    [((100, 100, 100), 100), ((100, 99, 98), 99), ((98, 99, 100), 99), ((90, 100, 100), 100),
     ((100, 99), 99), ((100, 100, 99, 99, 98), 99)],
)  # fmt: skip
def test_the_newest_block_a_quorum_has_in_common(heights, agreed):
    reader = reading(*(Node(height) for height in heights))
    assert reader.final_block().number == agreed
    assert reader.head(b"").size == agreed


def test_a_node_that_lags_does_not_disagree():
    reader = reading(Node(100), Node(98))
    assert reader.final_block() == block(98)
    assert reader.head(b"") == Head(98, b"\0")


def test_answers_never_come_from_an_older_block_than_before():
    nodes = [Node(100), Node(100), Node(98)]
    reader = reading(*nodes, quorum=2)
    assert reader.final_block().number == 100
    nodes[0].down = "gone"
    with pytest.raises(LedgerDisagreementError, match="block 100 was agreed on before"):
        reader.head(b"")
    nodes[2].height = 101
    assert reader.head(b"").size == 100


def test_a_liar_is_outvoted():
    reader = reading(Node(100), Node(100, chain=1), Node(100))
    assert reader.final_block() == block(100)
    assert reader.head(b"") == Head(100, b"\0")


@pytest.mark.parametrize("height", [10, 99, 100, 101, 10**6])
def test_a_liar_among_three_changes_nothing_wherever_it_says_it_is(height):
    reader = reading(Node(height, chain=1), Node(100), Node(99))
    assert reader.final_block() == block(99)


def test_two_that_differ_are_named():
    with pytest.raises(LedgerDisagreementError) as caught:
        reading(Node(100), Node(100, chain=1)).final_block()
    assert caught.value.endpoints == ("node-0:1", "node-1:1")
    assert "node-1:1 says block(number 100, hash 0x0101" in str(caught.value)
    assert isinstance(caught.value, LedgerUnreachableError)


def test_one_that_stopped_long_ago_is_not_believed():
    lag = module.MAX_LAG_SECONDS // 5 + 1
    with pytest.raises(LedgerDisagreementError, match="newest final block"):
        reading(Node(100), Node(100 - lag)).final_block()
    assert reading(Node(100), Node(100 - lag), Node(100)).final_block() == block(100)


def test_too_few_answers_name_each_endpoint_and_its_fault():
    with pytest.raises(LedgerUnreachableError) as caught:
        reading(Node(), Node(down="HTTP 500"), Node(down="too slow")).head(b"")
    assert str(caught.value) == (
        "only 1 of 3 ledger endpoints answer, 2 are needed: node-1:1: HTTP 500; node-2:1: too slow"
    )


def test_an_endpoint_that_goes_silent_between_two_questions():
    silent = Node(100)
    silent.at = lambda number: Node(100, pinned=number, down="gone")
    with pytest.raises(LedgerUnreachableError, match=r"only 1 of 2 .* node-1:1: gone"):
        reading(Node(100), silent).head(b"")
    ahead = Node(101)
    ahead.at = silent.at
    with pytest.raises(LedgerUnreachableError):
        reading(Node(100), ahead).final_block()


def test_an_endpoint_that_changes_its_chain_between_two_questions():
    turned = Node(100)
    turned.at = lambda number: Node(100, chain=1, pinned=number)
    with pytest.raises(LedgerDisagreementError, match="about the state at block"):
        reading(Node(100), turned).head(b"")


def test_what_only_a_node_ahead_knows_is_not_denied():
    with pytest.raises(LedgerUnreachableError, match=r"node-0:1 is ahead of the other .* 98"):
        reading(Node(100, sealed_at=99), Node(98)).seal(b"")
    assert reading(Node(100, sealed_at=98), Node(98, sealed_at=98)).seal(b"") == SEAL
    assert reading(Node(100), Node(98)).seal(b"") is None


def test_the_start_names_a_wrong_endpoint():
    with pytest.raises(ConfigurationError, match="node-1:1: on chain 9"):
        reading(Node(), Node(misconfigured="on chain 9"), Node()).check()
    reading(Node(), Node(down="gone"), Node()).check()
    with pytest.raises(LedgerUnreachableError, match="only 1 of 3"):
        reading(Node(), Node(down="gone"), Node(down="gone")).check()


def test_a_quorum_is_a_majority():
    assert [check_quorum(None, count) for count in range(1, 6)] == [1, 2, 2, 3, 3]
    assert check_quorum(3, 4) == 3
    for wrong in (0, 2, 5):
        with pytest.raises(ConfigurationError, match="from 3 to 4 of 4 ledger endpoints"):
            check_quorum(wrong, 4)


WORD = b"w" * 32
EXISTENCE = {
    "log": (WORD,),
    "log_of": (WORD,),
    "issuer_root": (WORD, WORD),
    "authority_key": (WORD,),
    "scheme_authority": (WORD,),
    "company": (WORD,),
    "seal": (WORD,),
    "volume": (WORD, 1),
}
"""What is not denied on the word of endpoints that lag behind one that knows better."""
METHODS = EXISTENCE | {
    "block": (5,),
    "head": (WORD,),
    "root_at": (WORD, 5),
    "was_disowned": (WORD, 5, WORD),
    "anchor_at": (WORD, 5),
    "anchor_covering": (WORD, 5),
    "anchors": (WORD,),
    "stop_hash": (WORD,),
    "status_at": (WORD, 5),
    "events": (WORD,),
    "status_changes": (5,),
    "changes": (5,),
    "root_in": (WORD, 0, 5),
}


class Teller(Node):
    """An endpoint that answers every question alike, from a height on."""

    def __init__(self, said, since=0, **details):
        super().__init__(**details)
        self._said, self._since = said, since

    def at(self, number):
        return Teller(self._said, self._since, height=self.height, pinned=number)

    def _tell(self, *_arguments):
        return self._said if self._newest() >= self._since else None


for _name in METHODS:
    setattr(Teller, _name, Teller._tell)


def test_every_question_of_the_protocol_is_put_to_a_quorum():
    asked = {
        name
        for name, value in vars(LedgerReader).items()
        if callable(value) and not name.startswith("_")
    }
    assert asked == METHODS.keys() | {"final_block"}


@pytest.mark.parametrize("name", METHODS)
def test_one_that_lies_about_anything_is_outvoted_by_two_and_stops_one(name):
    ask = METHODS[name]
    outvoted = reading(Teller("true"), Teller("a lie"), Teller("true"))
    assert getattr(outvoted, name)(*ask) == "true"
    with pytest.raises(LedgerDisagreementError, match="a lie"):
        getattr(reading(Teller("true"), Teller("a lie")), name)(*ask)


@pytest.mark.parametrize("name", EXISTENCE)
def test_nothing_is_denied_that_an_endpoint_ahead_has(name):
    ahead, behind = Teller("new", since=100, height=100), Teller("new", since=100, height=98)
    with pytest.raises(LedgerUnreachableError, match="is ahead of the other"):
        getattr(reading(ahead, behind), name)(*EXISTENCE[name])
    nothing = reading(Teller(None), Teller(None))
    assert getattr(nothing, name)(*EXISTENCE[name]) is None
