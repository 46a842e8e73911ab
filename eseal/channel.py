"""Messages between this process and a helper it has started, over a nameless socket."""

from __future__ import annotations

import socket
from typing import Final

_LENGTH_BYTES: Final = 8
"""A message begins with its length, big-endian."""
_MOST: Final = 1 << 31
"""Bytes of a message: more than anything that is sent."""


class Channel:
    """Messages in both directions over a connected stream socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def wait(self, seconds: float | None) -> None:
        """How long to wait for the other side from now on, each time; ``None`` for ever."""
        self._socket.settimeout(seconds)

    def send(self, message: bytes) -> None:
        """Send one message.

        Raises:
            OSError: the other side is gone, or (TimeoutError) does not take it.
        """
        self._socket.sendall(len(message).to_bytes(_LENGTH_BYTES, "big"))
        self._socket.sendall(message)

    def receive(self) -> bytes:
        """Wait for one message.

        Raises:
            OSError: the other side is gone, or (TimeoutError) says nothing.
            EOFError: it has closed the connection, or does not send messages.
        """
        size = int.from_bytes(self._read(_LENGTH_BYTES), "big")
        if size > _MOST:
            raise EOFError
        return self._read(size)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _read(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size:
            # All at once, into the memory in which it stays: answers are some megabytes.
            parts.append(self._socket.recv(size, socket.MSG_WAITALL))
            if not parts[-1]:
                raise EOFError
            size -= len(parts[-1])
        return b"".join(parts)
