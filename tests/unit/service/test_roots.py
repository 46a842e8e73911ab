import threading
import time
from datetime import UTC, datetime

from eseal.errors import LedgerUnreachableError
from eseal.ledger.facts import Period
from eseal.service.instance.roots import ASK_SECONDS, Roots


class Ledger:
    """One root of issuer ``i``, and how often it was asked for."""

    def __init__(self):
        self.period, self.asked, self.down = Period(1, None), 0, False

    def await_question(self, number):
        """Wait until so many questions were asked, and the last one is answered."""
        until = time.monotonic() + 5
        while self.asked < number or any(
            thread.name == "eseal-kept-fresh" for thread in threading.enumerate()
        ):
            assert time.monotonic() < until
            time.sleep(0.001)

    def issuer_root(self, issuer, root):
        self.asked += 1
        if self.down:
            raise LedgerUnreachableError("down")
        return self.period if (issuer, root) == (b"i", b"r") else None


def test_a_root_that_ends_is_seen_some_seconds_later_and_with_the_ledger_down_remembered():
    ledger, now = Ledger(), [0.0]
    roots = Roots(ledger, b"i", lambda: now[0])
    assert roots.ended(b"r") is None
    ledger.period = Period(1, 60)
    assert (roots.ended(b"r"), ledger.asked) == (None, 1)
    now[0] += ASK_SECONDS
    assert roots.ended(b"r") is None  # it is being asked for
    ledger.await_question(2)
    assert roots.ended(b"r") == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    ledger.down = True
    now[0] += ASK_SECONDS
    assert roots.ended(b"r") is not None
    ledger.await_question(3)
    assert roots.ended(b"r") is not None
    assert ledger.asked == 3


def test_what_was_never_listed_or_cannot_be_asked_keeps_nobody_from_sealing():
    ledger = Ledger()
    assert Roots(ledger, b"i").ended(b"s") is None
    ledger.down = True
    roots = Roots(ledger, b"i")
    assert [roots.ended(b"r"), roots.ended(b"r")] == [None, None]
    assert ledger.asked == 2, "once, and not for every use"
