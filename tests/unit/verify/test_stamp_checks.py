"""Time-stamps in a verdict: what they add, what they cannot, and what a bad one does not take."""

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509

from eseal.documents.cms import decode
from eseal.documents.cms.levels import (
    add_archive_time_stamp,
    add_signature_time_stamp,
    archive_imprint,
)
from eseal.errors import InvalidSignatureError, LedgerUnreachableError
from eseal.ledger.facts import Status
from eseal.model.seal import Reason
from eseal.pki import profile
from eseal.pki.der import load_certificate, load_public_key, sign_certificate
from eseal.pki.tsp.authority import TimeStampAuthority
from eseal.pki.tsp.client import BuiltInSource, TimeStampers
from eseal.suites import KeyAlgorithm
from eseal.verify import CheckName, CheckStatus, Finding, SubIndication
from eseal.verify.checks.stamp_checks import check_time_stamps
from eseal.verify.inputs.case import Candidate, Sources
from eseal.verify.inputs.policy import NO_POLICY
from eseal.verify.verdict.report import moment
from tests.stamping import Other
from tests.unit.verify.asking import trusting, verify_document

CONTRACT = b"The parties agree to agree."


@pytest.fixture
def other(world):
    """An authority whose clock is the ledger's of these tests."""
    return Other(clock=lambda: moment(world.ledger.final_block().timestamp + 3))


def stamped(p7s, other, content=None):
    value = decode(p7s).signature if content is None else content
    stampers = TimeStampers([BuiltInSource(other.tsa.answer)])
    return add_signature_time_stamp(p7s, stampers.stamp(hashlib.sha256(value).digest()).token)


def check(world, p7s, *roots):
    return verify_document(CONTRACT, signature=p7s, ledger=world.ledger, trust=trusting(*roots))


def sources_of(world, *roots):
    now = moment(world.ledger.final_block().timestamp)
    return Sources(None, world.ledger, None, None, None, trusting(*roots), now, NO_POLICY)


def revoked_after_the_stamp(world, seal, other):
    """Used and time-stamped; then revoked; anchored only then."""
    p7s = stamped(world.use(seal).p7s, other)
    world.ledger.mine(world.ledger.final_block().timestamp + 600)
    world.ledger.change(seal.handle, Status.REVOKED, Reason.LOSS)
    world.anchor()
    return p7s


def test_a_trusted_time_stamp_narrows_the_window(world, seal, other):
    p7s = revoked_after_the_stamp(world, seal, other)
    assert check(world, p7s).finding is Finding.STATUS_UNCERTAIN
    report = check(world, p7s, other.root, world.authority.chain[1])
    assert report.finding is Finding.AUTHENTIC
    said = report.check(CheckName.TIME_STAMP)
    assert said.status is CheckStatus.VALID
    assert "Other Trust" in said.detail
    assert "(time-stamp)" in report.check(CheckName.TIME).detail
    window = report.seals[0].facts.window
    assert window.not_before <= window.not_after
    assert window.not_after < moment(world.ledger.final_block().timestamp)


def test_one_nobody_trusts_narrows_nothing(world, seal, other):
    p7s = revoked_after_the_stamp(world, seal, other)
    report = check(world, p7s, world.authority.chain[1])
    assert report.finding is Finding.STATUS_UNCERTAIN
    said = report.check(CheckName.TIME_STAMP)
    assert said.status is CheckStatus.VALID
    assert "no root you trust" in said.detail


def test_nor_does_the_word_of_the_seals_own_issuer(world, seal, other):
    key_id = world.keys.generate(KeyAlgorithm.P256)
    certificate = world.authority.issue_tsa(
        world.keys.public_key(key_id), moment(world.ledger.final_block().timestamp - 60)
    )
    other.tsa = TimeStampAuthority(
        certificate,
        world.authority.chain,
        lambda message: world.keys.sign(key_id, message),
        other.clock,
    )
    p7s = revoked_after_the_stamp(world, seal, other)
    report = check(world, p7s, world.authority.chain[1])
    assert report.finding is Finding.STATUS_UNCERTAIN
    assert "own issuer" in report.check(CheckName.TIME_STAMP).detail


def test_nor_does_that_of_another_ca_under_its_root(world, seal, other):
    """An issuer can call its own authority as it likes."""
    keys, authority = world.keys, world.authority
    end = load_certificate(authority.chain[0]).not_valid_after_utc
    key_id, tsa_id = keys.generate(KeyAlgorithm.P256), keys.generate(KeyAlgorithm.P256)
    start = moment(world.ledger.final_block().timestamp - 60)
    named = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Swiss Time AG")])
    builder = profile.issuing_certificate(
        named,
        load_public_key(keys.public_key(key_id)),
        load_certificate(authority.chain[1]),
        profile.validity(start, end),
        None,
    )
    certificate = sign_certificate(builder, keys, authority.root.key_id)
    second = x509.load_der_x509_certificate(certificate)
    builder = profile.tsa_certificate(
        named,
        load_public_key(keys.public_key(tsa_id)),
        second,
        profile.validity(start, end),
        None,
    )
    other.tsa = TimeStampAuthority(
        sign_certificate(builder, keys, key_id),
        (certificate, authority.chain[1]),
        lambda message: keys.sign(tsa_id, message),
        other.clock,
    )
    p7s = revoked_after_the_stamp(world, seal, other)
    report = check(world, p7s, authority.chain[1], other.root)
    assert report.finding is Finding.STATUS_UNCERTAIN
    assert "no other root" in report.check(CheckName.TIME_STAMP).detail


def test_nor_does_that_of_another_issuer(world, seal, other):
    """Whose root the verifier trusts for seals: the ledger says that it is an issuer's."""
    world.ledger.add_root(b"another issuer".ljust(32), other.root)
    p7s = revoked_after_the_stamp(world, seal, other)
    report = check(world, p7s, other.root, world.authority.chain[1])
    assert report.finding is Finding.STATUS_UNCERTAIN
    assert "an issuer of seals" in report.check(CheckName.TIME_STAMP).detail


def test_nor_does_any_where_the_ledger_does_not_say(world, seal, other, monkeypatch):
    p7s = revoked_after_the_stamp(world, seal, other)

    def silent(_first):
        raise LedgerUnreachableError("silent")

    monkeypatch.setattr(world.ledger, "changes", silent)
    report = check(world, p7s, other.root, world.authority.chain[1])
    assert report.finding is Finding.STATUS_UNCERTAIN
    assert "the ledger does not say: silent" in report.check(CheckName.TIME_STAMP).detail


@pytest.mark.parametrize("content", [b"something else"])
def test_a_bad_one_counts_for_nothing_and_was_added(world, seal, other, content):
    p7s = stamped(world.use(seal).p7s, other, content)
    world.anchor()
    report = check(world, p7s, other.root, world.authority.chain[1])
    assert report.finding is Finding.ADDED_AFTER_SEALING
    said = report.check(CheckName.TIME_STAMP)
    assert said.status is CheckStatus.INVALID
    assert "something else" in said.detail


def test_nor_does_one_that_cannot_be_read(world, seal):
    p7s = add_signature_time_stamp(world.use(seal).p7s, b"\x30\x03\x02\x01\x01")
    world.anchor()
    report = check(world, p7s)
    assert report.finding is Finding.ADDED_AFTER_SEALING
    assert report.check(CheckName.TIME_STAMP).status is CheckStatus.INVALID


def test_a_bad_one_beside_a_good_one_is_named(world, seal, other):
    p7s = stamped(stamped(world.use(seal).p7s, other), other, b"x")
    world.anchor()
    said = check(world, p7s).check(CheckName.TIME_STAMP)
    assert said.status is CheckStatus.VALID
    assert "set aside" in said.detail


def test_no_time_stamp_no_check(world, seal):
    p7s = world.use(seal).p7s
    world.anchor()
    assert check(world, p7s).check(CheckName.TIME_STAMP) is None


def test_a_trusted_clock_that_contradicts_the_ledger(world, seal, other):
    early = other.clock() - timedelta(hours=2)
    other.tsa._now = lambda: early
    slow = Other(clock=other.clock, certified=early - timedelta(days=1))
    slow.tsa._now = lambda: early
    p7s = stamped(world.use(seal).p7s, slow)
    world.anchor()
    report = check(world, p7s, slow.root, world.authority.chain[1])
    assert report.finding is Finding.STATUS_UNCERTAIN
    assert report.sub_indication is SubIndication.TIMESTAMP_ORDER_FAILURE


def test_a_seal_that_claims_a_time_after_its_stamp_is_not_accused(world, seal, other):
    """Whoever has a root that is trusted, another issuer's too, can stamp any seal at any time."""
    claimed = other.clock() + timedelta(hours=1)
    p7s = stamped(world.use(seal, sealed_at=claimed).p7s, other)
    world.ledger.mine(world.ledger.final_block().timestamp + 7200)
    world.anchor()
    report = check(world, p7s, other.root, world.authority.chain[1])
    assert report.finding is Finding.STATUS_UNCERTAIN
    assert report.sub_indication is SubIndication.TIMESTAMP_ORDER_FAILURE
    assert "Time-stamped at" in report.check(CheckName.TIME).detail


def test_archive_time_stamps_count_too(world, seal, other):
    p7s = world.use(seal).p7s
    signature = decode(p7s)
    imprint = archive_imprint(p7s, signature.message_digest)
    stampers = TimeStampers([BuiltInSource(other.tsa.answer)])
    token = stampers.stamp(imprint.digest).token
    archived = add_archive_time_stamp(p7s, token, imprint.index)
    sources = sources_of(world, other.root)
    passed = check_time_stamps(Candidate(archived, None), decode(archived), None, sources)
    assert passed.value.by is not None
    wide = stampers.stamp(bytes(64), "sha512").token
    archived = add_archive_time_stamp(p7s, wide, imprint.index)
    with pytest.raises(InvalidSignatureError, match="without SHA-256"):
        check_time_stamps(Candidate(archived, None), decode(archived), None, sources)


def test_document_time_stamps_count_by_what_they_cover(world, seal, other):
    p7s = world.use(seal).p7s
    stampers = TimeStampers([BuiltInSource(other.tsa.answer)])
    token = stampers.stamp(bytes(32)).token
    covered = Candidate(p7s, None, stamps=((token, bytes(32)),))
    sources = sources_of(world, other.root)
    assert check_time_stamps(covered, decode(p7s), None, sources).value.by is not None
    for digest in (b"", b"\x01" * 32):
        elsewhere = Candidate(p7s, None, stamps=((token, digest),))
        with pytest.raises(InvalidSignatureError, match="something else"):
            check_time_stamps(elsewhere, decode(p7s), None, sources)
