"""Whether an OCSP answer or a revocation list is what it should be: this issuer's, and in force."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from eseal.errors import InvalidFormatError, InvalidSignatureError
from eseal.pki.der import load_certificate
from eseal.suites import has_signed

TOLERANCE: Final = timedelta(minutes=5)
"""How far a responder's clock may run ahead of ours (RFC 4120 section 5.2.7)."""


def check_ocsp(response: bytes, certificate: bytes, issuer: bytes, at: datetime) -> None:
    """Check that an OCSPResponse tells the status of a certificate (RFC 6960 section 3.2).

    Raises:
        InvalidFormatError: it is none, or an error of the responder.
        InvalidSignatureError: it is about another certificate, out of date, or not signed by the
            issuer or its delegate.
    """
    try:
        parsed = ocsp.load_der_ocsp_response(response)
        answered = parsed.response_status is ocsp.OCSPResponseStatus.SUCCESSFUL
        singles = list(parsed.responses) if answered else []
        delegates = [*parsed.certificates] if answered else []
    except Exception as error:  # noqa: BLE001  # whatever the parser throws at foreign bytes
        raise InvalidFormatError(f"expected an OCSP answer: {str(error)[:200]}") from None
    if not answered:
        raise InvalidFormatError(f"the responder said {parsed.response_status.name.lower()}")
    wanted, authority = load_certificate(certificate), load_certificate(issuer)
    if not any(_is_about(single, wanted, authority, at) for single in singles):
        raise InvalidSignatureError("the OCSP answer is about another certificate, or out of date")
    signers = [authority, *(each for each in delegates if _may_answer(each, authority, at))]
    algorithm = parsed.signature_hash_algorithm
    if not any(
        _verifies(each, parsed.signature, parsed.tbs_response_bytes, algorithm) for each in signers
    ):
        raise InvalidSignatureError("the OCSP answer is not signed by the certificate's issuer")


def check_crl(crl: bytes, issuer: bytes, at: datetime) -> None:
    """Check that a revocation list is its issuer's and in force (RFC 5280 section 6.3).

    Raises:
        InvalidFormatError: it is none.
        InvalidSignatureError: another issuer's, out of date, or not signed by it.
    """
    try:
        parsed = x509.load_der_x509_crl(crl)
        start, end = parsed.last_update_utc, parsed.next_update_utc
    except Exception as error:  # noqa: BLE001  # the same
        raise InvalidFormatError(f"expected a revocation list: {str(error)[:200]}") from None
    authority = load_certificate(issuer)
    if parsed.issuer != authority.subject:
        raise InvalidSignatureError("the revocation list is another issuer's")
    if not start - TOLERANCE <= at or end is None or at > end:
        raise InvalidSignatureError(f"the revocation list is not in force at {at.isoformat()}")
    if not _verifies(
        authority, parsed.signature, parsed.tbs_certlist_bytes, parsed.signature_hash_algorithm
    ):
        raise InvalidSignatureError("the revocation list is not signed by its issuer")


def _is_about(
    single: ocsp.OCSPSingleResponse,
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    at: datetime,
) -> bool:
    if single.serial_number != certificate.serial_number:
        return False
    name = hashlib.new(single.hash_algorithm.name, issuer.subject.public_bytes()).digest()
    end = single.next_update_utc
    return (
        name == single.issuer_name_hash
        and single.this_update_utc - TOLERANCE <= at
        and (end is None or at <= end)
    )


def _may_answer(delegate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    """RFC 6960 section 4.2.2.2: issued directly by the CA, for OCSP signing, in force."""
    try:
        usage = delegate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return (
        ExtendedKeyUsageOID.OCSP_SIGNING in usage
        and delegate.not_valid_before_utc <= at <= delegate.not_valid_after_utc
        and issued_by(delegate, issuer)
    )


def _verifies(
    signer: x509.Certificate,
    signature: bytes,
    message: bytes,
    algorithm: hashes.HashAlgorithm | None,
) -> bool:
    return has_signed(signer.public_key(), algorithm, signature, message)


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's key signed the certificate, and its name stands in it."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True
