from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509

from eseal.errors import InvalidChainError, UntrustedChainError
from eseal.model.seal import SealType
from eseal.pki.names import seal_common_name
from eseal.verify.inputs.certificates import (
    BUILT_IN,
    Signer,
    leads_up,
    root_of,
    signer_of,
    title_of,
)
from tests.unit.verify.asking import issuing_ca


def test_the_company_and_its_registration_id(world):
    certificate = world.new_seal("Ørsted 公司").certificate
    signer = signer_of(certificate)
    assert (signer.name, signer.registration_id) == ("Ørsted 公司", "NTRCN-91330106MA2GLYQ19H")


@pytest.mark.parametrize("kind", SealType)
def test_the_type_of_a_seal_is_read_from_its_name(world, kind):
    name = seal_common_name(kind, "Ørsted seal, 公司 " + "长" * 40)
    certificate = world.new_seal(common_name=name).certificate
    assert signer_of(certificate).seal_type is kind


@pytest.mark.parametrize(
    "name", ["Acme", "grand seal, Acme", "contract seal Acme", "Contract seal, Acme"]
)
def test_a_name_of_another_form_says_no_type(world, name):
    assert signer_of(world.new_seal(common_name=name).certificate).seal_type is None


def test_the_issuer_is_named_and_a_built_in_one_called_so(world, authority):
    signer = signer_of(world.new_seal().certificate)
    assert signer.issuer == "eseal seals CA, Trial CA"
    assert signer.vouched_by == BUILT_IN
    licensed = signer_of(authority.issuing.certificate)  # issued by the root, which issues no seals
    assert licensed.vouched_by == "Trial CA"
    assert title_of(authority.root.certificate) == "eseal root CA, Trial CA"
    assert title_of(b"garbage") is None


def test_a_chain_leads_up_by_name_and_key(world, authority):
    seal = world.new_seal()
    assert leads_up(seal.certificate, authority.chain)
    assert leads_up(seal.certificate, ())
    assert not leads_up(seal.certificate, authority.chain[::-1])
    assert not leads_up(seal.certificate, (b"garbage",))
    issuer, *above = authority.chain
    for at in (len(issuer) // 2, len(issuer) - 1):
        changed = issuer[:at] + bytes([issuer[at] ^ 1]) + issuer[at + 1 :]
        assert not leads_up(seal.certificate, (changed, *above))


def test_a_ca_names_no_registration_id(authority):
    signer = signer_of(authority.root.certificate)
    assert signer.name == "Trial CA"
    assert signer.registration_id is None


def test_what_cannot_be_read_names_nobody():
    assert signer_of(b"garbage") == Signer(None, None)


def test_a_remembered_chain_is_good_in_its_time_only(world, seal):
    """Periods are looked at for each use; signatures once."""
    roots = (world.authority.root.certificate,)
    loaded = x509.load_der_x509_certificate(seal.certificate)
    start, end = loaded.not_valid_before_utc, loaded.not_valid_after_utc
    second = timedelta(seconds=1)
    for at in (start, end - second, start + second):
        assert root_of(seal.certificate, seal.chain, roots, at) == roots[0]
    for at in (start - second, end + second):
        with pytest.raises(InvalidChainError):
            root_of(seal.certificate, seal.chain, roots, at)
    with pytest.raises(UntrustedChainError):
        root_of(seal.certificate, seal.chain, (issuing_ca("Another CA").root.certificate,), start)
    with pytest.raises(InvalidChainError, match="key usage"):
        root_of(seal.chain[0], seal.chain, roots, start)
