"""The two laws: nothing genuine is accused, whatever becomes of the parts that nobody signed; and
nothing passes of which a signed part was changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from asn1crypto import algos, cms, core, x509
from cryptography.hazmat import asn1
from cryptography.hazmat.asn1 import SetOf
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from eseal.documents import oids
from eseal.documents.cms import decode
from eseal.documents.cms.levels import add_signature_time_stamp, add_validation_data
from eseal.documents.cms.structures import ContentInfo, SignedData, SignerInfo, tlv
from eseal.documents.evidence import Evidence
from eseal.errors import InvalidFormatError
from eseal.log.receipt import Receipt
from eseal.pki.tsp.client import BuiltInSource, TimeStampers
from eseal.verify import Finding, Indication
from eseal.verify.verdict.report import moment
from tests.stamping import Other
from tests.unit.verify.asking import trusting, verify_document, verify_evidence
from tests.unit.verify.test_entry_points import Kept

CONTRACT = b"The parties agree to agree."
FUZZ = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def use(world, seal):
    made = world.use(seal)
    world.anchor()
    return made


@pytest.fixture
def stamped(world, use):
    """A seal with everything that can stand in it unsigned: receipt, time-stamps, chain."""
    other = Other(clock=lambda: moment(world.ledger.final_block().timestamp + 3))
    stampers = TimeStampers([BuiltInSource(other.tsa.answer)])
    token = stampers.stamp(hashlib.sha256(use.signature).digest()).token
    p7s = add_signature_time_stamp(use.p7s, token)
    return add_validation_data(p7s, certificates=(other.root,)), other.root


def judged(world, p7s, *roots, **given):
    trust = trusting(*roots)
    return verify_document(CONTRACT, signature=p7s, ledger=world.ledger, trust=trust, **given)


PARTS = {
    SignedData: [
        *("version", "digest_algorithms", "encapsulated", "certificates", "crls", "signer_infos")
    ],
    SignerInfo: [
        *("version", "sid", "digest_algorithm", "signed_attributes", "signature_algorithm"),
        *("signature", "unsigned_attributes"),
    ],
}


def replaced(part, **changes):
    kind = type(part)
    return kind(**{name: getattr(part, name) for name in PARTS[kind]} | changes)


def rebuilt(der, draw):
    """The CMS with something else in its unsigned parts; DER sorts what is a set."""
    data = asn1.decode_der(ContentInfo, der).content
    (signer,) = data.signer_infos.as_list()
    attributes = chosen(draw, signer.unsigned_attributes.as_list())
    changes = {"unsigned_attributes": SetOf(attributes) if attributes else None}
    for name in draw(st.sets(st.sampled_from(sorted(IDENTIFIERS)))):
        changes[name] = tlv(draw(st.sampled_from(IDENTIFIERS[name])))
    signer = replaced(signer, **changes)
    certificates = chosen(draw, data.certificates.as_list())
    data = replaced(
        data,
        certificates=SetOf(certificates) if draw(st.booleans()) else data.certificates,
        signer_infos=SetOf([signer]),
    )
    return asn1.encode_der(ContentInfo(content_type=oids.ID_SIGNED_DATA, content=data))


def chosen(draw, whole):
    """Some of them, some twice."""
    return draw(st.lists(st.sampled_from(whole), max_size=len(whole) + 2))


IDENTIFIERS = {
    "signature_algorithm": [
        algos.SignedDigestAlgorithm({"algorithm": name} | more).dump()
        for name, more in (
            ("sha256_ecdsa", {}),
            ("sha384_ecdsa", {}),
            ("ed25519", {}),
            ("sha256_rsa", {"parameters": core.Null()}),
            ("rsassa_pkcs1v15", {"parameters": core.Null()}),
        )
    ],
    "digest_algorithm": [
        algos.DigestAlgorithm({"algorithm": name}).dump()
        for name in ("sha1", "sha256", "sha384", "sha512")
    ],
    "sid": [
        cms.IssuerAndSerialNumber({"issuer": x509.Name.build({}), "serial_number": 7}).dump(),
        core.OctetString(bytes(20)).retag({"implicit": 0}).dump(),
    ],
}
"""What says how the signature was made, and by whom, stands outside of what is signed."""


@FUZZ
@given(st.data())
def test_parts_of_a_signature_that_nobody_signed_accuse_nobody(world, stamped, data):
    p7s, root = stamped
    p7s = rebuilt(p7s, data.draw)
    for roots in ((), (root,)):
        report = judged(world, p7s, *roots)
        assert report.indication is not Indication.TOTAL_FAILED
        assert report.finding is not Finding.NO_SEAL


@FUZZ
@given(st.data())
@example(None)
def test_bytes_that_nobody_signed_accuse_nobody(world, use, stamped, data):
    p7s = bytearray(stamped[0])
    if data is None:
        assert judged(world, bytes(p7s), stamped[1]).finding is Finding.AUTHENTIC
        return
    signed = bytes(p7s).index(use.signed[1:])
    value = bytes(p7s).rindex(use.signature)
    free = [
        place
        for place in range(len(p7s))
        if not signed <= place < signed + len(use.signed) - 1
        and not value <= place < value + len(use.signature)
    ]
    for _ in range(data.draw(st.integers(1, 4))):
        p7s[data.draw(st.sampled_from(free))] = data.draw(st.integers(0, 255))
    report = judged(world, bytes(p7s))
    assert report.indication is not Indication.TOTAL_FAILED
    healed = judged(world, bytes(p7s), records=Kept(world.evidence(use)))
    assert healed.indication is not Indication.TOTAL_FAILED


@FUZZ
@given(st.data())
def test_lines_of_a_receipt_accuse_nobody_and_the_record_heals_them(world, use, data):
    """But for a receipt that is none any more: it holds something."""
    lines = use.receipt.split(b"\n")
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "twice", "swap", "spoil"])):
            case "drop":
                lines = lines[:place] + lines[place + 1 :] or [b""]
            case "twice":
                lines.insert(place, lines[place])
            case "swap":
                lines[place], lines[0] = lines[0], lines[place]
            case _:
                lines[place] = data.draw(st.binary(max_size=60))
    p7s = use.with_receipt(b"\n".join(lines)).p7s
    assert judged(world, p7s).indication is not Indication.TOTAL_FAILED
    healed = judged(world, p7s, records=Kept(world.evidence(use)))
    proof = is_proof(b"\n".join(lines))
    assert healed.finding is (Finding.AUTHENTIC if proof else Finding.ADDED_AFTER_SEALING)


def is_proof(text):
    """Whether it is a receipt, or nothing, without anything that no log of ours writes."""
    try:
        parsed = Receipt.parse(text)
    except InvalidFormatError:
        return not text
    head = parsed.checkpoint
    return not parsed.extra and head.text == head.checkpoint.body()


def changed(value, draw):
    """A JSON value with something else somewhere in it."""
    if isinstance(value, dict):
        name = draw(st.sampled_from(sorted(value)))
        return value | {name: changed(value[name], draw)}
    if isinstance(value, list):
        return draw(st.permutations(value))[: draw(st.integers(0, len(value)))]
    if isinstance(value, int):
        return draw(st.integers(0, 2**40))
    if isinstance(value, str) and value:
        place = draw(st.integers(0, len(value) - 1))
        return value[:place] + draw(st.sampled_from("0a1bAZ/=.\n")) + value[place + 1 :]
    return None


@FUZZ
@given(st.data())
def test_evidence_that_was_changed_accuses_nobody(world, use, data):
    """But for the signature value itself and what it signs, which are in it too."""
    fields = json.loads(world.evidence(use).encode())
    fields = {"cms": fields.pop("cms")} | changed(fields, data.draw)
    try:
        evidence = Evidence.parse(json.dumps(fields).encode())
    except InvalidFormatError:
        return
    assert verify_evidence(evidence, ledger=world.ledger).indication is not (
        Indication.TOTAL_FAILED
    )
    report = judged(world, use.p7s, evidence=evidence)
    assert report.finding is Finding.AUTHENTIC


@FUZZ
@given(st.data())
def test_nothing_passes_of_which_a_signed_part_was_changed(world, use, data):
    whole = bytearray(use.signed[1:] + use.signature)
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    signed, signature = bytes(whole[: len(use.signed) - 1]), bytes(whole[len(use.signed) - 1 :])
    p7s = use.p7s.replace(use.signed[1:], signed).replace(use.signature, signature)
    if p7s == use.p7s:
        return
    for records in (None, Kept(world.evidence(use))):
        report = judged(world, p7s, records=records)
        if report.indication is Indication.TOTAL_PASSED:
            # Only what is on record passes, in place of what cannot be read any more.
            assert records is not None
            assert report.seals[0].facts.statement == use.statement
            with pytest.raises(InvalidFormatError):
                decode(p7s)


@FUZZ
@given(st.binary(max_size=60))
def test_no_other_document_passes(world, use, other):
    if other == CONTRACT:
        return
    report = verify_document(other, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.DOCUMENT_ALTERED
    unsealed = replace(use, signature=use.signature[::-1])
    report = verify_document(CONTRACT, signature=unsealed.p7s, ledger=world.ledger)
    assert report.finding is Finding.SIGNATURE_INVALID
