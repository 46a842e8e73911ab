"""One embedded ledger for several processes: the first owns it, the others ask the first.

``eseal serve`` and a command beside it use the same data directory. Whoever gets the lock opens the
chain and serves it on a socket; whoever does not connects to that socket. When the owner leaves in
the middle, the next request makes the asker try for the lock itself.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from eseal.errors import ConfigurationError, LedgerLockedError
from eseal.ledger.node.clock import Clock, SystemClock
from eseal.ledger.node.unix_socket import SocketServer, ask

if TYPE_CHECKING:
    from web3 import Web3

    from eseal.ledger.node.embedded import EmbeddedNode

DATABASE_NAME = "ledger.db"
SOCKET_NAME = "ledger.sock"
WAIT = 10.0
"""Seconds to wait for a process that holds the lock and does not answer: it starts or ends."""
RETRY = 0.05
"""Seconds between two tries."""


class LocalNode:
    """The embedded ledger of a data directory, wherever it runs. Safe to use from several threads.

    Attributes:
        directory: the data directory.
    """

    def __init__(self, directory: Path, wait: float, *, exclusive: bool, clock: Clock) -> None:
        """Take over a directory; use :func:`open_node`."""
        self.directory = directory
        self._wait, self._exclusive, self._clock = wait, exclusive, clock
        self._owned: _Owned | None = None
        self._guard = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        """The node itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the node."""
        self.close()

    @property
    def owned(self) -> EmbeddedNode | None:
        """The node if it runs in this process, or ``None``."""
        owned = self._owned
        return None if owned is None else owned.node

    def request(self, payload: bytes) -> bytes:
        """Answer a JSON-RPC request, here or in the process that owns the chain.

        Raises:
            LedgerLockedError: another process holds the chain and does not answer.
            ConfigurationError: this node is closed, or there is no chain any more.
        """
        owned = self._owned
        if owned is None:
            try:
                return ask(self.directory / SOCKET_NAME, payload)
            except OSError:  # the owner has left: all we ask can be asked twice
                return self.connect(payload)
        return owned.dispatcher.handle(payload)

    def connect(self, payload: bytes, funded: Mapping[str, int] | None = None) -> bytes:
        """Become the owner or find the owner, then answer ``payload``.

        Raises:
            LedgerLockedError: neither worked within the time to wait.
            NotInitialisedError: there is no chain and ``funded`` is ``None``.
            ConfigurationError: this node is closed, or the chain cannot be used.
        """
        deadline = self._clock.now() + self._wait
        while True:
            if not (self._exclusive or self._closed):
                try:  # first, since a guest is spared the loading of the chain's code
                    return ask(self.directory / SOCKET_NAME, payload)
                except OSError:
                    pass  # there is no owner, or it is starting or ending
            with self._guard:
                if self._closed:
                    raise ConfigurationError("the embedded ledger is closed")
                try:
                    if self._owned is None:
                        self._owned = _Owned(self.directory, funded, self._clock)
                    return self._owned.dispatcher.handle(payload)
                except LedgerLockedError:
                    if self._clock.now() > deadline:
                        raise
            self._clock.sleep(RETRY)

    def web3(self) -> Web3:
        """A web3 connection to this node."""
        from web3 import Web3

        from eseal.ledger.node.provider import BytesProvider

        return Web3(BytesProvider(self.request))

    def close(self) -> None:
        """Leave; if the chain is ours, close it so that another process can open it."""
        with self._guard:
            self._closed = True
            if self._owned is not None:
                self._owned.close()


class _Owned:
    """The chain in this process, and the socket it is served on."""

    def __init__(self, directory: Path, funded: Mapping[str, int] | None, clock: Clock) -> None:
        from eseal.ledger.node.embedded import EmbeddedNode
        from eseal.ledger.node.rpc_dispatcher import RpcDispatcher

        self.node = EmbeddedNode.open(directory / DATABASE_NAME, funded=funded, clock=clock)
        self.dispatcher = RpcDispatcher.full(self.node)
        try:
            self._server = SocketServer(directory / SOCKET_NAME, self.dispatcher.handle)
        except BaseException:
            self.node.close()
            raise

    def close(self) -> None:
        self._server.close()
        self.node.close()


def open_node(
    directory: Path,
    *,
    funded: Mapping[str, int] | None = None,
    exclusive: bool = False,
    wait: float = WAIT,
    clock: Clock | None = None,
) -> LocalNode:
    """Open the embedded ledger of a data directory, in this process or through another one.

    Args:
        directory: the data directory.
        funded: what a new chain's genesis block gives, address → wei; ``None`` opens only.
        exclusive: whether this process must own the chain (a service that outlives others).
        wait: seconds to wait for a process that is starting or ending.
        clock: the machine's, unless a test brings its own.

    Raises:
        LedgerLockedError: another process holds the ledger and does not let us in.
        NotInitialisedError: there is no chain and ``funded`` is ``None``.
        ConfigurationError: the chain cannot be used.
        CorruptionError: the file is not a ledger.
    """
    node = LocalNode(directory, wait, exclusive=exclusive, clock=clock or SystemClock(directory))
    try:
        node.connect(_HELLO, funded)
    except BaseException:
        node.close()
        raise
    return node


_HELLO = b'{"jsonrpc":"2.0","id":0,"method":"eth_chainId"}'
