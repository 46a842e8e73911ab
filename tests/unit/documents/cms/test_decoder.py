from __future__ import annotations

import hashlib

import pytest
from asn1crypto import algos, core, tsp, x509
from asn1crypto import cms as reference
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eseal.documents import oids
from eseal.documents.cms import MAX_CMS_BYTES, decode, verify_signature
from eseal.errors import (
    ESealError,
    InvalidFormatError,
    MissingCertificateError,
    UnsupportedAlgorithmError,
)
from tests.unit.documents.conftest import SUBJECT_PROOF, VOLUME

CONTENT = b"content"
SEALING = [oid.dotted_string for oid in (oids.STATEMENT, oids.SUBJECT_PROOF, oids.BOOK_PATH)]
assert tsp.SigningCertificateV2, "teaches asn1crypto the attribute of RFC 5035"
DIGEST = hashlib.sha256(CONTENT).digest()


@pytest.fixture(scope="module")
def genuine(p256):
    return p256.seal(DIGEST)


def altered(der, change):
    """A CMS after ``change`` was made to its structure by another library."""
    content = reference.ContentInfo.load(der).copy()
    change(content, content["content"], content["content"]["signer_infos"][0])
    return content.dump(force=True)


def attribute(kind, *values):
    return reference.CMSAttribute({"type": kind, "values": list(values)})


def without(kind):
    def change(_content, _signed, signer):
        kept = [each for each in signer["signed_attrs"] if each["type"].native != kind]
        signer["signed_attrs"] = kept

    return change


def replacing(kind, values):
    def change(_content, _signed, signer):
        kept = [each for each in signer["signed_attrs"] if each["type"].native != kind]
        signer["signed_attrs"] = [*kept, attribute(kind, *values)]

    return change


def set_in(*path, value):
    def change(content, _signed, signer):
        target = signer if path[0] == "signer" else content["content"]
        for step in path[1:-1]:
            target = target[step]
        target[path[-1]] = value

    return change


def two_signers(_content, signed, signer):
    other = signer.copy()
    other["signature"] = b"another"
    signed["signer_infos"] = [signer, other]


def no_signer(_content, signed, _signer):
    signed["signer_infos"] = []


def no_certificates(_content, signed, _signer):
    signed["certificates"] = []


def another_serial(_content, _signed, signer):
    signer["sid"].chosen["serial_number"] = 77


def not_signed_data(content, _signed, _signer):
    content["content_type"] = "enveloped_data"


def twice(kind):
    def change(_content, _signed, signer):
        same = next(e for e in signer["signed_attrs"] if e["type"].native == kind)
        signer["signed_attrs"] = [*signer["signed_attrs"], same.copy()]

    return change


SHA512 = algos.DigestAlgorithm({"algorithm": "sha512"})
SHA1 = algos.DigestAlgorithm({"algorithm": "sha1", "parameters": core.Null()})
PSS = algos.SignedDigestAlgorithm({"algorithm": "rsassa_pss"})
SHA1_HASH = {
    "certs": [{"hash_algorithm": {"algorithm": "sha1"}, "cert_hash": bytes(20)}],
}
ODD_HASH = {
    "certs": [{"hash_algorithm": {"algorithm": "sha512"}, "cert_hash": bytes(32)}],
}
SHORT_HASH = {"certs": [{"cert_hash": bytes(20)}]}

DEVIATIONS = [
    (two_signers, "exactly one signer, got 2"),
    (no_signer, "exactly one signer, got 0"),
    (another_serial, "name different certificates"),
    (set_in("signed", "encap_content_info", "content", value=CONTENT), "detached"),
    (
        set_in("signed", "encap_content_info", "content_type", value="signed_data"),
        "encapsulated content",
    ),
    (set_in("signed", "version", value="v4"), "SignedData version 1, 3 or 5"),
    (set_in("signer", "version", value="v3"), "signer version 1"),
    (set_in("signer", "digest_algorithm", value=SHA512), "message-digest of 64 bytes"),
    (set_in("signer", "digest_algorithm", value=SHA1), "got SHA-1"),
    (set_in("signer", "signature_algorithm", value=PSS), "got RSASSA-PSS"),
    (
        set_in(
            "signer",
            "signature_algorithm",
            value=algos.SignedDigestAlgorithm({"algorithm": "2.5.4.3"}),
        ),
        "got 2.5.4.3",
    ),
    (without("content_type"), "content-type"),
    (without("message_digest"), "message-digest"),
    (twice("message_digest"), "once with one value"),
    (replacing("message_digest", [bytes(32), bytes([1] * 32)]), "once with one value"),
    (replacing("message_digest", [bytes(20)]), "message-digest of 32 bytes"),
    (replacing("content_type", ["signed_data"]), "content-type"),
    (replacing("signing_certificate_v2", [SHA1_HASH]), "expected SHA-256"),
    (replacing("signing_certificate_v2", [ODD_HASH]), "certificate hash of 64 bytes, got 32"),
    (replacing("signing_certificate_v2", [SHORT_HASH]), "32 bytes, got 20"),
    (replacing("signing_certificate_v2", [{"certs": []}]), "to name a certificate"),
]


@pytest.mark.parametrize(("change", "named"), DEVIATIONS, ids=[named for _, named in DEVIATIONS])
def test_a_deviation_is_refused_by_name(p256, change, named):
    with pytest.raises(InvalidFormatError, match=named):
        decode(altered(p256.seal(DIGEST), change))


def test_a_cms_of_another_type_is_refused(p256):
    # id-envelopedData (RFC 5652 section 6.1) in place of id-signedData.
    der = p256.seal(DIGEST).replace(
        bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010703"), 1
    )
    with pytest.raises(InvalidFormatError, match="content type"):
        decode(der)


def test_no_signed_attributes_are_refused(p256):
    def change(_content, _signed, signer):
        del signer["signed_attrs"]

    with pytest.raises(InvalidFormatError):
        decode(altered(p256.seal(DIGEST), change))


def test_what_was_written_is_read(identity):
    seal = decode(identity.seal(DIGEST, b"receipt text\n"))

    verify_signature(seal)
    assert seal.certificate == identity.certificate
    assert seal.chain == identity.chain
    assert seal.content_type == "1.2.840.113549.1.7.1"
    assert seal.message_digest == DIGEST
    assert seal.certificate_hash == ("sha256", hashlib.sha256(identity.certificate).digest())
    assert seal.hash_name == "sha256"
    assert seal.statement == identity.statement(DIGEST).encode()
    assert seal.subject_proof == SUBJECT_PROOF
    assert seal.book_path == VOLUME.path(identity.statement(DIGEST).ticket.position)
    assert seal.receipt == b"receipt text\n"
    assert decode(identity.seal(DIGEST, None)).receipt is None


@pytest.mark.parametrize("kind", SEALING)
def test_the_three_that_make_a_seal_stand_together(p256, kind):
    with pytest.raises(InvalidFormatError, match="got 2 of the three"):
        decode(altered(p256.seal(DIGEST), without(kind)))


@pytest.mark.parametrize("kind", SEALING)
def test_each_of_the_three_stands_once_with_one_value(p256, kind):
    value = core.OctetString(b"x")
    for values in ([], [value, core.OctetString(b"y")]):
        with pytest.raises(InvalidFormatError, match="once with one value"):
            decode(altered(p256.seal(DIGEST), replacing(kind, values)))

    def twice(_content, _signed, signer):
        signer["signed_attrs"] = [*signer["signed_attrs"], attribute(kind, value)]

    with pytest.raises(InvalidFormatError, match="once with one value"):
        decode(altered(p256.seal(DIGEST), twice))


@pytest.mark.parametrize("kind", SEALING)
def test_each_of_the_three_is_an_octet_string(p256, kind):
    with pytest.raises(InvalidFormatError):
        decode(altered(p256.seal(DIGEST), replacing(kind, [core.UTF8String("{}")])))


def test_another_producers_signature_is_read_without_statement(identity):
    certificate = certificates.load_der_x509_certificate(identity.certificate)
    der = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(CONTENT)
        .add_signer(certificate, identity.key, hashes.SHA256())
        .sign(
            serialization.Encoding.DER,
            [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary],
        )
    )

    seal = decode(der)

    verify_signature(seal)
    assert seal.message_digest == DIGEST
    assert (seal.statement, seal.subject_proof, seal.book_path) == (None, None, None)
    assert seal.certificate_hash is None
    assert seal.receipt is None


def test_a_hash_algorithm_written_out_is_read(p256):
    written = {
        "certs": [
            {
                "hash_algorithm": {"algorithm": "sha256"},
                "cert_hash": hashlib.sha256(p256.certificate).digest(),
            }
        ]
    }

    change = replacing("signing_certificate_v2", [written])
    seal = decode(altered(p256.seal(DIGEST), change))
    assert seal.certificate_hash == ("sha256", hashlib.sha256(p256.certificate).digest())


def test_a_signer_named_by_key_identifier_is_found(p256):
    identifier = certificates.load_der_x509_certificate(
        p256.certificate
    ).extensions.get_extension_for_class(certificates.SubjectKeyIdentifier)

    def change(_content, signed, signer):
        signed["version"] = "v3"
        signer["version"] = "v3"
        signer["sid"] = reference.SignerIdentifier(
            name="subject_key_identifier", value=identifier.value.digest
        )

    assert decode(altered(p256.seal(DIGEST), change)).certificate == p256.certificate


def test_a_key_identifier_of_no_certificate_is_refused(identify, p256):
    nameless = identify(p256.key, key_identifier=False)

    def change(_content, signed, signer):
        signed["version"] = "v3"
        signer["version"] = "v3"
        signer["sid"] = reference.SignerIdentifier(name="subject_key_identifier", value=bytes(20))

    with pytest.raises(InvalidFormatError, match="name different certificates"):
        decode(altered(nameless.seal(DIGEST), change))


def test_without_its_certificate_a_signature_is_read_and_not_verified(p256):
    """Certificates are not signed: whoever cuts them out must not make a forgery of it."""
    seal = decode(altered(p256.seal(DIGEST), no_certificates))
    assert seal.certificate is None
    assert seal.statement == p256.statement(DIGEST).encode()
    with pytest.raises(MissingCertificateError, match="does not carry"):
        verify_signature(seal)


def test_another_certificate_in_its_place_is_not_taken_for_the_signer_s(p256, identify):
    twin = identify(p256.key).certificate  # the same issuer and serial number

    def swap(_content, signed, _signer):
        kept = [c for c in signed["certificates"] if c.chosen.dump() != p256.certificate]
        signed["certificates"] = [*kept, reference.CertificateChoices.load(twin)]

    seal = decode(altered(p256.seal(DIGEST), swap))
    assert seal.certificate is None
    assert twin in seal.chain


def test_the_certificate_that_was_named_is_found_beside_its_twin(p256, identify):
    twin = identify(p256.key).certificate

    def add(_content, signed, _signer):
        signed["certificates"] = [*signed["certificates"], reference.CertificateChoices.load(twin)]

    seal = decode(altered(p256.seal(DIGEST), add))
    assert seal.certificate == p256.certificate
    verify_signature(seal)


def test_an_algorithm_nobody_signed_accuses_nobody(p256):
    wide = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa", "parameters": core.Null()})
    seal = decode(altered(p256.seal(DIGEST), set_in("signer", "signature_algorithm", value=wide)))
    with pytest.raises(UnsupportedAlgorithmError, match="as the seal's key says"):
        verify_signature(seal)


def test_a_receipt_that_is_there_twice_is_none(p256):
    def change(_content, _signed, signer):
        (receipt,) = signer["unsigned_attrs"]
        signer["unsigned_attrs"] = [receipt, receipt.copy()]

    assert decode(altered(p256.seal(DIGEST), change)).receipt is None


def test_a_huge_certificate_is_refused(p256):
    filler = core.OctetString(bytes(20_000)).dump()

    def change(_content, signed, _signer):
        big = reference.CertificateChoices(
            name="other",
            value=reference.OtherCertificateFormat(
                {"other_cert_format": "2.5.4.3", "other_cert": core.Any.load(filler)}
            ),
        )
        signed["certificates"] = [*signed["certificates"], big]

    with pytest.raises(InvalidFormatError, match="certificates of at most"):
        decode(altered(p256.seal(DIGEST), change))


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"", "DER"),
        (b"-----BEGIN CMS-----", "DER"),
        (b"\x30\x80\x06\x09", "BER with indefinite length"),
        (bytes(MAX_CMS_BYTES + 1), "at most"),
        (b"\x30\x03\x02\x01\x05", "DER"),
    ],
)
def test_what_is_no_cms_is_refused(data, named):
    with pytest.raises(InvalidFormatError, match=named):
        decode(data)


def test_trailing_and_missing_bytes_are_refused(p256):
    der = p256.seal(DIGEST)
    for data in (der + b"\0", der[:-1]):
        with pytest.raises(InvalidFormatError):
            decode(data)


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_no_mutation_escapes_our_errors_or_verifies(genuine, data):
    """Every byte of a CMS is signed, names the certificate, or is of no effect on its meaning."""
    der = bytearray(genuine)
    original = decode(bytes(der))
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(der) - 1))
        der[index] = data.draw(st.integers(0, 255))
    try:
        seal = decode(bytes(der))
        verify_signature(seal)
    except ESealError:
        return
    assert seal.signed_attributes == original.signed_attributes
    assert seal.certificate == original.certificate


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_noise_is_refused(noise):
    with pytest.raises(InvalidFormatError):
        decode(noise)


def test_the_reference_library_reads_the_same_certificate(p256):
    seal = decode(p256.seal(DIGEST))
    assert x509.Certificate.load(seal.certificate).serial_number == 2
