"""A log read over HTTP, for ``eseal verify``."""

from __future__ import annotations

from eseal.monitor.client import LogClient


class HttpLog(LogClient):
    """The tiles of one log behind a URL: a ``LogSource`` of :mod:`eseal.verify`.

    Nothing it answers is believed: tiles prove themselves against a root from the ledger.
    """

    def tiles(self, origin: str) -> HttpLog | None:
        """The tiles if the log behind the URL is that of ``origin``, else ``None``.

        Raises:
            LogUnreachableError: nobody answers there, or not as a log does.
        """
        return self if self.checkpoint().checkpoint.origin == origin else None
