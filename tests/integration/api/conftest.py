"""A served instance: the real server on a port of its own, in a thread."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from eseal.service.people.permissions import Scope
from tests.actors import acting
from tests.serving import served


@dataclass(frozen=True)
class Site:
    """A served instance, and documents its company sealed: all anchored."""

    url: str
    token: str
    seal_id: str
    pdf: bytes
    text: bytes
    signature: bytes
    evidence: bytes
    container: bytes


@pytest.fixture(scope="session")
def site(shared_world, sample_pdf):
    service = shared_world.service
    seal_id = shared_world.contract.id
    text = "报价单\nOffer no. 7: forty seals\n".encode()
    pdf = service.sealing.seal_document(
        seal_id, sample_pdf, filename="contract.pdf", actor=acting(), purpose="supply contract"
    )
    side = service.sealing.seal_document(
        seal_id, text, filename="offer.txt", actor=acting(), purpose="offer no. 7"
    )
    files = [("offer.txt", text), ("contract.pdf", sample_pdf)]
    container = service.containers.seal(seal_id, files, actor=acting())
    service.anchoring.anchor()
    evidence = service.records.evidence(side.use.id).encode()
    token = service.access.create(Scope.COMPANY, company_id=shared_world.company.id)
    with served(service) as url:
        yield Site(url, token, seal_id, pdf.data, text, side.data, evidence, container.data)
