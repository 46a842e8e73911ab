"""A ledger that is slow or silent holds up no seal: uses wait for their anchor, not for a block."""

from __future__ import annotations

import time

import pytest

from eseal.errors import LedgerUnreachableError
from eseal.service.instance.blocks import MAX_AGE_SECONDS
from eseal.service.sealing.orders import DigestOrder
from eseal.service.service import Service
from tests.actors import acting
from tests.faulty_node import Delay, Pass

USES = 8
SILENCE = 60.0
"""Seconds that the node keeps a question; a request to it is given up after 15."""
BOUND = 10.0


@pytest.fixture
def reached(consortium):
    """The settings of an instance that reaches its chain through the first endpoint alone."""
    yield consortium.settings.model_copy(update={"ledger_url": consortium.nodes[0].url})
    consortium.nodes[0].fault = Pass()


def seal(service, number):
    (listed,) = service.directory.seals()
    order = DigestOrder(number.to_bytes(32), "text/plain", "while the node is silent")
    return service.sealing.seal_digests(listed.id, [order], actor=acting())


def test_a_silent_node_holds_up_no_seal(consortium, reached):
    with Service.open(reached) as service:
        seal(service, 0)
        consortium.nodes[0].fault = Delay(seconds=SILENCE)
        start = time.monotonic()
        for number in range(1, USES):
            time.sleep(MAX_AGE_SECONDS / 4)  # so that blocks are asked for on the way
            seal(service, number)
        assert time.monotonic() - start < BOUND
        consortium.nodes[0].fault.stop.set()
        consortium.nodes[0].fault = Pass()
        service.anchoring.anchor()
        assert service.anchoring.pending() == 0


def test_a_node_that_is_silent_for_too_long_ends_sealing(consortium, reached):
    settings = reached.model_copy(update={"ledger_silence_limit": MAX_AGE_SECONDS})
    with Service.open(settings) as service:
        seal(service, 0)
        before = service.anchoring.pending()
        consortium.nodes[0].fault = Delay(seconds=SILENCE)
        time.sleep(2 * MAX_AGE_SECONDS)
        with pytest.raises(LedgerUnreachableError, match="ESEAL_LEDGER_SILENCE_LIMIT"):
            seal(service, 1)
        assert service.anchoring.pending() == before
        consortium.nodes[0].fault.stop.set()
