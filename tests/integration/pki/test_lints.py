"""What the built-in CA makes against pkilint and zlint; every finding is answered."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eseal.keys.files import FileKeyRepository
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.software import SoftwareKeyStore
from eseal.model.seal import Reason
from eseal.pki.ca import CertificateAuthority
from eseal.pki.crl import RevokedEntry
from eseal.pki.names import SealSubject, serial_number
from eseal.suites import KeyAlgorithm
from tests.companies import company

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
PKILINT = Path(sys.executable).parent
SECONDS = 120

ANSWERED = {
    "pkix.subject_key_identifier_method_1_identified": "a remark: RFC 5280 allows several methods",
    "pkix.certificate_has_no_certificate_policies_extension": "a remark: the time-stamp authority "
    "and the responder are the CA's own, and no policy is about them",
}
"""What pkilint remarks of one or the other, and why that is well."""
LONG_NAME = {
    "pkilint": "itu.invalid_asn1_syntax",
    "zlint": "e_subject_organization_name_max_length",
}
"""How either says that a name is longer than RFC 5280's 64 characters. A registered name must be
whole, and ETSI EN 319 412-3 clause 4.2.1 (LEG-4.2.1-9) lets it."""
NO_SERVERS = ("Apple", "CABF_BR", "CABF_CS_BR", "CABF_EV", "CABF_SMIME_BR", "Chrome", "Mozilla")
"""Left out of zlint: rules for servers, code and mail in browsers. A seal has no extended key usage
(eseal/pki/profile.py says why), so zlint would take it for a server's."""


COMPANIES = {
    "register": company("uscc:91330100799655058B", "杭州测试科技有限公司", NOW),
    "long": company("ntr-ch:CHE100155212", "Schweizerische Gesellschaft" * 7, NOW),
    "lei": company("lei:213800KUD8LAJWSQ9D15", "Buyer Limited", NOW, "GB"),
    "vat": company("vat:EL094259216", "Αιγαίο Ναυτιλιακή", NOW),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The files, DER, by what they are."""
    directory = tmp_path_factory.mktemp("pki")
    keys = SoftwareKeyStore(FileKeyRepository(directory / "keys"), KeyEncryptionKey(bytes(32)))
    first = CertificateAuthority.create(
        keys, organization="Test Seals", country="CN", now=NOW - DAY
    )
    ca = CertificateAuthority(
        keys, first.root, first.issuing, public_url="http://seals.example.com"
    ).reissued()

    def key(algorithm=KeyAlgorithm.P256) -> bytes:
        return keys.public_key(keys.generate(algorithm))

    found = {"issuing": ca.chain[0], "root": ca.chain[1]}
    for name, holder in COMPANIES.items():
        found[f"seal-{name}"] = ca.issue_seal(key(), SealSubject.of(holder), NOW)
    found["seal-rsa"] = ca.issue_seal(
        key(KeyAlgorithm.RSA3072), SealSubject.of(COMPANIES["lei"]), NOW
    )
    found |= {"tsa": ca.issue_tsa(key(), NOW), "ocsp": ca.issue_ocsp(key(), NOW)}
    revoked = [
        RevokedEntry(serial_number(found["seal-lei"]), NOW, Reason.LOSS),
        RevokedEntry(serial_number(found["seal-vat"]), NOW, Reason.LOSS, suspended=True),
    ]
    found |= {"crl": ca.crl(revoked, NOW, NOW + DAY), "root-crl": ca.root_crl(NOW, NOW + 30 * DAY)}
    for name, der in found.items():
        (directory / name).write_bytes(der)
    return {name: directory / name for name in found}


SEALS = [*(f"seal-{name}" for name in COMPANIES), "seal-rsa"]
CERTIFICATES = ["issuing", "root", "tsa", "ocsp", *SEALS]


def pkilint(program: str, *arguments) -> set[str]:
    """What pkilint finds and nobody has answered, by its own names."""
    done = subprocess.run(
        [PKILINT / program, "lint", "-s", "ALL", "-f", "JSON", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.stdout, done.stderr
    results = json.loads(done.stdout)["results"]
    found = {finding["code"] for one in results for finding in one["finding_descriptions"]}
    return found - ANSWERED.keys()


@pytest.mark.parametrize("seal", SEALS)
def test_a_seal_is_a_legal_persons_certificate_of_etsi(made, seal):
    found = pkilint("lint_etsi_cert", "-t", "NCP-LEGAL-PERSON-CERTIFICATE", made[seal])
    assert found == set()


@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_a_certificate_is_one_of_the_internet(made, certificate):
    found = pkilint("lint_pkix_cert", made[certificate])
    assert found == ({LONG_NAME["pkilint"]} if certificate == "seal-long" else set())


@pytest.mark.parametrize(
    ("issuer", "subject"),
    [("root", "issuing"), ("issuing", "tsa"), ("issuing", "ocsp"), ("issuing", "seal-lei")],
)
def test_each_fits_its_issuer(made, issuer, subject):
    assert pkilint("lint_pkix_signer_signee_cert_chain", made[issuer], made[subject]) == set()


@pytest.mark.parametrize("crl", ["crl", "root-crl"])
def test_a_list_is_one_of_the_internet(made, crl):
    assert pkilint("lint_crl", "-t", "CRL", "-p", "PKIX", made[crl]) == set()


def test_the_linter_finds_what_is_no_legal_persons_certificate(made):
    found = pkilint("lint_etsi_cert", "-t", "NCP-LEGAL-PERSON-CERTIFICATE", made["tsa"])
    assert any(code.startswith("etsi.en_319_412_3.leg-4.2.1-2") for code in found)


@pytest.mark.parametrize("certificate", CERTIFICATES)
def test_zlint_finds_nothing(made, certificate):
    done = subprocess.run(
        [
            *(ROOT / "scripts" / "zlint", "-format", "der"),
            *("-excludeSources", ",".join(NO_SERVERS), made[certificate]),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    passed = {name for name, one in results.items() if one["result"] == "pass"}
    found = {name for name, one in results.items() if one["result"] not in {"pass", "NA", "NE"}}
    assert len(passed) > 20
    assert found == ({LONG_NAME["zlint"]} if certificate == "seal-long" else set())
