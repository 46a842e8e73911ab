from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from eseal.errors import ConflictError, InvalidInputError, NotFoundError
from eseal.ledger.facts import Status
from eseal.model.seal import Reason, SealState, SealType
from eseal.pki.names import subject_of
from eseal.service.sealing.applying import DigestOrder
from eseal.service.seals.onboarding import SealOrder
from eseal.suites import KeyAlgorithm
from tests.actors import acting

LEI = "lei:529900T8BM49AURSDO55"


def test_a_company_gets_a_set_of_seals_in_one_step(world):
    company, seals = world.service.onboarding.add_company(
        "Acme GmbH",
        LEI,
        country="GB",
        seals=[SealOrder(SealType.CONTRACT), SealOrder(SealType.INVOICE, "no. 2", "3301001234567")],
        actor=acting("operator"),
    )
    assert company.identifier == "LEIXG-529900T8BM49AURSDO55"
    assert [seal.state for seal in seals] == [SealState.ACTIVE] * 2
    ledger = world.service.context.ledger
    now = ledger.final_block().timestamp
    assert [ledger.status_at(seal.handle, now).status for seal in seals] == [Status.ACTIVE] * 2
    subject = subject_of(seals[1].certificate)
    assert subject.organization_name == "Acme GmbH"
    assert subject.organization_identifier == company.identifier
    assert world.service.directory.seal(seals[1].handle.hex()).physical_code == "3301001234567"
    assert world.service.audit.run().disagreements == ()


def test_a_wrong_check_character_names_the_field(world):
    with pytest.raises(InvalidInputError) as caught:
        world.service.onboarding.add_company("Acme", "uscc:91330100799655058C", actor=acting("a"))
    assert caught.value.field == "registration_id"
    assert len(world.service.directory.companies()) == 1


def test_a_registration_id_is_on_record_once(world):
    with pytest.raises(ConflictError, match="NTRCN-91330100799655058B is on record already"):
        world.service.onboarding.add_company(
            "Other",
            "uscc:91330100799655058B",
            seals=[SealOrder(SealType.CONTRACT)],
            actor=acting("a"),
        )
    assert len(world.service.directory.seals()) == 2


def test_one_standing_seal_per_type_and_label(world):
    issue = world.service.onboarding.issue
    with pytest.raises(ConflictError, match="has a contract seal already"):
        issue(world.company, [SealOrder(SealType.CONTRACT)], actor=acting("a"))
    (second,) = issue(world.company, [SealOrder(SealType.CONTRACT, "no. 2")], actor=acting("a"))
    with pytest.raises(ConflictError, match=r"contract seal 'no\. 2' already"):
        issue(world.company, [SealOrder(SealType.CONTRACT, "no. 2")], actor=acting("a"))
    world.service.lifecycle.revoke(second.id, reason=Reason.LOSS, actor=acting("a"))
    (again,) = issue(world.company, [SealOrder(SealType.CONTRACT, "no. 2")], actor=acting("a"))
    assert again.handle != second.handle


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (SealOrder(SealType.OTHER, "x" * 65), "label"),
        (SealOrder(SealType.OTHER, "a\nb"), "label"),
        (SealOrder(SealType.OTHER, "", "9" * 33), "physical_code"),
        (SealOrder(SealType.OTHER, algorithm=KeyAlgorithm.ED25519), "algorithm"),
    ],
)
def test_refused_orders(world, order, field):
    with pytest.raises(InvalidInputError) as caught:
        world.service.onboarding.issue(world.company, [order], actor=acting("a"))
    assert caught.value.field == field


def test_the_same_seal_twice_in_one_order(world):
    orders = [SealOrder(SealType.OTHER)] * 2
    with pytest.raises(InvalidInputError, match="twice"):
        world.service.onboarding.issue(world.company, orders, actor=acting("a"))


def test_rsa_seals_sign_too(world):
    order = SealOrder(SealType.OTHER, algorithm=KeyAlgorithm.RSA3072)
    (seal,) = world.service.onboarding.issue(world.company, [order], actor=acting("a"))
    (sealed,) = world.service.sealing.seal_digests(
        seal.id, [DigestOrder(bytes(32))], actor=acting("a")
    )
    assert len(sealed.use.signature) == 384
    assert world.service.audit.run().disagreements == ()


class OtherAuthority:
    """A certification authority that is not ours."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Licensed CA")])
        self.certificate = self._sign(self.name, self.key.public_key(), ca=True)

    def certify(self, csr_der: bytes, **changes: str) -> bytes:
        csr = x509.load_der_x509_csr(csr_der)
        assert csr.is_signature_valid
        name = x509.Name(
            [x509.NameAttribute(a.oid, changes.get(a.oid._name, a.value)) for a in csr.subject]
        )
        return self._sign(name, csr.public_key(), ca=False)

    def _sign(self, name, public_key, *, ca: bool) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=300))
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(
                x509.KeyUsage(not ca, not ca, False, False, False, ca, ca, False, False),
                critical=True,
            )
        )
        signed = builder.sign(self.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.DER)


def test_a_certificate_from_another_authority(world):
    onboarding = world.service.onboarding
    request = onboarding.request_certificate(
        world.company, SealOrder(SealType.OFFICIAL), actor=acting()
    )
    authority = OtherAuthority()
    certificate = authority.certify(request.csr)
    seal = onboarding.import_certificate(
        request.id, certificate, [authority.certificate], actor=acting("a")
    )
    assert seal.state is SealState.ACTIVE
    assert seal.chain == (authority.certificate,)
    (sealed,) = world.service.sealing.seal_digests(
        seal.id, [DigestOrder(bytes(32))], actor=acting("a")
    )
    assert sealed.use.seal_id == seal.id
    assert world.service.audit.run().disagreements == ()
    with pytest.raises(NotFoundError, match="no certificate request"):
        onboarding.import_certificate(
            request.id, certificate, [authority.certificate], actor=acting("a")
        )


def test_a_certificate_for_another_company_is_refused(world):
    onboarding = world.service.onboarding
    request = onboarding.request_certificate(
        world.company, SealOrder(SealType.OFFICIAL), actor=acting()
    )
    authority = OtherAuthority()
    wrong = authority.certify(request.csr, organizationName="Somebody Else")
    with pytest.raises(InvalidInputError, match="organizationName"):
        onboarding.import_certificate(request.id, wrong, [authority.certificate], actor=acting("a"))
    other = onboarding.request_certificate(
        world.company, SealOrder(SealType.CUSTOMS), actor=acting()
    )
    with pytest.raises(InvalidInputError, match="another key"):
        onboarding.import_certificate(
            request.id, authority.certify(other.csr), [authority.certificate], actor=acting("a")
        )
    assert len(world.service.directory.seals()) == 2


def test_names_of_companies_and_seals(world):
    directory = world.service.directory
    for name in (world.company.id, "uscc:91330100799655058B", "NTRCN-91330100799655058B"):
        assert directory.company(name) == world.company
    for name in ("nobody", LEI, "a" * 26):
        with pytest.raises(NotFoundError):
            directory.company(name)
    for name in ("nothing", "00" * 32, "a" * 26):
        with pytest.raises(NotFoundError):
            directory.seal(name)
    first = directory.seals(limit=1)
    assert len(directory.seals(after=first[0].id)) == 1


def test_the_revocation_list_follows_the_seals(world):
    def listed():
        crl = x509.load_der_x509_crl(world.service.ca.crl())
        issuer = x509.load_der_x509_certificate(world.service.ca.chain[0])
        assert crl.is_signature_valid(issuer.public_key())
        return {
            entry.serial_number: entry.extensions.get_extension_for_class(
                x509.CRLReason
            ).value.reason
            for entry in crl
        }

    assert listed() == {}
    world.service.lifecycle.suspend(world.contract.id, reason=Reason.BY_ORDER, actor=acting("a"))
    world.service.lifecycle.revoke(
        world.finance.id, reason=Reason.KEY_COMPROMISE, actor=acting("a")
    )
    serial = x509.load_der_x509_certificate(world.contract.certificate).serial_number
    other = x509.load_der_x509_certificate(world.finance.certificate).serial_number
    assert listed() == {
        serial: x509.ReasonFlags.certificate_hold,
        other: x509.ReasonFlags.key_compromise,
    }
