from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from eseal.errors import CorruptionError, InvalidInputError, NotFoundError
from eseal.model.seal import Reason
from eseal.pki.ca import Authority, CertificateAuthority
from eseal.pki.chain import verify_chain, verify_signing_usage
from eseal.pki.crl import CRL_REASONS, RevokedEntry
from eseal.pki.names import SealSubject, serial_number, subject_of
from eseal.suites import KeyAlgorithm

NEXT = timedelta(days=7)


def issue(ca, keys, company, now, algorithm=KeyAlgorithm.P256):
    key_id = keys.generate(algorithm)
    return ca.issue_seal(keys.public_key(key_id), SealSubject.of(company), now)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.P256, KeyAlgorithm.RSA3072])
def test_a_seal_it_issues_stands_under_its_root(ca, keys, company, now, algorithm):
    seal = issue(ca, keys, company, now, algorithm)
    verify_chain(seal, ca.chain[:1], ca.chain[1:], now)
    verify_signing_usage(seal)
    assert subject_of(seal) == SealSubject.of(company)


def test_the_key_it_certifies_is_the_one_it_was_given(ca, keys, company, now):
    key_id = keys.generate(KeyAlgorithm.P256)
    seal = ca.issue_seal(keys.public_key(key_id), SealSubject.of(company), now)
    certified = x509.load_der_x509_certificate(seal).public_key()
    assert certified == load_der_public_key(keys.public_key(key_id))


def test_root_and_issuing_ca_are_what_they_should_be(ca):
    issuing, root = (x509.load_der_x509_certificate(der) for der in ca.chain)
    for authority, path_length in ((issuing, 0), (root, 1)):
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
        assert (constraints.critical, constraints.value.ca) == (True, True)
        assert constraints.value.path_length == path_length
        usage = authority.extensions.get_extension_for_class(x509.KeyUsage).value
        assert (usage.key_cert_sign, usage.crl_sign, usage.content_commitment) == (
            True,
            True,
            False,
        )
    assert root.issuer == root.subject != issuing.subject
    root.verify_directly_issued_by(root)
    issuing.verify_directly_issued_by(root)
    assert root.not_valid_after_utc > issuing.not_valid_after_utc


def test_it_carries_on_after_a_restart(ca, keys, company, now):
    again = CertificateAuthority(keys, ca.root, ca.issuing)
    seal = issue(again, keys, company, now)
    verify_chain(seal, ca.chain[:1], ca.chain[1:], now)
    extensions = x509.load_der_x509_certificate(seal).extensions
    with pytest.raises(x509.ExtensionNotFound):  # it was not told of a place for its CRL
        extensions.get_extension_for_class(x509.CRLDistributionPoints)


def located(certificate):
    """The URLs that a certificate (DER) names: of the list, and by method of access."""
    extensions = x509.load_der_x509_certificate(certificate).extensions
    points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    return (
        [point.full_name[0].value for point in points],
        {each.access_method._name: each.access_location.value for each in access},
    )


def test_seal_and_issuing_ca_name_the_addresses_of_who_issued_them(ca, keys, company, now):
    assert located(issue(ca, keys, company, now)) == (
        ["https://seals.example/pki/issuing.crl"],
        {
            "OCSP": "https://seals.example/pki/ocsp",
            "caIssuers": "https://seals.example/pki/issuing.cer",
        },
    )
    root = f"https://seals.example/pki/root-{sha256(ca.chain[1]).hexdigest()}"
    assert located(ca.chain[0]) == ([f"{root}.crl"], {"caIssuers": f"{root}.cer"})


def test_the_issuing_ca_may_issue_under_any_policy_of_its_own(ca):
    issuing = x509.load_der_x509_certificate(ca.chain[0])
    (policy,) = issuing.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert policy.policy_identifier.dotted_string == "2.5.29.32.0"


class TestReissued:
    @pytest.fixture
    def unknown(self, keys, now):
        """A CA made when nobody knew where the world would reach it."""
        start = now - timedelta(days=1)
        return CertificateAuthority.create(keys, organization="T", country="CN", now=start)

    @pytest.fixture
    def known(self, unknown, keys):
        """The same, its address known, with a new certificate."""
        url = "https://seals.example"
        again = CertificateAuthority(keys, unknown.root, unknown.issuing, public_url=url)
        return again.reissued()

    def test_it_is_another_certificate_that_says_the_same_and_has_addresses(self, unknown, known):
        old, new = (x509.load_der_x509_certificate(ca.chain[0]) for ca in (unknown, known))
        assert old.serial_number != new.serial_number
        assert (old.subject, old.public_key()) == (new.subject, new.public_key())
        assert old.not_valid_before_utc == new.not_valid_before_utc
        assert old.not_valid_after_utc == new.not_valid_after_utc
        root = sha256(known.chain[1]).hexdigest()
        assert located(known.chain[0])[0] == [f"https://seals.example/pki/root-{root}.crl"]
        assert known.chain[1] == unknown.chain[1]

    def test_what_either_issued_stands_under_both(self, unknown, known, keys, company, now):
        for ca in (unknown, known):
            seal = issue(ca, keys, company, now)
            for above in (unknown, known):
                verify_chain(seal, above.chain[:1], above.chain[1:], now)

    def test_it_knows_its_old_certificate(self, unknown, known, keys, now):
        assert known.is_issuing(unknown.chain[0])
        assert known.is_issuing(known.chain[0])
        assert not known.is_issuing(known.chain[1])
        other = CertificateAuthority.create(keys, organization="T", country="CN", now=now)
        assert not known.is_issuing(other.chain[0])


def test_certificates_and_keys_that_do_not_belong_together_are_found_at_start(ca, keys, now):
    other = CertificateAuthority.create(keys, organization="Other", country="DE", now=now)
    with pytest.raises(CorruptionError, match="certifies another key"):
        CertificateAuthority(keys, ca.root, replace(ca.issuing, key_id=ca.root.key_id))
    with pytest.raises(CorruptionError, match="does not stand under the root"):
        CertificateAuthority(keys, other.root, ca.issuing)
    with pytest.raises(NotFoundError):
        CertificateAuthority(keys, ca.root, Authority(ca.issuing.certificate, "a" * 26))
    with pytest.raises(InvalidInputError, match="p256 key for a CA, got ed25519"):
        CertificateAuthority(
            keys, ca.root, replace(ca.issuing, key_id=keys.generate(KeyAlgorithm.ED25519))
        )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"organization": ""}, "organization"),
        ({"organization": "a\nb"}, "organization"),
        ({"country": "cn"}, "country"),
        ({"country": "CHN"}, "country"),
        ({"public_url": "ftp://x"}, "public_url"),
        ({"public_url": "https://x/ y"}, "public_url"),
        ({"now": datetime(2026, 1, 1)}, "not_before"),  # noqa: DTZ001
    ],
)
def test_a_ca_that_cannot_be_made_leaves_no_keys(tmp_path, keys, change, field):
    good = {"organization": "T", "country": "CN", "now": datetime(2026, 1, 1, tzinfo=UTC)}
    with pytest.raises(InvalidInputError) as caught:
        CertificateAuthority.create(keys, **(good | change))
    assert caught.value.field == field
    assert list((tmp_path / "keys").iterdir()) == []


def test_a_long_organisation_leaves_root_and_issuing_ca_apart(keys, now):
    ca = CertificateAuthority.create(keys, organization="测" * 200, country="CN", now=now)
    issuing, root = (x509.load_der_x509_certificate(der) for der in ca.chain)
    assert issuing.subject != root.subject


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ((-2, 1), "not_before"),
        ((0, 4000), "not_after"),
        ((0, 0), "not_after"),
        ((365 * 8, None), "not_after"),
        ((365 * 5000, None), "not_before"),
    ],
)
def test_no_seal_outlives_its_issuer(ca, company, now, days, field):
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    start, end = (None if d is None else now + timedelta(days=d) for d in days)
    with pytest.raises(InvalidInputError) as caught:
        ca.issue_seal(spki, SealSubject.of(company), start, end)
    assert caught.value.field == field


def test_a_revocation_list_names_every_entry_with_its_reason(ca, now):
    entries = [RevokedEntry(100 + r.value, now, r) for r in Reason]
    entries.append(RevokedEntry(200, now, Reason.BY_ORDER, suspended=True))
    crl = x509.load_der_x509_crl(ca.crl(entries, now, now + NEXT))
    issuer = x509.load_der_x509_certificate(ca.issuing.certificate)
    assert crl.is_signature_valid(issuer.public_key())
    assert crl.issuer == issuer.subject
    assert len(crl) == len(entries)
    for reason, flag in CRL_REASONS.items():
        entry = crl.get_revoked_certificate_by_serial_number(100 + reason.value)
        assert entry.revocation_date_utc == now.replace(microsecond=0)
        assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is flag
    held = crl.get_revoked_certificate_by_serial_number(200)
    shown = held.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert shown is x509.ReasonFlags.certificate_hold
    plain = crl.get_revoked_certificate_by_serial_number(100)
    assert len(plain.extensions) == 0


def test_every_reason_for_which_seals_are_revoked_has_a_code():
    assert set(CRL_REASONS) == set(Reason) - {Reason.NONE, Reason.OWNER_STOP}


def test_an_empty_list_is_a_list_and_numbers_grow(ca, now):
    def number(der):
        crl = x509.load_der_x509_crl(der)
        return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number

    first = ca.crl([], now, now + NEXT)
    later = ca.crl([], now + timedelta(microseconds=1), now + NEXT)
    assert number(later) == number(first) + 1
    loaded = x509.load_der_x509_crl(first)
    assert len(loaded) == 0
    assert loaded.next_update_utc == (now + NEXT).replace(microsecond=0)


def test_a_revoked_seal_is_on_the_list_and_another_is_not(ca, keys, company, now):
    revoked, good = issue(ca, keys, company, now), issue(ca, keys, company, now)
    entry = RevokedEntry(serial_number(revoked), now, Reason.KEY_COMPROMISE)
    crl = x509.load_der_x509_crl(ca.crl([entry], now, now + NEXT))
    assert crl.get_revoked_certificate_by_serial_number(serial_number(revoked)) is not None
    assert crl.get_revoked_certificate_by_serial_number(serial_number(good)) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"serial": 0}, "serial"),
        ({"serial": -5}, "serial"),
        ({"serial": 1 << 159}, "serial"),
        ({"revoked_at": datetime(2026, 1, 1)}, "revoked_at"),  # noqa: DTZ001
        ({"revoked_at": datetime(1900, 1, 1, tzinfo=UTC)}, "revoked_at"),
    ],
)
def test_an_entry_that_cannot_stand_on_a_list_is_refused(ca, now, change, field):
    with pytest.raises(InvalidInputError) as caught:
        ca.crl([replace(RevokedEntry(5, now, Reason.LOSS), **change)], now, now + NEXT)
    assert caught.value.field == field


def test_a_list_must_last(ca, now):
    with pytest.raises(InvalidInputError):
        ca.crl([], now, now)
