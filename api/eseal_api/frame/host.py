"""What every route works with."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from eseal.documents.confined.lanes import MOST_AT_ONCE
from eseal.model.actor import Actor
from eseal.service.service import Service
from eseal_api.asking.tokens import SCHEME_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from eseal_api.asking.names import SealNames
    from eseal_api.asking.tokens import Tokens
    from eseal_api.frame.batch_answers import BatchAnswers
    from eseal_api.frame.metrics import Metrics

WORKER_THREADS = 9
"""Requests with a token carried out at once. Together with those below, sequencer and anchoring
this needs no more than the 15 connections of the database pool, so that none waits for one."""
STRANGER_THREADS = 3
"""Digests and ledger questions carried out at once: they need no account, so however many
come, the requests of companies find free threads."""
VERIFIER_THREADS = 3 * MOST_AT_ONCE
"""Documents of strangers that are verified at once, or wait for their turn. Such a thread mostly
waits for the process that reads the document: if there were few, hostile files would take all."""
LARGE_BATCH = 256
"""Uses from which on making the signatures takes longer than making the commit durable."""
BATCHES_AT_ONCE = 2
"""Large ones that are on their way to the record: without one that waits there, the sequencer had
nothing to do for a seventh of the time."""
PROBE_THREADS = 1
"""Readiness probes have a thread of their own: busy threads must not look like a dead ledger."""


@dataclass(frozen=True, slots=True)
class Host:
    """One application's parts.

    Attributes:
        service: the use cases.
        tokens: who is asking.
        seals: which seal a name means.
        metrics: what is counted.
        strangers: bounds the threads of requests without a token; those with one share the
            event loop's own, ``WORKER_THREADS``.
        verifiers: bounds those of documents that strangers have verified.
        answers: makes the results of large batches.
        probes: bounds those of readiness probes.
        large_batches: lets few through at once; see :meth:`batch_turn`.
    """

    service: Service
    tokens: Tokens
    seals: SealNames
    metrics: Metrics
    answers: BatchAnswers
    strangers: CapacityLimiter
    verifiers: CapacityLimiter
    probes: CapacityLimiter
    large_batches: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(BATCHES_AT_ONCE)
    )

    def batch_turn(self, uses: int) -> AbstractAsyncContextManager[None]:
        """The turn of a batch of so many uses.

        Of large ones the next waits behind the one that is being recorded; more would only take
        the interpreter from each other, and hold memory. Small ones share a commit.
        """
        return self.large_batches if uses >= LARGE_BATCH else nullcontext()

    async def serve_stranger(self, act: Callable[..., Any], *arguments: Any) -> Any:
        """Carry something that blocks out for anyone."""
        return await anyio.to_thread.run_sync(act, *arguments, limiter=self.strangers)

    async def verify_for_stranger(self, act: Callable[..., Any], *arguments: Any) -> Any:
        """Carry out for anyone what waits for a document to be read."""
        return await anyio.to_thread.run_sync(act, *arguments, limiter=self.verifiers)


def host_of(request: Request) -> Host:
    """The parts of the application this request came to."""
    host: Host = request.app.state.host
    return host


async def _host(request: Request) -> Host:
    return host_of(request)


async def _service(request: Request) -> Service:
    return host_of(request).service


Parts = Annotated[Host, Depends(_host)]
"""A route parameter: the application's parts."""
UseCases = Annotated[Service, Depends(_service)]
"""A route parameter: the use cases."""

_bearer = HTTPBearer(
    scheme_name=SCHEME_NAME,
    bearerFormat="eseal_…",
    description="A token made with `eseal token create`. Its scope is company, regulator or "
    "operator.",
    auto_error=False,
)


async def _principal(
    request: Request,
    _declared: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> Actor:
    return await host_of(request).tokens.principal(request.headers.get("authorization"))


Caller = Annotated[Actor, Depends(_principal)]
"""A route parameter: who is asking. Answers 401 if nobody known."""
