"""The accounts of an instance as they act without it: nothing they send is checked here."""

from __future__ import annotations

from eseal.ledger.contracts.deployment import Deployment
from eseal.ledger.sending.web3_ledger import Web3Ledger
from eseal.ledger.setup.administration import Administration
from eseal.ledger.wire.finality import Finality
from eseal.service.instance.context import Context
from eseal.service.instance.ledger import account_of


def administration_of(context: Context) -> Administration:
    """Act with the instance's own administrator's key, on its own ledger."""
    admin = account_of(context.keys, context.instance.admin_key_id)
    return Administration(context.connection.ledger._w3, _deployment(context), Finality(), admin)


def regulator_of(context: Context) -> Web3Ledger:
    """Act with the instance's account of a regulator, from elsewhere."""
    return _unchecked(context, context.instance.regulator_key_id)


def operator_of(context: Context) -> Web3Ledger:
    """Act with the operator's account, from elsewhere: as its thief, or as another issuer would."""
    return _unchecked(context, context.instance.operator_key_id)


def _unchecked(context: Context, key_id: str) -> Web3Ledger:
    account = account_of(context.keys, key_id)
    return Web3Ledger(context.connection.ledger._w3, _deployment(context), Finality(), account)


def _deployment(context: Context) -> Deployment:
    return Deployment.parse((context.instance.deployment or "").encode())
