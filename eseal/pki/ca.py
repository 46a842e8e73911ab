"""The built-in certification authority: a root and an issuing CA, their keys in the key store.

It is for trying out and for closed groups; in production a licensed CA certifies the seal keys
(:mod:`eseal.pki.csr`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from eseal.errors import CorruptionError, InvalidFormatError, InvalidInputError, ProofError
from eseal.keys.protocol import KeyStore
from eseal.model.company import MAX_NAME_CHARS
from eseal.model.countries import check_country
from eseal.model.text import check_text
from eseal.pki import profile
from eseal.pki.chain import verify_path
from eseal.pki.crl import RevokedEntry, revocation_list
from eseal.pki.der import (
    load_certificate,
    load_public_key,
    sign_certificate,
    sign_crl,
)
from eseal.pki.names import SealSubject, cut_common_name, to_name
from eseal.pki.profile import SEAL_VALIDITY, Validity
from eseal.pki.public_urls import PublicUrls
from eseal.suites import KeyAlgorithm, PublicKey

_CERTIFICATES_KEPT: Final = 64
"""An instance knows a few CA certificates, and is asked about them for every stopped seal."""


@dataclass(frozen=True, slots=True)
class Authority:
    """One CA: its certificate (DER) and the name of its P-256 key in the key store."""

    certificate: bytes
    key_id: str


class CertificateAuthority:
    """Issues seal certificates and revocation lists. Safe to call from several threads.

    Args:
        keys: the store that holds both keys.
        root: the self-signed CA.
        issuing: the CA under it, which signs seals and CRLs.
        public_url: where the world reaches the service, for the addresses in every seal;
            ``None`` if nowhere.

    Raises:
        CorruptionError: a certificate does not belong to its key, or the issuing CA is not under
            the root.
        NotFoundError: a key is not in the store.
        InvalidInputError: a certificate does not parse, a key is not P-256, or the URL is none.
    """

    def __init__(
        self,
        keys: KeyStore,
        root: Authority,
        issuing: Authority,
        *,
        public_url: str | None = None,
    ) -> None:
        self.root = root
        self.issuing = issuing
        self._keys = keys
        self._public_url = public_url
        self._addresses = None if public_url is None else PublicUrls.of_issuing(public_url)
        for authority in (root, issuing):
            _check_authority(keys, authority)
        self._issuer = load_certificate(issuing.certificate)
        try:
            verify_path(self.chain, self._issuer.not_valid_before_utc)
        except ProofError as error:
            raise CorruptionError(
                f"the issuing CA does not stand under the root: {error}"
            ) from None

    @classmethod
    def create(
        cls,
        keys: KeyStore,
        *,
        organization: str,
        country: str,
        now: datetime,
        public_url: str | None = None,
    ) -> CertificateAuthority:
        """Make both CAs, their keys in ``keys``. The caller stores ``root`` and ``issuing``.

        Args:
            keys: the store the keys are generated in.
            organization: who runs the CA, 1 to 200 characters.
            country: ISO 3166-1 alpha-2, capital letters.
            now: start of both validities, aware.
            public_url: where the world will reach the service, or ``None``.

        Raises:
            InvalidInputError: a name, country, time or URL that cannot be used.
        """
        check_text(organization, field="organization", max_chars=MAX_NAME_CHARS)
        check_country(country)
        if public_url is not None:
            PublicUrls.of_issuing(public_url)  # what is no URL leaves no keys behind
        root_valid = profile.validity(now, now + profile.ROOT_VALIDITY)
        issuing_valid = profile.validity(now, now + profile.ISSUING_VALIDITY)
        root_id = keys.generate(KeyAlgorithm.P256)
        builder = profile.root_certificate(
            _ca_name(organization, country, _ROOT), _public_key(keys, root_id), root_valid
        )
        root = Authority(sign_certificate(builder, keys, root_id), root_id)
        issuing_id = keys.generate(KeyAlgorithm.P256)
        builder = profile.issuing_certificate(
            _ca_name(organization, country, _ISSUING),
            _public_key(keys, issuing_id),
            load_certificate(root.certificate),
            issuing_valid,
            _root_addresses(public_url, root),
        )
        issuing = Authority(sign_certificate(builder, keys, root_id), issuing_id)
        return cls(keys, root, issuing, public_url=public_url)

    def reissued(self) -> CertificateAuthority:
        """This CA with a new certificate for its issuing key: the addresses of today in it.

        Name, key and validity stay, so whatever was issued under the old certificate stands under
        the new one as well, and the old one stays good for who has it.
        """
        builder = profile.issuing_certificate(
            self._issuer.subject,
            _public_key(self._keys, self.issuing.key_id),
            load_certificate(self.root.certificate),
            Validity(self._issuer.not_valid_before_utc, self._issuer.not_valid_after_utc),
            _root_addresses(self._public_url, self.root),
        )
        certificate = sign_certificate(builder, self._keys, self.root.key_id)
        issuing = Authority(certificate, self.issuing.key_id)
        return CertificateAuthority(self._keys, self.root, issuing, public_url=self._public_url)

    def next_root(self, now: datetime) -> Authority:
        """A root to follow this one, its key in the key store; nothing is issued under it yet.

        Args:
            now: start of its validity, aware. The day stands in its name: roots stay apart.
        """
        country, organization = (
            str(self._issuer.subject.get_attributes_for_oid(oid)[0].value)
            for oid in (NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME)
        )
        key_id = self._keys.generate(KeyAlgorithm.P256)
        builder = profile.root_certificate(
            _ca_name(organization, country, f"{_ROOT} {now:%Y-%m-%d}"),
            _public_key(self._keys, key_id),
            profile.validity(now, now + profile.ROOT_VALIDITY),
        )
        return Authority(sign_certificate(builder, self._keys, key_id), key_id)

    def under(self, root: Authority) -> CertificateAuthority:
        """This CA under another root, its issuing certificate renewed as of that root's beginning.

        Name and key of the issuing CA stay: its lists speak of seals issued before as well.
        """
        loaded = load_certificate(root.certificate)
        start = loaded.not_valid_before_utc
        builder = profile.issuing_certificate(
            self._issuer.subject,
            _public_key(self._keys, self.issuing.key_id),
            loaded,
            profile.validity(start, start + profile.ISSUING_VALIDITY),
            _root_addresses(self._public_url, root),
        )
        certificate = sign_certificate(builder, self._keys, root.key_id)
        issuing = Authority(certificate, self.issuing.key_id)
        return CertificateAuthority(self._keys, root, issuing, public_url=self._public_url)

    def is_issuing(self, certificate: bytes) -> bool:
        """Whether a certificate (DER) is the issuing CA's, of today or from before a re-issue."""
        try:
            return _name_and_key(certificate) == _name_and_key(self.issuing.certificate)
        except InvalidFormatError:
            return False

    @property
    def chain(self) -> tuple[bytes, bytes]:
        """What stands above a seal, DER: the issuing CA, then the root."""
        return self.issuing.certificate, self.root.certificate

    def issue_seal(
        self,
        public_key: bytes,
        subject: SealSubject,
        not_before: datetime,
        not_after: datetime | None = None,
    ) -> bytes:
        """Certify a seal key.

        Args:
            public_key: SubjectPublicKeyInfo (DER): P-256, or RSA of at least 3072 bits.
            subject: the legal person.
            not_before: start of the validity, aware.
            not_after: its end, at most that of the issuing CA; three years later if ``None``.

        Returns:
            The certificate, DER.

        Raises:
            InvalidInputError: a key, name or time that cannot be used; ``field`` names it.
        """
        start = self._within(profile.whole_second(not_before, "not_before"), "not_before")
        valid = profile.validity(start, start + SEAL_VALIDITY if not_after is None else not_after)
        self._within(valid.not_after, "not_after")
        builder = profile.seal_certificate(
            to_name(subject),
            profile.check_seal_key(public_key),
            self._issuer,
            valid,
            self._addresses,
        )
        return sign_certificate(builder, self._keys, self.issuing.key_id)

    def crl(
        self, revoked: Iterable[RevokedEntry], this_update: datetime, next_update: datetime
    ) -> bytes:
        """The whole list of revoked and suspended seals (RFC 5280 section 5), DER.

        Its CRL number is ``this_update`` in microseconds: it grows from list to list without a
        counter to keep.

        Raises:
            InvalidInputError: a time has no time zone, the end is not after the start, or a serial
                number is none.
        """
        return self._list(self.issuing, revoked, this_update, next_update)

    def root_crl(
        self, this_update: datetime, next_update: datetime, root: Authority | None = None
    ) -> bytes:
        """A root's list, DER: empty, for a root that revokes its issuing CA ends this instance.

        Args:
            this_update: as of when.
            next_update: until when it may be kept.
            root: one before the present one; ``None``: the present one.

        Raises:
            InvalidInputError: as :meth:`crl`.
        """
        return self._list(root or self.root, (), this_update, next_update)

    def issue_tsa(self, public_key: bytes, not_before: datetime) -> bytes:
        """Certify the built-in time-stamp authority's key; DER.

        Args:
            public_key: SubjectPublicKeyInfo (DER).
            not_before: start of the validity, aware; it ends with the issuing CA's at the latest.

        Raises:
            InvalidInputError: a key or time that cannot be used.
        """
        builder = profile.tsa_certificate(
            self._named("time-stamp authority"),
            load_public_key(public_key),
            self._issuer,
            self._validity(not_before, profile.TSA_VALIDITY),
            self._addresses,
        )
        return sign_certificate(builder, self._keys, self.issuing.key_id)

    def issue_ocsp(self, public_key: bytes, not_before: datetime) -> bytes:
        """Certify the OCSP responder's key; DER. Arguments and errors as :meth:`issue_tsa`."""
        builder = profile.ocsp_certificate(
            self._named("OCSP responder"),
            load_public_key(public_key),
            self._issuer,
            self._validity(not_before, profile.OCSP_VALIDITY),
        )
        return sign_certificate(builder, self._keys, self.issuing.key_id)

    def _list(
        self,
        authority: Authority,
        revoked: Iterable[RevokedEntry],
        this_update: datetime,
        next_update: datetime,
    ) -> bytes:
        issuer = load_certificate(authority.certificate)
        builder = revocation_list(issuer, revoked, this_update, next_update)
        return sign_crl(builder, self._keys, authority.key_id)

    def _named(self, role: str) -> x509.Name:
        """The issuing CA's name with another role in it."""
        country, organization = (
            self._issuer.subject.get_attributes_for_oid(oid)[0]
            for oid in (NameOID.COUNTRY_NAME, NameOID.ORGANIZATION_NAME)
        )
        name = cut_common_name(f"eseal {role}, {organization.value!s}")
        return x509.Name([country, organization, x509.NameAttribute(NameOID.COMMON_NAME, name)])

    def _validity(self, not_before: datetime, length: timedelta) -> Validity:
        start = self._within(profile.whole_second(not_before, "not_before"), "not_before")
        return profile.validity(start, min(start + length, self._issuer.not_valid_after_utc))

    def _within(self, moment: datetime, field: str) -> datetime:
        """``moment`` if the issuing CA is valid then: nothing it signs outlives it."""
        earliest, latest = self._issuer.not_valid_before_utc, self._issuer.not_valid_after_utc
        if not earliest <= moment <= latest:
            raise InvalidInputError(
                f"{field}: expected a time within the issuing CA's validity, "
                f"{earliest.isoformat()} to {latest.isoformat()}, got {moment.isoformat()}",
                field=field,
            )
        return moment


def _root_addresses(public_url: str | None, root: Authority) -> PublicUrls | None:
    return None if public_url is None else PublicUrls.of_root(public_url, root.certificate)


def _public_key(keys: KeyStore, key_id: str) -> PublicKey:
    return load_public_key(keys.public_key(key_id))


@lru_cache(maxsize=_CERTIFICATES_KEPT)
def _name_and_key(certificate: bytes) -> tuple[bytes, bytes]:
    """Whose a certificate is: subject and SubjectPublicKeyInfo, DER."""
    loaded = load_certificate(certificate)
    key = loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return loaded.subject.public_bytes(), key


def is_built_in(issuer: x509.Name) -> bool:
    """Whether a name is one that :class:`CertificateAuthority` gives the CA that issues seals.

    Anybody may call a CA so, to its own disadvantage; that one calls itself otherwise proves
    nothing.
    """
    names = issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return len(names) == 1 and str(names[0].value).startswith(_PREFIX.format(role=_ISSUING))


_PREFIX: Final = "eseal {role} CA, "
_ROOT: Final = "root"
_ISSUING: Final = "seals"


def _ca_name(organization: str, country: str, role: str) -> x509.Name:
    """The role comes first: a long name is cut, and root and issuing CA must stay apart."""
    common_name = cut_common_name(_PREFIX.format(role=role) + organization)
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _check_authority(keys: KeyStore, authority: Authority) -> None:
    algorithm = keys.algorithm(authority.key_id)
    if algorithm is not KeyAlgorithm.P256:
        raise InvalidInputError(
            f"expected a p256 key for a CA, got {algorithm.value}", field="key_id"
        )
    certified = (
        load_certificate(authority.certificate)
        .public_key()
        .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )
    if certified != keys.public_key(authority.key_id):
        raise CorruptionError(
            f"the CA certificate stored for key {authority.key_id} certifies another key"
        )
