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
from tests.unit.documents.conftest import SUBJECT_PROOF, VOLUME

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "cms_v2.json").read_text(encoding="utf-8")
)
assert tsp.SigningCertificateV2, "teaches asn1crypto the attribute of RFC 5035"
DIGEST = hashlib.sha256(b"content").digest()
PATH = bytes(14 * 32)


def made(identity) -> SealCms:
    return SealCms(identity.certificate, identity.chain, SUBJECT_PROOF)


@pytest.mark.parametrize("name", sorted(VECTORS))
def test_version_2_gives_the_same_bytes_for_ever(name):
    vector = VECTORS[name]
    moment = vector["signing_time"]
    chain = [bytes.fromhex(der) for der in vector["chain"]]
    cms = SealCms(bytes.fromhex(vector["certificate"]), chain, vector["subject_proof"].encode())

    signed = cms.signed_attributes(
        vector["statement"].encode(),
        bytes.fromhex(vector["digest"]),
        bytes.fromhex(vector["book_path"]),
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
    statement, proof, path = (
        attributes[f"2.25.238767520395259532724117411395253829{number}"]
        for number in (633, 635, 636)
    )
    assert statement[0].native == identity.statement(DIGEST).encode()
    assert proof[0].native == SUBJECT_PROOF
    assert path[0].native == VOLUME.path(identity.statement(DIGEST).ticket.position)
    assert len(attributes) == 6


@given(
    statement=st.binary(min_size=1, max_size=80) | st.integers(81, 5000).map(bytes),
    digest=st.binary(min_size=32, max_size=32),
    path=st.integers(1, 24).flatmap(
        lambda depth: st.binary(min_size=depth * 32, max_size=depth * 32)
    ),
    moment=st.none() | st.datetimes(min_value=datetime(1950, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  given a zone
)
@example(statement=b"{}", digest=DIGEST, path=bytes(128), moment=None)
@example(statement=b"\xff" * 45, digest=b"\xff" * 32, path=b"\xff" * 128, moment=None)
@example(statement=b"\xff" * 128, digest=bytes(32), path=bytes(128), moment=None)
@example(statement=b"s" * 32, digest=b"d" * 32, path=b"p" * 32, moment=None)
def test_signed_attributes_are_a_der_set(p256, statement, digest, path, moment):
    cms = made(p256)
    cms.signed_attributes(bytes(len(statement)), bytes(32), bytes(len(path)), signing_time=moment)
    signed = cms.signed_attributes(statement, digest, path, signing_time=moment)
    attributes = reference.CMSAttributes.load(signed)
    encodings = [each.dump() for each in attributes]

    assert signed[0] == 0x31
    assert encodings == sorted(encodings)
    assert reference.CMSAttributes(list(attributes)).dump(force=True) == signed
    values = {each["type"].native: each["values"][0].native for each in attributes}
    assert values["message_digest"] == digest
    assert values["2.25.238767520395259532724117411395253829633"] == statement
    assert values["2.25.238767520395259532724117411395253829635"] == SUBJECT_PROOF
    assert values["2.25.238767520395259532724117411395253829636"] == path
    assert len(attributes) == (6 if moment is None else 7)


def test_signing_time_is_there_when_asked_for(p256):
    cms = made(p256)

    def read(moment):
        signed = cms.signed_attributes(b"{}", DIGEST, PATH, signing_time=moment)
        values = {
            each["type"].native: each["values"] for each in reference.CMSAttributes.load(signed)
        }
        return values["signing_time"][0]

    near = datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)
    far = datetime(2050, 1, 1, tzinfo=UTC)
    assert (read(near).name, read(near).native) == ("utc_time", near)
    assert (read(far).name, read(far).native) == ("generalized_time", far)


def test_a_certificate_named_twice_is_embedded_once(p256):
    once = made(p256)
    chain = (p256.certificate, p256.root, p256.root)
    twice = SealCms(p256.certificate, chain, SUBJECT_PROOF)
    signed = once.signed_attributes(b"{}", DIGEST, PATH)

    assert twice.encode(signed, b"signature") == once.encode(signed, b"signature")


def test_it_says_how_the_key_has_to_sign(p256, rsa3072):
    assert made(p256).algorithm == "ecdsa-p256-sha256"
    assert made(rsa3072).algorithm == "rsa-pkcs1-sha256"


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33), bytes(20)])
def test_a_digest_of_another_length_is_refused(p256, digest):
    with pytest.raises(InvalidInputError, match=f"expected 32 bytes, got {len(digest)}"):
        made(p256).signed_attributes(b"{}", digest, PATH)


def test_nothing_that_is_signed_may_be_empty(p256):
    with pytest.raises(InvalidInputError, match="statement"):
        made(p256).signed_attributes(b"", DIGEST, PATH)
    with pytest.raises(InvalidInputError, match="book path"):
        made(p256).signed_attributes(b"{}", DIGEST, b"")
    with pytest.raises(InvalidInputError, match="subject proof"):
        SealCms(p256.certificate, p256.chain, b"")


@pytest.mark.parametrize(
    ("signed", "signature"), [(b"", b"s"), (b"\x30\x00", b"s"), (b"\x31\x00", b""), (b"\x31", b"s")]
)
def test_parts_that_make_no_cms_are_refused(p256, signed, signature):
    with pytest.raises(InvalidInputError):
        made(p256).encode(signed, signature)


def test_a_certificate_that_is_none_is_refused(p256):
    with pytest.raises(InvalidInputError, match="cannot be read"):
        SealCms(b"no certificate", (), SUBJECT_PROOF)
    with pytest.raises(InvalidInputError, match="certificate"):
        SealCms(p256.certificate, (b"no certificate",), SUBJECT_PROOF)


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (lambda: ec.generate_private_key(ec.SECP384R1()), "P-256 or RSA.*, got P-384"),
        (lambda: rsa.generate_private_key(65537, 2048), "at least 3072 bits, got RSA 2048"),
        (ed25519.Ed25519PrivateKey.generate, "got Ed25519"),
    ],
)
def test_a_key_not_allowed_for_a_seal_is_refused(identify, key, named):
    with pytest.raises(InvalidInputError, match=named):
        SealCms(identify(key()).certificate, (), SUBJECT_PROOF)
