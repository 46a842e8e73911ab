"""Whether what was sealed waits for somebody to anchor it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eseal.service.service import Service


def anchor_is_due(service: Service) -> bool:
    """Whether uses are not on the ledger yet, and no process on this data anchors by itself.

    Who anchors holds the lead of the processes on the database: ``eseal serve`` does.
    """
    from eseal.store.repositories.leader import leader_of

    if not service.anchoring.pending():
        return False
    leader = leader_of(service.context.database)
    try:
        return leader.holds()
    finally:
        leader.close()
