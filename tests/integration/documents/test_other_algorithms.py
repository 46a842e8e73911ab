"""Signatures of strangers, made by OpenSSL and pyHanko with the algorithms in common use."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import cms, core, keys, tsp, x509
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eseal.documents.cms import decode, verify_signature
from eseal.errors import InvalidSignatureError, UnsupportedAlgorithmError
from eseal.pki.chain import verify_chain
from eseal.pki.tsp.token import TimeStamp, same_imprint
from eseal.suites import Family
from eseal.verify import Finding, OtherState, verify_document

CONTENT = b"The parties agree to agree."
PSS = ("-keyopt", "rsa_padding_mode:pss")
KEYS = {
    "rsa2048": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    "rsa3072": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"),
    "pss2048": ("-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"),
    "p256": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p384": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "p521": ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"),
    "ed25519": ("-algorithm", "ED25519"),
}
CASES = [
    *(
        (name, md, ())
        for name in ("rsa2048", "p256", "p384", "p521")
        for md in ("256", "384", "512")
    ),
    *(("rsa2048", md, PSS) for md in ("256", "384", "512")),
    ("rsa3072", "256", (*PSS, "-keyopt", "rsa_pss_saltlen:20")),
    ("pss2048", "384", PSS),
]
"""Key, bits of SHA-2, further options of ``openssl cms``."""


@dataclass(frozen=True)
class Signer:
    """A key, its certificate and the root above it, as files; the root signs as the key does."""

    key: Path
    certificate: Path
    root: Path

    def der(self, path: Path) -> bytes:
        return openssl("x509", "-in", path, "-outform", "DER")


def openssl(*arguments) -> bytes:
    run = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout


@pytest.fixture(scope="module")
def signer(tmp_path_factory):
    """Makes a signer of a kind of key, once."""
    if shutil.which("openssl") is None:
        pytest.fail("openssl is missing")
    made = {}

    def make(kind, usage="digitalSignature,nonRepudiation", extended=None) -> Signer:
        if (kind, extended) in made:
            return made[kind, extended]
        folder = tmp_path_factory.mktemp(kind)
        for role in ("root", "leaf"):
            openssl("genpkey", *KEYS[kind], "-out", folder / f"{role}.key")
        more = () if not extended else ("-addext", f"extendedKeyUsage=critical,{extended}")
        openssl(
            "req", "-x509", "-key", folder / "root.key", "-subj", "/O=Others/CN=Root of others",
            "-days", "30", "-out", folder / "root.pem",
        )  # fmt: skip
        openssl(
            "req", "-x509", "-key", folder / "leaf.key", "-subj", "/O=Others Ltd/CN=Somebody",
            "-days", "30", "-CA", folder / "root.pem", "-CAkey", folder / "root.key",
            "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", f"keyUsage=critical,{usage}", *more, "-out", folder / "leaf.pem",
        )  # fmt: skip
        made[kind, extended] = Signer(folder / "leaf.key", folder / "leaf.pem", folder / "root.pem")
        return made[kind, extended]

    return make


@pytest.fixture
def signed(signer, tmp_path):
    """Signs the content as CAdES, detached."""

    def sign(kind, bits, options) -> bytes:
        who, content = signer(kind), tmp_path / "content"
        content.write_bytes(CONTENT)
        return openssl(
            "cms", "-sign", "-cades", "-binary", "-outform", "DER", "-md", f"sha{bits}",
            "-in", content, "-signer", who.certificate, "-inkey", who.key, *options,
        )  # fmt: skip

    return sign


@pytest.mark.parametrize(("kind", "bits", "options"), CASES)
def test_what_openssl_signs_verifies(signed, kind, bits, options):
    signature = decode(signed(kind, bits, options))
    assert signature.hash_name == f"sha{bits}"
    assert signature.message_digest == hashlib.new(f"sha{bits}", CONTENT).digest()
    verify_signature(signature)
    changed = signature.signed_attributes[:-1] + bytes([signature.signed_attributes[-1] ^ 1])
    with pytest.raises(InvalidSignatureError):
        verify_signature(type(signature)(**(_fields(signature) | {"signed_attributes": changed})))


@pytest.mark.parametrize(("kind", "bits", "options"), CASES)
def test_it_is_listed_and_is_no_seal(signed, kind, bits, options):
    p7s = signed(kind, bits, options)
    report = verify_document(CONTENT, signature=p7s)
    assert (report.finding, report.seals) == (Finding.NO_SEAL, ())
    (other,) = report.others
    assert (other.state, other.name) == (OtherState.INTACT, "Others Ltd")
    assert f"SHA-{bits}, intact" in other.detail
    (other,) = verify_document(CONTENT + b" ", signature=p7s).others
    assert other.state is OtherState.ALTERED


def by_pyhanko(who, **options):
    """A signer of pyHanko: OpenSSL 3.0 makes neither CMS with Ed25519 nor time-stamps with PSS."""
    return signers.SimpleSigner(
        signing_cert=x509.Certificate.load(who.der(who.certificate)),
        signing_key=keys.PrivateKeyInfo.load(
            openssl("pkcs8", "-topk8", "-nocrypt", "-in", who.key, "-outform", "DER")
        ),
        cert_registry=SimpleCertificateStore(),
        **options,
    )


def test_ed25519_verifies(signer):
    digest = hashlib.sha512(CONTENT).digest()
    by = by_pyhanko(signer("ed25519"))
    made = asyncio.run(by.async_sign(digest, "sha512", use_pades=True)).dump()
    signature = decode(made)
    assert signature.scheme.family is Family.ED25519
    verify_signature(signature)
    (other,) = verify_document(CONTENT, signature=made).others
    assert other.detail == "Not a company seal: Ed25519, intact."


@pytest.mark.parametrize(
    ("kind", "bits", "options"),
    [
        ("ed25519", "512", {}),
        ("rsa2048", "256", {"prefer_pss": True}),
        ("rsa3072", "512", {"prefer_pss": True}),
    ],
)
def test_time_stamps_openssl_cannot_make_are_checked(signer, kind, bits, options):
    who = signer(kind, "digitalSignature", "timeStamping")
    stated = tsp.TSTInfo(
        {
            "version": "v1",
            "policy": "1.2.3.4",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(CONTENT).digest(),
            },
            "serial_number": 7,
            "gen_time": datetime.now(UTC).replace(microsecond=0),
        }
    )
    content = cms.EncapsulatedContentInfo(
        {"content_type": "tst_info", "content": core.ParsableOctetString(stated.dump())}
    )
    by = by_pyhanko(who, **options)
    token = asyncio.run(by.async_sign_general_data(content, f"sha{bits}", detached=False)).dump()
    stamp = TimeStamp.parse(token)
    assert same_imprint(stamp, CONTENT)
    stamp.verify()
    spoilt = TimeStamp.parse(token[:-1] + bytes([token[-1] ^ 1]))
    with pytest.raises(InvalidSignatureError, match="does not verify"):
        spoilt.verify()


@pytest.mark.parametrize(("bits", "kind"), [("1", "p256"), ("224", "p256"), ("1", "rsa2048")])
def test_weak_hashes_are_not_supported_and_not_called_forged(signed, kind, bits):
    p7s = signed(kind, bits, ())
    with pytest.raises(UnsupportedAlgorithmError):
        decode(p7s)
    report = verify_document(CONTENT, signature=p7s)
    assert report.finding is Finding.NOT_UNDERSTOOD


@pytest.mark.parametrize("kind", KEYS)
def test_chains_of_all_of_them_are_checked(signer, kind):
    who = signer(kind)
    root = who.der(who.root)
    assert verify_chain(who.der(who.certificate), (), (root,), datetime.now(UTC)) == root


@pytest.mark.parametrize("bits", ["256", "384", "512"])
@pytest.mark.parametrize("kind", ["rsa2048", "p256", "p384", "p521"])
def test_time_stamps_of_all_of_them_are_checked(signer, tmp_path, kind, bits):
    who = signer(kind, "digitalSignature", "timeStamping")
    settings = tmp_path / "tsa.cnf"
    settings.write_text(
        "[tsa]\ndefault_tsa = own\n[own]\n"
        f"serial = {tmp_path}/serial\ndefault_policy = 1.2.3.4\ndigests = sha{bits}\n"
        f"ess_cert_id_alg = sha{bits}\n"
    )
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "content").write_bytes(CONTENT)
    query, answer = tmp_path / "query", tmp_path / "answer"
    openssl("ts", "-query", "-data", tmp_path / "content", f"-sha{bits}", "-cert", "-out", query)
    openssl(
        "ts", "-reply", "-config", settings, "-section", "own", "-queryfile", query,
        "-signer", who.certificate, "-inkey", who.key, f"-sha{bits}", "-token_out", "-out", answer,
    )  # fmt: skip
    stamp = TimeStamp.parse(answer.read_bytes())
    assert stamp.hash_name == f"sha{bits}"
    assert same_imprint(stamp, CONTENT)
    stamp.verify()


def _fields(signature):
    return {name: getattr(signature, name) for name in signature.__slots__}
