"""An instance on a chain that is reached through three endpoints, each of which can misbehave."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from eseal.cli.verifying.sources import parse_trust
from eseal.config import Settings
from eseal.documents.evidence import Evidence
from eseal.errors import ConfigurationError
from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.reading.from_urls import reader_of
from eseal.ledger.reading.quorum import QuorumReader
from eseal.ledger.wire.endpoint import Endpoint
from eseal.ledger.wire.finality import Finality
from eseal.model.seal import SealType
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal.verify import Report, Trust, verify_document
from tests.actors import acting
from tests.chain import ask, fund
from tests.faulty_node import FaultyNode, Pass

REGISTRATION_ID = "uscc:91330100799655058B"
PATIENCE = 30.0
"""Seconds an endpoint that is well may take, however busy the machine."""


@dataclass(frozen=True)
class Sealed:
    """A document, its signature, its evidence, and the log that holds the leaf."""

    data: bytes
    signature: bytes
    evidence: Evidence
    log_id: bytes


@dataclass(frozen=True)
class Consortium:
    """A chain behind three endpoints, an instance on it, and what it sealed."""

    anvil: str
    nodes: tuple[FaultyNode, ...]
    settings: Settings
    trust: Trust
    deployment: Deployment
    genuine: Sealed
    forged: Sealed
    before: int

    def reader(self, *, endpoints: int = 3, quorum: int | None = None, timeout: float = PATIENCE):
        """A reader nobody has used, whose circuits are all closed."""
        asked = [Endpoint(node.url, timeout=timeout) for node in self.nodes[:endpoints]]
        return reader_of(asked, self.deployment, Finality(), quorum)

    def verify(self, sealed: Sealed, reader: QuorumReader) -> Report:
        return verify_document(
            sealed.data,
            signature=sealed.signature,
            evidence=sealed.evidence,
            ledger=reader,
            trust=self.trust,
        )

    @property
    def urls(self) -> str:
        return ",".join(node.url for node in self.nodes)


def initialise_funded(settings: Settings, url: str) -> None:
    """Make an instance on a chain with fees: its accounts are funded when it asks for that."""
    with pytest.raises(ConfigurationError, match="send some of the network's currency") as caught:
        initialise(settings, name="Consortium Issuer")
    fund(url, caught.value)
    initialise(settings, name="Consortium Issuer")


def seal_text(service: Service, text: bytes) -> Sealed:
    company = service.directory.company(REGISTRATION_ID)
    (seal,) = service.directory.seals(company_id=company.id)
    side = service.sealing.seal_document(seal.id, text, filename="note.txt", actor=acting())
    service.anchoring.anchor()
    evidence = service.records.evidence(side.use.id)
    return Sealed(text, side.data, evidence, service.context.instance.log_id)


def _instance(directory: Path, url: str, text: bytes) -> tuple[Settings, Sealed, int]:
    settings = Settings.load(data_dir=directory, ledger_url=url)
    initialise_funded(settings, url)
    before = int(ask(url, "eth_blockNumber"), 16)
    with Service.open(settings) as service:
        service.onboarding.add_company(
            "杭州云章科技有限公司",
            REGISTRATION_ID,
            seals=[SealOrder(SealType.CONTRACT)],
            actor=acting(),
        )
        return settings, seal_text(service, text), before


@pytest.fixture(scope="session")
def consortium_base(tmp_path_factory, anvil_with):
    with anvil_with() as anvil:
        yield from _consortium(tmp_path_factory.mktemp("consortium"), anvil.url)


def _consortium(directory: Path, url: str):
    settings, genuine, before = _instance(directory / "ours", url, b"genuine")
    # another issuer with contracts of its own: whatever it seals, our registry does not know
    _, forged, _ = _instance(directory / "theirs", url, b"forged")
    trust, deployment = parse_trust(settings.trust_path.read_bytes())
    nodes = tuple(FaultyNode(url) for _ in range(3))
    made = settings.model_copy(update={"ledger_url": ",".join(node.url for node in nodes)})
    yield Consortium(url, nodes, made, trust, deployment, genuine, forged, before)
    for node in nodes:
        node.close()


@pytest.fixture
def consortium(consortium_base):
    """The consortium, every endpoint well again."""
    for node in consortium_base.nodes:
        node.fault, node.upstream = Pass(), consortium_base.anvil
        node.asked.clear()
    return consortium_base
