"""Long-term levels against OpenSSL, poppler, qpdf and pyHanko's AdES validation."""

from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import (
    ades_lta_validation,
    ades_with_time_validation,
)
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager

from eseal.documents import asic, cms
from eseal.documents.cms.levels import archived_message
from eseal.model.level import Level
from eseal.service.sealing.levels import long_term_of
from tests.actors import acting
from tests.stamping import Other, pem

TEXT = b"offer"
REQUIRED = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED


@pytest.fixture(scope="module", params=["built-in", "another's"])
def made(request, shared_world, sample_pdf):
    """A PDF and a signature at every level, and whose root its time-stamps lead to."""
    service, seal = shared_world.service, shared_world.contract
    long_term, tsa_root = service.long_term, service.ca.chain[1]
    if request.param != "built-in":
        other = Other()
        long_term = long_term_of(
            service.context, service.responders, service.ca, other.fetcher(),
            ("http://other.example/pki/tsa",),
        )  # fmt: skip
        tsa_root = other.root
    files = {}
    levels = service.sealing._levels
    own, levels._long_term = levels._long_term, long_term
    try:
        for name, data in (("pdf", sample_pdf), ("txt", TEXT)):
            for level in Level:
                sealed = service.sealing.seal_document(
                    seal.id, data, filename=f"a.{name}", actor=acting(), level=level
                )
                files[name, level] = sealed.data
        for level in Level:
            sealed = service.containers.seal(
                seal.id, [("a.txt", TEXT)], actor=acting(), level=level
            )
            files["asice", level] = sealed.data
    finally:
        levels._long_term = own
    return files, (service.ca.chain[1], tsa_root)


def spec(roots, knowledge=None):
    trusted = [x509.Certificate.load(root) for root in roots]
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build(trust_roots=trusted),
        revinfo_policy=CertRevTrustPolicy(
            RevocationCheckingPolicy(REQUIRED, REQUIRED), retroactive_revinfo=True
        ),
    )
    gathering = RevocationInfoGatheringSpec(
        online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY
    )
    return SignatureValidationSpec(
        cert_validation_policy=policy,
        revinfo_gathering_policy=gathering,
        key_usage_settings=KeyUsageConstraints(key_usage={"non_repudiation"}),
        local_knowledge=knowledge or LocalKnowledge(),
    )


def test_pyhanko_finds_the_archive_level_good(made):
    files, roots = made
    reader = PdfFileReader(BytesIO(files["pdf", Level.B_LTA]))
    signature = reader.embedded_signatures[0]
    pdf_spec = PdfSignatureValidationSpec(spec(roots))
    result = asyncio.run(ades_lta_validation(signature, pdf_spec))
    assert result.ades_subindic.name == "OK", result.failure_msg
    assert result.api_status.modification_level.name == "LTA_UPDATES"
    assert result.oldest_evidence_record_timestamp is not None


def test_pyhanko_needs_nobody_to_ask_at_b_lt(made):
    files, roots = made
    reader = PdfFileReader(BytesIO(files["pdf", Level.B_LT]))
    from pyhanko.sign.validation.ades import _dss_to_local_knowledge

    knowledge = _dss_to_local_knowledge(reader)
    assert knowledge.known_crls
    assert len(DocumentSecurityStore.read_dss(reader).certs) >= 4
    result = asyncio.run(
        ades_with_time_validation(
            reader.embedded_signatures[0].signed_data,
            spec(roots, knowledge),
            raw_digest=reader.embedded_signatures[0].compute_digest(),
        )
    )
    assert result.ades_subindic.name == "OK", result.failure_msg


@pytest.mark.parametrize("level", [Level.B_LT, Level.B_LTA])
def test_poppler_and_qpdf_find_nothing_wrong(made, run, tmp_path, level):
    files, _ = made
    path = tmp_path / "sealed.pdf"
    path.write_bytes(files["pdf", level])
    assert "Signature Validation: Signature is Valid." in run("pdfsig", "-nocert", path).stdout
    assert run("qpdf", "--check", path).returncode == 0


@pytest.mark.parametrize("level", list(Level))
def test_openssl_verifies_the_signature_at_every_level(made, run, tmp_path, level):
    files, roots = made
    (tmp_path / "root.pem").write_bytes(pem(roots[0]))
    (tmp_path / "text").write_bytes(TEXT)
    (tmp_path / "p7s").write_bytes(files["txt", level])
    result = run(
        "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", tmp_path / "p7s",
        "-content", tmp_path / "text", "-CAfile", tmp_path / "root.pem", "-out", "/dev/null",
    )  # fmt: skip
    assert "CAdES Verification successful" in result.stderr


@pytest.mark.parametrize("level", list(Level))
def test_openssl_verifies_the_seal_in_a_container_at_every_level(made, run, tmp_path, level):
    files, roots = made
    (tmp_path / "root.pem").write_bytes(pem(roots[0]))
    (tmp_path / "set.asice").write_bytes(files["asice", level])
    assert run("unzip", "-q", tmp_path / "set.asice", "-d", tmp_path).returncode == 0
    meta = tmp_path / "META-INF"
    result = run(
        "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER",
        "-in", meta / "signature001.p7s", "-content", meta / "ASiCManifest001.xml",
        "-CAfile", tmp_path / "root.pem", "-out", "/dev/null",
    )  # fmt: skip
    assert "CAdES Verification successful" in result.stderr


@pytest.mark.parametrize("kind", ["txt", "asice"])
def test_openssl_verifies_both_tokens(made, run, tmp_path, kind):
    files, roots = made
    data = files[kind, Level.B_LTA]
    if kind == "asice":
        data = asic.read(data).seals[0].cms
    signature = cms.decode(data)
    (tmp_path / "root.pem").write_bytes(pem(roots[1]))
    (archive,) = signature.archive_time_stamps
    message = archived_message(data, archive, signature.message_digest)
    for token, content in ((signature.time_stamps[0], signature.signature), (archive, message)):
        (tmp_path / "token").write_bytes(token)
        (tmp_path / "content").write_bytes(content)
        result = run(
            "openssl", "ts", "-verify", "-token_in", "-in", tmp_path / "token",
            "-data", tmp_path / "content", "-CAfile", tmp_path / "root.pem",
        )  # fmt: skip
        assert "Verification: OK" in result.stdout, result.stderr
