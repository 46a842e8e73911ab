import contextlib
import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given
from hypothesis import strategies as st

from eseal.errors import InvalidFormatError
from eseal.model.commitment import Kind, SignatureAlgorithm, commitment, normalised

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ECDSA = SignatureAlgorithm.ECDSA_P256_SHA256
numbers = st.integers(1, ORDER - 1)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@pytest.mark.parametrize("kind", Kind)
def test_a_commitment_holds_kind_content_and_signature(kind):
    expected = sha(bytes([kind]) + sha(b"content") + sha(b"signature"))
    assert commitment(kind, b"content", b"signature") == expected


def test_kinds_never_meet_and_numbers_never_change():
    assert len({commitment(kind, b"c", b"s") for kind in Kind}) == len(Kind)
    assert {kind.name: int(kind) for kind in Kind} == {
        "USE": 1,
        "DECLARATION": 2,
        "ROSTER": 3,
        "DISCLOSURE": 4,
        "MARK": 5,
    }


def test_content_and_signature_cannot_be_cut_elsewhere():
    assert commitment(Kind.USE, b"ab", b"c") != commitment(Kind.USE, b"a", b"bc")


@given(numbers, numbers)
def test_both_signatures_that_verify_have_one_normal_form(r, s):
    form = normalised(encode_dss_signature(r, s), ECDSA)
    assert form == normalised(encode_dss_signature(r, ORDER - s), ECDSA)
    low = min(s, ORDER - s)
    assert form == r.to_bytes(32, "big") + low.to_bytes(32, "big")


def test_a_twin_that_openssl_takes_gives_the_same_commitment():
    key = ec.generate_private_key(ec.SECP256R1())
    genuine = key.sign(b"attributes", ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(genuine)
    twin = encode_dss_signature(r, ORDER - s)
    key.public_key().verify(twin, b"attributes", ec.ECDSA(hashes.SHA256()))
    assert twin != genuine
    one, other = (
        commitment(Kind.USE, b"statement", normalised(each, ECDSA)) for each in (genuine, twin)
    )
    assert one == other


@pytest.mark.parametrize("r", [1, 127, 128, 255, 2**255, ORDER - 1])
@pytest.mark.parametrize("s", [1, 127, 128, ORDER // 2, ORDER // 2 + 1, ORDER - 1])
def test_numbers_of_every_length(r, s):
    form = normalised(encode_dss_signature(r, s), ECDSA)
    assert len(form) == 64
    assert int.from_bytes(form[32:], "big") <= ORDER // 2


def integer(value: bytes) -> bytes:
    return bytes([2, len(value)]) + value


def sequence(*parts: bytes) -> bytes:
    content = b"".join(parts)
    return bytes([0x30, len(content)]) + content


ONE = integer(b"\x01")


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30",
        b"\x30\x00",
        sequence(ONE),
        sequence(ONE, ONE, ONE),
        sequence(ONE, ONE) + b"\x00",
        b"\x31" + sequence(ONE, ONE)[1:],
        b"\x30\x81\x06" + ONE + ONE,
        b"\x30\x80" + ONE + ONE + b"\x00\x00",
        b"\x30\x07" + ONE + ONE,
        sequence(integer(b"\x00"), ONE),
        sequence(ONE, integer(b"")),
        sequence(ONE, integer(b"\x00\x01")),
        sequence(integer(b"\x80"), ONE),
        sequence(integer(b"\xff" * 32), ONE),
        sequence(ONE, integer(b"\x00" + ORDER.to_bytes(32, "big"))),
        sequence(integer(b"\x00" + b"\xff" * 32), ONE),
        sequence(ONE, b"\x04\x01\x01"),
        sequence(ONE, b"\x02\x21\x01"),
        sequence(ONE, b"\x02"),
        bytes(73),
        b"r" * 64,
    ],
)
def test_what_is_no_signature_of_p256_is_refused(der):
    with pytest.raises(InvalidFormatError, match="two integers below the order"):
        normalised(der, ECDSA)


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_or_the_one_encoding(der):
    try:
        form = normalised(der, ECDSA)
    except InvalidFormatError:
        return
    r, s = int.from_bytes(form[:32], "big"), int.from_bytes(form[32:], "big")
    assert der in {encode_dss_signature(r, s), encode_dss_signature(r, ORDER - s)}


@given(st.data())
def test_one_changed_byte_is_refused_or_another_signature(data):
    der = bytearray(encode_dss_signature(ORDER // 3, ORDER // 5))
    form = normalised(bytes(der), ECDSA)
    at = data.draw(st.integers(0, len(der) - 1))
    der[at] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(InvalidFormatError):
        assert normalised(bytes(der), ECDSA) != form


@pytest.mark.parametrize(
    "algorithm", [SignatureAlgorithm.RSA_PKCS1_SHA256, SignatureAlgorithm.ED25519]
)
def test_other_signatures_have_one_form_only(algorithm):
    assert normalised(b"value", algorithm) == b"value"
