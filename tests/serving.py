"""A service behind the real server, in a thread: reachable as the world would reach it."""

from __future__ import annotations

import contextlib
import socket
import threading
import time

import uvicorn

from eseal_api.app import create_app

START_SECONDS = 60


@contextlib.contextmanager
def served(service, port=0):
    """Serve at a port of loopback, any if 0; gives the URL."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        config = uvicorn.Config(create_app(service), log_config=None, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            _wait(server)
            host, taken = listener.getsockname()
            yield f"http://{host}:{taken}"
        finally:
            server.should_exit = True
            thread.join()


def _wait(server: uvicorn.Server) -> None:
    end = time.monotonic() + START_SECONDS
    while not server.started:
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.05)
