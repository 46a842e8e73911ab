from __future__ import annotations

import pytest
from asn1crypto import algos
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from eseal.documents.cms import algorithms
from eseal.documents.cms.algorithms import (
    check_seal_scheme,
    digest_algorithm,
    scheme_of,
)
from eseal.errors import (
    InvalidFormatError,
    InvalidInputError,
    InvalidSignatureError,
    UnsupportedAlgorithmError,
)
from eseal.model.commitment import SignatureAlgorithm
from eseal.suites import Family, Scheme, key_title


def identifier(encoded: str | bytes) -> asn1.TLV:
    der = bytes.fromhex(encoded) if isinstance(encoded, str) else encoded
    return asn1.decode_der(asn1.TLV, der)


def pss(hash_name="sha384", mask="sha384", salt=48, **more):
    parameters = {
        "hash_algorithm": {"algorithm": hash_name},
        "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": mask}},
        "salt_length": salt,
    }
    named = {"algorithm": "rsassa_pss", "parameters": parameters | more}
    return identifier(algos.SignedDigestAlgorithm(named).dump())


@pytest.mark.parametrize(
    ("encoded", "digest", "scheme"),
    [
        ("300a06082a8648ce3d040302", "sha256", Scheme(Family.ECDSA, "sha256")),
        ("300a06082a8648ce3d040303", "sha384", Scheme(Family.ECDSA, "sha384")),
        ("300a06082a8648ce3d040304", "sha512", Scheme(Family.ECDSA, "sha512")),
        ("300d06092a864886f70d0101010500", "sha256", Scheme(Family.RSA_PKCS1, "sha256")),
        ("300d06092a864886f70d0101010500", "sha512", Scheme(Family.RSA_PKCS1, "sha512")),
        ("300d06092a864886f70d01010b0500", "sha256", Scheme(Family.RSA_PKCS1, "sha256")),
        ("300d06092a864886f70d01010d0500", "sha512", Scheme(Family.RSA_PKCS1, "sha512")),
        ("300506032b6570", "sha512", Scheme(Family.ED25519, "sha512")),
    ],
)
def test_the_registry_knows_what_is_in_common_use(encoded, digest, scheme):
    assert scheme_of(identifier(encoded), digest) == scheme


def test_pss_is_read_with_its_salt():
    assert scheme_of(pss(), "sha384") == Scheme(Family.RSA_PSS, "sha384", 48)
    by_default = algos.SignedDigestAlgorithm(
        {
            "algorithm": "rsassa_pss",
            "parameters": {
                "hash_algorithm": {"algorithm": "sha256"},
                "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": {"algorithm": "sha256"}},
            },
        }
    )
    assert scheme_of(identifier(by_default.dump()), "sha256").salt_bytes == 20
    assert str(scheme_of(pss(), "sha384")) == "RSA-PSS with SHA-384"


@pytest.mark.parametrize(
    "odd",
    [
        pss(mask="sha256"),
        pss(salt=4096),
        pss(trailer_field=2),
        pss(hash_name="sha1", mask="sha1"),
        identifier("300b06092a864886f70d01010a"),
        identifier("300d06092a864886f70d01010a3000"),
    ],
)
def test_odd_pss_is_not_supported(odd):
    with pytest.raises(UnsupportedAlgorithmError, match="RSASSA-PSS"):
        scheme_of(odd, "sha384")


@pytest.mark.parametrize(
    ("encoded", "named"),
    [
        ("300a06082a811ccf55018375", r"SM2 with SM3 \(1\.2\.156\.10197\.1\.501\)"),
        ("300c06082a8648ce3d0403020500", r"1\.2\.840\.10045\.4\.3\.2"),
        ("300506032b6571", "Ed448"),
        ("3000", "not an AlgorithmIdentifier"),
        ("3003020101", "not an AlgorithmIdentifier"),
    ],
)
def test_another_signature_algorithm_is_refused_by_name(encoded, named):
    with pytest.raises(UnsupportedAlgorithmError, match=named):
        scheme_of(identifier(encoded), "sha256")


def test_content_and_signature_are_over_one_hash():
    with pytest.raises(UnsupportedAlgorithmError, match="one hash"):
        scheme_of(identifier("300a06082a8648ce3d040303"), "sha256")
    with pytest.raises(UnsupportedAlgorithmError, match="one hash"):
        scheme_of(identifier("300506032b6570"), "sha256")


@pytest.mark.parametrize(
    ("encoded", "name"),
    [
        ("300b0609608648016503040201", "sha256"),
        ("300d06096086480165030402010500", "sha256"),
        ("300b0609608648016503040202", "sha384"),
        ("300b0609608648016503040203", "sha512"),
    ],
)
def test_digests_are_read_with_and_without_null_parameters(encoded, name):
    assert digest_algorithm(identifier(encoded)) == name


def test_another_digest_is_refused_by_name():
    with pytest.raises(UnsupportedAlgorithmError, match=r"SHA-1 \(1\.3\.14\.3\.2\.26\)"):
        digest_algorithm(identifier("300906052b0e03021a0500"))


KEYS = {
    "RSA 2048": rsa.generate_private_key(65537, 2048),
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "P-521": ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}


@pytest.mark.parametrize("title", KEYS)
def test_keys_in_common_use_are_known_by_name(identify, title):
    key = algorithms.public_key(identify(KEYS[title]).certificate)
    assert key_title(key) == title


@pytest.mark.parametrize(
    "make",
    [
        lambda: ec.generate_private_key(ec.SECP256K1()),
        lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505 - that is the point
        lambda: dsa.generate_private_key(2048),
        ed448.Ed448PrivateKey.generate,
    ],
)
def test_other_keys_are_not_supported(identify, make):
    with pytest.raises(UnsupportedAlgorithmError, match=r"expected an? "):
        algorithms.public_key(identify(make()).certificate)


def test_what_is_no_certificate_is_not_understood():
    with pytest.raises(InvalidFormatError, match="cannot be read") as raised:
        algorithms.public_key(b"x")
    assert not isinstance(raised.value, UnsupportedAlgorithmError)


@pytest.mark.parametrize("title", [title for title in KEYS if title != "P-256"])
def test_seals_use_few_of_them(identify, title):
    certificate = identify(KEYS[title]).certificate
    with pytest.raises(InvalidInputError, match="a seal's key"):
        algorithms.algorithm_of(certificate)
    with pytest.raises(UnsupportedAlgorithmError):
        check_seal_scheme(algorithms.public_key(certificate), Scheme(Family.ECDSA, "sha256"))


def test_a_seal_is_made_as_its_key_says(p256):
    key = algorithms.public_key(p256.certificate)
    check_seal_scheme(key, Scheme(Family.ECDSA, "sha256"))
    with pytest.raises(UnsupportedAlgorithmError, match="as the seal's key says"):
        check_seal_scheme(key, Scheme(Family.ECDSA, "sha384"))
    assert algorithms.algorithm_of(p256.certificate) is SignatureAlgorithm.ECDSA_P256_SHA256


def test_an_identifier_that_does_not_fit_the_key_accuses_nobody(p256):
    key = algorithms.public_key(p256.certificate)
    with pytest.raises(UnsupportedAlgorithmError, match=r"P-256.*RSA with SHA-256"):
        algorithms.verify(key, Scheme(Family.RSA_PKCS1, "sha256"), b"", b"")
    with pytest.raises(InvalidSignatureError, match="does not verify"):
        algorithms.verify(key, Scheme(Family.ECDSA, "sha256"), b"", b"")
