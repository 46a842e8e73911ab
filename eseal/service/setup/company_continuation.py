"""A company that goes on under another registration id, where the authority is the built-in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.authority.word.keys import AuthorityKeys
from eseal.config import BUILT_IN
from eseal.errors import ConfigurationError
from eseal.ledger.setup import company_continuation
from eseal.ledger.wire.finality import Finality
from eseal.service.instance.ledger import is_own, opened
from eseal.service.seals.directory import find_company
from eseal.service.setup.bootstrap import stored
from eseal.service.setup.key_rollover import see_funds

if TYPE_CHECKING:
    from eseal.config import Settings
    from eseal.ledger.facts import Receipt


def continue_company(settings: Settings, old: str, new: str) -> Receipt | None:
    """Say on the ledger that one company on record goes on as another one.

    It is the authority's word, sent by its account and by no other. So nothing that stands in the
    database makes this instance say it.

    Args:
        settings: which instance.
        old: the company so far, by its id or registration id.
        new: the same under its new registration id, on record and on the ledger, too.

    Returns:
        ``None`` if the ledger says so already.

    Raises:
        NotFoundError: one of them is not on record, or not on the ledger yet.
        InvalidInputError: both are one.
        ConfigurationError: another authority names companies here: says what it has to run.
        LedgerError: the ledger refuses or cannot be asked.
    """
    with stored(settings) as found:
        with found.database.read() as connection:
            before, after = (find_company(connection, name) for name in (old, new))
        if settings.authority != BUILT_IN or not is_own(
            found.deployment, found.instance, found.keys
        ):
            raise ConfigurationError(
                "this is for the authority that names the companies to say; have it run: eseal "
                "authority continue --from OLD --to NEW, with their registration ids"
            )
        account = AuthorityKeys(found.keys, found.instance.authority_keys).signer
        see_funds(found, settings, account.address, "the built-in authority's account")
        finality = Finality.parse(settings.ledger_finality)
        with opened(settings) as w3:
            subjects = (before.subject, after.subject)
            return company_continuation.continue_company(
                w3, found.deployment, finality, account, *subjects
            )
