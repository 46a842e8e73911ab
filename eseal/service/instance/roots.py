"""Which root certificates have ended on the ledger: a seal under one is not used any more.

Its next use would stand on record and be believed by nobody. So that is found before a ticket is
torn, as of some seconds ago.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from eseal.service.instance.kept_fresh import FIRST_SECONDS, KeptFresh

if TYPE_CHECKING:
    from collections.abc import Callable

    from eseal.ledger.facts import Period
    from eseal.ledger.protocol import LedgerReader

ASK_SECONDS = 10.0
"""How old an answer may be: an administrator ends a root once in years."""


class Roots:
    """Remembers until when an issuer's roots are in force. Safe to use from several threads.

    Args:
        reader: whom to ask.
        issuer: whose roots, 32 bytes.
        clock: seconds that never go back.
    """

    def __init__(
        self, reader: LedgerReader, issuer: bytes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._reader = reader
        self._issuer = issuer
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[bytes, KeptFresh[Period | None]] = {}

    def ended(self, root: bytes) -> datetime | None:
        """When a root ended on the ledger; ``None`` while it is in force, or was never listed.

        While the ledger cannot be asked the last answer goes on serving, and where there is none
        sealing goes on: whoever verifies asks the ledger anyway.

        Args:
            root: SHA-256 of the certificate's DER, 32 bytes.
        """
        with self._lock:
            if root not in self._known:
                ask = partial(self._reader.issuer_root, self._issuer, root)
                self._known[root] = KeptFresh(ask, ASK_SECONDS, self._clock)
            known = self._known[root]
        period = known.look(FIRST_SECONDS)
        return (
            None
            if period is None or period.until is None
            else datetime.fromtimestamp(period.until, UTC)
        )
