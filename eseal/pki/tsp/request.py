"""Time-stamp requests (RFC 3161 section 2.4.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from eseal.errors import InvalidInputError
from eseal.pki.tsp.structures import MessageImprint, TimeStampReq
from eseal.suites import HASHES, SHA256, identifier

NONCE_BITS: Final = 64
"""RFC 3161 section 2.4.1: "a large random number with a high probability" of being new."""
MEDIA_TYPE: Final = "application/timestamp-query"
"""RFC 3161 section 3.4."""


@dataclass(frozen=True, slots=True)
class TimeStampRequest:
    """What is to be stamped.

    Attributes:
        imprint: the hash, of the algorithm's length.
        hash_name: ``sha256``, ``sha384`` or ``sha512``.
        nonce: what the answer must repeat, or ``None``.
        policy: the policy the stamp must be made under, dotted, or ``None`` for any.
        certificates: whether the token is to carry the authority's certificate.
    """

    imprint: bytes
    hash_name: str = SHA256.name
    nonce: int | None = None
    policy: str | None = None
    certificates: bool = True

    def __post_init__(self) -> None:
        known = HASHES.get(self.hash_name)
        if known is None or len(self.imprint) != known.size:
            expected = f"{known.size} bytes of {known.title}" if known else ", ".join(HASHES)
            raise InvalidInputError(
                f"imprint: expected {expected}, got {len(self.imprint)} bytes of {self.hash_name}"
            )

    @classmethod
    def new(cls, imprint: bytes, hash_name: str = SHA256.name) -> Self:
        """A request with a fresh nonce.

        Raises:
            InvalidInputError: the imprint has not the algorithm's length.
        """
        return cls(imprint, hash_name, nonce=secrets.randbits(NONCE_BITS))

    def encode(self) -> bytes:
        """DER of the TimeStampReq."""
        return asn1.encode_der(
            TimeStampReq(
                version=1,
                message_imprint=MessageImprint(
                    hash_algorithm=identifier(HASHES[self.hash_name].oid),
                    hashed_message=self.imprint,
                ),
                policy=None if self.policy is None else ObjectIdentifier(self.policy),
                nonce=self.nonce,
                certificates_wanted=self.certificates,
                extensions=None,
            )
        )
