"""The whole story on four validators with Byzantine agreement, and what their failures do to it."""

from __future__ import annotations

import concurrent.futures
import time

import pytest

from eseal.cli.verifying.sources import parse_trust
from eseal.config import Settings
from eseal.errors import LedgerUnreachableError
from eseal.ledger.reading.web3_reader import Web3Reader
from eseal.ledger.wire.connection import Connection, connect_http
from eseal.ledger.wire.finality import Finality
from eseal.model.seal import Reason, SealType
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal.verify import Finding, verify_document
from tests.actors import acting

PATIENCE = 120
"""Seconds until four validators, two of them just restarted, must have made blocks again."""
LAST_BLOCK = 3
"""Seconds in which a block that was agreed before the fault reaches everybody."""
STANDSTILL = 8
"""Seconds without a block that show a standstill: a healthy network makes one each second."""


def newest_block(network) -> int:
    """Of validators 1 and 2, which fall last or never."""
    connections = [Connection(connect_http(url)) for url in network.urls[:2]]
    return max(connection.quantity("eth_blockNumber") for connection in connections)


def test_the_whole_story_while_validators_fail(network, tmp_path, sample_pdf):
    settings = Settings.load(data_dir=tmp_path / "data", ledger_url=network.urls[0])
    initialise(settings, name="Issuer among validators")  # no funds were needed: gas is free
    trust, deployment = parse_trust(settings.trust_path.read_bytes())

    with Service.open(settings) as service, concurrent.futures.ThreadPoolExecutor(1) as beside:
        _, (seal,) = service.onboarding.add_company(
            "杭州云章科技有限公司",
            "uscc:91330100799655058B",
            seals=[SealOrder(SealType.CONTRACT)],
            actor=acting("a"),
        )
        released = []

        def seal_one() -> None:
            name = f"{len(released)}.pdf"
            released.append(
                service.sealing.seal_document(seal.id, sample_pdf, filename=name, actor=acting("a"))
            )

        seal_one()
        assert service.anchoring.anchor().anchor.head.size == 1

        # One of four falls: the other three still agree.
        network.kill(4)
        seal_one()
        assert service.anchoring.anchor().anchor.head.size == 2

        # Two of four fall: no block any more. Anchoring waits, sealing does not.
        network.kill(3)
        time.sleep(LAST_BLOCK)
        before = newest_block(network)
        seal_one()
        waiting = beside.submit(service.anchoring.anchor)
        time.sleep(STANDSTILL)
        assert newest_block(network) == before
        assert not waiting.done()
        seal_one()
        second = Web3Reader(connect_http(network.urls[1]), deployment, Finality())
        report = verify_document(released[-1].data, ledger=second, trust=trust)
        assert report.finding is Finding.ANCHOR_PENDING

        # One comes back: what was waiting goes through by itself.
        network.start(3)
        assert waiting.result(timeout=PATIENCE).anchor.head.size >= 3
        network.start(4)
        network.await_blocks(seconds=PATIENCE)
        service.anchoring.anchor()

        # The service's own node falls: the others go on, and so does sealing.
        network.kill(1)
        seal_one()
        with pytest.raises(LedgerUnreachableError):
            service.anchoring.anchor()
        network.await_blocks((2, 3, 4), seconds=PATIENCE)
        network.start(1)
        network.await_blocks(seconds=PATIENCE)
        service.anchoring.anchor()

        audit = service.audit.run()
        assert audit.disagreements == ()
        assert audit.pending == 0
        for one in released:
            evidence = service.records.evidence(one.use.id)
            for url in network.urls:
                reader = Web3Reader(connect_http(url), deployment, Finality())
                report = verify_document(one.data, evidence=evidence, ledger=reader, trust=trust)
                assert report.finding is Finding.AUTHENTIC

        service.lifecycle.revoke(seal.id, reason=Reason.KEY_COMPROMISE, actor=acting("a"))
        assert service.audit.run().disagreements == ()


def test_a_service_that_asks_all_four_anchors_on_when_one_falls(network, tmp_path, sample_pdf):
    settings = Settings.load(data_dir=tmp_path / "data", ledger_url=",".join(network.urls))
    initialise(settings, name="Issuer among validators")
    with Service.open(settings) as service:
        _, (seal,) = service.onboarding.add_company(
            "杭州云章科技有限公司",
            "uscc:91330100799655058B",
            seals=[SealOrder(SealType.CONTRACT)],
            actor=acting("a"),
        )

        def seal_one():
            return service.sealing.seal_document(
                seal.id, sample_pdf, filename="a.pdf", actor=acting("a")
            )

        network.kill(1)  # the one that is asked first
        seal_one()
        assert service.anchoring.anchor().anchor.head.size == 1

        # Two of four: fewer answer than must agree, and nothing is anchored; sealing goes on.
        network.kill(2)
        kept = seal_one()
        with pytest.raises(LedgerUnreachableError, match="only 2 of 4"):
            service.anchoring.anchor()
        assert service.verification.document(kept.data).finding is Finding.LEDGER_UNREACHABLE

        network.start(1)
        network.start(2)
        network.await_blocks(seconds=PATIENCE)
        service.anchoring.anchor()
        assert service.verification.document(kept.data).finding is Finding.AUTHENTIC
        assert service.audit.run().disagreements == ()
