"""What a chain needs, and what it costs to tell."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from eseal.documents.cms.validation_data import Carried, Effort, foreign
from eseal.errors import InvalidFormatError
from eseal.suites import is_costly
from tests.unit.documents.pdf.authority import END, SIGNER, START, TRUSTED, Authority, named

OTHER = Authority("Other")
SIGNER_NAME = named("A signer")


def told(carried, signers=(SIGNER,), effort=None):
    return foreign(carried, signers, effort or Effort())


def answer_with(*certificates):
    """An answer of the issuer about itself that brings certificates along."""
    builder = ocsp.OCSPResponseBuilder().add_response(
        TRUSTED.certificate, TRUSTED.certificate, hashes.SHA256(), ocsp.OCSPCertStatus.GOOD,
        START, END, None, None,
    )  # fmt: skip
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, TRUSTED.certificate)
    builder = builder.certificates([x509.load_der_x509_certificate(der) for der in certificates])
    return builder.sign(TRUSTED._key, hashes.SHA256()).public_bytes(Encoding.DER)


def test_issuers_and_what_they_signed_are_needed():
    carried = Carried((TRUSTED.der, SIGNER), (TRUSTED.revoked(1),), (TRUSTED.answer(2),))
    assert told(carried) == frozenset()
    assert told(carried, signers=()) == carried.items()
    assert (
        told(Carried((OTHER.der,), (OTHER.revoked(1),), (OTHER.answer(1),)))
        == {
            OTHER.der,
            OTHER.revoked(1),
            OTHER.answer(1),
        }
        or len(told(Carried((OTHER.der,)))) == 1
    )


def test_an_answer_brings_no_certificate_but_those_that_are_needed():
    good = answer_with(TRUSTED.der)
    assert told(Carried((TRUSTED.der,), (), (good,))) == frozenset()
    for der in (OTHER.der, TRUSTED.issue("Somebody")):
        loaded = answer_with(der)
        assert told(Carried((TRUSTED.der,), (), (loaded,))) == {loaded}


def test_who_has_issued_nothing_that_is_needed_signs_no_list():
    """A seal's own key, or a time-stamp authority's."""
    carried = Carried((), (TRUSTED.revoked(1),), (TRUSTED.answer(1),))
    signer = OTHER.issue("Signer")
    assert told(carried, signers=(signer, TRUSTED.issue("Somebody"))) == carried.items()
    key = ec.generate_private_key(ec.SECP256R1())
    name = OTHER.certificate.subject
    builder = x509.CertificateBuilder(name, SIGNER_NAME, key.public_key(), 7)
    builder = builder.not_valid_before(START).not_valid_after(END)
    own = builder.sign(OTHER._key, hashes.SHA256()).public_bytes(Encoding.DER)
    revoked = x509.CertificateRevocationListBuilder(SIGNER_NAME)
    revoked = revoked.last_update(START).next_update(END).sign(key, hashes.SHA256())
    payload = revoked.public_bytes(Encoding.DER)
    assert told(Carried((OTHER.der,), (payload,)), signers=(own,)) == {payload}


def test_certificates_of_one_name_cost_no_more_than_is_allowed():
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(12)]
    name = TRUSTED.certificate.subject
    namesakes = []
    for key in keys:
        builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(START).not_valid_after(START + timedelta(days=1))
        made = builder.sign(keys[0], hashes.SHA256())
        namesakes.append(made.public_bytes(Encoding.DER))
    carried = Carried((*namesakes, TRUSTED.der))
    effort = Effort(100)
    assert told(carried, effort=effort) == {*namesakes}
    assert effort.allows()
    assert TRUSTED.der in told(carried, effort=Effort(5))


def costly():
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    return (
        rsa.RSAPublicNumbers((1 << 2047) - 1, numbers.n).public_key(),
        dsa.generate_private_key(2048).public_key(),
    )


@pytest.mark.parametrize("key", costly())
def test_keys_that_only_cost_have_issued_nothing(key):
    """A verification with one takes a hundred times as long as with those in use."""
    assert is_costly(key)
    name = TRUSTED.certificate.subject
    builder = x509.CertificateBuilder(name, name, key, x509.random_serial_number())
    builder = builder.not_valid_before(START).not_valid_after(END)
    made = builder.sign(TRUSTED._key, hashes.SHA256()).public_bytes(Encoding.DER)
    effort = Effort(1)  # the signer's issuer
    assert told(Carried((made, TRUSTED.der)), effort=effort) == {made}
    assert not effort.allows()


def test_other_large_curves_cost_more():
    other = ec.generate_private_key(ec.BrainpoolP512R1())
    builder = x509.CertificateBuilder(named("X"), SIGNER_NAME, other.public_key(), 7)
    builder = builder.not_valid_before(START).not_valid_after(END)
    der = builder.sign(other, hashes.SHA512()).public_bytes(Encoding.DER)
    ca = x509.CertificateBuilder(named("X"), named("X"), other.public_key(), 8)
    ca = ca.not_valid_before(START).not_valid_after(END)
    root = ca.sign(other, hashes.SHA512()).public_bytes(Encoding.DER)
    assert told(Carried((root,)), signers=(der,), effort=Effort(3)) == {root}
    assert told(Carried((root,)), signers=(der,), effort=Effort(8)) == frozenset()


def test_only_what_is_used_here_is_carried():
    crl = TRUSTED.revoked(1)
    assert Carried.of([SIGNER], [crl]) == Carried((SIGNER,), (crl,))
    for certificates, revocation in (
        ([b"\xa1\x00"], []),
        ([SIGNER, SIGNER], []),
        ([], [b"\xa1\x03\x02\x01\x01"]),
        ([], [crl, crl]),
        ([], [b"\x04\x00"]),
    ):
        with pytest.raises(InvalidFormatError):
            Carried.of(certificates, revocation)


def made_anew(*extensions, issuer="Somebody"):
    """A certificate with an issuer's name and key that is none of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    public = TRUSTED.certificate.public_key()
    builder = x509.CertificateBuilder(named(issuer), TRUSTED.certificate.subject, public)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(START).not_valid_after(END)
    for each in extensions:
        builder = builder.add_extension(each, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def unknown(size, number=1):
    kind = x509.ObjectIdentifier(f"1.3.6.1.4.1.99999.{number}")
    return x509.UnrecognizedExtension(kind, bytes(size))


def texts(kind, count):
    return kind([x509.DNSName("pay.somebody.else.example")] * count)


LARGE = [
    texts(x509.SubjectAlternativeName, 36),
    texts(x509.IssuerAlternativeName, 36),
    x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2.3"), ["x" * 980])]),
    x509.SubjectInformationAccess(
        [
            x509.AccessDescription(
                x509.ObjectIdentifier("1.3.6.1.5.5.7.48.5"),
                x509.UniformResourceIdentifier("http://" + "x" * 980),
            )
        ]
    ),
]
"""Each of a size that may be; together they are more than a certificate has."""


@pytest.mark.parametrize(
    "extensions",
    [
        (unknown(65),),
        (unknown(33), unknown(33, 2)),
        (texts(x509.SubjectAlternativeName, 40),),
        LARGE,
    ],
)
def test_a_certificate_made_anew_with_an_issuer_s_name_and_key_carries_nothing(extensions):
    loaded = made_anew(*extensions)
    assert told(Carried((loaded, TRUSTED.der))) == {loaded}
    for harmless in ([unknown(20)], LARGE[:2]):
        assert told(Carried((made_anew(*harmless), TRUSTED.der))) == frozenset()


def test_there_are_no_more_certificates_than_a_chain_has():
    many = tuple(made_anew(issuer=f"Somebody {number}") for number in range(12))
    assert len(told(Carried(many))) == 4
