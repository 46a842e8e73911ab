"""Hostile bytes in every place that takes some: a verdict each time, and never a crashed check."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat import asn1
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eseal.documents import oids
from eseal.documents.cms import decode
from eseal.errors import InvalidFormatError
from eseal.verify import Finding
from tests.unit.verify.asking import verify_document, verify_evidence

OID = asn1.encode_der(oids.STATEMENT)
CONTRACT = b"The parties agree to agree."
FUZZ = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def damaged(data, draw):
    """``data`` with some bytes changed, cut out or put in."""
    result = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(result)))
        cut = draw(st.integers(0, 3))
        result[place : place + cut] = draw(st.binary(max_size=3))
    return bytes(result)


@pytest.fixture
def use(world, seal):
    made = world.use(seal)
    world.anchor()
    return made


@FUZZ
@given(st.data())
def test_signature_files(world, use, data):
    p7s = damaged(use.p7s, data.draw)
    report = verify_document(CONTRACT, signature=p7s, ledger=world.ledger)
    assert report.finding is not Finding.NO_SEAL or OID not in p7s
    if report.finding is Finding.AUTHENTIC:
        mine, theirs = decode(use.p7s), decode(p7s)
        assert mine.signed_attributes == theirs.signed_attributes
        assert mine.signature == theirs.signature
        assert mine.certificate == theirs.certificate


@FUZZ
@given(st.data())
def test_receipts(world, use, data):
    """Nobody signs a receipt: whatever becomes of it accuses nobody."""
    p7s = use.with_receipt(damaged(use.receipt, data.draw)).p7s
    report = verify_document(CONTRACT, signature=p7s, ledger=world.ledger)
    assert report.finding in {Finding.AUTHENTIC, Finding.RECORD_MISSING, Finding.ANCHOR_PENDING}


@FUZZ
@given(st.binary(max_size=300))
def test_statements(world, seal, statement):
    signed, signature = seal.sign(statement or b"{}", hashlib.sha256(CONTRACT).digest())
    p7s = seal.encode(signed, signature, world.receipt(0))
    report = verify_document(CONTRACT, signature=p7s, ledger=world.ledger)
    assert report.finding is Finding.NOT_UNDERSTOOD


@FUZZ
@given(st.data())
def test_evidence_files(world, use, data):
    evidence = world.evidence(use)
    try:
        again = type(evidence).parse(damaged(evidence.encode(), data.draw))
    except InvalidFormatError:
        return
    for ledger in (world.ledger, None):
        report = verify_evidence(again, ledger=ledger)
        if report.finding is Finding.AUTHENTIC:
            assert again.statement == evidence.statement


@FUZZ
@given(st.binary(max_size=400))
def test_documents_and_signatures_that_are_noise(world, noise):
    assert verify_document(noise, ledger=world.ledger).finding is Finding.NO_SEAL
    text = base64.b64encode(noise)
    report = verify_document(noise, signature=text, ledger=world.ledger)
    assert report.finding is Finding.NOT_UNDERSTOOD
