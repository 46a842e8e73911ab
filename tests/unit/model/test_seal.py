import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from eseal.model.seal import Reason, Seal, SealState, SealType, handle_of, seal_handle

START = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2029, 1, 1, tzinfo=UTC)


def make_seal(state: SealState = SealState.ACTIVE) -> Seal:
    return Seal(
        id="a" * 26,
        company_id="e" * 26,
        type=SealType.CONTRACT,
        label="no. 2",
        physical_code=None,
        handle=bytes(32),
        certificate=b"certificate",
        chain=(b"issuing", b"root"),
        subject_proof=b"{}",
        key_id="i" * 26,
        not_before=START,
        not_after=END,
        state=state,
        reason=Reason.NONE,
        created_at=START,
    )


def test_the_handle_is_the_sha256_of_issuer_and_the_certificate_s():
    certified = hashlib.sha256(b"certificate").digest()
    expected = hashlib.sha256(b"i" * 32 + certified).digest()
    assert seal_handle(b"i" * 32, b"certificate") == handle_of(b"i" * 32, certified) == expected
    assert seal_handle(b"j" * 32, b"certificate") != expected


@pytest.mark.parametrize("state", SealState)
def test_the_last_second_of_the_validity_still_counts(state):
    assert make_seal(state).state_at(END) is state


@pytest.mark.parametrize(
    ("state", "later"),
    [
        (SealState.ACTIVE, SealState.EXPIRED),
        (SealState.SUSPENDED, SealState.EXPIRED),
        (SealState.REVOKED, SealState.REVOKED),
        (SealState.PENDING, SealState.PENDING),
        (SealState.EXPIRED, SealState.EXPIRED),
    ],
)
def test_past_its_end_a_usable_seal_is_expired_and_a_revoked_one_stays_revoked(state, later):
    assert make_seal(state).state_at(END + timedelta(seconds=1)) is later


def test_reasons_keep_the_numbers_of_the_contract():
    assert [(r.value, r.slug) for r in Reason] == [
        (0, "none"),
        (1, "rename"),
        (2, "dissolution"),
        (3, "licence_revoked"),
        (4, "bankruptcy"),
        (5, "split"),
        (6, "merger"),
        (7, "key_compromise"),
        (8, "loss"),
        (9, "superseded"),
        (10, "by_order"),
        (11, "owner_stop"),
    ]
