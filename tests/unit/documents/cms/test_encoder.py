from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import cms as reference
from asn1crypto import tsp
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import example, given
from hypothesis import strategies as st

from eseal.documents.cms import SealCms, decode, verify_signature
from eseal.errors import InvalidInputError

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "cms_v1.json").read_text(encoding="utf-8")
)
assert tsp.SigningCertificateV2, "teaches asn1crypto the attribute of RFC 5035"
DIGEST = hashlib.sha256(b"content").digest()


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_version_1_gives_the_same_bytes_for_ever(name):
    vector = VECTORS[name]
    moment = vector["signing_time"]
    chain = [bytes.fromhex(der) for der in vector["chain"]]
    cms = SealCms(bytes.fromhex(vector["certificate"]), chain)

    signed = cms.signed_attributes(
        vector["statement"].encode(),
        bytes.fromhex(vector["digest"]),
        signing_time=datetime.fromisoformat(moment) if moment else None,
    )
    signature = bytes.fromhex(vector["signature"])

    assert signed.hex() == vector["signed_attributes"]
    assert cms.encode(signed, signature).hex() == vector["cms_without_receipt"]
    assert cms.encode(signed, signature, vector["receipt"].encode()).hex() == vector["cms"]
    verify_signature(decode(bytes.fromhex(vector["cms"])))


def test_an_independent_reader_sees_what_rfc_5652_asks_for(identity):
    content = reference.ContentInfo.load(identity.seal(DIGEST), strict=True)
    signed = content["content"]
    signer = signed["signer_infos"][0]

    assert content["content_type"].native == "signed_data"
    assert signed["version"].native == "v1"
    assert [each["algorithm"].native for each in signed["digest_algorithms"]] == ["sha256"]
    assert signed["encap_content_info"].native == {"content_type": "data", "content": None}
    assert {each.chosen.dump() for each in signed["certificates"]} == {
        identity.certificate,
        identity.root,
    }
    assert signer["version"].native == "v1"
    assert signer["sid"].name == "issuer_and_serial_number"
    assert signer["sid"].chosen["serial_number"].native == 2
    attributes = {each["type"].native: each["values"] for each in signer["signed_attrs"]}
    assert attributes["content_type"].native == ["data"]
    assert attributes["message_digest"].native == [DIGEST]
    certified = attributes["signing_certificate_v2"][0]["certs"][0]
    assert certified["cert_hash"].native == hashlib.sha256(identity.certificate).digest()
    assert len(attributes) == 4


@given(
    statement=st.binary(min_size=1, max_size=80) | st.integers(81, 5000).map(bytes),
    digest=st.binary(min_size=32, max_size=32),
    moment=st.none() | st.datetimes(min_value=datetime(1950, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  given a zone
)
@example(statement=b"{}", digest=DIGEST, moment=None)
@example(statement=b"\xff" * 45, digest=b"\xff" * 32, moment=None)
def test_signed_attributes_are_a_der_set(p256, statement, digest, moment):
    cms = SealCms(p256.certificate, p256.chain)
    cms.signed_attributes(bytes(len(statement)), bytes(32), signing_time=moment)
    signed = cms.signed_attributes(statement, digest, signing_time=moment)
    attributes = reference.CMSAttributes.load(signed)
    encodings = [each.dump() for each in attributes]

    assert signed[0] == 0x31
    assert encodings == sorted(encodings)
    assert reference.CMSAttributes(list(attributes)).dump(force=True) == signed
    values = {each["type"].native: each["values"][0].native for each in attributes}
    assert values["message_digest"] == digest
    assert statement in signed
    assert len(attributes) == (4 if moment is None else 5)


def test_signing_time_is_there_when_asked_for(p256):
    cms = SealCms(p256.certificate, p256.chain)

    def read(moment):
        signed = cms.signed_attributes(b"{}", DIGEST, signing_time=moment)
        values = {
            each["type"].native: each["values"] for each in reference.CMSAttributes.load(signed)
        }
        return values["signing_time"][0]

    near = datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)
    far = datetime(2050, 1, 1, tzinfo=UTC)
    assert (read(near).name, read(near).native) == ("utc_time", near)
    assert (read(far).name, read(far).native) == ("generalized_time", far)


def test_a_certificate_named_twice_is_embedded_once(p256):
    once = SealCms(p256.certificate, p256.chain)
    twice = SealCms(p256.certificate, (p256.certificate, p256.root, p256.root))
    signed = once.signed_attributes(b"{}", DIGEST)

    assert twice.encode(signed, b"signature") == once.encode(signed, b"signature")


def test_it_says_how_the_key_has_to_sign(p256, rsa3072):
    assert SealCms(p256.certificate, ()).algorithm == "ecdsa-p256-sha256"
    assert SealCms(rsa3072.certificate, ()).algorithm == "rsa-pkcs1-sha256"


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33), bytes(20)])
def test_a_digest_of_another_length_is_refused(p256, digest):
    with pytest.raises(InvalidInputError, match=f"expected 32 bytes, got {len(digest)}"):
        SealCms(p256.certificate, ()).signed_attributes(b"{}", digest)


def test_an_empty_statement_is_refused(p256):
    with pytest.raises(InvalidInputError, match="statement"):
        SealCms(p256.certificate, ()).signed_attributes(b"", DIGEST)


@pytest.mark.parametrize(
    ("signed", "signature"), [(b"", b"s"), (b"\x30\x00", b"s"), (b"\x31\x00", b""), (b"\x31", b"s")]
)
def test_parts_that_make_no_cms_are_refused(p256, signed, signature):
    with pytest.raises(InvalidInputError):
        SealCms(p256.certificate, ()).encode(signed, signature)


def test_a_certificate_that_is_none_is_refused(p256):
    with pytest.raises(InvalidInputError, match="cannot be read"):
        SealCms(b"no certificate", ())
    with pytest.raises(InvalidInputError, match="certificate"):
        SealCms(p256.certificate, (b"no certificate",))


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (lambda: ec.generate_private_key(ec.SECP384R1()), "P-256 or of RSA.*, got P-384"),
        (lambda: rsa.generate_private_key(65537, 2048), "at least 3072 bits, got RSA 2048"),
        (ed25519.Ed25519PrivateKey.generate, "got Ed25519"),
    ],
)
def test_a_key_not_allowed_for_a_seal_is_refused(identify, key, named):
    with pytest.raises(InvalidInputError, match=named):
        SealCms(identify(key()).certificate, ())
