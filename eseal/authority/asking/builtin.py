"""The authority inside an instance, for trying out: issuer and authority are one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from eseal.authority.word.keys import AuthorityKeys
from eseal.authority.word.messages import Ask, Attested
from eseal.authority.word.registration import Registry


class BuiltInAuthority:
    """A ``SubjectAuthority`` with the instance's own keys, for every country's primary scheme.

    It keeps no log: what it proves, the instance has on record. That issuer and authority are one,
    every verdict's basis says.
    """

    def __init__(
        self, keys: AuthorityKeys, registry: Registry, clock: Callable[[], datetime]
    ) -> None:
        self._keys = keys
        self._registry = registry
        self._clock = clock

    def prove(self, ask: Ask) -> Attested:
        """See ``SubjectAuthority``."""
        ask.check()
        return self._keys.answer(ask, self._registry, self._clock())

    def close(self) -> None:
        """Nothing is held."""
