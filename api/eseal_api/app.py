"""The application: every route, every frame around them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

import anyio.to_thread
from anyio import CapacityLimiter

import eseal
from eseal_api.asking.names import SealNames
from eseal_api.asking.tokens import Tokens
from eseal_api.frame import problems
from eseal_api.frame.batch_answers import BatchAnswers
from eseal_api.frame.host import (
    PROBE_THREADS,
    STRANGER_THREADS,
    VERIFIER_THREADS,
    WORKER_THREADS,
    Host,
)
from eseal_api.frame.limits import BodyLimit, Limits
from eseal_api.frame.metrics import Metrics
from eseal_api.frame.middleware import Frame
from eseal_api.frame.openapi import ESealApi
from eseal_api.routes import (
    certificates,
    companies,
    declarations,
    documents,
    impressions,
    ledger,
    log,
    operations,
    pki,
    records,
    seals,
    stops,
    uses,
    verifications,
    watching,
)
from eseal_api.web import pages_routes as web
from eseal_api.web import public_uses
from eseal_api.web.pages import not_found

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from eseal.service.service import Service

DESCRIPTION = """\
Company seals whose every use is on the record.

A company applies its seal to documents; each use is in an append-only log whose heads are accepted
by a smart contract. Anybody can verify a sealed document, read the log and ask the ledger without
an account. Companies, regulators and the operator send a bearer token.

Errors are problem documents (RFC 9457): `type` is `urn:eseal:problem:` and a code that never
changes its meaning. Writes take an `Idempotency-Key`.
"""
TAGS = [
    {"name": "companies", "description": "Legal persons that hold seals."},
    {"name": "seals", "description": "Certificate, key and impression of one type."},
    {"name": "uses", "description": "Applications of a seal to a document: what is recorded."},
    {"name": "declarations", "description": "The owner's word about uses of a seal."},
    {"name": "verification", "description": "Verdicts, for anybody."},
    {"name": "ledger", "description": "The contracts, and how to read them without us."},
    {"name": "pki", "description": "Time-stamps, OCSP, revocation lists, CA certificates."},
    {"name": "log", "description": "The public log of uses (C2SP tlog-tiles)."},
    {"name": "operations", "description": "For those who run the service."},
]
ROUTERS = (
    uses.router,  # first: the one that is asked most
    documents.router,
    verifications.router,
    log.router,
    records.router,
    declarations.router,
    companies.router,
    seals.router,
    stops.router,
    watching.router,
    impressions.router,
    impressions.plain,
    certificates.router,
    ledger.router,
    ledger.plain,
    pki.router,
    operations.router,
    operations.plain,
    web.router,
    public_uses.router,
)


def create_app(service: Service) -> FastAPI:
    """The application over an opened service, which stays the caller's to close."""
    app = ESealApi(
        title="eseal",
        version=eseal.__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        openapi_url="/openapi.json",
        docs_url=None,  # both pages load scripts from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
        separate_input_output_schemas=False,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # we have our own
    )
    metrics = Metrics()
    app.state.host = Host(
        service=service,
        tokens=Tokens(service.access),
        seals=SealNames(service.directory),
        metrics=metrics,
        answers=BatchAnswers(),
        strangers=CapacityLimiter(STRANGER_THREADS),
        verifiers=CapacityLimiter(VERIFIER_THREADS),
        probes=CapacityLimiter(PROBE_THREADS),
    )
    problems.install(app)
    app.add_exception_handler(HTTPStatus.NOT_FOUND, not_found)
    app.add_middleware(BodyLimit, limits=Limits.of(service.context.settings))
    app.add_middleware(Frame, metrics=metrics)
    for router in ROUTERS:
        # One flat list: an included router is searched twice for every request.
        app.router.routes.extend(router.routes)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = WORKER_THREADS
    try:
        yield
    finally:
        app.state.host.answers.close()
