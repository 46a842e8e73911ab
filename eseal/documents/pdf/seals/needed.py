"""Whether validation data are what a signature's own chain needs.

Whoever has a sealed file can add validation data to it: that is how it is kept for the long term,
and nobody signs them. So that nothing else can be carried along as such (an archive, a program),
each certificate must have issued another one that is needed, and each list and answer must be
signed by one. It tells whose an item is, not whom to trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from eseal.documents import cms
from eseal.documents.cms.structures import ContentInfo
from eseal.documents.pdf.seals.increments import ValidationStore
from eseal.errors import InvalidFormatError

_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, InvalidSignature)


def foreign(store: ValidationStore, signatures: Iterable[bytes]) -> frozenset[bytes]:
    """What of the validation data no signature in the file needs, DER.

    Args:
        store: all validation data of the file.
        signatures: the CMS of its seals and the tokens of its document time-stamps, DER.
    """
    needed = dict(_brought(signatures))
    rest = {der: read for der in store.certificates if (read := _certificate(der)) is not None}
    while found := {der: read for der, read in rest.items() if _leads_to(read, needed.values())}:
        needed |= found
        rest = {der: read for der, read in rest.items() if der not in found}
    needed |= {
        der: read
        for der, read in rest.items()
        if _answers(read) and any(_issued(read, by=each) for each in needed.values())
    }
    good = {*needed}
    good |= {der for der in store.crls if _is_list_of(der, needed.values())}
    good |= {der for der in store.ocsps if _is_answer_of(der, needed.values())}
    return frozenset((*store.certificates, *store.crls, *store.ocsps)) - good


def _brought(signatures: Iterable[bytes]) -> Iterator[tuple[bytes, x509.Certificate]]:
    """The certificates in signatures, and in the time-stamps of these."""
    for der in signatures:
        for each in _embedded(der):
            if (read := _certificate(each)) is not None:
                yield each, read
        try:
            signature = cms.decode(der)
        except InvalidFormatError:
            continue  # a token, or nothing that is ours
        yield from _brought((*signature.time_stamps, *signature.archive_time_stamps))


def _embedded(der: bytes) -> list[bytes]:
    try:
        found = asn1.decode_der(ContentInfo, der).content.certificates
    except ValueError:
        return []
    return [] if found is None else [asn1.encode_der(each) for each in found.as_list()]


def _certificate(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except _UNREADABLE:
        return None


def _leads_to(certificate: x509.Certificate, needed: Iterable[x509.Certificate]) -> bool:
    return any(each == certificate or _issued(each, by=certificate) for each in needed)


def _issued(certificate: x509.Certificate, *, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except _UNREADABLE:
        return False
    return True


def _answers(certificate: x509.Certificate) -> bool:
    """Whether it is for signing OCSP answers (RFC 6960 section 4.2.2.2)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _is_list_of(der: bytes, needed: Iterable[x509.Certificate]) -> bool:
    try:
        revoked = x509.load_der_x509_crl(der)
        return any(
            revoked.issuer == each.subject and revoked.is_signature_valid(each.public_key())  # type: ignore[arg-type]  # others raise TypeError
            for each in needed
        )
    except _UNREADABLE:
        return False


def _is_answer_of(der: bytes, needed: Iterable[x509.Certificate]) -> bool:
    """Whether an OCSP response is signed by an issuer, or by whom that has delegated to."""
    needed = tuple(needed)
    try:
        response = ocsp.load_der_ocsp_response(der)
        delegated = [each for each in response.certificates if _answers(each)]
    except _UNREADABLE:
        return False
    signers = [each for each in delegated if any(_issued(each, by=issuer) for issuer in needed)]
    return any(_signed(response, each) for each in (*needed, *signers))


def _signed(response: ocsp.OCSPResponse, by: x509.Certificate) -> bool:
    key, signature, content = by.public_key(), response.signature, response.tbs_response_bytes
    try:
        hashing = response.signature_hash_algorithm
        if isinstance(key, rsa.RSAPublicKey) and hashing is not None:
            key.verify(signature, content, padding.PKCS1v15(), hashing)
        elif isinstance(key, ec.EllipticCurvePublicKey) and hashing is not None:
            key.verify(signature, content, ec.ECDSA(hashing))
        else:
            return False
    except _UNREADABLE:
        return False
    return True
