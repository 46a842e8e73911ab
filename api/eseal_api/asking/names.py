"""What a name in a path means, remembered where it never changes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eseal.service.seals.directory import Directory

SEALS_REMEMBERED = 65_536
"""Names of seals; a seal's id, handle and owner never change. Some 20 MB when full."""


@dataclass(frozen=True, slots=True)
class NamedSeal:
    """A seal's id and the id of the company whose it is."""

    id: str
    company_id: str


class SealNames:
    """Finds seals by id or handle, and remembers what never changes. Safe for several threads."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._known: OrderedDict[str, NamedSeal] = OrderedDict()
        self._lock = Lock()

    def known(self, name: str) -> NamedSeal | None:
        """The seal if it was asked for before; does not block."""
        return self._known.get(name)

    def find(self, name: str) -> NamedSeal:
        """The seal of this id or handle.

        Raises:
            NotFoundError: there is none.
        """
        known = self._known.get(name)
        if known is not None:
            return known
        seal = self._directory.seal(name)
        named = NamedSeal(seal.id, seal.company_id)
        with self._lock:
            self._known[name] = named
            if len(self._known) > SEALS_REMEMBERED:
                self._known.popitem(last=False)
        return named
