"""Strangers who take their time, at a real server."""

import contextlib
import resource
import socket
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api import patience
from api.patience import PatientProtocol, take_descriptors

LOOK = 0.2
LARGE = 64 << 20


async def answer(request):
    body = await request.body()
    return PlainTextResponse(b"x" * LARGE if request.url.path == "/large" else b"%d" % len(body))


@pytest.fixture
def address(monkeypatch):
    monkeypatch.setattr(patience, "LOOK_SECONDS", LOOK)
    app = Starlette(
        routes=[Route(path, answer, methods=["GET", "POST"]) for path in ("/", "/large")]
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(
            uvicorn.Config(app, http=PatientProtocol, log_config=None, lifespan="off")
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()
        server.should_exit = True
        thread.join()


def ends(connection):
    """Whether the server closes a connection before long."""
    connection.settimeout(20 * LOOK)
    with contextlib.suppress(ConnectionError):
        return connection.recv(1) == b""
    return True


@pytest.mark.parametrize(
    "begun", [b"", b"GET / HTT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"]
)
def test_a_request_that_never_comes(address, begun):
    with socket.create_connection(address) as connection:
        connection.sendall(begun)
        assert ends(connection)


def test_a_request_byte_by_byte(address):
    with socket.create_connection(address) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n")
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 100:
                connection.sendall(b"x")
                sent += 1
                time.sleep(LOOK / 5)
        assert sent < 100


def test_an_answer_that_nobody_reads(address):
    with socket.create_connection(address) as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(10 * LOOK)
        got = 0
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(1 << 20):
                got += len(part)
        assert got < LARGE


def test_a_long_request_that_keeps_coming(address):
    with socket.create_connection(address) as connection:
        connection.settimeout(20 * LOOK)
        parts = 20
        size = parts * patience.LEAST_BYTES
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(parts):
            connection.sendall(bytes(patience.LEAST_BYTES))
            time.sleep(LOOK / 4)
        assert connection.recv(1 << 16).endswith(b"%d" % size)


def test_descriptors_as_many_as_there_are():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        take_descriptors()
        now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        assert now == min(hard, patience.MOST_DESCRIPTORS)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
