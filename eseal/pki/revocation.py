"""Whether certificates are revoked, as proof for later: OCSP answers and revocation lists.

A certificate's issuer is asked at the addresses the certificate names: its responder (RFC 6960),
else its list (RFC 5280 section 5). What comes is checked to be about this certificate, signed by
its issuer (or the issuer's delegate) and in force; what it *says* is for the verifier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Final, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID

from eseal.errors import (
    InvalidFormatError,
    ProofError,
    RevocationUnavailableError,
    ValidationDataError,
)
from eseal.pki.chain import MAX_PATH_CERTIFICATES, verify_path
from eseal.pki.der import load_certificate
from eseal.pki.http import Fetcher
from eseal.pki.names import quoted
from eseal.pki.ocsp import MEDIA_TYPE, REQUEST_MEDIA_TYPE
from eseal.pki.revocation_checks import check_crl, check_ocsp, issued_by

CRL_MEDIA_TYPE: Final = "application/pkix-crl"
CERTIFICATE_MEDIA_TYPE: Final = "application/pkix-cert"
"""RFC 2585 section 4."""


@dataclass(frozen=True, slots=True)
class ValidationData:
    """What a verifier decades from now needs beside a signature; DER all, without duplicates.

    Attributes:
        certificates: of signers, authorities and responders, with those above them.
        ocsps: OCSPResponses.
        crls: revocation lists.
    """

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def __add__(self, other: ValidationData) -> ValidationData:
        """Both together."""
        return ValidationData(
            tuple(dict.fromkeys(self.certificates + other.certificates)),
            tuple(dict.fromkeys(self.ocsps + other.ocsps)),
            tuple(dict.fromkeys(self.crls + other.crls)),
        )


@dataclass(frozen=True, slots=True)
class Proof:
    """Revocation data about one certificate: an OCSPResponse, a revocation list, or both; DER."""

    ocsp: bytes | None = None
    crl: bytes | None = None


class StatusSource(Protocol):
    """Where proof about a certificate comes from."""

    def proof(self, certificate: bytes, issuer: bytes) -> Proof | None:
        """Revocation data, or ``None`` if this source knows nothing of that issuer.

        Raises:
            ESealError: it should have known, and could not be asked.
        """
        ...

    def knows(self, certificate: bytes, issuer: bytes) -> bool:
        """Whether this source is one to ask about it. Asks nobody, so it is quick."""
        ...


@dataclass(slots=True)
class StatusCollector:
    """Collects the validation data of certificates. Safe to call from several threads.

    Attributes:
        sources: asked in turn; the first that knows the issuer decides.
        known: certificates that may be missing from what is brought along, DER.
        fetcher: for issuers that a certificate names and nobody brought along; ``None``: do
            without.
    """

    sources: Sequence[StatusSource]
    known: Sequence[bytes] = ()
    fetcher: Fetcher | None = None
    _issuers: dict[str, bytes] = field(default_factory=dict)

    def collect(self, certificate: bytes, others: Iterable[bytes], at: datetime) -> ValidationData:
        """Everything about a certificate and those above it, up to a self-signed one.

        Args:
            certificate: DER.
            others: certificates that came with it, DER, in any order.
            at: when the chain must be good.

        Raises:
            RevocationUnavailableError: proof about one of them cannot be had.
        """
        path = self.path(certificate, others)
        _check_path(path, at)
        found = ValidationData(certificates=tuple(path))
        for below, issuer in pairwise(path):
            proof = self._proof(below, issuer)
            found += ValidationData(
                ocsps=() if proof.ocsp is None else (proof.ocsp,),
                crls=() if proof.crl is None else (proof.crl,),
            )
        return found

    def check_known(self, certificate: bytes, chain: Sequence[bytes], at: datetime) -> None:
        """Check that :meth:`collect` may come to something. Asks nobody, so it is quick.

        Args:
            certificate: DER.
            chain: those above it, as far as they are at hand, its issuer first; DER.
            at: when the chain must be good.

        Raises:
            RevocationUnavailableError: nobody would say whether one of them is revoked.
        """
        path = [certificate, *chain]
        _check_path(path, at)
        for below, issuer in pairwise(path):
            if not any(source.knows(below, issuer) for source in self.sources):
                raise _nobody_says(below)

    def path(self, certificate: bytes, others: Iterable[bytes]) -> list[bytes]:
        """A certificate and its issuers, up to a self-signed one.

        Raises:
            RevocationUnavailableError: an issuer is nowhere to be found.
            InvalidFormatError: a certificate does not parse.
        """
        pool = [*others, *self.known]
        path = [certificate]
        while not _self_issued(load_certificate(path[-1])):
            issuer = _issuer_in(path[-1], pool) or self._fetched_issuer(path[-1])
            if issuer is None or len(path) >= MAX_PATH_CERTIFICATES:
                raise RevocationUnavailableError(
                    f"the issuer of {_called(path[-1])} is not known: expected its certificate in "
                    "the signature, or at an address the certificate names"
                )
            path.append(issuer)
        return path

    def _fetched_issuer(self, certificate: bytes) -> bytes | None:
        if self.fetcher is None:
            return None
        for url in _access(certificate, AuthorityInformationAccessOID.CA_ISSUERS):
            if url not in self._issuers:
                try:
                    self._issuers[url] = self.fetcher.get(url, accept=CERTIFICATE_MEDIA_TYPE)
                except ValidationDataError:
                    continue
            try:
                if issued_by(load_certificate(certificate), load_certificate(self._issuers[url])):
                    return self._issuers[url]
            except InvalidFormatError:
                continue
        return None

    def _proof(self, certificate: bytes, issuer: bytes) -> Proof:
        for source in self.sources:
            proof = source.proof(certificate, issuer)
            if proof is not None:
                return proof
        raise _nobody_says(certificate)


class RemoteStatus:
    """The responders and lists that certificates name. A ``StatusSource``.

    Args:
        fetcher: how they are reached.
        now: the clock.
    """

    def __init__(self, fetcher: Fetcher, now: Clock) -> None:
        self._fetcher = fetcher
        self._now = now

    def proof(self, certificate: bytes, issuer: bytes) -> Proof | None:
        """Ask the responder, else the list; ``None`` if the certificate names neither.

        Raises:
            RevocationUnavailableError: it names some, and none gave a usable answer.
        """
        problems: list[str] = []
        for url in _access(certificate, AuthorityInformationAccessOID.OCSP):
            try:
                return Proof(ocsp=self._ocsp(url, certificate, issuer))
            except (ValidationDataError, ProofError, InvalidFormatError) as error:
                problems.append(str(error))
        for url in _distribution_points(certificate):
            try:
                crl = self._fetcher.get(url, accept=CRL_MEDIA_TYPE)
                check_crl(crl, issuer, self._now())
                return Proof(crl=crl)
            except (ValidationDataError, ProofError, InvalidFormatError) as error:
                problems.append(str(error))
        if problems:
            raise RevocationUnavailableError(
                f"nobody says whether {_called(certificate)} is revoked: {'; '.join(problems)}"
            )
        return None

    def knows(self, certificate: bytes, issuer: bytes) -> bool:  # noqa: ARG002 - whoever issued it
        """Whether the certificate names a responder or a list."""
        responders = _access(certificate, AuthorityInformationAccessOID.OCSP)
        return any(True for _ in (*responders, *_distribution_points(certificate)))

    def _ocsp(self, url: str, certificate: bytes, issuer: bytes) -> bytes:
        builder = ocsp.OCSPRequestBuilder().add_certificate(
            load_certificate(certificate),
            load_certificate(issuer),
            hashes.SHA1(),  # noqa: S303  # RFC 6960: an index that every responder knows
        )
        request = builder.build().public_bytes(Encoding.DER)
        answer = self._fetcher.post(url, request, sent=REQUEST_MEDIA_TYPE, accept=MEDIA_TYPE)
        check_ocsp(answer, certificate, issuer, self._now())
        return answer


class Clock(Protocol):
    """Where the time comes from."""

    def __call__(self) -> datetime:
        """Now, in UTC."""
        ...


def _check_path(path: Sequence[bytes], at: datetime) -> None:
    try:
        verify_path(path, at)
    except ProofError as error:
        raise RevocationUnavailableError(f"the chain is not good: {error}") from None


def _nobody_says(certificate: bytes) -> RevocationUnavailableError:
    return RevocationUnavailableError(
        f"nobody says whether {_called(certificate)} is revoked: it names neither a responder "
        "nor a revocation list"
    )


def _issuer_in(certificate: bytes, pool: Iterable[bytes]) -> bytes | None:
    loaded = load_certificate(certificate)
    for der in pool:
        candidate = load_certificate(der)
        if candidate.subject == loaded.issuer and issued_by(loaded, candidate):
            return der
    return None


def _self_issued(certificate: x509.Certificate) -> bool:
    return certificate.subject == certificate.issuer


def _access(certificate: bytes, method: x509.ObjectIdentifier) -> Iterator[str]:
    """RFC 5280 section 4.2.2.1."""
    try:
        found = load_certificate(certificate).extensions.get_extension_for_class(
            x509.AuthorityInformationAccess
        )
    except x509.ExtensionNotFound:
        return
    for each in found.value:
        if each.access_method == method and isinstance(
            each.access_location, x509.UniformResourceIdentifier
        ):
            yield each.access_location.value


def _distribution_points(certificate: bytes) -> Iterator[str]:
    """RFC 5280 section 4.2.1.13."""
    try:
        found = load_certificate(certificate).extensions.get_extension_for_class(
            x509.CRLDistributionPoints
        )
    except x509.ExtensionNotFound:
        return
    for point in found.value:
        for name in point.full_name or ():
            if isinstance(name, x509.UniformResourceIdentifier):
                yield name.value


def _called(certificate: bytes) -> str:
    return f"certificate {quoted(load_certificate(certificate).subject)}"
