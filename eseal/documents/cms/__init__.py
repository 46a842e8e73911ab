"""The seal signature: a detached CMS, RFC 5652, as CAdES-B-B (ETSI EN 319 122-1) asks.

Signed attributes: content-type, message-digest, signing-certificate-v2 (RFC 5035), the statement,
the subject proof and the ticket's path in its book. Unsigned: the receipt. The service keeps only
statement and signature value beside seal and book, and builds the CMS again when it is asked for,
so **the encoding of version 2 is frozen**: the same inputs
give the same bytes for ever (``tests/unit/documents/vectors`` holds them to it).
"""

from __future__ import annotations

import hashlib

from eseal.documents.cms import algorithms
from eseal.documents.cms.decoder import MAX_CMS_BYTES, SealSignature, decode
from eseal.documents.cms.encoder import SealCms
from eseal.errors import InvalidFormatError, MissingCertificateError
from eseal.model.commitment import SignatureAlgorithm
from eseal.suites import Scheme

__all__ = [
    "MAX_CMS_BYTES",
    "Scheme",
    "SealCms",
    "SealSignature",
    "SignatureAlgorithm",
    "decode",
    "verify_signature",
]


def verify_signature(seal: SealSignature) -> None:
    """Verify that the signer's certificate made this signature.

    Checks the signature value over the signed attributes, and that signing-certificate-v2 names
    the certificate (RFC 5035 section 5.4). Only a signature without a statement may come without
    that attribute, and with another algorithm than seals use. The content's digest is the caller's
    to compare with ``message_digest``.

    Raises:
        InvalidSignatureError: the signature value does not verify. Anything else rests on what
            nobody signed:
        MissingCertificateError: the certificate that was named is not there.
        UnsupportedAlgorithmError: a key or an algorithm that is not checked here.
        InvalidFormatError: the certificate cannot be read, or none is named beside a statement.
    """
    certificate = seal.signer
    if seal.certificate_hash is not None:
        hash_name, named = seal.certificate_hash
        if hashlib.new(hash_name, certificate).digest() != named:
            raise MissingCertificateError("the signature names another certificate than it carries")
    key = algorithms.public_key(certificate)
    if seal.statement is not None:
        if seal.certificate_hash is None:
            raise InvalidFormatError(
                "the seal signature does not name its certificate (signing-certificate-v2)"
            )
        algorithms.check_seal_scheme(key, seal.scheme)
    algorithms.verify(key, seal.scheme, seal.signature, seal.signed_attributes)
