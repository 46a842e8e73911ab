"""HTTP to servers of others: an answer comes within its time, byte for byte as it was sent.

httpx bounds the wait for the next byte only, so that a byte a second never ends; and it unpacks
what comes, layer by layer, so that a few kilobytes fill the memory before anybody counts them. Here
an answer is due as a whole, from its first header to its last byte, and a packed one is refused.
How long a body may be, whoever reads it says. A connection has its time as a whole, too: httpx
gives each address of a name as long again, and the look-up of the name as long as it likes.
"""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

_ENCODING = "content-encoding"


def bounded_client(
    seconds: float,
    *,
    connect: float | None = None,
    headers: dict[str, str] | None = None,
    transport: httpx.BaseTransport | None = None,
    **options: Any,
) -> httpx.Client:
    """A client whose every answer ends.

    Args:
        seconds: how long an answer may take once it was asked for, all of it.
        connect: how long a connection may take, from the look-up of its name through all addresses
            to the end of the TLS handshake; by default as long.
        headers: sent with each request.
        transport: how requests travel; by default over the network.
        options: of ``httpx.Client``.
    """
    client = httpx.Client(
        timeout=httpx.Timeout(seconds, connect=min(seconds, connect or seconds)),
        headers={"Accept-Encoding": "identity", **(headers or {})},
        transport=transport,
        event_hooks={"response": [_refuse_packed]},
        **options,
    )
    # httpx has no other place where a whole answer can be given a time, if proxies are to work
    for each in (client._transport, *client._mounts.values()):  # noqa: SLF001
        if isinstance(each, httpx.HTTPTransport):
            pool: Any = each._pool  # noqa: SLF001
            pool._network_backend = _Backend(pool._network_backend, seconds)  # noqa: SLF001
    return client


def web_address(text: str) -> httpx.URL | None:
    """An ``http`` or ``https`` URL with a host, or ``None`` where a text is no such thing."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return None
    return url if url.scheme in {"http", "https"} and url.host else None


def _refuse_packed(answer: httpx.Response) -> None:
    packed = answer.headers.get(_ENCODING, "identity").strip().lower()
    if packed != "identity":
        raise httpx.DecodingError("expected an answer that is not packed", request=answer.request)


def _addresses(host: str, port: int, until: float) -> list[str]:
    """Where a name leads, in the order to try; nobody can stop a look-up, so nobody waits for it.

    Raises:
        httpcore.ConnectTimeout: it takes too long.
        httpcore.ConnectError: it leads nowhere.
    """
    found: queue.SimpleQueue[list[str] | OSError | ValueError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.put([str(address[0]) for *_, address in answers])
        except (OSError, ValueError) as error:
            found.put(error)

    threading.Thread(target=look_up, name="look-up", daemon=True).start()
    try:
        addresses = found.get(timeout=max(until - time.monotonic(), 0))
    except queue.Empty:
        raise httpcore.ConnectTimeout(f"the look-up of {host} takes too long") from None
    if not isinstance(addresses, list):
        raise httpcore.ConnectError(str(addresses))
    return addresses


class _Backend(httpcore.NetworkBackend):
    """Connections made in their time, that read no longer than so long after what was written."""

    def __init__(self, inner: httpcore.NetworkBackend, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that answers; each has its share of the time left."""
        until = time.monotonic() + (self._seconds if timeout is None else timeout)
        error: Exception = httpcore.ConnectTimeout(f"{host} takes too long")
        addresses = _addresses(host, port, until)
        for number, address in enumerate(addresses):
            left = until - time.monotonic()
            if left <= 0:
                break
            share = left / (len(addresses) - number)
            try:
                made = self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
            else:
                return _Stream(made, self._seconds, until)
        raise error

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    """A connection that is due at a time: it is made by then, or what it reads has come."""

    def __init__(self, inner: httpcore.NetworkStream, seconds: float, until: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole answer takes too long")
        return self._inner.read(max_bytes, left if timeout is None else min(timeout, left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)
        self._until = time.monotonic() + self._seconds

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._until - time.monotonic()
        if left <= 0:
            self.close()
            raise httpcore.ConnectTimeout("the connection takes too long")
        within = left if timeout is None else min(timeout, left)
        made = self._inner.start_tls(ssl_context, server_hostname, within)
        return _Stream(made, self._seconds, self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
