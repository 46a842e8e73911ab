"""Five ways, really gone, on an instance with an embedded ledger.

Each function prepares its way, and returns what is to be traced: one step from a door of the house.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from anyio.from_thread import start_blocking_portal

from eseal.config import Settings
from eseal.model.seal import Reason, SealType
from eseal.service.people.permissions import Scope
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.service.service import Service
from eseal.service.setup.bootstrap import initialise
from eseal_api.app import create_app
from tests.actors import acting

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = (Path(__file__).parents[1] / "data" / "pdf" / "libreoffice.pdf").read_bytes()
BATCH = 64
ROUNDS = (SealType.CONTRACT, SealType.FINANCE, SealType.INVOICE)
"""Each way is gone once with each of these seals: a seal is suspended only once."""


@dataclass
class World:
    """An opened instance, and its application.

    Attributes:
        service: its use cases.
        seals: seals of one company, for one round each.
        send: sends a request to the application, in this process.
        token: the company's.
    """

    service: Service
    seals: list[str]
    send: Callable[..., httpx.Response]
    token: str


@contextmanager
def world(directory: Path) -> Iterator[World]:
    """A new instance with a company, and its application."""
    settings = Settings.load(data_dir=directory)
    initialise(settings, name="Trial Issuer")
    with Service.open(settings) as service:
        company, seals = service.onboarding.add_company(
            "杭州云章科技有限公司",
            "uscc:91330100799655058B",
            seals=[SealOrder(kind) for kind in ROUNDS],
            actor=acting(),
        )
        token = service.access.create(Scope.COMPANY, company_id=company.id)
        app = create_app(service)
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://walks")
        with (
            start_blocking_portal() as portal,
            portal.wrap_async_context_manager(app.router.lifespan_context(app)),
        ):

            async def post(path: str, **rest: Any) -> httpx.Response:
                # A thread is traced no more after an error in what traces it, such as one too deep.
                sys.setprofile(threading.getprofile())
                return await http.post(path, **rest)

            def send(path: str, **rest: Any) -> httpx.Response:
                return portal.call(lambda: post(path, **rest))

            yield World(service, [seal.id for seal in seals], send, token)


def a_pdf(world: World, seal: str) -> Callable[[], object]:
    """A PDF is sealed, by the library."""
    return lambda: sealed(world, seal)


def a_batch(world: World, seal: str) -> Callable[[], object]:
    """Digests are sealed, over HTTP."""
    uses = [
        {"digest": {"alg": "sha-256", "value": os.urandom(32).hex()}, "media_type": "text/plain"}
        for _ in range(BATCH)
    ]
    headers = {"Authorization": f"Bearer {world.token}"}
    path = f"/v1/seals/{seal}/uses:batch"
    return lambda: answered(world.send(path, json={"uses": uses}, headers=headers))


def a_verification(world: World, seal: str) -> Callable[[], object]:
    """A stranger asks about a sealed PDF, over HTTP."""
    files = {"file": ("contract.pdf", sealed(world, seal))}
    world.service.anchoring.anchor()

    def verify() -> None:
        verdict = answered(world.send("/v1/verifications", files=files))
        assert verdict["finding"] == "authentic", verdict

    return verify


def a_head(world: World, _: str) -> Callable[[], object]:
    """A head of the log goes to the ledger."""
    return world.service.anchoring.anchor


def a_suspension(world: World, seal: str) -> Callable[[], object]:
    """A seal with a use that is not anchored yet is stopped."""
    return lambda: world.service.lifecycle.suspend(seal, reason=Reason.LOSS, actor=acting())


Way = Callable[[World, str], Callable[[], object]]
WAYS: dict[str, Way] = {
    "pdf": a_pdf,
    "batch": a_batch,
    "verification": a_verification,
    "head": a_head,
    "suspension": a_suspension,
}
"""In an order in which each can be gone after the others."""


def sealed(world: World, seal: str) -> bytes:
    """A sealed PDF."""
    seal_document = world.service.sealing.seal_document
    return seal_document(seal, DOCUMENT, filename="contract.pdf", actor=acting()).data


def use_a_digest(world: World, seal: str) -> None:
    """Put a leaf on the log."""
    world.service.sealing.seal_digests(
        seal, [DigestOrder(os.urandom(32), "text/plain")], actor=acting()
    )


def answered(answer: httpx.Response) -> dict[str, Any]:
    """What a good answer says."""
    assert answer.is_success, answer.text
    said: dict[str, Any] = answer.json()
    return said
