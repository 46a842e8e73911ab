"""The built-in responders: made when first needed, renewed in time, true to the seals' states."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from eseal.model.seal import Reason
from eseal.pki.tsp.client import TimeStampResp
from eseal.pki.tsp.request import TimeStampRequest
from eseal.service.seals.responders import Responders
from eseal.store.repositories.responders import ResponderRepository
from tests.actors import acting

ASK = TimeStampRequest(bytes(32)).encode()


def load(der):
    return x509.load_der_x509_certificate(der)


def certificates(context):
    with context.database.read() as connection:
        return ResponderRepository(connection).certificates()


def status(service, certificate):
    chain = service.ca.chain
    builder = ocsp.OCSPRequestBuilder().add_certificate(
        load(certificate), load(chain[0]), hashes.SHA256()
    )
    answer = service.responders.ocsp(builder.build().public_bytes(Encoding.DER))
    return ocsp.load_der_ocsp_response(answer)


def test_keys_are_made_once_and_kept(world):
    context, service = world.service.context, world.service
    assert certificates(context) == []
    first = service.responders.time_stamp(ASK)
    assert TimeStampResp.load(first)["status"]["status"].native == "granted"
    made = certificates(context)
    assert len(made) == 1
    again = Responders(context, service.ca)
    again.time_stamp(ASK)
    assert certificates(context) == made
    usage = load(made[0]).extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert list(usage.value) == [x509.ExtendedKeyUsageOID.TIME_STAMPING]


def test_certificates_are_replaced_before_they_end(world):
    context, service = world.service.context, world.service
    service.responders.ocsp(b"")
    assert len(certificates(context)) == 1
    later = context.now() + timedelta(days=70)
    context.now = lambda: later
    service.responders.ocsp(b"")
    old, new = certificates(context)
    assert load(new).not_valid_after_utc > load(old).not_valid_after_utc
    assert status(service, old).certificate_status is ocsp.OCSPCertStatus.GOOD


def test_the_answer_is_the_seals_state(world):
    service, seal = world.service, world.contract
    asked = seal.certificate
    assert status(service, asked).certificate_status is ocsp.OCSPCertStatus.GOOD
    service.lifecycle.suspend(seal.id, reason=Reason.BY_ORDER, actor=acting())
    held = status(service, asked)
    assert held.certificate_status is ocsp.OCSPCertStatus.REVOKED
    assert held.revocation_reason is x509.ReasonFlags.certificate_hold
    service.lifecycle.resume(seal.id, actor=acting())
    assert status(service, asked).certificate_status is ocsp.OCSPCertStatus.GOOD
    service.lifecycle.revoke(seal.id, reason=Reason.KEY_COMPROMISE, actor=acting())
    gone = status(service, asked)
    assert gone.revocation_reason is x509.ReasonFlags.key_compromise
    listed = x509.load_der_x509_crl(service.ca.crl())
    entry = listed.get_revoked_certificate_by_serial_number(load(asked).serial_number)
    assert entry.revocation_date_utc == gone.revocation_time_utc


def test_a_number_nobody_was_given_is_unknown(world):
    said = ocsp.load_der_ocsp_response(
        world.service.responders.proof(world.service.ca.chain[1], world.contract.chain[0]).ocsp
    )
    assert said.certificate_status is ocsp.OCSPCertStatus.UNKNOWN


def test_of_other_issuers_nothing_is_said(world):
    assert world.service.responders.proof(world.contract.certificate, b"other") is None


def test_new_certificates_name_where_to_ask(data_dir, open_world):
    from eseal.model.seal import SealType
    from eseal.service.seals.onboarding import SealOrder

    world = open_world(data_dir, public_url="https://seals.example/")
    order = SealOrder(SealType.OTHER)
    (seal,) = world.service.onboarding.issue(world.company, [order], actor=acting())
    extensions = load(seal.certificate).extensions
    access = extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [each.access_location.value for each in access] == [
        "https://seals.example/pki/ocsp",
        "https://seals.example/pki/issuing.cer",
    ]
    points = extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name[0].value == "https://seals.example/pki/issuing.crl"
    proof = world.service.responders.proof(seal.certificate, seal.chain[0])
    assert proof.crl is None
    old = world.service.responders.proof(world.contract.certificate, seal.chain[0])
    assert old.crl is not None


def test_audit_compares_the_index_of_numbers(world):
    from sqlalchemy import update

    from eseal.store.schema.tables import seals

    with world.service.context.database.write() as connection:
        connection.execute(
            update(seals).where(seals.c.id == world.contract.id).values(serial=bytes(20))
        )
    found = world.service.audit.run().disagreements
    assert any("serial number" in one.message for one in found)


@pytest.mark.parametrize("url", ["ftp://x", "seals.example"])
def test_a_public_url_is_http(url):
    from eseal.config import Settings
    from eseal.errors import ConfigurationError

    with pytest.raises(ConfigurationError, match="ESEAL_PUBLIC_URL"):
        Settings.load(public_url=url)
