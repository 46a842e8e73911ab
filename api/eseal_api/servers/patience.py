"""How long a stranger may take to say what he wants: connections are few, and ours need some, too.

A request that comes byte by byte, or never, would hold its connection for ever; a thousand of them
take every descriptor of the process, those for database and ledger among them.
"""

from __future__ import annotations

import asyncio
import fcntl
import resource
import socket
import struct
import termios
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from asyncio import Transport

LOOK_SECONDS = 10.0
"""How often it is looked whether something came."""
LEAST_BYTES = 1 << 12
"""In that time, until a request or its answer is through: less than the slowest line carries."""
MOST_DESCRIPTORS = 1 << 16
"""A service needs a hundred; each connection of a stranger takes one."""


def take_descriptors() -> None:
    """Ask the system for as many open connections as it allows, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class PatientProtocol(HttpToolsProtocol):
    """A connection that is closed where its request comes too slowly, or its answer is not read.

    An answer is read as far as the peer has acknowledged it. What our buffer holds says nothing of
    that: the system takes megabytes at once and then, for a minute of a slow line, nothing.
    """

    _look: asyncio.TimerHandle | None = None
    _counted: _Counted
    _came = 0
    _due = 0
    _asking = True

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to look."""
        self._counted = _Counted(transport)
        super().connection_made(self._counted)  # type: ignore[arg-type]  # a transport in all it does
        self._look = self.loop.call_later(LOOK_SECONDS, self._looked)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count it."""
        self._came += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A request begins."""
        self._asking, self._came = True, LEAST_BYTES  # it has its time from here on
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """It is whole."""
        self._asking = False
        super().on_message_complete()

    def _looked(self) -> None:
        """Whether enough went on since; a connection without a request is uvicorn's to close."""
        acknowledged = self._counted.acknowledged()
        slow = self._asking and self._came < LEAST_BYTES and not self.flow.read_paused
        if slow or acknowledged < self._due:
            self._counted.cut()
            return
        # By the next look as much as may be asked of a slow line, or all that waits now.
        self._due = min(acknowledged + LEAST_BYTES, self._counted.written)
        self._came = 0
        self._look = self.loop.call_later(LOOK_SECONDS, self._looked)


class _Counted:
    """A transport that counts what is written to it; in all else the transport that it is."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.written = 0

    def write(self, data: bytes) -> None:
        self.written += len(data)
        self._transport.write(data)

    def acknowledged(self) -> int:
        """How many bytes have reached the peer's system: neither with us any more nor with ours."""
        connection = self._transport.get_extra_info("socket")
        # SIOCOUTQ of tcp(7), under its older name: sent or not, but not acknowledged
        (waiting,) = struct.unpack("i", fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))
        return self.written - self._transport.get_write_buffer_size() - int(waiting)

    def cut(self) -> None:
        """Close, and keep nothing of what waits, either of us or the system."""
        connection = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
