"""How long a stranger may take to say what he wants: connections are few, and ours need some, too.

A request that comes byte by byte, or never, would hold its connection for ever; a thousand of them
take every descriptor of the process, those for database and ledger among them.
"""

from __future__ import annotations

import asyncio
import resource
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from asyncio import Transport

LOOK_SECONDS = 10.0
"""How often it is looked whether something came."""
LEAST_BYTES = 1 << 12
"""In that time, until a request is whole: less than the slowest line carries."""
MOST_DESCRIPTORS = 1 << 16
"""A service needs a hundred; each connection of a stranger takes one."""


def take_descriptors() -> None:
    """Ask the system for as many open connections as it allows, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, MOST_DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class PatientProtocol(HttpToolsProtocol):
    """A connection that is closed where its request comes too slowly, or its answer is not read."""

    _look: asyncio.TimerHandle | None = None
    _came = 0
    _waiting = 0
    _asking = True

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to look."""
        super().connection_made(transport)
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
        """Whether anything went on since; a connection without a request is uvicorn's to close."""
        unread = self.transport.get_write_buffer_size()
        slow = self._asking and self._came < LEAST_BYTES and not self.flow.read_paused
        if slow or (unread and unread == self._waiting):
            self.transport.abort()
            return
        self._came, self._waiting = 0, unread
        self._look = self.loop.call_later(LOOK_SECONDS, self._looked)
