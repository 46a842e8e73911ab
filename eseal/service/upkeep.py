"""What is done again and again so that an instance stays usable: one round of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eseal.errors import CorruptionError, ESealError, LedgerError
from eseal.store.repositories.use_keys import UseKeyRepository

if TYPE_CHECKING:
    from eseal.service.archive.documents import Documents
    from eseal.service.archive.renewal import RenewalRounds
    from eseal.service.record.idempotent import Idempotent
    from eseal.service.record.sequencer import Sequencer
    from eseal.service.sealing.applying import Sealing
    from eseal.service.seals.lifecycle import Lifecycle
    from eseal.service.seals.volumes import Volumes
    from eseal.store.database import Database

SLICES_A_ROUND = 256
"""Steps of settling keys in one round: a million uses are settled in four rounds."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """The use cases that have something to do without being asked."""

    database: Database
    sequencer: Sequencer
    lifecycle: Lifecycle
    volumes: Volumes
    sealing: Sealing
    documents: Documents
    renewal: RenewalRounds
    idempotent: Idempotent

    def round(self) -> None:
        """Settle what waits for the ledger, open volumes ahead of need; forget what has expired.

        Stops go first, and whatever goes wrong in one step, the others are taken. Where sealing has
        stopped, no volumes are opened: nothing would be torn from them.

        Raises:
            LedgerError: the ledger cannot be asked, or refuses something; the next round goes on.
            CorruptionError: it holds a volume that is not of our books, or rows are foreign.
        """
        failed: list[ESealError] = []
        volumes = () if self.sequencer.stopped else (self.volumes.open_ahead,)
        for step in (
            *(self.lifecycle.settle, self.lifecycle.follow, *volumes),
            *(self.sealing.forget_expired, self._settle_keys, self.documents.upkeep),
            *(self.renewal.look, self.idempotent.forget_expired),
        ):
            try:
                step()
            except (LedgerError, CorruptionError) as error:
                failed.append(error)
        failed.sort(key=lambda error: not isinstance(error, CorruptionError))
        if failed:
            raise failed[0]

    def _settle_keys(self) -> None:
        """Keep look-ups fast, in steps between which uses are recorded."""
        for _ in range(SLICES_A_ROUND):
            with self.database.write() as connection:
                if not UseKeyRepository(connection).settle():
                    return
