"""The whole story on a JSON-RPC node, and crashes in the middle of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from eseal.cli.verifying.sources import parse_trust
from eseal.config import Settings
from eseal.errors import ConfigurationError
from eseal.ledger.reading.web3_reader import Web3Reader
from eseal.ledger.wire.connection import connect_http
from eseal.ledger.wire.finality import Finality
from eseal.model.ids import is_id
from eseal.model.seal import Reason, SealType
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal.verify import Finding, SubIndication, verify_document
from tests.actors import acting
from tests.chain import ask, fund


def test_the_whole_story_on_a_json_rpc_node(anvil, tmp_path, sample_pdf):
    settings = Settings.load(data_dir=tmp_path / "data", ledger_url=anvil.url)
    with pytest.raises(ConfigurationError, match="send some of the network's currency") as caught:
        initialise(settings, name="Issuer on anvil")
    fund(anvil.url, caught.value)
    # Left alone, anvil stamps all blocks of one second alike; on a network time goes on.
    ask(anvil.url, "evm_mine")  # the interval counts from the newest block, which may be old
    ask(anvil.url, "anvil_setBlockTimestampInterval", 1)
    initialise(settings, name="Issuer on anvil")

    with Service.open(settings) as service:
        _, (seal,) = service.onboarding.add_company(
            "杭州云章科技有限公司",
            "uscc:91330100799655058B",
            seals=[SealOrder(SealType.CONTRACT)],
            actor=acting("a"),
        )
        sealed = service.sealing.seal_document(
            seal.id, sample_pdf, filename="a.pdf", actor=acting("a")
        )
        assert service.anchoring.anchor().anchor.head.size == 1
        evidence = service.records.evidence(sealed.use.id)
        assert service.audit.run().disagreements == ()

        # A stranger with the document, the evidence and any node; nothing of the service.
        trust, deployment = parse_trust(settings.trust_path.read_bytes())
        reader = Web3Reader(connect_http(anvil.url), deployment, Finality())
        report = verify_document(sealed.data, evidence=evidence, ledger=reader, trust=trust)
        assert report.finding is Finding.AUTHENTIC

        service.lifecycle.revoke(seal.id, reason=Reason.KEY_COMPROMISE, actor=acting("a"))
        report = verify_document(sealed.data, evidence=evidence, ledger=reader, trust=trust)
        assert report.finding is Finding.AUTHENTIC, "sealed and anchored before the revocation"
        assert service.audit.run().disagreements == ()

    down = Web3Reader(connect_http("http://127.0.0.1:9"), deployment, Finality())
    report = verify_document(sealed.data, evidence=evidence, ledger=down, trust=trust)
    assert report.finding is Finding.LEDGER_UNREACHABLE
    assert report.sub_indication is SubIndication.TRY_LATER


def test_an_instance_is_not_opened_on_another_chain(anvil, data_dir):
    with pytest.raises(ConfigurationError, match="chain"):
        Service.open(Settings.load(data_dir=data_dir, ledger_url=anvil.url))


SEAL_FOREVER = """
import hashlib, sys
from eseal.config import Settings
from eseal.model.actor import ALL, Actor
from eseal.service.sealing.applying import DigestOrder
from eseal.service.service import Service
service = Service.open(Settings.load(data_dir=sys.argv[1], anchor_interval=0.3))
service.start()
seals = [seal.id for seal in service.directory.seals()]
n = 0
while True:
    orders = [DigestOrder(hashlib.sha256(b"%d" % (n + i)).digest()) for i in range(64)]
    load = Actor("load", ALL)
    for one in service.sealing.seal_digests(seals[n % len(seals)], orders, actor=load):
        print(one.use.id, flush=True)
    n += 64
"""
ROUNDS = 6


def test_killed_at_any_moment_nothing_released_is_lost(data_dir):
    released: set[str] = set()
    for round_number in range(ROUNDS):
        with subprocess.Popen(
            [sys.executable, "-c", SEAL_FOREVER, str(data_dir)], stdout=subprocess.PIPE, text=True
        ) as process:
            first = process.stdout.readline()
            assert first.strip()
            time.sleep(0.15 * (round_number + 1))
            os.kill(process.pid, signal.SIGKILL)
            rest = process.stdout.read()
        released.update(line for line in (first + rest).split("\n")[:-1] if is_id(line))
    with Service.open(Settings.load(data_dir=data_dir)) as service:
        report = service.audit.run()
        assert report.disagreements == ()
        service.anchoring.anchor()
        recorded = {
            entry.use.id
            for seal in service.directory.seals()
            for entry in _history(service, seal.id)
        }
        report = service.audit.run()
    assert released <= recorded
    assert report.disagreements == ()
    assert report.pending == 0
    assert report.anchors >= 1


def _history(service: Service, seal_id: str):
    after = 0
    while page := service.records.history(seal_id=seal_id, after=after):
        yield from page
        after = page[-1].use.log_index + 1
