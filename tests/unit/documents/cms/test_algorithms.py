from __future__ import annotations

import pytest
from cryptography.hazmat import asn1

from eseal.documents.cms.algorithms import check_digest_algorithm, signature_algorithm
from eseal.errors import InvalidFormatError


def identifier(encoded: str) -> asn1.TLV:
    return asn1.decode_der(asn1.TLV, bytes.fromhex(encoded))


@pytest.mark.parametrize(
    ("encoded", "algorithm"),
    [
        ("300a06082a8648ce3d040302", "ecdsa-p256-sha256"),
        ("300d06092a864886f70d0101010500", "rsa-pkcs1-sha256"),
        ("300d06092a864886f70d01010b0500", "rsa-pkcs1-sha256"),
    ],
)
def test_the_registry_knows_what_seals_use(encoded, algorithm):
    assert signature_algorithm(identifier(encoded)) == algorithm


@pytest.mark.parametrize(
    ("encoded", "named"),
    [
        ("300a06082a811ccf55018375", r"SM2 with SM3 \(1\.2\.156\.10197\.1\.501\)"),
        ("300c06082a8648ce3d0403020500", r"1\.2\.840\.10045\.4\.3\.2"),
        ("300506032b6570", "Ed25519"),
        ("3000", "not an AlgorithmIdentifier"),
        ("3003020101", "not an AlgorithmIdentifier"),
    ],
)
def test_another_signature_algorithm_is_refused_by_name(encoded, named):
    with pytest.raises(InvalidFormatError, match=named):
        signature_algorithm(identifier(encoded))


@pytest.mark.parametrize(
    "encoded", ["300b0609608648016503040201", "300d06096086480165030402010500"]
)
def test_sha_256_is_read_with_and_without_null_parameters(encoded):
    check_digest_algorithm(identifier(encoded))


def test_another_digest_is_refused_by_name():
    with pytest.raises(InvalidFormatError, match=r"SHA-1 \(1\.3\.14\.3\.2\.26\)"):
        check_digest_algorithm(identifier("300906052b0e03021a0500"))
