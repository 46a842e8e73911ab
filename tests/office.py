"""The administrator of an instance's own contracts, and a regulator who asks no service."""

from __future__ import annotations

from eseal.ledger.administration import Administration
from eseal.ledger.deployment import Deployment
from eseal.ledger.finality import Finality
from eseal.ledger.web3_ledger import Web3Ledger
from eseal.service.context import Context
from eseal.service.ledger import account_of


def administration_of(context: Context) -> Administration:
    """Act with the instance's own administrator's key, on its own ledger."""
    admin = account_of(context.keys, context.instance.admin_key_id)
    return Administration(context.connection.ledger._w3, _deployment(context), Finality(), admin)


def regulator_of(context: Context) -> Web3Ledger:
    """Act as the instance's account of a regulator, but from elsewhere: nothing is checked."""
    account = account_of(context.keys, context.instance.regulator_key_id)
    return Web3Ledger(context.connection.ledger._w3, _deployment(context), Finality(), account)


def _deployment(context: Context) -> Deployment:
    return Deployment.parse((context.instance.deployment or "").encode())
