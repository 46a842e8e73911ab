from __future__ import annotations

from eseal.verify.certificates import Signer, signer_of


def test_the_company_and_its_registration_id(world):
    certificate = world.new_seal("Ørsted 公司").certificate
    assert signer_of(certificate) == Signer("Ørsted 公司", "NTRGB-12345678")


def test_a_ca_names_no_registration_id(authority):
    signer = signer_of(authority.root.certificate)
    assert signer.name == "Trial CA"
    assert signer.registration_id is None


def test_what_cannot_be_read_names_nobody():
    assert signer_of(b"garbage") == Signer(None, None)
