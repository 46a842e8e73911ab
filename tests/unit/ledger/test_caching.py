import pytest

from eseal.ledger.facts import Anchor, Block, Head, LogRegistration, Status
from eseal.ledger.reading.caching import CachingReader
from eseal.model.seal import Reason, handle_of

from .conftest import ISSUER

CERTIFICATE = b"s" * 32
HANDLE = handle_of(ISSUER, CERTIFICATE)


class Counting:
    """Passes every question on to a real reader, and counts."""

    def __init__(self, reader):
        self._reader = reader
        self.asked = []

    def __getattr__(self, name):
        value = getattr(self._reader, name)
        if not callable(value):
            return value

        def ask(*arguments):
            self.asked.append(name)
            return value(*arguments)

        return ask


@pytest.fixture(scope="module")
def sealed(shared):
    shared.advance()
    shared.advance()
    shared.register_seal(CERTIFICATE)
    return shared


@pytest.fixture
def counting(sealed):
    return Counting(sealed.ledger)


@pytest.fixture
def moment():
    return [1000.0]


@pytest.fixture
def cache(counting, moment):
    return CachingReader(counting, ttl=2.0, capacity=3, clock=lambda: moment[0])


def test_what_is_final_is_asked_once(cache, counting, sealed):
    for ask in (
        lambda: cache.block(1),
        lambda: cache.volume(HANDLE, 0),
        lambda: cache.root_at(sealed.log_id, 1),
        lambda: cache.anchor_at(sealed.log_id, 1),
        lambda: cache.anchor_covering(sealed.log_id, 0),
        lambda: cache.seal(HANDLE),
    ):
        cache.log(sealed.log_id)
        counting.asked.clear()
        assert ask() == ask()
        assert ask() is not None
        assert len(counting.asked) == 1


def test_what_is_not_there_is_asked_again(cache, counting):
    for _ in range(2):
        assert cache.seal(b"x" * 32) is None
    assert counting.asked == ["final_block", "seal", "seal"]


def test_the_one_unused_for_longest_is_forgotten_first(cache, counting):
    for number in (0, 1, 2, 0, 3, 0, 1):
        cache.block(number)
    assert counting.asked == ["final_block"] + ["block"] * 5  # 0 stayed; 1 had to be asked again


def test_the_final_block_is_asked_again_after_a_while(cache, counting, moment):
    first = cache.final_block()
    moment[0] += 1.9
    assert cache.final_block() is first
    moment[0] += 0.2
    assert cache.final_block() == first
    assert counting.asked == ["final_block", "final_block"]


def test_a_status_is_kept_until_the_next_block(cache, counting, sealed, moment):
    now = sealed.now()
    assert cache.status_at(HANDLE, now) == cache.status_at(HANDLE, now)
    assert counting.asked == ["final_block", "status_at"]
    later = sealed.ledger.suspend(HANDLE, Reason.BY_ORDER).block.timestamp
    moment[0] += 2.0
    assert cache.status_at(HANDLE, later).status is Status.SUSPENDED
    sealed.ledger.resume(HANDLE, Reason.BY_ORDER)
    moment[0] += 2.0
    assert cache.status_at(HANDLE, sealed.now()).status is Status.ACTIVE


def test_heads_and_the_list_of_anchors_are_always_fresh(cache, sealed):
    for _ in range(2):
        made = sealed.advance()
        assert cache.head(sealed.log_id) == made.head
        assert cache.anchors(sealed.log_id)[-1].head == made.head


def test_it_reads_the_same_contracts(cache, sealed):
    assert cache.chain_id == sealed.deployment.chain_id
    assert cache.seal_registry == sealed.deployment.seal_registry
    assert cache.usage_ledger == sealed.deployment.usage_ledger


class Chain:
    """A reader whose chain can be re-organised: every block's hash starts with its fork."""

    chain_id, seal_registry, usage_ledger = 5, "0x1", "0x2"

    def __init__(self):
        self.height, self.forked_at, self.fork = 9, 0, b"a"
        self.asked = 0

    def block(self, number):
        if number > self.height:
            return None
        fork = self.fork if number >= self.forked_at else b"a"
        return Block(number, fork + bytes(31), number)

    def final_block(self):
        return self.block(self.height)

    def log(self, log_id):
        return LogRegistration(log_id, b"i" * 32, ((0, b"k" * 32),), 0)

    def anchor_at(self, log_id, size):
        self.asked += 1
        return Anchor(log_id, Head(size, bytes(32)), self.block(8), self.fork * 32, 0)


def test_a_chain_that_grows_keeps_its_answers(moment):
    chain = Chain()
    cache = CachingReader(chain, ttl=2.0, clock=lambda: moment[0])
    for _ in range(3):
        cache.anchor_at(b"l", 1)
        chain.height += 1
        moment[0] += 3.0
    assert chain.asked == 1


@pytest.mark.parametrize("height", [9, 12, 8])
def test_a_re_organised_chain_takes_its_answers_along(moment, height):
    chain = Chain()
    cache = CachingReader(chain, ttl=2.0, clock=lambda: moment[0])
    before = cache.anchor_at(b"l", 1)
    chain.height, chain.forked_at, chain.fork = height, 7, b"b"
    assert cache.anchor_at(b"l", 1) == before  # no older than the time to live
    moment[0] += 3.0
    assert cache.anchor_at(b"l", 1).block.hash == b"b" + bytes(31)


def test_an_answer_about_a_chain_that_is_no_more_is_not_kept(moment):
    chain = Chain()
    cache = CachingReader(chain, ttl=2.0, clock=lambda: moment[0])
    honest = chain.anchor_at

    def slow(log_id, size):
        """The chain is re-organised, and another thread notices, before the answer arrives."""
        answer = honest(log_id, size)
        chain.forked_at, chain.fork = 7, b"b"
        moment[0] += 3.0
        cache.final_block()
        chain.anchor_at = honest
        return answer

    chain.anchor_at = slow
    assert cache.anchor_at(b"l", 1).transaction == b"a" * 32
    assert cache.anchor_at(b"l", 1).transaction == b"b" * 32
