"""Strangers who take their time, at a real server."""

import contextlib
import resource
import socket
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from eseal_api.servers import patience
from eseal_api.servers.patience import PatientProtocol, take_descriptors

LOOK = 0.2
LARGE = 64 << 20
LONG = 9 << 20
"""Bytes: more than the system's own buffers hold."""


async def answer(request):
    body, sizes = await request.body(), {"/large": LARGE, "/long": LONG}
    size = sizes.get(request.url.path)
    return PlainTextResponse(b"%d" % len(body) if size is None else b"x" * size)


async def stream(_request):
    async def parts():
        for _ in range(LONG >> 16):
            yield bytes(1 << 16)

    return StreamingResponse(parts(), headers={"Content-Length": str(LONG)})


@pytest.fixture
def address(monkeypatch):
    monkeypatch.setattr(patience, "LOOK_SECONDS", LOOK)
    paths = {"/": answer, "/large": answer, "/long": answer, "/stream": stream}
    app = Starlette(routes=[Route(*each, methods=["GET", "POST"]) for each in paths.items()])
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


def read(connection, least, at_once, pause=0.0):
    """Take at least so many bytes, or fail; now and then so many."""
    got = 0
    while got < least:
        part = connection.recv(at_once)
        assert part
        got += len(part)
        time.sleep(pause)


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
        with pytest.raises(ConnectionError):
            read(connection, LARGE, 1 << 20)


@pytest.mark.parametrize("path", [b"/long", b"/stream"])
def test_an_answer_over_a_slow_line_comes_whole(address, path):
    """The system takes from us by the megabyte: between two such, our own buffer stands still."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        connection.connect(address)
        connection.sendall(b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path)
        start = time.monotonic()
        read(connection, LONG, 1 << 15, pause=LOOK / 20)
    assert time.monotonic() - start > 5 * LOOK


def test_an_answer_that_is_read_by_a_trickle(address, monkeypatch):
    """A byte now and then would hold the connection, and what it was answered, for ever."""
    monkeypatch.setattr(patience, "LEAST_BYTES", 1 << 20)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 12)
        connection.connect(address)
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionError):
            read(connection, 300 << 10, 1 << 10, pause=LOOK / 10)


def test_small_answers_one_after_another(address):
    """Each is taken: that they are small is no slowness."""
    with socket.create_connection(address) as connection:
        for _ in range(20):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            answered = b""
            while not answered.endswith(b"\r\n\r\n0"):
                answered += connection.recv(1 << 12)
                assert answered
            time.sleep(LOOK / 4)


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
