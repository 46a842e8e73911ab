from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from uuid import UUID

import pytest
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID

from eseal.errors import InvalidFormatError, InvalidInputError
from eseal.pki.names import SealSubject
from eseal.pki.profile import QC_STATEMENTS, SEAL_POLICY, SEAL_VALIDITY, check_seal_key, validity
from eseal.suites import KeyAlgorithm


def spki(key) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def seal(ca, keys, company, now):
    key_id = keys.generate(KeyAlgorithm.P256)
    der = ca.issue_seal(keys.public_key(key_id), SealSubject.of(company), now)
    return x509.load_der_x509_certificate(der)


def test_a_seal_may_commit_to_content_and_nothing_else(seal):
    usage = seal.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical
    assert usage.value.content_commitment
    assert not any(
        (
            usage.value.digital_signature,
            usage.value.key_encipherment,
            usage.value.data_encipherment,
            usage.value.key_agreement,
            usage.value.key_cert_sign,
            usage.value.crl_sign,
        )
    )


def test_a_seal_is_no_ca_and_names_its_keys(seal, ca):
    constraints = seal.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert not constraints.value.ca
    issuer = x509.load_der_x509_certificate(ca.issuing.certificate)
    issuer_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    authority = seal.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert authority.key_identifier == issuer_key.digest
    own = seal.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert own == x509.SubjectKeyIdentifier.from_public_key(seal.public_key())


def test_a_seal_says_where_the_revocation_list_is(seal):
    points = seal.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name[0].value == "https://seals.example/pki/issuing.crl"


def test_a_seal_claims_our_own_policy_and_no_other(seal):
    (policy,) = seal.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert (policy.policy_identifier, policy.policy_qualifiers) == (SEAL_POLICY, None)
    arcs = [int(arc) for arc in SEAL_POLICY.dotted_string.split(".")]
    assert max(arcs) < 1 << 31  # zcrypto refuses the whole certificate otherwise
    claimed = {extension.oid for extension in seal.extensions}
    assert ExtensionOID.EXTENDED_KEY_USAGE not in claimed


def test_the_policys_number_is_made_of_its_uuid():
    digits = UUID("78488bb0-c63e-4928-81f8-d93039259567").hex
    cuts = (0, 4, 8, 12, 16, 20, 26, 32)
    arcs = [str(int(digits[start:end], 16)) for start, end in pairwise(cuts)]
    assert SEAL_POLICY.dotted_string.endswith(".2554." + ".".join(arcs))


class Semantics(core.Sequence):
    _fields = [("identifier", core.ObjectIdentifier)]  # noqa: RUF012  # as asn1crypto wants it


class Statement(core.Sequence):
    _fields = [("id", core.ObjectIdentifier), ("info", Semantics)]  # noqa: RUF012  # the same


class Statements(core.SequenceOf):
    _child_spec = Statement


def test_a_seal_says_what_its_identifier_means_and_claims_no_qualification(seal):
    extension = seal.extensions.get_extension_for_oid(QC_STATEMENTS)
    assert not extension.critical
    (statement,) = Statements.load(extension.value.value, strict=True).native
    assert statement["id"] == "1.3.6.1.5.5.7.11.2"  # id-qcs-pkixQCSyntax-v2
    assert statement["info"]["identifier"] == "0.4.0.194121.1.2"  # id-etsi-qcs-SemanticsId-Legal


def test_serial_numbers_are_positive_random_and_fit_twenty_octets(ca, keys, company, now):
    public_key = keys.public_key(keys.generate(KeyAlgorithm.P256))
    serials = set()
    for _ in range(50):
        der = ca.issue_seal(public_key, SealSubject.of(company), now)
        serials.add(x509.load_der_x509_certificate(der).serial_number)
    assert len(serials) == 50
    assert all(0 < serial < 1 << 159 for serial in serials)
    assert max(serials).bit_length() > 140


def test_a_seal_lasts_three_years_in_whole_seconds(seal, now):
    assert seal.not_valid_before_utc == now.replace(microsecond=0)
    assert seal.not_valid_after_utc == now.replace(microsecond=0) + SEAL_VALIDITY
    assert seal.not_valid_after_utc.date().isoformat() == "2029-11-22"


def test_times_are_taken_in_any_zone():
    beijing = timezone(timedelta(hours=8))
    valid = validity(datetime(2026, 1, 1, 8, tzinfo=beijing), datetime(2026, 1, 2, tzinfo=UTC))
    assert valid.not_before == datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        (datetime(2026, 1, 1), datetime(2027, 1, 1, tzinfo=UTC), "not_before"),  # noqa: DTZ001
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1), "not_after"),  # noqa: DTZ001
        (datetime(1949, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC), "not_before"),
        (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 5, UTC), "not_after"),
    ],
)
def test_a_validity_that_is_none_is_refused(start, end, field):
    with pytest.raises(InvalidInputError) as caught:
        validity(start, end)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "key",
    [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 3072)],
    ids=["p256", "rsa3072"],
)
def test_keys_a_seal_may_have(key):
    assert check_seal_key(spki(key)) == key.public_key()


@pytest.mark.parametrize(
    ("key", "called"),
    [
        (ec.generate_private_key(ec.SECP384R1()), "P-384"),
        (ec.generate_private_key(ec.SECP256K1()), "secp256k1"),
        (rsa.generate_private_key(65537, 2048), "RSA 2048"),
        (ed25519.Ed25519PrivateKey.generate(), "Ed25519"),
    ],
    ids=["p384", "secp256k1", "rsa2048", "ed25519"],
)
def test_other_keys_are_refused_by_name(key, called):
    with pytest.raises(InvalidInputError, match=f"got {called}") as caught:
        check_seal_key(spki(key))
    assert caught.value.field == "public_key"


def test_what_is_no_key_is_a_format_error():
    with pytest.raises(InvalidFormatError, match="SubjectPublicKeyInfo"):
        check_seal_key(b"key")
