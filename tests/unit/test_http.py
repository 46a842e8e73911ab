"""What a server of somebody else's may do to whoever asks it."""

import itertools
import socket
import threading
import time
import zlib
from contextlib import ExitStack, contextmanager, suppress

import httpx
import pytest

from eseal.authority.asking.http import HttpAuthority
from eseal.cli.company.stop_relay import StopRelay
from eseal.http import bounded_client
from eseal.ledger.wire.endpoint import Endpoint
from eseal.log.leaf import LEAF_BYTES
from eseal.log.tiles import TILE_WIDTH, encode_entries
from eseal.monitor.client import LogClient, LogUnreachableError
from eseal.pki.http import Fetcher
from eseal.watch.history.openings import History
from eseal.witness.client import Witnesses

SECONDS = 0.4
OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def answering(first, then=b""):
    """A server that sends this, then a byte again and again; gives its URL."""

    def serve():
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection):
        with suppress(OSError), connection:
            connection.recv(1 << 16)
            connection.sendall(first)
            while then:
                connection.sendall(then)
                time.sleep(SECONDS / 8)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize(
    "first", [OK + b"X-Never: ", OK + b"Content-Length: 9999\r\n\r\n"], ids=["header", "body"]
)
def test_a_byte_now_and_then_ends(first):
    with answering(first, b"x") as url, bounded_client(SECONDS) as client:
        start = time.monotonic()
        with pytest.raises(httpx.ReadTimeout):
            client.get(url)
        assert time.monotonic() - start < 10 * SECONDS


def test_a_connection_that_is_used_again_has_its_time_again():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        bounded_client(SECONDS) as client,
    ):

        def serve():
            connection, _ = listener.accept()
            with connection:
                for _ in range(3):
                    connection.recv(1 << 16)
                    connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for _ in range(3):
            assert client.get(url).text == "ok"
            time.sleep(SECONDS * 0.7)


def led_to(monkeypatch, *addresses, after=0.0):
    """Any name leads to these addresses, after some time."""
    real = socket.getaddrinfo

    def answers(host, port, *args, **options):
        if host != "many.test":
            return real(host, port, *args, **options)
        time.sleep(after)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", answers)


@contextmanager
def dead(*addresses):
    """A port at which these addresses of this machine take no connection, and refuse none."""
    with ExitStack() as stack:
        port = 0
        for address in addresses:
            listener = stack.enter_context(socket.create_server((address, port), backlog=0))
            port = listener.getsockname()[1]
            for _ in range(2):  # as many as its queue takes: it answers no further one
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex((address, port))
        yield port


def test_a_name_with_many_dead_addresses_ends_in_one_time(monkeypatch):
    addresses = [f"127.0.0.{number}" for number in range(2, 22)]
    led_to(monkeypatch, *addresses)
    with dead(*addresses) as port, bounded_client(SECONDS) as client:
        start = time.monotonic()
        with pytest.raises(httpx.ConnectTimeout):
            client.get(f"http://many.test:{port}")
        assert SECONDS / 2 < time.monotonic() - start < 2 * SECONDS


def test_an_address_behind_dead_ones_is_reached(monkeypatch):
    led_to(monkeypatch, "127.0.0.2", "127.0.0.3", "127.0.0.4")
    with dead("127.0.0.2", "127.0.0.3") as port, bounded_client(3 * SECONDS) as client:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1 << 16)
                connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")

        with socket.create_server(("127.0.0.4", port)) as listener:
            threading.Thread(target=serve, daemon=True).start()
            assert client.get(f"http://many.test:{port}").text == "ok"


def test_a_look_up_that_takes_its_time_is_not_waited_for(monkeypatch):
    led_to(monkeypatch, "127.0.0.1", after=10 * SECONDS)
    with bounded_client(SECONDS) as client:
        start = time.monotonic()
        with pytest.raises(httpx.ConnectTimeout, match=r"look-up of many\.test"):
            client.get("http://many.test:9")
        assert time.monotonic() - start < 3 * SECONDS


@pytest.mark.parametrize("name", ["nobody.invalid", "x" * 64])
def test_a_name_that_leads_nowhere(name):
    with bounded_client(10 * SECONDS) as client, pytest.raises(httpx.ConnectError):
        client.get(f"http://{name}:9")


def test_a_handshake_byte_by_byte_ends():
    # a record that says that it is long; what is in it never ends
    with (
        answering(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xf0", b"x") as url,
        bounded_client(SECONDS) as client,
    ):
        start = time.monotonic()
        with pytest.raises(httpx.ConnectTimeout):
            client.get(url.replace("http:", "https:"))
        assert time.monotonic() - start < 3 * SECONDS


@pytest.mark.parametrize("named", ["gzip", "deflate", "gzip, gzip", "br"])
def test_a_packed_answer_is_not_unpacked(named):
    body = zlib.compress(bytes(1 << 20))
    head = OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (named.encode(), len(body))
    with (
        answering(head + body) as url,
        bounded_client(SECONDS) as client,
        pytest.raises(httpx.DecodingError, match="not packed"),
    ):
        client.get(url)


@pytest.mark.parametrize(
    "made",
    [
        lambda: LogClient("http://log.test"),
        lambda: History("http://service.test", "token"),
        Fetcher,
        lambda: Witnesses([]),
        lambda: StopRelay("http://service.test"),
        lambda: HttpAuthority("https://authority.test", "token", None, None),
        lambda: Endpoint("http://node.test"),
    ],
    ids=["log", "history", "pki", "witness", "stops", "authority", "node"],
)
def test_everybody_asks_with_such_a_client(made):
    client = made()._client
    assert client.headers["accept-encoding"] == "identity"
    assert client.event_hooks["response"]


def test_leaves_that_come_too_slowly_are_none(monkeypatch):
    """Each bundle in time, and all of them in a week: nobody would hear an alarm till then."""
    bundle = encode_entries([bytes(LEAF_BYTES)] * TILE_WIDTH)
    clock = itertools.count(0, 60)
    monkeypatch.setattr("eseal.monitor.client.time.monotonic", lambda: float(next(clock)))
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=bundle))
    with pytest.raises(LogUnreachableError, match="too slowly"):
        list(LogClient("http://log.test", transport=transport).leaves(0, 1 << 20))


def test_leaves_without_end_come_to_one(monkeypatch):
    """A head can be of any size, and leaves for it are made as fast as they are asked for."""
    bundle = encode_entries([bytes(LEAF_BYTES)] * TILE_WIDTH)
    clock = itertools.count(0)
    monkeypatch.setattr("eseal.monitor.client.BUNDLE_SECONDS", 10.0)
    monkeypatch.setattr("eseal.monitor.client.READING_SECONDS", 50.0)
    monkeypatch.setattr("eseal.monitor.client.time.monotonic", lambda: float(next(clock)))
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=bundle))
    with pytest.raises(LogUnreachableError, match="too slowly"):
        list(LogClient("http://log.test", transport=transport).leaves(0, 2**64 - 1))
