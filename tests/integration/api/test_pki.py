"""The endpoints, asked over HTTP by OpenSSL."""

from __future__ import annotations

import shutil
import subprocess
from hashlib import sha256

import httpx
import pytest

from eseal.pki.http import Fetcher
from eseal.pki.tsp.client import RemoteSource, TimeStampers
from tests.stamping import pem

ANSWER_SECONDS = 60


@pytest.fixture
def openssl(tmp_path):
    if shutil.which("openssl") is None:
        pytest.fail("openssl is missing: apt-get install openssl")

    def run(*arguments):
        command = ["openssl", *map(str, arguments)]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=60, cwd=tmp_path
        )

    return run


@pytest.fixture
def chain(shared_world, tmp_path):
    issuing, root = shared_world.service.ca.chain
    (tmp_path / "issuing.pem").write_bytes(pem(issuing))
    (tmp_path / "root.pem").write_bytes(pem(root))
    (tmp_path / "seal.pem").write_bytes(pem(shared_world.finance.certificate))


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize("algorithm", ["-sha256", "-sha384", "-sha512"])
def test_openssl_asks_for_a_time_stamp_and_verifies_it(openssl, site, tmp_path, algorithm):
    (tmp_path / "data").write_bytes(b"sealed")
    made = openssl("ts", "-query", "-data", "data", algorithm, "-cert", "-out", "query")
    assert made.returncode == 0, made.stderr
    answer = httpx.post(
        f"{site.url}/pki/tsa",
        content=(tmp_path / "query").read_bytes(),
        headers={"Content-Type": "application/timestamp-query"},
        timeout=ANSWER_SECONDS,
    )
    (tmp_path / "reply").write_bytes(answer.content)
    for how in (("-queryfile", "query"), ("-data", "data")):
        checked = openssl("ts", "-verify", *how, "-in", "reply", "-CAfile", "root.pem")
        assert "Verification: OK" in checked.stdout, checked.stderr
    (tmp_path / "data").write_bytes(b"altered")
    checked = openssl("ts", "-verify", "-data", "data", "-in", "reply", "-CAfile", "root.pem")
    assert checked.returncode != 0


@pytest.mark.usefixtures("chain")
def test_openssl_reads_a_refusal(openssl, site, tmp_path):
    (tmp_path / "data").write_bytes(b"sealed")
    openssl("ts", "-query", "-data", "data", "-sha1", "-out", "query")
    answer = httpx.post(
        f"{site.url}/pki/tsa",
        content=(tmp_path / "query").read_bytes(),
        headers={"Content-Type": "application/timestamp-query"},
        timeout=ANSWER_SECONDS,
    )
    (tmp_path / "reply").write_bytes(answer.content)
    text = openssl("ts", "-reply", "-in", "reply", "-text").stdout
    assert "Status: Rejected." in text
    assert "unrecognized or unsupported algorithm identifier" in text


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize("nonce", ["-nonce", "-no_nonce"])
def test_openssl_asks_the_responder(openssl, site, nonce):
    said = openssl(
        "ocsp", "-url", f"{site.url}/pki/ocsp", "-issuer", "issuing.pem", "-cert", "seal.pem",
        nonce, "-CAfile", "root.pem", "-verify_other", "issuing.pem",
    )  # fmt: skip
    assert "Response verify OK" in said.stderr
    assert "seal.pem: good" in said.stdout
    assert "WARNING" not in said.stderr


@pytest.mark.usefixtures("chain")
def test_openssl_checks_the_lists(openssl, site, tmp_path):
    root = httpx.get(f"{site.url}/pki/root.cer", timeout=ANSWER_SECONDS).content
    paths = {"issuing": "issuing", "root": f"root-{sha256(root).hexdigest()}"}
    for name, path in paths.items():
        signer = f"{name}.pem"
        der = httpx.get(f"{site.url}/pki/{path}.crl", timeout=ANSWER_SECONDS).content
        (tmp_path / f"{name}.crl").write_bytes(der)
        said = openssl("crl", "-inform", "DER", "-in", f"{name}.crl", "-CAfile", signer, "-verify",
                       "-noout")  # fmt: skip
        assert "verify OK" in said.stdout + said.stderr
        openssl("crl", "-inform", "DER", "-in", f"{name}.crl", "-out", f"{name}.crl.pem")
    both = (tmp_path / "issuing.crl.pem").read_bytes() + (tmp_path / "root.crl.pem").read_bytes()
    (tmp_path / "both.pem").write_bytes(both)
    said = openssl(
        "verify", "-crl_check_all", "-CRLfile", "both.pem", "-CAfile", "root.pem",
        "-untrusted", "issuing.pem", "seal.pem",
    )  # fmt: skip
    assert "seal.pem: OK" in said.stdout, said.stderr


def test_the_client_asks_over_the_network(site):
    fetcher = Fetcher()
    sources = [RemoteSource(f"{site.url}{path}", fetcher) for path in ("/nothing", "/pki/tsa")]
    stamp = TimeStampers(sources).stamp(bytes(32))
    assert stamp.imprint == bytes(32)
    fetcher.close()
