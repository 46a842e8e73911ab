"""Archive time-stamps renewed before they lapse, for documents the service keeps.

An archive time-stamp proves its document for as long as its authority's certificate is in force.
Before that ends a new one is put over everything, with the validation data of the old one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from eseal.errors import ESealError
from eseal.model.level import Level
from eseal.service.archive.longterm import archive_ends

if TYPE_CHECKING:
    from eseal.service.archive.longterm import LongTerm

RENEW_WITHIN: Final = timedelta(days=90)
"""How long before the end a time-stamp is renewed: authorities may be down for days, not months."""

ROUND_SECONDS: Final = 86_400.0
"""Between two rounds: a day against the 90 there are."""

_log = structlog.get_logger(__name__)


class KeptDocument(Protocol):
    """A sealed document that is kept."""

    @property
    def id(self) -> str:
        """The use it belongs to."""
        ...

    def read(self) -> bytes:
        """The sealed PDF, or the detached signature.

        Raises:
            ESealError: it cannot be read.
        """
        ...

    def replace(self, data: bytes) -> None:
        """Keep this instead, durably, whole or not at all.

        Raises:
            ESealError, OSError: it cannot be written; the old one is there still.
        """
        ...


class Archive(Protocol):
    """Where sealed documents are kept."""

    def documents(self) -> Iterable[KeptDocument]:
        """All of them, in any order."""
        ...


@dataclass(frozen=True, slots=True)
class Renewed:
    """What one round did, by number of documents.

    Attributes:
        renewed: got a new archive time-stamp.
        failed: should have got one; the cause is in the log, and the next round tries again.
    """

    renewed: int = 0
    failed: int = 0


def renew(
    archive: Archive,
    long_term: LongTerm,
    now: datetime,
    within: timedelta = RENEW_WITHIN,
    *,
    going: Callable[[], bool] = lambda: True,
) -> Renewed:
    """Renew the archive time-stamps whose authority's certificate ends soon.

    Documents of a lower level than B-LTA are left alone. What fails with one does not stop the
    others.

    Args:
        archive: the documents.
        long_term: makes new time-stamps.
        now: the time, aware.
        within: how soon is soon.
        going: asked before each document; with ``False`` the round ends there.
    """
    renewed = failed = 0
    for kept in archive.documents():
        if not going():
            break
        try:
            renewed += _renew(kept, long_term, now + within)
        except (ESealError, OSError) as error:
            failed += 1
            _log.warning("renewal_failed", use=kept.id, error=str(error))
    return Renewed(renewed, failed)


def _renew(kept: KeptDocument, long_term: LongTerm, before: datetime) -> bool:
    data = kept.read()
    ends = archive_ends(data)
    if ends is None or ends > before:
        return False
    kept.replace(long_term.extend(data, Level.B_LTA))
    return True


class RenewalRounds:
    """A round a day, in a thread of its own: authorities are slow, and anchoring must not wait."""

    def __init__(self, archive: Archive, long_term: LongTerm, now: Callable[[], datetime]) -> None:
        self._archive = archive
        self._long_term = long_term
        self._now = now
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._started = -ROUND_SECONDS

    def look(self) -> None:
        """Start a round if it is time to and none is under way."""
        under_way = self._thread is not None and self._thread.is_alive()
        if under_way or time.monotonic() - self._started < ROUND_SECONDS:
            return
        self._started = time.monotonic()
        self._thread = threading.Thread(target=self._round, name="eseal-renewal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the round under way behind its present document."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _round(self) -> None:
        try:
            done = renew(
                self._archive, self._long_term, self._now(), going=lambda: not self._stop.is_set()
            )
        except Exception:  # noqa: BLE001  # the next round must come whatever happened in this one
            _log.exception("renewal_stopped_on_error")
            return
        if done != Renewed():
            _log.info("renewed", documents=done.renewed, failed=done.failed)
