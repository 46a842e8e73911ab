"""Companies and the proofs of their subjects, against the ledger and against one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eseal.authority.word.attestation import verify_subject_proof
from eseal.errors import InvalidFormatError, InvalidSubjectProofError
from eseal.model.subject import SubjectProof
from eseal.service.audit.log import Tell
from eseal.store.repositories.companies import CompanyRepository

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eseal.ledger.protocol import LedgerReader
    from eseal.model.company import Company
    from eseal.model.seal import Seal

COMPANIES_PER_READ = 1000


class CompanyAudit:
    """Checks each company once, and each seal against its company."""

    def __init__(self, ledger: LedgerReader, tell: Tell) -> None:
        """Prepare.

        Args:
            ledger: what it says counts.
            tell: hears of each disagreement.
        """
        self._ledger = ledger
        self._tell = tell
        self._subjects: dict[str, bytes] = {}

    def run(self, connection: Connection) -> None:
        """Check every company.

        Raises:
            LedgerUnreachableError: the ledger cannot be asked.
        """
        repository, after = CompanyRepository(connection), ""
        while page := repository.page(limit=COMPANIES_PER_READ, after=after):
            for company in page:
                self._subjects[company.id] = company.subject
                self._check(company)
            after = page[-1].id

    def check_seal(self, seal: Seal, on_ledger: bytes) -> None:
        """Check that a seal is its company's, also on the ledger.

        Args:
            seal: as it is stored.
            on_ledger: the subject under which it is registered, 32 bytes.
        """
        try:
            kept = SubjectProof.parse(seal.subject_proof).subject
        except InvalidFormatError as error:
            self._tell("seal_differs", f"seal {seal.id}: {error}")
            return
        if not kept == on_ledger == self._subjects.get(seal.company_id):
            self._tell(
                "seal_differs", f"seal {seal.id}: company, proof and ledger name several subjects"
            )

    def _check(self, company: Company) -> None:
        try:
            proof = SubjectProof.parse(company.subject_proof)
            verify_subject_proof(proof, self._attest_key(proof))
        except (InvalidFormatError, InvalidSubjectProofError) as error:
            self._tell("company_differs", f"company {company.id}: {error}")
            return
        kept = (company.subject, company.identifier, company.name)
        if kept != (proof.subject, proof.id, proof.name):
            self._tell("company_differs", f"company {company.id}: its proof is another's")
        if company.registered_block is not None and self._ledger.company(company.subject) is None:
            self._tell("company_unregistered", f"company {company.id} is unknown to the ledger")

    def _attest_key(self, proof: SubjectProof) -> bytes:
        key = self._ledger.authority_key(proof.key)
        if key is None:
            raise InvalidSubjectProofError("the ledger does not know the authority's key")
        return key.attest_key
