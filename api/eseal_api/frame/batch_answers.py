"""The results of large batches as JSON, made by a process of their own.

What a batch costs after its commit is putting receipts together, signature and receipt into the CMS
and the CMS into base64: work on bytes that are public, for which this process would hold the
interpreter while the next batch waits to be signed. The helper process knows no key, no database
and no secret, and ends when the channel to it does, however this process ended.
"""

from __future__ import annotations

import marshal
import signal
import socket
import sys
import threading
from binascii import b2a_base64
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

from eseal.channel import Channel, Helper
from eseal.documents.cms import SealCms
from eseal.log.receipt import TileReceipts, encode_receipt
from eseal_api.frame import c_memory

SEALS_KEPT = 256
"""Prepared seals in memory; each is a few kilobytes."""
_EXIT_SECONDS = 5
"""The helper is at most one part of a batch from noticing that nobody listens."""

Parts = tuple[bytes, tuple[bytes, ...], bytes]
"""A seal's certificate, its chain (DER), and its subject proof."""


Unfinished = tuple[str, str, int, bytes, bytes, TileReceipts]
"""A recorded use whose seal signature has still to be put together: its id, its seal's id, the
leaf's index, the signed attributes (DER), the signature value over them, the
receipts of its tile. A plain tuple, because it goes to the helper by the thousand."""

Item = Unfinished | bytes
"""What becomes one result; bytes are JSON that is ready."""


class BatchAnswers:
    """Makes results, elsewhere if it can. Safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._helper: Helper | None = None

    def results(self, parts: Parts, items: Sequence[Item]) -> bytes:
        """The results, comma-separated JSON.

        A helper that is gone is no reason to fail: they are made here, and the next call starts
        another one.
        """
        with self._lock:
            try:
                channel = self._running().channel
                channel.send(marshal.dumps((parts, tuple(items))))
                return channel.receive()
            except (OSError, EOFError):
                self._stop()
        return join_results(parts, items)

    def close(self) -> None:
        """End the helper, if there is one."""
        with self._lock:
            self._stop()

    def _running(self) -> Helper:
        if self._helper is None:
            self._helper = Helper("eseal_api.frame.batch_answers")
        return self._helper

    def _stop(self) -> None:
        if self._helper is not None:
            self._helper.stop(_EXIT_SECONDS)
            self._helper = None


def join_results(parts: Parts, items: Sequence[Item]) -> bytes:
    """The results, comma-separated JSON, made in this process."""
    cms = _prepared(parts)
    return b",".join(item if isinstance(item, bytes) else _result(cms, item) for item in items)


_prepared = lru_cache(maxsize=SEALS_KEPT)(lambda parts: SealCms(*parts))


def _result(cms: SealCms, use: Unfinished) -> bytes:
    """``eseal_api.schemas.uses.BatchResultOut``; no member holds what would have to be escaped."""
    use_id, seal_id, log_index, attributes, signature, receipts = use
    return b'{"use":{"id":"%b","seal":"%b","log_index":%d,"cms":"%b"}}' % (
        use_id.encode(),
        seal_id.encode(),
        log_index,
        b2a_base64(
            cms.encode(attributes, signature, encode_receipt(receipts, log_index)), newline=False
        ),
    )


def main(descriptor: int) -> None:
    """Answer what comes through the channel until it is closed."""
    c_memory.keep_little()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which closes this
    with socket.socket(fileno=descriptor) as service, suppress(EOFError, OSError):
        channel = Channel(service)
        while True:
            # What comes was written by the process that started this one, over a nameless socket.
            channel.send(join_results(*marshal.loads(channel.receive())))  # noqa: S302  our own


if __name__ == "__main__":
    main(int(sys.argv[1]))
