"""Signatures beside the seals that are none: what can be known of them without trusting anybody.

They decide nothing. One that is made in a way that is not checked here is *not supported*, never
forged; whom a certificate names is passed on as it is written there.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from eseal.documents import cms
from eseal.documents.cms import algorithms
from eseal.errors import ESealError, InvalidFormatError, InvalidSignatureError
from eseal.pki.chain import MAX_SUPPLIED_CERTIFICATES, verify_chain, verify_signing_usage
from eseal.pki.der import load_certificate
from eseal.suites import HASHES, Family, key_title
from eseal.verify.inputs.certificates import signer_of
from eseal.verify.locating.signatures import read_signature
from eseal.verify.verdict.report import OtherSignature, OtherState

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eseal.documents.cms import SealSignature
    from eseal.verify.inputs.case import Candidate, Sources, Stranger

_WORDS = {
    OtherState.INTACT: "intact",
    OtherState.ALTERED: "verifies, but what it covers has been changed",
    OtherState.NOT_COMPARED: "verifies; what it covers was not at hand",
    OtherState.DOES_NOT_VERIFY: "does not verify",
}


def describe(stranger: Stranger) -> OtherSignature:
    """What is known of a signature that is no seal. Never raises on account of what it is given."""
    try:
        signature = read_signature(stranger.cms)
    except InvalidFormatError as error:
        return _not_supported(stranger, error, name=None)
    name = None if signature.certificate is None else signer_of(signature.certificate).name
    try:
        algorithm = _algorithm(signature)
        state = _state(signature, stranger)
    except InvalidFormatError as error:
        return _not_supported(stranger, error, name=name)
    return OtherSignature(
        state,
        f"Not a company seal: {algorithm}, {_WORDS[state]}.",
        name=name,
        algorithm=algorithm,
        field=stranger.field,
    )


def is_seal_key(stranger: Stranger, seals: Sequence[Candidate], sources: Sources) -> bool:
    """Whether it was made with a seal's key: then its owner will want to know.

    Without a statement nothing names the seal to the ledger, so its certificate decides: one of a
    legal person under a root that the verifier trusts; what stands between may stand in a seal
    beside it, or in the evidence. One that does not verify was made with no key at all: anybody can
    put a certificate into it.
    """
    try:
        signature = read_signature(stranger.cms)
        if signer_of(signature.signer).registration_id is None:
            return False
        issued = load_certificate(signature.signer).not_valid_before_utc
        verify_signing_usage(signature.signer)
        others = (*signature.chain, *_beside(seals, sources))[:MAX_SUPPLIED_CERTIFICATES]
        verify_chain(signature.signer, others, sources.trust.roots, issued)
        cms.verify_signature(signature)
    except ESealError:
        return False
    return True


def _beside(seals: Sequence[Candidate], sources: Sources) -> Iterator[bytes]:
    """Certificates of issuers that lie in the seals beside it, and in the evidence."""
    if sources.evidence is not None:
        yield from sources.evidence.chain
    for seal in seals:
        with suppress(InvalidFormatError):
            yield from read_signature(seal.cms).chain


def _state(signature: SealSignature, stranger: Stranger) -> OtherState:
    try:
        cms.verify_signature(signature)
    except InvalidSignatureError:
        return OtherState.DOES_NOT_VERIFY
    digest = stranger.digest(signature.hash_name)
    if digest is None:
        return OtherState.NOT_COMPARED
    return OtherState.INTACT if digest == signature.message_digest else OtherState.ALTERED


def _algorithm(signature: SealSignature) -> str:
    key = key_title(algorithms.public_key(signature.signer))
    if signature.scheme.family is Family.ED25519:
        return key
    padding = " (PSS)" if signature.scheme.family is Family.RSA_PSS else ""
    return f"{key}{padding}, {HASHES[signature.hash_name].title}"


def _not_supported(
    stranger: Stranger, error: InvalidFormatError, name: str | None
) -> OtherSignature:
    return OtherSignature(
        OtherState.NOT_SUPPORTED,
        f"Not a company seal, and not checked here: {error}.",
        name=name,
        field=stranger.field,
    )
