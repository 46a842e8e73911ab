"""What the built-in CA makes, read and checked by OpenSSL's command line."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from eseal.keys.files import FileKeyRepository
from eseal.keys.kek import KeyEncryptionKey
from eseal.keys.software import SoftwareKeyStore
from eseal.model.seal import Reason
from eseal.pki.ca import CertificateAuthority
from eseal.pki.crl import RevokedEntry
from eseal.pki.csr import export_csr, verify_foreign_certificate
from eseal.pki.names import SealSubject, serial_number
from eseal.suites import KeyAlgorithm
from tests.companies import company

NOW = datetime.now(UTC)
LONGEST_NAME = "杭州测试科技有限公司" * 20
COMPANY = company("uscc:91330100799655058B", LONGEST_NAME, NOW)


@pytest.fixture(scope="module")
def openssl():
    program = shutil.which("openssl")
    if program is None:
        pytest.fail("the openssl program is missing; apt-get install openssl brings it")

    def run(*arguments, accept_failure=False):
        done = subprocess.run(
            [program, *map(str, arguments)], capture_output=True, text=True, check=False
        )
        assert accept_failure or done.returncode == 0, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def keys(tmp_path):
    return SoftwareKeyStore(FileKeyRepository(tmp_path / "keys"), KeyEncryptionKey(bytes(32)))


@pytest.fixture
def ca(keys):
    return CertificateAuthority.create(
        keys,
        organization="Test Seals",
        country="CN",
        now=NOW - timedelta(days=1),
        public_url="https://seals.example",
    )


@pytest.fixture
def files(tmp_path, ca):
    """Writes DER as PEM, which ``openssl verify`` wants."""

    def write(name, der):
        path = tmp_path / name
        load = x509.load_der_x509_crl if name.endswith("crl") else x509.load_der_x509_certificate
        path.write_bytes(load(der).public_bytes(Encoding.PEM))
        return path

    write("issuing", ca.chain[0])
    write("root", ca.chain[1])
    return write


def issue(ca, keys, algorithm=KeyAlgorithm.P256):
    public_key = keys.public_key(keys.generate(algorithm))
    return ca.issue_seal(public_key, SealSubject.of(COMPANY), NOW - timedelta(hours=1))


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.P256, KeyAlgorithm.RSA3072])
def test_a_seal_verifies_strictly_and_for_signing_messages(openssl, keys, ca, files, algorithm):
    openssl(
        "verify", "-x509_strict", "-purpose", "smimesign", "-CAfile", files("root", ca.chain[1]),
        "-untrusted", files("issuing", ca.chain[0]), files("seal", issue(ca, keys, algorithm)),
    )  # fmt: skip


def test_a_seal_is_worth_nothing_under_another_root(openssl, keys, ca, files, tmp_path):
    seal = files("seal", issue(ca, keys))
    other = CertificateAuthority.create(keys, organization="Test Seals", country="CN", now=NOW)
    done = openssl(
        "verify", "-CAfile", files("other", other.chain[1]), "-untrusted", tmp_path / "issuing",
        seal, accept_failure=True,
    )  # fmt: skip
    assert done.returncode != 0


def test_openssl_reads_the_legal_person(openssl, keys, ca, files):
    seal = files("seal", issue(ca, keys))
    text = openssl("x509", "-in", seal, "-noout", "-text", "-nameopt", "utf8,sep_multiline").stdout
    assert f"O={COMPANY.name}" in text
    assert "organizationIdentifier=NTRCN-91330100799655058B" in text
    assert "C=CN" in text
    usage = text.split("X509v3 Key Usage: critical\n")[1].splitlines()[0].strip()
    assert usage == "Non Repudiation"
    assert "URI:https://seals.example/pki/issuing.crl" in text


def test_the_revocation_list_works(openssl, keys, ca, files, tmp_path):
    good, revoked, suspended = (issue(ca, keys) for _ in range(3))
    crl = ca.crl(
        [
            RevokedEntry(serial_number(revoked), NOW - timedelta(minutes=2), Reason.KEY_COMPROMISE),
            RevokedEntry(
                serial_number(suspended), NOW - timedelta(minutes=2), Reason.LOSS, suspended=True
            ),
        ],
        NOW - timedelta(minutes=1),
        NOW + timedelta(days=7),
    )
    listed = files("seals.crl", crl)
    text = openssl("crl", "-in", listed, "-noout", "-text", "-CAfile", tmp_path / "issuing").stdout
    assert "Key Compromise" in text
    assert "Certificate Hold" in text

    def verify(der):
        return openssl(
            "verify", "-crl_check", "-CRLfile", listed, "-CAfile", tmp_path / "root",
            "-untrusted", tmp_path / "issuing", files("seal", der), accept_failure=True,
        )  # fmt: skip

    assert verify(good).returncode == 0
    for der in (revoked, suspended):
        done = verify(der)
        assert done.returncode != 0
        assert "certificate revoked" in done.stderr


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.P256, KeyAlgorithm.RSA3072])
def test_openssl_as_the_other_ca_certifies_our_request(openssl, keys, tmp_path, algorithm):
    key_id = keys.generate(algorithm)
    request = tmp_path / "request.der"
    request.write_bytes(export_csr(keys, key_id, SealSubject.of(COMPANY)))
    checked = openssl("req", "-inform", "DER", "-in", request, "-noout", "-verify")
    assert "verify OK" in checked.stdout + checked.stderr
    openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-keyout", tmp_path / "ca.key", "-out",
        tmp_path / "ca.der", "-outform", "DER", "-days", "30", "-subj", "/C=DE/O=Licensed CA/CN=CA",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    extensions = tmp_path / "extensions"
    extensions.write_text("keyUsage=critical,nonRepudiation\nbasicConstraints=critical,CA:FALSE\n")
    openssl(
        "x509", "-req", "-inform", "DER", "-in", request, "-CA", tmp_path / "ca.der", "-CAkey",
        tmp_path / "ca.key", "-out", tmp_path / "seal.der", "-outform", "DER", "-days", "10",
        "-extfile", extensions, "-set_serial", "4711",
    )  # fmt: skip
    verify_foreign_certificate(
        (tmp_path / "seal.der").read_bytes(),
        [(tmp_path / "ca.der").read_bytes()],
        public_key=keys.public_key(key_id),
        company=COMPANY,
        at=datetime.now(UTC) + timedelta(seconds=2),
    )
