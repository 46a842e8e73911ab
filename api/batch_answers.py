"""The results of large batches as JSON, made by a process of their own.

What a batch costs after its commit is putting receipts together, signature and receipt into the CMS
and the CMS into base64: work on bytes that are public, for which this process would hold the
interpreter while the next batch waits to be signed. The helper process knows no key, no database
and no secret, and ends when the pipe to it does, however this process ended.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from binascii import b2a_base64
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from multiprocessing.connection import Connection
from typing import NamedTuple

from api import memory
from eseal.documents.cms import SealCms
from eseal.log.receipt import Promise

SEALS_KEPT = 256
"""Prepared seals in memory; each is a few kilobytes."""
_EXIT_SECONDS = 5
"""The helper is at most one part of a batch from noticing that nobody listens."""

Certificates = tuple[bytes, tuple[bytes, ...]]
"""A seal's certificate and its chain, DER."""


class Unfinished(NamedTuple):
    """A recorded use whose seal signature has still to be put together.

    A tuple, because it goes through a pipe by the thousand.

    Attributes:
        id: the use's.
        seal_id: the seal's.
        seq: the seal's counter.
        log_index: of its leaf.
        attributes: the signed attributes, DER.
        signature: the signature value over them.
        promise: the receipt, which goes into the CMS as unsigned attribute.
    """

    id: str
    seal_id: str
    seq: int
    log_index: int
    attributes: bytes
    signature: bytes
    promise: Promise


Item = Unfinished | bytes
"""What becomes one result; bytes are JSON that is ready."""


class BatchAnswers:
    """Makes results, elsewhere if it can. Safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._helper: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def results(self, certificates: Certificates, items: Sequence[Item]) -> bytes:
        """The results, comma-separated JSON.

        A helper that is gone is no reason to fail: they are made here, and the next call starts
        another one.
        """
        with self._lock:
            try:
                pipe = self._pipe or self._start()
                pipe.send((certificates, items))
                return pipe.recv_bytes()
            except (OSError, EOFError):
                self._stop()
        return join_results(certificates, items)

    def close(self) -> None:
        """End the helper, if there is one."""
        with self._lock:
            self._stop()

    def _start(self) -> Connection:
        ours, theirs = socket.socketpair()
        with theirs:
            self._pipe = Connection(ours.detach())
            descriptor = theirs.fileno()
            command = [sys.executable, "-m", "api.batch_answers", str(descriptor)]
            self._helper = subprocess.Popen(command, pass_fds=[descriptor])  # noqa: S603  ourselves
        return self._pipe

    def _stop(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._helper is not None:
            try:
                self._helper.wait(_EXIT_SECONDS)
            except subprocess.TimeoutExpired:
                self._helper.kill()
                self._helper.wait()
            self._helper = None


def join_results(certificates: Certificates, items: Sequence[Item]) -> bytes:
    """The results, comma-separated JSON, made in this process."""
    cms = _prepared(certificates)
    return b",".join(item if isinstance(item, bytes) else _result(cms, item) for item in items)


_prepared = lru_cache(maxsize=SEALS_KEPT)(lambda certificates: SealCms(*certificates))


def _result(cms: SealCms, use: Unfinished) -> bytes:
    """``api.schemas.uses.BatchResultOut``; no member holds what would have to be escaped."""
    return b'{"use":{"id":"%b","seal":"%b","seq":%d,"log_index":%d,"cms":"%b"}}' % (
        use.id.encode(),
        use.seal_id.encode(),
        use.seq,
        use.log_index,
        b2a_base64(cms.encode(use.attributes, use.signature, use.promise.encode()), newline=False),
    )


def main(descriptor: int) -> None:
    """Answer what comes through the pipe until it is closed."""
    memory.keep_little()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which closes the pipe
    with Connection(descriptor) as pipe, suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(join_results(*pipe.recv()))


if __name__ == "__main__":
    main(int(sys.argv[1]))
