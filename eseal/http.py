"""HTTP to servers of others: an answer comes within its time, byte for byte as it was sent.

httpx bounds the wait for the next byte only, so that a byte a second never ends; and it unpacks
what comes, layer by layer, so that a few kilobytes fill the memory before anybody counts them. Here
an answer is due as a whole, from its first header to its last byte, and a packed one is refused.
How long a body may be, whoever reads it says.
"""

from __future__ import annotations

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
        connect: how long a connection may take; by default as long.
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


def _refuse_packed(answer: httpx.Response) -> None:
    packed = answer.headers.get(_ENCODING, "identity").strip().lower()
    if packed != "identity":
        raise httpx.DecodingError("expected an answer that is not packed", request=answer.request)


class _Backend(httpcore.NetworkBackend):
    """Connections that read no longer than so many seconds after what was written last."""

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
        made = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(made, self._seconds)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self._until = time.monotonic() + seconds

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
        made = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return _Stream(made, self._seconds)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
