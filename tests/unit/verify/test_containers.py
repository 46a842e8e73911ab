"""Containers into which somebody put a signature that was not made for what is in them."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from eseal.documents import asic
from eseal.documents.asic.container import ContainerSeal
from eseal.verify import CheckName, Finding, Indication, OtherState
from eseal.verify.inputs.trust import Trust
from eseal.verify.locating.containers import strange_signatures
from eseal.words import Language, speak
from eseal.words.reporting import tell
from tests.unit.verify.asking import issuing_ca, verify_document

FILES = (("contract.txt", b"The parties agree to agree."), ("annex.txt", b"On this."))
OTHER_FILES = (("contract.txt", b"The parties agree to disagree."), ("annex.txt", b"On this."))


def sealed(world, seal, given=FILES):
    """A container with a seal, or with one more; and its CMS."""
    if isinstance(given, asic.Container):
        prepared = asic.prepare_again(given)
    else:
        prepared = asic.prepare(given)
    use = world.use(seal, digest=prepared.digest, media_type=asic.MEDIA_TYPE)
    return asic.read(prepared.embed(use.p7s))


def with_cms(container, cms):
    """The container with one more pair of manifest and signature, as anybody can write it."""
    prepared = asic.prepare_again(container)
    return asic.read(prepared.embed(cms))


def verdict(world, container):
    data = container if isinstance(container, bytes) else container.encode()
    world.anchor()
    return verify_document(data, ledger=world.ledger, logs=world.logs)


def findings(report):
    return [each.finding for each in report.seals]


def test_a_second_seal_over_the_same_files_is_a_good_one(world, seal):
    both = sealed(world, world.new_seal("Bolt GmbH"), sealed(world, seal))
    report = verdict(world, both)
    assert report.finding is Finding.AUTHENTIC
    assert findings(report) == [Finding.AUTHENTIC] * 2


@pytest.mark.parametrize("which", ["of another container", "its own, renamed"])
def test_a_copy_of_a_seal_accuses_nobody_and_is_not_green(world, seal, which):
    container = sealed(world, seal)
    other = container if which == "its own, renamed" else sealed(world, seal, OTHER_FILES)
    report = verdict(world, with_cms(container, other.seals[0].cms))
    assert findings(report) == [Finding.ADDED_AFTER_SEALING, Finding.TRANSPLANTED]
    assert report.finding is Finding.ADDED_AFTER_SEALING
    check = report.check(CheckName.FILES)
    assert "'META-INF/signature002.p7s' is no seal over what is in the container" in check.detail


def test_a_second_party_s_seal_of_another_container_accuses_nobody(world, seal):
    """It comes with the manifest it signs, and that names files that are not there."""
    theirs = sealed(world, world.new_seal("Bolt GmbH"), sealed(world, seal, OTHER_FILES))
    container = sealed(world, seal)
    mixed = replace(container, seals=(container.seals[0], theirs.seals[1]))
    report = verdict(world, mixed)
    assert findings(report) == [Finding.ADDED_AFTER_SEALING, Finding.TRANSPLANTED]
    assert report.finding is Finding.ADDED_AFTER_SEALING


@pytest.mark.parametrize("which", ["of another container", "in its place", "somebody's"])
def test_what_is_no_seal_over_the_files_is_named(world, seal, which):
    container, other = sealed(world, seal), sealed(world, seal, OTHER_FILES)
    assert strange_signatures(container) == ()
    assert strange_signatures(sealed(world, world.new_seal(), container)) == ()
    if which == "in its place":
        assert strange_signatures(container.with_cms(1, other.seals[0].cms)) == (
            "META-INF/signature001.p7s",
        )
        return
    cms = other.seals[0].cms if which == "of another container" else b"0\x00"
    assert strange_signatures(with_cms(container, cms)) == ("META-INF/signature002.p7s",)


def test_what_was_changed_is_accused_whatever_lies_beside(world, seal):
    container = sealed(world, seal)
    copy = sealed(world, seal, OTHER_FILES).seals[0].cms
    changed = replace(
        with_cms(container, copy), files=tuple(asic.DataObject(*each) for each in OTHER_FILES)
    )
    assert verdict(world, changed).finding is Finding.DOCUMENT_ALTERED


def test_a_broken_signature_over_the_changed_files_hides_nothing(world, seal):
    """Only one that verifies says which files the container is about."""
    container = sealed(world, seal)
    files = tuple(asic.DataObject(*each) for each in OTHER_FILES)
    prepared = asic.prepare_again(asic.Container(files, ()))
    use = world.use(seal, digest=prepared.digest, media_type=asic.MEDIA_TYPE)
    broken = replace(use, signature=seal.keys.sign(seal.key_id, b"something else")).p7s
    covers = replace(prepared.container.seals[0].covers, signature="META-INF/signature002.p7s")
    changed = asic.Container(files, (container.seals[0], ContainerSeal(2, broken, covers)))
    report = verdict(world, changed)
    assert findings(report) == [Finding.DOCUMENT_ALTERED, Finding.SIGNATURE_INVALID]
    assert report.finding is Finding.SIGNATURE_INVALID


@pytest.mark.parametrize("which", ["of an unknown key", "broken"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_forged_seal_over_the_same_files_accuses_no_other(world, seal, which, number):
    """Whoever has the container can put one beside a genuine one, or in the place of another."""
    both = sealed(world, world.new_seal("Bolt GmbH"), sealed(world, seal))
    digest = both.seals[number - 1].digest
    if which == "broken":
        use = world.use(seal, digest=digest, media_type=asic.MEDIA_TYPE)
        use = replace(use, signature=seal.keys.sign(seal.key_id, b"something else"))
        finding = Finding.SIGNATURE_INVALID
    else:
        forger = world.new_seal("Acme Trading Ltd", register=False)
        use = world.use(forger, digest=digest, media_type=asic.MEDIA_TYPE)
        finding = Finding.UNREGISTERED_SEAL
    report = verdict(world, both.with_cms(number, use.p7s))
    assert findings(report)[number - 1] is finding
    assert findings(report)[2 - number] is report.finding is Finding.ADDED_AFTER_SEALING
    named = f"'META-INF/signature00{number}.p7s' is no seal over what is in the container"
    assert named in report.check(CheckName.FILES).detail


def throwaway(world):
    """A seal that anybody can make, and what its statement then says of a ledger: another one."""
    made = issuing_ca("Throwaway CA")
    elsewhere = replace(world.block_reference(), registry=bytes(20))
    return world.new_seal("Throwaway Ltd", register=False, ca=made), {"not_before": elsewhere}


def thrown(world, digest):
    seal, said = throwaway(world)
    return world.use(seal, digest=digest, media_type=asic.MEDIA_TYPE, record=False, **said).p7s


@pytest.mark.parametrize("first", [True, False])
def test_a_seal_of_a_stranger_s_making_spares_no_forged_one(world, first):
    """Of another ledger and issuer: nothing is known of it, so nothing speaks for it."""
    forger = world.new_seal("Acme Trading Ltd", register=False)
    both = sealed(world, forger, sealed(world, forger))
    number = 1 if first else 2
    report = verdict(world, both.with_cms(number, thrown(world, both.seals[number - 1].digest)))
    assert findings(report)[2 - number] is report.finding is Finding.UNREGISTERED_SEAL
    assert findings(report)[number - 1].meaning.indication is Indication.INDETERMINATE


def test_a_seal_of_a_stranger_s_making_over_changed_files_displaces_none(world, seal):
    container = sealed(world, seal)
    files = tuple(asic.DataObject(*one) for one in OTHER_FILES)
    covers = asic.prepare(OTHER_FILES).container.seals[0].covers
    covers = replace(covers, signature="META-INF/signature002.p7s")
    changed = asic.Container(files, (container.seals[0], ContainerSeal(2, b"", covers)))
    report = verdict(world, changed.with_cms(2, thrown(world, changed.seals[1].digest)))
    assert findings(report)[0] is report.finding is Finding.DOCUMENT_ALTERED


def test_a_seal_of_a_stranger_s_making_does_not_make_a_genuine_one_red(world, seal):
    container = sealed(world, seal)
    both = asic.prepare_again(container)
    report = verdict(world, asic.read(both.embed(thrown(world, both.digest))))
    assert report.indication is Indication.INDETERMINATE


def test_who_trusts_no_root_and_has_no_ledger_accuses_no_genuine_seal(world, seal):
    other = sealed(world, seal, OTHER_FILES)
    both = asic.prepare_again(sealed(world, seal))
    spoilt = asic.read(both.embed(other.seals[0].cms))
    report = verify_document(spoilt.encode(), trust=Trust(), ledger=None)
    assert report.indication is Indication.INDETERMINATE
    assert verdict(world, spoilt).indication is Indication.INDETERMINATE


def test_a_forged_seal_alone_decides(world):
    forger = world.new_seal("Acme Trading Ltd", register=False)
    report = verdict(world, sealed(world, forger, sealed(world, forger)))
    assert report.finding is Finding.UNREGISTERED_SEAL


def test_a_copy_in_a_container_that_was_packed_again_accuses_nobody(world, seal):
    other = sealed(world, seal, OTHER_FILES)
    made = with_cms(sealed(world, seal), other.seals[0].cms)
    sink = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made.encode())) as there,
        zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for one in there.infolist():
            packed.writestr(one.filename, there.read(one))
    report = verdict(world, sink.getvalue())
    assert findings(report) == [Finding.NOT_UNDERSTOOD, Finding.TRANSPLANTED]
    assert report.finding is Finding.NOT_UNDERSTOOD


def theirs_over(container, certificate, key):
    """A stranger's signature over the files of a container."""
    covers = asic.prepare_again(container).container.seals[1].covers
    return (
        PKCS7SignatureBuilder()
        .set_data(covers.encode())
        .add_signer(certificate, key, hashes.SHA256())
        .sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    )


def test_a_stranger_s_signature_is_listed_and_is_an_addition(world, seal, somebody):
    container = sealed(world, seal)
    key, certificate = somebody
    theirs = theirs_over(container, certificate, key)
    report = verdict(world, with_cms(container, theirs))
    assert findings(report) == [Finding.ADDED_AFTER_SEALING]
    assert report.finding is Finding.ADDED_AFTER_SEALING
    assert [other.state for other in report.others] == [OtherState.INTACT]


@pytest.mark.parametrize("language", Language)
def test_whose_seal_covers_changed_files_is_said(world, seal, language):
    """Who changes what another sealed, and seals that, is named; "unchanged" is not said."""
    container = sealed(world, seal)
    files = tuple(asic.DataObject(*one) for one in OTHER_FILES)
    covers = asic.prepare(OTHER_FILES).container.seals[0].covers
    covers = replace(covers, signature="META-INF/signature002.p7s")
    waiting = asic.Container(files, (container.seals[0], ContainerSeal(2, b"", covers)))
    other = world.new_seal("Bolt GmbH")
    use = world.use(other, digest=waiting.seals[1].digest, media_type=asic.MEDIA_TYPE)
    report = verdict(world, waiting.with_cms(2, use.p7s))
    assert report.finding is Finding.ADDED_AFTER_SEALING
    told = tell(report.to_dict(), speak(language), str).verdict
    assert "Bolt GmbH" in told.headline
    assert told.sentence == speak(language)("findings.added_to_container.sentence")
    assert report.message == speak(Language.EN)("findings.added_to_container.sentence")


def test_a_certificate_of_a_seal_in_a_signature_of_no_key_accuses_nobody(world, seal):
    container = sealed(world, seal)
    certificate = x509.load_der_x509_certificate(seal.certificate)
    forged = theirs_over(container, certificate, ec.generate_private_key(ec.SECP256R1()))
    report = verdict(world, with_cms(container, forged))
    assert report.finding is Finding.ADDED_AFTER_SEALING
    assert [other.state for other in report.others] == [OtherState.DOES_NOT_VERIFY]


def test_a_signature_with_the_key_of_a_seal_is_told_and_decides_nothing(world, seal):
    other = sealed(world, seal, OTHER_FILES)
    certificate = x509.load_der_x509_certificate(seal.certificate)
    elsewhere = theirs_over(other, certificate, seal.keys._open(seal.key_id).private_key)
    report = verdict(world, with_cms(sealed(world, seal), elsewhere))
    assert report.finding is Finding.ADDED_AFTER_SEALING
    assert len(report.seals) == 2
    assert report.others == ()
