"""The service as one process: API, page, log, anchoring. ``eseal serve`` runs it."""

from __future__ import annotations

import contextlib
import gc
import signal
import socket
import sys
from typing import TYPE_CHECKING

import structlog
import uvicorn

from eseal.documents.confined import READER
from eseal.errors import ConfigurationError
from eseal.service.service import Service
from eseal_api.app import create_app
from eseal_api.frame import c_memory, logs
from eseal_api.servers.patience import PatientProtocol, take_descriptors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from eseal.config import Settings

BACKLOG = 1024
"""Connections that may wait while the event loop is busy."""
KEEP_ALIVE_SECONDS = 15
"""Longer than a client's pause between two uses, shorter than a proxy's patience."""
GRACE_SECONDS = 20
"""Requests under way may take so long to finish after a signal: a batch behind a batch does."""
SWITCH_SECONDS = 0.0005
"""How long a thread keeps the interpreter while another waits for it. The sequencer gives it up at
every SQL statement; with Python's 5 ms the event loop would keep it waiting ten times a commit."""
YOUNG_OBJECTS = 5000
"""New objects between two searches for cycles. A batch of 4,096 uses makes ten times as many that
live until it is answered; with Python's 700 all of them were looked through again and again."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_log = structlog.get_logger(__name__)


class _StoppedError(BaseException):
    """A signal asked to stop."""


def serve(settings: Settings) -> None:
    """Open the instance and serve it until SIGTERM or SIGINT; then close it cleanly.

    Prints structured log lines (JSON) to stderr and nothing else. The event ``listening`` says on
    which port, for a port chosen by the system (0).

    Raises:
        ConfigurationError: something must be changed first: no instance, a locked ledger, an
            address that cannot be listened on.
        LedgerUnreachableError: the configured node does not answer.
    """
    logs.configure()
    c_memory.keep_little()
    take_descriptors()
    sys.setswitchinterval(SWITCH_SECONDS)
    with (
        contextlib.suppress(_StoppedError),
        _signals(),
        _bound(settings) as listener,
        Service.open(settings, exclusive=True) as service,
    ):
        _run(service, listener)
    _log.info("closed")


def _run(service: Service, listener: socket.socket) -> None:
    server = _server(service)
    READER.load()  # so that nobody waits for it, and what holds is known from the start
    service.start()
    gc.freeze()  # what start-up made stays: no need to look through it again and again
    gc.set_threshold(YOUNG_OBJECTS)
    listener.listen(BACKLOG)
    host, port = listener.getsockname()[:2]
    _log.info("listening", host=host, port=port)
    server.run(sockets=[listener])


def _server(service: Service) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(service),
        loop="uvloop",
        http=PatientProtocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing depends on the caller's address or scheme
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    return uvicorn.Server(config)


@contextlib.contextmanager
def _bound(settings: Settings) -> Iterator[socket.socket]:
    """A socket on the address to listen on, taken before anything else is opened."""
    try:
        found = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot_listen(settings, error) from None
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise _cannot_listen(settings, error) from None
        yield listener


def _cannot_listen(settings: Settings, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"cannot listen on {settings.host} port {settings.port} (ESEAL_HOST, ESEAL_PORT): "
        f"{error.strerror or error}"
    )


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Signals stop this process by an exception, so that everything opened is closed.

    While the server runs it catches them itself, finishes its requests, and raises them again.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _StoppedError

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
