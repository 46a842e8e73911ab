"""The issuing CA's certificate made anew: what was sealed before, and what is sealed after."""

import pytest
from cryptography import x509

from eseal.documents import cms
from eseal.errors import ConfigurationError
from eseal.model.level import Level
from eseal.model.seal import Reason
from eseal.verify import Finding
from tests.actors import acting

TEXT = b"offer"


def sealed(world) -> bytes:
    return world.service.sealing.seal_document(
        world.contract.id, TEXT, filename="a.txt", actor=acting()
    ).data


@pytest.fixture
def moved(data_dir, open_world):
    """What was sealed before the address was known, and the world after the re-issue."""
    before = open_world(data_dir)
    signature = sealed(before)
    before.service.anchoring.anchor()
    before.service.close()
    world = open_world(data_dir, public_url="https://seals.example.com")
    assert world.service.ca.reissue().seals == 2
    return signature, world


def test_what_was_sealed_before_stays_good(moved):
    signature, world = moved
    report = world.service.verification.document(TEXT, signature=signature)
    assert report.finding is Finding.AUTHENTIC, report.message
    assert world.service.ca.chain[0] not in cms.decode(signature).chain
    assert world.service.audit.run().disagreements == ()


def test_and_can_be_raised_to_the_long_term(moved):
    signature, world = moved
    raised = world.service.long_term.extend(signature, Level.B_LTA)
    assert cms.decode(raised).archive_time_stamps


def test_what_is_sealed_afterwards_carries_the_new_certificate(moved):
    _, world = moved
    assert set(cms.decode(sealed(world)).chain) == set(world.service.ca.chain)


def test_the_list_speaks_of_seals_from_before(moved):
    _, world = moved
    world.service.lifecycle.revoke(world.finance.id, reason=Reason.LOSS, actor=acting())
    crl = x509.load_der_x509_crl(world.service.ca.crl())
    number = x509.load_der_x509_certificate(world.finance.certificate).serial_number
    assert [each.serial_number for each in crl] == [number]


def test_without_an_address_there_is_nothing_to_name(world):
    with pytest.raises(ConfigurationError, match="ESEAL_PUBLIC_URL or ESEAL_PKI_URL"):
        world.service.ca.reissue()
