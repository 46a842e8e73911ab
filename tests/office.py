"""The administrator of an instance's own contracts."""

from __future__ import annotations

from eseal.ledger.administration import Administration
from eseal.ledger.deployment import Deployment
from eseal.ledger.finality import Finality
from eseal.service.context import Context
from eseal.service.ledger import account_of


def administration_of(context: Context) -> Administration:
    """Act with the instance's own administrator's key, on its own ledger."""
    deployment = Deployment.parse((context.instance.deployment or "").encode())
    w3 = context.connection.ledger._w3
    admin = account_of(context.keys, context.instance.admin_key_id)
    return Administration(w3, deployment, Finality(), admin)
