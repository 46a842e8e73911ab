"""Serving a small application of one process: a witness, an authority."""

from __future__ import annotations

import signal
import socket
import sys
from typing import TYPE_CHECKING

import structlog
import uvicorn

from eseal.errors import ConfigurationError
from eseal_api.frame import logs
from eseal_api.servers.patience import PatientProtocol, take_descriptors

if TYPE_CHECKING:
    from starlette.applications import Starlette

BACKLOG = 128
"""Logs and issuers ask a few times a minute."""

_log = structlog.get_logger(__name__)


def serve_app(app: Starlette, host: str, port: int, **named: str) -> None:
    """Serve an application until SIGTERM or SIGINT.

    Prints structured log lines (JSON) to stderr; the event ``listening`` says on which port.

    Args:
        app: what to serve.
        host: address to listen on.
        port: 0 for any that is free.
        named: what is served, for the log line.

    Raises:
        ConfigurationError: the address cannot be listened on.
    """
    logs.configure()
    take_descriptors()
    with _listener(host, port) as listener:
        bound = listener.getsockname()
        _log.info("listening", host=bound[0], port=bound[1], **named)
        config = uvicorn.Config(
            app,
            http=PatientProtocol,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
        )
        before = signal.getsignal(signal.SIGTERM)
        # uvicorn ends cleanly and then raises the signal again; it must not kill what is left to do
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            signal.signal(signal.SIGTERM, before)


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host} port {port} (--host, --port): {error.strerror or error}"
        ) from None
