"""Time-stamp requests (RFC 3161 section 2.4.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from eseal.errors import InvalidInputError
from eseal.pki.tsp.structures import (
    HASH_OIDS,
    AlgorithmIdentifier,
    MessageImprint,
    TimeStampReq,
)

NONCE_BITS: Final = 64
"""RFC 3161 section 2.4.1: "a large random number with a high probability" of being new."""
HASH_BYTES: Final = {"sha256": 32, "sha384": 48, "sha512": 64}
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
    hash_name: str = "sha256"
    nonce: int | None = None
    policy: str | None = None
    certificates: bool = True

    def __post_init__(self) -> None:
        if len(self.imprint) != HASH_BYTES.get(self.hash_name):
            raise InvalidInputError(
                f"imprint: expected {HASH_BYTES.get(self.hash_name)} bytes of {self.hash_name}, "
                f"got {len(self.imprint)}"
            )

    @classmethod
    def new(cls, imprint: bytes, hash_name: str = "sha256") -> Self:
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
                    hash_algorithm=AlgorithmIdentifier(
                        algorithm=HASH_OIDS[self.hash_name], parameters=None
                    ),
                    hashed_message=self.imprint,
                ),
                policy=None if self.policy is None else ObjectIdentifier(self.policy),
                nonce=self.nonce,
                certificates_wanted=self.certificates,
                extensions=None,
            )
        )
