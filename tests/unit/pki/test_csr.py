from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from eseal.errors import (
    InvalidChainError,
    InvalidFormatError,
    InvalidInputError,
    InvalidSignatureError,
    NotFoundError,
    UntrustedChainError,
)
from eseal.pki.csr import export_csr, verify_foreign_certificate
from eseal.pki.names import SealSubject, subject_of_name, to_name
from eseal.suites import KeyAlgorithm

SEAL = {"content_commitment": True}


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.P256, KeyAlgorithm.RSA3072])
def test_a_request_is_signed_by_the_seals_own_key_and_names_the_company(keys, company, algorithm):
    key_id = keys.generate(algorithm)
    request = x509.load_der_x509_csr(export_csr(keys, key_id, SealSubject.of(company)))
    assert request.is_signature_valid
    assert subject_of_name(request.subject) == SealSubject.of(company)
    assert request.public_key() == load_der_public_key(keys.public_key(key_id))


def test_no_request_without_a_key_that_can_sign_it(keys, company):
    subject = SealSubject.of(company)
    with pytest.raises(NotFoundError):
        export_csr(keys, "a" * 26, subject)
    with pytest.raises(InvalidInputError, match="p256 or rsa3072"):
        export_csr(keys, keys.generate(KeyAlgorithm.SECP256K1), subject)
    with pytest.raises(InvalidInputError, match="common_name"):
        export_csr(keys, keys.generate(KeyAlgorithm.P256), replace(subject, common_name=""))


class OtherCa:
    """A licensed CA: takes our request, returns certificates as it is told."""

    def __init__(self, forger, request):
        self.forger = forger
        self.request = x509.load_der_x509_csr(request)
        self.root = forger.make("licensed root", ca=True)
        self.issuing = forger.make("licensed CA", self.root, ca=True, path_length=0)

    @property
    def chain(self):
        return [self.issuing.der, self.root.der]

    @property
    def public_key(self):
        return self.request.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )

    def certify(self, name=None, **how):
        how = {"ca": False, "usage": SEAL, "key": self.request.public_key()} | how
        name = self.request.subject if name is None else name
        return self.forger.make(name, self.issuing, **how).der


@pytest.fixture
def other(forger, keys, company):
    key_id = keys.generate(KeyAlgorithm.P256)
    return OtherCa(forger, export_csr(keys, key_id, SealSubject.of(company)))


@pytest.fixture
def verify(other, company, now):
    def run(certificate, chain=None, **change):
        how = {"public_key": other.public_key, "company": company, "at": now} | change
        verify_foreign_certificate(certificate, other.chain if chain is None else chain, **how)

    return run


def test_what_another_ca_made_of_our_request_is_taken(other, verify, now):
    verify(other.certify())
    verify(other.certify(usage={"digital_signature": True}))
    verify(other.certify(usage=None))
    verify(other.certify(), [other.issuing.der])  # without the root
    verify(other.certify(start=now + timedelta(days=1)))  # not yet valid


def test_another_spelling_of_the_same_names_is_taken(other, verify, company):
    shouting = SealSubject("Acme  GMBH", "VATDE-136 695 976", "DE", "Acme")
    acme = replace(company, name="Acme GmbH", identifier="VATDE-136695976")
    verify(other.certify(to_name(shouting)), company=acme)


def test_another_key_is_refused(other, verify, keys):
    with pytest.raises(InvalidInputError, match="got one for another key") as caught:
        verify(other.certify(), public_key=keys.public_key(keys.generate(KeyAlgorithm.P256)))
    assert caught.value.field == "certificate"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"organization_name": "Another Ltd"}, "organizationName '杭州测试科技有限公司', got 'Ano"),
        ({"organization_identifier": "VATDE-136695976"}, "organizationIdentifier 'NTRCN-"),
        ({"organization_identifier": "12345"}, "got '12345'"),
    ],
)
def test_another_company_is_refused_by_name(other, verify, company, change, said):
    subject = replace(SealSubject.of(company), **change)
    with pytest.raises(InvalidInputError, match=said) as caught:
        verify(other.certify(to_name(subject)))
    assert caught.value.field == "certificate"


def test_a_certificate_without_names_or_use_is_refused(other, verify, now):
    nameless = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    with pytest.raises(InvalidInputError, match="got ''"):
        verify(other.certify(nameless))
    with pytest.raises(InvalidChainError, match="contentCommitment"):
        verify(other.certify(usage={"key_agreement": True}))
    with pytest.raises(InvalidChainError, match="is valid from"):
        verify(other.certify(end=now - timedelta(seconds=1)))


def test_a_chain_that_does_not_hold_is_refused(other, verify, forger, now):
    certificate = other.certify()
    with pytest.raises(UntrustedChainError):
        verify(certificate, other.chain[::-1])
    with pytest.raises(UntrustedChainError):
        verify(certificate, [other.root.der])
    impostor = forger.make("licensed CA", other.root, ca=True)
    with pytest.raises(InvalidSignatureError):
        verify(certificate, [impostor.der, other.root.der])
    with pytest.raises(InvalidChainError, match="is valid from"):
        # The issuer ends before the certificate begins.
        verify(other.certify(start=now + timedelta(days=20), end=now + timedelta(days=30)))
    for chain in ([], other.chain * 4):
        with pytest.raises(InvalidInputError, match=f"got {len(chain)}") as caught:
            verify(certificate, chain)
        assert caught.value.field == "chain"


def test_what_does_not_parse_and_times_without_zone_are_refused(other, verify):
    with pytest.raises(InvalidFormatError):
        verify(b"-----BEGIN CERTIFICATE-----")
    with pytest.raises(InvalidFormatError):
        verify(other.certify(), [b"x"])
    with pytest.raises(InvalidInputError, match="time zone"):
        verify(other.certify(), at=datetime(2026, 1, 1))  # noqa: DTZ001
