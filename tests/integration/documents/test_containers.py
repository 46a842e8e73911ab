"""Containers in the hands of tools that are not ours: unzip, OpenSSL, Python's own XML and ZIP."""

import base64
import hashlib
import subprocess
import zipfile
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.actors import acting

FILES = [("contract.txt", b"tea, 40 bags"), ("附件/图 1.bin", bytes(range(256)))]
ASIC = "{http://uri.etsi.org/02918/v1.2.1#}"
DSIG = "{http://www.w3.org/2000/09/xmldsig#}"


@pytest.fixture(scope="module")
def container(shared_world, tmp_path_factory):
    """Files that two companies' seals stand on."""
    service, path = shared_world.service, tmp_path_factory.mktemp("container") / "out.asice"
    first = service.containers.seal(shared_world.contract.id, FILES, actor=acting())
    path.write_bytes(first.data)
    again = [(path.name, first.data)]
    second = service.containers.seal(shared_world.finance.id, again, actor=acting())
    path.write_bytes(second.data)
    return path


def test_unzip_reads_it_and_finds_nothing_wrong(container):
    tested = subprocess.run(["unzip", "-t", container], capture_output=True, check=False)
    assert (tested.returncode, tested.stderr) == (0, b"")
    assert b"No errors detected" in tested.stdout
    with zipfile.ZipFile(container) as archive:
        names = archive.namelist()
        assert names[0] == "mimetype"
        assert archive.read("mimetype") == b"application/vnd.etsi.asic-e+zip"
        assert [(name, archive.read(name)) for name in names[1:3]] == FILES


@pytest.mark.parametrize("number", ["001", "002"])
def test_openssl_verifies_each_seal_over_its_manifest(container, shared_world, tmp_path, number):
    root = x509.load_der_x509_certificate(shared_world.contract.chain[-1])
    (tmp_path / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    with zipfile.ZipFile(container) as archive:
        archive.extractall(tmp_path)
    meta, content = tmp_path / "META-INF", tmp_path / "content"
    manifest = meta / f"ASiCManifest{number}.xml"
    checked = subprocess.run(
        [
            *("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER"),
            *("-CAfile", tmp_path / "root.pem", "-purpose", "any"),
            *("-in", meta / f"signature{number}.p7s", "-content", manifest, "-out", content),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    assert "successful" in checked.stderr, checked.stderr
    assert content.read_bytes() == manifest.read_bytes()


@pytest.mark.parametrize("number", ["001", "002"])
def test_the_manifest_holds_what_the_standard_asks_for(container, number):
    """EN 319 162-1 clause A.4, read without our own parser."""
    with zipfile.ZipFile(container) as archive:
        root = ET.fromstring(archive.read(f"META-INF/ASiCManifest{number}.xml"))  # noqa: S314  # ours
        assert root.tag == f"{ASIC}ASiCManifest"
        signature, *objects = root
        assert signature.tag == f"{ASIC}SigReference"
        assert signature.get("URI") == f"META-INF/signature{number}.p7s"
        assert [unquote(one.get("URI")) for one in objects] == [name for name, _ in FILES]
        for one, (_, content) in zip(objects, FILES, strict=True):
            assert one.tag == f"{ASIC}DataObjectReference"
            assert one.get("MimeType")
            method, value = one
            assert (method.tag, value.tag) == (f"{DSIG}DigestMethod", f"{DSIG}DigestValue")
            assert method.get("Algorithm") == "http://www.w3.org/2001/04/xmlenc#sha256"
            assert base64.b64decode(value.text) == hashlib.sha256(content).digest()
