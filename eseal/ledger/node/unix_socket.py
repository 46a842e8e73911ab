"""JSON-RPC over a Unix socket, for processes of ours on the same data directory.

One request a line, one answer a line, as web3's own IPC provider and geth's console speak it.
"""

from __future__ import annotations

import logging
import os
import socket
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eseal.errors import ConfigurationError
from eseal.ledger.node.json_rpc import MAX_REQUEST_BYTES

MAX_SOCKET_PATH = 107
"""Bytes: ``sun_path`` holds 108 with its terminating zero (unix(7))."""
CHUNK = 65_536
BACKLOG = 64
"""Connections that may wait to be accepted; each lives for one command of ours."""
ANSWER_TIMEOUT = 30.0
"""Seconds to wait for an answer: a call may burn a full block's gas, which takes py-evm a while."""

logger = logging.getLogger(__name__)


class SocketServer:
    """Serves a handler on a Unix socket, each connection in a thread of its own."""

    def __init__(self, path: Path, handle: Callable[[bytes], bytes]) -> None:
        """Listen on ``path``, replacing what a dead process left there.

        The caller must hold the ledger's lock: only its holder may serve.

        Raises:
            ConfigurationError: the socket cannot be made.
        """
        self._path = path
        self._handle = handle
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self._closing = False
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._listen(path)
        except OSError as error:
            self._listener.close()
            raise ConfigurationError(f"{path}: cannot listen here: {error.strerror}") from error
        except ConfigurationError:
            self._listener.close()
            raise
        self._thread = threading.Thread(target=self._accept, name="eseal-ledger-ipc", daemon=True)
        self._thread.start()

    def _listen(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        with _address(path) as address:
            self._listener.bind(address)
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)  # before listen: nobody can be in yet
        self._listener.listen(BACKLOG)

    def close(self) -> None:
        """Stop listening, hang up, and remove the socket."""
        with self._guard:
            self._closing = True
            connections = list(self._open)
        self._path.unlink(missing_ok=True)
        for connection in (self._listener, *connections):
            with suppress(OSError):  # it may be gone already
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._guard:
                if self._closing:
                    connection.close()
                    return
                self._open.add(connection)
            threading.Thread(
                target=self._serve, args=(connection,), name="eseal-ledger-peer", daemon=True
            ).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                for request in _requests(connection):
                    connection.sendall(self._handle(request) + b"\n")
        except OSError as error:
            logger.debug("a peer of the ledger socket left: %s", error)
        finally:
            with self._guard:
                self._open.discard(connection)


def ask(path: Path, payload: bytes) -> bytes:
    """Send one request to the server at ``path`` and return its answer.

    Raises:
        OSError: nobody listens, or the server left before it answered.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_TIMEOUT)
        with _address(path) as address:
            connection.connect(address)
        connection.sendall(payload + b"\n")
        answer = bytearray()
        while not answer.endswith(b"\n"):
            chunk = connection.recv(CHUNK)
            if not chunk:
                raise ConnectionResetError("the ledger's process left before it answered")
            answer += chunk
        return bytes(answer)


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """What to bind or connect to: a long path goes through a descriptor of its directory."""
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        yield str(path)
        return
    if sys.platform != "linux":
        raise ConfigurationError(
            f"{path}: the path is longer than {MAX_SOCKET_PATH} bytes, too long for a socket; "
            "use a shorter data directory"
        )
    descriptor = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


def _requests(connection: socket.socket) -> Iterator[bytes]:
    """The requests a peer sends, one a line; the last is cut off if it is too long."""
    with connection.makefile("rb") as stream:
        while line := stream.readline(MAX_REQUEST_BYTES + 1):
            if line.strip():
                yield line
            if len(line) > MAX_REQUEST_BYTES:
                return
