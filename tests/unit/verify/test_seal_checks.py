"""Certificate roots, and signatures of other producers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)

from eseal.pki.names import SealSubject
from eseal.verify import CheckName, CheckStatus, Finding
from tests.unit.verify.asking import issuing_ca, trusting
from tests.unit.verify.asking import verify_document as verify

CONTRACT = b"The parties agree to agree."
NOW = datetime(2027, 1, 15, 9, tzinfo=UTC)


def test_a_chain_to_a_configured_root_is_demanded(world, seal):
    use = world.use(seal)
    world.anchor()
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger)
    assert report.finding is Finding.AUTHENTIC
    assert report.check(CheckName.CHAIN).status is CheckStatus.VALID
    without = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, trust=trusting(roots=()))
    assert without.finding is Finding.UNTRUSTED_ISSUER


def test_a_root_that_cannot_be_read_trusts_nobody(world, seal):
    use = world.use(seal)
    trust = trusting(roots=(b"not a certificate",))
    report = verify(CONTRACT, signature=use.p7s, ledger=world.ledger, trust=trust, now=NOW)
    assert report.finding is Finding.UNTRUSTED_ISSUER


@pytest.mark.parametrize("ours", [True, False])
def test_an_ordinary_signature_tells_nothing_of_its_use(ours, world):
    authority = issuing_ca() if ours else issuing_ca("Another CA")
    key = ec.generate_private_key(ec.SECP256R1())
    public_key = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    subject = SealSubject("Acme Trading Ltd", "NTRCN-91330106MA2GLYQ19H", "GB", "Acme")
    start = datetime.fromtimestamp(world.ledger.blocks[0].timestamp, UTC)
    certificate = authority.issue_seal(public_key, subject, start)
    p7s = (
        PKCS7SignatureBuilder()
        .set_data(CONTRACT)
        .add_signer(x509.load_der_x509_certificate(certificate), key, hashes.SHA256())
        .add_certificate(x509.load_der_x509_certificate(authority.chain[0]))
        .sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    )
    report = verify(CONTRACT, signature=p7s, ledger=world.ledger, now=NOW)
    if not ours:
        assert (report.finding, report.seals, report.alarm) == (Finding.NO_SEAL, (), False)
        (other,) = report.others
        assert other.detail == "Not a company seal: P-256, SHA-256, intact."
        assert other.name == "Acme Trading Ltd"
        return
    assert (report.finding, report.alarm, report.others) == (Finding.RECORD_MISSING, True, ())
    assert report.check(CheckName.SIGNATURE).status is CheckStatus.VALID
    assert "no statement" in report.check(CheckName.STATEMENT).detail
    report = verify(CONTRACT, signature=p7s, trust=trusting(roots=()))
    assert (report.finding, len(report.others)) == (Finding.NO_SEAL, 1)
