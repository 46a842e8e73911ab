"""An authority's word on the ledger that a company goes on under another subject.

Its id changed, or the authority's key did. Only an event: the old seals stay what they are, and the
owner's watch tells of it. Whoever has the authority's account can say so of any two companies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.errors import InvalidInputError, NotFoundError
from eseal.ledger.events import CompanyContinued
from eseal.ledger.reading.web3_reader import Web3Reader
from eseal.ledger.sending.calls import Calls
from eseal.ledger.sending.sender import Sender

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from web3 import Web3

    from eseal.ledger.contracts.deployment import Deployment
    from eseal.ledger.facts import Receipt
    from eseal.ledger.wire.finality import Finality


def continue_company(  # noqa: PLR0913, PLR0917  # where, by whom, and both companies
    w3: Web3,
    deployment: Deployment,
    finality: Finality,
    account: LocalAccount,
    old: bytes,
    new: bytes,
) -> Receipt | None:
    """Say that a company goes on under another subject; returns when that is final.

    Args:
        w3: the node.
        deployment: the contracts.
        finality: when a block counts.
        account: the ledger account of the authority that named both.
        old: the subject so far, 32 bytes.
        new: the one under which it goes on, 32 bytes.

    Returns:
        ``None`` if the ledger says so already.

    Raises:
        InvalidInputError: both are the same.
        NotFoundError: one of them is not on the ledger.
        ConfigurationError: another chain, or no such contracts.
        LedgerRejectedError: the account is not that of the authority of both.
        LedgerUnreachableError: the node does not answer.
    """
    if old == new:
        raise InvalidInputError(
            f"expected two subjects, got {old.hex()} twice: a company that only changed its name "
            "keeps its subject",
            field="to",
        )
    reader = Web3Reader(w3, deployment, finality)
    reader.check()
    for subject in (old, new):
        if reader.company(subject) is None:
            raise NotFoundError(f"the ledger knows no company with the subject {subject.hex()}")
    said = [one for one in reader.events(old) if isinstance(one, CompanyContinued)]
    if any(one.new_subject == new for one in said):
        return None
    order = Calls(deployment).of("continueCompany", old, new)
    sender = Sender(w3, deployment.chain_id, account, finality)
    return sender.send(order.to, order.data, order.kind).receipt
