"""A served instance: the real server on a port of its own, in a thread."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass

import pytest
import uvicorn

from api.app import create_app
from eseal.service.access import Scope

START_SECONDS = 60


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


@pytest.fixture(scope="session")
def site(shared_world, sample_pdf):
    service = shared_world.service
    seal_id = shared_world.contract.id
    text = "报价单\nOffer no. 7: forty seals\n".encode()
    pdf = service.sealing.seal_document(
        seal_id, sample_pdf, filename="contract.pdf", actor="test", purpose="supply contract"
    )
    side = service.sealing.seal_document(
        seal_id, text, filename="offer.txt", actor="test", purpose="offer no. 7"
    )
    service.anchoring.anchor()
    evidence = service.records.evidence(side.use.id).encode()
    token = service.access.create(Scope.COMPANY, company_id=shared_world.company.id)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(create_app(service), log_config=None, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            _wait(server)
            host, port = listener.getsockname()
            url = f"http://{host}:{port}"
            yield Site(url, token, seal_id, pdf.data, text, side.data, evidence)
        finally:
            server.should_exit = True
            thread.join()


def _wait(server: uvicorn.Server) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.started:
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.05)
