import hashlib
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents.asic.manifest import ASIC, Manifest, Reference
from eseal.errors import InvalidFormatError

SIGNATURE = "META-INF/signature001.p7s"
FILES = [
    ("a.txt", b"tea", "text/plain"),
    ("分 & 'b' %41.pdf", b"x", "application/pdf"),
    ("d/e.bin", b"", "application/vnd.x+y-z"),
]
MANIFEST = Manifest(SIGNATURE, tuple(Reference.of(*file) for file in FILES))
TEXT = MANIFEST.encode().decode()
ROW = TEXT[TEXT.index("<asic:Data") : TEXT.index("<asic:Data", TEXT.index("<asic:Data") + 1)]
FOOT = "</asic:ASiCManifest>\n"


def refused(text: str, match: str = "manifest") -> None:
    with pytest.raises(InvalidFormatError, match=match):
        Manifest.parse(text.encode())


def test_what_is_written_is_read():
    assert Manifest.parse(MANIFEST.encode()) == MANIFEST
    assert MANIFEST.encode() == MANIFEST.encode()
    digests = [one.digest for one in MANIFEST.references]
    assert digests == [hashlib.sha256(content).digest() for _, content, _ in FILES]


def test_it_is_the_xml_that_the_standard_asks_for():
    root = ET.fromstring(MANIFEST.encode())  # noqa: S314  # ours
    assert root.tag == f"{{{ASIC}}}ASiCManifest"
    assert [one.tag.split("}")[1] for one in root] == ["SigReference", *["DataObjectReference"] * 3]
    assert root[0].get("URI") == SIGNATURE
    assert [one.get("MimeType") for one in root[1:]] == [kind for _, _, kind in FILES]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tea",
        "<a/>",
        TEXT[:-1],
        TEXT + "\n",
        " " + TEXT,
        "\ufeff" + TEXT,
        TEXT.replace("?>\n<", "?>\r\n<"),
        TEXT.replace("<?xml", "<!-- c --><?xml"),
        TEXT.replace("<asic:ASiC", '<!DOCTYPE m [<!ENTITY a "aaaa">]><asic:ASiC'),
        TEXT.replace("<asic:ASiC", '<!DOCTYPE m SYSTEM "file:///etc/passwd"><asic:ASiC'),
        TEXT.replace(FOOT, "<?php x?>" + FOOT),
        TEXT.replace(FOOT, "&a;" + FOOT),
        TEXT.replace(FOOT, "<asic:ASiCManifestExtensions/>" + FOOT),
        TEXT.replace(FOOT, ""),
        TEXT.replace(ROW, ROW + " "),
        TEXT.replace(ROW, ROW.replace('"text/plain"', "'text/plain'")),
        TEXT.replace(ROW, ROW.replace('URI="a', 'URI="%61')),
        TEXT.replace("%E5", "%e5"),
        TEXT.replace("xmlenc#sha256", "xmldsig-more#sha384"),
        TEXT.replace('Algorithm="', 'Algorithm = "'),
        TEXT.replace("=</ds", "</ds"),
        TEXT.replace("text/plain", "text/plain; charset=x"),
        TEXT.replace("text/plain", "Text/plain"),
        TEXT.replace('"text/plain"', '"text/plain" Rootfile="true"'),
    ],
)
def test_any_other_spelling_is_refused(text):
    assert text != TEXT
    refused(text)


def test_digests_have_one_spelling():
    """Base64 leaves two bits of the last character open."""
    at = TEXT.index("=</ds") - 1
    later = chr(ord(TEXT[at]) + 1)
    refused(TEXT[:at] + later + TEXT[at + 1 :])


@pytest.mark.parametrize("uri", ["../a", "%2E%2E/a", "/a", "a/", "a//b", "CON", "a%0Ab", "a%5Cb"])
def test_names_that_lead_elsewhere_are_refused(uri):
    refused(TEXT.replace('URI="a.txt"', f'URI="{uri}"'), "file names")


def test_names_that_are_no_text_are_refused():
    refused(TEXT.replace('URI="a.txt"', 'URI="%FF"'), "in UTF-8")


def test_a_file_twice_and_none_are_refused():
    refused(TEXT.replace(ROW, ROW * 2), "each file once")
    refused(Manifest(SIGNATURE, ()).encode().decode(), "expected an ASiCManifest")


def test_a_huge_manifest_is_refused():
    with pytest.raises(InvalidFormatError, match="at most"):
        Manifest.parse(bytes(9 << 20))


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.binary(max_size=8))
def test_whatever_is_read_is_written_alike(first, last, new):
    data = MANIFEST.encode()
    first, last = sorted((first % len(data), last % len(data)))
    changed = data[:first] + new + data[last:]
    try:
        found = Manifest.parse(changed)
    except InvalidFormatError:
        return
    assert found.encode() == changed
