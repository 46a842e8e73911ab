"""An authority at work: what it proves, what it refuses, and that both are on its record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from eseal.authority.office.home import Home
from eseal.authority.office.register import Register
from eseal.authority.office.tokens import Kind, Token
from eseal.authority.word.messages import Ask, Attested
from eseal.errors import AuthorityRefusedError, ForbiddenError


def system_clock() -> datetime:
    """The machine's clock, UTC."""
    return datetime.now(UTC)


class Desk:
    """Answers requests. Safe to use from several threads and processes."""

    def __init__(
        self,
        home: Home,
        clock: Callable[[], datetime] = system_clock,
        register: Register | None = None,
    ) -> None:
        """Prepare.

        Args:
            home: the authority.
            clock: the time.
            register: the companies it knows; ``None``: it vouches for what issuers tell.
        """
        self._home = home
        self._clock = clock
        self._register = register

    def answer(self, ask: Ask, token: Token) -> Attested:
        """Prove what the holder of a token asks for; on record before it is given.

        Raises:
            InvalidInputError: this cannot be asked: an id or name out of normal form.
            ForbiddenError: the token is another company's, or its holder tells what others have to.
            AuthorityRefusedError: the authority is not set for such ids, or its register has no
                such company, or another name for it.
            OSError: the log cannot be written; nothing is proven then.
        """
        ask.check()
        try:
            token.check(ask)
            self._check_word(ask, token.kind)
        except ForbiddenError as error:
            self._home.log.refused(token.id, ask, error.code, self._clock())
            raise
        return self.prove(ask, by=token.id)

    def prove(self, ask: Ask, *, by: str) -> Attested:
        """Prove what is asked; on record before it is given. Errors as :meth:`answer`.

        An id that was proven under another name before is proven under the new one, from now on:
        the subject stays, and the log says ``renamed``.

        Args:
            ask: what is asked.
            by: who asks, for the record.
        """
        ask.check()
        card = self._home.card
        try:
            self._check(ask)
        except AuthorityRefusedError as error:
            self._home.log.refused(by, ask, str(error), self._clock())
            raise
        entry = self._home.log.proven(by, ask, self._clock())
        since = entry.since or entry.at
        return self._home.keys.answer(ask, card.registry, since, entry.record)

    def _check_word(self, ask: Ask, kind: Kind) -> None:
        """Issuers tell names, and companies who founded them: neither the other's.

        A company could call itself as it likes; an operator could name founders of his own.
        """
        name, founders = self._home.log.known(ask.id)
        if kind is Kind.COMPANY and self._register is None and ask.name != name:
            raise ForbiddenError(
                f"expected the name under which an issuer had {ask.id} proven, "
                f"{'none yet' if name is None else repr(name)}, got {ask.name!r}"
            )
        told = ask.founders, ask.founders_account
        if kind is Kind.ISSUER and told not in {(None, None), founders}:
            raise ForbiddenError(f"expected founders that {ask.id} has told itself, or none")

    def _check(self, ask: Ask) -> None:
        card = self._home.card
        if ask.prefix not in card.schemes:
            raise AuthorityRefusedError(
                f"expected an id of {', '.join(card.schemes)}, for which {card.name} is the "
                f"authority, got {ask.id}"
            )
        if self._register is not None:
            self._register.check(ask)
