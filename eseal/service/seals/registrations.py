"""Bringing companies to the ledger: before it knows them, it takes no seal of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from eseal.authority.word import vrf
from eseal.authority.word.attestation import named_output
from eseal.errors import LedgerRejectedError
from eseal.ledger.facts import NewCompany
from eseal.model.subject import SubjectProof
from eseal.store.repositories.companies import CompanyRepository

if TYPE_CHECKING:
    from eseal.model.company import Company
    from eseal.service.instance.context import Context

REGISTER_AT_ONCE = 64
"""Companies registered in one transaction, some 100,000 gas each; well below any block's limit."""
_log = structlog.get_logger(__name__)


class Registrations:
    """Registers companies that are on record here. Not safe for several threads at once."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def waiting(self) -> list[Company]:
        """Companies the ledger is still to hear of, oldest first."""
        with self._context.database.read() as connection:
            return CompanyRepository(connection).unregistered()

    def settle(self) -> dict[str, LedgerRejectedError]:
        """Register every company that waits.

        One that the ledger refuses keeps no other waiting; it is tried again next time.

        Returns:
            What the ledger refused, by company id.

        Raises:
            LedgerUnreachableError: the ledger cannot be asked.
        """
        waiting = self.waiting()
        if waiting:  # one of them may be on its way already
            self._context.ledger.carry_on()
        refused: dict[str, LedgerRejectedError] = {}
        for start in range(0, len(waiting), REGISTER_AT_ONCE):
            refused |= self._register(waiting[start : start + REGISTER_AT_ONCE])
        return refused

    def _register(self, companies: Sequence[Company]) -> dict[str, LedgerRejectedError]:
        ledger = self._context.ledger
        unknown = [one for one in companies if ledger.company(one.subject) is None]
        try:
            if unknown:
                ledger.register_companies(
                    [new_company(one) for one in unknown], [one.registration for one in unknown]
                )
        except LedgerRejectedError as error:
            if len(companies) > 1:  # another process may have been faster; or one of them is bad
                refused = [self._register([one]) for one in companies]
                return {name: why for each in refused for name, why in each.items()}
            if ledger.company(companies[0].subject) is None:
                _log.error("company_refused", company=companies[0].id, error=str(error))
                return {companies[0].id: error}
        self._confirm(companies)
        return {}

    def _confirm(self, companies: Sequence[Company]) -> None:
        block = self._context.ledger.final_block()
        with self._context.database.write() as connection:
            for one in companies:
                CompanyRepository(connection).set_registered(one.id, block.number)


def new_company(company: Company) -> NewCompany:
    """What the ledger is told of a company on record."""
    proof = SubjectProof.parse(company.subject_proof)
    output = named_output(vrf.proof_to_hash(proof.proof))
    return NewCompany(output, proof.key, proof.founders, company.founders_account)
