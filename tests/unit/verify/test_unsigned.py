"""Nothing that a seal does not need is carried in what nobody signed; and all it needs may be."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from eseal.documents import asic
from eseal.documents.cms import decode
from eseal.documents.cms.levels import (
    add_archive_time_stamp,
    add_signature_time_stamp,
    add_validation_data,
    archive_imprint,
)
from eseal.documents.pdf.longterm import prepare_time_stamp
from eseal.pki.tsp.client import BuiltInSource, TimeStampers
from eseal.verify import CheckName, CheckStatus, Finding, Indication
from eseal.verify.verdict.report import moment
from tests.fuzz.mutators import carrying
from tests.stamping import Other
from tests.unit.verify.asking import trusting, verify_digest, verify_document, verify_evidence
from tests.unit.verify.sealed_pdfs import plain_pdf, sealed
from tests.unit.verify.test_entry_points import Kept

CONTRACT = b"The parties agree to agree."
PAYLOAD = b"PK\x03\x04 pay somebody else"


@pytest.fixture
def other(world):
    return Other(clock=lambda: moment(world.ledger.final_block().timestamp + 3))


@pytest.fixture
def stamp(other):
    stampers = TimeStampers([BuiltInSource(other.tsa.answer)])
    return lambda digest: stampers.stamp(digest).token


@pytest.fixture
def use(world, seal):
    made = world.use(seal)
    world.anchor()
    return made


def validation_data(world, other):
    """Of the seal's chain and of the time-stamp's: certificates, lists and an answer."""
    now = moment(world.ledger.final_block().timestamp)
    until = now.replace(year=now.year + 1)
    mine, theirs = world.authority, other.ca
    return {
        "certificates": (*mine.chain, *theirs.chain, other.tsa_certificate),
        "crls": (mine.crl([], now, until), theirs.root_crl(now, until)),
        "ocsps": (answer(other),),
    }


def answer(other):
    """What the other authority's responder says about its time-stamps' certificate."""
    load = x509.load_der_x509_certificate
    asked = ocsp.OCSPRequestBuilder().add_certificate(
        load(other.tsa_certificate), load(other.ca.chain[0]), hashes.SHA256()
    )
    return other.responder.answer(asked.build().public_bytes(Encoding.DER))


@pytest.fixture
def levels(world, other, stamp, use):
    """The same seal at every level, the highest renewed."""
    found = {"B-B": use.p7s}
    p7s = add_signature_time_stamp(use.p7s, stamp(hashlib.sha256(use.signature).digest()))
    found["B-T"] = p7s
    for name in ("B-LTA", "renewed"):
        p7s = add_validation_data(p7s, **validation_data(world, other))
        found.setdefault("B-LT", p7s)
        imprint = archive_imprint(p7s, decode(p7s).message_digest)
        p7s = add_archive_time_stamp(p7s, stamp(imprint.digest), imprint.index)
        found[name] = p7s
    return found


LEVELS = ("B-B", "B-T", "B-LT", "B-LTA", "renewed")


def check(world, p7s, *roots, **given):
    trust = trusting(*roots)
    return verify_document(CONTRACT, signature=p7s, ledger=world.ledger, trust=trust, **given)


@pytest.mark.parametrize("level", LEVELS)
def test_what_our_levels_add_is_needed(world, other, levels, level):
    report = check(world, levels[level], other.root)
    assert report.finding is Finding.AUTHENTIC, report.check(CheckName.UNSIGNED).detail
    assert report.check(CheckName.UNSIGNED).status is CheckStatus.VALID


@pytest.mark.parametrize("way", carrying.WAYS)
@pytest.mark.parametrize("level", ["B-B", "renewed"])
def test_a_signature_that_carries_something_is_not_green(world, use, levels, level, way):
    loaded = carrying.WAYS[way](levels[level], PAYLOAD)
    for records in (None, Kept(world.evidence(use))):
        report = check(world, loaded, records=records)
        assert report.indication is Indication.INDETERMINATE
        if records is not None:  # what cannot be read is there, too
            assert report.finding is Finding.ADDED_AFTER_SEALING
            assert report.check(CheckName.UNSIGNED).status is CheckStatus.INVALID


@pytest.mark.parametrize("way", carrying.WAYS)
def test_nor_is_a_time_stamp_in_it(world, other, levels, way):
    places = carrying.stamps(levels["renewed"])
    assert len(places) == 3
    for at in places:
        loaded = carrying.in_stamp(levels["renewed"], at, carrying.WAYS[way], PAYLOAD)
        assert loaded != levels["renewed"]
        report = check(world, loaded, other.root)
        if way == "long length":  # then the whole is no DER
            assert report.finding is Finding.NOT_UNDERSTOOD
        else:
            assert report.finding is Finding.ADDED_AFTER_SEALING


@pytest.mark.parametrize("way", carrying.WAYS)
def test_nor_in_a_pdf(world, seal, other, stamp, way):
    _, file = sealed(world, seal, plain_pdf())
    world.anchor()
    prepared = prepare_time_stamp(file)
    stamped = prepared.embed(stamp(prepared.digest))
    trust = trusting(other.root)
    for genuine in (file, stamped):
        report = verify_document(genuine, ledger=world.ledger, trust=trust)
        assert report.finding is Finding.AUTHENTIC
        loaded = carrying.with_last(genuine, lambda der: carrying.WAYS[way](der, PAYLOAD))
        report = verify_document(loaded, ledger=world.ledger, trust=trust)
        assert report.indication is Indication.INDETERMINATE


def test_nor_in_a_container(world, seal):
    prepared = asic.prepare([("contract.txt", CONTRACT)])
    use = world.use(seal, digest=prepared.digest, media_type=asic.MEDIA_TYPE)
    world.anchor()
    container = asic.read(prepared.embed(use.p7s))
    assert verify_document(container.encode(), ledger=world.ledger).finding is Finding.AUTHENTIC
    loaded = carrying.unsigned_attribute(use.p7s, PAYLOAD)
    report = verify_document(container.with_cms(1, loaded).encode(), ledger=world.ledger)
    assert report.finding is Finding.ADDED_AFTER_SEALING


def test_a_receipt_is_a_receipt_and_nothing_else(world, use):
    extra = use.receipt.replace(b"index", b"extra UEsDBA==\nindex", 1)
    line = use.receipt.replace(b"\n\n\xe2\x80\x94", b"\nPK and so on\n\n\xe2\x80\x94", 1)
    records = Kept(world.evidence(use))
    for receipt in (extra, line, b"PK\x03\x04" * 9000):
        assert receipt != use.receipt
        p7s = use.with_receipt(receipt).p7s
        assert check(world, p7s).finding is not Finding.AUTHENTIC
        assert check(world, p7s, records=records).finding is Finding.ADDED_AFTER_SEALING


def test_what_was_cut_out_is_not_added(world, use):
    records = Kept(world.evidence(use))
    for p7s in (use.with_receipt(None).p7s, replace(use, seal=replace(use.seal, chain=())).p7s):
        assert check(world, p7s, records=records).finding is Finding.AUTHENTIC


def test_a_certificate_that_the_chain_needs_was_signed_by_its_issuer(world, other, use):
    """What another CA issues, or the seal's own for somebody else, is not needed."""
    for der in (other.root, other.tsa_certificate, world.new_seal("Bolt GmbH").certificate):
        report = check(world, add_validation_data(use.p7s, certificates=(der,)))
        assert report.finding is Finding.ADDED_AFTER_SEALING
    assert "does not need" in report.check(CheckName.UNSIGNED).detail
    for crl in (other.ca.root_crl(moment(0), moment(9)), other.ca.crl([], moment(0), moment(9))):
        report = check(world, add_validation_data(use.p7s, crls=(crl,)))
        assert report.finding is Finding.ADDED_AFTER_SEALING


def test_a_time_stamp_of_an_authority_that_nobody_trusts_is_named(
    world, seal, other, stamp, levels
):
    """Anybody can make an authority, and its certificate carries what they like."""
    report = check(world, levels["B-T"])
    assert report.finding is Finding.TIME_STAMP_UNTRUSTED
    assert report.indication is Indication.INDETERMINATE
    assert "leads to no root you trust" in report.check(CheckName.UNSIGNED).detail
    assert check(world, levels["B-T"], other.root).finding is Finding.AUTHENTIC
    _, file = sealed(world, seal, plain_pdf())
    world.anchor()
    prepared = prepare_time_stamp(file)
    stamped = prepared.embed(stamp(prepared.digest))
    report = verify_document(stamped, ledger=world.ledger)
    assert report.finding is Finding.TIME_STAMP_UNTRUSTED
    assert "leads to no root you trust" in report.check(CheckName.REVISIONS).detail
    added = verify_document(stamped + b"%", ledger=world.ledger)
    assert added.finding is Finding.ADDED_AFTER_SEALING, "the graver of both"


def test_what_is_no_time_stamp_is_graver_than_an_authority_nobody_trusts(world, levels):
    loaded = add_signature_time_stamp(levels["B-T"], b"\x30\x03\x02\x01\x01")
    assert check(world, loaded).finding is Finding.ADDED_AFTER_SEALING


def test_an_evidence_file_with_such_a_signature_is_not_green(world, use):
    loaded = carrying.unsigned_attribute(use.p7s, PAYLOAD)
    evidence = replace(world.evidence(use), cms=loaded)
    for report in (
        verify_evidence(evidence, ledger=world.ledger),
        verify_digest(hashlib.sha256(CONTRACT).digest(), evidence=evidence, ledger=world.ledger),
    ):
        assert report.finding is Finding.ADDED_AFTER_SEALING
