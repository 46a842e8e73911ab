"""Two accounts may advance one log, and both do at once."""

import contextlib
import hashlib
import threading

import pytest
from eth_account import Account

from eseal.config import Settings
from eseal.errors import ConfigurationError, LedgerError, StaleHeadError
from eseal.ledger.facts import Head
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.setup.administration import Administration
from eseal.ledger.wire.connection import connect_http
from eseal.ledger.wire.finality import Finality
from eseal.log import tree
from eseal.model.seal import SealType
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise, stored
from eseal.service.setup.consortium import administration
from eseal.store.repositories.log import LogRepository
from tests.actors import acting
from tests.chain import fund

ROUNDS = 12


@pytest.fixture
def settings(anvil_with, tmp_path):
    with anvil_with() as anvil:
        settings = Settings.load(data_dir=tmp_path / "data", ledger_url=anvil.url)
        with pytest.raises(ConfigurationError) as poor:
            initialise(settings, name="Issuer")
        fund(anvil.url, poor.value)
        initialise(settings, name="Issuer")
        yield settings


def test_two_operators_race_and_every_head_is_anchored_once(settings):
    other = Account.create()
    fund(settings.ledger_url, other.address)
    with stored(settings) as found:
        deployment = found.deployment
        with administration(settings, found.instance, found.keys, deployment) as registry:
            assert isinstance(registry, Administration)
            registry.admit_issuer(found.instance.issuer_id, other.address)
    rival = Web3Ledger(connect_http(settings.ledger_url), deployment, Finality(), other)
    with Service.open(settings) as service:
        _, (seal,) = service.onboarding.add_company(
            "Elbe Teekontor GmbH",
            "vat:DE136695976",
            country="DE",
            seals=[SealOrder(SealType.CONTRACT)],
            actor=acting("a"),
        )
        name = service.context.instance.log_id
        won = {"ours": 0, "theirs": 0}

        def theirs() -> None:
            current = rival.head(name)
            with service.context.database.read() as connection:
                log = LogRepository(connection)
                newest = log.checkpoint()
                if current.size == newest.size:  # the other one has won before the race began
                    return
                proof = tree.consistency(log, current.size, newest.size)
            with contextlib.suppress(StaleHeadError):
                rival.advance(name, current.size, Head(newest.size, newest.root), proof)
                won["theirs"] += 1

        def ours() -> None:
            # A race that is lost says so; the next round finds the head and carries on.
            with contextlib.suppress(LedgerError):
                won["ours"] += service.anchoring.anchor() is not None

        for number in range(ROUNDS):
            digest = hashlib.sha256(b"%d" % number).digest()
            service.sealing.seal_digests(seal.id, [DigestOrder(digest)], actor=acting("a"))
            threads = [threading.Thread(target=run) for run in (ours, theirs)]
            for thread in threads[:: 1 if number % 2 else -1]:
                thread.start()
            for thread in threads:
                thread.join()
        service.anchoring.anchor()
        anchors = rival.anchors(name)
        assert [anchor.head.size for anchor in anchors] == list(range(1, ROUNDS + 1))
        assert won["ours"] + won["theirs"] == ROUNDS
        audit = service.audit.run()
        assert (audit.disagreements, audit.pending) == ((), 0)
