"""The built-in CA, as the use cases need it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography import x509

from eseal.errors import ConfigurationError, NotFoundError
from eseal.model.seal import SealState, SealType
from eseal.pki import ca
from eseal.pki.crl import RevokedEntry
from eseal.pki.der import load_certificate
from eseal.pki.names import SealSubject, seal_common_name
from eseal.store.repositories.instance import InstanceRepository
from eseal.store.repositories.responders import Role
from eseal.store.repositories.seals import SealRepository

if TYPE_CHECKING:
    from eseal.model.company import Company
    from eseal.model.seal import Seal
    from eseal.service.instance.context import Context

CRL_VALIDITY = timedelta(hours=24)
"""A relying party that caches the list learns of a revocation a day later at worst; the ledger
tells at once."""
ROOT_CRL_VALIDITY = timedelta(days=30)
"""The root's list never changes; a month is the least that archives take for granted."""


@dataclass(frozen=True, slots=True)
class Reissued:
    """What came of a re-issue.

    Attributes:
        certificate: the issuing CA's new certificate, DER.
        seals: how many seals carry it from now on instead of the old one.
    """

    certificate: bytes
    seals: int


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was just made (DER) and its validity."""

    certificate: bytes
    not_before: datetime
    not_after: datetime


class BuiltInCa:
    """Certifies seals and lists the revoked ones."""

    def __init__(self, context: Context) -> None:
        self._context = context
        instance = context.instance
        self._ca = ca.CertificateAuthority(
            context.keys,
            ca.Authority(instance.root_certificate, instance.root_key_id),
            ca.Authority(instance.issuing_certificate, instance.issuing_key_id),
            public_url=context.settings.certificate_url,
        )
        with context.database.read() as connection:
            former = InstanceRepository(connection).former_roots()
        known = [self._ca.root, *(ca.Authority(*each) for each in former)]
        self._roots = {sha256(root.certificate).digest(): root for root in known}

    @property
    def chain(self) -> tuple[bytes, ...]:
        """What stands above a seal, DER: the issuing CA, then the root."""
        return self._ca.chain

    @staticmethod
    def subject(company: Company, kind: SealType) -> SealSubject:
        """How a certificate names this company's seal of this type."""
        return SealSubject.of(company, seal_common_name(kind, company.name))

    def issue(self, company: Company, kind: SealType, key_id: str, not_before: datetime) -> Issued:
        """Certify a seal key."""
        certificate = self._ca.issue_seal(
            self._context.keys.public_key(key_id), self.subject(company, kind), not_before
        )
        loaded = x509.load_der_x509_certificate(certificate)
        return Issued(certificate, loaded.not_valid_before_utc, loaded.not_valid_after_utc)

    def reissue(self) -> Reissued:
        """Give the issuing CA a new certificate for the same key, with the addresses of today.

        Seals of the built-in CA carry it in what they sign from now on. Other processes that have
        the instance open go on with the old one until they are started again; both are good.

        Raises:
            ConfigurationError: there is no URL to name.
        """
        if self._context.settings.certificate_url is None:
            raise ConfigurationError(
                "the CA's certificate is to name addresses, and this service has none: set "
                "ESEAL_PUBLIC_URL or ESEAL_PKI_URL to the URL at which the world reaches it"
            )
        made = self._ca.reissued()
        with self._context.database.write() as connection:
            InstanceRepository(connection).set_issuing_certificate(made.issuing.certificate)
            seals = SealRepository(connection).replace_chain(self.chain, made.chain)
        self._ca = made
        return Reissued(made.issuing.certificate, seals)

    def crl(self) -> bytes:
        """The list of revoked and suspended seals as of now (RFC 5280 section 5), DER."""
        with self._context.database.read() as connection:
            stopped = SealRepository(connection).stopped()
        entries = [stopped_entry(*each) for each in stopped if self.issued_here(each[0].chain)]
        now = self._context.now()
        return self._ca.crl(entries, now, now + CRL_VALIDITY)

    def root(self, name: bytes) -> bytes:
        """The certificate (DER) of a root, also of one before the present one.

        Args:
            name: SHA-256 of it, 32 bytes: what the ledger calls it.

        Raises:
            NotFoundError: it is no root of this CA, or has expired.
        """
        return self._root(name).certificate

    def root_crl(self, name: bytes) -> bytes:
        """A root's list as of now, DER: what says that the issuing CA is good.

        Arguments and errors as :meth:`root`: certificates under a former root outlive its office.
        """
        now = self._context.now()
        return self._ca.root_crl(now, now + ROOT_CRL_VALIDITY, self._root(name))

    def is_root(self, name: bytes) -> bool:
        """Whether a root of this name is or was this CA's, and has not expired."""
        with suppress(NotFoundError):
            return bool(self._root(name))
        return False

    def _root(self, name: bytes) -> ca.Authority:
        found = self._roots.get(name)
        if found is None or load_certificate(found.certificate).not_valid_after_utc < (
            self._context.now()
        ):
            raise NotFoundError(f"no root certificate {name.hex()} is in force here")
        return found

    def issue_responder(self, role: Role, key_id: str) -> bytes:
        """Certify the key of the time-stamp authority or the OCSP responder; DER."""
        public_key = self._context.keys.public_key(key_id)
        issue = self._ca.issue_tsa if role is Role.TSA else self._ca.issue_ocsp
        return issue(public_key, self._context.now())

    def issued_here(self, chain: tuple[bytes, ...]) -> bool:
        """Whether a certificate with this chain above it is the built-in CA's."""
        return bool(chain) and self.is_issuing(chain[0])

    def is_issuing(self, certificate: bytes) -> bool:
        """Whether a certificate (DER) is the issuing CA's, from before a re-issue or of today."""
        return self._ca.is_issuing(certificate)


def stopped_entry(seal: Seal, since: datetime) -> RevokedEntry:
    """How revocation list and responder speak of a revoked or suspended seal."""
    return RevokedEntry(
        x509.load_der_x509_certificate(seal.certificate).serial_number,
        since,
        seal.reason,
        suspended=seal.state is SealState.SUSPENDED,
    )
