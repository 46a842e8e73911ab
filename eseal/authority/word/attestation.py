"""Attesting a company's subject and name, and checking what an authority attested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from eseal.authority.word import vrf
from eseal.errors import InvalidSubjectProofError
from eseal.model.subject import (
    SIGNATURE_BYTES,
    SubjectProof,
    check_identifier,
    check_legal_name,
)

_NAMED_BYTES = 32
PROOFS_KEPT = 4096
"""Good proofs in memory, a kilobyte each: a company's goes with all its seals' uses, and a check
costs a millisecond, as much as ten signatures."""


def attest(  # noqa: PLR0913  # what a proof is made of
    identifier: str,
    name: str,
    founders: bytes | None,
    *,
    vrf_secret: bytes,
    sign: Callable[[bytes], bytes],
    now: datetime,
) -> SubjectProof:
    """Prove the subject of a registration id and vouch for its name.

    Args:
        identifier: a registration id in normal form.
        name: the company's legal name, NFC.
        founders: hash of its founding document, 32 bytes, or ``None``.
        vrf_secret: the authority's VRF secret key, 32 bytes.
        sign: makes Ed25519 signatures with the authority's attestation key, another one.
        now: from when the name is vouched for.

    Raises:
        InvalidInputError: id or name are not in normal form.
    """
    alpha = check_identifier(identifier).encode("ascii")
    key, proof = vrf.public_key(vrf_secret), vrf.prove(vrf_secret, alpha)
    unsigned = SubjectProof(
        subject=subject_of(key, vrf.proof_to_hash(proof)),
        id=identifier,
        name=check_legal_name(name),
        valid_from=now.replace(microsecond=0),
        key=key,
        proof=proof,
        signature=bytes(SIGNATURE_BYTES),
        founders=founders,
    )
    return replace(unsigned, signature=sign(unsigned.signed_bytes))


@lru_cache(maxsize=PROOFS_KEPT)
def verify_subject_proof(proof: SubjectProof, attest_key: bytes) -> None:
    """Check that subject, id, name and founders are the authority's word.

    Rests on nothing but the two keys: that ``proof.key`` and ``attest_key`` are an authority's,
    together and at the time, only the ledger says (``LedgerReader.authority_key``), and which
    authority may speak for this register (``scheme_authority``). A proof that was good is not
    computed again.

    Args:
        proof: may come from anybody.
        attest_key: the Ed25519 key that the ledger pairs with ``proof.key``, 32 bytes.

    Raises:
        InvalidSubjectProofError: it is not; the message says what is wrong.
    """
    output = vrf.verify(proof.key, proof.id.encode("ascii"), proof.proof)
    subject = subject_of(proof.key, output)
    if subject != proof.subject:
        raise InvalidSubjectProofError(
            f"subject proof: expected the subject {subject.hex()}, which the proof "
            f"gives for {proof.id}, got {proof.subject.hex()}"
        )
    if not vrf.is_key(attest_key):
        raise InvalidSubjectProofError(
            "subject proof: expected an attestation key of prime order, 32 bytes, got "
            f"{attest_key.hex()}"
        )
    try:
        Ed25519PublicKey.from_public_bytes(attest_key).verify(proof.signature, proof.signed_bytes)
    except InvalidSignature:
        raise InvalidSubjectProofError(
            f"subject proof: expected a signature of the authority's key {attest_key.hex()} over "
            f"{proof.id} and its name, got another"
        ) from None


def subject_of(key: bytes, output: bytes) -> bytes:
    """The subject that a VRF output gives, 32 bytes, as the registry computes it.

    With the key, so that no other authority can name the same one.
    """
    return sha256(key + named_output(output)).digest()


def named_output(output: bytes) -> bytes:
    """What the registry is told of a VRF output, 32 bytes."""
    return output[:_NAMED_BYTES]
