import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eseal.documents import asic
from eseal.documents.asic import container as module
from eseal.documents.asic.archive import read_archive, write_archive
from eseal.errors import InvalidFormatError, InvalidInputError, TooLargeError

FILES = [("a.pdf", b"%PDF-1.7 ..."), ("plans/b.txt", b"tea")]
CMS = b"\x30\x03\x02\x01\x07"
MANIFEST = "META-INF/ASiCManifest001.xml"
SIGNATURE = "META-INF/signature001.p7s"
SEALED = asic.prepare(FILES).embed(CMS)


def pack(*entries) -> bytes:
    return b"".join(write_archive(entries))


def unpack(data: bytes) -> list[tuple[str, bytes]]:
    return [(name, bytes(content)) for name, content in read_archive(data, 1000)]


ENTRIES = unpack(SEALED)


def covering(names, signature=SIGNATURE) -> bytes:
    return asic.Manifest(
        signature, tuple(asic.Reference.of(name, b"", "a/b") for name in names)
    ).encode()


def refused(entries, match: str) -> None:
    with pytest.raises(InvalidInputError, match=match):
        asic.read(pack(*entries))


def test_a_container_is_known_by_its_first_bytes():
    assert asic.is_container(SEALED)
    assert SEALED[30:69] == b"mimetype" + asic.MEDIA_TYPE.encode()
    assert not asic.is_container(pack(("a", b"b")))
    assert not asic.is_container(b"")


def test_files_manifest_and_signature_are_where_the_standard_puts_them():
    assert [name for name, _ in ENTRIES] == [
        *("mimetype", "a.pdf", "plans/b.txt", MANIFEST, SIGNATURE)
    ]
    container = asic.read(SEALED)
    (seal,) = container.seals
    assert (seal.cms, seal.name, seal.manifest_name) == (CMS, SIGNATURE, MANIFEST)
    assert seal.digest == hashlib.sha256(dict(ENTRIES)[MANIFEST]).digest()
    kinds = [(one.name, one.media_type) for one in seal.covers.references]
    assert kinds == [("a.pdf", "application/pdf"), ("plans/b.txt", "text/plain")]
    assert container.encode() == SEALED == asic.prepare(FILES).embed(CMS)


def test_a_second_seal_leaves_the_first_as_it_is():
    first = asic.read(SEALED)
    prepared = asic.prepare_again(first)
    second = asic.read(prepared.embed(b"\x30\x00"))
    assert second.seals[0] == first.seals[0]
    assert second.seals[1].name == "META-INF/signature002.p7s"
    assert second.seals[1].digest == prepared.digest
    assert [(file.name, bytes(file.content)) for file in second.files] == FILES
    assert len(asic.read(asic.prepare_again(second).embed(CMS)).seals) == 3


def test_one_signature_can_be_replaced():
    container = asic.read(SEALED).with_cms(1, b"\x30\x01\x05")
    assert asic.read(container.encode()).seals[0].cms == b"\x30\x01\x05"
    for number in (0, 2):
        with pytest.raises(InvalidInputError, match="signature from 1 to 1"):
            container.with_cms(number, b"")


def test_an_altered_or_foreign_file_is_not_sealed_over():
    added = pack(ENTRIES[0], ("evil.txt", b"x"), *ENTRIES[1:])
    altered = pack(ENTRIES[0], ("a.pdf", b"other"), *ENTRIES[2:])
    gone = pack(ENTRIES[0], *ENTRIES[2:])
    for data, name in ((added, "evil.txt"), (altered, "a.pdf"), (gone, "a.pdf")):
        with pytest.raises(InvalidFormatError, match=f"'{name}' is not what the seal"):
            asic.prepare_again(asic.read(data))


def test_names_are_brought_into_normal_form():
    """A Mac hands accents in apart from their letters."""
    sealed = asic.read(asic.prepare([("e\u0301.txt", b"x")]).embed(CMS))
    assert [file.name for file in sealed.files] == ["\u00e9.txt"]


@pytest.mark.parametrize(
    ("files", "match"),
    [
        ([], "at least one"),
        ([("mimetype", b"")], "one name"),
        ([("META-INF/x", b"")], "outside META-INF"),
        ([("meta-inf", b"")], "outside META-INF"),
        ([("META\uff0dINF/x", b"")], "outside META-INF"),
        ([("a", b""), ("a", b"")], "one name"),
        ([("../a", b"")], "file names"),
        ([(f"f{n}", b"") for n in range(5000)], "at most"),
    ],
)
def test_files_that_cannot_stand_in_a_container_are_refused(files, match):
    with pytest.raises(InvalidInputError, match=match):
        asic.prepare(files)


def test_there_is_one_order_of_things():
    head, *rest = ENTRIES
    refused([], "first file 'mimetype'")
    refused(rest, "first file 'mimetype'")
    refused([("mimetype", b"application/zip"), *rest], "first file 'mimetype'")
    refused([*rest, head], "first file 'mimetype'")
    refused([head, *ENTRIES[3:]], "at least one file")
    refused(ENTRIES[:-1], "expected META-INF")
    refused([*ENTRIES, ("z.txt", b"")], "expected META-INF")
    refused([*ENTRIES[:3], ENTRIES[4], ENTRIES[3]], "expected META-INF")
    refused([head, *ENTRIES[3:], *ENTRIES[1:3]], "at least one file")
    refused([head, ENTRIES[2], ENTRIES[1], *ENTRIES[3:]], "in the order")
    refused([head, ("A.PDF", b"x"), *rest], "one name")
    refused([head, ("../../etc/passwd", b"x"), *rest], "file names")
    for name in ("META-INF/evil.sh", "META-INF/manifest.xml", "META-INF/timestamp001.tst"):
        refused([*ENTRIES, (name, b"x")], "expected META-INF")
    refused([*ENTRIES, ("meta-inf/evil.sh", b"x")], "expected META-INF")
    refused([*ENTRIES[:-1], (SIGNATURE, bytes(2 << 20))], "signatures of at most")


def test_manifests_that_play_tricks_are_refused():
    def with_manifest(manifest, *more):
        return [*ENTRIES[:3], (MANIFEST, manifest), (SIGNATURE, CMS), *more]

    refused(with_manifest(b"<x/>"), "expected an ASiCManifest")
    refused(with_manifest(covering(["a.pdf"], "a.pdf")), "to name META-INF/signature001")
    second = [("META-INF/ASiCManifest002.xml", covering(["a.pdf"]))]
    refused(with_manifest(covering(["a.pdf"]), *second, ("META-INF/signature002.p7s", CMS)), "name")
    refused(with_manifest(bytes(9 << 20)), "manifests of at most")


def test_files_are_compared_with_what_a_seal_covers():
    covers = asic.read(SEALED).seals[0].covers
    digests = asic.read(SEALED).digests()
    assert asic.CoveredFiles.of(covers, digests) == asic.CoveredFiles(("a.pdf", "plans/b.txt"))
    found = asic.CoveredFiles.of(covers, {"a.pdf": bytes(32), "new": bytes(32)})
    assert (found.altered, found.missing, found.unlisted) == (
        *(("a.pdf",), ("plans/b.txt",), ("new",)),
    )


def test_there_are_not_more_seals_than_can_be_checked(monkeypatch):
    monkeypatch.setattr(module, "MAX_SEALS", 2)
    two = asic.read(asic.prepare_again(asic.read(SEALED)).embed(CMS))
    with pytest.raises(TooLargeError, match="at most 2 seals"):
        asic.prepare_again(two)
    monkeypatch.setattr(module, "MAX_SEALS", 64)
    monkeypatch.setattr(module, "MAX_MANIFEST_BYTES", 1500)
    with pytest.raises(TooLargeError, match="too many names under too many seals"):
        asic.prepare_again(two)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.binary(max_size=64))
def test_whatever_is_read_is_written_alike(first, last, new):
    first, last = sorted((first % (len(SEALED) + 1), last % (len(SEALED) + 1)))
    data = SEALED[:first] + new + SEALED[last:]
    try:
        found = asic.read(data)
    except InvalidInputError:
        return
    assert found.encode() == data
