"""The seal signature: a detached CMS, RFC 5652, as CAdES-B-B (ETSI EN 319 122-1) asks.

Signed attributes: content-type, message-digest, signing-certificate-v2 (RFC 5035) and the
statement. Unsigned: the receipt. The service keeps only statement and signature value and builds
the CMS again when it is asked for, so **the encoding of version 1 is frozen**: the same inputs
give the same bytes for ever (``tests/unit/documents/vectors`` holds them to it).
"""

from __future__ import annotations

import hashlib

from eseal.documents.cms import algorithms
from eseal.documents.cms.algorithms import SignatureAlgorithm
from eseal.documents.cms.decoder import MAX_CMS_BYTES, SealSignature, decode
from eseal.documents.cms.encoder import SealCms
from eseal.errors import InvalidSignatureError

__all__ = [
    "MAX_CMS_BYTES",
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
    that attribute. The content's digest is the caller's to compare with ``message_digest``.

    Raises:
        InvalidSignatureError: one of them does not hold, or the key is neither P-256 nor RSA of
            at least 3072 bits.
    """
    if seal.certificate_hash is None:
        if seal.statement is not None:
            raise InvalidSignatureError(
                "the seal signature does not name its certificate (signing-certificate-v2)"
            )
    elif hashlib.sha256(seal.certificate).digest() != seal.certificate_hash:
        raise InvalidSignatureError("the seal signature names another certificate than it carries")
    key = algorithms.public_key(seal.certificate)
    algorithms.verify(key, seal.algorithm, seal.signature, seal.signed_attributes)
