"""Believing an authority's answer only as far as it proves what was asked."""

from __future__ import annotations

from eseal.authority.asking.protocol import KeysOf
from eseal.authority.word.attestation import verify_subject_proof
from eseal.authority.word.messages import Ask, Attested
from eseal.authority.word.registration import Registered, Registry, signer_of
from eseal.errors import AuthorityAnswerError, InvalidSubjectProofError


def registered(answer: Attested) -> Registered:
    """What the answer's signature is for."""
    proof = answer.proof
    return Registered(proof.subject, proof.key, proof.founders, answer.founders_account)


def check_answer(ask: Ask, answer: Attested, keys_of: KeysOf, registry: Registry) -> None:
    """Check an answer before anything of it is believed or kept.

    Rests on ``keys_of``: who answers may be lying, and so may whoever stands between.

    Raises:
        AuthorityAnswerError: it does not prove what was asked; the message says what is wrong.
    """
    proof = answer.proof
    for field, asked, got in (
        ("id", ask.id, proof.id),
        ("name", ask.name, proof.name),
        ("founders", ask.founders, proof.founders),
        ("founders_account", ask.founders_account, answer.founders_account),
    ):
        if asked != got:
            raise AuthorityAnswerError(
                f"the authority was asked for the {field} {_shown(asked)}, and gave {_shown(got)}"
            )
    known = keys_of(proof.key)
    try:
        verify_subject_proof(proof, known.attest_key)
    except InvalidSubjectProofError as error:
        raise AuthorityAnswerError(f"the authority's answer proves nothing: {error}") from None
    signer = signer_of(registered(answer), registry, answer.signature)
    if known.account is not None and signer != known.account:
        raise AuthorityAnswerError(
            f"expected the registration to be signed by the authority's account {known.account} "
            f"for the registry {registry.address} of chain {registry.chain_id}, got another "
            "signature"
        )


def _shown(value: str | bytes | None) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)
