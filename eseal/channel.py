"""A helper process, and messages between it and the process that has started it."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import IO, Final

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

    def send(self, message: bytes, files: Sequence[int] = ()) -> None:
        """Send one message, and with it descriptors of open files.

        Raises:
            OSError: the other side is gone, or (TimeoutError) does not take it.
        """
        length = len(message).to_bytes(_LENGTH_BYTES, "big")
        if files:
            socket.send_fds(self._socket, [length], files)
        else:
            self._socket.sendall(length)
        self._socket.sendall(message)

    def receive(self) -> bytes:
        """Wait for one message.

        Raises:
            OSError: the other side is gone, or (TimeoutError) says nothing.
            EOFError: it has closed the connection, or does not send messages.
        """
        return self._read(self._size(self._read(_LENGTH_BYTES)))

    def receive_with_files(self, most: int) -> tuple[bytes, list[int]]:
        """Wait for one message that may bring descriptors, at most so many.

        Raises:
            OSError: as :meth:`receive`.
            EOFError: as :meth:`receive`.
        """
        length, files, _, _ = socket.recv_fds(self._socket, _LENGTH_BYTES, most)
        # The rest of the length, should the kernel have split it, brings none.
        length += self._read(_LENGTH_BYTES - len(length)) if length else b""
        return self._read(self._size(length)), files

    def fileno(self) -> int:
        """The descriptor to wait at."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _size(self, length: bytes) -> int:
        if len(length) < _LENGTH_BYTES or (size := int.from_bytes(length, "big")) > _MOST:
            raise EOFError
        return size

    def _read(self, size: int) -> bytes:
        parts: list[bytes] = []
        while size:
            # All at once, into the memory in which it stays: answers are some megabytes.
            parts.append(self._socket.recv(size, socket.MSG_WAITALL))
            if not parts[-1]:
                raise EOFError
            size -= len(parts[-1])
        return b"".join(parts)


class Helper:
    """A process of our own that answers over a nameless socket: ``python -m MODULE DESCRIPTOR``.

    It ends when the socket does, however the process that started it ended.

    Args:
        module: what it runs.
        env: the variables it gets to see; by default those of this process.
        output: where standard output and error go; by default to those of this process.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self,
        module: str,
        *,
        env: Mapping[str, str] | None = None,
        output: int | IO[bytes] | None = None,
    ) -> None:
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours)
        with theirs:
            descriptor = theirs.fileno()
            # Without the working directory among the places of modules: it may be anybody's.
            command = [sys.executable, "-P", "-m", module, str(descriptor)]
            try:
                self.process = subprocess.Popen(  # noqa: S603  ourselves
                    command,
                    pass_fds=[descriptor],
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
            except OSError:
                self.channel.close()
                raise

    def stop(self, seconds: float) -> int | None:
        """End it.

        Args:
            seconds: after which it is killed.

        Returns:
            What it ended with, if it did so by itself.
        """
        self.channel.close()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
