"""What an authority attests, and what does not pass for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_scalarmult_ed25519_base_noclamp

from eseal.authority.word import vrf
from eseal.authority.word.attestation import attest, subject_of, verify_subject_proof
from eseal.errors import InvalidInputError, InvalidSubjectProofError

ID = "NTRCN-91330100799655058B"
OTHER_ID = "VATDE-136695976"
NAME = "杭州云章科技有限公司"
NOW = datetime(2026, 11, 22, 16, 45, 30, 999, UTC)
VRF_SECRET, OTHER_SECRET = bytes(range(32)), bytes(range(1, 33))
ATTEST = Ed25519PrivateKey.from_private_bytes(bytes(range(2, 34)))
OTHER_ATTEST = Ed25519PrivateKey.from_private_bytes(bytes(range(3, 35)))
ATTEST_KEY = ATTEST.public_key().public_bytes_raw()


def attested(identifier=ID, name=NAME, founders=None, *, secret=VRF_SECRET, key=ATTEST, now=NOW):
    return attest(identifier, name, founders, vrf_secret=secret, sign=key.sign, now=now)


PROOF = attested()


def refused(proof, match="subject proof: expected", key=ATTEST_KEY):
    with pytest.raises(InvalidSubjectProofError, match=match):
        verify_subject_proof(proof, key)


def signed_again(proof):
    """The same with a good signature: what only the authority itself can make."""
    return replace(proof, signature=ATTEST.sign(proof.signed_bytes))


def test_what_is_attested_verifies():
    verify_subject_proof(PROOF, ATTEST_KEY)
    verify_subject_proof(attested(founders=b"\x07" * 32), ATTEST_KEY)
    assert PROOF.subject == subject_of(PROOF.key, vrf.proof_to_hash(PROOF.proof))
    assert (PROOF.key, PROOF.valid_from) == (vrf.public_key(VRF_SECRET), NOW.replace(microsecond=0))


def test_an_id_has_one_subject_whatever_the_name_and_the_day():
    renamed = attested(name="杭州云章集团", now=NOW + timedelta(days=900), founders=bytes(32))
    assert renamed.subject == PROOF.subject
    assert attested(OTHER_ID).subject != PROOF.subject
    assert attested(secret=OTHER_SECRET).subject != PROOF.subject


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Another Name"},
        {"valid_from": NOW.replace(microsecond=0) + timedelta(seconds=1)},
        {"founders": bytes(32)},
        {"signature": bytes(64)},
        {"signature": PROOF.signature[:32] + b"\xff" * 32},
        {"id": OTHER_ID},
        {"subject": bytes(32)},
        {"key": vrf.public_key(OTHER_SECRET)},
        {"proof": attested(OTHER_ID).proof},
        {"proof": bytes(80)},
    ],
)
def test_no_member_can_be_changed(changes):
    refused(replace(PROOF, **changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subject": bytes(32)}, "expected the subject"),
        ({"id": OTHER_ID}, "the key's own proof for this id"),
        ({"proof": attested(OTHER_ID).proof}, "the key's own proof for this id"),
        ({"key": vrf.public_key(OTHER_SECRET)}, "the key's own proof for this id"),
    ],
)
def test_not_even_the_authority_can_give_an_id_another_subject(changes, said):
    refused(signed_again(replace(PROOF, **changes)), said)


def test_a_signature_of_another_key_or_over_something_else():
    refused(attested(key=OTHER_ATTEST), "a signature of the authority's key")
    for key in (bytes(32), b"\x01" + bytes(31), b"\x01" * 31, b"\xff" * 32):
        refused(PROOF, "an attestation key of prime order", key=key)
    bare = PROOF.signed_bytes.removeprefix(b"eseal subject 1\x00")
    refused(replace(PROOF, signature=ATTEST.sign(bare)), "a signature of the authority's key")


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("uscc:91330100799655058B", NAME),
        ("NTRCN-91330100799655058C", NAME),
        (ID, "e\u0301"),
        (ID, " A"),
        (ID, "A\u202eB"),
    ],
)
def test_nothing_out_of_normal_form_is_attested(identifier, name):
    with pytest.raises(InvalidInputError):
        attested(identifier, name)


@given(proof=st.binary(min_size=80, max_size=80), signature=st.binary(min_size=64, max_size=64))
def test_any_bytes_are_refused_in_words(proof, signature):
    refused(replace(PROOF, proof=proof))
    refused(replace(PROOF, signature=signature))


def test_nobody_signs_under_a_key_of_small_order():
    """Under the identity, R = s·B verifies for any message: Ed25519 alone would take it."""
    identity, s = b"\x01" + bytes(31), b"\x05" + bytes(31)
    forged = replace(PROOF, signature=crypto_scalarmult_ed25519_base_noclamp(s) + s)
    Ed25519PublicKey.from_public_bytes(identity).verify(forged.signature, forged.signed_bytes)
    refused(forged, "an attestation key of prime order", key=identity)
