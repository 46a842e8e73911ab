"""Which subject a company has: asks the authority, and believes only what the ledger bears out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eseal.authority.asking.builtin import BuiltInAuthority
from eseal.authority.word.keys import AuthorityKeys
from eseal.authority.word.messages import Ask, Attested
from eseal.authority.word.registration import Registry
from eseal.config import BUILT_IN
from eseal.errors import AuthorityAnswerError, ConfigurationError

if TYPE_CHECKING:
    from eseal.authority.asking.protocol import SubjectAuthority
    from eseal.ledger.protocol import LedgerReader
    from eseal.model.subject import SubjectProof
    from eseal.service.instance.context import Context

FILES = "file:"


class Subjects:
    """Asks the authority that the settings name. Safe to use from several threads."""

    def __init__(self, context: Context) -> None:
        self._reader = context.connection.reader
        self._authority = authority_of(context)

    def prove(self, ask: Ask) -> Attested:
        """A company's subject with its proof, good on this ledger now.

        Raises:
            InvalidInputError: this cannot be asked: not the country's primary id, for one.
            AuthorityUnreachableError: it does not answer now; nothing was done, try again.
            AuthorityRefusedError: it says no, and why.
            AuthorityAnswerError: what it answered proves nothing, or not on this ledger.
            LedgerUnreachableError: the ledger cannot be asked.
        """
        answer = self._authority.prove(ask)
        check_on_ledger(answer.proof, self._reader)
        return answer

    def close(self) -> None:
        """Give connections back."""
        self._authority.close()


def check_on_ledger(proof: SubjectProof, reader: LedgerReader) -> None:
    """Check that the ledger knows a proof's authority, for its register and now.

    Raises:
        AuthorityAnswerError: it does not.
        LedgerUnreachableError: the ledger cannot be asked.
    """
    key = reader.authority_key(proof.key)
    if key is None or not key.period.holds(reader.final_block().timestamp):
        raise AuthorityAnswerError(
            "expected a proof under a key in force on the ledger, got one under "
            f"{proof.key.hex()}: ESEAL_AUTHORITY must name the ledger's authority"
        )
    appointed = reader.scheme_authority(proof.scheme)
    if appointed != key.authority:
        raise AuthorityAnswerError(
            f"expected a proof of the authority for {proof.id.partition('-')[0]} on the ledger, "
            f"{appointed.hex() if appointed else 'which has none'}, got one of "
            f"{key.authority.hex()}"
        )


def authority_of(context: Context) -> SubjectAuthority:
    """The authority that the settings name.

    Raises:
        ConfigurationError: one is named without its card or token, or the card is another
            ledger's.
    """
    settings = context.settings
    registry = Registry(context.ledger.chain_id, context.ledger.seal_registry)
    if settings.authority == BUILT_IN:
        keys = AuthorityKeys(context.keys, context.instance.authority_keys)
        return BuiltInAuthority(keys, registry, context.now)
    from eseal.authority.asking.exchange import FileAuthority
    from eseal.authority.asking.http import HttpAuthority
    from eseal.authority.office.home import load_card

    if settings.authority_card is None:
        raise ConfigurationError(
            "ESEAL_AUTHORITY names an authority, but nothing its keys: set ESEAL_AUTHORITY_CARD to "
            "the file you have from it (eseal authority show --json)"
        )
    card = load_card(settings.authority_card)
    if card.registry != registry:
        raise ConfigurationError(
            f"{settings.authority_card}: expected an authority for the registry {registry.address} "
            f"of chain {registry.chain_id}, got one for {card.registry.address} of chain "
            f"{card.registry.chain_id}"
        )
    if settings.authority.startswith(FILES):
        directory = Path(settings.authority.removeprefix(FILES))
        return FileAuthority(directory, card.keys_of, registry)
    if settings.authority_token is None:
        raise ConfigurationError("ESEAL_AUTHORITY names an authority: set ESEAL_AUTHORITY_TOKEN")
    token = settings.authority_token.get_secret_value()
    return HttpAuthority(settings.authority, token, card.keys_of, registry)
