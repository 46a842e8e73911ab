"""Who acts in tests where it does not matter: somebody who may do everything."""

from __future__ import annotations

from eseal.model.actor import ALL, Actor, Order
from eseal.model.seal import Party


def acting(name: str = "test", party: Party = Party.ISSUER) -> Actor:
    """Somebody of this name, who stops seals for this party."""
    return Actor(name, ALL, party)


def looking(name: str, company_id: str | None = None, order: Order | None = None) -> Actor:
    """Somebody who looks at records: at those of one company, or under an order."""
    return Actor(name, ALL, company_id=company_id, order=order)
