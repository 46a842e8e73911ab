import hashlib

import pytest

from eseal.documents.asic.manifest import ASIC, XMLDSIG, read_manifest, write_manifest
from eseal.errors import InvalidFormatError

FILES = [
    ("a.txt", b"tea", "text/plain"),
    ("分 & 'b' %41.pdf", b"x", "application/pdf"),
    ("d/e.bin", b"", "application/octet-stream"),
]
OPEN = f'<m:ASiCManifest xmlns:m="{ASIC}" xmlns:d="{XMLDSIG}">'
SIGNATURE = '<m:SigReference URI="META-INF/signature001.p7s"/>'
VALUE = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="  # of b"test"
METHOD = '<d:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
OBJECT = (
    f'<m:DataObjectReference URI="a">{METHOD}<d:DigestValue>{VALUE}</d:DigestValue>'
    "</m:DataObjectReference>"
)
CLOSE = "</m:ASiCManifest>"


def read(*parts: str):
    return read_manifest("".join(parts).encode())


def test_what_is_written_is_read():
    data = write_manifest("META-INF/signature001.p7s", FILES)
    assert data == write_manifest("META-INF/signature001.p7s", FILES)
    manifest = read_manifest(data)
    assert manifest.signature == "META-INF/signature001.p7s"
    for (name, content, kind), reference in zip(FILES, manifest.references, strict=True):
        assert (reference.name, reference.media_type) == (name, kind)
        assert reference.digest == hashlib.sha256(content).digest()
        assert reference.fits(content)
        assert not reference.fits(content + b"!")


def test_manifests_of_others_are_read():
    rest = (
        "<m:ASiCManifestExtensions><m:Extension Critical='false'>text <x/></m:Extension>"
        "</m:ASiCManifestExtensions>"
    )
    manifest = read("<?xml version='1.0'?><!-- c -->", OPEN, "\n", SIGNATURE, OBJECT, rest, CLOSE)
    (reference,) = manifest.references
    assert reference.fits(b"test")
    assert reference.media_type is None


@pytest.mark.parametrize(("name", "bits"), [("xmldsig-more#sha384", 384), ("xmlenc#sha512", 512)])
def test_longer_digests_are_read(name, bits):
    import base64

    value = base64.b64encode(hashlib.new(f"sha{bits}", b"test").digest()).decode()
    text = OBJECT.replace("xmlenc#sha256", name).replace(VALUE, value)
    assert read(OPEN, SIGNATURE, text, CLOSE).references[0].fits(b"test")


DTD = '<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (DTD + OPEN + SIGNATURE + OBJECT + CLOSE, "document type"),
        (FILE + OPEN + SIGNATURE + OBJECT + "&a;" + CLOSE, "document type"),
        (OPEN + SIGNATURE + "<?php x?>" + OBJECT + CLOSE, "processing instruction"),
        (OPEN + SIGNATURE + "&a;" + OBJECT + CLOSE, "expected XML"),
        ("", "expected XML"),
        ("tea", "expected XML"),
        (OPEN, "expected XML"),
        ("<a/>", "expected an ASiCManifest"),
        ("<ASiCManifest/>", "expected an ASiCManifest"),
        (OPEN + OBJECT + CLOSE, "a SigReference"),
        (OPEN + SIGNATURE + CLOSE, "at least one"),
        (OPEN + SIGNATURE + SIGNATURE + OBJECT + CLOSE, "got two"),
        (OPEN + SIGNATURE + OBJECT + OBJECT + CLOSE, "each file once"),
        (OPEN + SIGNATURE + "tea" + OBJECT + CLOSE, "text between"),
        (OPEN + SIGNATURE + OBJECT.replace("sha256", "sha1") + CLOSE, "SHA-256, SHA-384"),
        (OPEN + SIGNATURE + OBJECT.replace(METHOD, "") + CLOSE, "got 'none'"),
        (OPEN + SIGNATURE + OBJECT.replace(METHOD, METHOD * 2) + CLOSE, "one DigestMethod"),
        (OPEN + SIGNATURE + OBJECT.replace(VALUE, "AAAA") + CLOSE, "digest in base64"),
        (OPEN + SIGNATURE + OBJECT.replace(VALUE, "!") + CLOSE, "digest in base64"),
        (OPEN + SIGNATURE + OBJECT.replace('URI="a"', "") + CLOSE, "attribute URI"),
        (OPEN + SIGNATURE + OBJECT.replace('"a"', '"../a"') + CLOSE, "file names"),
        (OPEN + SIGNATURE + OBJECT.replace('"a"', '"%2e%2e/a"') + CLOSE, "file names"),
        (OPEN + SIGNATURE + OBJECT.replace('"a"', '"/a"') + CLOSE, "file names"),
        (OPEN + SIGNATURE + OBJECT.replace('"a"', '"http://x/a"') + CLOSE, "relative URI"),
        (OPEN + SIGNATURE + OBJECT.replace('"a"', '"a?b"') + CLOSE, "relative URI"),
        (OPEN + SIGNATURE + OBJECT.replace('"a"', '"%ff"') + CLOSE, "in UTF-8"),
        (OPEN + "<x>" * 40 + "</x>" * 40 + SIGNATURE + OBJECT + CLOSE, "too deeply"),
    ],
)
def test_anything_else_is_refused(text, match):
    with pytest.raises(InvalidFormatError, match=match):
        read(text)


def test_a_huge_manifest_is_refused():
    with pytest.raises(InvalidFormatError, match="at most"):
        read_manifest(bytes(9 << 20))
