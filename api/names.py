"""What a caller may see, and what a name in a path means to them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from eseal.errors import NotFoundError
from eseal.service.access import Principal, Scope

if TYPE_CHECKING:
    from eseal.model.company import Company
    from eseal.model.seal import Seal
    from eseal.service.directory import Directory
    from eseal.service.service import Service

MAX_SHOWN_CHARS = 80
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


def check_owner(principal: Principal, company_id: str, what: str, name: str) -> None:
    """Raise if a company asks for what is another's, in the words of a thing that is not there.

    Raises:
        NotFoundError: it does.
    """
    if principal.scope is Scope.COMPANY and principal.company_id != company_id:
        raise not_found(what, name)


def company_for(service: Service, principal: Principal, name: str) -> Company:
    """The company of this id or registration id, if the caller may see it.

    Raises:
        NotFoundError: there is none, or it is not theirs.
    """
    try:
        company = service.directory.company(name)
    except NotFoundError:
        if principal.scope is Scope.COMPANY:
            raise not_found("company", name) from None
        raise
    check_owner(principal, company.id, "company", name)
    return company


def seal_for(service: Service, principal: Principal, name: str) -> Seal:
    """The seal of this id or handle, if the caller may see it.

    Raises:
        NotFoundError: there is none, or it is not theirs.
    """
    try:
        seal = service.directory.seal(name)
    except NotFoundError:
        raise not_found("seal", name) from None
    check_owner(principal, seal.company_id, "seal", name)
    return seal


def not_found(what: str, name: str) -> NotFoundError:
    """The error for a thing that is not there, or that the caller may not know of."""
    return NotFoundError(f"no {what} {name[:MAX_SHOWN_CHARS]!r}")
