"""Archive time-stamps renewed before they lapse, for documents the service keeps.

An archive time-stamp proves its document for as long as its authority's certificate is in force.
Before that ends a new one is put over everything, with the validation data of the old one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from eseal.errors import ESealError
from eseal.model.level import Level
from eseal.service.longterm import archive_ends

if TYPE_CHECKING:
    from eseal.service.longterm import LongTerm

RENEW_WITHIN: Final = timedelta(days=90)
"""How long before the end a time-stamp is renewed: authorities may be down for days, not months."""

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
            ESealError: it cannot be written; the old one is there still.
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
    archive: Archive, long_term: LongTerm, now: datetime, within: timedelta = RENEW_WITHIN
) -> Renewed:
    """Renew the archive time-stamps whose authority's certificate ends soon.

    Documents of a lower level than B-LTA are left alone. What fails with one does not stop the
    others.

    Args:
        archive: the documents.
        long_term: makes new time-stamps.
        now: the time, aware.
        within: how soon is soon.
    """
    renewed = failed = 0
    for kept in archive.documents():
        try:
            renewed += _renew(kept, long_term, now + within)
        except ESealError as error:
            failed += 1
            _log.warning("renewal_failed", use=kept.id, code=error.code, error=str(error))
    return Renewed(renewed, failed)


def _renew(kept: KeptDocument, long_term: LongTerm, before: datetime) -> bool:
    data = kept.read()
    ends = archive_ends(data)
    if ends is None or ends > before:
        return False
    kept.replace(long_term.extend(data, Level.B_LTA))
    return True
